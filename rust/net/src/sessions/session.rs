//! One session, one peer, and when something of them is due.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Bound;
use std::time::{Duration, Instant};

use super::config::{RETRANSMIT, SessionConfig};
use super::control::{ConnectionEnd, ConnectionId, Control, Flow};
use super::info::{FailReason, LinkStats, SessionState};
use super::queue::SendQueue;

pub(super) struct Session {
    pub(super) state: SessionState,
    /// The own incarnation.
    pub(super) mine: u64,
    /// The peer's incarnation, once it is known.
    pub(super) theirs: Option<u64>,
    pub(super) repeat: u32,
    /// When the request last got a new repeat number.
    repeated_at: Instant,
    pub(super) retransmit_at: Instant,
    /// Since when it waits to be open: the first message, or the acceptance while there is none.
    pub(super) waiting_since: Instant,
    /// Whether the game has sent anything in it.
    pub(super) is_used: bool,
    pub(super) used_at: Instant,
    pub(super) error: Option<FailReason>,
    /// Whether it starts over with the next message, although it is over: the peer only found it idle.
    pub(super) restarts: bool,
    /// Since when the peer is asked whether it may end, because nobody uses it. Nothing is sent meanwhile.
    pub(super) ending_since: Option<Instant>,
    pub(super) queue: SendQueue,
    /// Bytes of reliable messages that the connection has taken and the peer has not acknowledged.
    pub(super) unacknowledged: usize,
    /// Channels that the game has sent on.
    pub(super) channels: BTreeSet<u32>,
    /// Messages taken from the game.
    pub(super) sent: u64,
    /// Messages that have arrived.
    pub(super) received: u64,
    /// Reliable messages of the own incarnation that the connection has taken.
    pub(super) sent_reliably: u64,
    /// Reliable messages of the peer's incarnation that have arrived.
    pub(super) received_reliably: u64,
    /// What only a connection has.
    pub(super) connection: Connection,
}

/// What a session has that is a connection's.
#[derive(Default)]
pub(super) struct Connection {
    /// How long it may take to open, where the dialler has said so.
    pub(super) timeout: Option<Duration>,
    /// How much may wait in it to be sent, where that is not what is configured for all.
    pub(super) send_limit: Option<usize>,
    /// How long small messages wait for more to go with them, where that is not what is configured for all.
    pub(super) nagle: Option<Duration>,
    /// Why it is over, or will be.
    pub(super) end: Option<ConnectionEnd>,
    /// The peer has ended it: after so many reliable messages of its, and not later than that.
    pub(super) ending: Option<(u64, Instant)>,
    /// The game has ended it, and what it has sent is still going, not longer than that.
    pub(super) lingers_until: Option<Instant>,
}

impl Session {
    pub(super) fn new(now: Instant, mine: u64, error: Option<FailReason>) -> Self {
        Self {
            state: SessionState::Requesting,
            mine,
            theirs: None,
            repeat: 0,
            repeated_at: now,
            retransmit_at: now + RETRANSMIT,
            waiting_since: now,
            is_used: false,
            used_at: now,
            error,
            restarts: false,
            ending_since: None,
            queue: SendQueue::default(),
            unacknowledged: 0,
            channels: BTreeSet::new(),
            sent: 0,
            received: 0,
            sent_reliably: 0,
            received_reliably: 0,
            connection: Connection::default(),
        }
    }

    /// How many bytes may wait in it to be sent or acknowledged.
    pub(super) fn send_limit(&self, config: &SessionConfig, flow: Flow) -> usize {
        let own = self.connection.send_limit;
        own.unwrap_or_else(|| config.send_limit(flow))
    }

    /// The question that this session asks.
    pub(super) fn request(&self, flow: Flow) -> Control {
        Control::Request {
            flow,
            incarnation: self.mine,
            repeat: self.repeat,
        }
    }

    /// Whether the game's sending is reason to ask again, which it then counts as done.
    pub(super) fn repeats(&mut self, now: Instant, config: &SessionConfig) -> bool {
        let waits = matches!(
            self.state,
            SessionState::Requesting | SessionState::Connecting
        );
        if !waits || now.saturating_duration_since(self.repeated_at) < config.request_repeat {
            return false;
        }
        self.repeat = self.repeat.saturating_add(1);
        self.repeated_at = now;
        self.retransmit_at = now + RETRANSMIT;
        true
    }

    /// The peer agrees: open if there is a connection, else waiting for it.
    pub(super) fn agreed(&mut self, theirs: u64, connected: bool) {
        if self.theirs != Some(theirs) {
            self.theirs = Some(theirs);
            self.received_reliably = 0;
        }
        if connected {
            self.opened();
        } else {
            self.state = SessionState::Connecting;
        }
    }

    pub(super) fn opened(&mut self) {
        self.state = SessionState::Connected;
        self.error = None;
    }

    /// Begins again with what is queued.
    pub(super) fn ask_anew(&mut self, now: Instant, mine: u64) {
        self.state = SessionState::Requesting;
        self.renewed(mine);
        self.theirs = None;
        self.repeat = 0;
        self.repeated_at = now;
        self.retransmit_at = now + RETRANSMIT;
        self.waiting_since = now;
        self.queue.flush();
    }

    /// It goes on with a new number of its own: what the connection has of it will not arrive.
    pub(super) fn renewed(&mut self, mine: u64) {
        self.mine = mine;
        self.ending_since = None;
        self.sent_reliably = 0;
        self.queue.set_in_flight(std::iter::empty());
        self.unacknowledged = 0;
    }

    /// It is over; what is queued is dropped.
    pub(super) fn ended(&mut self, now: Instant, state: SessionState) {
        self.state = state;
        self.used_at = now;
        self.ending_since = None;
        self.queue.clear();
        self.unacknowledged = 0;
        self.channels.clear();
        self.connection.ending = None;
        self.connection.lingers_until = None;
    }

    /// How long it may take to open.
    fn timeout(&self, config: &SessionConfig, flow: Flow) -> Duration {
        let own = self.connection.timeout;
        own.unwrap_or_else(|| config.timeout(flow))
    }

    /// Whether something of it waits to be sent, or to be acknowledged.
    pub(super) fn is_busy(&self) -> bool {
        !self.queue.is_empty() || self.queue.in_flight() > 0 || self.unacknowledged > 0
    }

    /// Whether nothing has happened in it for so long.
    pub(super) fn is_unused(&self, now: Instant, time: Duration) -> bool {
        now.saturating_duration_since(self.used_at) >= time
    }

    /// Asks the peer whether it may end.
    pub(super) fn would_end(&mut self, now: Instant, flow: Flow) -> Control {
        self.ending_since = Some(now);
        Control::Idle {
            flow,
            incarnation: self.mine,
            yours: self.theirs.unwrap_or(0),
            sent: self.sent_reliably,
            received: self.received_reliably,
        }
    }

    /// Whether it has waited too long to be open.
    pub(super) fn is_late(&self, now: Instant, config: &SessionConfig, flow: Flow) -> bool {
        matches!(
            self.state,
            SessionState::Requesting | SessionState::Connecting
        ) && now.saturating_duration_since(self.waiting_since) >= self.timeout(config, flow)
    }

    /// When something is due at the earliest.
    fn deadline(&self, config: &SessionConfig, flow: Flow) -> Option<Instant> {
        let late = self.waiting_since.checked_add(self.timeout(config, flow));
        if flow.connection().is_some() {
            let Connection {
                ending,
                lingers_until,
                ..
            } = &self.connection;
            return match self.state {
                SessionState::Requesting => earlier(late, Some(self.retransmit_at)),
                SessionState::Connecting => late,
                SessionState::Connected => {
                    let over = earlier(ending.map(|(_, at)| at), *lingers_until);
                    earlier(self.queue.flush_at(), over)
                }
                SessionState::ClosedByPeer | SessionState::Failed => None,
            };
        }
        let idle = match self.ending_since {
            Some(since) => since.checked_add(config.timeout(flow)),
            None => self.used_at.checked_add(config.idle),
        };
        match self.state {
            SessionState::Requesting => earlier(late, Some(self.retransmit_at)),
            SessionState::Connecting => late,
            SessionState::Connected if flow == Flow::Messages => {
                earlier(self.queue.flush_at(), idle)
            }
            SessionState::Connected => self.queue.flush_at(),
            SessionState::ClosedByPeer | SessionState::Failed => idle,
        }
    }
}

/// A request of the peer's that the game has not answered.
pub(super) struct Pending {
    pub(super) incarnation: u64,
    /// Its place in the order of arrival.
    pub(super) order: u64,
    pub(super) expires: Instant,
}

/// What there is with one peer in one flow. A live session and a pending request exclude each other.
#[derive(Default)]
pub(super) struct Slot {
    pub(super) session: Option<Box<Session>>,
    pub(super) pending: Option<Pending>,
    /// The entry in the timers.
    pub(super) wake_at: Option<Instant>,
    /// A request event of it waits to be taken.
    pub(super) posted: bool,
    /// The peer's latest session of which it has been said on this connection that it is over.
    pub(super) told: u64,
}

impl Slot {
    pub(super) fn live(&self) -> Option<&Session> {
        self.session
            .as_deref()
            .filter(|session| session.state.is_live())
    }

    pub(super) fn live_mut(&mut self) -> Option<&mut Session> {
        self.session
            .as_deref_mut()
            .filter(|session| session.state.is_live())
    }

    /// It has been said, by either side, that the peer's session is over.
    pub(super) fn note_told(&mut self, theirs: u64) {
        self.told = self.told.max(theirs);
    }

    /// Whether nothing is known by it.
    fn is_empty(&self) -> bool {
        let Self {
            session,
            pending,
            wake_at,
            posted,
            told,
        } = self;
        session.is_none() && pending.is_none() && wake_at.is_none() && !posted && *told == 0
    }

    pub(super) fn deadline(&self, config: &SessionConfig, flow: Flow) -> Option<Instant> {
        let session = self
            .session
            .as_ref()
            .and_then(|session| session.deadline(config, flow));
        earlier(
            session,
            self.pending.as_ref().map(|pending| pending.expires),
        )
    }
}

/// Where there is none.
static NO_SLOT: Slot = Slot {
    session: None,
    pending: None,
    wake_at: None,
    posted: false,
    told: 0,
};

#[derive(Default)]
pub(super) struct Peer {
    pub(super) connected: bool,
    pub(super) link: Option<LinkStats>,
    /// How many of a hundred of its packets have arrived, as it has told on this connection.
    pub(super) quality: Option<u8>,
    /// Of P2P and of Messages: looked up for each message.
    by_user: [Slot; 2],
    connections: BTreeMap<ConnectionId, Slot>,
    /// It has sent since the endpoint last asked who has changed.
    pub(super) is_changed: bool,
    /// How many bytes of a connection with lanes may be on the way.
    pub(super) ahead: Option<usize>,
    /// The flow that has sent last.
    pub(super) turn: Option<Flow>,
}

impl Peer {
    pub(super) fn slot(&self, flow: Flow) -> &Slot {
        match flow {
            Flow::P2p => &self.by_user[0],
            Flow::Messages => &self.by_user[1],
            Flow::Connection(id) => self.connections.get(&id).unwrap_or(&NO_SLOT),
        }
    }

    /// The slot, made if there is none: it has to be settled, so that it goes again when it is empty.
    pub(super) fn slot_mut(&mut self, flow: Flow) -> &mut Slot {
        match flow {
            Flow::P2p => &mut self.by_user[0],
            Flow::Messages => &mut self.by_user[1],
            Flow::Connection(id) => self.connections.entry(id).or_default(),
        }
    }

    pub(super) fn live_mut(&mut self, flow: Flow) -> Option<&mut Session> {
        match flow {
            Flow::P2p | Flow::Messages => self.slot_mut(flow).live_mut(),
            Flow::Connection(id) => self.connections.get_mut(&id)?.live_mut(),
        }
    }

    pub(super) fn slots(&self) -> impl Iterator<Item = (Flow, &Slot)> {
        let connections = self.connections.iter();
        let connections = connections.map(|(id, slot)| (Flow::Connection(*id), slot));
        Flow::BY_USER
            .into_iter()
            .zip(&self.by_user)
            .chain(connections)
    }

    pub(super) fn slots_mut(&mut self) -> impl Iterator<Item = (Flow, &mut Slot)> {
        let connections = self.connections.iter_mut();
        let connections = connections.map(|(id, slot)| (Flow::Connection(*id), slot));
        Flow::BY_USER
            .into_iter()
            .zip(&mut self.by_user)
            .chain(connections)
    }

    pub(super) fn flows(&self) -> Vec<Flow> {
        self.slots().map(|(flow, _)| flow).collect()
    }

    /// The flow after that which has sent last, whose turn it is then.
    pub(super) fn next_turn(&mut self) -> Flow {
        let first = Bound::Unbounded;
        let after = match self.turn {
            None => None,
            Some(Flow::P2p) => Some(Flow::Messages),
            Some(Flow::Messages) => self.first_connection(first),
            Some(Flow::Connection(last)) => self.first_connection(Bound::Excluded(last)),
        };
        let next = after.unwrap_or(Flow::P2p);
        self.turn = Some(next);
        next
    }

    fn first_connection(&self, after: Bound<ConnectionId>) -> Option<Flow> {
        let mut following = self.connections.range((after, Bound::Unbounded));
        let (id, _) = following.next()?;
        Some(Flow::Connection(*id))
    }

    /// How many slots there are.
    pub(super) fn len(&self) -> usize {
        self.by_user.len() + self.connections.len()
    }

    /// Forgets a slot of which there is nothing left.
    pub(super) fn tidy(&mut self, flow: Flow) {
        if let Flow::Connection(id) = flow
            && self.connections.get(&id).is_some_and(Slot::is_empty)
        {
            self.connections.remove(&id);
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        !self.connected
            && self
                .slots()
                .all(|(_, slot)| slot.session.is_none() && slot.pending.is_none())
    }
}

fn earlier(one: Option<Instant>, other: Option<Instant>) -> Option<Instant> {
    one.into_iter().chain(other).min()
}
