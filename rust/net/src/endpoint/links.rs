//! Links: QUIC connections between a process and a directory. One stream of frames each way.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Buf, Bytes, BytesMut};
use quinn_proto::{
    ClientConfig, ConnectionError, ConnectionHandle, Dir, EcnCodepoint, Event, IdleTimeout,
    Incoming, ServerConfig, StreamEvent, StreamId, TransportConfig, VarInt, WriteError,
};
use tracing::{debug, error};

use super::cids::Mark;
use super::connection::{Handled, Quic};
use super::{EndpointConfig, EndpointEvent, Shared, Transmit};
use crate::identity::PublicKey;
use crate::tls::{Tls, peer_key};
use crate::wire::{Unframer, frame};

/// The most links at once; further ones are refused.
pub const MAX_LINKS: usize = 2048;
/// From so many links on, newcomers must prove their address first.
const RETRY_FROM: usize = 256;
/// The largest frame, in bytes.
const MAX_FRAME: usize = 1024 * 1024 + 1;
/// The most bytes that wait to be sent on a link.
const MAX_QUEUED: usize = 8 * 1024 * 1024;
const ALPN: &[u8] = b"samovar-link/1";
/// Close code of a side that sent what no link carries.
const CODE_PROTOCOL: u32 = 0x100;
const READ_CHUNK: usize = 64 * 1024;

/// A link, for as long as the process lives.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LinkId(u64);

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

/// Why a link cannot be opened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DialError {
    /// There are [`MAX_LINKS`].
    #[error("there are too many links")]
    TooMany,
    /// Nobody can be there.
    #[error("no such address")]
    Address,
}

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFrameError {
    /// The link is not open.
    #[error("the link is not open")]
    NotOpen,
    /// The frame is larger than 1 MiB.
    #[error("the frame is too large")]
    TooLarge,
    /// So much waits already that the other side does not keep up.
    #[error("too much waits to be sent")]
    Full,
}

struct Link {
    handle: ConnectionHandle,
    inbound: bool,
    remote: SocketAddr,
    open: bool,
    stream: Option<StreamId>,
    out: BytesMut,
    input: Unframer,
}

pub(super) struct Links {
    quic: Quic,
    tls: Arc<Tls>,
    transport: Arc<TransportConfig>,
    links: BTreeMap<LinkId, Link>,
    by_handle: HashMap<ConnectionHandle, LinkId>,
    /// Links with events to look at.
    ready: VecDeque<LinkId>,
    next: u64,
    hosting: bool,
}

impl Links {
    pub(super) fn new(config: &EndpointConfig, tls: Arc<Tls>, seed: [u8; 32]) -> Self {
        let mut transport = TransportConfig::default();
        transport
            .max_concurrent_bidi_streams(VarInt::from_u32(1))
            .max_concurrent_uni_streams(VarInt::from_u32(0))
            .datagram_receive_buffer_size(None)
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
            ready: VecDeque::new(),
            next: 1,
            hosting: false,
        }
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
        if self.links.len() >= MAX_LINKS {
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
            Handled::Response(to, bytes) => shared.packet(to, bytes),
            Handled::Ignored => {}
        }
    }

    fn incoming(&mut self, shared: &mut Shared, now: Instant, incoming: Incoming) {
        let remote = incoming.remote_address();
        if !self.hosting || self.links.len() >= MAX_LINKS {
            let (to, bytes) = self.quic.refuse(incoming);
            shared.packet(to, bytes);
        } else if self.quic.len() >= RETRY_FROM && !incoming.remote_address_validated() {
            if let Some((to, bytes)) = self.quic.retry(incoming) {
                shared.packet(to, bytes);
            }
        } else {
            match self.quic.accept(now, incoming, None) {
                Ok(handle) => drop(self.add(handle, remote, true)),
                Err(response) => {
                    if let Some((to, bytes)) = response {
                        shared.packet(to, bytes);
                    }
                }
            }
        }
    }

    pub(super) fn send_frame(&mut self, link: LinkId, bytes: &[u8]) -> Result<(), SendFrameError> {
        let found = self
            .links
            .get_mut(&link)
            .filter(|link| link.open)
            .ok_or(SendFrameError::NotOpen)?;
        if bytes.len() > MAX_FRAME {
            return Err(SendFrameError::TooLarge);
        }
        if found.out.len() + bytes.len() > MAX_QUEUED {
            return Err(SendFrameError::Full);
        }
        frame(bytes, &mut found.out);
        self.write(link);
        Ok(())
    }

    pub(super) fn close(&mut self, now: Instant, link: LinkId, code: u32) {
        let Some(found) = self.links.remove(&link) else {
            return;
        };
        self.by_handle.remove(&found.handle);
        if let Some(connection) = self.quic.get_mut(found.handle) {
            connection.close(now, VarInt::from_u32(code), Bytes::new());
        }
    }

    pub(super) fn close_all(&mut self, now: Instant) {
        let all: Vec<LinkId> = self.links.keys().copied().collect();
        for link in all {
            self.close(now, link, 0);
        }
    }

    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        self.quic.poll_timeout()
    }

    pub(super) fn handle_timeout(&mut self, now: Instant) {
        self.quic.handle_timeout(now);
        let all: Vec<LinkId> = self.links.keys().copied().collect();
        self.ready.extend(all);
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
        while let Some(link) = self.ready.pop_front() {
            while let Some(handle) = self.links.get(&link).map(|link| link.handle) {
                let Some(event) = self.quic.poll(handle) else {
                    break;
                };
                self.event(shared, now, link, event);
            }
        }
    }

    fn event(&mut self, shared: &mut Shared, now: Instant, link: LinkId, event: Event) {
        match event {
            Event::Connected => self.connected(shared, now, link),
            Event::ConnectionLost { reason } => self.lost(shared, link, &reason),
            Event::Stream(StreamEvent::Opened { dir: Dir::Bi }) => {
                if let Some(found) = self.links.get_mut(&link)
                    && let Some(connection) = self.quic.get_mut(found.handle)
                {
                    found.stream = connection.streams().accept(Dir::Bi);
                }
                self.read(shared, now, link);
                self.write(link);
            }
            Event::Stream(StreamEvent::Readable { .. }) => self.read(shared, now, link),
            Event::Stream(StreamEvent::Writable { .. }) => self.write(link),
            _ => {}
        }
    }

    fn connected(&mut self, shared: &mut Shared, now: Instant, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let Some(connection) = self.quic.get_mut(found.handle) else {
            return;
        };
        let Some(key) = peer_key(connection) else {
            return self.close(now, link, CODE_PROTOCOL);
        };
        if !found.inbound {
            found.stream = connection.streams().open(Dir::Bi);
        }
        found.open = true;
        let (inbound, remote) = (found.inbound, found.remote);
        shared.event(EndpointEvent::LinkOpened {
            link,
            inbound,
            remote,
            key,
        });
    }

    fn lost(&mut self, shared: &mut Shared, link: LinkId, reason: &ConnectionError) {
        let Some(found) = self.links.remove(&link) else {
            return;
        };
        self.by_handle.remove(&found.handle);
        debug!(?link, %reason, "a link is gone");
        let reason = match reason {
            ConnectionError::TimedOut => LinkClosed::TimedOut,
            ConnectionError::ApplicationClosed(close) => {
                LinkClosed::Closed(u32::try_from(close.error_code.into_inner()).unwrap_or(u32::MAX))
            }
            _ => LinkClosed::Failed,
        };
        shared.event(EndpointEvent::LinkClosed {
            link,
            inbound: found.inbound,
            reason,
        });
    }

    fn read(&mut self, shared: &mut Shared, now: Instant, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let (Some(stream), Some(connection)) = (found.stream, self.quic.get_mut(found.handle))
        else {
            return;
        };
        let mut receive = connection.recv_stream(stream);
        let Ok(mut chunks) = receive.read(true) else {
            return;
        };
        let mut broken = false;
        while let Ok(Some(chunk)) = chunks.next(READ_CHUNK) {
            found.input.push(&chunk.bytes);
            loop {
                match found.input.next(MAX_FRAME) {
                    Ok(Some(frame)) => shared.event(EndpointEvent::LinkFrame { link, frame }),
                    Ok(None) => break,
                    Err(_) => {
                        broken = true;
                        break;
                    }
                }
            }
            if broken {
                break;
            }
        }
        let _ = chunks.finalize();
        if broken {
            let inbound = found.inbound;
            self.close(now, link, CODE_PROTOCOL);
            shared.event(EndpointEvent::LinkClosed {
                link,
                inbound,
                reason: LinkClosed::Failed,
            });
        }
    }

    fn write(&mut self, link: LinkId) {
        let Some(found) = self.links.get_mut(&link) else {
            return;
        };
        let (Some(stream), Some(connection)) = (found.stream, self.quic.get_mut(found.handle))
        else {
            return;
        };
        while !found.out.is_empty() {
            match connection.send_stream(stream).write(&found.out) {
                Ok(written) => found.out.advance(written),
                Err(WriteError::Blocked) => return,
                Err(_) => return found.out.clear(),
            }
        }
    }

    fn add(&mut self, handle: ConnectionHandle, remote: SocketAddr, inbound: bool) -> LinkId {
        let link = LinkId(self.next);
        self.next += 1;
        let (out, input) = (BytesMut::new(), Unframer::default());
        self.links.insert(
            link,
            Link {
                handle,
                inbound,
                remote,
                open: false,
                stream: None,
                out,
                input,
            },
        );
        self.by_handle.insert(handle, link);
        self.ready.push_back(link);
        link
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
