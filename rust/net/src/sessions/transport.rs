//! What the transport does with sessions.

use std::time::Instant;

use samovar_id::SteamId;

use super::types::{
    Api, Control, DisconnectReason, FailReason, Incoming, LinkStats, Message, Outgoing,
    SessionEvent, SessionState,
};
use super::{MAX_CHANNELS, MAX_PENDING_REQUESTS, Pending, REQUEST_LIFE, RETRANSMIT, Sessions};

impl Sessions {
    /// A peer says something about a session.
    pub fn on_control(&mut self, now: Instant, from: SteamId, control: Control) {
        match control {
            Control::Request {
                api,
                incarnation,
                repeat,
            } => self.requested(now, from, api, incarnation, repeat),
            Control::Accept { api, yours, mine } => self.accepted(from, api, yours, mine),
            Control::Close { api, incarnation } => self.closed(from, api, incarnation),
        }
    }

    fn requested(&mut self, now: Instant, from: SteamId, api: Api, incarnation: u64, repeat: u32) {
        if from == self.me || self.is_over(from, api, incarnation) {
            return;
        }
        if let Some(session) = self
            .sessions
            .get_mut(&(from, api))
            .filter(|session| session.is_live())
        {
            let mine = session.mine;
            match session.theirs {
                None => self.open(from, api, incarnation),
                Some(theirs) if theirs == incarnation => {}
                Some(theirs) if theirs > incarnation => return,
                Some(theirs) => {
                    // The peer has started over, so the session of before is over and this is a new question.
                    session.state = SessionState::ClosedByPeer;
                    session.clear_queue();
                    self.note_over(from, api, theirs);
                    return self.post(now, from, api, incarnation, repeat);
                }
            }
            return self.control(
                from,
                Control::Accept {
                    api,
                    yours: incarnation,
                    mine,
                },
            );
        }
        self.post(now, from, api, incarnation, repeat);
    }

    fn post(&mut self, now: Instant, from: SteamId, api: Api, incarnation: u64, repeat: u32) {
        let known = self.pending.get(&(from, api));
        let fresh = known.is_none_or(|known| incarnation > known.theirs || repeat > known.repeat);
        if known.is_some_and(|known| incarnation < known.theirs) {
            return;
        }
        if known.is_none() && self.pending.len() >= MAX_PENDING_REQUESTS {
            let oldest = self
                .pending
                .iter()
                .min_by_key(|(_, pending)| pending.expires)
                .map(|(key, _)| *key);
            oldest.map(|oldest| self.pending.remove(&oldest));
        }
        self.pending.insert(
            (from, api),
            Pending {
                theirs: incarnation,
                repeat,
                expires: now + REQUEST_LIFE,
            },
        );
        if fresh {
            self.event(SessionEvent::Requested { peer: from, api });
        }
    }

    fn accepted(&mut self, from: SteamId, api: Api, yours: u64, mine: u64) {
        match self.sessions.get(&(from, api)) {
            Some(session) if session.is_live() && session.mine == yours => {
                if session.theirs.is_none() {
                    self.open(from, api, mine);
                }
            }
            // It was given up in the meantime.
            _ => self.control(
                from,
                Control::Close {
                    api,
                    incarnation: yours,
                },
            ),
        }
    }

    fn closed(&mut self, from: SteamId, api: Api, incarnation: u64) {
        if self
            .pending
            .get(&(from, api))
            .is_some_and(|pending| pending.theirs <= incarnation)
        {
            self.pending.remove(&(from, api));
        }
        self.note_over(from, api, incarnation);
        if let Some(session) = self.sessions.get_mut(&(from, api))
            && session.is_live()
            && session.theirs.is_some_and(|theirs| theirs <= incarnation)
        {
            session.state = SessionState::ClosedByPeer;
            session.clear_queue();
        }
    }

    /// The next control frame and whom it is for.
    pub fn poll_control(&mut self) -> Option<(SteamId, Control)> {
        self.controls.pop_front()
    }

    /// The next event for the game.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        self.events.pop_front()
    }

    /// There is a connection to the peer.
    pub fn on_connected(&mut self, _now: Instant, peer: SteamId) {
        self.peers.entry(peer).or_default().connected = true;
        for api in [Api::P2p, Api::Messages] {
            if let Some(session) = self.sessions.get_mut(&(peer, api))
                && session.state == SessionState::Connecting
            {
                session.state = SessionState::Connected;
                session.deadline = None;
            }
        }
    }

    /// The connection to the peer is gone: sessions that were open fail, or are closed.
    pub fn on_disconnected(&mut self, _now: Instant, peer: SteamId, reason: DisconnectReason) {
        if let Some(state) = self.peers.get_mut(&peer) {
            state.connected = false;
            state.stats = None;
        }
        for api in [Api::P2p, Api::Messages] {
            let Some(session) = self.sessions.get_mut(&(peer, api)) else {
                continue;
            };
            if session.state != SessionState::Connected {
                continue;
            }
            session.clear_queue();
            let theirs = session.theirs;
            let failed = match reason {
                DisconnectReason::ClosedByPeer => None,
                DisconnectReason::TimedOut => Some(FailReason::RemoteTimeout),
                DisconnectReason::Error => Some(FailReason::Error),
            };
            session.state = if failed.is_some() {
                SessionState::Failed
            } else {
                SessionState::ClosedByPeer
            };
            if let Some(theirs) = theirs {
                self.note_over(peer, api, theirs);
            }
            if let Some(reason) = failed {
                self.event(SessionEvent::Failed { peer, api, reason });
            }
        }
    }

    /// Whether any accepted session needs a connection to the peer.
    pub fn wants_connection(&self, peer: SteamId) -> bool {
        [Api::P2p, Api::Messages].iter().any(|api| {
            self.sessions.get(&(peer, *api)).is_some_and(|session| {
                matches!(
                    session.state,
                    SessionState::Connecting | SessionState::Connected
                )
            })
        })
    }

    /// The next message for a connected peer that need not wait, of a channel that may send a message of its delivery
    /// now.
    pub fn poll_outgoing(
        &mut self,
        now: Instant,
        peer: SteamId,
        may_send: impl Fn(Api, u64, u32, bool) -> bool,
    ) -> Option<Outgoing> {
        for api in [Api::P2p, Api::Messages] {
            let Some(session) = self.sessions.get_mut(&(peer, api)) else {
                continue;
            };
            if session.state != SessionState::Connected
                || session.hold_until.is_some_and(|until| now < until)
            {
                continue;
            }
            let incarnation = session.mine;
            let next = session
                .outbox
                .pop(|channel, reliable| may_send(api, incarnation, channel, reliable));
            let Some((channel, queued)) = next else {
                continue;
            };
            if session.outbox.messages == 0 {
                session.hold_until = None;
            }
            return Some(Outgoing {
                api,
                incarnation,
                channel,
                reliable: queued.reliable,
                data: queued.data,
            });
        }
        None
    }

    /// A message has arrived. Dropped when its session is not open, or, if unreliable, when nobody reads.
    pub fn deliver(&mut self, now: Instant, peer: SteamId, incoming: Incoming) {
        let Incoming {
            api,
            incarnation,
            channel,
            reliable,
            data,
        } = incoming;
        let over = self.is_over(peer, api, incarnation);
        let Some(session) = self
            .sessions
            .get_mut(&(peer, api))
            .filter(|session| session.is_live())
        else {
            return;
        };
        match session.theirs {
            Some(theirs) if theirs == incarnation => {}
            // Its acceptance is still on the way: on a connection only who accepted sends.
            None if !over => self.open(peer, api, incarnation),
            _ => return,
        }
        let room = self.receive_room(peer, api, channel);
        let Some(session) = self.sessions.get_mut(&(peer, api)) else {
            return;
        };
        let known = session.channels_in.contains(&channel);
        if (!known && session.channels_in.len() >= MAX_CHANNELS) || (!reliable && !room) {
            return;
        }
        session.channels_in.insert(channel);
        session.used_at = now;
        let number = session.next_number;
        session.next_number += 1;
        self.inbox.push(Message {
            peer,
            api,
            channel,
            reliable,
            number,
            received: now,
            data,
        });
    }

    /// Whether a reliable message of a peer may be read from its stream: not while too much waits to be read.
    pub fn receive_room(&self, peer: SteamId, api: Api, channel: u32) -> bool {
        let (bytes, messages) = self.inbox.waiting(peer, api, channel);
        bytes < self.config.receive_limit && messages < self.config.receive_messages
    }

    /// Notes what is known of the connection to a peer.
    pub fn set_link_stats(&mut self, peer: SteamId, stats: LinkStats) {
        if let Some(state) = self.peers.get_mut(&peer) {
            state.stats = Some(stats);
        }
    }

    /// Asks again at once for what is unanswered: the way to the peers has changed.
    pub fn retry_requests(&mut self, now: Instant) {
        for session in self.sessions.values_mut() {
            if matches!(
                session.state,
                SessionState::Requesting | SessionState::Connecting
            ) {
                session.retransmit_at = now;
            }
        }
        self.handle_timeout(now);
    }

    /// When [`Sessions::handle_timeout`] is next due.
    pub fn poll_timeout(&self) -> Option<Instant> {
        let sessions = self.sessions.iter().filter_map(|((_, api), session)| {
            let retransmit = matches!(
                session.state,
                SessionState::Requesting | SessionState::Connecting
            );
            let idle = (*api == Api::Messages).then(|| session.used_at + self.config.messages_idle);
            let hold = session
                .hold_until
                .filter(|_| session.state == SessionState::Connected);
            let due = [
                session.deadline.filter(|_| session.is_live()),
                retransmit.then_some(session.retransmit_at),
                idle,
                hold,
            ];
            due.into_iter().flatten().min()
        });
        sessions
            .chain(self.pending.values().map(|pending| pending.expires))
            .min()
    }

    /// Ends, repeats and forgets what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.pending.retain(|_, pending| pending.expires > now);
        let due: Vec<(SteamId, Api)> = self.sessions.keys().copied().collect();
        for (peer, api) in due {
            self.handle_session_timeout(now, peer, api);
        }
    }

    fn handle_session_timeout(&mut self, now: Instant, peer: SteamId, api: Api) {
        let idle_after = self.config.messages_idle;
        let Some(session) = self.sessions.get_mut(&(peer, api)) else {
            return;
        };
        if session.hold_until.is_some_and(|until| until <= now) {
            session.hold_until = None;
        }
        if session.is_live() && session.deadline.is_some_and(|deadline| deadline <= now) {
            session.state = SessionState::Failed;
            session.clear_queue();
            session.deadline = None;
            let theirs = session.theirs;
            if let Some(theirs) = theirs {
                self.note_over(peer, api, theirs);
            }
            self.event(SessionEvent::Failed {
                peer,
                api,
                reason: FailReason::Timeout,
            });
        } else if api == Api::Messages && session.used_at + idle_after <= now {
            self.close(now, peer, api);
        } else if session.retransmit_at <= now {
            session.retransmit_at = now + RETRANSMIT;
            let (mine, repeat) = (session.mine, session.repeat);
            match (session.state, session.theirs) {
                (SessionState::Requesting, _) => {
                    self.control(
                        peer,
                        Control::Request {
                            api,
                            incarnation: mine,
                            repeat,
                        },
                    );
                }
                (SessionState::Connecting, Some(theirs)) => {
                    self.control(
                        peer,
                        Control::Accept {
                            api,
                            yours: theirs,
                            mine,
                        },
                    );
                }
                _ => {}
            }
        }
    }
}
