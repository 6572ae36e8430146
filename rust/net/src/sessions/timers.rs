//! What happens to sessions by the passing of time.

use std::collections::BTreeSet;
use std::time::Instant;

use samovar_id::SteamId;

use super::Sessions;
use super::control::Flow;
use super::info::{FailReason, SessionState};

impl Sessions {
    /// When [`Sessions::handle_timeout`] is next due. It may be early, never late.
    pub fn poll_timeout(&self) -> Option<Instant> {
        self.timers.first().map(|(at, _, _)| *at)
    }

    /// Does what is due: lets waiting messages go, asks again, gives up, and forgets.
    pub fn handle_timeout(&mut self, now: Instant) {
        while let Some(&(at, peer, flow)) = self.timers.first()
            && at <= now
        {
            self.timers.pop_first();
            if let Some(found) = self.peers.get_mut(&peer) {
                found.slot_mut(flow).wake_at = None;
            }
            if let Flow::Connection(id) = flow {
                self.pass_connection_time(now, peer, id);
            } else {
                self.expire_pending(now, peer, flow);
                self.pass_time(now, peer, flow);
            }
            self.settle(peer, flow);
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

    fn expire_pending(&mut self, now: Instant, peer: SteamId, flow: Flow) {
        let pending = self
            .peers
            .get(&peer)
            .and_then(|found| found.slot(flow).pending.as_ref());
        if pending.is_some_and(|pending| pending.expires <= now) {
            self.take_pending(peer, flow);
        }
    }

    fn pass_time(&mut self, now: Instant, peer: SteamId, flow: Flow) {
        let config = self.config;
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let Some(session) = found.slot_mut(flow).session.as_deref_mut() else {
            return;
        };
        match session.state {
            SessionState::Requesting | SessionState::Connecting
                if session.is_late(now, &config, flow) =>
            {
                if session.is_used || flow == Flow::Messages {
                    self.fail(now, peer, flow, FailReason::Timeout);
                } else {
                    // It was accepted and never came to anything; no packet of ours has failed to get through.
                    self.remove_session(peer, flow);
                }
            }
            SessionState::Requesting => {
                if session.retransmit_at <= now {
                    self.retransmit(now, peer, flow);
                }
            }
            SessionState::Connecting => {}
            SessionState::Connected => {
                session.queue.flush_due(now);
                if flow == Flow::Messages {
                    self.find_idle(now, peer);
                }
            }
            SessionState::ClosedByPeer | SessionState::Failed => {
                if session.is_unused(now, config.idle) {
                    self.remove_session(peer, flow);
                }
            }
        }
    }

    /// Ends an open Messages session that nobody uses, with the peer's agreement: what it sends at this moment must not
    /// vanish. The slot has to be settled.
    fn find_idle(&mut self, now: Instant, peer: SteamId) {
        let (config, flow) = (self.config, Flow::Messages);
        let (has_unread, is_own) = (self.inbox.has_unread(peer, flow), peer == self.me);
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        if let Some(since) = session.ending_since {
            let is_silent = now.saturating_duration_since(since) >= config.timeout(flow);
            if is_silent && session.queue.is_empty() {
                self.close(now, peer, flow);
            } else if is_silent {
                self.fail(now, peer, flow, FailReason::RemoteTimeout);
            }
            return;
        }
        if !session.is_unused(now, config.idle) {
            return;
        }
        if session.is_busy() || has_unread {
            session.used_at = now;
        } else if is_own {
            self.remove_session(peer, flow);
        } else {
            let question = session.would_end(now, flow);
            self.say(peer, question);
        }
    }
}
