//! Links: QUIC connections between a process and a directory. One stream of frames each way.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use quinn_proto::{
    ClientConfig, ConnectionHandle, EcnCodepoint, IdleTimeout, Incoming, ServerConfig,
    TransportConfig, VarInt,
};
use tracing::{debug, error};

use super::admission::{Admission, NoRoom};
pub use super::admission::{MAX_LINKS, MAX_LINKS_OF_ADDRESS, MAX_LINKS_OF_LOOPBACK, MAX_STRANGERS};
use super::cids::Mark;
use super::connection::{Handled, Quic};
use super::link::Link;
pub use super::link::{MAX_FIRST_FRAME, SendFrameError};
use super::timers::Timers;
use super::{EndpointConfig, EndpointEvent, INITIAL_RTT, MAX_UNTAKEN, Shared, Transmit};
use crate::identity::PublicKey;
use crate::tls::Tls;

/// The most links at once that this side has opened.
const MAX_DIALLED: usize = 64;
const ALPN: &[u8] = b"samovar-link/1";
/// Close code of a side that sent what no link carries.
pub(super) const CODE_PROTOCOL: u32 = 0x100;
/// Close code of a host for who did not keep up, where too much waits for all.
const CODE_TOO_SLOW: u32 = 0x102;
/// Close code of a host for who did not say in time who it is, or had to make room.
const CODE_STRANGER: u32 = 0x101;
/// The most bytes that wait to be sent on all links together; of more, the link for which most wait ends. Frames that many
/// are sent count for each, though they are kept once.
pub const MAX_LINKS_BACKLOG: usize = 256 * 1024 * 1024;
/// How long a link that is being closed gets to deliver what was sent before.
const CLOSE_PATIENCE: Duration = Duration::from_secs(1);
/// How much of a stream the other side may send before it is read, in bytes.
const RECEIVE_WINDOW: u32 = 256 * 1024;
/// How much QUIC keeps of what it has sent, in bytes, until it is acknowledged.
const SEND_WINDOW: u64 = 512 * 1024;

/// A link, for as long as the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(pub(super) u64);

impl LinkId {
    /// The link of a number, for whoever simulates an endpoint.
    pub const fn numbered(number: u64) -> Self {
        Self(number)
    }
}

/// Why a link is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LinkClosed {
    /// The other side does not answer.
    TimedOut,
    /// The other side closed it, with this code.
    Closed(u32),
    /// Something else, such as the wrong key.
    Failed,
}

impl LinkClosed {
    /// Whether a bad or slow network alone explains it. The other side can also say so where it is not.
    pub fn is_strain(self) -> bool {
        matches!(self, Self::TimedOut | Self::Closed(CODE_TOO_SLOW))
    }
}

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// There are 64 that this side has opened.
    #[error("there are too many links")]
    TooMany,
    /// Nobody can be there.
    #[error("no such address")]
    Address,
}

pub(super) struct Links {
    pub(super) quic: Quic,
    tls: Arc<Tls>,
    transport: Arc<TransportConfig>,
    pub(super) links: BTreeMap<LinkId, Link>,
    by_handle: HashMap<ConnectionHandle, LinkId>,
    /// Of those that others have opened.
    pub(super) admission: Admission,
    /// When links that are being closed are closed at the latest.
    closing: Timers<LinkId>,
    /// Links with events to look at.
    ready: VecDeque<LinkId>,
    /// Links that were not read to the end, because too much waited to be taken.
    unread: VecDeque<LinkId>,
    unread_since: Option<Instant>,
    /// How many bytes wait to be sent on all links.
    pub(super) backlog: usize,
    /// Links that have to end, since too much waits for all.
    too_slow: Vec<LinkId>,
    next: u64,
    hosting: bool,
    /// How often a link was looked at.
    visits: u64,
}

impl Links {
    pub(super) fn new(config: &EndpointConfig, tls: Arc<Tls>, seed: [u8; 32]) -> Self {
        let mut transport = TransportConfig::default();
        transport
            .max_concurrent_bidi_streams(VarInt::from_u32(1))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .datagram_receive_buffer_size(None)
            .stream_receive_window(VarInt::from_u32(RECEIVE_WINDOW))
            .send_window(SEND_WINDOW)
            .initial_rtt(INITIAL_RTT)
            .max_idle_timeout(idle_timeout(config.link_idle_timeout))
            .keep_alive_interval(Some(config.link_idle_timeout / 4));
        let transport = Arc::new(transport);
        let crypto = tls
            .server(ALPN, None)
            .expect("ring has the suites that QUIC needs");
        let mut server = ServerConfig::with_crypto(crypto);
        server
            .transport_config(Arc::clone(&transport))
            .migration(false);
        Self {
            quic: Quic::new(Mark::Link, Arc::new(server), seed),
            tls,
            transport,
            links: BTreeMap::new(),
            by_handle: HashMap::new(),
            admission: Admission::default(),
            closing: Timers::default(),
            ready: VecDeque::new(),
            unread: VecDeque::new(),
            unread_since: None,
            backlog: 0,
            too_slow: Vec::new(),
            next: 1,
            hosting: false,
            visits: 0,
        }
    }

    pub(super) fn is_empty(&self) -> bool {
        self.links.is_empty()
    }

    pub(super) fn set_hosting(&mut self, hosting: bool) {
        self.hosting = hosting;
    }

    pub(super) fn dial(
        &mut self,
        now: Instant,
        addr: SocketAddr,
        key: PublicKey,
    ) -> Result<LinkId, DialError> {
        if self.links.len() - self.admission.len() >= MAX_DIALLED {
            return Err(DialError::TooMany);
        }
        let crypto = self.tls.client(ALPN, key).map_err(|error| {
            error!(%error, "TLS cannot be configured");
            DialError::Address
        })?;
        let mut config = ClientConfig::new(crypto);
        config
            .transport_config(Arc::clone(&self.transport))
            .initial_dst_cid_provider(Arc::new(|| Mark::Link.cid()));
        let handle = self
            .quic
            .connect(now, config, addr)
            .map_err(|_| DialError::Address)?;
        Ok(self.add(handle, addr, false))
    }

    pub(super) fn handle_datagram(
        &mut self,
        shared: &mut Shared,
        now: Instant,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        data: BytesMut,
    ) {
        match self.quic.handle(now, from, ecn, data) {
            Handled::Connection(handle) => self.mark_ready(handle),
            Handled::Incoming(incoming) => self.incoming(shared, now, *incoming),
            Handled::Response(to, bytes) => shared.answer(to, bytes),
            Handled::Ignored => {}
        }
    }

    fn incoming(&mut self, shared: &mut Shared, now: Instant, incoming: Incoming) {
        let remote = incoming.remote_address();
        if !self.hosting {
            return self.refuse(shared, incoming);
        }
        if !incoming.remote_address_validated() {
            // Nothing is kept of somebody who may not be there: the answer holds what has to come back.
            if let Some((to, bytes)) = self.quic.retry(incoming) {
                shared.answer(to, bytes);
            }
            return;
        }
        match self.admission.room(remote) {
            Err(NoRoom) => return self.refuse(shared, incoming),
            Ok(Some(other)) => self.end_stranger(shared, now, other),
            Ok(None) => {}
        }
        match self.quic.accept(now, incoming, None) {
            Ok(handle) => {
                let link = self.add(handle, remote, true);
                self.admission.begun(now, link, remote);
            }
            Err(response) => {
                if let Some((to, bytes)) = response {
                    shared.answer(to, bytes);
                }
            }
        }
    }

    fn refuse(&mut self, shared: &mut Shared, incoming: Incoming) {
        let (to, bytes) = self.quic.refuse(incoming);
        shared.answer(to, bytes);
    }

    /// The other side has said who it is: more than its first frame is read from now on, and its time is not counted.
    pub(super) fn admit(&mut self, now: Instant, link: LinkId) {
        self.admission.admit(link);
        if let Some(found) = self.links.get_mut(&link) {
            found.admitted = true;
            self.read_later(now, link);
        }
    }

    /// Reads nothing from a link, or goes on.
    pub(super) fn hold(&mut self, now: Instant, link: LinkId, held: bool) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        found.held = held;
        if !held {
            self.read_later(now, link);
        }
    }

    /// How many bytes wait to be sent on a link.
    pub(super) fn backlog(&self, link: LinkId) -> usize {
        self.links.get(&link).map_or(0, Link::backlog)
    }

    pub(super) fn read_later(&mut self, now: Instant, link: LinkId) {
        self.unread.push_back(link);
        self.unread_since = Some(now);
    }

    /// Ends a link whose other side is not known.
    pub(super) fn end_stranger(&mut self, shared: &mut Shared, now: Instant, link: LinkId) {
        debug!(?link, "a link ends whose other side has not said who it is");
        let is_reported = self
            .links
            .get(&link)
            .is_some_and(|link| link.open && link.closing.is_none());
        let closing = self.links.get(&link).and_then(|link| link.closing);
        self.close_now(now, link, closing.map_or(CODE_STRANGER, |(code, _)| code));
        if is_reported {
            shared.event(EndpointEvent::LinkClosed {
                link,
                inbound: true,
                reason: LinkClosed::TimedOut,
            });
        }
    }

    pub(super) fn send_frame(&mut self, link: LinkId, bytes: &Bytes) -> Result<(), SendFrameError> {
        let found = self.links.get_mut(&link).ok_or(SendFrameError::NotOpen)?;
        let before = found.backlog();
        found.queue(bytes)?;
        if let Some(connection) = self.quic.get_mut(found.handle) {
            found.write(connection);
        }
        self.backlog = self.backlog - before + found.backlog();
        while self.backlog > MAX_LINKS_BACKLOG
            && let Some((slowest, found)) = self.links.iter_mut().max_by_key(|(_, at)| at.backlog())
        {
            debug!(link = ?slowest, "a link ends that does not keep up");
            self.backlog -= found.backlog();
            found.cut();
            self.too_slow.push(*slowest);
        }
        Ok(())
    }

    fn end_slow(&mut self, shared: &mut Shared, now: Instant) {
        for link in std::mem::take(&mut self.too_slow) {
            let Some(found) = self.links.get(&link) else {
                continue;
            };
            let (inbound, is_reported) = (found.inbound, found.closing.is_none());
            self.close_now(now, link, CODE_TOO_SLOW);
            if is_reported {
                shared.event(EndpointEvent::LinkClosed {
                    link,
                    inbound,
                    reason: LinkClosed::TimedOut,
                });
            }
        }
    }

    pub(super) fn close(&mut self, now: Instant, link: LinkId, code: u32) {
        let Some(found) = self
            .links
            .get_mut(&link)
            .filter(|link| link.closing.is_none())
        else {
            return;
        };
        if !found.open || found.has_nothing_to_say() {
            return self.close_now(now, link, code);
        }
        let until = now + CLOSE_PATIENCE;
        found.closing = Some((code, until));
        self.closing.set(link, Some(until));
        self.write(now, link);
    }

    pub(super) fn close_now(&mut self, now: Instant, link: LinkId, code: u32) {
        let Some(found) = self.remove(link) else {
            return;
        };
        if let Some(connection) = self.quic.get_mut(found.handle) {
            connection.close(now, VarInt::from_u32(code), Bytes::new());
        }
    }

    pub(super) fn close_all(&mut self, now: Instant) {
        let all: Vec<(LinkId, u32)> = self
            .links
            .iter()
            .map(|(id, link)| (*id, link.closing.map_or(0, |(code, _)| code)))
            .collect();
        for (link, code) in all {
            self.close_now(now, link, code);
        }
    }

    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        let closing = self.closing.first();
        let late = self.admission.poll_timeout();
        let unread = self.unread_since.filter(|_| !self.unread.is_empty());
        [self.quic.poll_timeout(), closing, late, unread]
            .into_iter()
            .flatten()
            .min()
    }

    pub(super) fn handle_timeout(&mut self, shared: &mut Shared, now: Instant) {
        for handle in self.quic.handle_timeout(now) {
            self.mark_ready(handle);
        }
        while let Some(link) = self.closing.pop_due(now) {
            if let Some((code, _)) = self.links.get(&link).and_then(|link| link.closing) {
                self.close_now(now, link, code);
            }
        }
        while let Some(link) = self.admission.late(now) {
            self.end_stranger(shared, now, link);
        }
    }

    pub(super) fn poll_transmit(
        &mut self,
        now: Instant,
        max_datagrams: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        self.quic.poll_transmit(now, max_datagrams, buf)
    }

    /// Looks at what has happened on links.
    pub(super) fn pump(&mut self, shared: &mut Shared, now: Instant) {
        self.end_slow(shared, now);
        let mut unread = std::mem::take(&mut self.unread);
        let mut seen = HashSet::new();
        unread.retain(|link| seen.insert(*link));
        while shared.events.len() < MAX_UNTAKEN
            && let Some(link) = unread.pop_front()
        {
            self.read(shared, now, link);
        }
        // Those whose turn did not come are the first next time.
        unread.append(&mut self.unread);
        self.unread = unread;
        while let Some(link) = self.ready.pop_front() {
            self.visits += 1;
            while let Some(handle) = self.links.get(&link).map(|link| link.handle) {
                let Some(event) = self.quic.poll(handle) else {
                    break;
                };
                self.event(shared, now, link, event);
            }
        }
    }

    fn add(&mut self, handle: ConnectionHandle, remote: SocketAddr, inbound: bool) -> LinkId {
        let link = LinkId(self.next);
        self.next += 1;
        self.links.insert(link, Link::new(handle, remote, inbound));
        self.by_handle.insert(handle, link);
        self.ready.push_back(link);
        link
    }

    pub(super) fn remove(&mut self, link: LinkId) -> Option<Link> {
        let found = self.links.remove(&link)?;
        self.backlog -= found.backlog();
        self.by_handle.remove(&found.handle);
        self.closing.set(link, None);
        self.admission.ended(link);
        Some(found)
    }

    /// How often a link or its connection was looked at, since there is this.
    pub(super) fn visits(&self) -> u64 {
        self.visits + self.quic.visits()
    }

    /// The QUIC connection and the stream of a link.
    #[cfg(test)]
    pub(super) fn raw(
        &mut self,
        link: LinkId,
    ) -> Option<(&mut quinn_proto::Connection, quinn_proto::StreamId)> {
        let found = self.links.get(&link)?;
        let stream = found.stream?;
        Some((self.quic.get_mut(found.handle)?, stream))
    }

    fn mark_ready(&mut self, handle: ConnectionHandle) {
        if let Some(link) = self.by_handle.get(&handle) {
            self.ready.push_back(*link);
        }
    }
}

/// QUIC's idle timeout; one that QUIC cannot express is none.
pub(super) fn idle_timeout(timeout: Duration) -> Option<IdleTimeout> {
    IdleTimeout::try_from(timeout).ok()
}
