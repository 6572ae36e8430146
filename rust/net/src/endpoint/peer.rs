//! One peer: the relation, and what travels on its connection.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use quinn_proto::{Connection, ConnectionHandle, Dir, StreamId, VarInt, WriteError};
use samovar_id::SteamId;
use x25519_dalek::{PublicKey as Share, StaticSecret};

use super::paths::Paths;
use super::reassembly::Reassembly;
use crate::identity::PublicKey;
use crate::sessions::{Api, Control, Incoming, LinkStats, Outgoing, Sessions};
use crate::wire::{
    Datagram, DatagramPacker, MAX_CONTROL, MAX_STREAM_MESSAGE, StreamHeader, Unframer, fragments,
    frame,
};

/// While this many bytes wait in a stream, no further messages of its channel are taken from the session.
const MAX_STREAM_BACKLOG: usize = 128 * 1024;
/// While this little room is left for datagrams, no further messages are taken from sessions.
const MIN_DATAGRAM_ROOM: usize = 16 * 1024;
/// The most streams that a peer has open towards us: those of all channels of both interfaces, and those being closed.
pub(super) const MAX_STREAMS: u32 = 160;
const READ_CHUNK: usize = 64 * 1024;
/// Code with which streams of a session that is over are reset.
const CODE_SESSION_OVER: u32 = 1;

/// The peer broke the protocol.
pub(super) struct Broken;

/// A QUIC connection with a peer.
pub(super) struct PeerConnection {
    pub(super) handle: ConnectionHandle,
    pub(super) connected: bool,
    out: HashMap<StreamHeader, OutStream>,
    input: HashMap<StreamId, InStream>,
    packer: DatagramPacker,
    reassembly: Reassembly,
    next_message: u32,
    counted: Option<(Instant, quinn_proto::ConnectionStats)>,
}

struct OutStream {
    id: StreamId,
    waiting: BytesMut,
}

#[derive(Default)]
struct InStream {
    header: Option<StreamHeader>,
    unframer: Unframer,
    /// Nobody reads the channel: the stream is left alone until somebody does.
    stalled: bool,
    finished: bool,
}

/// A user that this one has something to do with.
pub(super) struct Peer {
    pub(super) key: Option<PublicKey>,
    pub(super) share_secret: StaticSecret,
    pub(super) their_share: Option<[u8; 32]>,
    /// The time of their latest offer, in milliseconds of the directory's clock.
    pub(super) offered_ms: u64,
    /// Whether they may know our addresses.
    pub(super) consented: bool,
    pub(super) paths: Paths,
    pub(super) connections: Vec<PeerConnection>,
    pub(super) used_at: Instant,
}

impl Peer {
    pub(super) fn new(now: Instant, share_secret: [u8; 32]) -> Self {
        Self {
            key: None,
            share_secret: StaticSecret::from(share_secret),
            their_share: None,
            offered_ms: 0,
            consented: false,
            paths: Paths::default(),
            connections: Vec::new(),
            used_at: now,
        }
    }

    pub(super) fn share(&self) -> [u8; 32] {
        Share::from(&self.share_secret).to_bytes()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.connected)
    }
}

impl PeerConnection {
    pub(super) fn new(handle: ConnectionHandle) -> Self {
        Self {
            handle,
            connected: false,
            out: HashMap::new(),
            input: HashMap::new(),
            packer: DatagramPacker::default(),
            reassembly: Reassembly::default(),
            next_message: 0,
            counted: None,
        }
    }

    /// Sends a control frame.
    pub(super) fn send_control(&mut self, connection: &mut Connection, control: &Control) {
        if let Ok(bytes) = postcard::to_stdvec(control) {
            self.write_message(connection, StreamHeader::Control, &bytes);
        }
        if let Control::Close { api, .. } = control {
            self.reset_streams(connection, *api);
        }
    }

    /// The streams of a session that is over carry nothing more.
    fn reset_streams(&mut self, connection: &mut Connection, over: Api) {
        self.out.retain(|header, stream| {
            let is_over = matches!(header, StreamHeader::Messages { api, .. } if *api == over);
            if is_over {
                let _ = connection
                    .send_stream(stream.id)
                    .reset(VarInt::from_u32(CODE_SESSION_OVER));
            }
            !is_over
        });
    }

    /// Takes messages from sessions and hands them to QUIC, as long as it has room.
    pub(super) fn send_messages(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) {
        for stream in self.out.values_mut() {
            stream.flush(connection);
        }
        let Some(max) = connection.datagrams().max_size() else {
            return;
        };
        loop {
            if connection.datagrams().send_buffer_space() < MIN_DATAGRAM_ROOM {
                break;
            }
            let out = &self.out;
            let has_room = |api, incarnation, channel, reliable: bool| {
                let header = StreamHeader::Messages {
                    api,
                    incarnation,
                    channel,
                };
                !reliable
                    || out
                        .get(&header)
                        .is_none_or(|stream| stream.waiting.len() < MAX_STREAM_BACKLOG)
            };
            let Some(outgoing) = sessions.poll_outgoing(now, peer, has_room) else {
                break;
            };
            if outgoing.reliable {
                self.queue_reliable(connection, &outgoing);
            } else {
                self.send_unreliable(connection, max, &outgoing);
            }
        }
        if let Some(datagram) = self.packer.finish() {
            let _ = connection.datagrams().send(datagram, true);
        }
        for stream in self.out.values_mut() {
            stream.flush(connection);
        }
    }

    fn queue_reliable(&mut self, connection: &mut Connection, outgoing: &Outgoing) {
        let Outgoing {
            api,
            incarnation,
            channel,
            ..
        } = *outgoing;
        self.queue_message(
            connection,
            StreamHeader::Messages {
                api,
                incarnation,
                channel,
            },
            &outgoing.data,
        );
    }

    fn send_unreliable(&mut self, connection: &mut Connection, max: usize, outgoing: &Outgoing) {
        let Outgoing {
            api,
            incarnation,
            channel,
            ..
        } = *outgoing;
        match self
            .packer
            .push(max, api, incarnation, channel, &outgoing.data)
        {
            Ok(Some(full)) => drop(connection.datagrams().send(full, true)),
            Ok(None) => {}
            Err(large) => {
                self.next_message = self.next_message.wrapping_add(1);
                match fragments(max, api, incarnation, channel, self.next_message, large) {
                    Some(pieces) => {
                        for piece in pieces {
                            let _ = connection.datagrams().send(piece, true);
                        }
                    }
                    // Too large for pieces: it goes reliably, as GameNetworkingSockets does.
                    None => self.queue_reliable(connection, outgoing),
                }
            }
        }
    }

    fn queue_message(&mut self, connection: &mut Connection, header: StreamHeader, message: &[u8]) {
        let stream = match self.out.entry(header) {
            Entry::Occupied(stream) => stream.into_mut(),
            Entry::Vacant(place) => {
                let Some(id) = connection.streams().open(Dir::Uni) else {
                    return;
                };
                let mut waiting = BytesMut::new();
                if let Ok(bytes) = postcard::to_stdvec(&header) {
                    frame(&bytes, &mut waiting);
                }
                place.insert(OutStream { id, waiting })
            }
        };
        frame(message, &mut stream.waiting);
    }

    fn write_message(&mut self, connection: &mut Connection, header: StreamHeader, message: &[u8]) {
        self.queue_message(connection, header, message);
        if let Some(stream) = self.out.get_mut(&header) {
            stream.flush(connection);
        }
    }

    /// Streams that the peer has opened.
    pub(super) fn accept_streams(&mut self, connection: &mut Connection) {
        while let Some(id) = connection.streams().accept(Dir::Uni) {
            self.input.insert(id, InStream::default());
        }
    }

    /// Reads all streams that somebody waits for.
    pub(super) fn read_streams(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<(), Broken> {
        let ids: Vec<StreamId> = self.input.keys().copied().collect();
        for id in ids {
            self.read_stream(now, connection, peer, sessions, id)?;
        }
        self.input
            .retain(|_, stream| !stream.finished || !stream.unframer.is_empty());
        Ok(())
    }

    /// Reads a stream as far as there is room for its messages.
    pub(super) fn read_stream(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
        id: StreamId,
    ) -> Result<(), Broken> {
        let Some(stream) = self.input.get_mut(&id) else {
            return Ok(());
        };
        let mut over = None;
        loop {
            let control = stream.take_messages(now, peer, sessions)?;
            over = control.or(over);
            if stream.stalled || stream.finished {
                break;
            }
            let mut receive = connection.recv_stream(id);
            let Ok(mut chunks) = receive.read(true) else {
                stream.finished = true;
                break;
            };
            let chunk = chunks.next(READ_CHUNK);
            let _ = chunks.finalize();
            match chunk {
                Ok(Some(chunk)) => stream.unframer.push(&chunk.bytes),
                Err(quinn_proto::ReadError::Blocked) => break,
                Ok(None) | Err(quinn_proto::ReadError::Reset(_)) => {
                    stream.finished = true;
                }
            }
        }
        if let Some(api) = over {
            self.reset_streams(connection, api);
        }
        Ok(())
    }

    /// Reads all datagrams.
    pub(super) fn read_datagrams(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<(), Broken> {
        while let Some(mut rest) = connection.datagrams().recv() {
            while !rest.is_empty() {
                let (api, incarnation, channel, data) =
                    match Datagram::take(&mut rest).ok_or(Broken)? {
                        Datagram::Whole {
                            api,
                            incarnation,
                            channel,
                            data,
                        } => (api, incarnation, channel, data),
                        Datagram::Piece(piece) => {
                            let (api, incarnation, channel) =
                                (piece.api, piece.incarnation, piece.channel);
                            match self.reassembly.push(now, piece) {
                                Some(data) => (api, incarnation, channel, data),
                                None => continue,
                            }
                        }
                    };
                sessions.deliver(
                    now,
                    peer,
                    Incoming {
                        api,
                        incarnation,
                        channel,
                        reliable: false,
                        data,
                    },
                );
            }
        }
        Ok(())
    }

    /// What is known of the connection, with rates since the last time it was asked.
    pub(super) fn stats(
        &mut self,
        now: Instant,
        connection: &Connection,
        paths: &Paths,
    ) -> LinkStats {
        let stats = connection.stats();
        let before = self.counted.replace((now, stats));
        let rate = |now_count: u64, then_count: u64, seconds: f64| {
            // Counts of packets and bytes are far below 2^52.
            #[allow(clippy::cast_precision_loss)]
            let count = now_count.saturating_sub(then_count) as f64;
            if seconds > 0.0 { count / seconds } else { 0.0 }
        };
        let (then, seconds) = match before {
            Some((at, then)) => (then, now.saturating_duration_since(at).as_secs_f64()),
            None => (stats, 0.0),
        };
        LinkStats {
            remote: paths.current(),
            rtt: Some(connection.rtt()),
            packets_out_per_second: rate(stats.udp_tx.datagrams, then.udp_tx.datagrams, seconds),
            bytes_out_per_second: rate(stats.udp_tx.bytes, then.udp_tx.bytes, seconds),
            packets_in_per_second: rate(stats.udp_rx.datagrams, then.udp_rx.datagrams, seconds),
            bytes_in_per_second: rate(stats.udp_rx.bytes, then.udp_rx.bytes, seconds),
        }
    }

    pub(super) fn counted_at(&self) -> Option<Instant> {
        self.counted.as_ref().map(|(at, _)| *at)
    }
}

impl OutStream {
    fn flush(&mut self, connection: &mut Connection) {
        while !self.waiting.is_empty() {
            match connection.send_stream(self.id).write(&self.waiting) {
                Ok(written) => self.waiting.advance(written),
                Err(WriteError::Blocked) => return,
                Err(_) => return self.waiting.clear(),
            }
        }
    }
}

impl InStream {
    /// Hands on the whole messages that have come. Returns the interface whose session the peer has closed.
    fn take_messages(
        &mut self,
        now: Instant,
        peer: SteamId,
        sessions: &mut Sessions,
    ) -> Result<Option<Api>, Broken> {
        let mut over = None;
        self.stalled = false;
        loop {
            match self.header {
                None => match self.unframer.next(MAX_CONTROL).map_err(|_| Broken)? {
                    Some(bytes) => self.header = Some(parse(&bytes)?),
                    None => return Ok(over),
                },
                Some(StreamHeader::Control) => {
                    match self.unframer.next(MAX_CONTROL).map_err(|_| Broken)? {
                        Some(bytes) => {
                            let control: Control = parse(&bytes)?;
                            if let Control::Close { api, .. } = control {
                                over = Some(api);
                            }
                            sessions.on_control(now, peer, control);
                        }
                        None => return Ok(over),
                    }
                }
                Some(StreamHeader::Messages {
                    api,
                    incarnation,
                    channel,
                }) => {
                    if !sessions.receive_room(peer, api, channel) {
                        self.stalled = true;
                        return Ok(over);
                    }
                    match self.unframer.next(MAX_STREAM_MESSAGE).map_err(|_| Broken)? {
                        Some(data) => {
                            sessions.deliver(
                                now,
                                peer,
                                Incoming {
                                    api,
                                    incarnation,
                                    channel,
                                    reliable: true,
                                    data,
                                },
                            );
                        }
                        None => return Ok(over),
                    }
                }
            }
        }
    }
}

fn parse<T: serde::de::DeserializeOwned>(bytes: &Bytes) -> Result<T, Broken> {
    match postcard::take_from_bytes(bytes) {
        Ok((value, [])) => Ok(value),
        _ => Err(Broken),
    }
}
