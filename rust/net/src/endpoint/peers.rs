//! Connections between users.

use std::collections::{BTreeMap, HashMap};
use std::net::{Ipv6Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use quinn_proto::{
    ClientConfig, ConnectionError, ConnectionHandle, EcnCodepoint, Event, Incoming, ServerConfig,
    StreamEvent, TransportConfig, VarInt,
};
use ring::digest;
use ring::rand::{SecureRandom, SystemRandom};
use samovar_id::SteamId;
use tracing::{debug, error};
use x25519_dalek::PublicKey as Share;

use super::cids::Mark;
use super::connection::{Handled, Quic};
use super::links::idle_timeout;
use super::peer::{MAX_STREAMS, Peer, PeerConnection};
use super::{EndpointConfig, Shared, Transmit};
use crate::sessions::{Control, DisconnectReason, Sessions};
use crate::tls::Tls;
use crate::wire::{Offer, Probe, ProbeKind};

/// The most peers that are kept; strangers who only asked make room first.
pub const MAX_PEERS: usize = 1024;
/// The most bytes of one stream that are taken before they are read: one message and more.
const STREAM_WINDOW: u32 = 1280 * 1024;
/// The most bytes that one connection keeps for sending.
const SEND_WINDOW: u64 = 4 * 1024 * 1024;
/// How long a connection without sessions is kept, in case a new one follows.
const IDLE_KEEP: Duration = Duration::from_secs(30);
/// How often what is known of a connection is told.
const STATS_EVERY: Duration = Duration::from_millis(200);
const ALPN: &[u8] = b"samovar-peer/1";
/// Close code of a process that ends.
const CODE_GOODBYE: u32 = 0;
/// Close code of a connection that another has replaced, or that nobody needs.
const CODE_UNUSED: u32 = 1;
/// Close code for a peer that broke the protocol.
const CODE_PROTOCOL: u32 = 0x100;

pub(super) struct Peers {
    quic: Quic,
    tls: Arc<Tls>,
    transport: Arc<TransportConfig>,
    me: SteamId,
    peers: BTreeMap<SteamId, Peer>,
    bound: HashMap<SocketAddr, SteamId>,
    by_handle: HashMap<ConnectionHandle, SteamId>,
}

impl Peers {
    pub(super) fn new(config: &EndpointConfig, tls: Arc<Tls>, me: SteamId, seed: [u8; 32]) -> Self {
        let mut transport = TransportConfig::default();
        transport
            .max_concurrent_bidi_streams(VarInt::from_u32(0))
            .max_concurrent_uni_streams(VarInt::from_u32(MAX_STREAMS))
            .stream_receive_window(VarInt::from_u32(STREAM_WINDOW))
            // A channel that nobody reads must not use up what the others need.
            .receive_window(VarInt::from_u32(STREAM_WINDOW.saturating_mul(MAX_STREAMS)))
            .send_window(SEND_WINDOW)
            .max_idle_timeout(idle_timeout(config.peer_idle_timeout))
            .keep_alive_interval(Some(
                (config.peer_idle_timeout / 5).min(Duration::from_secs(1)),
            ));
        let transport = Arc::new(transport);
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
            me,
            peers: BTreeMap::new(),
            bound: HashMap::new(),
            by_handle: HashMap::new(),
        }
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
        let Some(peer) = self.bound.get(&from).copied() else {
            return;
        };
        match self.quic.handle(now, virtual_addr(peer), ecn, data) {
            Handled::Connection(handle) => {
                let owner = self
                    .by_handle
                    .get(&handle)
                    .and_then(|owner| self.peers.get_mut(owner));
                if let Some(found) = owner {
                    found.paths.heard(now, from);
                }
            }
            Handled::Incoming(incoming) => self.incoming(shared, now, peer, *incoming),
            Handled::Response(_, bytes) => shared.packet(from, bytes),
            Handled::Ignored => {}
        }
    }

    fn incoming(&mut self, shared: &mut Shared, now: Instant, peer: SteamId, incoming: Incoming) {
        let key = self
            .peers
            .get(&peer)
            .and_then(|found| found.key.filter(|_| found.consented));
        let crypto = key
            .filter(|_| peer < self.me)
            .and_then(|key| self.tls.server(ALPN, Some(key)).ok());
        let Some(crypto) = crypto else {
            return self.quic.ignore(incoming);
        };
        let mut config = ServerConfig::with_crypto(crypto);
        config
            .transport_config(Arc::clone(&self.transport))
            .migration(false);
        match self.quic.accept(now, incoming, Some(Arc::new(config))) {
            Ok(handle) => self.add_connection(peer, handle),
            Err(Some((_, bytes))) => {
                if let Some(to) = self
                    .peers
                    .get(&peer)
                    .and_then(|found| found.paths.current())
                {
                    shared.packet(to, bytes);
                }
            }
            Err(None) => {}
        }
    }

    fn add_connection(&mut self, peer: SteamId, handle: ConnectionHandle) {
        self.by_handle.insert(handle, peer);
        if let Some(found) = self.peers.get_mut(&peer) {
            found.connections.push(PeerConnection::new(handle));
        }
    }

    pub(super) fn handle_probe(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        from: SocketAddr,
        data: &[u8],
    ) {
        let Some(probe) = Probe::parse(data) else {
            return;
        };
        let me = self.me;
        let Some(found) = self
            .peers
            .get_mut(&probe.from)
            .filter(|found| found.consented)
        else {
            return;
        };
        if !found
            .paths
            .secret()
            .is_some_and(|secret| probe.is_proved_by(data, secret))
        {
            return;
        }
        self.bound.insert(from, probe.from);
        match probe.kind {
            ProbeKind::Ping => {
                if let Some(pong) = found.paths.pinged(now, me, from, probe.transaction) {
                    shared.packet(from, pong);
                }
            }
            ProbeKind::Pong => {
                if found.paths.ponged(now, from, probe.transaction) {
                    debug!(peer = %probe.from, %from, "a path to a peer");
                    for connection in &found.connections {
                        if let Some(connection) = self.quic.get_mut(connection.handle) {
                            connection.path_changed(now);
                        }
                    }
                }
            }
        }
        for (to, probe) in found.paths.probes(now, me) {
            shared.packet(to, probe);
        }
    }

    /// An offer that has been checked: notes who and where the peer is. False when it is out of date.
    pub(super) fn offered(
        &mut self,
        _shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        offer: &Offer,
    ) -> bool {
        let me = self.me;
        let Some(found) = self.entry(now, peer) else {
            return false;
        };
        if offer.time_ms < found.offered_ms {
            return false;
        }
        found.offered_ms = offer.time_ms;
        found.used_at = now;
        found.key = Some(offer.from.key);
        if found.their_share == Some(offer.share) {
            found.paths.add(&offer.candidates);
            return true;
        }
        // A first word, or the peer has started anew: what there was with its earlier process is over.
        found.their_share = Some(offer.share);
        let agreed = found.share_secret.diffie_hellman(&Share::from(offer.share));
        let secret = path_secret(agreed.as_bytes(), me, peer);
        found.paths.start(secret, &offer.candidates);
        let earlier = std::mem::take(&mut found.connections);
        self.bound.retain(|_, bound| *bound != peer);
        let was_connected = earlier.iter().any(|connection| connection.connected);
        for connection in earlier {
            self.close_handle(now, connection.handle, CODE_UNUSED);
        }
        if was_connected {
            sessions
                .lock()
                .on_disconnected(now, peer, DisconnectReason::ClosedByPeer);
        }
        true
    }

    /// The own half of the key agreement with a peer, who may know our addresses from now on.
    pub(super) fn consent(&mut self, now: Instant, peer: SteamId) -> Option<[u8; 32]> {
        let found = self.entry(now, peer)?;
        found.consented = true;
        found.used_at = now;
        Some(found.share())
    }

    fn entry(&mut self, now: Instant, peer: SteamId) -> Option<&mut Peer> {
        if !self.peers.contains_key(&peer) {
            if self.peers.len() >= MAX_PEERS {
                let stranger = self
                    .peers
                    .iter()
                    .filter(|(_, found)| !found.consented)
                    .min_by_key(|(_, found)| found.used_at);
                let stranger = *stranger?.0;
                self.forget(now, stranger);
            }
            let mut share_secret = [0; 32];
            SystemRandom::new().fill(&mut share_secret).ok()?;
            self.peers.insert(peer, Peer::new(now, share_secret));
        }
        self.peers.get_mut(&peer)
    }

    fn forget(&mut self, now: Instant, peer: SteamId) {
        let Some(found) = self.peers.remove(&peer) else {
            return;
        };
        self.bound.retain(|_, bound| *bound != peer);
        for connection in found.connections {
            self.close_handle(now, connection.handle, CODE_UNUSED);
        }
    }

    fn close_handle(&mut self, now: Instant, handle: ConnectionHandle, code: u32) {
        self.by_handle.remove(&handle);
        if let Some(connection) = self.quic.get_mut(handle) {
            connection.close(now, VarInt::from_u32(code), Bytes::new());
        }
    }

    pub(super) fn close_all(&mut self, now: Instant) {
        let handles: Vec<ConnectionHandle> = self.by_handle.keys().copied().collect();
        for handle in handles {
            // The path stays known, so that the goodbye finds its way.
            if let Some(connection) = self.quic.get_mut(handle) {
                connection.close(now, VarInt::from_u32(CODE_GOODBYE), Bytes::new());
            }
        }
    }

    /// Sends a control frame on the peer's connection; false when there is none.
    pub(super) fn send_control(&mut self, peer: SteamId, control: &Control) -> bool {
        let Some(found) = self.peers.get_mut(&peer) else {
            return false;
        };
        let Some(connection) = found
            .connections
            .iter_mut()
            .find(|connection| connection.connected)
        else {
            return false;
        };
        let Some(quic) = self.quic.get_mut(connection.handle) else {
            return false;
        };
        connection.send_control(quic, control);
        true
    }

    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        let paths = self
            .peers
            .values()
            .filter(|found| found.consented)
            .filter_map(|found| found.paths.poll_timeout())
            .min();
        [self.quic.poll_timeout(), paths]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn handle_timeout(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
    ) {
        self.quic.handle_timeout(now);
        let me = self.me;
        let mut unused = Vec::new();
        for (peer, found) in &mut self.peers {
            let wanted = sessions.lock().wants_connection(*peer);
            if wanted {
                found.used_at = now;
            } else if now.saturating_duration_since(found.used_at) >= IDLE_KEEP {
                unused.push(*peer);
                continue;
            }
            if found.consented && (wanted || !found.connections.is_empty()) {
                for (to, probe) in found.paths.probes(now, me) {
                    shared.packet(to, probe);
                }
            }
        }
        for peer in unused {
            let connected = self.peers.get(&peer).is_some_and(Peer::is_connected);
            self.forget(now, peer);
            if connected {
                sessions
                    .lock()
                    .on_disconnected(now, peer, DisconnectReason::ClosedByPeer);
            }
        }
    }

    /// Dials, reads and writes whatever can be.
    pub(super) fn pump(&mut self, shared: &mut Shared, sessions: &Mutex<Sessions>, now: Instant) {
        let peers: Vec<SteamId> = self.peers.keys().copied().collect();
        for peer in peers {
            self.dial(shared, sessions, now, peer);
            let handles: Vec<ConnectionHandle> = self
                .peers
                .get(&peer)
                .into_iter()
                .flat_map(|found| &found.connections)
                .map(|connection| connection.handle)
                .collect();
            for handle in handles {
                while let Some(event) = self.quic.poll(handle) {
                    self.event(sessions, now, peer, handle, event);
                }
            }
            self.exchange(sessions, now, peer);
        }
    }

    fn dial(
        &mut self,
        shared: &mut Shared,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
    ) {
        let Some(found) = self.peers.get_mut(&peer).filter(|found| found.consented) else {
            return;
        };
        if !found.connections.is_empty() || !sessions.lock().wants_connection(peer) {
            return;
        }
        if found.paths.current().is_none() {
            for (to, probe) in found.paths.probes(now, self.me) {
                shared.packet(to, probe);
            }
            return;
        }
        let Some(key) = found.key.filter(|_| self.me < peer) else {
            return;
        };
        let crypto = match self.tls.client(ALPN, key) {
            Ok(crypto) => crypto,
            Err(error) => return error!(%error, "TLS cannot be configured"),
        };
        let mut config = ClientConfig::new(crypto);
        config
            .transport_config(Arc::clone(&self.transport))
            .initial_dst_cid_provider(Arc::new(|| Mark::Peer.cid()));
        match self.quic.connect(now, config, virtual_addr(peer)) {
            Ok(handle) => self.add_connection(peer, handle),
            Err(error) => error!(%error, "a peer cannot be dialled"),
        }
    }

    fn event(
        &mut self,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
        event: Event,
    ) {
        match event {
            Event::Connected => self.connected(sessions, now, peer, handle),
            Event::ConnectionLost { reason } => self.lost(sessions, now, peer, handle, &reason),
            Event::Stream(StreamEvent::Opened { .. }) => {
                if let Some((connection, quic)) = self.connection(peer, handle) {
                    connection.accept_streams(quic);
                }
            }
            _ => {}
        }
    }

    fn connected(
        &mut self,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
    ) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let was_connected = found.is_connected();
        let (newest, earlier): (Vec<_>, Vec<_>) = std::mem::take(&mut found.connections)
            .into_iter()
            .partition(|connection| connection.handle == handle);
        found.connections = newest;
        for connection in &mut found.connections {
            connection.connected = true;
        }
        debug!(%peer, "connected to a peer");
        for connection in earlier {
            self.close_handle(now, connection.handle, CODE_UNUSED);
        }
        let mut sessions = sessions.lock();
        if was_connected {
            // The peer has lost the earlier one, and with it what travelled there.
            sessions.on_disconnected(now, peer, DisconnectReason::Error);
        }
        sessions.on_connected(now, peer);
    }

    fn lost(
        &mut self,
        sessions: &Mutex<Sessions>,
        now: Instant,
        peer: SteamId,
        handle: ConnectionHandle,
        reason: &ConnectionError,
    ) {
        debug!(%peer, %reason, "a connection to a peer is gone");
        self.by_handle.remove(&handle);
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let was_connected = found
            .connections
            .iter()
            .any(|connection| connection.handle == handle && connection.connected);
        found
            .connections
            .retain(|connection| connection.handle != handle);
        if was_connected {
            let reason = match reason {
                ConnectionError::TimedOut => DisconnectReason::TimedOut,
                ConnectionError::ApplicationClosed(close)
                    if close.error_code != VarInt::from_u32(CODE_PROTOCOL) =>
                {
                    DisconnectReason::ClosedByPeer
                }
                _ => DisconnectReason::Error,
            };
            sessions.lock().on_disconnected(now, peer, reason);
        }
    }

    fn exchange(&mut self, sessions: &Mutex<Sessions>, now: Instant, peer: SteamId) {
        let Some(found) = self.peers.get_mut(&peer) else {
            return;
        };
        let Some(connection) = found
            .connections
            .iter_mut()
            .find(|connection| connection.connected)
        else {
            return;
        };
        let handle = connection.handle;
        let Some(quic) = self.quic.get_mut(handle) else {
            return;
        };
        let mut sessions = sessions.lock();
        let read = connection
            .read_streams(now, quic, peer, &mut sessions)
            .and_then(|()| connection.read_datagrams(now, quic, peer, &mut sessions));
        if read.is_err() {
            debug!(%peer, "a peer broke the protocol");
            found
                .connections
                .retain(|connection| connection.handle != handle);
            sessions.on_disconnected(now, peer, DisconnectReason::Error);
            drop(sessions);
            return self.close_handle(now, handle, CODE_PROTOCOL);
        }
        connection.send_messages(now, quic, peer, &mut sessions);
        if connection
            .counted_at()
            .is_none_or(|at| now.saturating_duration_since(at) >= STATS_EVERY)
        {
            let stats = connection.stats(now, quic, &found.paths);
            sessions.set_link_stats(peer, stats);
        }
    }

    fn connection(
        &mut self,
        peer: SteamId,
        handle: ConnectionHandle,
    ) -> Option<(&mut PeerConnection, &mut quinn_proto::Connection)> {
        let found = self.peers.get_mut(&peer)?;
        let connection = found
            .connections
            .iter_mut()
            .find(|connection| connection.handle == handle)?;
        Some((connection, self.quic.get_mut(handle)?))
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
            let peer = peer_of(transmit.destination);
            let path = peer
                .and_then(|peer| self.peers.get(&peer))
                .and_then(|found| found.paths.current());
            match path {
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

/// The address under which QUIC knows a user: a unique local one that is never sent to (RFC 4193).
fn virtual_addr(peer: SteamId) -> SocketAddr {
    const PREFIX: u128 = 0xfd53_616d_6f76_6172 << 64;
    SocketAddr::from((Ipv6Addr::from_bits(PREFIX | u128::from(peer.raw())), 1))
}

fn peer_of(addr: SocketAddr) -> Option<SteamId> {
    let SocketAddr::V6(addr) = addr else {
        return None;
    };
    let low = addr.ip().to_bits() & u128::from(u64::MAX);
    u64::try_from(low).ok().map(SteamId::from_raw)
}

/// What authenticates the probes of a pair: the agreed secret, bound to who agreed.
fn path_secret(agreed: &[u8; 32], one: SteamId, other: SteamId) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(b"samovar path secret v1");
    context.update(agreed);
    context.update(&one.min(other).raw().to_be_bytes());
    context.update(&one.max(other).raw().to_be_bytes());
    let mut secret = [0; 32];
    secret.copy_from_slice(context.finish().as_ref());
    secret
}
