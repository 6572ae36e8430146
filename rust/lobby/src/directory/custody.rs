//! How each lobby came to this directory, and what that says about whoever brings another copy of it.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use samovar_id::SteamId;

use super::Directory;
use crate::limits::{MAX_BACKERS, MAX_GONE_LOBBIES, MAX_MEMBERS};
use crate::lobby::{LobbySnapshot, Version};
use crate::proof::{LobbyProof, Maker, ProvedLobby, Seal, Signature, roster_digest};
use crate::protocol::Millis;

/// How a lobby came here.
pub(super) struct Custody {
    /// Its members learn it.
    secret: [u8; 32],
    /// The directory that made it; one for all that were made here.
    maker: Arc<Maker>,
    /// This directory's newest signature.
    seal: Seal,
    /// What it was taken over from; `None` for a lobby that was made here.
    pub(super) origin: Option<Box<Origin>>,
    /// Who was a member until the connection was gone for too long, and may come back to the open places.
    may_return: BTreeSet<SteamId>,
}

/// The copy that a lobby was taken over from.
pub(super) struct Origin {
    /// The term of this directory.
    own_term: u64,
    /// Until when a copy that is worth more takes its place: as long as members are waited for.
    pub(super) until: Millis,
    /// Whether the earlier directory's signature has been verified.
    pub(super) is_verified: bool,
    /// How new the signature is.
    pub(super) sealed: Version,
    /// How new the copy is.
    pub(super) version: Version,
    /// Who the owner was.
    pub(super) owner: SteamId,
    /// Who the members were.
    pub(super) members: BTreeSet<SteamId>,
    /// What it says of all that a signature covers.
    digest: [u8; 32],
    /// Who was let in though it is no member by this copy, since nothing showed which is true.
    in_doubt: BTreeSet<SteamId>,
    /// Who has brought which copy.
    backers: BTreeMap<SteamId, [u8; 32]>,
    /// Whether data or settings were changed here since.
    pub(super) is_changed: bool,
}

/// How a copy compares with the one that the lobby was taken over from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Worth {
    /// It counts for nothing.
    Less,
    /// It says the same of members and settings, and has newer data.
    NewerData,
    /// Neither can be proved, and as many members say the one as the other: whoever brings it is let in.
    Undecided,
    /// It takes the place of the other.
    More,
}

impl Origin {
    /// `copy` as its user has brought it, with the signature's version.
    pub(super) fn new(
        own_term: u64,
        until: Millis,
        is_verified: bool,
        sealed: Version,
        copy: &LobbySnapshot,
    ) -> Self {
        Self {
            own_term,
            until,
            is_verified,
            sealed,
            version: copy.version,
            owner: copy.owner,
            members: copy.members.iter().map(|member| member.user).collect(),
            digest: roster_digest(copy),
            in_doubt: BTreeSet::new(),
            backers: BTreeMap::new(),
            is_changed: false,
        }
    }

    /// Takes over who has brought what from the copy that this one replaces.
    pub(super) fn succeed(&mut self, earlier: Self) {
        self.backers = earlier.backers;
    }

    /// Whether a user has brought a copy, whatever it said.
    pub(super) fn has_brought(&self, user: SteamId) -> bool {
        self.backers.contains_key(&user)
    }

    /// Notes what a user brings.
    pub(super) fn backed(&mut self, user: SteamId, copy: &LobbySnapshot) {
        if self.backers.len() < MAX_BACKERS || self.backers.contains_key(&user) {
            self.backers.insert(user, roster_digest(copy));
        }
    }

    /// Notes who is let in though it is no member by this copy.
    pub(super) fn doubted(&mut self, user: SteamId) {
        self.in_doubt.insert(user);
    }

    /// Who was let in in doubt, once two have brought this copy: then there is none.
    pub(super) fn without_doubt(&mut self) -> BTreeSet<SteamId> {
        let mut says = self.backers.values();
        if says.by_ref().filter(|other| **other == self.digest).count() < 2 {
            return BTreeSet::new();
        }
        std::mem::take(&mut self.in_doubt)
    }

    /// What a copy that a user brings is worth beside this one.
    pub(super) fn compare(
        &self,
        user: SteamId,
        is_verified: bool,
        sealed: Version,
        copy: &LobbySnapshot,
    ) -> Worth {
        let newer_data = if copy.version > self.version && !self.is_changed {
            Worth::NewerData
        } else {
            Worth::Less
        };
        // What nobody can check outranks what is checked only if it comes from a later directory, an earlier one than this.
        let outranks = |checked: Version, other: Version| {
            checked.term >= other.term || other.term >= self.own_term
        };
        match (is_verified, self.is_verified) {
            (true, true) if sealed > self.sealed => return Worth::More,
            (true, true) if sealed == self.sealed => return newer_data,
            (true, true) => return Worth::Less,
            (true, false) if outranks(sealed, self.sealed) => return Worth::More,
            (false, true) if outranks(self.sealed, sealed) => return Worth::Less,
            _ => {}
        }
        let digest = roster_digest(copy);
        if digest == self.digest {
            return newer_data;
        }
        let old = self.backers.values();
        let old = old.filter(|other| **other == self.digest).count();
        // What two members agree on is changed by members of it, not by however many others.
        let may_say = |user: &SteamId| old < 2 || self.members.contains(user);
        let new = self.backers.iter();
        let new = new.filter(|(user, other)| **other == digest && may_say(user));
        let new = new.count();
        let is_owners = user == self.owner && user == copy.owner;
        if new > old || (is_owners && sealed > self.sealed) {
            Worth::More
        } else if new == old && old < 2 {
            Worth::Undecided
        } else {
            Worth::Less
        }
    }
}

impl Custody {
    /// Of a lobby that was made here.
    pub(super) fn made_here(secret: [u8; 32], maker: Arc<Maker>, seal: Seal) -> Self {
        Self {
            secret,
            maker,
            seal,
            origin: None,
            may_return: BTreeSet::new(),
        }
    }

    /// What its members learn.
    fn proof(&self) -> LobbyProof {
        LobbyProof {
            secret: self.secret,
            maker: *self.maker,
            seal: self.seal,
        }
    }
}

/// The custody of every lobby of a directory, and of those that nobody is in any more but somebody may return to.
#[derive(Default)]
pub(super) struct Custodies {
    /// Boxed, as a table that grows is up to half empty.
    by_lobby: HashMap<SteamId, Box<Custody>>,
    /// Lobbies that nobody was left in, in this order.
    gone: VecDeque<SteamId>,
}

impl Custodies {
    pub(super) fn insert(&mut self, lobby: SteamId, custody: Custody) {
        self.by_lobby.insert(lobby, Box::new(custody));
    }

    /// Notes what the lobby was taken over from; who may return to it still may.
    pub(super) fn take_over(&mut self, lobby: SteamId, proof: LobbyProof, origin: Origin) {
        let LobbyProof {
            secret,
            maker,
            seal,
        } = proof;
        let custody = self
            .by_lobby
            .entry(lobby)
            .or_insert_with(|| Box::new(Custody::made_here(secret, Arc::new(maker), seal)));
        custody.seal = seal;
        custody.origin = Some(Box::new(origin));
    }

    pub(super) fn get_mut(&mut self, lobby: SteamId) -> Option<&mut Custody> {
        self.by_lobby.get_mut(&lobby).map(Box::as_mut)
    }

    /// Nobody is left in a lobby.
    fn gone(&mut self, lobby: SteamId) {
        let custody = self.by_lobby.get(&lobby);
        if custody.is_some_and(|custody| custody.may_return.is_empty()) {
            self.by_lobby.remove(&lobby);
        } else {
            self.gone.push_back(lobby);
        }
    }

    /// The lobby that nobody was left in lives again.
    pub(super) fn revived(&mut self, lobby: SteamId) {
        if let Some(custody) = self.by_lobby.get_mut(&lobby) {
            custody.origin = None;
        }
    }

    /// Whether the lobby was here before, and somebody may return to it.
    pub(super) fn is_known(&self, lobby: SteamId) -> bool {
        self.by_lobby.contains_key(&lobby)
    }

    /// How far the lobby's revisions have come here.
    pub(super) fn revision(&self, lobby: SteamId) -> u64 {
        let custody = self.by_lobby.get(&lobby);
        custody.map_or(0, |custody| custody.seal.revision)
    }

    /// What the lobby was taken over from, while another copy may still count.
    pub(super) fn open_origin(&mut self, lobby: SteamId, now: Millis) -> Option<&mut Origin> {
        let origin = self.by_lobby.get_mut(&lobby)?.origin.as_deref_mut();
        origin.filter(|origin| now < origin.until)
    }

    pub(super) fn may_return(&self, lobby: SteamId, user: SteamId) -> bool {
        let custody = self.by_lobby.get(&lobby);
        custody.is_some_and(|custody| custody.may_return.contains(&user))
    }

    /// Data or settings of the lobby were changed.
    pub(super) fn changed(&mut self, lobby: SteamId) {
        if let Some(origin) = self
            .by_lobby
            .get_mut(&lobby)
            .and_then(|c| c.origin.as_deref_mut())
        {
            origin.is_changed = true;
        }
    }

    /// Who may return may do so no more.
    pub(super) fn is_out(&mut self, lobby: SteamId, user: SteamId) {
        if let Some(custody) = self.by_lobby.get_mut(&lobby) {
            custody.may_return.remove(&user);
        }
    }

    pub(super) fn entered(&mut self, lobby: SteamId, user: SteamId) {
        if let Some(custody) = self.by_lobby.get_mut(&lobby) {
            custody.may_return.remove(&user);
        }
    }

    /// A member is none any more: because its connection was gone for too long, or for good.
    pub(super) fn left(&mut self, lobby: SteamId, user: SteamId, is_disconnected: bool) {
        let Some(custody) = self.by_lobby.get_mut(&lobby) else {
            return;
        };
        if !is_disconnected {
            custody.may_return.remove(&user);
        } else if custody.may_return.len() < MAX_MEMBERS as usize {
            custody.may_return.insert(user);
        }
    }
}

impl Directory {
    /// The lobby with its proof.
    pub(super) fn proved(&self, id: SteamId) -> Option<ProvedLobby> {
        let custody = self.custodies.by_lobby.get(&id)?;
        Some(ProvedLobby {
            snapshot: self.lobbies.get(id)?.clone(),
            proof: Box::new(custody.proof()),
        })
    }

    /// Signs a lobby after a change of what is signed.
    pub(super) fn sign(&mut self, id: SteamId) -> Option<Signature> {
        let seal = self.key.seal(self.id, self.term, self.lobbies.get(id)?);
        let custody = self.custodies.get_mut(id)?;
        custody.seal = seal;
        Some(seal.signature)
    }

    /// Forgets a lobby.
    pub(super) fn remove_lobby(&mut self, id: SteamId) {
        self.lobbies.remove(id);
        self.inviters.remove(&id);
        self.missed.forget(id);
        self.custodies.gone(id);
        while self.custodies.gone.len() > MAX_GONE_LOBBIES {
            let oldest = self.custodies.gone.pop_front();
            if let Some(oldest) = oldest.filter(|oldest| !self.lobbies.contains(*oldest)) {
                self.custodies.by_lobby.remove(&oldest);
            }
        }
    }
}
