//! Directories that refuse this user, are lost or do not answer, and what the game hears of it.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use samovar_lobby::Refusal;
use tracing::{debug, error};

use super::Worker;
use super::home::State;
use crate::callback::Callback;

/// How long there may be no directory before the game is told.
const OFFLINE_AFTER: Duration = Duration::from_secs(5);
/// `k_EResultNoConnection`.
const RESULT_NO_CONNECTION: i32 = 3;
/// `k_EResultLoggedInElsewhere`.
const RESULT_LOGGED_IN_ELSEWHERE: i32 = 6;
/// `k_EResultFail`.
const RESULT_FAIL: i32 = 2;

impl Worker {
    /// Nothing is refused for ever: it is tried again, later each time, and elsewhere meanwhile.
    pub(super) fn refused(&mut self, now: Instant, refusal: &Refusal) {
        let result = match refusal {
            Refusal::ElsewhereOnline => RESULT_LOGGED_IN_ELSEWHERE,
            _ => RESULT_FAIL,
        };
        if self.seldom.may_say("refused", now) {
            error!("the directory refuses this user: {refusal}; it is asked again later");
        }
        if let State::Client { target, until, .. } = &self.home.state {
            let place = target.place();
            if until.is_none() && !target.local {
                self.home.standings.betrayed(now, &place);
            } else {
                self.home.standings.failed(now, &place);
            }
            self.home.suspect = None;
            self.home.is_refused = true;
            self.search(now);
        } else {
            self.home.own_refusal.failed(now);
        }
        self.setup.shared.logged_on.store(false, Ordering::Release);
        let failure = Callback::ServerConnectFailure {
            result,
            retrying: true,
        };
        self.setup.shared.callbacks.push(failure);
    }

    /// The directory does not do what one does; one that has welcomed this user is left alone for longer.
    pub(super) fn lost(&mut self, now: Instant, why: &str) {
        let is_welcomed = matches!(self.home.state, State::Client { until: None, .. });
        self.leave(now, why, is_welcomed);
    }

    /// The same, where `betrayed` says whether those suffer for it who follow the directory.
    pub(super) fn leave(&mut self, now: Instant, why: &str, betrayed: bool) {
        debug!(why, "the directory is lost");
        self.suspect(now, betrayed);
        self.search(now);
    }

    /// The directory that is dialled, or that this process is a client of, does not do what one does.
    fn suspect(&mut self, now: Instant, betrayed: bool) {
        let (State::Client { target, .. } | State::Dialing { target, .. }) = &self.home.state
        else {
            return;
        };
        self.home.suspect = Some((target.seat, target.directory));
        self.home.is_refused = false;
        // One on this machine is replaced; one elsewhere may be there again later.
        if target.local {
            return;
        }
        let place = target.place();
        if betrayed {
            self.home.standings.betrayed(now, &place);
        } else {
            self.home.standings.failed(now, &place);
        }
    }

    pub(super) fn dial_failed(&mut self, now: Instant) {
        debug!(state = ?self.home.state, "a directory does not answer");
        self.suspect(now, false);
        self.search(now);
    }

    pub(super) fn report_offline(&mut self, now: Instant) {
        let offline = self
            .home
            .since
            .is_some_and(|since| now.saturating_duration_since(since) >= OFFLINE_AFTER);
        if offline && self.setup.shared.logged_on.swap(false, Ordering::AcqRel) {
            self.setup
                .shared
                .callbacks
                .push(Callback::ServersDisconnected {
                    result: RESULT_NO_CONNECTION,
                });
        }
    }
}
