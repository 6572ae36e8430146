//! Two users and what lies between them.

use std::borrow::Borrow;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use samovar_id::SteamId;

use crate::sessions::config::{
    MAX_ACCEPTED, MAX_EVENTS, MAX_PENDING_REQUESTS, MAX_QUEUED_MESSAGES, MAX_SESSIONS,
};
use crate::sessions::{
    Control, Delivery, DisconnectReason, Flow, Incoming, Message, Nagle, Outgoing, SendError,
    SessionConfig, SessionEvent, SessionState, Sessions,
};

pub(super) const RELIABLE: Delivery = Delivery {
    reliable: true,
    nagle: Nagle::None,
    no_delay: false,
    autorestart: false,
};
pub(super) const UNRELIABLE: Delivery = Delivery {
    reliable: false,
    ..RELIABLE
};
pub(super) const NO_DELAY: Delivery = Delivery {
    no_delay: true,
    ..UNRELIABLE
};
pub(super) const AUTORESTART: Delivery = Delivery {
    autorestart: true,
    ..RELIABLE
};
pub(super) const BUFFERED: Delivery = Delivery {
    nagle: Nagle::P2pBuffering,
    ..RELIABLE
};
pub(super) const NAGLED: Delivery = Delivery {
    nagle: Nagle::Messages,
    ..RELIABLE
};
pub(super) const NAGLED_UNRELIABLE: Delivery = Delivery {
    nagle: Nagle::Messages,
    ..UNRELIABLE
};

pub(super) fn user(number: u64) -> SteamId {
    SteamId::individual(number << 33 | number)
}

pub(super) fn secs(seconds: u64) -> Duration {
    Duration::from_secs(seconds)
}

pub(super) fn millis(millis: u64) -> Duration {
    Duration::from_millis(millis)
}

pub(super) fn requested(peer: SteamId, flow: Flow) -> SessionEvent {
    SessionEvent::Requested { peer, flow }
}

/// One user's sessions with a clock.
pub(super) struct Side {
    pub(super) id: SteamId,
    pub(super) now: Instant,
    pub(super) sessions: Sessions,
}

impl Side {
    pub(super) fn new(number: u64) -> Self {
        let id = user(number);
        let sessions = Sessions::new(SessionConfig::default(), id, number * 1_000_000);
        Self {
            id,
            now: Instant::now(),
            sessions,
        }
    }

    pub(super) fn send(
        &mut self,
        to: SteamId,
        flow: Flow,
        delivery: Delivery,
        text: &str,
    ) -> Result<u64, SendError> {
        self.send_on(to, flow, 0, delivery, text)
    }

    pub(super) fn send_on(
        &mut self,
        to: SteamId,
        flow: Flow,
        channel: u32,
        delivery: Delivery,
        text: &str,
    ) -> Result<u64, SendError> {
        let data = text.as_bytes();
        self.sessions
            .send(self.now, to, flow, channel, delivery, data)
    }

    pub(super) fn accept(&mut self, peer: SteamId, flow: Flow) -> bool {
        self.sessions.accept(self.now, peer, flow)
    }

    pub(super) fn close(&mut self, peer: SteamId, flow: Flow) -> bool {
        self.sessions.close(self.now, peer, flow)
    }

    pub(super) fn control(&mut self, from: SteamId, control: impl Borrow<Control>) {
        let control = control.borrow().clone();
        self.sessions.on_control(self.now, from, control);
    }

    pub(super) fn connect(&mut self, peer: SteamId) {
        self.sessions.on_connected(self.now, peer);
    }

    pub(super) fn disconnect(&mut self, peer: SteamId, reason: DisconnectReason) {
        self.sessions.on_disconnected(self.now, peer, reason);
    }

    /// Lets time pass, doing what is due when it is due.
    pub(super) fn wait(&mut self, time: Duration) {
        let end = self.now + time;
        while let Some(at) = self.sessions.poll_timeout().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.sessions.handle_timeout(self.now);
            check(&self.sessions);
        }
        self.now = end;
    }

    pub(super) fn controls(&mut self) -> Vec<Control> {
        std::iter::from_fn(|| self.sessions.poll_control())
            .map(|(_, control)| control)
            .collect()
    }

    pub(super) fn events(&mut self) -> Vec<SessionEvent> {
        std::iter::from_fn(|| self.sessions.poll_event()).collect()
    }

    pub(super) fn outgoing(&mut self, peer: SteamId) -> Vec<Outgoing> {
        std::iter::from_fn(|| {
            self.sessions
                .poll_outgoing(self.now, peer, |_, _, _, _| true)
        })
        .collect()
    }

    /// What goes out now, as text.
    pub(super) fn goes_out(&mut self, peer: SteamId) -> Vec<String> {
        self.outgoing(peer)
            .iter()
            .map(|outgoing| String::from_utf8_lossy(&outgoing.data).into_owned())
            .collect()
    }

    pub(super) fn read(&mut self, flow: Flow, channel: u32) -> Option<Message> {
        self.sessions.receive(flow, channel)
    }

    /// All that can be read from channel 0, as text.
    pub(super) fn texts(&mut self, flow: Flow) -> Vec<String> {
        std::iter::from_fn(|| self.read(flow, 0))
            .map(|message| String::from_utf8_lossy(&message.data).into_owned())
            .collect()
    }

    pub(super) fn state(&self, peer: SteamId, flow: Flow) -> Option<SessionState> {
        self.sessions
            .info(self.now, peer, flow)
            .map(|info| info.state)
    }
}

/// What is under way from one side, by interface, incarnation, channel, and whether it is reliable.
pub(super) type Streams = BTreeMap<(Flow, u64, u32, bool), VecDeque<Outgoing>>;

pub(super) fn incoming(outgoing: Outgoing) -> Incoming {
    let Outgoing {
        flow,
        incarnation,
        channel,
        reliable,
        data,
        rank: _,
    } = outgoing;
    Incoming {
        flow,
        incarnation,
        channel,
        reliable,
        data,
    }
}

/// Two users; everything arrives at once when the network runs.
pub(super) struct Pair {
    pub(super) a: Side,
    pub(super) b: Side,
}

impl Pair {
    pub(super) fn new() -> Self {
        let (a, mut b) = (Side::new(1), Side::new(2));
        b.now = a.now;
        Self { a, b }
    }

    /// An open session, in which A has sent "hello" and B has read it.
    pub(super) fn open(flow: Flow) -> Self {
        let mut pair = Self::new();
        pair.a.send(pair.b.id, flow, RELIABLE, "hello").unwrap();
        pair.run();
        assert_eq!(pair.b.events(), [requested(pair.a.id, flow)]);
        assert!(pair.b.accept(pair.a.id, flow));
        pair.connect();
        pair.run();
        assert_eq!(pair.b.texts(flow), ["hello"]);
        pair
    }

    pub(super) fn connect(&mut self) {
        self.a.connect(self.b.id);
        self.b.connect(self.a.id);
    }

    pub(super) fn disconnect(&mut self, reason: DisconnectReason) {
        self.a.disconnect(self.b.id, reason);
        self.b.disconnect(self.a.id, reason);
    }

    /// Moves everything until nothing moves any more.
    pub(super) fn run(&mut self) {
        let (a, b) = (self.a.id, self.b.id);
        for _ in 0..100 {
            let moved =
                transfer(&mut self.a, &mut self.b, a, b) + transfer(&mut self.b, &mut self.a, b, a);
            check(&self.a.sessions);
            check(&self.b.sessions);
            if moved == 0 {
                return;
            }
        }
        panic!("the two never come to rest");
    }

    pub(super) fn wait(&mut self, time: Duration) {
        self.a.wait(time);
        self.b.wait(time);
    }
}

fn transfer(from: &mut Side, to: &mut Side, from_id: SteamId, to_id: SteamId) -> usize {
    let controls = from.controls();
    let messages = from.outgoing(to_id);
    let moved = controls.len() + messages.len();
    for control in controls {
        to.control(from_id, control);
    }
    for outgoing in messages {
        to.sessions.deliver(to.now, from_id, incoming(outgoing));
    }
    from.sessions
        .set_waiting(from.now, to_id, |_| std::iter::empty());
    moved
}

/// What must hold at any time.
pub(super) fn check(sessions: &Sessions) {
    let (mut count, mut pending, mut timers) = (0, 0, 0);
    for (peer, found) in &sessions.peers {
        assert!(!found.is_empty(), "a peer is kept for nothing");
        for (flow, slot) in found.slots() {
            assert!(
                slot.live().is_none() || slot.pending.is_none(),
                "a live session and a request"
            );
            let by_user = flow.connection().is_none();
            count += usize::from(slot.session.is_some() && by_user);
            if let Some(waiting) = slot.pending.as_ref().filter(|_| by_user) {
                pending += 1;
                assert_eq!(sessions.pending.get(&waiting.order), Some(&(*peer, flow)));
            }
            if let Some(at) = slot.wake_at {
                timers += 1;
                assert!(sessions.timers.contains(&(at, *peer, flow)));
            }
            if let Some(due) = slot.deadline(&sessions.config, flow) {
                assert!(slot.wake_at.is_some_and(|at| at <= due), "a timer is late");
            }
            if let Some(session) = &slot.session {
                assert!(session.mine < sessions.next_incarnation || !by_user);
                assert!(session.queue.len() <= MAX_QUEUED_MESSAGES);
                assert!(session.queue.bytes() <= session.send_limit(&sessions.config, flow));
                assert!(session.state.is_live() || session.queue.is_empty());
                session.queue.check();
                let opened = session.state == SessionState::Connected && *peer != sessions.me;
                assert!(!opened || (found.connected && session.theirs.is_some()));
            } else {
                assert!(
                    !sessions.inbox.knows(*peer, flow),
                    "an inbox without a session"
                );
            }
        }
    }
    assert_eq!(count, sessions.session_count);
    assert_eq!(pending, sessions.pending.len());
    assert_eq!(timers, sessions.timers.len());
    assert!(count <= MAX_SESSIONS && pending <= MAX_PENDING_REQUESTS);
    assert!(sessions.events.len() <= MAX_EVENTS && sessions.accepted.len() <= MAX_ACCEPTED);
    sessions.words.check();
    sessions.inbox.check(&sessions.config);
    sessions.records.check();
    sessions.check_connections();
}
