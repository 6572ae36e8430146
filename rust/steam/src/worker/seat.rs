//! The machine's seat: which process answers for this machine, and what to do when nobody does.

use std::time::{Duration, Instant};

use samovar_server::Client;
use tracing::{debug, warn};

use super::Worker;
use super::home::Target;
use crate::locator::Seat;

/// How long a seat may stay without a record.
const RECORD_PATIENCE: Duration = Duration::from_millis(1500);
/// How long others get to replace a directory on this machine that does not answer, before this process does.
const TAKEOVER_PATIENCE: Duration = Duration::from_millis(50);
/// The same for one on another machine: whoever answers for this machine goes first.
const TAKEOVER_PATIENCE_REMOTE: Duration = Duration::from_secs(1);
/// How long the seat's folder may fail before this process hosts a directory without it.
const FOLDER_PATIENCE: Duration = Duration::from_millis(300);

impl Worker {
    /// There is no directory: finds one, or hosts one.
    pub(super) fn seek(&mut self, now: Instant) {
        let waited = now.saturating_duration_since(self.home.searching_since);
        match self.locator.look() {
            Ok(Seat::Free) => self.take_seat(now, None),
            Ok(Seat::Held(record)) => {
                let target = Target::from(record);
                let own = self.claim.as_ref().map(crate::locator::Claim::term);
                if own == target.seat {
                    // The directory that this process vouched for is gone, or refuses it.
                    self.host_here(now);
                } else if self.home.suspect == Some((target.seat, target.directory)) {
                    let patience = if target.local {
                        TAKEOVER_PATIENCE
                    } else {
                        TAKEOVER_PATIENCE_REMOTE
                    };
                    if waited >= patience {
                        self.take_seat(now, target.seat);
                    }
                } else if self.home.standings.may_try(now, &target.place()) {
                    self.dial(now, target);
                } else {
                    self.home.seat_to_join = Some(target);
                    self.host_beside(now);
                }
            }
            Ok(Seat::HeldUnknown { term }) if waited >= RECORD_PATIENCE => {
                self.take_seat(now, Some(term));
            }
            Ok(Seat::HeldUnknown { .. }) => {}
            Err(error) => {
                if self.seldom.may_say("record", now) {
                    warn!(%error, "the directory's record cannot be read");
                }
                self.without_folder(now);
            }
        }
    }

    /// The seat's folder cannot be used, as on a full disk: after a moment this process hosts a directory all the same.
    pub(super) fn without_folder(&mut self, now: Instant) {
        if self.folder_pause.is_over(now) {
            self.folder_pause.failed(now);
        }
        let waited = now.saturating_duration_since(self.home.searching_since);
        if self.home.is_searching() && waited >= FOLDER_PATIENCE {
            self.host_beside(now);
        }
    }

    /// While this process hosts a directory without answering for the machine: takes the seat when it is free, and
    /// notes who else answers, whose directory is to be joined.
    pub(super) fn mind_seat(&mut self, now: Instant) {
        self.home.seat_to_join = None;
        if self.claim.is_some() || !self.folder_pause.is_over(now) {
            return;
        }
        match self.locator.look() {
            Ok(Seat::Free) => self.take_seat_for_own(now),
            Ok(Seat::Held(record)) => self.home.seat_to_join = Some(Target::from(record)),
            Ok(Seat::HeldUnknown { .. }) => {}
            Err(_) => self.folder_pause.failed(now),
        }
    }

    /// Whoever answers for this machine may have died, or may vouch for another directory by now.
    pub(super) fn watch_seat(
        &mut self,
        now: Instant,
        local: bool,
        directory: u64,
        seat: Option<u64>,
    ) {
        match self.locator.look() {
            Ok(Seat::Free) if local => {
                debug!("the process that hosts the directory has ended");
                self.search(now);
            }
            Ok(Seat::Free) if self.folder_pause.is_over(now) => self.vouch(now),
            Ok(Seat::Held(record)) if record.directory != directory && Some(record.term) > seat => {
                debug!(?record, "another directory serves this machine by now");
                self.search(now);
            }
            _ => {}
        }
    }

    pub(super) fn seat(&mut self) -> Option<u64> {
        match self.locator.look() {
            Ok(Seat::Held(record)) => Some(record.term),
            Ok(Seat::HeldUnknown { term }) => Some(term),
            _ => None,
        }
    }

    /// Asks the directory in this process again, where it has refused this user.
    pub(super) fn greet_own(&mut self, now: Instant) {
        if self.home.is_welcomed() || !self.home.own_refusal.is_over(now) {
            return;
        }
        let now_ms = self.setup.shared.now_ms();
        let resume = self.setup.shared.mirror.lock().resume(now_ms);
        let Some(hello) = self.hello(Some(resume)) else {
            return;
        };
        self.home.own_refusal.failed(now);
        if let Some(host) = &mut self.host {
            host.opened(Client::Local, self.setup.identity.public_key());
            host.frame(self.setup.shared.now_ms(), Client::Local, hello);
        }
        self.exchange(now);
    }
}
