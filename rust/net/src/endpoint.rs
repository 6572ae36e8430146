//! QUIC connections to peers and to directories, on one UDP port.
//!
//! Two `quinn_proto` endpoints share the port, told apart by a mark in the connection IDs that each gives out. *Links*
//! go between a process and a directory, at real addresses. *Peers* go between users, at a virtual address for each
//! user; under it, [`paths`] finds the real one.

mod admission;
mod bindings;
mod budget;
mod challenges;
mod cids;
mod connection;
mod handshakes;
mod heard;
mod link;
mod link_events;
mod links;
mod outbox;
mod packets;
mod paths;
mod peer;
mod peers;
mod quality;
mod rate;
mod reassembly;
mod receiving;
mod relation;
mod signals;
mod streams;
#[cfg(test)]
mod tests;
mod timers;
mod transport;
mod unacked;
mod virtual_addr;

use std::collections::VecDeque;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use parking_lot::Mutex;
use quinn_proto::EcnCodepoint;
use ring::digest;
use samovar_id::SteamId;

use crate::conditions::{Conditions, Line};
use crate::identity::{Identity, PublicKey};
use crate::sessions::{SessionEvent, Sessions};
pub use budget::{PEER_RECEIVE_BUDGET, RECEIVE_BUDGET};
use cids::{Mark, mark_of};
use links::Links;
pub use links::{
    DialError, LinkClosed, LinkId, MAX_FIRST_FRAME, MAX_LINKS, MAX_LINKS_BACKLOG,
    MAX_LINKS_OF_ADDRESS, MAX_LINKS_OF_LOOPBACK, MAX_STRANGERS, SendFrameError,
};
use packets::Packets;
pub use peers::MAX_PEERS;
use peers::Peers;
use signals::Signals;

/// The most events that wait to be taken; a driver takes them after every input. Beyond it they are lost.
const MAX_EVENTS: usize = 65_536;
/// While so many events wait to be taken, nothing is read from links.
const MAX_UNTAKEN: usize = 4096;

/// The round trip that a connection starts from (RFC 9002 takes 333 ms): lost handshakes are repeated, and the silence of
/// somebody who never was there is noticed, in a time that a player waits.
const INITIAL_RTT: Duration = Duration::from_millis(150);

/// The least rate to a peer unless it is configured, in bytes a second: that of GameNetworkingSockets.
pub const DEFAULT_SEND_RATE_MIN: u32 = 256 * 1024;
/// The same of the largest: the largest that Steam's configuration can say.
pub const DEFAULT_SEND_RATE_MAX: u32 = i32::MAX as u32;

/// The largest packet that is ever sent, in bytes of UDP payload: what fits into an Ethernet frame.
pub const MAX_PACKET_SIZE: u16 = 1452;

/// What an endpoint is made with.
#[derive(Clone, Copy, Debug)]
pub struct EndpointConfig {
    /// The app; offers of others are ignored.
    pub app_id: u32,
    /// How long a silent peer stays connected (`TimeoutConnected`).
    pub peer_idle_timeout: Duration,
    /// How long a silent directory stays connected.
    pub link_idle_timeout: Duration,
    /// The bytes a second that a peer is sent at least, while there is something to send (`SendRateMin`).
    pub send_rate_min: u32,
    /// The bytes a second that a peer is sent at most (`SendRateMax`).
    pub send_rate_max: u32,
    /// The largest packet that a peer is sent, in bytes of UDP payload (`MTU_PacketSize`): up to that, the path is asked
    /// how much it carries. Counts as at least 1200, which QUIC needs, and at most [`MAX_PACKET_SIZE`]. By default that,
    /// and not Steam's 1300, so that an Ethernet or a loopback carries as much with fewer packets.
    pub peer_packet_size: u16,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            app_id: 0,
            peer_idle_timeout: Duration::from_secs(10),
            link_idle_timeout: Duration::from_millis(1500),
            send_rate_min: DEFAULT_SEND_RATE_MIN,
            send_rate_max: DEFAULT_SEND_RATE_MAX,
            peer_packet_size: MAX_PACKET_SIZE,
        }
    }
}

/// Something that happened.
#[derive(Debug)]
pub enum EndpointEvent {
    /// A link is open, and the other side has proved its key.
    LinkOpened {
        /// The link.
        link: LinkId,
        /// Whether the other side opened it.
        inbound: bool,
        /// The other's address.
        remote: SocketAddr,
        /// The other's key.
        key: PublicKey,
    },
    /// A frame came.
    LinkFrame {
        /// The link.
        link: LinkId,
        /// The frame.
        frame: Bytes,
    },
    /// A link is gone, or could not be opened. Not reported after [`Endpoint::close_link`].
    LinkClosed {
        /// The link.
        link: LinkId,
        /// Whether the other side opened it.
        inbound: bool,
        /// Why.
        reason: LinkClosed,
    },
    /// Have the directory hand this to a user.
    Signal {
        /// The user.
        to: SteamId,
        /// The payload.
        payload: Bytes,
    },
    /// A session has something for the game.
    Session(SessionEvent),
}

/// A packet to send, of `size` bytes in the buffer that was given; several of `segment_size` bytes when that is set.
#[derive(Clone, Copy, Debug)]
pub struct Transmit {
    /// Where to.
    pub destination: SocketAddr,
    /// Its ECN bits.
    pub ecn: Option<EcnCodepoint>,
    /// How many bytes.
    pub size: usize,
    /// For segmentation offload.
    pub segment_size: Option<usize>,
}

/// A packet on a bad network.
#[derive(Clone)]
struct Packet {
    /// Where from or where to.
    addr: SocketAddr,
    ecn: Option<EcnCodepoint>,
    data: BytesMut,
}

/// What links and peers share.
struct Shared {
    identity: Arc<Identity>,
    config: EndpointConfig,
    events: VecDeque<EndpointEvent>,
    packets: Packets,
}

impl Shared {
    fn event(&mut self, event: EndpointEvent) {
        if self.events.len() < MAX_EVENTS {
            self.events.push_back(event);
        }
    }

    /// Sends a packet because of a peer.
    fn packet(&mut self, peer: SteamId, destination: SocketAddr, bytes: Vec<u8>) {
        self.packets.push(Some(peer), destination, bytes);
    }

    /// Answers somebody who is not known.
    fn answer(&mut self, destination: SocketAddr, bytes: Vec<u8>) {
        self.packets.push(None, destination, bytes);
    }
}

/// Everything that one process says on its UDP port, as a state machine.
///
/// Call [`Endpoint::pump`] after anything else, then take events and packets until there are none.
pub struct Endpoint {
    shared: Shared,
    sessions: Arc<Mutex<Sessions>>,
    links: Links,
    peers: Peers,
    signals: Signals,
    outbound: Line<Packet>,
    inbound: Line<Packet>,
}

impl Endpoint {
    /// An endpoint of a user. `seed` makes what QUIC needs of randomness.
    ///
    /// # Panics
    /// Never with an [`Identity`], whose key TLS takes.
    pub fn new(
        config: EndpointConfig,
        identity: Arc<Identity>,
        sessions: Arc<Mutex<Sessions>>,
        seed: [u8; 32],
    ) -> Self {
        let tls = Arc::new(
            crate::tls::Tls::new(&identity).expect("TLS takes the Ed25519 key of an identity"),
        );
        Self {
            links: Links::new(&config, Arc::clone(&tls), derived(&seed, b"links")),
            peers: Peers::new(&config, tls, identity.steam_id(), derived(&seed, b"peers")),
            signals: Signals::default(),
            outbound: Line::new(derived(&seed, b"outbound")),
            inbound: Line::new(derived(&seed, b"inbound")),
            shared: Shared {
                identity,
                config,
                events: VecDeque::new(),
                packets: Packets::default(),
            },
            sessions,
        }
    }

    /// Whose endpoint it is.
    pub fn identity(&self) -> &Identity {
        &self.shared.identity
    }

    /// Has packets lost, delayed and so on, as if by the network: those that are sent, and those that come. From now on;
    /// what is on the way stays so.
    pub fn set_conditions(&mut self, sending: Conditions, receiving: Conditions) {
        self.outbound.set(sending);
        self.inbound.set(receiving);
    }

    /// How many bytes a second a peer is sent, at least and at most (`SendRateMin`, `SendRateMax`). From now on.
    pub fn set_send_rates(&mut self, min: u32, max: u32) {
        self.peers.set_rates(min, max);
    }

    /// How long a silent peer stays connected (`TimeoutConnected`), over connections that are opened from now on.
    pub fn set_peer_idle_timeout(&mut self, idle: Duration) {
        self.peers.set_idle_timeout(idle);
    }

    /// The largest packet that a peer is sent ([`EndpointConfig::peer_packet_size`]), over connections that are opened
    /// from now on.
    pub fn set_peer_packet_size(&mut self, bytes: u16) {
        self.peers.set_packet_size(bytes);
    }

    /// A datagram came. Whatever it is, it costs at most the connection that it proves to belong to.
    pub fn handle_datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        data: BytesMut,
    ) {
        if self.inbound.is_idle() {
            return self.datagram(now, from, ecn, data);
        }
        let (addr, size) = (from, data.len());
        self.inbound.push(now, size, Packet { addr, ecn, data });
        self.take_arrived(now);
    }

    fn take_arrived(&mut self, now: Instant) {
        while let Some(Packet { addr, ecn, data }) = self.inbound.pop(now) {
            self.datagram(now, addr, ecn, data);
        }
    }

    fn datagram(
        &mut self,
        now: Instant,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        data: BytesMut,
    ) {
        match mark_of(&data) {
            Some(Mark::Link) => self
                .links
                .handle_datagram(&mut self.shared, now, from, ecn, data),
            Some(Mark::Peer) => self
                .peers
                .handle_datagram(&mut self.shared, now, from, ecn, data),
            None => self.peers.handle_probe(&mut self.shared, now, from, &data),
        }
    }

    /// When [`Endpoint::handle_timeout`] is next due.
    pub fn poll_timeout(&mut self) -> Option<Instant> {
        let sessions = self.sessions.lock().poll_timeout();
        [
            sessions,
            self.links.poll_timeout(),
            self.peers.poll_timeout(),
            self.inbound.poll_timeout(),
            self.outbound.poll_timeout(),
        ]
        .into_iter()
        .flatten()
        .min()
    }

    /// Does what is due.
    pub fn handle_timeout(&mut self, now: Instant) {
        self.take_arrived(now);
        self.links.handle_timeout(&mut self.shared, now);
        self.peers.handle_timeout(now);
    }

    /// Moves everything between sessions and connections that can move.
    pub fn pump(&mut self, now: Instant) {
        self.links.pump(&mut self.shared, now);
        self.sessions.lock().handle_timeout(now);
        self.peers.pump(&mut self.shared, &self.sessions, now);
        if self.send_controls(now) {
            self.peers.pump(&mut self.shared, &self.sessions, now);
        }
        loop {
            let Some(event) = self.sessions.lock().poll_event() else {
                break;
            };
            self.shared.event(EndpointEvent::Session(event));
        }
    }

    /// How often a link, a peer or a connection was looked at, for whatever reason, since the endpoint began. Those on which
    /// nothing happens are not looked at, however many there are: so this counts what a turn costs.
    pub fn visits(&self) -> u64 {
        self.links.visits() + self.peers.visits()
    }

    /// The next packet to send, written to `buf`, which must be empty. Up to `max_datagrams` of one size go in one.
    pub fn poll_transmit(
        &mut self,
        now: Instant,
        max_datagrams: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        loop {
            if let Some(Packet { addr, ecn, data }) = self.outbound.pop(now) {
                buf.extend_from_slice(&data);
                return Some(Transmit {
                    destination: addr,
                    ecn,
                    size: data.len(),
                    segment_size: None,
                });
            }
            let start = buf.len();
            let transmit = self.transmit(now, max_datagrams, buf)?;
            if self.outbound.is_idle() {
                return Some(transmit);
            }
            let bytes = buf.split_off(start);
            let Transmit {
                destination: addr,
                ecn,
                ..
            } = transmit;
            for data in bytes.chunks(transmit.segment_size.unwrap_or(usize::MAX).max(1)) {
                let data = BytesMut::from(data);
                self.outbound
                    .push(now, data.len(), Packet { addr, ecn, data });
            }
        }
    }

    fn transmit(
        &mut self,
        now: Instant,
        max_datagrams: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        if let Some((destination, bytes)) = self.shared.packets.pop() {
            buf.extend_from_slice(&bytes);
            return Some(Transmit {
                destination,
                ecn: None,
                size: bytes.len(),
                segment_size: None,
            });
        }
        if let Some(transmit) = self.links.poll_transmit(now, max_datagrams, buf) {
            return Some(transmit);
        }
        self.peers.poll_transmit(now, max_datagrams, buf)
    }

    /// The next event.
    pub fn poll_event(&mut self) -> Option<EndpointEvent> {
        self.shared.events.pop_front()
    }

    /// The own addresses, best first, for those whom this user lets know.
    pub fn set_candidates(&mut self, candidates: Vec<SocketAddr>) {
        self.signals.set_candidates(candidates);
    }

    /// Opens a link to a directory at an address, which must prove that it holds `key`.
    ///
    /// # Errors
    /// When the address cannot be, or there are [`MAX_LINKS`] links.
    pub fn dial(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        key: PublicKey,
    ) -> Result<LinkId, DialError> {
        self.links.dial(now, addr, key)
    }

    /// Whether links from others are taken.
    pub fn set_hosting(&mut self, hosting: bool) {
        self.links.set_hosting(hosting);
    }

    /// Sends a frame over an open link, reliably and in order.
    ///
    /// # Errors
    /// When there is no such link, it is too large, or too much waits.
    pub fn send_frame(&mut self, link: LinkId, frame: &[u8]) -> Result<(), SendFrameError> {
        self.send_shared_frame(link, &Bytes::copy_from_slice(frame))
    }

    /// The same of a frame that others may be sent too: it is kept once.
    ///
    /// # Errors
    /// As [`Endpoint::send_frame`].
    pub fn send_shared_frame(&mut self, link: LinkId, frame: &Bytes) -> Result<(), SendFrameError> {
        self.links.send_frame(link, frame)
    }

    /// The other side of a link that it opened has said who it is. Until then only its first frame, of at most
    /// [`MAX_FIRST_FRAME`] bytes, is read, and the link ends after two seconds, or sooner when there are many of the kind.
    pub fn admit_link(&mut self, now: Instant, link: LinkId) {
        self.links.admit(now, link);
    }

    /// Reads nothing from a link any more, so that its other side has to wait, or goes on. What has been read is reported.
    pub fn hold_link(&mut self, now: Instant, link: LinkId, held: bool) {
        self.links.hold(now, link, held);
    }

    /// How many bytes wait to be sent on a link, beside the half mebibyte that QUIC may have on the way.
    pub fn link_backlog(&self, link: LinkId) -> usize {
        self.links.backlog(link)
    }

    /// Closes a link after what was sent before has arrived, or after a second. No more is reported of it.
    pub fn close_link(&mut self, now: Instant, link: LinkId, reason: u32) {
        self.links.close(now, link, reason);
    }

    /// Whether there is neither a link nor a peer, also none that is being closed.
    pub fn is_alone(&self) -> bool {
        self.links.is_empty() && self.peers.peers.is_empty()
    }

    /// Says goodbye to everybody. Packets remain to be sent.
    pub fn shutdown(&mut self, now: Instant) {
        self.links.close_all(now);
        self.peers.close_all(&mut self.shared, now);
    }
}

/// A seed of its own for each use.
fn derived(seed: &[u8; 32], label: &[u8]) -> [u8; 32] {
    let mut context = digest::Context::new(&digest::SHA256);
    context.update(seed);
    context.update(label);
    let mut derived = [0; 32];
    derived.copy_from_slice(context.finish().as_ref());
    derived
}
