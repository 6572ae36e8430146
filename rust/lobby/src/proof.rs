//! What shows that a copy of a lobby is true: a secret that only members know, and a directory's signature.

use std::collections::HashMap;
use std::fmt;

use ring::digest::{Context, SHA256};
use ring::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::limits::MAX_KNOWN_DIRECTORIES;
use crate::lobby::{LobbySnapshot, Version};
use crate::protocol::DirectoryId;

const ID_LABEL: &[u8] = b"samovar lobby id v1";
const SEAL_LABEL: &[u8] = b"samovar lobby seal v1";
const RANDOM_LABEL: &[u8] = b"samovar directory random v1";

/// An Ed25519 signature.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Signature([u8; 32], [u8; 32]);

impl Signature {
    fn bytes(&self) -> [u8; 64] {
        let mut bytes = [0; 64];
        bytes[..32].copy_from_slice(&self.0);
        bytes[32..].copy_from_slice(&self.1);
        bytes
    }
}

impl From<[u8; 64]> for Signature {
    fn from(bytes: [u8; 64]) -> Self {
        let (mut first, mut second) = ([0; 32], [0; 32]);
        first.copy_from_slice(&bytes[..32]);
        second.copy_from_slice(&bytes[32..]);
        Self(first, second)
    }
}

impl fmt::Debug for Signature {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Signature(..)")
    }
}

/// The directory that made a lobby. The lobby's ID is bound to it, so that its signatures prove themselves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Maker {
    /// Its ID.
    pub directory: DirectoryId,
    /// Its term.
    pub term: u64,
    /// Its Ed25519 public key.
    pub key: [u8; 32],
}

/// A directory's signature of who owns a lobby, who is in it, who is banned, who may find and join it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seal {
    /// The directory.
    pub directory: DirectoryId,
    /// Its term.
    pub term: u64,
    /// The lobby's revision when it was signed: that of the last change of what is signed.
    pub revision: u64,
    /// The signature.
    pub signature: Signature,
}

impl Seal {
    /// How new it is.
    pub fn version(&self) -> Version {
        Version {
            term: self.term,
            revision: self.revision,
        }
    }
}

/// What each member of a lobby learns on entering, and brings to the next directory.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbyProof {
    /// Random; the lobby's ID is a hash of it. Members know it.
    pub secret: [u8; 32],
    /// The directory that made the lobby.
    pub maker: Maker,
    /// The newest signature.
    pub seal: Seal,
}

impl LobbyProof {
    /// Whether the secret is that of this lobby, made by this directory.
    pub(crate) fn is_of(&self, lobby: SteamId) -> bool {
        lobby_id(&self.secret, &self.maker) == Some(lobby)
    }
}

impl fmt::Debug for LobbyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LobbyProof")
            .field("maker", &self.maker)
            .field("seal", &self.seal)
            .finish_non_exhaustive()
    }
}

/// A lobby with what shows that it is so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProvedLobby {
    /// The lobby.
    pub snapshot: LobbySnapshot,
    /// The proof.
    pub proof: Box<LobbyProof>,
}

/// The key with which a directory signs: that of the links to it.
pub struct SealKey(Ed25519KeyPair);

impl SealKey {
    /// The key in a PKCS#8 document; `None` when there is none in it.
    pub fn from_pkcs8(pkcs8: &[u8]) -> Option<Self> {
        Ed25519KeyPair::from_pkcs8(pkcs8).ok().map(Self)
    }

    /// The key that follows from 32 random bytes; `None` never for any that are.
    pub fn from_seed(seed: &[u8; 32]) -> Option<Self> {
        Ed25519KeyPair::from_seed_unchecked(seed).ok().map(Self)
    }

    /// The public half.
    pub fn public_key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(self.0.public_key().as_ref());
        key
    }

    /// Signs a lobby as it is now, as that directory.
    pub fn seal(&self, directory: DirectoryId, term: u64, lobby: &LobbySnapshot) -> Seal {
        let revision = lobby.version.revision;
        let message = sealed(directory, term, revision, lobby);
        let mut signature = [0; 64];
        signature.copy_from_slice(self.0.sign(&message).as_ref());
        Seal {
            directory,
            term,
            revision,
            signature: signature.into(),
        }
    }
}

impl fmt::Debug for SealKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SealKey(..)")
    }
}

/// What a seal is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    /// The directory that it names has signed it.
    Verified,
    /// Nobody here knows the key of the directory that it names.
    UnknownKey,
    /// It does not belong to this lobby.
    False,
}

/// The keys of directories, as far as they are known; of too many the oldest is forgotten.
#[derive(Debug, Default)]
pub(crate) struct KnownKeys {
    keys: HashMap<DirectoryId, (Option<u64>, [u8; 32])>,
    order: Vec<DirectoryId>,
}

impl KnownKeys {
    /// Remembers a directory's key, and its term where that is known. A directory that is known already keeps its key.
    pub(crate) fn learn(&mut self, directory: DirectoryId, term: Option<u64>, key: [u8; 32]) {
        match self.keys.get_mut(&directory) {
            Some((known, known_key)) if *known_key == key => *known = known.or(term),
            Some(_) => {}
            None => {
                if self.order.len() >= MAX_KNOWN_DIRECTORIES {
                    self.keys.remove(&self.order.remove(0));
                }
                self.keys.insert(directory, (term, key));
                self.order.push(directory);
            }
        }
    }

    /// What the seal of a copy is worth. The proof is known to belong to the lobby.
    pub(crate) fn judge(&self, lobby: &LobbySnapshot, proof: &LobbyProof) -> Verdict {
        let seal = &proof.seal;
        if lobby.version.term != seal.term || lobby.version.revision < seal.revision {
            return Verdict::False;
        }
        let maker = &proof.maker;
        let key = match self.keys.get(&seal.directory) {
            Some((Some(term), _)) if *term != seal.term => return Verdict::False,
            Some((_, key)) => key,
            None if maker.directory == seal.directory && maker.term == seal.term => &maker.key,
            None => return Verdict::UnknownKey,
        };
        let message = sealed(seal.directory, seal.term, seal.revision, lobby);
        match UnparsedPublicKey::new(&ED25519, key).verify(&message, &seal.signature.bytes()) {
            Ok(()) => Verdict::Verified,
            Err(_) => Verdict::False,
        }
    }
}

/// Random bytes that follow from a seed which nobody knows, and tell nothing of those before and after them.
pub(crate) struct Random {
    seed: [u8; 32],
    count: u64,
}

impl Random {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self { seed, count: 0 }
    }

    fn next(&mut self) -> [u8; 32] {
        self.count = self.count.wrapping_add(1);
        sha256(&[RANDOM_LABEL, &self.seed, &self.count.to_le_bytes()])
    }

    /// A new lobby's secret and ID. Takes some 256 hashes, so that finding another secret for an ID takes 2^57.
    pub(crate) fn lobby(&mut self, maker: &Maker) -> ([u8; 32], SteamId) {
        loop {
            let secret = self.next();
            if let Some(id) = lobby_id(&secret, maker) {
                return (secret, id);
            }
        }
    }
}

impl fmt::Debug for Random {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Random(..)")
    }
}

/// 49 bits of a hash, of which 8 more have to be zero, as in the hash extension of RFC 3972.
fn lobby_id(secret: &[u8; 32], maker: &Maker) -> Option<SteamId> {
    let hash = sha256(&[
        ID_LABEL,
        secret,
        &maker.key,
        &maker.directory.0.to_le_bytes(),
        &maker.term.to_le_bytes(),
    ]);
    let bits = hash[1..9].iter().rev();
    let bits = bits.fold(0, |bits, byte| (bits << 8) | u64::from(*byte));
    (hash[0] == 0).then(|| SteamId::lobby(bits))
}

/// What is signed: everything that decides who may do what, in one form only.
fn sealed(directory: DirectoryId, term: u64, revision: u64, lobby: &LobbySnapshot) -> Vec<u8> {
    let users = lobby.members.len() + lobby.banned.len();
    let mut bytes = Vec::with_capacity(SEAL_LABEL.len() + 64 + 8 * users);
    bytes.extend_from_slice(SEAL_LABEL);
    for number in [lobby.id.raw(), directory.0, term, revision] {
        bytes.extend_from_slice(&number.to_le_bytes());
    }
    bytes.extend_from_slice(&lobby.app_id.to_le_bytes());
    bytes.push(lobby.kind as u8);
    bytes.push(u8::from(lobby.joinable));
    bytes.extend_from_slice(&lobby.limit.to_le_bytes());
    bytes.extend_from_slice(&lobby.owner.raw().to_le_bytes());
    let members = lobby.members.iter().map(|member| member.user);
    let banned = lobby.banned.iter().copied();
    let mut list = |count: usize, users: &mut dyn Iterator<Item = SteamId>| {
        bytes.extend_from_slice(&crate::lobby::count(count).to_le_bytes());
        for user in users {
            bytes.extend_from_slice(&user.raw().to_le_bytes());
        }
    };
    list(lobby.members.len(), &mut members.into_iter());
    list(lobby.banned.len(), &mut banned.into_iter());
    bytes
}

/// A short name for what a seal would cover, whoever signs it and whatever the revision.
pub(crate) fn roster_digest(lobby: &LobbySnapshot) -> [u8; 32] {
    sha256(&[&sealed(DirectoryId(0), 0, 0, lobby)])
}

fn sha256(parts: &[&[u8]]) -> [u8; 32] {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn maker(directory: u64) -> Maker {
        Maker {
            directory: DirectoryId(directory),
            term: 1,
            key: [3; 32],
        }
    }

    fn ids(seed: [u8; 32], directory: u64) -> Vec<SteamId> {
        let mut random = Random::new(seed);
        (0..50).map(|_| random.lobby(&maker(directory)).1).collect()
    }

    #[test]
    fn ids_do_not_repeat_between_lobbies_nor_between_directories_of_one_moment() {
        let mut all = BTreeSet::new();
        // The same seed is the same moment at worst: what tells two directories apart is enough.
        for (seed, directory) in [(1, 1), (1, 2), (2, 1)] {
            all.extend(ids([seed; 32], directory));
        }
        assert_eq!(all.len(), 150);
        assert!(all.iter().all(|id| id.is_lobby()));
        assert_eq!(ids([1; 32], 1), ids([1; 32], 1), "a log can be replayed");
    }

    #[test]
    fn those_seen_do_not_give_the_next_one() {
        // The generator that was here before: its 64 bits of state follow from two IDs, and with them all others.
        fn split_mix(state: u64) -> u64 {
            let mut bits = state;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            bits ^ (bits >> 31)
        }
        let seed = 7_u64;
        let mut bytes = [0; 32];
        bytes[..8].copy_from_slice(&seed.to_le_bytes());
        let seen: BTreeSet<SteamId> = ids(bytes, 1).into_iter().collect();
        let step = 0x9e37_79b9_7f4a_7c15_u64;
        for number in 1..10_000_u64 {
            let state = seed.wrapping_add(step.wrapping_mul(number));
            assert!(!seen.contains(&SteamId::lobby(split_mix(state))));
        }
        // Nor does a secret say anything of another: only the seed leads from one to the next.
        let mut random = Random::new(bytes);
        let (first, _) = random.lobby(&maker(1));
        let (second, _) = random.lobby(&maker(1));
        let mut guess = Random::new(first);
        assert_ne!(guess.lobby(&maker(1)).0, second);
    }

    #[test]
    fn a_secret_belongs_to_one_lobby_of_one_directory() {
        let mut random = Random::new([9; 32]);
        let (secret, id) = random.lobby(&maker(1));
        assert_eq!(lobby_id(&secret, &maker(1)), Some(id));
        assert_ne!(lobby_id(&secret, &maker(2)), Some(id));
        let mut other = secret;
        other[31] ^= 1;
        assert_ne!(lobby_id(&other, &maker(1)), Some(id));
    }

    #[test]
    fn a_known_directory_keeps_its_key_and_there_are_only_so_many() {
        let mut keys = KnownKeys::default();
        keys.learn(DirectoryId(0), Some(1), [1; 32]);
        keys.learn(DirectoryId(0), Some(2), [2; 32]);
        assert_eq!(keys.keys[&DirectoryId(0)], (Some(1), [1; 32]));
        for number in 1..1000 {
            keys.learn(DirectoryId(number), None, [1; 32]);
        }
        assert_eq!(keys.keys.len(), MAX_KNOWN_DIRECTORIES);
        assert_eq!(keys.order.len(), MAX_KNOWN_DIRECTORIES);
        assert!(keys.keys.contains_key(&DirectoryId(999)));
    }
}
