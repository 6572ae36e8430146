//! What the game asks for.

use samovar_id::SteamId;

use super::{Asked, Mirror};
use crate::error::LobbyError;
use crate::limits::{MAX_CHAT, MAX_FILTERS, MAX_VALUE};
use crate::lobby::{GameServer, LobbyKind, check_key, check_limit, set};
use crate::protocol::{Change, Command, Comparison, Millis};

/// How long an unanswered question for a name keeps others from being asked, in milliseconds.
const NAME_PATIENCE_MS: u64 = 5_000;

impl Mirror {
    /// Asks for a lobby.
    ///
    /// # Errors
    /// [`LobbyError::MemberLimit`], [`LobbyError::TooManyPending`].
    pub fn create(&mut self, now: Millis, kind: LobbyKind, limit: u32) -> Result<(), LobbyError> {
        check_limit(limit)?;
        self.ask(now, Asked::Create, |request| Command::Create {
            request,
            kind,
            limit,
        })
        .map(drop)
    }

    /// Asks to join a lobby.
    ///
    /// # Errors
    /// [`LobbyError::NotALobby`], [`LobbyError::TooManyPending`].
    pub fn join(&mut self, now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        if !lobby.is_lobby() {
            return Err(LobbyError::NotALobby);
        }
        self.ask(now, Asked::Join(lobby), |request| Command::Join {
            request,
            lobby,
        })
        .map(drop)
    }

    /// Leaves a lobby, at once as far as this client is concerned.
    ///
    /// # Errors
    /// [`LobbyError::NotInLobby`].
    pub fn leave(&mut self, _now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        self.mine(lobby)?;
        self.drop_lobby(lobby);
        let about_it = |command: &Command| matches!(command, Command::Change { lobby: other, .. } if *other == lobby);
        self.waiting.retain(|command| !about_it(command));
        // Always taken: what was waiting for this lobby has just made room, and a lobby left must be left.
        self.waiting.push_back(Command::Change {
            lobby,
            change: Change::Leave,
        });
        Ok(())
    }

    /// Starts a search with the filters added so far. It replaces an earlier one that is unanswered.
    ///
    /// # Errors
    /// [`LobbyError::TooManyPending`].
    pub fn request_list(&mut self, now: Millis) -> Result<(), LobbyError> {
        let filters = std::mem::take(&mut self.filters);
        if let Some(earlier) = self.newest_search.take() {
            self.asked.remove(&earlier);
            let is_it = |command: &Command| matches!(command, Command::Search { request, .. } if *request == earlier);
            self.waiting.retain(|command| !is_it(command));
        }
        let request = self.ask(now, Asked::Search, |request| Command::Search {
            request,
            filters,
        })?;
        self.newest_search = Some(request);
        Ok(())
    }

    /// Compares the value of a key as text.
    ///
    /// # Errors
    /// For a key or value that is too long, and for too many filters.
    pub fn add_string_filter(
        &mut self,
        key: &str,
        value: &str,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        if value.len() > MAX_VALUE {
            return Err(LobbyError::ValueTooLong { len: value.len() });
        }
        self.filters
            .text
            .push((key.to_owned(), value.to_owned(), comparison));
        Ok(())
    }

    /// Compares the value of a key as a number.
    ///
    /// # Errors
    /// For a key that is too long, and for too many filters.
    pub fn add_numerical_filter(
        &mut self,
        key: &str,
        value: i32,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        self.filters
            .number
            .push((key.to_owned(), value, comparison));
        Ok(())
    }

    /// Sorts by how close the value of a key comes.
    ///
    /// # Errors
    /// For a key that is too long, and for too many filters.
    pub fn add_near_value_filter(&mut self, key: &str, value: i32) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        self.filters.near.push((key.to_owned(), value));
        Ok(())
    }

    /// At least so many open places.
    pub fn set_slots_filter(&mut self, slots: u32) {
        self.filters.slots = slots;
    }

    /// At most so many results.
    pub fn set_result_count_filter(&mut self, count: u32) {
        self.filters.count = count;
    }

    /// Sets a key of a lobby, visible here at once; an empty value removes it.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for a key or value out of bounds.
    pub fn set_data(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        key: &str,
        value: &str,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        if set(&mut self.owned(lobby)?.data, key, value)? {
            self.queue_change(
                lobby,
                Change::Data {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
            )?;
        }
        Ok(())
    }

    /// Sets a key of this user in a lobby, visible here at once; an empty value removes it.
    ///
    /// # Errors
    /// For a lobby that the user is not in, and for a key or value out of bounds.
    pub fn set_member_data(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        key: &str,
        value: &str,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        let me = self.me;
        let found = self.lobbies.get_mut(&lobby).ok_or(LobbyError::NotInLobby)?;
        let member = found.member_mut(me).ok_or(LobbyError::NotInLobby)?;
        if set(&mut member.data, key, value)? {
            self.queue_change(
                lobby,
                Change::MemberData {
                    key: key.to_owned(),
                    value: value.to_owned(),
                },
            )?;
        }
        Ok(())
    }

    /// Changes who finds and joins a lobby.
    ///
    /// # Errors
    /// For a lobby that is not owned.
    pub fn set_kind(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        kind: LobbyKind,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        self.owned(lobby)?.kind = kind;
        self.queue_change(lobby, Change::Kind(kind))
    }

    /// Opens or closes a lobby to newcomers.
    ///
    /// # Errors
    /// For a lobby that is not owned.
    pub fn set_joinable(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        joinable: bool,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        self.owned(lobby)?.joinable = joinable;
        self.queue_change(lobby, Change::Joinable(joinable))
    }

    /// Changes the member limit. The directory does not go below the number of members.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for a limit out of bounds.
    pub fn set_member_limit(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        limit: u32,
    ) -> Result<(), LobbyError> {
        check_limit(limit)?;
        self.has_room()?;
        let found = self.owned(lobby)?;
        found.limit = limit.max(crate::lobby::count(found.members.len()));
        self.queue_change(lobby, Change::Limit(limit))
    }

    /// Makes another member the owner.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for somebody who is not in it.
    pub fn set_owner(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        owner: SteamId,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        let found = self.owned(lobby)?;
        if found.member(owner).is_none() {
            return Err(LobbyError::NotAMember);
        }
        found.owner = owner;
        self.queue_change(lobby, Change::Owner(owner))
    }

    /// Names a game server.
    ///
    /// # Errors
    /// For a lobby that is not owned.
    pub fn set_game_server(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        server: GameServer,
    ) -> Result<(), LobbyError> {
        self.has_room()?;
        self.owned(lobby)?;
        self.queue_change(lobby, Change::GameServer(server))
    }

    /// Says something.
    ///
    /// # Errors
    /// For a lobby that the user is not in, and for text that is empty or too long.
    pub fn chat(&mut self, _now: Millis, lobby: SteamId, text: &str) -> Result<(), LobbyError> {
        self.mine(lobby)?;
        match text.len() {
            0 => return Err(LobbyError::ChatEmpty),
            len if len > MAX_CHAT => return Err(LobbyError::ChatTooLong { len }),
            _ => {}
        }
        let seq = self.number();
        self.queue_change(
            lobby,
            Change::Chat {
                seq,
                text: text.to_owned(),
            },
        )
    }

    /// Invites a user.
    ///
    /// # Errors
    /// For a lobby that the user is not in, and for what is no user's ID.
    pub fn invite(
        &mut self,
        _now: Millis,
        lobby: SteamId,
        user: SteamId,
    ) -> Result<(), LobbyError> {
        self.mine(lobby)?;
        if !user.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        self.queue_change(lobby, Change::Invite(user))
    }

    /// Fetches a lobby's data.
    ///
    /// # Errors
    /// [`LobbyError::NotALobby`], [`LobbyError::TooManyPending`].
    pub fn request_data(&mut self, _now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        if !lobby.is_lobby() {
            return Err(LobbyError::NotALobby);
        }
        self.queue(Command::Describe { lobby })
    }

    /// A user's name; asks for it when it is not known.
    pub fn persona_name(&mut self, now: Millis, user: SteamId) -> Option<&str> {
        if user != self.me && self.names.get(user).is_none() {
            let asked_lately = self
                .names_asked
                .get(user)
                .is_some_and(|at| now < at.plus(NAME_PATIENCE_MS));
            if !asked_lately
                && user.is_individual()
                && self.queue(Command::Persona { user }).is_ok()
            {
                self.names_asked.insert(user, now);
            }
        }
        self.known_name(user)
    }

    fn has_room(&self) -> Result<(), LobbyError> {
        if self.waiting.len() + self.sent.len() >= crate::limits::MAX_PENDING_COMMANDS {
            return Err(LobbyError::TooManyPending);
        }
        Ok(())
    }

    fn check_filter(&self, key: &str) -> Result<(), LobbyError> {
        check_key(key)?;
        let filters = &self.filters;
        if filters.text.len() + filters.number.len() + filters.near.len() >= MAX_FILTERS {
            return Err(LobbyError::TooManyFilters);
        }
        Ok(())
    }
}
