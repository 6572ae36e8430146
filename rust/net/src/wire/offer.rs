//! Offers: what travels through the directory before two peers know each other's addresses.

use std::net::SocketAddr;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::identity::{Credential, Identity};
use crate::sessions::Control;

/// The longest offer, in bytes.
pub const MAX_OFFER: usize = 2048;
/// The most addresses in an offer.
pub const MAX_CANDIDATES: usize = 16;

const LABEL: &[u8] = b"samovar offer v2";
const SIGNATURE_LEN: usize = 64;

/// A request for a session, or its acceptance, with the way to who sends it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offer {
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
    /// The sender's X25519 public key for this peer.
    pub share: [u8; 32],
    /// Where the sender may be reached, best first.
    pub candidates: Vec<SocketAddr>,
    /// The directory's time, in milliseconds since 1970.
    pub time_ms: u64,
    /// Random.
    pub nonce: u64,
    /// What it is about.
    pub control: Control,
}

/// Why bytes are no offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Cut short, altered, or too long.
    #[error("the offer is malformed")]
    Malformed,
    /// The key and the modifier give no Steam ID.
    #[error("the sender has no Steam ID")]
    NoSteamId,
    /// The sender has not signed it.
    #[error("the signature is wrong")]
    Signature,
}

impl Offer {
    /// The offer, signed: the signature, then the offer in postcard.
    ///
    /// # Errors
    /// [`OfferError::Malformed`] when it would be longer than [`MAX_OFFER`].
    pub fn seal(&self, identity: &Identity) -> Result<Vec<u8>, OfferError> {
        let body = postcard::to_stdvec(self).map_err(|_| OfferError::Malformed)?;
        let mut sealed = identity.sign(&signed(&body)).to_vec();
        sealed.extend_from_slice(&body);
        if sealed.len() > MAX_OFFER {
            Err(OfferError::Malformed)
        } else {
            Ok(sealed)
        }
    }

    /// The offer in these bytes and the Steam ID that it proves.
    ///
    /// # Errors
    /// See [`OfferError`].
    pub fn unseal(sealed: &[u8]) -> Result<(Self, SteamId), OfferError> {
        if sealed.len() > MAX_OFFER {
            return Err(OfferError::Malformed);
        }
        let (signature, body) = sealed
            .split_at_checked(SIGNATURE_LEN)
            .ok_or(OfferError::Malformed)?;
        let Ok((offer, [])) = postcard::take_from_bytes::<Self>(body) else {
            return Err(OfferError::Malformed);
        };
        if offer.candidates.len() > MAX_CANDIDATES {
            return Err(OfferError::Malformed);
        }
        let from = offer.from.steam_id().ok_or(OfferError::NoSteamId)?;
        if !offer.from.key.verify(&signed(body), signature) {
            return Err(OfferError::Signature);
        }
        Ok((offer, from))
    }
}

fn signed(body: &[u8]) -> Vec<u8> {
    [LABEL, body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Api;

    fn offer(identity: &Identity) -> Offer {
        Offer {
            to: SteamId::individual(77),
            app_id: 480,
            directory: 9,
            term: 2,
            from: identity.credential(),
            share: [7; 32],
            candidates: vec![
                "127.0.0.1:4000".parse().unwrap(),
                "[::1]:9".parse().unwrap(),
            ],
            time_ms: 1_700_000_000_000,
            nonce: 5,
            control: Control::Request {
                api: Api::P2p,
                incarnation: 9,
                repeat: 0,
            },
        }
    }

    #[test]
    fn an_offer_survives_and_proves_who_sent_it() {
        let identity = Identity::generate();
        let sealed = offer(&identity).seal(&identity).unwrap();
        assert_eq!(
            Offer::unseal(&sealed),
            Ok((offer(&identity), identity.steam_id()))
        );
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_refused() {
        let identity = Identity::generate();
        let sealed = offer(&identity).seal(&identity).unwrap();
        for len in 0..sealed.len() {
            assert!(Offer::unseal(&sealed[..len]).is_err(), "cut to {len}");
        }
        for at in 0..sealed.len() {
            for flip in [1, 0x80, 0xff] {
                let mut changed = sealed.clone();
                changed[at] ^= flip;
                assert!(Offer::unseal(&changed).is_err(), "byte {at} changed");
            }
        }
    }
}
