//! Signals: what travels through the directory before two peers know each other's addresses.

use std::net::SocketAddr;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::identity::{Credential, Identity};
use crate::sessions::Control;

/// The longest signal, in bytes.
pub const MAX_SIGNAL: usize = 2048;
/// The most addresses in an offer.
pub const MAX_CANDIDATES: usize = 16;

const LABEL: &[u8] = b"samovar offer v4";
const SIGNATURE_LEN: usize = 64;

/// What one user's process tells another's.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signal {
    /// Whom it is for.
    pub to: SteamId,
    /// The sender's app.
    pub app_id: u32,
    /// The directory that passes it on: good there alone.
    pub directory: u64,
    /// That directory's term.
    pub term: u64,
    /// Who sends it.
    pub from: Credential,
    /// The number of the sender's process at this directory: random, and never 0.
    pub process: u64,
    /// What it is about.
    pub body: Body,
}

/// What a [`Signal`] is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Body {
    /// A request for a session, or its acceptance.
    Offer(Offer),
    /// The offer was made to another process of this user: the number of this one is the signal's.
    Challenge {
        /// The nonce of the offer that it answers.
        answers: u64,
    },
}

/// A request for a session, or its acceptance, with the way to who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
    /// The number of the process that it is for; 0 where that is not known, and then it is good for a challenge only.
    pub recipient: u64,
    /// The sender's X25519 public key for this peer.
    pub share: [u8; 32],
    /// Where the sender may be reached, best first. Empty where the recipient's process is not known.
    pub candidates: Vec<SocketAddr>,
    /// The directory's time, in milliseconds since 1970. Later in each offer of its sender's than in the one before.
    pub time_ms: u64,
    /// Random.
    pub nonce: u64,
    /// What it is about.
    pub control: Control,
}

/// Why bytes are no signal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SignalError {
    /// Cut short, altered, or too long.
    #[error("the signal is malformed")]
    Malformed,
    /// The key and the modifier give no Steam ID.
    #[error("the sender has no Steam ID")]
    NoSteamId,
    /// The sender has not signed it.
    #[error("the signature is wrong")]
    Signature,
}

impl Signal {
    /// The signal, signed: the signature, then the signal in postcard.
    ///
    /// # Errors
    /// [`SignalError::Malformed`] when it would be longer than [`MAX_SIGNAL`].
    pub fn seal(&self, identity: &Identity) -> Result<Vec<u8>, SignalError> {
        let body = postcard::to_stdvec(self).map_err(|_| SignalError::Malformed)?;
        let mut sealed = identity.sign(&signed(&body)).to_vec();
        sealed.extend_from_slice(&body);
        if sealed.len() > MAX_SIGNAL {
            Err(SignalError::Malformed)
        } else {
            Ok(sealed)
        }
    }

    /// The signal in these bytes and the Steam ID that it proves.
    ///
    /// # Errors
    /// See [`SignalError`].
    pub fn unseal(sealed: &[u8]) -> Result<(Self, SteamId), SignalError> {
        if sealed.len() > MAX_SIGNAL {
            return Err(SignalError::Malformed);
        }
        let (signature, body) = sealed
            .split_at_checked(SIGNATURE_LEN)
            .ok_or(SignalError::Malformed)?;
        let Ok((signal, [])) = postcard::take_from_bytes::<Self>(body) else {
            return Err(SignalError::Malformed);
        };
        let has_too_many =
            matches!(&signal.body, Body::Offer(offer) if offer.candidates.len() > MAX_CANDIDATES);
        if has_too_many {
            return Err(SignalError::Malformed);
        }
        let from = signal.from.steam_id().ok_or(SignalError::NoSteamId)?;
        if !signal.from.key.verify(&signed(body), signature) {
            return Err(SignalError::Signature);
        }
        Ok((signal, from))
    }
}

fn signed(body: &[u8]) -> Vec<u8> {
    [LABEL, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Flow;

    fn signals(identity: &Identity) -> [Signal; 2] {
        let offer = Offer {
            recipient: 3,
            share: [7; 32],
            candidates: vec![
                "127.0.0.1:4000".parse().unwrap(),
                "[::1]:9".parse().unwrap(),
            ],
            time_ms: 1_700_000_000_000,
            nonce: 5,
            control: Control::Request {
                flow: Flow::P2p,
                incarnation: 9,
                repeat: 0,
            },
        };
        [Body::Offer(offer), Body::Challenge { answers: 5 }].map(|body| Signal {
            to: SteamId::individual(77),
            app_id: 480,
            directory: 9,
            term: 2,
            from: identity.credential(),
            process: 8,
            body,
        })
    }

    #[test]
    fn a_signal_survives_and_proves_who_sent_it() {
        let identity = Identity::generate();
        for signal in signals(&identity) {
            let sealed = signal.seal(&identity).unwrap();
            assert_eq!(Signal::unseal(&sealed), Ok((signal, identity.steam_id())));
        }
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_refused() {
        let identity = Identity::generate();
        for signal in signals(&identity) {
            let sealed = signal.seal(&identity).unwrap();
            for len in 0..sealed.len() {
                assert!(Signal::unseal(&sealed[..len]).is_err(), "cut to {len}");
            }
            for at in 0..sealed.len() {
                for flip in [1, 0x80, 0xff] {
                    let mut changed = sealed.clone();
                    changed[at] ^= flip;
                    assert!(Signal::unseal(&changed).is_err(), "byte {at} changed");
                }
            }
        }
    }
}
