//! The lobbies of a directory, and what has to stay true of them for searches.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use crate::error::LobbyError;
use crate::lobby::LobbySnapshot;
use crate::protocol::Change;

/// Every lobby by its ID. Lobbies are changed through it only.
#[derive(Default)]
pub(super) struct Lobbies {
    by_id: BTreeMap<SteamId, LobbySnapshot>,
}

impl Lobbies {
    pub(super) fn get(&self, id: SteamId) -> Option<&LobbySnapshot> {
        self.by_id.get(&id)
    }

    pub(super) fn contains(&self, id: SteamId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All of them, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = &LobbySnapshot> {
        self.by_id.values()
    }

    /// Adds a lobby, or replaces it as a whole.
    pub(super) fn put(&mut self, lobby: LobbySnapshot) {
        self.by_id.insert(lobby.id, lobby);
    }

    pub(super) fn remove(&mut self, id: SteamId) {
        self.by_id.remove(&id);
    }

    /// Changes anything of a lobby but its own data. `None` when there is no such lobby.
    pub(super) fn update<R>(
        &mut self,
        id: SteamId,
        change: impl FnOnce(&mut LobbySnapshot) -> R,
    ) -> Option<R> {
        self.by_id.get_mut(&id).map(change)
    }

    /// Carries out what a member wants: see [`LobbySnapshot::apply`].
    pub(super) fn apply(
        &mut self,
        id: SteamId,
        by: SteamId,
        change: &Change,
    ) -> Result<bool, LobbyError> {
        self.by_id
            .get_mut(&id)
            .map_or(Err(LobbyError::NotInLobby), |lobby| lobby.apply(by, change))
    }
}
