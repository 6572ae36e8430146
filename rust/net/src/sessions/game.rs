//! What the game does with its sessions.

use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;

use super::config::{MAX_ACCEPTED, MAX_CHANNELS, MAX_UNRELIABLE, NO_DELAY_BACKLOG, max_message};
use super::control::{ConnectionEnd, Control, Flow};
use super::info::{LinkStats, SessionInfo, SessionState};
use super::message::{Delivery, Message, Nagle, SendError};
use super::session::Session;
use super::{SessionConfig, Sessions};

/// How long buffered P2P packets wait (`isteamnetworking.h`).
const P2P_BUFFERING: Duration = Duration::from_millis(200);

impl Sessions {
    /// Sends a message to a peer: with a session that is there, by accepting one that the peer asks for, or by asking
    /// for one. Returns the message's number in the session, from 1; 0 if it was dropped because it must not wait
    /// (P2P).
    ///
    /// What is sent to oneself has arrived on return.
    ///
    /// # Errors
    /// See [`SendError`].
    pub fn send(
        &mut self,
        now: Instant,
        peer: SteamId,
        flow: Flow,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) -> Result<u64, SendError> {
        let max = max_message(flow, delivery.reliable);
        if data.len() > max {
            return Err(SendError::TooLarge { max });
        }
        if data.is_empty() && flow == Flow::P2p {
            return Err(SendError::Empty);
        }
        if flow.connection().is_some() {
            let live = self.live(peer, flow);
            let is_closing = |session: &Session| session.connection.lingers_until.is_some();
            if live.is_none_or(is_closing) {
                return Err(SendError::NoConnection);
            }
        } else if self.live(peer, flow).is_none() {
            self.start(now, peer, flow, delivery.autorestart)?;
        }
        if peer == self.me {
            let data = Bytes::copy_from_slice(data);
            return self.send_to_self(now, flow, channel, delivery.reliable, data);
        }
        let config = &self.config;
        let Some(found) = self.peers.get_mut(&peer) else {
            return Err(SendError::NoConnection);
        };
        if !std::mem::replace(&mut found.is_changed, true) {
            self.changed.insert(peer);
        }
        let Some(session) = found.live_mut(flow) else {
            return Err(SendError::NoConnection);
        };
        let (flush_at, was_used) = (session.queue.flush_at(), session.is_used);
        let sent = session.send(now, config, flow, channel, delivery, data);
        let asks_again = (flow.connection().is_none() && session.repeats(now, config))
            .then(|| session.request(flow));
        if session.queue.flush_at() != flush_at
            || session.is_used != was_used
            || asks_again.is_some()
        {
            self.settle(peer, flow);
        }
        if let Some(request) = asks_again {
            self.say(peer, request);
        }
        sent
    }

    /// Begins a session because the game sends.
    fn start(
        &mut self,
        now: Instant,
        peer: SteamId,
        flow: Flow,
        autorestart: bool,
    ) -> Result<(), SendError> {
        let slot = self.peers.get(&peer).map(|found| found.slot(flow));
        let asked = slot
            .and_then(|slot| slot.pending.as_ref())
            .map(|pending| pending.incarnation);
        if let Some(over) = slot.and_then(|slot| slot.session.as_ref())
            && !(flow == Flow::P2p || autorestart || over.restarts || asked.is_some())
        {
            return Err(SendError::NoConnection);
        }
        self.begin(now, peer, flow, asked)?;
        if flow == Flow::P2p {
            self.accepted.remove(&peer);
        }
        self.take_pending(peer, flow);
        if peer == self.me
            && let Some(session) = self.live_mut(peer, flow)
        {
            session.opened();
        }
        self.settle(peer, flow);
        Ok(())
    }

    fn send_to_self(
        &mut self,
        now: Instant,
        flow: Flow,
        channel: u32,
        reliable: bool,
        data: Bytes,
    ) -> Result<u64, SendError> {
        let (config, peer) = (self.config, self.me);
        let Some(session) = self.live_mut(peer, flow) else {
            return Err(SendError::NoConnection);
        };
        let number = session.sent + 1;
        let message = Message {
            peer,
            flow,
            channel,
            reliable,
            number,
            received: now,
            data,
        };
        if !self.inbox.push(&config, message) {
            return Err(SendError::LimitExceeded);
        }
        if let Some(session) = self.live_mut(peer, flow) {
            session.sent = number;
            session.used_at = now;
        }
        Ok(number)
    }

    /// The size in bytes of the next message on a channel, from whichever peer.
    /// Of a connection, `None`: it is read by [`Sessions::receive_from`].
    pub fn available(&mut self, flow: Flow, channel: u32) -> Option<usize> {
        self.inbox.front(flow, channel)
    }

    /// Takes the next message of a channel, in the order of arrival over all peers; `None` of a connection.
    pub fn receive(&mut self, flow: Flow, channel: u32) -> Option<Message> {
        let message = self.inbox.pop(flow, channel)?;
        self.taken_by_game(message.peer);
        Some(message)
    }

    /// The game has taken a message of a peer's: there may be room for more.
    pub(super) fn taken_by_game(&mut self, peer: SteamId) {
        if self.without_room.remove(&peer) {
            self.changed.insert(peer);
        }
    }

    /// Whether the endpoint has been told since this was last asked that there is no room: when something has been
    /// received then, it should be woken.
    pub fn take_waits_for_room(&mut self) -> bool {
        std::mem::take(&mut self.waits_for_room)
    }

    /// Lets a peer talk. May be called again. Of P2P also before the peer has asked, and then nobody is asked when it does.
    /// Of Messages, false when it has not asked and there is no session that is neither closed nor failed.
    /// Of a connection, false when the peer does not ask for it and it is not open or opening.
    pub fn accept(&mut self, now: Instant, peer: SteamId, flow: Flow) -> bool {
        if let Flow::Connection(id) = flow {
            return self.accept_connection(now, peer, id);
        }
        let slot = self.peers.get(&peer).map(|found| found.slot(flow));
        let is_live = slot.is_some_and(|slot| slot.live().is_some());
        let pending = slot.and_then(|slot| slot.pending.as_ref());
        let Some(theirs) = pending.map(|pending| pending.incarnation) else {
            if flow == Flow::P2p && !is_live && peer != self.me {
                self.accept_ahead(peer);
                return true;
            }
            return is_live;
        };
        let accepted = self.begin(now, peer, flow, Some(theirs)).is_ok();
        if accepted {
            self.take_pending(peer, flow);
            self.settle(peer, flow);
        }
        accepted
    }

    fn accept_ahead(&mut self, peer: SteamId) {
        self.accepted.insert(peer, self.next_accepted);
        self.next_accepted += 1;
        if self.accepted.len() > MAX_ACCEPTED {
            let first = self.accepted.iter().min_by_key(|(_, order)| **order);
            if let Some(first) = first.map(|(peer, _)| *peer) {
                self.accepted.remove(&first);
            }
        }
    }

    /// Ends a session, or leaves a request unanswered. What is queued and what has not been read is dropped. False when
    /// there was neither.
    pub fn close(&mut self, now: Instant, peer: SteamId, flow: Flow) -> bool {
        if let Flow::Connection(id) = flow {
            return self.close_connection(now, peer, id, ConnectionEnd::default(), None);
        }
        let was_accepted = flow == Flow::P2p && self.accepted.remove(&peer).is_some();
        let pending = self.take_pending(peer, flow);
        let session = self.remove_session(peer, flow);
        if let Some(session) = &session
            && session.state.is_live()
            && peer != self.me
        {
            if let Some(theirs) = session.theirs {
                let was_open = session.state == SessionState::Connected;
                self.records.update(now, peer, flow, |record| {
                    if was_open {
                        record.close(theirs);
                    } else {
                        // The peer may not hear of this and go on asking, to be answered by the next session.
                        record.seen = record.seen.max((theirs, 0));
                    }
                });
                if was_open && let Some(found) = self.peers.get_mut(&peer) {
                    found.slot_mut(flow).note_told(theirs);
                }
            }
            let yours = session.theirs.unwrap_or(0);
            self.say(
                peer,
                Control::Close {
                    flow,
                    incarnation: session.mine,
                    yours,
                    idle: false,
                },
            );
        }
        self.settle(peer, flow);
        was_accepted || pending.is_some() || session.is_some()
    }

    /// Ends one channel: what is queued on it and what has not been read is dropped. With the last channel that either
    /// side has used, the session ends. False when the channel was not used, and of a connection, whose lanes go with it.
    pub fn close_channel(&mut self, now: Instant, peer: SteamId, flow: Flow, channel: u32) -> bool {
        if flow.connection().is_some() {
            return false;
        }
        let Some(slot) = self.peers.get_mut(&peer).map(|found| found.slot_mut(flow)) else {
            return false;
        };
        let Some(session) = slot.session.as_deref_mut() else {
            return false;
        };
        let sent = session.channels.remove(&channel);
        if sent {
            session.queue.drop_channel(channel);
        }
        let is_last = session.channels.is_empty();
        let received = self.inbox.has_channel(peer, flow, channel);
        self.inbox.drop_channel(peer, flow, channel);
        if !sent && !received {
            return false;
        }
        if is_last && !self.inbox.has_channels(peer, flow) {
            self.close(now, peer, flow);
        } else {
            self.settle(peer, flow);
        }
        true
    }

    /// How a session is; `None` when there is none. A request that the game has not answered is none.
    pub fn info(&self, _now: Instant, peer: SteamId, flow: Flow) -> Option<SessionInfo> {
        let found = self.peers.get(&peer)?;
        let session = found.slot(flow).session.as_ref()?;
        Some(SessionInfo {
            state: session.state,
            queued_bytes: session.queue.bytes(),
            queued_reliable_bytes: session.queue.reliable_bytes(),
            queued_messages: session.queue.len(),
            in_flight_bytes: session.queue.in_flight(),
            unacknowledged_bytes: session.unacknowledged,
            error: session.error,
            link: found.link.clone().map(|link| LinkStats {
                local_quality: found.quality,
                ..link
            }),
        })
    }
}

impl Session {
    /// Queues a message.
    fn send(
        &mut self,
        now: Instant,
        config: &SessionConfig,
        flow: Flow,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) -> Result<u64, SendError> {
        if self.queue.lanes().is_without(channel) {
            return Err(SendError::TooMany);
        }
        if !self.channels.contains(&channel) {
            if self.channels.len() >= MAX_CHANNELS {
                return Err(SendError::TooMany);
            }
            self.channels.insert(channel);
        }
        self.used_at = now;
        if !self.is_used {
            self.is_used = true;
            self.waiting_since = now;
        }
        let is_open = self.state == SessionState::Connected;
        // Steam knows the flag for unreliable messages only.
        if delivery.no_delay && !delivery.reliable {
            match flow {
                Flow::P2p if !is_open => return Ok(0),
                Flow::Connection(_) if !is_open => return Err(SendError::Ignored),
                Flow::Messages | Flow::Connection(_)
                    if is_open && self.queue.bytes() > NO_DELAY_BACKLOG =>
                {
                    return Err(SendError::Ignored);
                }
                _ => {}
            }
        }
        if !self
            .queue
            .has_room(self.send_limit(config, flow), channel, data.len())
        {
            return Err(SendError::LimitExceeded);
        }
        // What has to wait for the session is sent reliably, as Steam has always done and games rely on.
        let reliable = delivery.reliable || !is_open || data.len() > MAX_UNRELIABLE;
        match delivery.nagle {
            // Until it is open everything waits anyway.
            _ if !is_open => self.queue.push_ready(channel, reliable, data),
            Nagle::P2pBuffering => {
                self.queue
                    .push_held(now, P2P_BUFFERING, channel, reliable, data);
            }
            Nagle::Messages => {
                let wait = self.connection.nagle.unwrap_or(config.messages_nagle);
                self.queue.push_held(now, wait, channel, reliable, data);
            }
            Nagle::None => {
                if flow != Flow::P2p || reliable {
                    self.queue.flush();
                }
                self.queue.push_ready(channel, reliable, data);
            }
        }
        self.sent += 1;
        Ok(self.sent)
    }
}
