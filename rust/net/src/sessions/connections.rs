//! Connections of `ISteamNetworkingSockets`: one request, one acceptance, open, over.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use samovar_id::SteamId;

use super::config::{
    END_PATIENCE, MAX_CONNECTIONS, MAX_CONNECTIONS_OF_PEER, MAX_IDLE_WORDS,
    MAX_PENDING_CONNECTIONS, MAX_PENDING_CONNECTIONS_OF_PEER, PENDING_MARGIN, RETRANSMIT,
};
use super::consent::{self, Dialler, Say, Stage, Word};
use super::control::{ConnectionEnd, ConnectionId, Control, Flow};
use super::info::{DisconnectReason, FailReason, SessionState};
use super::message::{Message, SendError};
use super::past::Pasts;
use super::session::{Pending, Session};
use super::{Peer, Sessions};

/// The reason with which a request is refused when there are too many already (`k_ESteamNetConnectionEnd_Misc_Generic`).
pub const END_TOO_MANY: i32 = 5001;
/// The reason that is given for a connection of which nothing is known
/// (`k_ESteamNetConnectionEnd_Misc_PeerSentNoConnection`).
pub const END_OVER: i32 = 5010;

/// How a connection is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConnectionStatus {
    /// How far it is.
    pub state: ConnectionState,
    /// What the peer has said when it ended it.
    pub end: Option<ConnectionEnd>,
}

/// How far a connection is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// The peer's request waits for the game to accept or close it.
    Asked,
    /// The peer has not answered yet.
    Requesting,
    /// Accepted; there is no link to the peer yet.
    Connecting,
    /// Messages travel.
    Connected,
    /// The peer has ended or refused it.
    ClosedByPeer,
    /// It did not open in time, or broke.
    Failed(FailReason),
}

/// What all connections of a user have in common.
#[derive(Default)]
pub(super) struct Connections {
    /// How many sessions there are of connections.
    pub(super) sessions: usize,
    /// The requests that wait for the game, of each peer in the order of arrival.
    pending: BTreeMap<SteamId, BTreeSet<(u64, ConnectionId)>>,
    pending_count: usize,
    past: Pasts,
    /// Those of which the state has changed since they were last taken.
    changed: BTreeSet<(SteamId, ConnectionId)>,
    /// Requests that have been taken from there.
    announced: BTreeSet<(SteamId, ConnectionId)>,
}

impl Connections {
    pub(super) fn has_changed(&self) -> bool {
        !self.changed.is_empty()
    }
}

impl Sessions {
    /// Asks a peer for a connection to a virtual port, under a new number. It fails when nothing has come of it after
    /// `timeout`.
    ///
    /// # Errors
    /// [`SendError::TooMany`] when there are [`MAX_CONNECTIONS`], or [`MAX_CONNECTIONS_OF_PEER`] with the peer;
    /// [`SendError::NoConnection`] to oneself.
    pub fn dial(
        &mut self,
        now: Instant,
        peer: SteamId,
        port: u32,
        symmetric: bool,
        timeout: Duration,
    ) -> Result<ConnectionId, SendError> {
        if peer == self.me {
            return Err(SendError::NoConnection);
        }
        if !self.has_room_for_connection(peer) {
            return Err(SendError::TooMany);
        }
        let id = ConnectionId {
            port,
            number: self.new_incarnation(),
            by_lower: self.me < peer,
            symmetric,
        };
        let mut session = Session::new(now, id.number, None);
        session.is_used = true;
        session.connection.timeout = Some(timeout);
        self.insert_connection(peer, id, session);
        let (_, say) = consent::next(Dialler::Us, Stage::Unknown, Word::Dial);
        self.tell(now, peer, id, say);
        self.connection_changed(peer, id);
        Ok(id)
    }

    /// Ends a connection, or refuses a request for one, and tells the peer why. With `linger`, what was sent reliably in an
    /// open connection goes first, for so long at most; nothing more can be sent or read in it meanwhile. Afterwards
    /// nothing is known of it here. False if there was none.
    pub fn close_connection(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        end: ConnectionEnd,
        linger: Option<Duration>,
    ) -> bool {
        let stage = self.stage(now, peer, id);
        if matches!(stage, Stage::Unknown | Stage::Over | Stage::Lingering) {
            return false;
        }
        let word = linger.map_or(Word::Close, |_| Word::CloseLater);
        let (to, say) = consent::next(self.dialler(peer, id), stage, word);
        let flow = Flow::Connection(id);
        self.inbox.drop_peer(peer, flow);
        if to == Stage::Lingering
            && let Some(session) = self.live_mut(peer, flow)
        {
            session.queue.flush();
            session.connection.end = Some(end.cut());
            session.connection.lingers_until = linger.and_then(|linger| now.checked_add(linger));
        } else {
            self.forget_connection(now, peer, id, say == Say::End);
            if say == Say::End {
                self.say_end(peer, id, 0, end.cut());
            }
        }
        self.connections.changed.remove(&(peer, id));
        self.settle(peer, flow);
        true
    }

    /// How a connection is; `None` when nothing is known of it, also after the game has closed it.
    pub fn connection(&self, peer: SteamId, id: ConnectionId) -> Option<ConnectionStatus> {
        let slot = self.peers.get(&peer)?.slot(Flow::Connection(id));
        if slot.pending.is_some() {
            let state = ConnectionState::Asked;
            return Some(ConnectionStatus { state, end: None });
        }
        let session = slot.session.as_ref()?;
        if session.connection.lingers_until.is_some() {
            return None;
        }
        let state = match session.state {
            SessionState::Requesting => ConnectionState::Requesting,
            SessionState::Connecting => ConnectionState::Connecting,
            SessionState::Connected => ConnectionState::Connected,
            SessionState::ClosedByPeer => ConnectionState::ClosedByPeer,
            SessionState::Failed => {
                ConnectionState::Failed(session.error.unwrap_or(FailReason::Error))
            }
        };
        let end = session.connection.end.clone();
        let is_over = !session.state.is_live();
        Some(ConnectionStatus {
            state,
            end: end.filter(|_| is_over),
        })
    }

    /// A connection of which the state has changed since it was last returned here, each at most once; also a request of a
    /// peer's. Those that the game has closed are not returned, and requests that are gone only if they were.
    pub fn take_changed_connection(&mut self) -> Option<(SteamId, ConnectionId)> {
        let changed = self.connections.changed.pop_first()?;
        let (peer, id) = changed;
        let is_pending = self
            .peers
            .get(&peer)
            .is_some_and(|found| found.slot(Flow::Connection(id)).pending.is_some());
        if is_pending {
            self.connections.announced.insert(changed);
        }
        Some(changed)
    }

    /// Takes up to `max` messages of a connection, in the order of arrival over all lanes, to the end of `into`.
    pub fn receive_from(
        &mut self,
        peer: SteamId,
        id: ConnectionId,
        max: usize,
        into: &mut Vec<Message>,
    ) {
        for _ in 0..max {
            let Some(message) = self.inbox.pop_of_connection(peer, id) else {
                return;
            };
            self.taken_by_game(peer);
            into.push(message);
        }
    }

    /// The same of all connections of a group.
    pub fn receive_from_group(&mut self, group: u32, max: usize, into: &mut Vec<Message>) {
        for _ in 0..max {
            let Some(message) = self.inbox.pop_of_group(group) else {
                return;
            };
            self.taken_by_game(message.peer);
            into.push(message);
        }
    }

    /// Puts a connection into a group, with what waits of it, or takes it out. Of one that is not known, nothing is done.
    pub fn set_group(&mut self, peer: SteamId, id: ConnectionId, group: Option<u32>) {
        if self.connection(peer, id).is_some() {
            self.inbox.set_group(peer, id, group);
            // Somebody may read it now who did not.
            self.taken_by_game(peer);
        }
    }

    /// Accepts what a peer asks for. False when it does not ask and there is no such connection.
    pub(super) fn accept_connection(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
    ) -> bool {
        let stage = self.stage(now, peer, id);
        let (to, say) = consent::next(self.dialler(peer, id), stage, Word::Agree);
        if stage != Stage::Asked {
            return matches!(
                stage,
                Stage::Requesting | Stage::Connecting | Stage::Connected | Stage::Ending
            );
        }
        if to != Stage::Connecting || self.connections.sessions >= MAX_CONNECTIONS {
            return false;
        }
        self.take_pending_connection(peer, id);
        let mut session = Session::new(now, id.number, None);
        session.is_used = true;
        self.insert_connection(peer, id, session);
        self.open_connection(now, peer, id);
        self.tell(now, peer, id, say);
        self.connection_changed(peer, id);
        true
    }

    /// A peer has said something of a connection.
    pub(super) fn on_connection_word(
        &mut self,
        now: Instant,
        from: SteamId,
        id: ConnectionId,
        word: Word,
    ) -> Stage {
        let dialler = self.dialler(from, id);
        let never_was =
            id.number == 0 || (dialler == Dialler::Us && id.number >= self.next_incarnation);
        if never_was || from == self.me {
            return Stage::Unknown;
        }
        let stage = self.stage(now, from, id);
        let (to, say) = consent::next(dialler, stage, word);
        match (stage, to) {
            (_, Stage::Asked) => self.ask_for_connection(now, from, id),
            (Stage::Unknown | Stage::Asked | Stage::Lingering, Stage::Over) => {
                self.forget_connection(now, from, id, false);
            }
            (Stage::Requesting, Stage::Connecting | Stage::Ending) => {
                self.open_connection(now, from, id);
            }
            _ => {}
        }
        self.tell(now, from, id, say);
        self.settle(from, Flow::Connection(id));
        to
    }

    /// Whether a message that the peer has sent in a connection is for the game.
    pub(super) fn is_expected_in(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        incarnation: u64,
    ) -> bool {
        if incarnation != id.number {
            return false;
        }
        let is_open = |session: &Session| {
            session.state == SessionState::Connected && session.connection.lingers_until.is_none()
        };
        if self.live(peer, Flow::Connection(id)).is_some_and(is_open) {
            return true;
        }
        let to = self.on_connection_word(now, peer, id, Word::Data);
        to == Stage::Connecting && self.live(peer, Flow::Connection(id)).is_some_and(is_open)
    }

    /// A peer ends or refuses a connection, after so many reliable messages of its.
    pub(super) fn on_end(
        &mut self,
        now: Instant,
        from: SteamId,
        id: ConnectionId,
        sent: u64,
        end: ConnectionEnd,
    ) {
        let live = self.live(from, Flow::Connection(id));
        let is_complete = live.is_none_or(|session| session.received_reliably >= sent);
        let word = if is_complete {
            Word::End
        } else {
            Word::EndLater
        };
        let before = self.stage(now, from, id);
        let to = self.on_connection_word(now, from, id, word);
        if before == to || !matches!(to, Stage::Ending | Stage::Done) {
            return;
        }
        if let Some(session) = self.live_mut(from, Flow::Connection(id)) {
            session.connection.end = Some(end.cut());
            session.connection.ending = now.checked_add(END_PATIENCE).map(|until| (sent, until));
        }
        if to == Stage::Done {
            self.end_connection(now, from, id);
        }
        self.settle(from, Flow::Connection(id));
    }

    /// Reliable messages of a connection have come: its end may be due.
    pub(super) fn connection_delivered(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let Some(session) = self.live_mut(peer, Flow::Connection(id)) else {
            return;
        };
        let Some((sent, _)) = session.connection.ending else {
            return;
        };
        if session.received_reliably >= sent {
            self.pass(now, peer, id, Word::Came);
        } else if let Some(until) = now.checked_add(END_PATIENCE) {
            session.connection.ending = Some((sent, until));
        }
        self.settle(peer, Flow::Connection(id));
    }

    /// The endpoint has been given all that it takes: what lingers may be gone.
    pub(super) fn end_lingering(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let flow = Flow::Connection(id);
        let Some(session) = self.live(peer, flow) else {
            return;
        };
        let Some(until) = session.connection.lingers_until else {
            return;
        };
        let is_gone = session.queue.is_empty() && session.queue.in_flight() == 0;
        if !is_gone && now < until {
            return;
        }
        let sent = if is_gone { session.sent_reliably } else { 0 };
        let end = session.connection.end.clone().unwrap_or_default();
        if self.pass(now, peer, id, Word::Gone) == Say::End {
            self.say_end(peer, id, sent, end);
        }
        self.settle(peer, flow);
    }

    pub(super) fn on_connection_linked(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let stage = self.stage(now, peer, id);
        let (to, say) = consent::next(self.dialler(peer, id), stage, Word::LinkUp);
        if let Some(session) = self.live_mut(peer, Flow::Connection(id))
            && (stage, to) == (Stage::Connecting, Stage::Connected)
        {
            session.used_at = now;
            session.opened();
            self.connection_changed(peer, id);
        }
        self.tell(now, peer, id, say);
    }

    pub(super) fn on_connection_unlinked(
        &mut self,
        now: Instant,
        peer: SteamId,
        id: ConnectionId,
        reason: DisconnectReason,
    ) {
        let failed = match reason {
            DisconnectReason::ClosedByPeer => None,
            DisconnectReason::TimedOut => Some(FailReason::RemoteTimeout),
            DisconnectReason::Error => Some(FailReason::Error),
        };
        self.note_failure(peer, id, failed);
        self.pass(now, peer, id, Word::LinkLost);
    }

    /// Does what is due in a connection. The slot has to be settled.
    pub(super) fn pass_connection_time(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let flow = Flow::Connection(id);
        let stage = self.stage(now, peer, id);
        let config = self.config;
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let slot = found.slot_mut(flow);
        if slot
            .pending
            .as_ref()
            .is_some_and(|pending| pending.expires <= now)
        {
            self.pass(now, peer, id, Word::Late);
            return;
        }
        let Some(session) = slot.session.as_deref_mut() else {
            return;
        };
        let ending = session.connection.ending;
        match stage {
            Stage::Requesting | Stage::Connecting if session.is_late(now, &config, flow) => {
                self.note_failure(peer, id, Some(FailReason::Timeout));
                self.pass(now, peer, id, Word::Late);
            }
            Stage::Requesting if session.retransmit_at <= now => self.retransmit(now, peer, flow),
            Stage::Ending if ending.is_some_and(|(_, until)| until <= now) => {
                self.pass(now, peer, id, Word::Came);
            }
            Stage::Connected | Stage::Ending => session.queue.flush_due(now),
            Stage::Lingering => self.end_lingering(now, peer, id),
            _ => {}
        }
    }

    /// Something has happened that ends a connection, or does not. What the peer is to be told of it. The slot has to be
    /// settled.
    fn pass(&mut self, now: Instant, peer: SteamId, id: ConnectionId, word: Word) -> Say {
        let stage = self.stage(now, peer, id);
        let (to, say) = consent::next(self.dialler(peer, id), stage, word);
        if to == Stage::Over && stage != Stage::Over {
            self.forget_connection(now, peer, id, say == Say::End);
        } else if to == Stage::Done && stage != Stage::Done {
            self.end_connection(now, peer, id);
        }
        say
    }

    /// Why the connection fails, if it does now. A connection that the peer has ended already has not failed.
    fn note_failure(&mut self, peer: SteamId, id: ConnectionId, reason: Option<FailReason>) {
        if let Some(session) = self.live_mut(peer, Flow::Connection(id)) {
            let is_ended = session.connection.ending.is_some();
            session.error = reason.filter(|_| !is_ended);
        }
    }

    pub(super) fn dialler(&self, peer: SteamId, id: ConnectionId) -> Dialler {
        if id.by_lower == (self.me < peer) {
            Dialler::Us
        } else {
            Dialler::Them
        }
    }

    fn stage(&self, now: Instant, peer: SteamId, id: ConnectionId) -> Stage {
        let slot = self
            .peers
            .get(&peer)
            .map(|found| found.slot(Flow::Connection(id)));
        if slot.is_some_and(|slot| slot.pending.is_some()) {
            return Stage::Asked;
        }
        let Some(session) = slot.and_then(|slot| slot.session.as_ref()) else {
            let key = (peer, self.dialler(peer, id));
            return if self.connections.past.is_over(now, key, id.number) {
                Stage::Over
            } else {
                Stage::Unknown
            };
        };
        match session.state {
            SessionState::Requesting => Stage::Requesting,
            SessionState::Connecting => Stage::Connecting,
            SessionState::Connected if session.connection.lingers_until.is_some() => {
                Stage::Lingering
            }
            SessionState::Connected if session.connection.ending.is_some() => Stage::Ending,
            SessionState::Connected => Stage::Connected,
            SessionState::ClosedByPeer | SessionState::Failed => Stage::Done,
        }
    }

    fn has_room_for_connection(&self, peer: SteamId) -> bool {
        self.connections.sessions < MAX_CONNECTIONS
            && self.connections_of(peer) < MAX_CONNECTIONS_OF_PEER
    }

    fn connections_of(&self, peer: SteamId) -> usize {
        let flows = self.peers.get(&peer).into_iter().flat_map(Peer::slots);
        flows
            .filter(|(flow, _)| flow.connection().is_some())
            .count()
    }

    fn insert_connection(&mut self, peer: SteamId, id: ConnectionId, session: Session) {
        let flow = Flow::Connection(id);
        let slot = self.peers.entry(peer).or_default().slot_mut(flow);
        slot.session = Some(Box::new(session));
        self.connections.sessions += 1;
        self.settle(peer, flow);
    }

    /// Both sides agree.
    fn open_connection(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let connected = self.is_connected(peer);
        if let Some(session) = self.live_mut(peer, Flow::Connection(id)) {
            session.used_at = now;
            session.waiting_since = now;
            session.connection.timeout = None;
            session.agreed(id.number, connected);
            self.connection_changed(peer, id);
        }
    }

    /// Notes a peer's request, or refuses it.
    fn ask_for_connection(&mut self, now: Instant, from: SteamId, id: ConnectionId) {
        let expires = now
            .checked_add(self.config.messages_timeout.saturating_add(PENDING_MARGIN))
            .unwrap_or(now);
        let flow = Flow::Connection(id);
        if let Some(found) = self.peers.get_mut(&from)
            && let Some(pending) = &mut found.slot_mut(flow).pending
        {
            pending.expires = expires;
            return;
        }
        let own = self.connections.pending.get(&from).map_or(0, BTreeSet::len);
        if own >= MAX_PENDING_CONNECTIONS_OF_PEER || !self.has_room_for_connection(from) {
            return self.refuse(now, from, id);
        }
        if self.connections.pending_count >= MAX_PENDING_CONNECTIONS {
            let pending = self.connections.pending.iter();
            let most = pending.max_by_key(|(_, requests)| requests.len());
            let most = most.map(|(peer, requests)| (*peer, requests.len(), requests.first()));
            match most {
                Some((peer, count, Some((_, oldest)))) if count > own + 1 => {
                    let oldest = *oldest;
                    self.refuse(now, peer, oldest);
                }
                _ => return self.refuse(now, from, id),
            }
        }
        let order = self.next_pending;
        self.next_pending += 1;
        let requests = self.connections.pending.entry(from).or_default();
        requests.insert((order, id));
        self.connections.pending_count += 1;
        let slot = self.peers.entry(from).or_default().slot_mut(flow);
        slot.pending = Some(Pending {
            incarnation: id.number,
            order,
            expires,
        });
        self.connection_changed(from, id);
    }

    /// There are too many.
    fn refuse(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        self.forget_connection(now, peer, id, false);
        let key = (peer, self.dialler(peer, id));
        if self.words.waiting(peer) < MAX_IDLE_WORDS
            && self.connections.past.end(now, key, id.number, true)
        {
            let end = ConnectionEnd {
                reason: END_TOO_MANY,
                debug: "too many connections".to_owned(),
            };
            self.say_end(peer, id, 0, end);
        }
        self.settle(peer, Flow::Connection(id));
    }

    fn take_pending_connection(&mut self, peer: SteamId, id: ConnectionId) -> bool {
        let found = self.peers.get_mut(&peer);
        let slot = found.map(|found| found.slot_mut(Flow::Connection(id)));
        let Some(pending) = slot.and_then(|slot| slot.pending.take()) else {
            return false;
        };
        if let Some(requests) = self.connections.pending.get_mut(&peer) {
            requests.remove(&(pending.order, id));
            self.connections.pending_count -= 1;
            if requests.is_empty() {
                self.connections.pending.remove(&peer);
            }
        }
        let was_announced = self.connections.announced.remove(&(peer, id));
        if was_announced {
            self.connections.changed.insert((peer, id));
        } else {
            self.connections.changed.remove(&(peer, id));
        }
        true
    }

    /// A connection, or a request for one, is gone. The slot has to be settled.
    fn forget_connection(&mut self, now: Instant, peer: SteamId, id: ConnectionId, told: bool) {
        self.take_pending_connection(peer, id);
        self.remove_session(peer, Flow::Connection(id));
        self.inbox.set_group(peer, id, None);
        let key = (peer, self.dialler(peer, id));
        self.connections.past.end(now, key, id.number, told);
    }

    /// It is over, and the game is told: it has failed if there is a reason why, and else the peer has ended it.
    fn end_connection(&mut self, now: Instant, peer: SteamId, id: ConnectionId) {
        let Some(session) = self.live_mut(peer, Flow::Connection(id)) else {
            return;
        };
        let has_failed = session.error.is_some();
        let state = if has_failed {
            SessionState::Failed
        } else {
            SessionState::ClosedByPeer
        };
        session.ended(now, state);
        // Who has ended it knows.
        let key = (peer, self.dialler(peer, id));
        self.connections.past.end(now, key, id.number, !has_failed);
        self.connection_changed(peer, id);
    }

    fn connection_changed(&mut self, peer: SteamId, id: ConnectionId) {
        self.connections.changed.insert((peer, id));
        self.settle(peer, Flow::Connection(id));
    }

    fn say_end(&mut self, peer: SteamId, id: ConnectionId, sent: u64, end: ConnectionEnd) {
        self.say(peer, Control::End { id, sent, end });
    }

    fn tell(&mut self, now: Instant, peer: SteamId, id: ConnectionId, say: Say) {
        let (flow, number) = (Flow::Connection(id), id.number);
        match say {
            Say::Nothing | Say::End => {}
            Say::Request => {
                if let Some(session) = self.live_mut(peer, flow) {
                    session.retransmit_at = now + RETRANSMIT;
                    let request = session.request(flow);
                    self.say(peer, request);
                }
            }
            Say::Accept => self.say(
                peer,
                Control::Accept {
                    flow,
                    yours: number,
                    mine: number,
                },
            ),
            Say::Over => {
                let key = (peer, self.dialler(peer, id));
                if self.is_connected(peer)
                    && self.words.waiting(peer) < MAX_IDLE_WORDS
                    && self.connections.past.end(now, key, number, true)
                {
                    let end = ConnectionEnd {
                        reason: END_OVER,
                        debug: String::new(),
                    };
                    self.say_end(peer, id, 0, end);
                }
            }
        }
    }

    #[cfg(test)]
    pub(super) fn check_connections(&self) {
        let Connections {
            sessions,
            pending,
            pending_count,
            past,
            changed,
            announced,
        } = &self.connections;
        let slots = self
            .peers
            .values()
            .flat_map(Peer::slots)
            .filter(|(flow, _)| flow.connection().is_some());
        let (with_session, with_pending): (Vec<_>, Vec<_>) = slots
            .map(|(_, slot)| (slot.session.is_some(), slot.pending.is_some()))
            .unzip();
        let count = |all: Vec<bool>| all.into_iter().filter(|is| *is).count();
        assert_eq!(count(with_session), *sessions);
        assert_eq!(count(with_pending), *pending_count);
        assert_eq!(
            pending.values().map(BTreeSet::len).sum::<usize>(),
            *pending_count
        );
        assert!(*sessions <= MAX_CONNECTIONS && *pending_count <= MAX_PENDING_CONNECTIONS);
        assert!(announced.len() <= *pending_count);
        assert!(changed.len() <= 2 * (MAX_CONNECTIONS + MAX_PENDING_CONNECTIONS));
        let most = self
            .peers
            .keys()
            .map(|peer| self.connections_of(*peer))
            .max();
        assert!(most.is_none_or(|most| most <= MAX_CONNECTIONS_OF_PEER));
        past.check();
    }
}
