//! What is known.

use samovar_id::SteamId;

use super::Mirror;
use crate::lobby::{GameServer, LobbySnapshot, count};

impl Mirror {
    /// The lobbies that the user is in.
    pub fn lobbies(&self) -> impl Iterator<Item = &LobbySnapshot> {
        let copies = self.lobbies.values();
        copies.map(|copy| copy.shown(self.me, &self.unhandled()))
    }

    /// The lobby as the user sees it, if it is in it: with its own changes that the directory has not confirmed.
    pub fn lobby(&self, lobby: SteamId) -> Option<&LobbySnapshot> {
        let copy = self.lobbies.get(&lobby)?;
        Some(copy.shown(self.me, &self.unhandled()))
    }

    /// The value of a lobby's key.
    pub fn data(&self, lobby: SteamId, key: &str) -> Option<&str> {
        let data = match self.lobby(lobby) {
            Some(mine) => &mine.data,
            None => &self.others.get(lobby)?.data,
        };
        data.get(key).map(String::as_str)
    }

    /// A lobby's data by key.
    pub fn all_data(&self, lobby: SteamId) -> Vec<(&str, &str)> {
        let data = match self.lobby(lobby) {
            Some(mine) => Some(&mine.data),
            None => self.others.get(lobby).map(|other| &other.data),
        };
        data.into_iter()
            .flatten()
            .map(|(key, value)| (key.as_str(), value.as_str()))
            .collect()
    }

    /// The value of a member's key, in a lobby that the user is in.
    pub fn member_data(&self, lobby: SteamId, user: SteamId, key: &str) -> Option<&str> {
        self.lobby(lobby)?
            .member(user)?
            .data
            .get(key)
            .map(String::as_str)
    }

    /// How many members a lobby has, as far as it is known.
    pub fn member_count(&self, lobby: SteamId) -> usize {
        match self.lobby(lobby) {
            Some(mine) => mine.members.len(),
            None => self
                .others
                .get(lobby)
                .map_or(0, |other| other.members as usize),
        }
    }

    /// A member by the order of joining, in a lobby that the user is in.
    pub fn member(&self, lobby: SteamId, index: usize) -> Option<SteamId> {
        self.lobby(lobby)?
            .members
            .get(index)
            .map(|member| member.user)
    }

    /// Whether the user is in a lobby with somebody.
    pub fn is_member(&self, lobby: SteamId, user: SteamId) -> bool {
        // What is unhandled changes no members.
        let copy = self.lobbies.get(&lobby);
        copy.is_some_and(|copy| copy.base().member(user).is_some())
    }

    /// The owner of a lobby that the user is in.
    pub fn owner(&self, lobby: SteamId) -> Option<SteamId> {
        self.lobby(lobby).map(|lobby| lobby.owner)
    }

    /// The member limit.
    pub fn member_limit(&self, lobby: SteamId) -> Option<u32> {
        match self.lobby(lobby) {
            Some(mine) => Some(mine.limit),
            None => self.others.get(lobby).map(|other| other.limit),
        }
    }

    /// The game server.
    pub fn game_server(&self, lobby: SteamId) -> Option<GameServer> {
        match self.lobby(lobby) {
            Some(mine) => mine.game_server,
            None => self.others.get(lobby)?.game_server,
        }
    }

    /// How many commands wait for the directory or for being handled.
    pub fn pending(&self) -> u32 {
        count(self.waiting.len() + self.sent.len())
    }
}
