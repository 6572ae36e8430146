//! Message sessions between users: who may talk, what waits, what has arrived.

mod game;
mod inbox;
mod transport;
mod types;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::ops::Bound;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;

use inbox::Inbox;
pub use types::{
    Api, Control, Delivery, DisconnectReason, FailReason, Incoming, LinkStats, Message, Nagle,
    Outgoing, SendError, SessionConfig, SessionEvent, SessionInfo, SessionState,
};

/// The most sessions at once, over all peers.
pub const MAX_SESSIONS: usize = 1024;
/// The most requests that wait for an answer; the oldest is forgotten.
pub const MAX_PENDING_REQUESTS: usize = 256;
/// The most channels of a session, in each direction.
pub const MAX_CHANNELS: usize = 64;
/// The most control frames and events that wait to be taken.
const MAX_WAITING: usize = 8192;
/// The most messages that wait in a session.
const MAX_QUEUED_MESSAGES: usize = 65_536;
/// After how long an unanswered request is sent again.
const RETRANSMIT: Duration = Duration::from_secs(2);
/// How long a request waits for an answer after the last sign of it.
const REQUEST_LIFE: Duration = Duration::from_secs(30);

struct Queued {
    reliable: bool,
    data: Bytes,
}

/// What waits to be sent in a session: a queue for each channel, which take turns, so that none holds up another.
#[derive(Default)]
struct Outbox {
    channels: BTreeMap<u32, VecDeque<Queued>>,
    bytes: usize,
    messages: usize,
    last: u32,
}

impl Outbox {
    fn push(&mut self, channel: u32, queued: Queued) {
        self.bytes += queued.data.len();
        self.messages += 1;
        self.channels.entry(channel).or_default().push_back(queued);
    }

    /// The first message of the next channel that may send.
    fn pop(&mut self, may_send: impl Fn(u32, bool) -> bool) -> Option<(u32, Queued)> {
        let later = self
            .channels
            .range((Bound::Excluded(self.last), Bound::Unbounded));
        let mut turn = later.chain(self.channels.range(..=self.last));
        let channel = turn.find_map(|(channel, queue)| {
            may_send(*channel, queue.front()?.reliable).then_some(*channel)
        })?;
        let queue = self.channels.get_mut(&channel)?;
        let queued = queue.pop_front()?;
        if queue.is_empty() {
            self.channels.remove(&channel);
        }
        self.bytes -= queued.data.len();
        self.messages -= 1;
        self.last = channel;
        Some((channel, queued))
    }

    fn discard(&mut self, channel: u32) {
        let gone = self.channels.remove(&channel).unwrap_or_default();
        self.bytes -= gone.iter().map(|queued| queued.data.len()).sum::<usize>();
        self.messages -= gone.len();
    }
}

struct Session {
    state: SessionState,
    mine: u64,
    theirs: Option<u64>,
    outbox: Outbox,
    /// Until when what is queued waits for more.
    hold_until: Option<Instant>,
    /// By when it must be open.
    deadline: Option<Instant>,
    repeat: u32,
    repeated_at: Instant,
    retransmit_at: Instant,
    channels_out: BTreeSet<u32>,
    channels_in: BTreeSet<u32>,
    next_number: u64,
    used_at: Instant,
}

impl Session {
    fn is_live(&self) -> bool {
        matches!(
            self.state,
            SessionState::Requesting | SessionState::Connecting | SessionState::Connected
        )
    }

    fn clear_queue(&mut self) {
        self.outbox = Outbox::default();
        self.hold_until = None;
    }
}

struct Pending {
    theirs: u64,
    repeat: u32,
    expires: Instant,
}

#[derive(Default)]
struct PeerState {
    connected: bool,
    stats: Option<LinkStats>,
    /// The latest session of the peer's that is known to be over, for each interface.
    over: BTreeMap<Api, u64>,
}

/// All sessions of one user. Shared, under a lock, by the game's thread and the network's.
pub struct Sessions {
    config: SessionConfig,
    me: SteamId,
    next_incarnation: u64,
    sessions: HashMap<(SteamId, Api), Session>,
    pending: BTreeMap<(SteamId, Api), Pending>,
    peers: HashMap<SteamId, PeerState>,
    inbox: Inbox,
    controls: VecDeque<(SteamId, Control)>,
    events: VecDeque<SessionEvent>,
}

impl Sessions {
    /// No sessions yet. `first_incarnation` must be larger than any that an earlier process of this user had; the
    /// microseconds since 1970 are.
    pub fn new(config: SessionConfig, me: SteamId, first_incarnation: u64) -> Self {
        Self {
            config,
            me,
            next_incarnation: first_incarnation.max(1),
            sessions: HashMap::new(),
            pending: BTreeMap::new(),
            peers: HashMap::new(),
            inbox: Inbox::default(),
            controls: VecDeque::new(),
            events: VecDeque::new(),
        }
    }

    fn timeout(&self, api: Api) -> Duration {
        match api {
            Api::P2p => self.config.p2p_timeout,
            Api::Messages => self.config.messages_timeout,
        }
    }

    fn send_limit(&self, api: Api) -> usize {
        match api {
            Api::P2p => self.config.p2p_send_limit,
            Api::Messages => self.config.messages_send_limit,
        }
    }

    fn new_session(&mut self, now: Instant, api: Api) -> Session {
        let mine = self.next_incarnation;
        self.next_incarnation += 1;
        Session {
            state: SessionState::Requesting,
            mine,
            theirs: None,
            outbox: Outbox::default(),
            hold_until: None,
            deadline: Some(now + self.timeout(api)),
            repeat: 0,
            repeated_at: now,
            retransmit_at: now + RETRANSMIT,
            channels_out: BTreeSet::new(),
            channels_in: BTreeSet::new(),
            next_number: 1,
            used_at: now,
        }
    }

    fn control(&mut self, peer: SteamId, control: Control) {
        if self.controls.len() < MAX_WAITING {
            self.controls.push_back((peer, control));
        }
    }

    fn event(&mut self, event: SessionEvent) {
        if self.events.len() < MAX_WAITING {
            self.events.push_back(event);
        }
    }

    fn is_over(&self, peer: SteamId, api: Api, incarnation: u64) -> bool {
        self.peers
            .get(&peer)
            .and_then(|state| state.over.get(&api))
            .is_some_and(|over| incarnation <= *over)
    }

    fn note_over(&mut self, peer: SteamId, api: Api, incarnation: u64) {
        let over = self
            .peers
            .entry(peer)
            .or_default()
            .over
            .entry(api)
            .or_default();
        *over = (*over).max(incarnation);
        self.forget_idle_peers();
    }

    /// Keeps the records of peers with no session bounded.
    fn forget_idle_peers(&mut self) {
        if self.peers.len() <= 2 * MAX_SESSIONS {
            return;
        }
        let sessions = &self.sessions;
        self.peers.retain(|peer, state| {
            state.connected
                || [Api::P2p, Api::Messages]
                    .iter()
                    .any(|api| sessions.contains_key(&(*peer, *api)))
        });
    }

    /// Makes an accepted session usable, or waits for the connection.
    fn open(&mut self, peer: SteamId, api: Api, theirs: u64) {
        let connected = self.peers.get(&peer).is_some_and(|state| state.connected);
        if let Some(session) = self.sessions.get_mut(&(peer, api)) {
            session.theirs = Some(theirs);
            if connected {
                session.state = SessionState::Connected;
                session.deadline = None;
            } else {
                session.state = SessionState::Connecting;
            }
        }
    }
}
