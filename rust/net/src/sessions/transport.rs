//! What the endpoint does with the sessions.

use std::time::Instant;

use bytes::Bytes;
use samovar_id::SteamId;

use super::config::max_message;
use super::control::{Control, Flow};
use super::info::{DisconnectReason, FailReason, LinkStats, SessionEvent, SessionState};
use super::message::{Incoming, Message, Origin, Outgoing};
use super::{Peer, Sessions};

/// What waits of a channel in the connection.
#[derive(Clone, Copy, Debug)]
pub struct Waiting {
    /// The channel, of which there may be several.
    pub channel: u32,
    /// How many bytes the endpoint has taken and QUIC has not.
    pub bytes: usize,
    /// How many bytes of reliable messages QUIC has taken and the peer has not acknowledged.
    pub unacknowledged: usize,
}

impl Sessions {
    /// The next control frame, and whom it is for. Requests and acceptances need not arrive; a [`Control::Close`] is of
    /// use on a connection only.
    pub fn poll_control(&mut self) -> Option<(SteamId, Control)> {
        self.words.pop()
    }

    /// The next event for the game.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        let event = self.events.pop_front()?;
        if let SessionEvent::Requested { peer, flow } = event
            && let Some(found) = self.peers.get_mut(&peer)
        {
            found.slot_mut(flow).posted = false;
        }
        Some(event)
    }

    /// There is a connection to the peer. It stays known until [`Sessions::on_disconnected`], sessions or not.
    pub fn on_connected(&mut self, now: Instant, peer: SteamId) {
        if peer == self.me {
            return;
        }
        self.peers.entry(peer).or_default().connected = true;
        for flow in self.flows(peer) {
            if let Flow::Connection(id) = flow {
                self.on_connection_linked(now, peer, id);
                self.settle(peer, flow);
                continue;
            }
            let Some(session) = self.live_mut(peer, flow) else {
                continue;
            };
            match session.state {
                SessionState::Connecting => {
                    session.used_at = now;
                    session.opened();
                }
                // It may have been lost on the way round.
                SessionState::Requesting => {
                    let request = session.request(flow);
                    self.say(peer, request);
                }
                _ => {}
            }
            self.settle(peer, flow);
        }
        self.settle_peer(peer);
    }

    /// The connection to the peer is gone. Its open sessions fail, or are closed by the peer; those that are not open
    /// yet go on waiting.
    pub fn on_disconnected(&mut self, now: Instant, peer: SteamId, reason: DisconnectReason) {
        let Some(found) = self.peers.get_mut(&peer).filter(|_| peer != self.me) else {
            return;
        };
        found.connected = false;
        found.link = None;
        found.quality = None;
        for (_, slot) in found.slots_mut() {
            slot.told = 0;
        }
        let flows = found.flows();
        for flow in flows {
            if let Flow::Connection(id) = flow {
                self.on_connection_unlinked(now, peer, id, reason);
            } else if self
                .live(peer, flow)
                .is_some_and(|session| session.state == SessionState::Connected)
            {
                match reason {
                    DisconnectReason::ClosedByPeer => self.closed_by_peer(now, peer, flow, false),
                    DisconnectReason::TimedOut => {
                        self.fail(now, peer, flow, FailReason::RemoteTimeout);
                    }
                    DisconnectReason::Error => self.fail(now, peer, flow, FailReason::Error),
                }
            }
            self.settle(peer, flow);
        }
        self.settle_peer(peer);
    }

    /// The slot has to be settled.
    pub(super) fn fail(&mut self, now: Instant, peer: SteamId, flow: Flow, reason: FailReason) {
        let Some(session) = self.live_mut(peer, flow) else {
            return;
        };
        session.ended(now, SessionState::Failed);
        session.error = Some(reason);
        if let Some(theirs) = session.theirs {
            self.records
                .update(now, peer, flow, |record| record.reopen(theirs));
        }
        self.post(SessionEvent::Failed { peer, flow, reason });
    }

    /// Whether there is an accepted session, so that there should be a connection to the peer.
    pub fn wants_connection(&self, peer: SteamId) -> bool {
        let slots = self.peers.get(&peer).into_iter().flat_map(Peer::slots);
        peer != self.me
            && slots
                .filter_map(|(_, slot)| slot.live())
                .any(|session| session.state != SessionState::Requesting)
    }

    /// The next message for a connected peer that may go now. As [`Sessions::take_outgoing`].
    pub fn poll_outgoing(
        &mut self,
        now: Instant,
        peer: SteamId,
        may_send: impl Fn(Flow, u64, u32, bool) -> bool,
    ) -> Option<Outgoing> {
        let mut next = None;
        self.take_outgoing(now, peer, may_send, |outgoing| {
            next = Some(outgoing);
            false
        });
        next
    }

    /// Hands over messages for a connected peer that may go now, until there are no more or `take` wants no more; the
    /// flows take turns.
    ///
    /// `may_send` says whether the connection takes messages of an interface, an incarnation of its session, a channel,
    /// and reliable ones or not. Those that it does not take hold up no others.
    pub fn take_outgoing(
        &mut self,
        now: Instant,
        peer: SteamId,
        may_send: impl Fn(Flow, u64, u32, bool) -> bool,
        mut take: impl FnMut(Outgoing) -> bool,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let ahead = found.ahead;
        for _ in 0..found.len() {
            let flow = found.next_turn();
            let Some(session) = found.live_mut(flow) else {
                continue;
            };
            if session.state != SessionState::Connected || session.ending_since.is_some() {
                continue;
            }
            session.queue.flush_due(now);
            let incarnation = session.mine;
            // What is on the way goes before what has no better a lane.
            let ahead = ahead.filter(|_| session.queue.lanes().is_configured());
            while let Some(queued) = session.queue.pop(|lanes, channel, reliable| {
                may_send(flow, incarnation, channel, reliable)
                    && ahead.is_none_or(|ahead| lanes.before(channel) < ahead)
            }) {
                session.sent_reliably += u64::from(queued.reliable);
                let outgoing = Outgoing {
                    flow,
                    incarnation,
                    channel: queued.channel,
                    reliable: queued.reliable,
                    rank: session.queue.lanes().rank(queued.channel),
                    data: queued.data,
                };
                if !take(outgoing) {
                    return;
                }
            }
        }
    }

    /// A message has come on the peer's connection. It is dropped if it belongs to no session, and where there is no
    /// room.
    pub fn deliver(&mut self, now: Instant, peer: SteamId, incoming: Incoming) {
        let Incoming {
            flow,
            incarnation,
            channel,
            reliable,
            data,
        } = incoming;
        let origin = Origin {
            flow,
            incarnation,
            channel,
            reliable,
        };
        let mut data = Some(data);
        self.deliver_all(now, peer, origin, || data.take());
    }

    /// Messages have come on the peer's connection: takes them from `next` while there is room. False when there is none,
    /// and there may be more: then the endpoint leaves the stream alone, and is to be woken as
    /// [`Sessions::take_waits_for_room`] says. What belongs to no session is dropped, and has room.
    pub fn deliver_all(
        &mut self,
        now: Instant,
        peer: SteamId,
        origin: Origin,
        next: impl FnMut() -> Option<Bytes>,
    ) -> bool {
        let took_all = self.deliver_what_fits(now, peer, origin, next);
        if let Flow::Connection(id) = origin.flow
            && origin.reliable
        {
            self.connection_delivered(now, peer, id);
        }
        took_all
    }

    fn deliver_what_fits(
        &mut self,
        now: Instant,
        peer: SteamId,
        origin: Origin,
        mut next: impl FnMut() -> Option<Bytes>,
    ) -> bool {
        let Origin {
            flow,
            incarnation,
            channel,
            reliable,
        } = origin;
        let config = self.config;
        let max = max_message(flow, true);
        // A game that asks for the size of the next packet takes 0 for none, and would never read those behind it.
        let min = usize::from(flow == Flow::P2p);
        let sizes = min..=max;
        let mut next = || std::iter::from_fn(&mut next).find(|data| sizes.contains(&data.len()));
        while self.receive_room(peer, flow, channel) {
            let Some(mut data) = next() else {
                return true;
            };
            if !self.is_expected(now, peer, flow, incarnation) {
                continue;
            }
            let session = self
                .peers
                .get_mut(&peer)
                .and_then(|found| found.live_mut(flow));
            let inlet = self.inbox.inlet(&config, peer, flow, channel);
            let (Some(session), Some(mut inlet)) = (session, inlet) else {
                continue;
            };
            session.used_at = now;
            // What follows goes to the same place.
            loop {
                session.received += 1;
                session.received_reliably += u64::from(reliable);
                inlet.push(Message {
                    peer,
                    flow,
                    channel,
                    reliable,
                    number: session.received,
                    received: now,
                    data,
                });
                if !inlet.has_room(&config) {
                    break;
                }
                data = match next() {
                    Some(data) => data,
                    None => return true,
                };
            }
        }
        false
    }

    /// Whether what the peer sends in this session is for a session here.
    fn is_expected(&mut self, now: Instant, peer: SteamId, flow: Flow, incarnation: u64) -> bool {
        if peer == self.me {
            return false;
        }
        if let Flow::Connection(id) = flow {
            return self.is_expected_in(now, peer, id, incarnation);
        }
        match self.live(peer, flow).map(|session| session.theirs) {
            Some(theirs) if theirs == Some(incarnation) => true,
            Some(_) => self.learn(now, peer, flow, incarnation),
            None => {
                self.deliver_to_nobody(peer, flow, incarnation);
                false
            }
        }
    }

    /// A message of a session that the peer has not named yet: it has accepted ours, and its acceptance is still on
    /// the way. False if it is rather the end of an earlier session.
    fn learn(&mut self, now: Instant, peer: SteamId, flow: Flow, incarnation: u64) -> bool {
        let record = self.records.get(now, peer, flow);
        let connected = self.is_connected(peer);
        let Some(session) = self.live_mut(peer, flow) else {
            return false;
        };
        if incarnation <= record.closed || session.theirs.is_some_and(|theirs| incarnation < theirs)
        {
            return false;
        }
        let old = session.theirs;
        session.agreed(incarnation, connected);
        if let Some(old) = old {
            self.records
                .update(now, peer, flow, |record| record.close(old));
        }
        self.settle(peer, flow);
        true
    }

    /// The peer believes in a session that is over here.
    fn deliver_to_nobody(&mut self, peer: SteamId, flow: Flow, incarnation: u64) {
        let pending = self
            .peers
            .get(&peer)
            .and_then(|found| found.slot(flow).pending.as_ref());
        if pending.is_some_and(|pending| pending.incarnation == incarnation) {
            self.take_pending(peer, flow);
            self.settle(peer, flow);
        }
        self.say_over(peer, flow, 0, incarnation);
    }

    /// Whether a reliable message of the peer can be taken. While it cannot, the endpoint leaves the stream alone, and
    /// is to be woken as [`Sessions::take_waits_for_room`] says.
    /// True also for what [`Sessions::deliver`] would drop, so that it is read away.
    pub fn receive_room(&mut self, peer: SteamId, flow: Flow, channel: u32) -> bool {
        let room = self.live(peer, flow).is_none()
            || self.inbox.has_room(&self.config, peer, flow, channel);
        if !room {
            self.await_room(peer);
        }
        room
    }

    /// How many bytes of a peer's messages on a channel wait to be read.
    pub fn unread(&self, peer: SteamId, flow: Flow, channel: u32) -> usize {
        self.inbox.unread(peer, flow, channel)
    }

    /// Whether the game reads a channel, as far as is known: it has taken a message of the peer's, or found it empty.
    pub fn is_read(&self, peer: SteamId, flow: Flow, channel: u32) -> bool {
        self.inbox.is_read(peer, flow, channel)
    }

    /// The endpoint is to be woken, as [`Sessions::take_waits_for_room`] says, when something of the peer's was read.
    pub fn await_room(&mut self, peer: SteamId) {
        self.waits_for_room = true;
        self.without_room.insert(peer);
    }

    /// Whether the game has sent on a channel of a session that is neither closed nor failed, and not closed the channel
    /// since.
    pub fn uses_channel(&self, peer: SteamId, flow: Flow, channel: u32) -> bool {
        self.live(peer, flow)
            .is_some_and(|session| session.channels.contains(&channel))
    }

    /// The own incarnation of a session that is neither closed nor failed: all that is still to be sent bears it.
    pub fn live_incarnation(&self, peer: SteamId, flow: Flow) -> Option<u64> {
        self.live(peer, flow).map(|session| session.mine)
    }

    /// Whether nothing of the peer's session with this incarnation will be delivered any more. Of a session that is
    /// not known, it is not certain until something has been delivered.
    pub fn is_over(&self, peer: SteamId, flow: Flow, incarnation: u64) -> bool {
        if flow.connection().is_some() {
            return self.live(peer, flow).is_none();
        }
        match self.live(peer, flow).and_then(|session| session.theirs) {
            Some(theirs) => incarnation < theirs,
            None => incarnation <= self.records.closed(peer, flow),
        }
    }

    /// Notes how many bytes of a session's channels the connection has taken and cannot send yet: they count against
    /// the send limit. Replaces what was noted before; a session that begins has none.
    pub fn set_in_flight(
        &mut self,
        peer: SteamId,
        flow: Flow,
        channels: impl IntoIterator<Item = (u32, usize)>,
    ) {
        if let Some(session) = self.live_mut(peer, flow) {
            session.queue.set_in_flight(channels.into_iter());
        }
    }

    /// How many bytes of a connection with lanes may have been taken and not been acknowledged: no more than keeps the
    /// connection busy, since what has been taken goes before what has a better lane.
    pub fn set_ahead(&mut self, peer: SteamId, bytes: usize) {
        if let Some(found) = self.peers.get_mut(&peer) {
            found.ahead = Some(bytes);
        }
    }

    /// Notes the same of all sessions with a peer, and how many bytes of their reliable messages the connection has taken
    /// and the peer has not acknowledged; each flow is asked for. The connection has been given what it takes for now.
    pub fn set_waiting<I: Iterator<Item = Waiting> + Clone>(
        &mut self,
        now: Instant,
        peer: SteamId,
        mut of: impl FnMut(Flow) -> I,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let mut lingers = Vec::new();
        for (flow, slot) in found.slots_mut() {
            if let Some(session) = slot.live_mut() {
                let all = of(flow);
                let queue = &mut session.queue;
                let waiting = |waiting: Waiting| (waiting.channel, waiting.bytes);
                let on_way =
                    |waiting: Waiting| (waiting.channel, waiting.bytes + waiting.unacknowledged);
                queue.set_in_flight(all.clone().map(waiting));
                queue.lanes_mut().set_on_way(all.clone().map(on_way));
                session.unacknowledged = all.map(|waiting| waiting.unacknowledged).sum();
                if session.connection.lingers_until.is_some() {
                    lingers.extend(flow.connection());
                }
            }
        }
        for id in lingers {
            self.end_lingering(now, peer, id);
        }
    }

    /// Notes how many bytes of a session's reliable messages the connection has taken and the peer has not acknowledged.
    pub fn set_unacknowledged(&mut self, peer: SteamId, flow: Flow, bytes: usize) {
        if let Some(session) = self.live_mut(peer, flow) {
            session.unacknowledged = bytes;
        }
    }

    /// Notes what is known of the connection to a peer, until it is gone; but for
    /// [`local_quality`](LinkStats::local_quality), which the peer tells.
    pub fn set_link_stats(&mut self, peer: SteamId, stats: LinkStats) {
        if let Some(found) = self.peers.get_mut(&peer).filter(|found| found.connected) {
            found.link = Some(stats);
        }
    }
}
