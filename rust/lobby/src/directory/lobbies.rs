//! The lobbies of a directory, and what has to stay true of them for searches.

mod column;
mod index;
mod postings;
mod values;

use std::collections::HashMap;

use samovar_id::SteamId;

use crate::error::LobbyError;
use crate::lobby::LobbySnapshot;
use crate::protocol::Change;

pub(super) use index::{AppIndex, Index, Slots};
pub(super) use postings::Postings;
pub(super) use values::{MAX_INDEXED_VALUE, Values};

/// Every lobby by its ID. Lobbies are changed through it only.
#[derive(Default)]
pub(super) struct Lobbies {
    by_id: HashMap<SteamId, u32>,
    slots: Slots,
    index: Index,
}

impl Lobbies {
    pub(super) fn get(&self, id: SteamId) -> Option<&LobbySnapshot> {
        self.slots.get(*self.by_id.get(&id)? as usize)
    }

    pub(super) fn contains(&self, id: SteamId) -> bool {
        self.by_id.contains_key(&id)
    }

    pub(super) fn len(&self) -> usize {
        self.by_id.len()
    }

    /// All of them, in no order that means anything.
    pub(super) fn iter(&self) -> impl Iterator<Item = &LobbySnapshot> {
        self.slots.iter().map(|(_, lobby)| lobby)
    }

    /// The lobbies by their slots, which the index names.
    pub(super) fn slots(&self) -> &Slots {
        &self.slots
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// Adds a lobby, or replaces it as a whole. Nothing is added beyond 2^32 lobbies.
    pub(super) fn put(&mut self, lobby: LobbySnapshot) {
        let id = lobby.id;
        self.remove(id);
        let Ok(slot) = u32::try_from(self.slots.vacant_key()) else {
            return;
        };
        self.slots.insert(lobby);
        self.by_id.insert(id, slot);
        self.index.add(slot, &self.slots);
    }

    pub(super) fn remove(&mut self, id: SteamId) {
        let slot = self.by_id.remove(&id);
        if let Some(slot) = slot
            && let Some(lobby) = self.slots.try_remove(slot as usize)
        {
            self.index.remove(slot, &lobby);
        }
    }

    /// Changes anything of a lobby but its app and its own data. `None` when there is no such lobby.
    pub(super) fn update<R>(
        &mut self,
        id: SteamId,
        change: impl FnOnce(&mut LobbySnapshot) -> R,
    ) -> Option<R> {
        let slot = *self.by_id.get(&id)?;
        let lobby = self.slots.get_mut(slot as usize)?;
        let result = change(lobby);
        self.index.set_places(slot, lobby);
        Some(result)
    }

    /// Carries out what a member wants: see [`LobbySnapshot::apply`].
    pub(super) fn apply(
        &mut self,
        id: SteamId,
        by: SteamId,
        change: &Change,
    ) -> Result<bool, LobbyError> {
        let slot = *self.by_id.get(&id).ok_or(LobbyError::NotInLobby)?;
        let Change::Data(pairs) = change else {
            let applied = self.update(id, |lobby| lobby.apply(by, change));
            return applied.unwrap_or(Err(LobbyError::NotInLobby));
        };
        let lobby = self.slots.get_mut(slot as usize);
        let lobby = lobby.ok_or(LobbyError::NotInLobby)?;
        let value = |lobby: &LobbySnapshot, key: &str| lobby.data.get(key).cloned();
        let before: Vec<Option<String>> = pairs.keys().map(|key| value(lobby, key)).collect();
        let is_changed = lobby.apply(by, change)?;
        if is_changed {
            let after: Vec<Option<String>> = pairs.keys().map(|key| value(lobby, key)).collect();
            for ((key, before), after) in pairs.keys().zip(before).zip(after) {
                if before != after {
                    let (before, after) = (before.as_deref(), after.as_deref());
                    self.index.set_value(slot, &self.slots, key, before, after);
                }
            }
        }
        Ok(is_changed)
    }
}
