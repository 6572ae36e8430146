//! `ISteamMatchmaking`: lobbies. The rules are `samovar-lobby`'s; here is who asks.

use samovar_id::SteamId;
use samovar_lobby::{Comparison, GameServer, LobbyError, LobbyKind};

use crate::client::Steam;

impl Steam {
    /// Asks for a new lobby. Answered by `LobbyCreated`, with the number that this returns, and then `LobbyJoined`.
    ///
    /// # Errors
    /// When the member limit is not 1 to 250, or too much is asked at once.
    pub fn create_lobby(&self, kind: LobbyKind, max_members: u32) -> Result<u64, LobbyError> {
        self.with_mirror(|mirror, now| {
            mirror.create(now, kind, max_members)?;
            Ok(mirror.newest_request())
        })
    }

    /// A lobby that is asked for is not wanted any more: when it is there it is left, and the game does not hear of it.
    pub(crate) fn abandon_lobby(&self, request: u64) {
        self.shared.abandoned.lock().insert(request);
    }

    /// Asks to join a lobby. Answered by `LobbyJoined`.
    ///
    /// # Errors
    /// When the ID is no lobby's, or too much is asked at once.
    pub fn join_lobby(&self, lobby: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.join(now, lobby))
    }

    /// Leaves a lobby, at once as far as the local user is concerned: a `LobbyJoined` that is still to come is no success.
    ///
    /// # Errors
    /// When the user is not in it.
    pub fn leave_lobby(&self, lobby: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| {
            mirror.leave(now, lobby)?;
            // With the mirror locked: nothing is between it and the queue.
            self.shared.callbacks.left(lobby);
            Ok(())
        })
    }

    /// Searches with the filters added since the last search. Answered by `LobbyMatchList`.
    ///
    /// # Errors
    /// When too much is asked at once.
    pub fn request_lobby_list(&self) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.request_list(now))
    }

    /// For the next search: compare the value of a key as text.
    ///
    /// # Errors
    /// When key or value is too long, or there are too many filters.
    pub fn add_string_filter(
        &self,
        key: &str,
        value: &str,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, _| mirror.add_string_filter(key, value, comparison))
    }

    /// For the next search: compare the value of a key as a number.
    ///
    /// # Errors
    /// When the key is too long, or there are too many filters.
    pub fn add_numerical_filter(
        &self,
        key: &str,
        value: i32,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, _| mirror.add_numerical_filter(key, value, comparison))
    }

    /// For the next search: sort by how close the value of a key comes.
    ///
    /// # Errors
    /// When the key is too long, or there are too many filters.
    pub fn add_near_value_filter(&self, key: &str, value: i32) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, _| mirror.add_near_value_filter(key, value))
    }

    /// For the next search: only lobbies with at least this many open places.
    pub fn set_slots_filter(&self, slots: u32) {
        self.with_mirror(|mirror, _| mirror.set_slots_filter(slots));
    }

    /// For the next search: how many lobbies at most.
    pub fn set_result_count_filter(&self, count: u32) {
        self.with_mirror(|mirror, _| mirror.set_result_count_filter(count));
    }

    /// The value of a lobby's key; empty when it has none or the lobby is not known.
    pub fn lobby_data(&self, lobby: SteamId, key: &str) -> String {
        self.read_mirror(|mirror| mirror.data(lobby, key).unwrap_or_default().to_owned())
    }

    /// All of a lobby's data, by key.
    pub fn all_lobby_data(&self, lobby: SteamId) -> Vec<(String, String)> {
        self.read_mirror(|mirror| {
            mirror
                .all_data(lobby)
                .into_iter()
                .map(|(key, value)| (key.to_owned(), value.to_owned()))
                .collect()
        })
    }

    /// Sets a key of a lobby; an empty value removes it.
    ///
    /// # Errors
    /// When the user does not own the lobby, or key or value is too long.
    pub fn set_lobby_data(&self, lobby: SteamId, key: &str, value: &str) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_data(now, lobby, key, value))
    }

    /// Removes a key of a lobby.
    ///
    /// # Errors
    /// When the user does not own the lobby.
    pub fn delete_lobby_data(&self, lobby: SteamId, key: &str) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_data(now, lobby, key, ""))
    }

    /// The value of a member's key; empty when there is none or the user is not in the lobby.
    pub fn lobby_member_data(&self, lobby: SteamId, user: SteamId, key: &str) -> String {
        self.read_mirror(|mirror| {
            mirror
                .member_data(lobby, user, key)
                .unwrap_or_default()
                .to_owned()
        })
    }

    /// Sets a key of the local user in a lobby.
    ///
    /// # Errors
    /// When the user is not in the lobby, or key or value is too long.
    pub fn set_lobby_member_data(
        &self,
        lobby: SteamId,
        key: &str,
        value: &str,
    ) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_member_data(now, lobby, key, value))
    }

    /// How many members a lobby has; 0 for one that is not known.
    pub fn lobby_member_count(&self, lobby: SteamId) -> usize {
        self.read_mirror(|mirror| mirror.member_count(lobby))
    }

    /// A member by index, in the order of joining.
    pub fn lobby_member(&self, lobby: SteamId, index: usize) -> Option<SteamId> {
        self.read_mirror(|mirror| mirror.member(lobby, index))
    }

    /// A lobby's owner, as its members see it.
    pub fn lobby_owner(&self, lobby: SteamId) -> Option<SteamId> {
        self.read_mirror(|mirror| mirror.owner(lobby))
    }

    /// Makes another member the owner.
    ///
    /// # Errors
    /// When the user does not own the lobby, or the new owner is not in it.
    pub fn set_lobby_owner(&self, lobby: SteamId, owner: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_owner(now, lobby, owner))
    }

    /// Opens or closes a lobby to newcomers.
    ///
    /// # Errors
    /// When the user does not own the lobby.
    pub fn set_lobby_joinable(&self, lobby: SteamId, joinable: bool) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_joinable(now, lobby, joinable))
    }

    /// Changes who finds and joins a lobby.
    ///
    /// # Errors
    /// When the user does not own the lobby.
    pub fn set_lobby_type(&self, lobby: SteamId, kind: LobbyKind) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_kind(now, lobby, kind))
    }

    /// The most members a lobby takes; 0 for one that is not known.
    pub fn lobby_member_limit(&self, lobby: SteamId) -> u32 {
        self.read_mirror(|mirror| mirror.member_limit(lobby).unwrap_or(0))
    }

    /// Changes the most members a lobby takes.
    ///
    /// # Errors
    /// When the user does not own the lobby, or the limit is not 1 to 250.
    pub fn set_lobby_member_limit(&self, lobby: SteamId, limit: u32) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_member_limit(now, lobby, limit))
    }

    /// Says something to everybody in a lobby.
    ///
    /// # Errors
    /// When the user is not in the lobby, or it is longer than 4096 bytes.
    pub fn send_lobby_chat(&self, lobby: SteamId, text: &str) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.chat(now, lobby, text))
    }

    /// Invites a user to a lobby.
    ///
    /// # Errors
    /// When the local user is not in the lobby, or the other is no user.
    pub fn invite_to_lobby(&self, lobby: SteamId, user: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.invite(now, lobby, user))
    }

    /// Fetches the data of a lobby. Answered by `LobbyDataUpdate`.
    ///
    /// # Errors
    /// When the ID is no lobby's, or too much is asked at once.
    pub fn request_lobby_data(&self, lobby: SteamId) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.request_data(now, lobby))
    }

    /// Names the game server of a lobby to its members.
    ///
    /// # Errors
    /// When the user does not own the lobby.
    pub fn set_lobby_game_server(
        &self,
        lobby: SteamId,
        server: GameServer,
    ) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, now| mirror.set_game_server(now, lobby, server))
    }

    /// The game server of a lobby, when one was named.
    pub fn lobby_game_server(&self, lobby: SteamId) -> Option<GameServer> {
        self.read_mirror(|mirror| mirror.game_server(lobby))
    }

    /// The members of a lobby that the local user is in, in the order of joining.
    pub fn lobby_members(&self, lobby: SteamId) -> Vec<SteamId> {
        self.read_mirror(|mirror| {
            let known = mirror.lobby(lobby);
            known.map_or_else(Vec::new, |known| {
                known.members.iter().map(|member| member.user).collect()
            })
        })
    }

    /// Takes a member out of a lobby that the local user owns, for good with `ban`.
    ///
    /// # Errors
    /// When the user does not own the lobby, or the other one is not in it.
    pub fn kick_lobby_member(
        &self,
        lobby: SteamId,
        user: SteamId,
        ban: bool,
    ) -> Result<(), LobbyError> {
        self.with_mirror(|mirror, _| mirror.kick(lobby, user, ban))
    }
}
