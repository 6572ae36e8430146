//! How two sides agree on a session, and how it ends.

use std::time::Instant;

use samovar_id::SteamId;

use super::Sessions;
use super::config::{MAX_PENDING_REQUESTS, PENDING_MARGIN};
use super::consent::Word;
use super::control::{Control, Flow};
use super::info::{SessionEvent, SessionState};
use super::session::Pending;

impl Sessions {
    /// A peer has said something about a session. It must be certain that it was this peer; nothing else is.
    pub fn on_control(&mut self, now: Instant, from: SteamId, control: Control) {
        if from == self.me {
            return;
        }
        match control {
            Control::Request {
                flow: Flow::Connection(id),
                incarnation,
                ..
            } => {
                if incarnation == id.number {
                    self.on_connection_word(now, from, id, Word::Request);
                }
            }
            Control::Accept {
                flow: Flow::Connection(id),
                yours,
                mine,
            } => {
                if (yours, mine) == (id.number, id.number) {
                    self.on_connection_word(now, from, id, Word::Accept);
                }
            }
            Control::End { id, sent, end } => self.on_end(now, from, id, sent, end),
            // Connections have none.
            Control::Close {
                flow: Flow::Connection(_),
                ..
            }
            | Control::Idle {
                flow: Flow::Connection(_),
                ..
            }
            | Control::Busy {
                flow: Flow::Connection(_),
                ..
            } => {}
            Control::Request {
                flow,
                incarnation,
                repeat,
            } => self.on_request(now, from, flow, incarnation, repeat),
            Control::Accept { flow, yours, mine } => self.on_accept(now, from, flow, yours, mine),
            Control::Close {
                flow,
                incarnation,
                yours,
                idle,
            } => self.on_close(now, from, flow, incarnation, yours, idle),
            // The connection's own.
            Control::Room { .. } => {}
            Control::Idle {
                flow,
                incarnation,
                yours,
                sent,
                received,
            } => self.on_idle(now, from, flow, (incarnation, yours), (sent, received)),
            Control::Busy {
                flow,
                incarnation,
                yours,
            } => self.on_busy(now, from, flow, incarnation, yours),
            Control::Quality { percent } => {
                if let Some(found) = self.peers.get_mut(&from).filter(|found| found.connected) {
                    found.quality = Some(percent.min(100));
                }
            }
        }
    }

    /// Having asked, or having a session, means to accept.
    fn on_request(
        &mut self,
        now: Instant,
        from: SteamId,
        flow: Flow,
        incarnation: u64,
        repeat: u32,
    ) {
        let Some(session) = self.live(from, flow) else {
            return self.ask_game(now, from, flow, incarnation, repeat);
        };
        let theirs = session.theirs;
        let record = self.records.get(now, from, flow);
        let is_late = match theirs {
            Some(theirs) => {
                incarnation < theirs || (incarnation > theirs && incarnation <= record.closed)
            }
            None => record.is_late(incarnation, repeat),
        };
        if is_late {
            return;
        }
        match theirs {
            None => self.agree(now, from, flow, incarnation),
            Some(theirs) if incarnation > theirs => {
                self.renew(now, from, flow, theirs, incarnation);
            }
            Some(_) => {}
        }
        self.records.update(now, from, flow, |record| {
            record.seen = record.seen.max((incarnation, repeat));
        });
        if let Some(session) = self.live(from, flow) {
            let mine = session.mine;
            self.say(
                from,
                Control::Accept {
                    flow,
                    yours: incarnation,
                    mine,
                },
            );
        }
    }

    /// The peer has begun a new session, without our having heard of the end of the one before. What was sent in that
    /// one may be lost; what is queued goes with the new one.
    fn renew(&mut self, now: Instant, from: SteamId, flow: Flow, old: u64, new: u64) {
        self.records
            .update(now, from, flow, |record| record.close(old));
        let mine = self.new_incarnation();
        let connected = self.is_connected(from);
        let Some(session) = self.live_mut(from, flow) else {
            return;
        };
        session.renewed(mine);
        session.waiting_since = now;
        session.agreed(new, connected);
        self.settle(from, flow);
    }

    fn agree(&mut self, now: Instant, from: SteamId, flow: Flow, theirs: u64) {
        let connected = self.is_connected(from);
        if let Some(session) = self.live_mut(from, flow) {
            session.used_at = now;
            session.agreed(theirs, connected);
        }
        self.settle(from, flow);
    }

    /// Posts a request, unless that has been done.
    fn ask_game(&mut self, now: Instant, from: SteamId, flow: Flow, incarnation: u64, repeat: u32) {
        if incarnation == 0 {
            return;
        }
        let expires = now
            .checked_add(self.config.timeout(flow).saturating_add(PENDING_MARGIN))
            .unwrap_or(now);
        if let Some(found) = self.peers.get_mut(&from)
            && let Some(pending) = &mut found.slot_mut(flow).pending
            && pending.incarnation == incarnation
        {
            pending.expires = expires;
        }
        if !self
            .records
            .get(now, from, flow)
            .is_news(incarnation, repeat)
        {
            return self.settle(from, flow);
        }
        self.records.update(now, from, flow, |record| {
            record.seen = (incarnation, repeat);
        });
        self.take_pending(from, flow);
        if flow == Flow::P2p
            && self.accepted.contains_key(&from)
            && self.begin(now, from, flow, Some(incarnation)).is_ok()
        {
            self.accepted.remove(&from);
            return self.settle(from, flow);
        }
        if self.pending.len() >= MAX_PENDING_REQUESTS
            && let Some((_, (peer, flow))) = self
                .pending
                .first_key_value()
                .map(|(order, key)| (*order, *key))
        {
            if let Some(forgotten) = self.take_pending(peer, flow) {
                // When it comes again, it is news.
                self.records.update(now, peer, flow, |record| {
                    record.unsee(forgotten.incarnation);
                });
            }
            self.settle(peer, flow);
        }
        let order = self.next_pending;
        self.next_pending += 1;
        self.pending.insert(order, (from, flow));
        let slot = self.peers.entry(from).or_default().slot_mut(flow);
        slot.pending = Some(Pending {
            incarnation,
            order,
            expires,
        });
        if !std::mem::replace(&mut slot.posted, true) {
            self.post(SessionEvent::Requested { peer: from, flow });
        }
        self.settle(from, flow);
    }

    /// Takes the request that waits for an answer. The slot has to be settled.
    pub(super) fn take_pending(&mut self, peer: SteamId, flow: Flow) -> Option<Pending> {
        let pending = self.peers.get_mut(&peer)?.slot_mut(flow).pending.take()?;
        self.pending.remove(&pending.order);
        Some(pending)
    }

    fn on_accept(&mut self, now: Instant, from: SteamId, flow: Flow, yours: u64, mine: u64) {
        let Some(session) = self.live(from, flow) else {
            // Somebody whom an earlier process asked, and this one has not: they want to talk, and wait for it.
            if yours < self.first_incarnation {
                return self.on_request(now, from, flow, mine, 0);
            }
            return self.say_over(from, flow, yours, mine);
        };
        // Another session is meant when the request and its answer have crossed: ours asks for itself.
        if session.mine != yours {
            return;
        }
        match session.theirs {
            None => self.agree(now, from, flow, mine),
            Some(theirs) if theirs < mine => {
                self.records
                    .update(now, from, flow, |record| record.close(theirs));
                self.agree(now, from, flow, mine);
            }
            Some(_) => {}
        }
    }

    fn on_close(
        &mut self,
        now: Instant,
        from: SteamId,
        flow: Flow,
        incarnation: u64,
        yours: u64,
        idle: bool,
    ) {
        if incarnation != 0 {
            self.records
                .update(now, from, flow, |record| record.close(incarnation));
        }
        let Some(found) = self.peers.get_mut(&from) else {
            return;
        };
        found.slot_mut(flow).note_told(incarnation);
        if found
            .slot(flow)
            .pending
            .as_ref()
            .is_some_and(|pending| pending.incarnation <= incarnation)
        {
            self.take_pending(from, flow);
        }
        if let Some(session) = self.live_mut(from, flow) {
            let theirs = session.theirs.unwrap_or(0);
            // Theirs may have changed since, and with it what the closing is about.
            let is_outdated = incarnation != 0 && incarnation < theirs;
            // With a later session of the peer's, this one is over too.
            let is_meant = session.mine == yours || (theirs != 0 && incarnation >= theirs);
            if is_meant && !is_outdated {
                // What this side has sent has arrived only if it had asked, and sent nothing since.
                let idle = idle && session.ending_since.is_some();
                self.closed_by_peer(now, from, flow, idle);
            }
        }
        self.settle(from, flow);
    }

    /// The peer would end a session that nobody uses. It ends if all that was sent has arrived, on both sides, and nothing
    /// waits here.
    fn on_idle(
        &mut self,
        now: Instant,
        from: SteamId,
        flow: Flow,
        (incarnation, yours): (u64, u64),
        (sent, received): (u64, u64),
    ) {
        let idle = self.config.idle;
        let Some(session) = self.live(from, flow) else {
            return self.say_over(from, flow, yours, incarnation);
        };
        // One that has been renewed meanwhile says so itself.
        if session.mine != yours || session.theirs != Some(incarnation) {
            return;
        }
        let is_done = received == session.sent_reliably && sent == session.received_reliably;
        if is_done && session.queue.is_empty() && session.is_unused(now, idle / 2) {
            self.say(
                from,
                Control::Close {
                    flow,
                    incarnation: yours,
                    yours: incarnation,
                    idle: true,
                },
            );
            self.closed_by_peer(now, from, flow, true);
            self.settle(from, flow);
        } else {
            self.say(
                from,
                Control::Busy {
                    flow,
                    incarnation: yours,
                    yours: incarnation,
                },
            );
        }
    }

    /// The peer still uses the session.
    fn on_busy(&mut self, now: Instant, from: SteamId, flow: Flow, incarnation: u64, yours: u64) {
        if let Some(session) = self.live_mut(from, flow)
            && session.mine == yours
            && session.theirs == Some(incarnation)
            && session.ending_since.take().is_some()
        {
            session.used_at = now;
        }
        self.settle(from, flow);
    }

    /// The slot has to be settled.
    pub(super) fn closed_by_peer(&mut self, now: Instant, peer: SteamId, flow: Flow, idle: bool) {
        let has_unread = self.inbox.has_unread(peer, flow);
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        if let Some(theirs) = session.theirs {
            self.records
                .update(now, peer, flow, |record| record.close(theirs));
            if let Some(found) = self.peers.get_mut(&peer) {
                found.slot_mut(flow).note_told(theirs);
            }
        }
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        if !idle {
            session.ended(now, SessionState::ClosedByPeer);
        } else if !session.queue.is_empty() {
            self.ask_anew(now, peer, flow);
        } else if has_unread {
            session.ended(now, SessionState::ClosedByPeer);
            session.restarts = true;
        } else {
            self.remove_session(peer, flow);
        }
    }

    /// Asks for a session again with what is queued in this one.
    fn ask_anew(&mut self, now: Instant, peer: SteamId, flow: Flow) {
        let mine = self.new_incarnation();
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        session.ask_anew(now, mine);
        let request = session.request(flow);
        self.say(peer, request);
    }
}
