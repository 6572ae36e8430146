//! Who somebody is: an Ed25519 key, and the Steam ID that follows from it.

use std::fmt;
use std::sync::atomic::{AtomicBool, Ordering};

use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

/// After how many hashes a search looks whether it is to stop.
const STOP_CHECK: u64 = 1024;
const HASH_LABEL: &[u8] = b"samovar steam id v1";
/// Instances that real accounts have (`steamclientpublic.h`: 0 for all, 1 desktop, 2 console, 4 web).
const RESERVED_INSTANCES: u32 = 4;

/// An Ed25519 public key.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct PublicKey(pub [u8; 32]);

impl PublicKey {
    /// Whether this key signed the message.
    pub fn verify(&self, message: &[u8], signature: &[u8]) -> bool {
        UnparsedPublicKey::new(&ED25519, &self.0)
            .verify(message, signature)
            .is_ok()
    }
}

impl fmt::Debug for PublicKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "PublicKey({:02x}{:02x}{:02x}{:02x}..)",
            self.0[0], self.0[1], self.0[2], self.0[3]
        )
    }
}

/// A key and the modifier that makes a Steam ID of it. It proves nothing until its owner signs something.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Credential {
    /// The key.
    pub key: PublicKey,
    /// What was searched for so that the hash begins with zero bits.
    pub modifier: [u8; 16],
}

impl Credential {
    /// The Steam ID: bits 20 to 71 of SHA-256 over label, modifier and key, whose first 20 bits must be zero, as in the
    /// hash extension of RFC 3972. `None` when they are not, or when a real account could have the ID.
    pub fn steam_id(&self) -> Option<SteamId> {
        let mut context = digest::Context::new(&digest::SHA256);
        context.update(HASH_LABEL);
        context.update(&self.modifier);
        context.update(&self.key.0);
        let hash = context.finish();
        let hash = hash.as_ref();
        if hash[0] != 0 || hash[1] != 0 || hash[2] & 0xf0 != 0 {
            return None;
        }
        let bits = hash[2..9]
            .iter()
            .fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
        let id = SteamId::individual(bits);
        (id.instance() > RESERVED_INSTANCES).then_some(id)
    }
}

/// Why stored parts make no identity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum IdentityError {
    /// Not the PKCS#8 form of an Ed25519 key pair.
    #[error("not an Ed25519 key")]
    Key,
    /// The modifier does not belong to the key.
    #[error("the modifier does not belong to the key")]
    Modifier,
}

/// A key pair and the Steam ID that follows from it.
pub struct Identity {
    pkcs8: Vec<u8>,
    pair: Ed25519KeyPair,
    credential: Credential,
    steam_id: SteamId,
}

impl Identity {
    /// A new identity. Takes about a million hashes, some tenths of a second.
    pub fn generate() -> Self {
        let never = AtomicBool::new(false);
        loop {
            if let Some(identity) = Self::generate_unless(&never) {
                return identity;
            }
        }
    }

    /// The same, or `None` soon after `stop` is set.
    pub fn generate_unless(stop: &AtomicBool) -> Option<Self> {
        let random = SystemRandom::new();
        while !stop.load(Ordering::Relaxed) {
            let Ok(document) = Ed25519KeyPair::generate_pkcs8(&random) else {
                continue;
            };
            let Ok(pair) = Ed25519KeyPair::from_pkcs8(document.as_ref()) else {
                continue;
            };
            let mut modifier = [0; 16];
            if random.fill(&mut modifier).is_err() {
                continue;
            }
            let mut credential = Credential {
                key: public_key(&pair),
                modifier,
            };
            let start = u64::from_le_bytes(*modifier.first_chunk().unwrap_or(&[0; 8]));
            for step in 0..u64::from(u32::MAX) {
                if step % STOP_CHECK == 0 && stop.load(Ordering::Relaxed) {
                    return None;
                }
                credential.modifier[..8].copy_from_slice(&start.wrapping_add(step).to_le_bytes());
                if let Some(steam_id) = credential.steam_id() {
                    return Some(Self {
                        pkcs8: document.as_ref().to_vec(),
                        pair,
                        credential,
                        steam_id,
                    });
                }
            }
        }
        None
    }

    /// An identity from what [`Identity::pkcs8`] and [`Identity::modifier`] gave.
    ///
    /// # Errors
    /// When they are not what they should be.
    pub fn from_parts(pkcs8: &[u8], modifier: [u8; 16]) -> Result<Self, IdentityError> {
        let pair = Ed25519KeyPair::from_pkcs8(pkcs8).map_err(|_| IdentityError::Key)?;
        let credential = Credential {
            key: public_key(&pair),
            modifier,
        };
        let steam_id = credential.steam_id().ok_or(IdentityError::Modifier)?;
        Ok(Self {
            pkcs8: pkcs8.to_vec(),
            pair,
            credential,
            steam_id,
        })
    }

    /// The key pair as PKCS#8: secret.
    pub fn pkcs8(&self) -> &[u8] {
        &self.pkcs8
    }

    /// The modifier.
    pub fn modifier(&self) -> [u8; 16] {
        self.credential.modifier
    }

    /// The public key and the modifier.
    pub fn credential(&self) -> Credential {
        self.credential
    }

    /// The Steam ID.
    pub fn steam_id(&self) -> SteamId {
        self.steam_id
    }

    /// The public key.
    pub fn public_key(&self) -> PublicKey {
        self.credential.key
    }

    /// Signs a message with Ed25519.
    pub fn sign(&self, message: &[u8]) -> [u8; 64] {
        let mut signature = [0; 64];
        signature.copy_from_slice(self.pair.sign(message).as_ref());
        signature
    }
}

impl fmt::Debug for Identity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Identity")
            .field("steam_id", &self.steam_id)
            .finish_non_exhaustive()
    }
}

fn public_key(pair: &Ed25519KeyPair) -> PublicKey {
    let mut key = [0; 32];
    key.copy_from_slice(pair.public_key().as_ref());
    PublicKey(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_identity_survives_its_parts_and_has_an_id_that_no_account_has() {
        let identity = Identity::generate();
        let again = Identity::from_parts(identity.pkcs8(), identity.modifier()).unwrap();
        assert_eq!(again.steam_id(), identity.steam_id());
        assert!(identity.steam_id().is_individual());
        assert!(identity.steam_id().instance() > 4);
        let signature = identity.sign(b"tea");
        assert!(identity.public_key().verify(b"tea", &signature));
        assert!(!identity.public_key().verify(b"coffee", &signature));
    }

    #[test]
    fn another_modifier_or_key_gives_no_id() {
        let identity = Identity::generate();
        let mut modifier = identity.modifier();
        modifier[15] ^= 1;
        // By chance 1 in 2^20 of these would be an ID.
        assert_eq!(
            Identity::from_parts(identity.pkcs8(), modifier).unwrap_err(),
            IdentityError::Modifier
        );
        assert_eq!(
            Identity::from_parts(&[1, 2, 3], modifier).unwrap_err(),
            IdentityError::Key
        );
    }
}
