//! The first moments of a directory that takes over: lobbies come as their members do, so some questions wait.

use std::collections::{BTreeMap, VecDeque};

use samovar_id::SteamId;

use super::Directory;
use crate::limits::MAX_DEFERRED;
use crate::protocol::{Change, Command, Event, JoinResponse, Millis};

#[derive(Default)]
pub(super) struct Settling {
    /// When somebody came here first.
    since: Option<Millis>,
    /// Whether there was another directory before.
    takes_over: bool,
    deferred: VecDeque<(SteamId, Command)>,
}

impl Settling {
    pub(super) fn somebody_came(&mut self, now: Millis) {
        self.since.get_or_insert(now);
    }

    /// How long ago that was, in milliseconds.
    pub(super) fn age_ms(&self, now: Millis) -> u64 {
        self.since.map_or(0, |since| now.0.saturating_sub(since.0))
    }

    pub(super) fn takes_over(&mut self) {
        self.takes_over = true;
    }

    fn defer(&mut self, user: SteamId, command: Command) {
        self.deferred.push_back((user, command));
    }

    /// The oldest command of the user who has the most, if there are too many: others lose nothing by it.
    fn pop_excess(&mut self) -> Option<(SteamId, Command)> {
        if self.deferred.len() <= MAX_DEFERRED {
            return None;
        }
        let mut counts: BTreeMap<SteamId, usize> = BTreeMap::new();
        for (user, _) in &self.deferred {
            *counts.entry(*user).or_default() += 1;
        }
        let (heaviest, _) = counts.into_iter().max_by_key(|(_, count)| *count)?;
        let mut waiting = self.deferred.iter();
        let at = waiting.position(|(user, _)| *user == heaviest)?;
        self.deferred.remove(at)
    }

    /// Forgets a user's joins of a lobby; their requests.
    fn call_off_joins(&mut self, user: SteamId, lobby: SteamId) -> Vec<u64> {
        let mut requests = Vec::new();
        self.deferred.retain(|(other, command)| {
            let is_called_off = *other == user && command.joins(lobby);
            requests.extend(command.request().filter(|_| is_called_off));
            !is_called_off
        });
        requests
    }

    /// Forgets what a user waits for: it asks again if it still wants to know.
    pub(super) fn forget(&mut self, user: SteamId) {
        self.deferred.retain(|(other, _)| *other != user);
    }

    /// Whether a command depends on one of the same user's that waits: which lobbies it is in by then.
    fn is_behind(&self, user: SteamId, command: &Command) -> bool {
        decides_membership(command)
            && self
                .deferred
                .iter()
                .any(|(other, earlier)| *other == user && decides_membership(earlier))
    }
}

fn decides_membership(command: &Command) -> bool {
    matches!(
        command,
        Command::Create { .. }
            | Command::Join { .. }
            | Command::Change {
                change: Change::Leave,
                ..
            }
    )
}

impl Directory {
    /// Whether it is too early to carry a command out, or its turn has not come.
    pub(super) fn has_to_wait(&mut self, now: Millis, user: SteamId, command: &Command) -> bool {
        self.settling.is_behind(user, command) || self.waits(now, command)
    }

    /// Has a command wait. Who leaves a lobby that it waits to join never enters it.
    pub(super) fn defer(&mut self, now: Millis, user: SteamId, command: Command) {
        if let Command::Change {
            lobby,
            change: Change::Leave,
        } = command
        {
            for request in self.settling.call_off_joins(user, lobby) {
                let answer = Event::Joined {
                    request,
                    lobby,
                    response: JoinResponse::Error,
                    snapshot: None,
                };
                self.tell(user, answer);
            }
        }
        self.settling.defer(user, command);
        while let Some((user, command)) = self.settling.pop_excess() {
            self.carry_out(now, user, command);
        }
    }

    /// Whether it is too early to answer.
    fn waits(&mut self, now: Millis, command: &Command) -> bool {
        if let Command::Join { patient: true, .. } | Command::Search { patient: true, .. } = command
        {
            self.settling.takes_over();
        }
        let may_come = match command {
            // Also in the first directory of all, as it cannot know that it is: a lobby whose ID is known was somewhere.
            Command::Join { lobby, .. } | Command::Describe { lobby } => {
                !self.lobbies.contains(*lobby)
            }
            Command::Search { .. } => self.settling.takes_over,
            _ => false,
        };
        may_come && self.settles_at().is_some_and(|at| now < at)
    }

    /// When what waits has waited long enough.
    pub(super) fn next_answer(&self) -> Option<Millis> {
        self.settles_at()
            .filter(|_| !self.settling.deferred.is_empty())
    }

    /// Answers what has waited for a lobby that is here by now and, when the time is over, everything.
    pub(super) fn answer_deferred(&mut self, now: Millis) {
        let over = self.settles_at().is_none_or(|at| now >= at);
        for (user, command) in std::mem::take(&mut self.settling.deferred) {
            if over || !self.has_to_wait(now, user, &command) {
                self.carry_out(now, user, command);
            } else {
                self.settling.defer(user, command);
            }
        }
    }

    fn settles_at(&self) -> Option<Millis> {
        Some(self.settling.since?.plus(self.config.settle_ms))
    }
}
