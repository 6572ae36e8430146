//! Users coming, going and being gone for a while.

use std::collections::hash_map::Entry;

use samovar_id::SteamId;

use super::{Directory, Presence, STATE_DISCONNECTED, STATE_LEFT, User};
use crate::limits::PRESENCE_GRACE_MS;
use crate::persona::is_sound_presence;
use crate::proof::ProvedLobby;
use crate::protocol::{Millis, News, Refusal};

impl Directory {
    /// A user connects, with the lobbies that it is in. A newer process of the same user on the same machine ends the
    /// earlier one's memberships; the same process keeps them.
    ///
    /// # Errors
    /// [`Refusal::ElsewhereOnline`] while the user is connected from another machine; [`Refusal::Full`];
    /// [`Refusal::Protocol`] for a name or rich presence out of bounds; [`Refusal::OtherApp`].
    pub fn connect(
        &mut self,
        now: Millis,
        steam_id: SteamId,
        presence: Presence,
        resume: Vec<ProvedLobby>,
    ) -> Result<(), Refusal> {
        self.connect_again(now, steam_id, presence, resume, None)
    }

    /// The same of a user whose process has heard these news of friends, and is told what came after them.
    ///
    /// # Errors
    /// As [`Directory::connect`].
    pub fn connect_again(
        &mut self,
        now: Millis,
        steam_id: SteamId,
        mut presence: Presence,
        resume: Vec<ProvedLobby>,
        news: Option<News>,
    ) -> Result<(), Refusal> {
        if !presence.persona.is_sound() || !is_sound_presence(&presence.rich_presence) {
            return Err(Refusal::Protocol);
        }
        if self.config.app_id.is_some_and(|app| app != presence.app_id) {
            return Err(Refusal::OtherApp);
        }
        match self.users.get(&steam_id) {
            Some(user) if user.presence.machine != presence.machine && user.is_here() => {
                return Err(Refusal::ElsewhereOnline);
            }
            Some(user) if user.presence.app_id != presence.app_id => {
                self.end(steam_id, STATE_DISCONNECTED);
            }
            Some(user) if user.presence.instance != presence.instance && !user.expected => {
                self.end(steam_id, STATE_DISCONNECTED);
            }
            // Twice, since absent users, whom clients may make up, must not keep others out.
            None if self.users.len() >= 2 * self.config.max_users => {
                let absent = self.absent_from_all().ok_or(Refusal::Full)?;
                self.end(absent, STATE_DISCONNECTED);
            }
            _ => {}
        }
        self.now = now;
        presence.persona.avatar = self.known_avatar(steam_id);
        let user = match self.users.entry(steam_id) {
            Entry::Occupied(found) => {
                let user = found.into_mut();
                if user.expected {
                    user.rates = self.former.take(now, steam_id);
                }
                let is_known = !user.expected;
                if is_known
                    && !shows_the_same(&user.presence, &presence)
                    && !user.rates.personas.take(now)
                {
                    // Coming again and again changes no name more often than it may be changed.
                    presence.persona = user.presence.persona.clone();
                    presence.rich_presence = user.presence.rich_presence.clone();
                }
                user.is_shown_as_it_is = is_known && shows_the_same(&user.presence, &presence);
                user.presence = presence;
                user
            }
            Entry::Vacant(place) => {
                let rates = self.former.take(now, steam_id);
                place.insert(Box::new(User::new(presence, rates)))
            }
        };
        user.expected = false;
        let was_away = user.leaves_at.take();
        if let Some(at) = was_away {
            self.leaving.remove(&(at, steam_id));
        }
        self.settling.somebody_came(now);
        self.settling.forget(steam_id);
        let lines = self.tell_missed_of_the_gone(steam_id, &resume);
        self.resume(now, steam_id, resume);
        let heard = news.filter(|news| news.directory == self.id);
        self.greet_friends(steam_id, heard.map(|news| news.number));
        self.correct_name(steam_id);
        self.tell_missed(steam_id, &lines);
        if was_away.is_some() {
            self.tell_whether_away(now, steam_id);
        }
        self.answer_deferred(now);
        Ok(())
    }

    /// Of the users who are not here and lose no lobby by it, the one who is forgotten first.
    fn absent_from_all(&self) -> Option<SteamId> {
        let mut leaving = self.leaving.iter();
        leaving.find_map(|(_, user)| {
            let found = self.users.get(user)?;
            (found.is_in_none() && !found.is_here()).then_some(*user)
        })
    }

    /// The link of a user's process is gone: the user stays in its lobbies for the grace time, and in none of them a friend for
    /// [`PRESENCE_GRACE_MS`].
    pub fn disconnect(&mut self, now: Millis, steam_id: SteamId, instance: u64) {
        let grace_ms = self.config.grace_ms;
        let Some(user) = self
            .users
            .get_mut(&steam_id)
            .filter(|user| user.presence.instance == instance && user.is_here())
        else {
            return;
        };
        let grace_ms = if user.is_in_none() {
            PRESENCE_GRACE_MS.min(grace_ms)
        } else {
            grace_ms
        };
        let leaves_at = now.plus(grace_ms);
        user.leaves_at = Some(leaves_at);
        self.leaving.insert((leaves_at, steam_id));
        self.tell_whether_away(now, steam_id);
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
        let leaves = self.leaving.first().map(|(at, _)| *at);
        leaves.into_iter().chain(self.next_answer()).min()
    }

    /// Ends the memberships of users whose grace time is over, and answers what has waited long enough.
    pub fn handle_timeout(&mut self, now: Millis) {
        while let Some((at, steam_id)) = self.leaving.first().copied() {
            if at > now {
                break;
            }
            self.leaving.remove(&(at, steam_id));
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
        self.forget(steam_id);
    }

    fn forget(&mut self, steam_id: SteamId) {
        if let Some(gone) = self.users.remove(&steam_id) {
            if let Some(at) = gone.leaves_at {
                self.leaving.remove(&(at, steam_id));
            }
            self.forget_person(steam_id, &gone);
            // One that was only expected has used up nothing, and its own may be kept already.
            if !gone.expected {
                self.former.keep(self.now, steam_id, gone.rates);
            }
        }
    }
}

/// Whether friends see the same of a user.
fn shows_the_same(one: &Presence, other: &Presence) -> bool {
    one.persona == other.persona && one.rich_presence == other.rich_presence
}
