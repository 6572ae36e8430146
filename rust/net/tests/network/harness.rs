//! Endpoints on a network in memory and in virtual time, with a directory that hands offers on.

use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::{Arc, OnceLock};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_net::{
    Delivery, Endpoint, EndpointConfig, EndpointEvent, Identity, LinkClosed, LinkId, Nagle,
    PublicKey, SessionConfig, SessionEvent, Sessions,
};

use super::road::{Lane, Road};

pub(crate) const APP: u32 = 480;
/// Where the nodes are, and its term.
pub(crate) const DIRECTORY: u64 = 7;
pub(crate) const TERM: u64 = 3;
/// The directory's time when a test starts, in milliseconds.
const EPOCH_MS: u64 = 1_700_000_000_000;
/// How often a node may have a timer due at one instant before it counts as spinning.
const MAX_SPINS: u32 = 200;

/// What a node's links reported.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum LinkEvent {
    Opened {
        link: LinkId,
        inbound: bool,
        key: PublicKey,
    },
    Frame {
        link: LinkId,
        frame: Bytes,
    },
    Closed {
        link: LinkId,
        inbound: bool,
        reason: LinkClosed,
    },
}

pub(crate) struct Node {
    pub(crate) identity: Arc<Identity>,
    pub(crate) id: SteamId,
    pub(crate) addr: SocketAddr,
    pub(crate) endpoint: Endpoint,
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    pub(crate) alive: bool,
    pub(crate) links: Vec<LinkEvent>,
    pub(crate) events: Vec<(Instant, SessionEvent)>,
    pub(crate) packets_sent: u64,
    /// How many events it takes at most when it has worked; with 0, nothing that is due is done either.
    pub(crate) takes: usize,
    spins: (Option<Instant>, u32),
}

struct Packet {
    from: SocketAddr,
    to: SocketAddr,
    data: Vec<u8>,
}

enum Arrival {
    Packet(Packet),
    Signal {
        from: SteamId,
        to: SteamId,
        payload: Bytes,
    },
}

/// The network, its nodes, and the clock.
pub(crate) struct Net {
    pub(crate) now: Instant,
    start: Instant,
    pub(crate) nodes: Vec<Node>,
    arrivals: BTreeMap<(Instant, u64), Arrival>,
    sequence: u64,
    /// Of everything that is random, the endpoints' conditions included.
    seed: u64,
    random: u64,
    /// Of 1000 packets, how many are lost.
    pub(crate) loss: u64,
    pub(crate) latency: Duration,
    /// Up to so much is added to the latency, so that packets overtake each other.
    pub(crate) jitter: Duration,
    /// What else is on the way, in each direction.
    pub(crate) road: Road,
    lanes: BTreeMap<(SocketAddr, SocketAddr), Lane>,
    pub(crate) directory_up: bool,
    pub(crate) directory_latency: Duration,
    /// Pairs of addresses between which nothing travels, in this direction.
    pub(crate) cuts: BTreeSet<(SocketAddr, SocketAddr)>,
    /// Every signal that was handed to the directory.
    pub(crate) signals: Vec<(SteamId, SteamId, Bytes)>,
    /// Which of them it does not pass on, by their place among all, and how often it passes on the others.
    pub(crate) lost_signals: BTreeSet<usize>,
    pub(crate) signal_copies: u64,
    /// Every packet that was sent, when wanted.
    pub(crate) record: Option<Vec<(SocketAddr, SocketAddr, Vec<u8>)>>,
    /// When which node sent how many bytes, when wanted.
    pub(crate) wire: Option<Vec<(Instant, SocketAddr, usize)>>,
    /// Whether hosts take everybody's word at once.
    pub(crate) admits: bool,
    pub(crate) session_config: SessionConfig,
    pub(crate) endpoint_config: EndpointConfig,
}

/// Identities by rising Steam ID: of two, the first one dials.
pub(crate) fn identities() -> &'static [Arc<Identity>] {
    static IDENTITIES: OnceLock<Vec<Arc<Identity>>> = OnceLock::new();
    IDENTITIES.get_or_init(|| {
        let mut identities: Vec<_> = (0..3).map(|_| Arc::new(Identity::generate())).collect();
        identities.sort_by_key(|identity| identity.steam_id());
        identities
    })
}

pub(crate) fn reliable() -> Delivery {
    Delivery {
        reliable: true,
        nagle: Nagle::None,
        no_delay: false,
        autorestart: true,
    }
}

pub(crate) fn unreliable() -> Delivery {
    Delivery {
        reliable: false,
        ..reliable()
    }
}

impl Net {
    pub(crate) fn empty(seed: u64) -> Self {
        let now = Instant::now();
        Self {
            now,
            start: now,
            nodes: Vec::new(),
            arrivals: BTreeMap::new(),
            sequence: 0,
            seed,
            random: seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1,
            loss: 0,
            latency: Duration::from_millis(10),
            jitter: Duration::ZERO,
            road: Road::default(),
            lanes: BTreeMap::new(),
            directory_up: true,
            directory_latency: Duration::from_millis(15),
            cuts: BTreeSet::new(),
            signals: Vec::new(),
            lost_signals: BTreeSet::new(),
            signal_copies: 1,
            record: None,
            wire: None,
            admits: true,
            session_config: SessionConfig::default(),
            endpoint_config: EndpointConfig {
                app_id: APP,
                ..EndpointConfig::default()
            },
        }
    }

    /// Nodes 0 and 1; node 0 has the lower Steam ID, so it dials.
    pub(crate) fn pair(seed: u64) -> Self {
        let mut net = Self::empty(seed);
        net.add(0);
        net.add(1);
        net
    }

    pub(crate) fn add(&mut self, identity: usize) -> usize {
        self.add_user(Arc::clone(&identities()[identity]))
    }

    pub(crate) fn add_user(&mut self, identity: Arc<Identity>) -> usize {
        let addr = address(self.nodes.len(), 4000);
        self.add_at(identity, addr)
    }

    /// The same at an address.
    pub(crate) fn add_at(&mut self, identity: Arc<Identity>, addr: SocketAddr) -> usize {
        let node = self.nodes.len();
        let made = self.make(identity, addr, 1_000);
        self.nodes.push(made);
        node
    }

    fn make(&self, identity: Arc<Identity>, addr: SocketAddr, first_incarnation: u64) -> Node {
        let id = identity.steam_id();
        let sessions = Arc::new(Mutex::new(Sessions::new(
            self.session_config,
            id,
            first_incarnation,
        )));
        let mut seed = [7; 32];
        seed[..8].copy_from_slice(&self.seed.to_be_bytes());
        let IpAddr::V4(ip) = addr.ip() else {
            panic!("nodes have IPv4 addresses")
        };
        seed[8..12].copy_from_slice(&ip.octets());
        let mut endpoint = Endpoint::new(
            self.endpoint_config,
            Arc::clone(&identity),
            Arc::clone(&sessions),
            seed,
        );
        endpoint.set_candidates(vec![addr]);
        endpoint.set_directory(self.now, DIRECTORY, TERM, self.directory_ms());
        Node {
            identity,
            id,
            addr,
            endpoint,
            sessions,
            alive: true,
            links: Vec::new(),
            events: Vec::new(),
            packets_sent: 0,
            takes: usize::MAX,
            spins: (None, 0),
        }
    }

    pub(crate) fn directory_ms(&self) -> u64 {
        EPOCH_MS + u64::try_from((self.now - self.start).as_millis()).unwrap()
    }

    pub(crate) fn crash(&mut self, node: usize) {
        self.nodes[node].alive = false;
    }

    /// A new process of the same user, at another port.
    pub(crate) fn restart(&mut self, node: usize) {
        let old = &self.nodes[node];
        let addr = SocketAddr::new(old.addr.ip(), old.addr.port() + 1);
        let made = self.make(
            Arc::clone(&old.identity),
            addr,
            1_000_000 * u64::from(addr.port() - 3999),
        );
        self.nodes[node] = made;
    }

    pub(crate) fn cut(&mut self, one: usize, other: usize) {
        let (one, other) = (self.nodes[one].addr, self.nodes[other].addr);
        self.cuts.extend([(one, other), (other, one)]);
    }

    fn random(&mut self) -> u64 {
        self.random ^= self.random << 13;
        self.random ^= self.random >> 7;
        self.random ^= self.random << 17;
        self.random
    }

    fn schedule(&mut self, at: Instant, arrival: Arrival) {
        self.sequence += 1;
        self.arrivals.insert((at, self.sequence), arrival);
    }

    /// A packet on its way, from whomever.
    pub(crate) fn inject(&mut self, from: SocketAddr, to: SocketAddr, data: Vec<u8>) {
        if let Some(record) = &mut self.record {
            record.push((from, to, data.clone()));
        }
        if let Some(wire) = &mut self.wire {
            wire.push((self.now, from, data.len()));
        }
        if self.cuts.contains(&(from, to)) || self.random() % 1000 < self.loss {
            return;
        }
        let jitter = self.random() % u64::try_from(self.jitter.as_micros()).unwrap().max(1);
        let mut lane = self.lanes.get(&(from, to)).copied().unwrap_or_default();
        let (road, now) = (self.road, self.now);
        let through = road.pass(&mut lane, now, data.len(), || self.random());
        self.lanes.insert((from, to), lane);
        let Some(through) = through else { return };
        let at = through + self.latency + Duration::from_micros(jitter);
        self.schedule(at, Arrival::Packet(Packet { from, to, data }));
    }

    /// Lets a node do everything that it can do now.
    pub(crate) fn work(&mut self, node: usize) {
        if !self.nodes[node].alive {
            return;
        }
        let now = self.now;
        self.nodes[node].endpoint.pump(now);
        for _ in 0..self.nodes[node].takes {
            let Some(event) = self.nodes[node].endpoint.poll_event() else {
                break;
            };
            self.event(node, event);
        }
        loop {
            let mut buf = Vec::new();
            let from = self.nodes[node].addr;
            let Some(transmit) = self.nodes[node].endpoint.poll_transmit(now, 10, &mut buf) else {
                break;
            };
            assert_eq!(transmit.size, buf.len());
            for packet in buf.chunks(transmit.segment_size.unwrap_or(transmit.size).max(1)) {
                self.nodes[node].packets_sent += 1;
                self.inject(from, transmit.destination, packet.to_vec());
            }
        }
    }

    fn event(&mut self, node: usize, event: EndpointEvent) {
        let found = &mut self.nodes[node];
        match event {
            EndpointEvent::LinkOpened {
                link, inbound, key, ..
            } => {
                found.links.push(LinkEvent::Opened { link, inbound, key });
                if inbound && self.admits {
                    found.endpoint.admit_link(self.now, link);
                }
            }
            EndpointEvent::LinkFrame { link, frame } => {
                found.links.push(LinkEvent::Frame { link, frame });
            }
            EndpointEvent::LinkClosed {
                link,
                inbound,
                reason,
            } => {
                found.links.push(LinkEvent::Closed {
                    link,
                    inbound,
                    reason,
                });
            }
            EndpointEvent::Session(event) => found.events.push((self.now, event)),
            EndpointEvent::Signal { to, payload } => {
                let (from, number) = (found.id, self.signals.len());
                self.signals.push((from, to, payload.clone()));
                if self.directory_up && !self.lost_signals.contains(&number) {
                    for copy in 1..=self.signal_copies {
                        let at = self.now + self.directory_latency * u32::try_from(copy).unwrap();
                        let payload = payload.clone();
                        self.schedule(at, Arrival::Signal { from, to, payload });
                    }
                }
            }
        }
    }

    fn arrive(&mut self, arrival: Arrival) {
        let now = self.now;
        match arrival {
            Arrival::Packet(Packet { from, to, data }) => {
                let Some(node) = self
                    .nodes
                    .iter()
                    .position(|node| node.alive && node.addr == to)
                else {
                    return;
                };
                self.nodes[node].endpoint.handle_datagram(
                    now,
                    from,
                    None,
                    BytesMut::from(&data[..]),
                );
                self.work(node);
            }
            Arrival::Signal { from, to, payload } => {
                let Some(node) = self
                    .nodes
                    .iter()
                    .position(|node| node.alive && node.id == to)
                else {
                    return;
                };
                self.nodes[node].endpoint.handle_signal(now, from, &payload);
                self.work(node);
            }
        }
    }

    /// Runs until the clock has gone on by `span`.
    pub(crate) fn run(&mut self, span: Duration) {
        self.run_until(span, |_| false);
    }

    /// Runs until the condition holds, at most for `span`; whether it holds.
    pub(crate) fn run_until(
        &mut self,
        span: Duration,
        mut done: impl FnMut(&mut Self) -> bool,
    ) -> bool {
        let end = self.now + span;
        for node in 0..self.nodes.len() {
            self.work(node);
        }
        loop {
            if done(self) {
                return true;
            }
            let arrival = self.arrivals.first_key_value().map(|((at, _), _)| *at);
            let timers: Vec<Option<Instant>> = self
                .nodes
                .iter_mut()
                .map(|node| {
                    if node.alive && node.takes > 0 {
                        node.endpoint.poll_timeout()
                    } else {
                        None
                    }
                })
                .collect();
            let next = timers.iter().copied().chain([arrival]).flatten().min();
            let Some(next) = next
                .map(|next| next.max(self.now))
                .filter(|next| *next <= end)
            else {
                self.now = end;
                return done(self);
            };
            self.now = next;
            if arrival.is_some_and(|at| at <= next)
                && let Some((_, arrival)) = self.arrivals.pop_first()
            {
                self.arrive(arrival);
                continue;
            }
            for (node, timer) in timers.into_iter().enumerate() {
                if timer.is_some_and(|at| at <= next) {
                    self.note_timer(node);
                    self.nodes[node].endpoint.handle_timeout(next);
                    self.work(node);
                }
            }
        }
    }

    fn note_timer(&mut self, node: usize) {
        let spins = &mut self.nodes[node].spins;
        *spins = if spins.0 == Some(self.now) {
            (spins.0, spins.1 + 1)
        } else {
            (Some(self.now), 1)
        };
        assert!(
            spins.1 < MAX_SPINS,
            "node {node} has a timer that stays due"
        );
    }
}

pub(crate) fn address(node: usize, port: u16) -> SocketAddr {
    SocketAddr::from((
        Ipv4Addr::new(192, 0, 2, u8::try_from(node + 1).unwrap()),
        port,
    ))
}
