//! A QUIC endpoint with its connections, and which of them have something to do.

use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};
use quinn_proto::{
    AcceptError, ClientConfig, ConnectError, Connection, ConnectionHandle, DatagramEvent,
    EcnCodepoint, EndpointConfig, Event, Incoming, ServerConfig, Side, VarInt,
};

use super::Transmit;
use super::cids::{Mark, MarkedCids};
use super::rate::Bucket;
use super::timers::Timers;

/// What came of a datagram.
pub(super) enum Handled {
    /// It was for this connection.
    Connection(ConnectionHandle),
    /// Somebody wants to connect.
    Incoming(Box<Incoming>),
    /// This should be sent back.
    Response(SocketAddr, Vec<u8>),
    /// Nothing.
    Ignored,
}

/// How long after a packet of a peer's handshake it is sent again. Few as they are, each that is lost costs a time-out of
/// three round trips, and the next twice that. Not at once, since what loses one packet often loses the next as well.
const HANDSHAKE_AGAIN: [Duration; 3] = [
    Duration::from_millis(40),
    Duration::from_millis(120),
    Duration::from_millis(300),
];
/// The most packets of one connection that wait to be sent again. A handshake has a few.
const MAX_AGAIN: usize = 96;

/// Those of one connection, by their time and a number.
type Again = BTreeMap<(Instant, u64), (SocketAddr, Bytes)>;

/// Whether a packet belongs to a handshake: by the header form of RFC 9000, 17.2.
fn is_handshake(packet: &[u8]) -> bool {
    packet.first().is_some_and(|first| first & 0x80 != 0)
}

/// Whether the other side may still need what was sent of the handshake.
fn is_unconfirmed(connection: &Connection) -> bool {
    let is_done = match connection.side() {
        Side::Client => connection.stats().frame_rx.handshake_done > 0,
        Side::Server => !connection.is_handshaking(),
    };
    !is_done && !connection.is_closed()
}

/// How many bytes a second a connection may send; `None` for one without a rate.
pub(super) fn send_rate(connection: &Connection) -> Option<f64> {
    let bits = connection.congestion_state().metrics().pacing_rate?;
    // Rates are far below 2^52.
    #[allow(clippy::cast_precision_loss)]
    let bytes = bits as f64 / 8.0;
    Some(bytes)
}

pub(super) struct Quic {
    endpoint: quinn_proto::Endpoint,
    /// Boxed, since a table has room for more than it holds.
    connections: HashMap<ConnectionHandle, Box<Connection>>,
    busy: VecDeque<ConnectionHandle>,
    is_busy: HashSet<ConnectionHandle>,
    buckets: HashMap<ConnectionHandle, Bucket>,
    /// When a timer of each connection is due, but for those that are busy: theirs may have changed.
    timers: Timers<ConnectionHandle>,
    /// The connections that wait for their rate, and until when.
    held_back: Timers<ConnectionHandle>,
    /// How often a connection was looked at.
    visits: u64,
    /// Whether packets of handshakes go several times: only to where a real address is proved.
    repeats: bool,
    /// Those that will, until their connection is gone: its handle is another's then.
    again: HashMap<ConnectionHandle, Again>,
    /// When the first of each is due.
    again_due: Timers<ConnectionHandle>,
    next_again: u64,
}

impl Quic {
    pub(super) fn new(mark: Mark, server: Arc<ServerConfig>, seed: [u8; 32]) -> Self {
        let mut config = EndpointConfig::default();
        config
            .grease_quic_bit(false)
            .cid_generator(move || Box::new(MarkedCids(mark)));
        Self {
            endpoint: quinn_proto::Endpoint::new(Arc::new(config), Some(server), true, Some(seed)),
            connections: HashMap::new(),
            busy: VecDeque::new(),
            is_busy: HashSet::new(),
            buckets: HashMap::new(),
            timers: Timers::default(),
            held_back: Timers::default(),
            visits: 0,
            repeats: mark == Mark::Peer,
            again: HashMap::new(),
            again_due: Timers::default(),
            next_again: 0,
        }
    }

    pub(super) fn handle(
        &mut self,
        now: Instant,
        from: SocketAddr,
        ecn: Option<EcnCodepoint>,
        data: BytesMut,
    ) -> Handled {
        let mut response = Vec::new();
        match self
            .endpoint
            .handle(now, from, None, ecn, data, &mut response)
        {
            Some(DatagramEvent::ConnectionEvent(handle, event)) => {
                if let Some(connection) = self.connections.get_mut(&handle) {
                    connection.handle_event(event);
                    self.touch(handle);
                }
                Handled::Connection(handle)
            }
            Some(DatagramEvent::NewConnection(incoming)) => Handled::Incoming(Box::new(incoming)),
            Some(DatagramEvent::Response(transmit)) => {
                response.truncate(transmit.size);
                Handled::Response(transmit.destination, response)
            }
            None => Handled::Ignored,
        }
    }

    pub(super) fn connect(
        &mut self,
        now: Instant,
        config: ClientConfig,
        remote: SocketAddr,
    ) -> Result<ConnectionHandle, ConnectError> {
        let (handle, connection) =
            self.endpoint
                .connect(now, config, remote, crate::tls::SERVER_NAME)?;
        self.connections.insert(handle, Box::new(connection));
        self.touch(handle);
        Ok(handle)
    }

    /// Takes a connection. What should be sent back when it fails is in the error.
    pub(super) fn accept(
        &mut self,
        now: Instant,
        incoming: Incoming,
        config: Option<Arc<ServerConfig>>,
    ) -> Result<ConnectionHandle, Option<(SocketAddr, Vec<u8>)>> {
        let mut response = Vec::new();
        match self.endpoint.accept(incoming, now, &mut response, config) {
            Ok((handle, connection)) => {
                self.connections.insert(handle, Box::new(connection));
                self.touch(handle);
                Ok(handle)
            }
            Err(AcceptError {
                response: transmit, ..
            }) => Err(transmit.map(|transmit| {
                response.truncate(transmit.size);
                (transmit.destination, response)
            })),
        }
    }

    pub(super) fn refuse(&mut self, incoming: Incoming) -> (SocketAddr, Vec<u8>) {
        let mut response = Vec::new();
        let transmit = self.endpoint.refuse(incoming, &mut response);
        response.truncate(transmit.size);
        (transmit.destination, response)
    }

    /// Asks the other side to prove its address first.
    pub(super) fn retry(&mut self, incoming: Incoming) -> Option<(SocketAddr, Vec<u8>)> {
        let mut response = Vec::new();
        match self.endpoint.retry(incoming, &mut response) {
            Ok(transmit) => {
                response.truncate(transmit.size);
                Some((transmit.destination, response))
            }
            Err(error) => {
                self.endpoint.ignore(error.into_incoming());
                None
            }
        }
    }

    pub(super) fn ignore(&mut self, incoming: Incoming) {
        self.endpoint.ignore(incoming);
    }

    /// Closes a connection. The packets that say so.
    pub(super) fn close(
        &mut self,
        now: Instant,
        handle: ConnectionHandle,
        code: u32,
    ) -> Vec<Vec<u8>> {
        // One datagram says it; a connection that is being opened says it under each of its keys.
        const MAX_PACKETS: usize = 3;
        let Some(connection) = self.get_mut(handle) else {
            return Vec::new();
        };
        connection.close(now, VarInt::from_u32(code), Bytes::new());
        let packets = std::iter::from_fn(|| {
            let mut packet = Vec::new();
            connection
                .poll_transmit(now, 1, &mut packet)
                .map(|_| packet)
        });
        packets.take(MAX_PACKETS).collect()
    }

    /// The connection, to do something with: it is looked at for packets afterwards.
    pub(super) fn get_mut(&mut self, handle: ConnectionHandle) -> Option<&mut Connection> {
        self.touch(handle);
        self.connections.get_mut(&handle).map(Box::as_mut)
    }

    /// The connection's next event.
    pub(super) fn poll(&mut self, handle: ConnectionHandle) -> Option<Event> {
        let event = self.connections.get_mut(&handle)?.poll()?;
        self.touch(handle);
        Some(event)
    }

    pub(super) fn poll_timeout(&mut self) -> Option<Instant> {
        self.note_timers();
        let again = self.again_due.first();
        [self.timers.first(), self.held_back.first(), again]
            .into_iter()
            .flatten()
            .min()
    }

    /// Does what is due. The connections on which something may have happened by that.
    pub(super) fn handle_timeout(&mut self, now: Instant) -> Vec<ConnectionHandle> {
        self.note_timers();
        let due: Vec<ConnectionHandle> = std::iter::from_fn(|| self.timers.pop_due(now)).collect();
        for handle in &due {
            self.visits += 1;
            if let Some(connection) = self.get_mut(*handle) {
                connection.handle_timeout(now);
            }
        }
        while let Some(handle) = self.held_back.pop_due(now) {
            self.touch(handle);
        }
        due
    }

    /// Notes when the timers of the connections are due that something was done with since.
    fn note_timers(&mut self) {
        for handle in &self.busy {
            self.visits += 1;
            if let Some(connection) = self.connections.get_mut(handle) {
                self.timers.set(*handle, connection.poll_timeout());
            }
        }
    }

    /// How often a connection was looked at, since there is this.
    pub(super) fn visits(&self) -> u64 {
        self.visits
    }

    pub(super) fn poll_transmit(
        &mut self,
        now: Instant,
        max_datagrams: usize,
        buf: &mut Vec<u8>,
    ) -> Option<Transmit> {
        if let Some(transmit) = self.send_again(now, buf) {
            return Some(transmit);
        }
        while let Some(handle) = self.busy.front().copied() {
            let start = buf.len();
            let allowed = self.allowed(now, handle).min(max_datagrams.max(1));
            let transmit = self
                .connections
                .get_mut(&handle)
                .filter(|_| allowed > 0)
                .and_then(|connection| connection.poll_transmit(now, allowed, buf));
            if let Some(transmit) = transmit {
                let bytes = buf.get(start..).unwrap_or_default();
                if let Some(bucket) = self.buckets.get_mut(&handle) {
                    bucket.take(bytes.len());
                }
                if self.repeats && is_handshake(bytes) {
                    let size = transmit.segment_size.unwrap_or(usize::MAX).max(1);
                    let packets: Vec<Bytes> = bytes
                        .chunks(size)
                        .filter(|packet| is_handshake(packet))
                        .map(Bytes::copy_from_slice)
                        .collect();
                    self.repeat(now, handle, transmit.destination, &packets);
                }
                return Some(Transmit {
                    destination: transmit.destination,
                    ecn: transmit.ecn,
                    size: transmit.size,
                    segment_size: transmit.segment_size,
                });
            }
            self.busy.pop_front();
            self.is_busy.remove(&handle);
            self.settle(handle);
        }
        None
    }

    /// Has packets of a handshake sent again.
    fn repeat(
        &mut self,
        now: Instant,
        handle: ConnectionHandle,
        destination: SocketAddr,
        packets: &[Bytes],
    ) {
        let again = self.again.entry(handle).or_default();
        for packet in packets {
            for after in HANDSHAKE_AGAIN {
                if again.len() < MAX_AGAIN {
                    let at = (now + after, self.next_again);
                    again.insert(at, (destination, packet.clone()));
                    self.next_again += 1;
                }
            }
        }
        let first = again.first_key_value().map(|((at, _), _)| *at);
        self.again_due.set(handle, first);
    }

    /// How many connections have packets that go again, and how many of those are gone.
    #[cfg(test)]
    pub(super) fn repeating(&self) -> (usize, usize) {
        let gone = |handle: &&ConnectionHandle| !self.connections.contains_key(handle);
        (self.again.len(), self.again.keys().filter(gone).count())
    }

    fn forget_again(&mut self, handle: ConnectionHandle) {
        self.again.remove(&handle);
        self.again_due.set(handle, None);
    }

    /// A packet of a handshake that is sent again, while that may be of use.
    fn send_again(&mut self, now: Instant, buf: &mut Vec<u8>) -> Option<Transmit> {
        loop {
            let handle = self.again_due.pop_due(now)?;
            let connection = self.connections.get(&handle);
            let is_of_use = connection.is_some_and(|connection| is_unconfirmed(connection));
            let again = self.again.get_mut(&handle).filter(|_| is_of_use);
            let Some((again, (_, (destination, packet)))) =
                again.and_then(|again| again.pop_first().map(|first| (again, first)))
            else {
                self.forget_again(handle);
                continue;
            };
            let next = again.first_key_value().map(|((at, _), _)| *at);
            self.again_due.set(handle, next);
            if let Some(bucket) = self.buckets.get_mut(&handle) {
                bucket.take(packet.len());
            }
            buf.extend_from_slice(&packet);
            return Some(Transmit {
                destination,
                ecn: None,
                size: packet.len(),
                segment_size: None,
            });
        }
    }

    fn touch(&mut self, handle: ConnectionHandle) {
        if self.connections.contains_key(&handle) && self.is_busy.insert(handle) {
            self.busy.push_back(handle);
        }
    }

    /// How many packets of a connection may go now, if it has any.
    fn allowed(&mut self, now: Instant, handle: ConnectionHandle) -> usize {
        let Some(connection) = self.connections.get_mut(&handle) else {
            return 0;
        };
        // A handshake has bounds of its own, and its time runs.
        let rate = send_rate(connection).filter(|_| !connection.is_handshaking());
        let Some(bytes_per_second) = rate else {
            return usize::MAX;
        };
        let bucket = self
            .buckets
            .entry(handle)
            .or_insert_with(|| Bucket::new(now));
        // Datagrams that wait are late by as much.
        let urgent = bucket.is_less_room(connection.datagrams().send_buffer_space());
        match bucket.packets(now, bytes_per_second, connection.current_mtu(), urgent) {
            Ok(packets) => packets,
            Err(at) => {
                self.held_back.set(handle, Some(at));
                0
            }
        }
    }

    /// Hands on what connection and endpoint have to tell each other, and forgets a connection that is drained.
    fn settle(&mut self, handle: ConnectionHandle) {
        let mut again = false;
        self.visits += 1;
        if let Some(connection) = self.connections.get_mut(&handle) {
            while let Some(event) = connection.poll_endpoint_events() {
                if let Some(event) = self.endpoint.handle_event(handle, event) {
                    connection.handle_event(event);
                    again = true;
                }
            }
            self.timers.set(handle, connection.poll_timeout());
            if connection.is_drained() {
                self.connections.remove(&handle);
                self.buckets.remove(&handle);
                self.timers.set(handle, None);
                self.held_back.set(handle, None);
                self.forget_again(handle);
            }
        }
        if again {
            self.touch(handle);
        }
    }
}
