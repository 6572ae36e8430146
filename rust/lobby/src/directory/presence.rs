//! Users coming, going and being gone for a while.

use samovar_id::SteamId;

use super::{Directory, Presence, STATE_DISCONNECTED, STATE_LEFT, User};
use crate::limits::{MAX_NAME, MAX_USERS};
use crate::lobby::LobbySnapshot;
use crate::protocol::{Millis, Refusal};

impl Directory {
    /// A user connects, with the lobbies that it is in. A newer process of the same user on the same machine ends the
    /// earlier one's memberships; the same process keeps them.
    ///
    /// # Errors
    /// [`Refusal::ElsewhereOnline`] while the user is connected from another machine; [`Refusal::Full`];
    /// [`Refusal::Protocol`] for a name that is too long.
    pub fn connect(
        &mut self,
        now: Millis,
        steam_id: SteamId,
        presence: Presence,
        resume: Vec<LobbySnapshot>,
    ) -> Result<(), Refusal> {
        if presence.name.len() > MAX_NAME {
            return Err(Refusal::Protocol);
        }
        match self.users.get(&steam_id) {
            Some(user) if user.presence.machine != presence.machine && user.is_here() => {
                return Err(Refusal::ElsewhereOnline);
            }
            Some(user) if user.presence.instance != presence.instance && !user.expected => {
                self.end(steam_id, STATE_DISCONNECTED);
            }
            // Twice, since absent users, whom clients may make up, must not keep others out.
            None if self.users.len() >= 2 * MAX_USERS => return Err(Refusal::Full),
            _ => {}
        }
        let user = self
            .users
            .entry(steam_id)
            .or_insert_with(|| User::new(presence.clone(), now));
        user.presence = presence;
        user.expected = false;
        user.leaves_at = None;
        self.settling.somebody_came(now);
        self.settling.forget(steam_id);
        let missed = self.tell_missed_of_the_gone(steam_id);
        self.resume(now, steam_id, resume);
        self.tell_missed(steam_id, missed);
        self.answer_deferred(now);
        Ok(())
    }

    /// The link of a user's process is gone: the user stays in its lobbies for the grace time.
    pub fn disconnect(&mut self, now: Millis, steam_id: SteamId, instance: u64) {
        let grace_ms = self.config.grace_ms;
        let Some(user) = self
            .users
            .get_mut(&steam_id)
            .filter(|user| user.presence.instance == instance && user.is_here())
        else {
            return;
        };
        if user.lobbies.is_empty() {
            self.users.remove(&steam_id);
        } else {
            user.leaves_at = Some(now.plus(grace_ms));
        }
    }

    /// A user's process ends, and says so: the user leaves its lobbies now.
    pub fn bye(&mut self, _now: Millis, steam_id: SteamId, instance: u64) {
        if self
            .users
            .get(&steam_id)
            .is_some_and(|user| user.presence.instance == instance && !user.expected)
        {
            self.end(steam_id, STATE_LEFT);
        }
    }

    /// When the next user's grace time is over, or a question that waits is to be answered.
    pub fn poll_timeout(&self) -> Option<Millis> {
        let leaves = self.users.values().filter_map(|user| user.leaves_at).min();
        leaves.into_iter().chain(self.next_answer()).min()
    }

    /// Ends the memberships of users whose grace time is over, and answers what has waited long enough.
    pub fn handle_timeout(&mut self, now: Millis) {
        let over: Vec<SteamId> = self
            .users
            .iter()
            .filter(|(_, user)| user.leaves_at.is_some_and(|at| at <= now))
            .map(|(steam_id, _)| *steam_id)
            .collect();
        for steam_id in over {
            self.end(steam_id, STATE_DISCONNECTED);
        }
        self.answer_deferred(now);
    }

    fn end(&mut self, steam_id: SteamId, state: u32) {
        let Some(user) = self.users.get(&steam_id) else {
            return;
        };
        for lobby in user.lobbies.clone() {
            self.leave(steam_id, lobby, state);
        }
        self.users.remove(&steam_id);
        self.missed.take(steam_id);
    }
}
