//! Message sessions between users: who may talk, what waits to be sent, what has arrived.
//!
//! A session is the accepted relation with one peer in one [`Flow`]: an interface, or a connection. [`Sessions`] holds all sessions of a user
//! and decides everything about them; it does no I/O and has no clock. The game's thread sends, receives, accepts and
//! closes; the network's moves [`Control`]s and messages between here and the peers. Sources of the rules: the
//! Steamworks headers `isteamnetworking.h` and `isteamnetworkingmessages.h`, and GameNetworkingSockets.

mod again;
mod config;
mod connections;
mod consent;
mod control;
mod flush;
mod game;
mod inbox;
mod info;
mod lanes;
mod message;
mod own;
mod past;
mod queue;
mod records;
mod requests;
mod session;
mod timers;
mod totals;
mod transport;
mod words;

#[cfg(test)]
mod tests;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::time::Instant;

use samovar_id::SteamId;

pub use config::{
    MAX_ACCEPTED, MAX_CHANNELS, MAX_CONNECTIONS, MAX_CONNECTIONS_OF_PEER, MAX_CONTROLS, MAX_EVENTS,
    MAX_MESSAGE, MAX_P2P_RELIABLE, MAX_P2P_UNRELIABLE, MAX_PENDING_CONNECTIONS,
    MAX_PENDING_CONNECTIONS_OF_PEER, MAX_PENDING_REQUESTS, MAX_QUEUED_MESSAGES, MAX_RECORDS,
    MAX_SESSIONS, SessionConfig,
};
pub use connections::{ConnectionState, ConnectionStatus, END_OVER, END_TOO_MANY};
pub use control::{ConnectionEnd, ConnectionId, Control, Flow, MAX_END_DEBUG};
pub use info::{DisconnectReason, FailReason, LinkStats, SessionEvent, SessionInfo, SessionState};
pub use lanes::Lane;
pub use message::{Delivery, Incoming, Message, Nagle, Origin, Outgoing, SendError};
pub use own::LaneInfo;
pub use transport::Waiting;

pub(crate) use config::max_message;

use config::MIN_IDLE;
use connections::Connections;
use inbox::Inbox;
use records::Records;
use session::{Peer, Session};
use words::Words;

/// All sessions of one user. Shared, under a lock, by the game's thread and the network's.
///
/// Sending, receiving and delivering cost the same however many sessions there are, but for the logarithm of a
/// look-up. Everything is bounded by the constants of this module and by [`SessionConfig`].
pub struct Sessions {
    config: SessionConfig,
    me: SteamId,
    /// Lower ones are of earlier processes of this user.
    first_incarnation: u64,
    next_incarnation: u64,
    peers: BTreeMap<SteamId, Peer>,
    session_count: usize,
    /// The requests that wait for the game's answer, in the order of arrival.
    pending: BTreeMap<u64, (SteamId, Flow)>,
    next_pending: u64,
    inbox: Inbox,
    /// The endpoint has found no room for a message, and the game has not been told.
    waits_for_room: bool,
    records: Records,
    connections: Connections,
    words: Words,
    /// Users who may talk before they have asked (P2P), and in which order that was said.
    accepted: BTreeMap<SteamId, u64>,
    next_accepted: u64,
    events: VecDeque<SessionEvent>,
    /// Peers of whom something has changed that the endpoint should look at.
    changed: BTreeSet<SteamId>,
    /// Peers for whose messages the endpoint has found no room.
    without_room: BTreeSet<SteamId>,
    /// One entry for each slot in which something is due, not later than that is.
    timers: BTreeSet<(Instant, SteamId, Flow)>,
}

impl Sessions {
    /// No sessions yet. `first_incarnation` must be higher than any that an earlier process of this user has used: the
    /// microseconds since 1970 are.
    pub fn new(mut config: SessionConfig, me: SteamId, first_incarnation: u64) -> Self {
        config.idle = config.idle.max(MIN_IDLE);
        Self {
            config,
            me,
            first_incarnation,
            next_incarnation: first_incarnation.max(1),
            peers: BTreeMap::new(),
            session_count: 0,
            pending: BTreeMap::new(),
            next_pending: 0,
            inbox: Inbox::default(),
            waits_for_room: false,
            records: Records::default(),
            connections: Connections::default(),
            words: Words::default(),
            accepted: BTreeMap::new(),
            next_accepted: 0,
            events: VecDeque::new(),
            changed: BTreeSet::new(),
            without_room: BTreeSet::new(),
            timers: BTreeSet::new(),
        }
    }

    /// The bounds and times that hold now.
    pub fn config(&self) -> SessionConfig {
        self.config
    }

    /// Changes bounds and times. What waits already, and is more than a new bound allows, stays.
    pub fn set_config(&mut self, config: SessionConfig) {
        self.config = config;
        self.config.idle = config.idle.max(MIN_IDLE);
        let peers: Vec<SteamId> = self.peers.keys().copied().collect();
        for peer in peers {
            for flow in self.flows(peer) {
                self.settle(peer, flow);
            }
        }
    }

    fn live(&self, peer: SteamId, flow: Flow) -> Option<&Session> {
        self.peers.get(&peer)?.slot(flow).live()
    }

    fn live_mut(&mut self, peer: SteamId, flow: Flow) -> Option<&mut Session> {
        self.peers.get_mut(&peer)?.live_mut(flow)
    }

    /// The flows of which something is known with a peer.
    fn flows(&self, peer: SteamId) -> Vec<Flow> {
        self.peers.get(&peer).map(Peer::flows).unwrap_or_default()
    }

    fn is_connected(&self, peer: SteamId) -> bool {
        self.peers.get(&peer).is_some_and(|found| found.connected)
    }

    fn new_incarnation(&mut self) -> u64 {
        let incarnation = self.next_incarnation;
        self.next_incarnation = incarnation.saturating_add(1);
        incarnation
    }

    /// A new session, in place of one that is over: with the peer's that asked, or asking. The slot has to be settled.
    fn begin(
        &mut self,
        now: Instant,
        peer: SteamId,
        flow: Flow,
        theirs: Option<u64>,
    ) -> Result<(), SendError> {
        let earlier = self
            .peers
            .get(&peer)
            .and_then(|found| found.slot(flow).session.as_ref());
        let error = earlier.and_then(|session| session.error);
        if earlier.is_none() {
            self.make_room_for_session()?;
            self.session_count += 1;
        }
        let mut session = Session::new(now, self.new_incarnation(), error);
        let control = match theirs {
            Some(theirs) => {
                session.agreed(theirs, self.is_connected(peer));
                Control::Accept {
                    flow,
                    yours: theirs,
                    mine: session.mine,
                }
            }
            None => session.request(flow),
        };
        self.peers.entry(peer).or_default().slot_mut(flow).session = Some(Box::new(session));
        if peer != self.me {
            self.say(peer, control);
        }
        Ok(())
    }

    /// Makes sure that there can be one more session; the one that has been over for longest makes room.
    fn make_room_for_session(&mut self) -> Result<(), SendError> {
        if self.session_count < MAX_SESSIONS {
            return Ok(());
        }
        let slots = self.peers.iter().flat_map(|(peer, found)| {
            let by_user = found
                .slots()
                .filter(|(flow, _)| flow.connection().is_none());
            by_user.map(|(flow, slot)| (*peer, flow, slot))
        });
        let over = slots.filter_map(|(peer, flow, slot)| {
            let session = slot.session.as_ref();
            session
                .filter(|session| !session.state.is_live())
                .map(|session| (session.used_at, peer, flow))
        });
        let (_, peer, flow) = over.min().ok_or(SendError::TooMany)?;
        self.remove_session(peer, flow);
        self.settle(peer, flow);
        Ok(())
    }

    /// Forgets a session and what of it has not been read. The slot has to be settled.
    fn remove_session(&mut self, peer: SteamId, flow: Flow) -> Option<Box<Session>> {
        let session = self.peers.get_mut(&peer)?.slot_mut(flow).session.take()?;
        match flow {
            Flow::P2p | Flow::Messages => self.session_count -= 1,
            Flow::Connection(_) => self.connections.sessions -= 1,
        }
        self.inbox.drop_peer(peer, flow);
        Some(session)
    }

    /// After a change: sets the slot's timer, and forgets the peer if there is nothing left of it.
    fn settle(&mut self, peer: SteamId, flow: Flow) {
        self.changed.insert(peer);
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let slot = found.slot_mut(flow);
        let due = slot.deadline(&self.config, flow);
        if due != slot.wake_at {
            if let Some(at) = std::mem::replace(&mut slot.wake_at, due) {
                self.timers.remove(&(at, peer, flow));
            }
            if let Some(at) = due {
                self.timers.insert((at, peer, flow));
            }
        }
        found.tidy(flow);
        if found.is_empty() {
            self.peers.remove(&peer);
        }
    }

    /// After a change of the connection: forgets the peer if there is nothing left of it.
    fn settle_peer(&mut self, peer: SteamId) {
        self.changed.insert(peer);
        if self.peers.get(&peer).is_some_and(Peer::is_empty) {
            self.peers.remove(&peer);
        }
    }

    fn say(&mut self, peer: SteamId, control: Control) {
        self.words.push(peer, control);
    }

    fn post(&mut self, event: SessionEvent) {
        if self.events.len() >= MAX_EVENTS {
            let _ = self.poll_event();
        }
        self.events.push_back(event);
    }

    /// Tells a connected peer that its session is over here, once.
    fn say_over(&mut self, peer: SteamId, flow: Flow, mine: u64, theirs: u64) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        if found.connected && theirs > found.slot(flow).told {
            found.slot_mut(flow).told = theirs;
            self.say(
                peer,
                Control::Close {
                    flow,
                    incarnation: mine,
                    yours: theirs,
                    idle: false,
                },
            );
        }
    }
}

impl std::fmt::Debug for Sessions {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Sessions")
            .field("me", &self.me)
            .field("sessions", &self.session_count)
            .field("pending", &self.pending.len())
            .finish_non_exhaustive()
    }
}
