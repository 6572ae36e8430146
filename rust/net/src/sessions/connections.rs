//! Connections of `ISteamNetworkingSockets`: one request, one acceptance, open, over.

mod heard;
mod room;

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use samovar_id::SteamId;

use super::Sessions;
use super::config::{MAX_CONNECTIONS, MAX_IDLE_WORDS, RETRANSMIT};
use super::consent::{self, Dialler, Say, Stage, Word};
use super::control::{ConnectionEnd, ConnectionId, Control, Flow};
use super::info::{FailReason, SessionState};
use super::message::{Message, SendError};
use super::past::Pasts;
use super::session::Session;

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
    /// [`SendError::TooMany`] when there are [`MAX_CONNECTIONS`], or [`crate::MAX_CONNECTIONS_OF_PEER`] with the peer;
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
        use super::config::{MAX_CONNECTIONS_OF_PEER, MAX_PENDING_CONNECTIONS};
        use super::session::Peer;
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
