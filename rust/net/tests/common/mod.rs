//! Endpoints on a network in memory, in virtual time, with a directory that only passes signals on.

#![allow(dead_code, clippy::unwrap_used)] // Each test file uses its own part.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_net::{
    Api, Delivery, Endpoint, EndpointConfig, EndpointEvent, Identity, Message, Nagle, SendError,
    SessionConfig, SessionEvent, Sessions,
};

pub(crate) const APP: u32 = 480;
/// The directory's clock at the start.
const TIME_MS: u64 = 1_700_000_000_000;
/// The longest step of virtual time.
const STEP: Duration = Duration::from_millis(5);

pub(crate) const RELIABLE: Delivery = Delivery {
    reliable: true,
    nagle: Nagle::None,
    no_delay: false,
    autorestart: false,
};
pub(crate) const UNRELIABLE: Delivery = Delivery {
    reliable: false,
    ..RELIABLE
};

/// Identities take long to make, so that all tests share a few.
pub(crate) fn identity(number: usize) -> Arc<Identity> {
    static IDENTITIES: [OnceLock<Arc<Identity>>; 4] = [const { OnceLock::new() }; 4];
    Arc::clone(IDENTITIES[number].get_or_init(|| Arc::new(Identity::generate())))
}

pub(crate) struct Node {
    pub(crate) endpoint: Endpoint,
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    pub(crate) id: SteamId,
    pub(crate) addr: SocketAddr,
    /// What the endpoint reported, other than signals.
    pub(crate) events: VecDeque<EndpointEvent>,
    /// A process that is gone neither receives nor sends.
    pub(crate) is_dead: bool,
}

enum Flight {
    Datagram {
        from: SocketAddr,
        to: SocketAddr,
        data: Vec<u8>,
    },
    Signal {
        from: SteamId,
        to: SteamId,
        payload: Bytes,
    },
}

/// The network.
pub(crate) struct Net {
    pub(crate) now: Instant,
    pub(crate) nodes: Vec<Node>,
    pub(crate) latency: Duration,
    /// Of 1000 datagrams, so many are lost.
    pub(crate) loss_per_mille: u64,
    /// Every datagram so far: from, to, bytes.
    pub(crate) datagrams: u64,
    /// Every signal so far.
    pub(crate) signals: Vec<(SteamId, SteamId, Bytes)>,
    flights: VecDeque<(Instant, Flight)>,
    random: u64,
    numbers: HashMap<SteamId, usize>,
    started: Instant,
}

impl Net {
    /// So many users, the one with the lower Steam ID first.
    pub(crate) fn new(users: usize, seed: u64) -> Self {
        let now = Instant::now();
        let mut net = Self {
            now,
            nodes: Vec::new(),
            latency: Duration::from_millis(10),
            loss_per_mille: 0,
            datagrams: 0,
            signals: Vec::new(),
            flights: VecDeque::new(),
            random: seed,
            numbers: HashMap::new(),
            started: now,
        };
        let mut identities: Vec<_> = (0..users).map(identity).collect();
        identities.sort_by_key(|identity| identity.steam_id());
        for identity in identities {
            net.add(identity, 1);
        }
        net
    }

    /// Another process, at an address of its own.
    pub(crate) fn add(&mut self, identity: Arc<Identity>, first_incarnation: u64) -> usize {
        let number = self.nodes.len();
        let addr = SocketAddr::from(([10, 0, 0, u8::try_from(number + 1).unwrap()], 4000));
        let id = identity.steam_id();
        let sessions = Arc::new(Mutex::new(Sessions::new(
            SessionConfig::default(),
            id,
            first_incarnation,
        )));
        let config = EndpointConfig {
            app_id: APP,
            ..EndpointConfig::default()
        };
        let mut seed = [7; 32];
        seed[0] = u8::try_from(number).unwrap();
        let mut endpoint = Endpoint::new(config, identity, Arc::clone(&sessions), seed);
        endpoint.set_candidates(vec![addr]);
        endpoint.set_directory_time(self.now, self.time_ms());
        self.numbers.insert(id, number);
        self.nodes.push(Node {
            endpoint,
            sessions,
            id,
            addr,
            events: VecDeque::new(),
            is_dead: false,
        });
        number
    }

    fn time_ms(&self) -> u64 {
        TIME_MS + u64::try_from(self.now.duration_since(self.started).as_millis()).unwrap()
    }

    pub(crate) fn id(&self, node: usize) -> SteamId {
        self.nodes[node].id
    }

    pub(crate) fn send(
        &self,
        from: usize,
        to: usize,
        api: Api,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) {
        self.try_send(from, to, api, channel, delivery, data)
            .unwrap();
    }

    pub(crate) fn try_send(
        &self,
        from: usize,
        to: usize,
        api: Api,
        channel: u32,
        delivery: Delivery,
        data: &[u8],
    ) -> Result<(), SendError> {
        let to = self.id(to);
        let data = Bytes::copy_from_slice(data);
        self.nodes[from]
            .sessions
            .lock()
            .send(self.now, to, api, channel, delivery, data)
            .map(drop)
    }

    pub(crate) fn accept(&self, node: usize, peer: usize, api: Api) -> bool {
        self.nodes[node]
            .sessions
            .lock()
            .accept(self.now, self.id(peer), api)
    }

    pub(crate) fn close(&self, node: usize, peer: usize, api: Api) -> bool {
        self.nodes[node]
            .sessions
            .lock()
            .close(self.now, self.id(peer), api)
    }

    pub(crate) fn receive(&self, node: usize, api: Api, channel: u32) -> Option<Message> {
        self.nodes[node].sessions.lock().receive(api, channel)
    }

    /// Runs until a message has come.
    pub(crate) fn message(&mut self, node: usize, api: Api, channel: u32) -> Message {
        for _ in 0..20_000 {
            if let Some(message) = self.receive(node, api, channel) {
                return message;
            }
            self.step();
        }
        panic!("no message on channel {channel}");
    }

    /// Runs until a session event has come.
    pub(crate) fn session_event(&mut self, node: usize) -> SessionEvent {
        self.event(node, |event| match event {
            EndpointEvent::Session(event) => Some(*event),
            _ => None,
        })
    }

    /// Runs until an event has come, and takes it.
    pub(crate) fn event<R>(
        &mut self,
        node: usize,
        wanted: impl Fn(&EndpointEvent) -> Option<R>,
    ) -> R {
        for _ in 0..20_000 {
            let events = &mut self.nodes[node].events;
            if let Some(at) = events.iter().position(|event| wanted(event).is_some()) {
                return events.remove(at).and_then(|event| wanted(&event)).unwrap();
            }
            self.step();
        }
        panic!("no such event; there are {:?}", self.nodes[node].events);
    }

    pub(crate) fn has_session_event(&self, node: usize) -> bool {
        self.nodes[node]
            .events
            .iter()
            .any(|event| matches!(event, EndpointEvent::Session(_)))
    }

    pub(crate) fn run(&mut self, duration: Duration) {
        let until = self.now + duration;
        while self.now < until {
            self.step();
        }
    }

    /// Puts a datagram on the network.
    pub(crate) fn inject(&mut self, from: SocketAddr, to: SocketAddr, data: Vec<u8>) {
        self.flights
            .push_back((self.now, Flight::Datagram { from, to, data }));
    }

    /// Hands a user what the directory would.
    pub(crate) fn signal(&mut self, to: usize, from: SteamId, payload: &[u8]) {
        let now = self.now;
        self.nodes[to].endpoint.handle_signal(now, from, payload);
    }

    pub(crate) fn random(&mut self) -> u64 {
        // xorshift64, as published by Marsaglia.
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn step(&mut self) {
        self.now += STEP;
        let now = self.now;
        while self.flights.front().is_some_and(|(at, _)| *at <= now) {
            match self.flights.pop_front().unwrap().1 {
                Flight::Datagram { from, to, data } => {
                    let node = self
                        .nodes
                        .iter_mut()
                        .find(|node| node.addr == to && !node.is_dead);
                    if let Some(node) = node {
                        node.endpoint
                            .handle_datagram(now, from, None, BytesMut::from(&data[..]));
                    }
                }
                Flight::Signal { from, to, payload } => {
                    let node = self.numbers.get(&to).map(|number| &mut self.nodes[*number]);
                    if let Some(node) = node.filter(|node| !node.is_dead) {
                        node.endpoint.handle_signal(now, from, &payload);
                    }
                }
            }
        }
        for number in 0..self.nodes.len() {
            if !self.nodes[number].is_dead {
                self.drive(number);
            }
        }
    }

    fn drive(&mut self, number: usize) {
        let now = self.now;
        let node = &mut self.nodes[number];
        if node.endpoint.poll_timeout().is_some_and(|at| at <= now) {
            node.endpoint.handle_timeout(now);
        }
        node.endpoint.pump(now);
        let (from, id) = (node.addr, node.id);
        let mut signals = Vec::new();
        while let Some(event) = node.endpoint.poll_event() {
            match event {
                EndpointEvent::Signal { to, payload } => signals.push((to, payload)),
                event => node.events.push_back(event),
            }
        }
        let mut datagrams = Vec::new();
        let mut buf = Vec::new();
        while let Some(transmit) = node.endpoint.poll_transmit(now, 8, &mut buf) {
            for data in buf.chunks(transmit.segment_size.unwrap_or(usize::MAX)) {
                datagrams.push((transmit.destination, data.to_vec()));
            }
            buf.clear();
        }
        for (to, payload) in signals {
            self.signals.push((id, to, payload.clone()));
            self.flights.push_back((
                now + self.latency,
                Flight::Signal {
                    from: id,
                    to,
                    payload,
                },
            ));
        }
        for (to, data) in datagrams {
            self.datagrams += 1;
            if self.random() % 1000 >= self.loss_per_mille {
                self.flights
                    .push_back((now + self.latency, Flight::Datagram { from, to, data }));
            }
        }
    }
}

/// Opens a P2P session from the first to the second, with a message of one byte each way.
pub(crate) fn open(net: &mut Net, api: Api) {
    net.send(0, 1, api, 0, RELIABLE, b"?");
    assert_eq!(
        net.session_event(1),
        SessionEvent::Requested {
            peer: net.id(0),
            api
        }
    );
    assert!(net.accept(1, 0, api));
    assert_eq!(&net.message(1, api, 0).data[..], b"?");
    net.send(1, 0, api, 0, RELIABLE, b"!");
    assert_eq!(&net.message(0, api, 0).data[..], b"!");
}
