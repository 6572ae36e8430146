//! Connections between users.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::BytesMut;
use parking_lot::Mutex;
use quinn_proto::{
    ConnectionHandle, EcnCodepoint, Event, ServerConfig, StreamEvent, TransportConfig,
};
use samovar_id::SteamId;
use tracing::debug;

use super::bindings::Bindings;
use super::budget::ProcessBudget;
use super::cids::Mark;
use super::connection::{Handled, Quic};
use super::peer::Peer;
use super::rate::Rates;
use super::timers::Timers;
use super::transport::transport;
use super::virtual_addr::{peer_of, virtual_addr};
use super::{EndpointConfig, Shared, Transmit};
use crate::sessions::{Control, DisconnectReason, Sessions};
use crate::tls::Tls;

/// The most peers that are kept; strangers who only asked make room first.
pub const MAX_PEERS: usize = 1024;
/// How long a connection without sessions is kept, in case a new one follows.
const IDLE_KEEP: Duration = Duration::from_secs(30);
/// How long after a dial the next one may follow.
const DIAL_EVERY: Duration = Duration::from_millis(500);
/// How often a peer's connection is read and written in a turn for what reading and writing it has brought about.
const MAX_EXCHANGES: usize = 16;
pub(super) const ALPN: &[u8] = b"samovar-peer/4";
/// Close code of a process that ends.
const CODE_GOODBYE: u32 = 0;
/// Close code of a connection that another has replaced, or that nobody needs.
pub(super) const CODE_UNUSED: u32 = 1;
/// Close code for a peer that broke the protocol.
pub(super) const CODE_PROTOCOL: u32 = 0x100;

pub(super) struct Peers {
    pub(super) quic: Quic,
    pub(super) tls: Arc<Tls>,
    pub(super) transport: Arc<TransportConfig>,
    idle_timeout: Duration,
    packet_size: u16,
    rates: Arc<Rates>,
    pub(super) me: SteamId,
    pub(super) peers: BTreeMap<SteamId, Peer>,
    pub(super) bindings: Bindings,
    pub(super) by_handle: HashMap<ConnectionHandle, SteamId>,
    /// What all peers may have sent that nobody has read.
    pub(super) budget: ProcessBudget,
    /// Peers with something to look at.
    pub(super) ready: BTreeSet<SteamId>,
    /// When each peer must be looked at whatever happens.
    pub(super) due: Timers<SteamId>,
    /// How often a peer was looked at.
    visits: u64,
    /// Everybody has been told goodbye.
    pub(super) closed: bool,
}

impl Peers {
    pub(super) fn new(config: &EndpointConfig, tls: Arc<Tls>, me: SteamId, seed: [u8; 32]) -> Self {
        let rates = Arc::new(Rates::new(config.send_rate_min, config.send_rate_max));
        let (idle_timeout, packet_size) = (config.peer_idle_timeout, config.peer_packet_size);
        let transport = Arc::new(transport(idle_timeout, packet_size, &rates));
        let crypto = tls
            .server(ALPN, None)
            .expect("ring has the suites that QUIC needs");
        Self {
            quic: Quic::new(
                Mark::Peer,
                Arc::new(ServerConfig::with_crypto(crypto)),
                seed,
            ),
            tls,
            transport,
            idle_timeout,
            packet_size,
            rates,
            me,
            peers: BTreeMap::new(),
            bindings: Bindings::default(),
            by_handle: HashMap::new(),
            budget: ProcessBudget::default(),
            ready: BTreeSet::new(),
            due: Timers::default(),
            visits: 0,
            closed: false,
        }
    }

    /// For connections that are opened from now on.
    pub(super) fn set_idle_timeout(&mut self, idle: Duration) {
        self.idle_timeout = idle;
        self.transport = Arc::new(transport(idle, self.packet_size, &self.rates));
    }

    /// For connections that are opened from now on.
    pub(super) fn set_packet_size(&mut self, bytes: u16) {
        self.packet_size = bytes;
        self.transport = Arc::new(transport(self.idle_timeout, bytes, &self.rates));
    }

    /// In bytes a second, for all connections.
    pub(super) fn set_rates(&mut self, min: u32, max: u32) {
        self.rates.set(min, max);
    }

    pub(super) fn handle_datagram(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        data: BytesMut,
    ) {
        // From an address that no probe has bound, nothing is taken.
        let Some(peer) = self.bindings.peer_at(from) else {
            return;
        };
        match self.quic.handle(now, virtual_addr(peer), ecn, data) {
            Handled::Connection(handle) if self.by_handle.get(&handle) == Some(&peer) => {
                self.ready.insert(peer);
                self.bindings.heard(now, from, peer);
                if let Some(found) = self.peers.get_mut(&peer) {
                    found.paths.heard(now, from);
                }
            }
            Handled::Connection(_) | Handled::Ignored => {}
            Handled::Incoming(incoming) => self.incoming(shared, now, peer, from, *incoming),
            Handled::Response(_, bytes) => shared.packet(peer, from, bytes),
        }
    }

    /// Closes a connection and says so, on the path that there is now.
    pub(super) fn close_handle(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
        code: u32,
    ) {
        self.by_handle.remove(&handle);
        let route = self
            .peers
            .get(&peer)
            .and_then(|found| found.paths.current());
        for bytes in self.quic.close(now, handle, code) {
            if let Some(to) = route {
                shared.packet(peer, to, bytes);
            }
        }
    }

    pub(super) fn close_all(&mut self, shared: &mut Shared, now: Instant) {
        let all: Vec<(ConnectionHandle, SteamId)> = self.by_handle.drain().collect();
        for (handle, peer) in all {
            self.close_handle(shared, now, peer, handle, CODE_GOODBYE);
        }
        for found in self.peers.values_mut() {
            found.connections.clear();
        }
        self.due.clear();
        self.ready.clear();
        // Paths and addresses stay known, so that a goodbye that was lost can be said again.
        self.closed = true;
    }

    /// Sends a control frame on the peer's connection; false when there is none.
    pub(super) fn send_control(&mut self, peer: SteamId, control: &Control) -> bool {
        let Some(connection) = self.peers.get_mut(&peer).and_then(Peer::connected) else {
            return false;
        };
        let Some(quic) = self.quic.get_mut(connection.handle) else {
            return false;
        };
        connection.send_control(quic, control);
        self.ready.insert(peer);
        true
    }

    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        [self.quic.poll_timeout(), self.due.first()]
            .into_iter()
            .flatten()
            .min()
    }

    /// What is due at peers themselves is done by [`Peers::pump`].
    pub(super) fn handle_timeout(&mut self, now: Instant) {
        for handle in self.quic.handle_timeout(now) {
            self.ready.extend(self.by_handle.get(&handle));
        }
    }

    /// How often a peer or its connection was looked at, since there is this.
    pub(super) fn visits(&self) -> u64 {
        self.visits + self.quic.visits()
    }

    /// Asks, dials, reads and writes whatever can be.
    pub(super) fn pump(&mut self, shared: &mut Shared, sessions: &Mutex<Sessions>, now: Instant) {
        if self.closed {
            return;
        }
        self.ready.append(&mut sessions.lock().take_changed());
        while let Some(peer) = self.due.pop_due(now) {
            self.ready.insert(peer);
        }
        for peer in std::mem::take(&mut self.ready) {
            self.visits += 1;
            self.events(shared, sessions, now, peer);
            self.exchange(shared, sessions, now, peer);
            // What was read and written may have made room.
            for _ in 0..MAX_EXCHANGES {
                if !self.events(shared, sessions, now, peer) {
                    break;
                }
                self.exchange(shared, sessions, now, peer);
            }
            self.attend(shared, sessions, now, peer);
        }
    }

    /// Handles what has happened on a peer's connections; whether anything has.
    fn events(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
    ) -> bool {
        let mut any = false;
        let mut at = 0;
        while let Some(handle) = self.handle_at(peer, at) {
            while let Some(event) = self.quic.poll(handle) {
                any = true;
                self.event(shared, sessions, now, peer, handle, event);
            }
            // What has happened may have removed it.
            if self.handle_at(peer, at) == Some(handle) {
                at += 1;
            }
        }
        any
    }

    fn handle_at(&self, peer: SteamId, at: usize) -> Option<ConnectionHandle> {
        let connection = self.peers.get(&peer)?.connections.get(at)?;
        Some(connection.handle)
    }

    /// Looks for a path, dials, or gives a peer up, and notes when to do so next.
    fn attend(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
    ) {
        let wanted = sessions.lock().wants_connection(peer);
        let me = self.me;
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        if wanted {
            found.used_at = now;
        } else if now >= found.used_at + IDLE_KEEP {
            let was_connected = found.is_connected();
            self.forget(shared, now, peer);
            if was_connected {
                sessions
                    .lock()
                    .on_disconnected(now, peer, DisconnectReason::ClosedByPeer);
            }
            return;
        }
        let forget_at = (!wanted).then_some(found.used_at + IDLE_KEEP);
        if !found.consented || (!wanted && found.connections.is_empty()) {
            return self.due.set(peer, forget_at);
        }
        for (to, probe) in found.paths.probes(now, me) {
            shared.packet(peer, to, probe);
        }
        let stats_at = found.connected().and_then(|found| found.must_count_at());
        let can_dial =
            wanted && me < peer && found.connections.is_empty() && found.paths.current().is_some();
        let key = found.key.filter(|_| can_dial);
        let dial_at = found.next_dial.filter(|at| now < *at && key.is_some());
        let dials = key.filter(|_| dial_at.is_none());
        let dial_at = dial_at.or(dials.map(|_| now + DIAL_EVERY));
        let due = [forget_at, found.paths.due(now), stats_at, dial_at];
        self.due.set(peer, due.into_iter().flatten().min());
        if let Some(key) = dials {
            found.next_dial = dial_at;
            self.dial(now, peer, key);
        }
    }

    fn event(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
        event: Event,
    ) {
        match event {
            Event::Connected => self.connected(shared, sessions, now, peer, handle),
            Event::ConnectionLost { reason } => self.lost(sessions, now, peer, handle, &reason),
            Event::Stream(event) => self.stream_event(peer, handle, &event),
            _ => {}
        }
    }

    fn stream_event(&mut self, peer: SteamId, handle: ConnectionHandle, event: &StreamEvent) {
        let connection = self.peers.get_mut(&peer).and_then(|found| {
            let mut connections = found.connections.iter_mut();
            connections.find(|connection| connection.handle == handle)
        });
        match (event, connection) {
            (StreamEvent::Opened { .. }, Some(connection)) => {
                if let Some(quic) = self.quic.get_mut(handle) {
                    connection.accept_streams(quic);
                }
            }
            (StreamEvent::Readable { id }, Some(connection)) => connection.set_readable(*id),
            (StreamEvent::Writable { id }, Some(connection)) => connection.set_writable(*id),
            (StreamEvent::Available { .. }, Some(connection)) => connection.set_streams_available(),
            _ => {}
        }
    }

    fn exchange(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let Some(connection) = found
            .connections
            .iter_mut()
            .find(|connection| connection.connected_at.is_some())
        else {
            return;
        };
        let handle = connection.handle;
        let Some(quic) = self.quic.get_mut(handle) else {
            return;
        };
        let read = connection.read(now, quic, peer, &mut sessions.lock());
        let exchanged = read.and_then(|()| connection.send_messages(now, quic, peer, sessions));
        if exchanged.is_err() {
            debug!(%peer, "a peer broke the protocol");
            found
                .connections
                .retain(|connection| connection.handle != handle);
            sessions
                .lock()
                .on_disconnected(now, peer, DisconnectReason::Error);
            return self.close_handle(shared, now, peer, handle, CODE_PROTOCOL);
        }
        if connection.may_count_at().is_none_or(|at| at <= now) {
            let stats = connection.stats(now, quic, &found.paths);
            sessions.lock().set_link_stats(peer, stats);
        }
    }

    pub(super) fn poll_transmit(
        &mut self,
        now: Instant,
        max_datagrams: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        loop {
            let before = buf.len();
            let transmit = self.quic.poll_transmit(now, max_datagrams, buf)?;
            let found = peer_of(transmit.destination).and_then(|peer| self.peers.get(&peer));
            match found.and_then(|found| found.paths.current()) {
                Some(destination) => {
                    return Some(Transmit {
                        destination,
                        ..transmit
                    });
                }
                // Lost on the way, so to say.
                None => buf.truncate(before),
            }
        }
    }
}
