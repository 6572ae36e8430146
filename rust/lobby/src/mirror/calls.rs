//! What the game asks for.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::{Asked, LobbyCopy, Mirror, Notice};
use crate::error::LobbyError;
use crate::limits::{MAX_CHAT, MAX_KEYS};
use crate::lobby::{GameServer, LobbyKind, check_limit};
use crate::protocol::{Change, Command, JoinResponse, Millis};

impl Mirror {
    /// Asks for a lobby. [`Notice::LobbyCreated`] answers, then [`Notice::LobbyJoined`].
    ///
    /// # Errors
    /// [`LobbyError::MemberLimit`], [`LobbyError::TooManyPending`].
    pub fn create(&mut self, now: Millis, kind: LobbyKind, limit: u32) -> Result<(), LobbyError> {
        check_limit(limit)?;
        self.ask(now, |request, _| Command::Create {
            request,
            kind,
            limit,
        })
        .map(drop)
    }

    /// Asks to join a lobby. [`Notice::LobbyJoined`] answers, also for an ID that cannot be a lobby's.
    ///
    /// # Errors
    /// [`LobbyError::NotALobby`], [`LobbyError::TooManyPending`].
    pub fn join(&mut self, now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        if !lobby.is_lobby() {
            // As Steam does: whoever waits for the answer gets one.
            self.notice(Notice::LobbyJoined {
                lobby,
                locked: false,
                response: JoinResponse::DoesntExist as u32,
            });
            return Err(LobbyError::NotALobby);
        }
        self.ask(now, |request, patient| Command::Join {
            request,
            lobby,
            patient,
        })
        .map(drop)
    }

    /// Leaves a lobby, at once as far as this client is concerned. A join of it that is unanswered is called off, and
    /// answered without success: [`Notice::LobbyJoined`].
    ///
    /// # Errors
    /// [`LobbyError::NotInLobby`].
    pub fn leave(&mut self, _now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        let is_join =
            |(number, asked): (&u64, &Asked)| asked.command.joins(lobby).then_some(*number);
        let joins: Vec<u64> = self.asked.iter().filter_map(is_join).collect();
        let was_in = self.drop_lobby(lobby);
        if !was_in && joins.is_empty() {
            return Err(LobbyError::NotInLobby);
        }
        let unsent = self.waiting.len();
        // What was said and changed before stays: the last words are to be heard.
        self.waiting.retain(|command| !command.joins(lobby));
        let unsent = unsent - self.waiting.len();
        if was_in || unsent < joins.len() {
            self.queue_leave(lobby);
        }
        // An answer that the game has not heard of yet comes too late.
        for notice in &mut self.notices {
            if let Notice::LobbyJoined {
                lobby: joined,
                response,
                ..
            } = notice
                && *joined == lobby
            {
                *response = JoinResponse::Error as u32;
            }
        }
        for number in joins {
            self.asked.remove(&number);
            self.notice(Notice::LobbyJoined {
                lobby,
                locked: false,
                response: JoinResponse::Error as u32,
            });
        }
        Ok(())
    }

    /// Starts a search with the filters added so far, and clears them. It replaces an earlier one that is unanswered.
    ///
    /// # Errors
    /// [`LobbyError::TooManyPending`].
    pub fn request_list(&mut self, now: Millis) -> Result<(), LobbyError> {
        let filters = std::mem::take(&mut self.filters);
        if let Some(earlier) = self.newest_search.take() {
            self.asked.remove(&earlier);
            self.waiting
                .retain(|command| command.request() != Some(earlier));
        }
        let request = self.ask(now, |request, patient| Command::Search {
            request,
            filters,
            patient,
        })?;
        self.newest_search = Some(request);
        Ok(())
    }

    /// Sets a key of a lobby, visible here at once; an empty value removes it. Only a value that differs is sent.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for a key or value out of bounds.
    pub fn set_data(
        &mut self,
        now: Millis,
        lobby: SteamId,
        key: &str,
        value: &str,
    ) -> Result<(), LobbyError> {
        let pairs = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        self.change(now, lobby, Change::Data(pairs))
    }

    /// Removes a key of a lobby.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for a key out of bounds.
    pub fn delete_data(
        &mut self,
        now: Millis,
        lobby: SteamId,
        key: &str,
    ) -> Result<(), LobbyError> {
        self.set_data(now, lobby, key, "")
    }

    /// Sets a key of this user in a lobby, visible here at once; an empty value removes it.
    ///
    /// # Errors
    /// For a lobby that the user is not in, and for a key or value out of bounds.
    pub fn set_member_data(
        &mut self,
        now: Millis,
        lobby: SteamId,
        key: &str,
        value: &str,
    ) -> Result<(), LobbyError> {
        let pairs = BTreeMap::from([(key.to_owned(), value.to_owned())]);
        self.change(now, lobby, Change::MemberData(pairs))
    }

    /// Changes who finds and joins a lobby.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for too many changes at once, here and below.
    pub fn set_kind(
        &mut self,
        now: Millis,
        lobby: SteamId,
        kind: LobbyKind,
    ) -> Result<(), LobbyError> {
        self.change(now, lobby, Change::Kind(kind))
    }

    /// Opens or closes a lobby to newcomers.
    ///
    /// # Errors
    /// For a lobby that is not owned.
    pub fn set_joinable(
        &mut self,
        now: Millis,
        lobby: SteamId,
        joinable: bool,
    ) -> Result<(), LobbyError> {
        self.change(now, lobby, Change::Joinable(joinable))
    }

    /// Changes the member limit. It does not go below the number of members.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for a limit out of bounds.
    pub fn set_member_limit(
        &mut self,
        now: Millis,
        lobby: SteamId,
        limit: u32,
    ) -> Result<(), LobbyError> {
        self.change(now, lobby, Change::Limit(limit))
    }

    /// Makes another member the owner.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for somebody who is not in it.
    pub fn set_owner(
        &mut self,
        now: Millis,
        lobby: SteamId,
        owner: SteamId,
    ) -> Result<(), LobbyError> {
        self.change(now, lobby, Change::Owner(owner))
    }

    /// Names a game server.
    ///
    /// # Errors
    /// For a lobby that is not owned.
    pub fn set_game_server(
        &mut self,
        now: Millis,
        lobby: SteamId,
        server: GameServer,
    ) -> Result<(), LobbyError> {
        self.change(now, lobby, Change::GameServer(server))
    }

    /// Says something. As in Steam, the text ends at its first NUL.
    ///
    /// # Errors
    /// For a lobby that the user is not in, for text that is empty or too long, and for too much of it at once.
    pub fn chat(&mut self, now: Millis, lobby: SteamId, text: &str) -> Result<(), LobbyError> {
        self.mine(lobby)?;
        let text = text.split('\0').next().unwrap_or_default();
        match text.len() {
            0 => return Err(LobbyError::ChatEmpty),
            len if len > MAX_CHAT => return Err(LobbyError::ChatTooLong { len }),
            _ => {}
        }
        let seq = self.number();
        let text = text.to_owned();
        self.speak(now, lobby, Change::Chat { seq, text })
    }

    /// Invites a user.
    ///
    /// # Errors
    /// For a lobby that the user is not in, for what is no user's ID, and for too many at once.
    pub fn invite(&mut self, now: Millis, lobby: SteamId, user: SteamId) -> Result<(), LobbyError> {
        self.mine(lobby)?;
        if !user.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        self.speak(now, lobby, Change::Invite(user))
    }

    /// Fetches a lobby's data. [`Notice::LobbyDataUpdate`] answers, without success when there is no such lobby, or no answer
    /// in [`crate::limits::REQUEST_TIMEOUT_MS`].
    ///
    /// # Errors
    /// [`LobbyError::NotALobby`], [`LobbyError::TooManyPending`].
    pub fn request_data(&mut self, now: Millis, lobby: SteamId) -> Result<(), LobbyError> {
        if !lobby.is_lobby() {
            return Err(LobbyError::NotALobby);
        }
        self.ask(now, |_, _| Command::Describe { lobby }).map(drop)
    }

    /// Takes a member out of a lobby, for good with `ban`. Nothing changes here before the directory has done it.
    ///
    /// # Errors
    /// For a lobby that is not owned, and for somebody who is not in it.
    pub fn kick(&mut self, lobby: SteamId, user: SteamId, ban: bool) -> Result<(), LobbyError> {
        let change = Change::Kick { user, ban };
        self.mine(lobby)?.clone().apply(self.me, &change)?;
        self.queue(Command::Change { lobby, change })
    }

    fn change(&mut self, now: Millis, lobby: SteamId, change: Change) -> Result<(), LobbyError> {
        let copy = self.lobbies.get(&lobby).ok_or(LobbyError::NotInLobby)?;
        let mut next = copy.shown(self.me, &self.unhandled()).clone();
        if !next.apply(self.me, &change)? {
            return Ok(());
        }
        if !self.merge_into_last(lobby, &change) {
            self.has_room()?;
            let command = Command::Change { lobby, change };
            if !command.is_gathered() && !self.settings.take(now) {
                return Err(LobbyError::TooOften);
            }
            if command.is_gathered() {
                self.gather(now, command);
            } else {
                self.waiting.push_back(command);
            }
        }
        if let Some(copy) = self.lobbies.get_mut(&lobby) {
            LobbyCopy::show(copy, next);
        }
        Ok(())
    }

    /// Adds pairs to a command that has not been sent and sets data of the same lobby, if nothing but data comes after it.
    fn merge_into_last(&mut self, lobby: SteamId, newer: &Change) -> bool {
        for command in self.waiting.iter_mut().rev() {
            if !command.is_gathered() {
                return false;
            }
            let Command::Change {
                lobby: other,
                change,
            } = command
            else {
                continue;
            };
            match (change, newer) {
                (Change::Data(pairs), Change::Data(more))
                | (Change::MemberData(pairs), Change::MemberData(more))
                    // A frame has to take all of them.
                    if *other == lobby && pairs.len() + more.len() <= MAX_KEYS =>
                {
                    pairs.extend(more.clone());
                    return true;
                }
                _ => {}
            }
        }
        false
    }

    fn speak(&mut self, now: Millis, lobby: SteamId, change: Change) -> Result<(), LobbyError> {
        self.has_room()?;
        if !self.speech.take(now) {
            return Err(LobbyError::TooOften);
        }
        self.queue(Command::Change { lobby, change })
    }
}
