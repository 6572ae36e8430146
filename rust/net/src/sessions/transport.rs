//! What the endpoint does with the sessions.

use std::time::Instant;

use bytes::Bytes;
use samovar_id::SteamId;

use super::Sessions;
use super::config::{RETRANSMIT, max_message};
use super::control::{Api, Control};
use super::info::{DisconnectReason, FailReason, LinkStats, SessionEvent, SessionState};
use super::message::{Incoming, Message, Origin, Outgoing};

impl Sessions {
    /// The next control frame, and whom it is for. Requests and acceptances need not arrive; a [`Control::Close`] is of
    /// use on a connection only.
    pub fn poll_control(&mut self) -> Option<(SteamId, Control)> {
        self.words.pop()
    }

    /// The next event for the game.
    pub fn poll_event(&mut self) -> Option<SessionEvent> {
        let event = self.events.pop_front()?;
        if let SessionEvent::Requested { peer, api } = event
            && let Some(found) = self.peers.get_mut(&peer)
        {
            found.slot_mut(api).posted = false;
        }
        Some(event)
    }

    /// There is a connection to the peer. It stays known until [`Sessions::on_disconnected`], sessions or not.
    pub fn on_connected(&mut self, now: Instant, peer: SteamId) {
        if peer == self.me {
            return;
        }
        self.peers.entry(peer).or_default().connected = true;
        for api in Api::ALL {
            let Some(session) = self.live_mut(peer, api) else {
                continue;
            };
            match session.state {
                SessionState::Connecting => {
                    session.used_at = now;
                    session.opened();
                }
                // It may have been lost on the way round.
                SessionState::Requesting => {
                    let request = session.request(api);
                    self.say(peer, request);
                }
                _ => {}
            }
            self.settle(peer, api);
        }
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
        for api in Api::ALL {
            found.slot_mut(api).told = 0;
        }
        for api in Api::ALL {
            if self
                .live(peer, api)
                .is_some_and(|session| session.state == SessionState::Connected)
            {
                match reason {
                    DisconnectReason::ClosedByPeer => self.closed_by_peer(now, peer, api, false),
                    DisconnectReason::TimedOut => {
                        self.fail(now, peer, api, FailReason::RemoteTimeout);
                    }
                    DisconnectReason::Error => self.fail(now, peer, api, FailReason::Error),
                }
            }
            self.settle(peer, api);
        }
    }

    /// The slot has to be settled.
    pub(super) fn fail(&mut self, now: Instant, peer: SteamId, api: Api, reason: FailReason) {
        let Some(session) = self.live_mut(peer, api) else {
            return;
        };
        session.ended(now, SessionState::Failed);
        session.error = Some(reason);
        if let Some(theirs) = session.theirs {
            self.records
                .update(now, peer, api, |record| record.reopen(theirs));
        }
        self.post(SessionEvent::Failed { peer, api, reason });
    }

    /// Whether there is an accepted session, so that there should be a connection to the peer.
    pub fn wants_connection(&self, peer: SteamId) -> bool {
        peer != self.me
            && Api::ALL.iter().any(|api| {
                self.live(peer, *api)
                    .is_some_and(|session| session.state != SessionState::Requesting)
            })
    }

    /// The next message for a connected peer that may go now. As [`Sessions::take_outgoing`].
    pub fn poll_outgoing(
        &mut self,
        now: Instant,
        peer: SteamId,
        may_send: impl Fn(Api, u64, u32, bool) -> bool,
    ) -> Option<Outgoing> {
        let mut next = None;
        self.take_outgoing(now, peer, may_send, |outgoing| {
            next = Some(outgoing);
            false
        });
        next
    }

    /// Hands over messages for a connected peer that may go now, until there are no more or `take` wants no more; the two
    /// interfaces take turns.
    ///
    /// `may_send` says whether the connection takes messages of an interface, an incarnation of its session, a channel,
    /// and reliable ones or not. Those that it does not take hold up no others.
    pub fn take_outgoing(
        &mut self,
        now: Instant,
        peer: SteamId,
        may_send: impl Fn(Api, u64, u32, bool) -> bool,
        mut take: impl FnMut(Outgoing) -> bool,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        for _ in Api::ALL {
            let api = Api::ALL[found.turn % Api::ALL.len()];
            found.turn = (found.turn + 1) % Api::ALL.len();
            let Some(session) = found.slot_mut(api).live_mut() else {
                continue;
            };
            if session.state != SessionState::Connected || session.ending_since.is_some() {
                continue;
            }
            session.queue.flush_due(now);
            let incarnation = session.mine;
            let may_send = |channel, reliable| may_send(api, incarnation, channel, reliable);
            while let Some(queued) = session.queue.pop(may_send) {
                session.sent_reliably += u64::from(queued.reliable);
                let outgoing = Outgoing {
                    api,
                    incarnation,
                    channel: queued.channel,
                    reliable: queued.reliable,
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
            api,
            incarnation,
            channel,
            reliable,
            data,
        } = incoming;
        let origin = Origin {
            api,
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
        mut next: impl FnMut() -> Option<Bytes>,
    ) -> bool {
        let Origin {
            api,
            incarnation,
            channel,
            reliable,
        } = origin;
        let config = self.config;
        let max = max_message(api, true);
        // A game that asks for the size of the next packet takes 0 for none, and would never read those behind it.
        let min = usize::from(api == Api::P2p);
        let sizes = min..=max;
        let mut next = || std::iter::from_fn(&mut next).find(|data| sizes.contains(&data.len()));
        while self.receive_room(peer, api, channel) {
            let Some(mut data) = next() else {
                return true;
            };
            if !self.is_expected(now, peer, api, incarnation) {
                continue;
            }
            let session = self
                .peers
                .get_mut(&peer)
                .and_then(|found| found.slot_mut(api).live_mut());
            let inlet = self.inbox.inlet(&config, peer, api, channel);
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
                    api,
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
    fn is_expected(&mut self, now: Instant, peer: SteamId, api: Api, incarnation: u64) -> bool {
        if peer == self.me {
            return false;
        }
        match self.live(peer, api).map(|session| session.theirs) {
            Some(theirs) if theirs == Some(incarnation) => true,
            Some(_) => self.learn(now, peer, api, incarnation),
            None => {
                self.deliver_to_nobody(peer, api, incarnation);
                false
            }
        }
    }

    /// A message of a session that the peer has not named yet: it has accepted ours, and its acceptance is still on
    /// the way. False if it is rather the end of an earlier session.
    fn learn(&mut self, now: Instant, peer: SteamId, api: Api, incarnation: u64) -> bool {
        let record = self.records.get(now, peer, api);
        let connected = self.is_connected(peer);
        let Some(session) = self.live_mut(peer, api) else {
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
                .update(now, peer, api, |record| record.close(old));
        }
        self.settle(peer, api);
        true
    }

    /// The peer believes in a session that is over here.
    fn deliver_to_nobody(&mut self, peer: SteamId, api: Api, incarnation: u64) {
        let pending = self
            .peers
            .get(&peer)
            .and_then(|found| found.slot(api).pending.as_ref());
        if pending.is_some_and(|pending| pending.incarnation == incarnation) {
            self.take_pending(peer, api);
            self.settle(peer, api);
        }
        self.say_over(peer, api, 0, incarnation);
    }

    /// Whether a reliable message of the peer can be taken. While it cannot, the endpoint leaves the stream alone, and
    /// is to be woken as [`Sessions::take_waits_for_room`] says.
    /// True also for what [`Sessions::deliver`] would drop, so that it is read away.
    pub fn receive_room(&mut self, peer: SteamId, api: Api, channel: u32) -> bool {
        let room =
            self.live(peer, api).is_none() || self.inbox.has_room(&self.config, peer, api, channel);
        if !room {
            self.await_room(peer);
        }
        room
    }

    /// How many bytes of a peer's messages on a channel wait to be read.
    pub fn unread(&self, peer: SteamId, api: Api, channel: u32) -> usize {
        self.inbox.unread(peer, api, channel)
    }

    /// Whether the game reads a channel, as far as is known: it has taken a message of the peer's, or found it empty.
    pub fn is_read(&self, peer: SteamId, api: Api, channel: u32) -> bool {
        self.inbox.is_read(peer, api, channel)
    }

    /// The endpoint is to be woken, as [`Sessions::take_waits_for_room`] says, when something of the peer's was read.
    pub fn await_room(&mut self, peer: SteamId) {
        self.waits_for_room = true;
        self.without_room.insert(peer);
    }

    /// Whether the game has sent on a channel of a session that is neither closed nor failed, and not closed the channel
    /// since.
    pub fn uses_channel(&self, peer: SteamId, api: Api, channel: u32) -> bool {
        self.live(peer, api)
            .is_some_and(|session| session.channels.contains(&channel))
    }

    /// The own incarnation of a session that is neither closed nor failed: all that is still to be sent bears it.
    pub fn live_incarnation(&self, peer: SteamId, api: Api) -> Option<u64> {
        self.live(peer, api).map(|session| session.mine)
    }

    /// Whether nothing of the peer's session with this incarnation will be delivered any more. Of a session that is
    /// not known, it is not certain until something has been delivered.
    pub fn is_over(&self, peer: SteamId, api: Api, incarnation: u64) -> bool {
        match self.live(peer, api).and_then(|session| session.theirs) {
            Some(theirs) => incarnation < theirs,
            None => incarnation <= self.records.closed(peer, api),
        }
    }

    /// Notes how many bytes of a session's channels the connection has taken and cannot send yet: they count against
    /// the send limit. Replaces what was noted before; a session that begins has none.
    pub fn set_in_flight(
        &mut self,
        peer: SteamId,
        api: Api,
        channels: impl IntoIterator<Item = (u32, usize)>,
    ) {
        if let Some(session) = self.live_mut(peer, api) {
            session.queue.set_in_flight(channels.into_iter());
        }
    }

    /// Notes how many bytes of a session's reliable messages the connection has taken and the peer has not acknowledged.
    pub fn set_unacknowledged(&mut self, peer: SteamId, api: Api, bytes: usize) {
        if let Some(session) = self.live_mut(peer, api) {
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

    /// Asks again at once for every session that has no answer: the way to the peers has changed. Looks at all
    /// sessions.
    pub fn retry_requests(&mut self, now: Instant) {
        let asking: Vec<(SteamId, Api)> = self
            .peers
            .iter()
            .flat_map(|(peer, found)| {
                Api::ALL
                    .map(|api| (*peer, api, found.slot(api).live()))
                    .into_iter()
            })
            .filter(|(_, _, session)| {
                session.is_some_and(|session| session.state == SessionState::Requesting)
            })
            .map(|(peer, api, _)| (peer, api))
            .collect();
        for (peer, api) in asking {
            self.retransmit(now, peer, api);
            self.settle(peer, api);
        }
    }

    /// Says again what a peer has to hear of sessions that are not open yet: it has not been able to.
    pub fn repeat_words(&mut self, now: Instant, peer: SteamId) {
        for api in Api::ALL {
            let Some(session) = self.live(peer, api) else {
                continue;
            };
            match (session.state, session.theirs) {
                (SessionState::Requesting, _) => self.retransmit(now, peer, api),
                (SessionState::Connecting, Some(yours)) => {
                    let mine = session.mine;
                    self.say(peer, Control::Accept { api, yours, mine });
                }
                _ => {}
            }
            self.settle(peer, api);
        }
    }

    /// The slot has to be settled.
    pub(super) fn retransmit(&mut self, now: Instant, peer: SteamId, api: Api) {
        let Some(session) = self.live_mut(peer, api) else {
            return;
        };
        session.retransmit_at = now + RETRANSMIT;
        let request = session.request(api);
        self.say(peer, request);
    }
}
