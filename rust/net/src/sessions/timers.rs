//! What happens to sessions by the passing of time.

use std::collections::BTreeSet;
use std::time::Instant;

use samovar_id::SteamId;

use super::Sessions;
use super::control::Api;
use super::info::{FailReason, SessionState};

impl Sessions {
    /// When [`Sessions::handle_timeout`] is next due. It may be early, never late.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _, _)| *at)
    }

    /// Does what is due: lets waiting messages go, asks again, gives up, and forgets.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, peer, api)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            if let Some(found) = self.peers.get_mut(&peer) {
                found.slot_mut(api).wake_at = None;
            }
            self.expire_pending(now, peer, api);
            self.pass_time(now, peer, api);
            self.settle(peer, api);
        }
    }

    /// The peers of whom something has changed since this was last asked: there is something to be sent, room for what
    /// comes, or a session more or less. The endpoint need look at no others.
    pub fn take_changed(&mut self) -> BTreeSet<SteamId> {
        for peer in &self.changed {
            if let Some(found) = self.peers.get_mut(peer) {
                found.is_changed = false;
            }
            self.without_room.remove(peer);
        }
        std::mem::take(&mut self.changed)
    }

    fn expire_pending(&mut self, now: Instant, peer: SteamId, api: Api) {
        let pending = self
            .peers
            .get(&peer)
            .and_then(|found| found.slot(api).pending.as_ref());
        if pending.is_some_and(|pending| pending.expires <= now) {
            self.take_pending(peer, api);
        }
    }

    fn pass_time(&mut self, now: Instant, peer: SteamId, api: Api) {
        let config = self.config;
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let Some(session) = found.slot_mut(api).session.as_deref_mut() else {
            return;
        };
        match session.state {
            SessionState::Requesting | SessionState::Connecting
                if session.is_late(now, &config, api) =>
            {
                if session.is_used || api == Api::Messages {
                    self.fail(now, peer, api, FailReason::Timeout);
                } else {
                    // It was accepted and never came to anything; no packet of ours has failed to get through.
                    self.remove_session(peer, api);
                }
            }
            SessionState::Requesting => {
                if session.retransmit_at <= now {
                    self.retransmit(now, peer, api);
                }
            }
            SessionState::Connecting => {}
            SessionState::Connected => {
                session.queue.flush_due(now);
                if api == Api::Messages {
                    self.find_idle(now, peer);
                }
            }
            SessionState::ClosedByPeer | SessionState::Failed => {
                if session.is_unused(now, config.idle) {
                    self.remove_session(peer, api);
                }
            }
        }
    }

    /// Ends an open Messages session that nobody uses, with the peer's agreement: what it sends at this moment must not
    /// vanish. The slot has to be settled.
    fn find_idle(&mut self, now: Instant, peer: SteamId) {
        let (config, api) = (self.config, Api::Messages);
        let (has_unread, is_own) = (self.inbox.has_unread(peer, api), peer == self.me);
        let Some(session) = self.live_mut(peer, api) else {
            return;
        };
        if let Some(since) = session.ending_since {
            let is_silent = now.saturating_duration_since(since) >= config.timeout(api);
            if is_silent && session.queue.is_empty() {
                self.close(now, peer, api);
            } else if is_silent {
                self.fail(now, peer, api, FailReason::RemoteTimeout);
            }
            return;
        }
        if !session.is_unused(now, config.idle) {
            return;
        }
        if session.is_busy() || has_unread {
            session.used_at = now;
        } else if is_own {
            self.remove_session(peer, api);
        } else {
            let question = session.would_end(now, api);
            self.say(peer, question);
        }
    }
}
