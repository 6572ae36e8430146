//! One peer: the relation, and what travels on its connection.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;
use parking_lot::Mutex;
use quinn_proto::{Connection, ConnectionHandle, StreamId};
use samovar_id::SteamId;
use x25519_dalek::{PublicKey as Share, StaticSecret};

use super::budget::{Budget, CONNECTION_ROOM, ProcessBudget};
use super::paths::Paths;
use super::quality::Quality;
use super::reassembly::Reassembly;
use super::streams::{InStream, OutStream};
use super::transport::DATAGRAM_SEND_BUFFER;
use crate::identity::PublicKey;
use crate::sessions::{Control, LinkStats, Outgoing, Sessions, Waiting};
use crate::wire::{DatagramLane, DatagramPacker, StreamHeader, TooLong, fragments};

/// How many bytes of a connection with lanes are on the way, beyond what a round trip and [`AHEAD_TIME`] need at the rate.
const AHEAD: usize = 8 * 1024;
/// How much later than on its way an acknowledgement comes.
const AHEAD_TIME: Duration = Duration::from_millis(30);
/// The most messages, and about the most bytes, that are taken from sessions at once.
const MAX_TAKEN: usize = 128;
const MAX_TAKEN_BYTES: usize = 8 * 1024;
/// A peer for whom so many bytes of control frames wait does not read them.
const MAX_CONTROL_BACKLOG: usize = 64 * 1024;
/// While this little room is left for datagrams, no further unreliable messages are taken from sessions. More than the
/// largest message in pieces needs.
const MIN_DATAGRAM_ROOM: usize = 32 * 1024;
/// The most streams that a peer has open towards us: those of all channels of both interfaces, and those being closed.
pub(super) const MAX_STREAMS: u32 = 160;
/// The same at first; QUIC keeps room for each that is allowed, and most peers use few. It doubles when half of them are
/// used.
pub(super) const FIRST_STREAMS: u32 = 16;

/// How often what is known of a connection is told.
const STATS_EVERY: Duration = Duration::from_millis(200);

/// The peer broke the protocol.
pub(super) struct Broken;

/// An offer that was made to a peer, and made again since.
#[derive(Clone, Copy)]
pub(super) struct Asked {
    /// The same each time: on a slow way the answer to the first comes after the second has gone.
    pub(super) nonce: u64,
    /// The process that it names.
    pub(super) recipient: u64,
    /// When it was made first, and last.
    pub(super) since: Instant,
    pub(super) at: Instant,
}

/// A user that this one has something to do with.
pub(super) struct Peer {
    pub(super) key: Option<PublicKey>,
    pub(super) share_secret: StaticSecret,
    pub(super) their_share: Option<[u8; 32]>,
    /// The number of their process, as they say; 0 where that is not known.
    pub(super) process: u64,
    /// The latest offer to them, until they have said that it is for another process.
    pub(super) asked: Option<Asked>,
    /// When they have last said so.
    pub(super) challenged_at: Option<Instant>,
    /// Whether they may know our addresses.
    pub(super) consented: bool,
    pub(super) paths: Paths,
    pub(super) connections: Vec<PeerConnection>,
    /// When a session last needed it.
    pub(super) used_at: Instant,
    /// When it may be dialled again.
    pub(super) next_dial: Option<Instant>,
}

impl Peer {
    pub(super) fn new(now: Instant, share_secret: [u8; 32]) -> Self {
        Self {
            key: None,
            share_secret: StaticSecret::from(share_secret),
            their_share: None,
            process: 0,
            asked: None,
            challenged_at: None,
            consented: false,
            paths: Paths::default(),
            connections: Vec::new(),
            used_at: now,
            next_dial: None,
        }
    }

    pub(super) fn share(&self) -> [u8; 32] {
        Share::from(&self.share_secret).to_bytes()
    }

    pub(super) fn is_connected(&self) -> bool {
        self.connections
            .iter()
            .any(|connection| connection.connected_at.is_some())
    }

    pub(super) fn connected(&mut self) -> Option<&mut PeerConnection> {
        self.connections
            .iter_mut()
            .find(|connection| connection.connected_at.is_some())
    }
}

/// A QUIC connection with a peer.
pub(super) struct PeerConnection {
    pub(super) handle: ConnectionHandle,
    pub(super) connected_at: Option<Instant>,
    pub(super) control: Option<OutStream>,
    pub(super) out: BTreeMap<StreamHeader, OutStream>,
    /// By age, so that control frames are read before the messages that follow them.
    pub(super) input: BTreeMap<StreamId, InStream>,
    /// What they may have unread, and what QUIC was told of it.
    pub(super) budget: Budget,
    pub(super) window: usize,
    /// The most streams that the peer may have open.
    pub(super) allowed_streams: u32,
    /// Messages on their way to QUIC; empty but for its memory.
    taken: VecDeque<Outgoing>,
    /// Those of them for which the peer does not allow a stream yet.
    parked: VecDeque<Outgoing>,
    is_out_of_streams: bool,
    packer: DatagramPacker,
    pub(super) reassembly: Reassembly,
    /// Unreliable messages on their way to the sessions; empty but for its memory.
    pub(super) arrived: Vec<Bytes>,
    next_message: u32,
    counted: Option<(Instant, quinn_proto::ConnectionStats)>,
    /// Whether anything had come or gone since the time before.
    was_active: bool,
    quality: Quality,
}

impl PeerConnection {
    pub(super) fn new(handle: ConnectionHandle, budget: &ProcessBudget) -> Self {
        Self {
            handle,
            connected_at: None,
            control: None,
            out: BTreeMap::new(),
            input: BTreeMap::new(),
            budget: Budget::new(budget),
            window: CONNECTION_ROOM,
            allowed_streams: FIRST_STREAMS,
            taken: VecDeque::new(),
            parked: VecDeque::new(),
            is_out_of_streams: false,
            packer: DatagramPacker::default(),
            reassembly: Reassembly::default(),
            arrived: Vec::new(),
            next_message: 0,
            counted: None,
            was_active: false,
            quality: Quality::default(),
        }
    }

    /// The handshake is done.
    pub(super) fn open(&mut self, now: Instant, connection: &mut Connection) {
        self.connected_at = Some(now);
        self.control = OutStream::open(connection, &StreamHeader::Control);
    }

    /// Sends a control frame.
    pub(super) fn send_control(&mut self, connection: &mut Connection, control: &Control) {
        if let (Some(stream), Ok(bytes)) = (&mut self.control, postcard::to_stdvec(control)) {
            stream.push(&bytes);
            stream.flush(connection);
        }
    }

    /// Takes messages from sessions and hands them to QUIC, as long as it has room. The sessions are not locked meanwhile,
    /// so that the game need not wait.
    pub(super) fn send_messages(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &Mutex<Sessions>,
    ) -> Result<(), Broken> {
        let ahead = Self::ahead(connection);
        let mut locked = sessions.lock();
        self.leave_what_is_over(connection, peer, &locked);
        locked.set_ahead(peer, ahead);
        drop(locked);
        self.flush(connection);
        if self
            .control
            .as_ref()
            .is_none_or(|control| control.waiting() > MAX_CONTROL_BACKLOG)
        {
            return Err(Broken);
        }
        // A peer that takes no datagrams is none of ours.
        let max = connection.datagrams().max_size().ok_or(Broken)?;
        loop {
            self.send_taken(connection, max);
            let datagrams = connection.datagrams().send_buffer_space() >= MIN_DATAGRAM_ROOM;
            let (out, may_open) = (&self.out, !self.is_out_of_streams);
            let may_send = |flow, incarnation, channel, reliable: bool| {
                let header = StreamHeader::Messages {
                    flow,
                    incarnation,
                    channel,
                };
                let stream = || out.get(&header).map_or(may_open, OutStream::has_room);
                if reliable { stream() } else { datagrams }
            };
            let mut bytes = 0;
            let taken = &mut self.taken;
            sessions
                .lock()
                .take_outgoing(now, peer, may_send, |outgoing| {
                    bytes += outgoing.data.len();
                    taken.push_back(outgoing);
                    bytes < MAX_TAKEN_BYTES && taken.len() < MAX_TAKEN
                });
            if self.taken.is_empty() {
                break;
            }
        }
        if let Some(datagram) = self.packer.finish() {
            let _ = connection.datagrams().send(datagram, true);
        }
        self.flush(connection);
        self.tell_what_waits(now, peer, &mut sessions.lock());
        Ok(())
    }

    /// Hands the messages that were taken to QUIC. Those for which the peer allows no stream wait until it does.
    fn send_taken(&mut self, connection: &mut Connection, max: usize) {
        if !self.is_out_of_streams && !self.parked.is_empty() {
            self.parked.append(&mut self.taken);
            std::mem::swap(&mut self.parked, &mut self.taken);
        }
        while let Some(outgoing) = self.taken.pop_front() {
            if !outgoing.reliable {
                self.send_unreliable(connection, max, outgoing);
            } else if let Err(outgoing) = self.queue_reliable(connection, outgoing) {
                self.parked.push_back(outgoing);
            }
        }
    }

    /// The peer allows more streams.
    pub(super) fn set_streams_available(&mut self) {
        self.is_out_of_streams = false;
    }

    /// How many bytes of a connection with lanes may be on the way: what keeps QUIC busy.
    fn ahead(connection: &mut Connection) -> usize {
        let waiting =
            DATAGRAM_SEND_BUFFER.saturating_sub(connection.datagrams().send_buffer_space());
        if waiting > AHEAD {
            return 0;
        }
        let rate = super::connection::send_rate(connection).unwrap_or_default();
        let seconds = (connection.rtt() + AHEAD_TIME).as_secs_f64();
        // Bytes on the way are far below 2^52.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bytes = (rate * seconds) as usize;
        bytes.saturating_add(AHEAD)
    }

    fn tell_what_waits(&self, now: Instant, peer: SteamId, sessions: &mut Sessions) {
        sessions.set_waiting(now, peer, |flow| {
            let header = |incarnation, channel| StreamHeader::Messages {
                flow,
                incarnation,
                channel,
            };
            let streams = self.out.range(header(0, 0)..=header(u64::MAX, u32::MAX));
            let streams = streams.filter_map(|(header, stream)| match header {
                StreamHeader::Messages { channel, .. } => Some((*channel, stream)),
                StreamHeader::Control => None,
            });
            let streams = streams.map(|(channel, stream)| Waiting {
                channel,
                bytes: stream.waiting(),
                unacknowledged: stream.unacknowledged(),
            });
            let taken = self.taken.iter().chain(&self.parked);
            let taken = taken.filter(move |outgoing| outgoing.flow == flow);
            streams.chain(taken.map(|outgoing| Waiting {
                channel: outgoing.channel,
                bytes: outgoing.data.len(),
                unacknowledged: 0,
            }))
        });
    }

    fn flush(&mut self, connection: &mut Connection) {
        for stream in self.control.iter_mut().chain(self.out.values_mut()) {
            stream.flush(connection);
        }
    }

    /// Streams of sessions that are over carry nothing more.
    fn leave_what_is_over(
        &mut self,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &Sessions,
    ) {
        let is_live =
            |flow, incarnation| sessions.live_incarnation(peer, flow) == Some(incarnation);
        self.out.retain(|header, stream| {
            let StreamHeader::Messages {
                flow,
                incarnation,
                channel,
            } = *header
            else {
                return true;
            };
            if !is_live(flow, incarnation) {
                // The end of a connection may say that all of it comes before.
                if flow.connection().is_some() && stream.waiting() == 0 {
                    stream.finish(connection);
                } else {
                    stream.reset(connection);
                }
                return false;
            }
            // A channel that the game has closed must not hold a stream for ever: the peer allows so many only.
            let is_closed = stream.waiting() == 0 && !sessions.uses_channel(peer, flow, channel);
            if is_closed {
                stream.finish(connection);
            }
            !is_closed
        });
        for waiting in [&mut self.taken, &mut self.parked] {
            waiting.retain(|outgoing| is_live(outgoing.flow, outgoing.incarnation));
        }
    }

    /// Gives the message back while the peer allows no stream for it.
    fn queue_reliable(
        &mut self,
        connection: &mut Connection,
        outgoing: Outgoing,
    ) -> Result<(), Outgoing> {
        let Outgoing {
            flow,
            incarnation,
            channel,
            ..
        } = outgoing;
        let header = StreamHeader::Messages {
            flow,
            incarnation,
            channel,
        };
        if let Some(stream) = self.out.get_mut(&header) {
            stream.set_rank(connection, outgoing.rank);
            stream.push(&outgoing.data);
            return Ok(());
        }
        if self.is_out_of_streams {
            return Err(outgoing);
        }
        match OutStream::open(connection, &header) {
            Some(mut stream) => {
                stream.set_rank(connection, outgoing.rank);
                stream.push(&outgoing.data);
                self.out.insert(header, stream);
                Ok(())
            }
            None => {
                self.is_out_of_streams = true;
                Err(outgoing)
            }
        }
    }

    fn send_unreliable(&mut self, connection: &mut Connection, max: usize, outgoing: Outgoing) {
        let Outgoing {
            flow,
            incarnation,
            channel,
            ..
        } = outgoing;
        let lane = DatagramLane {
            flow,
            incarnation,
            channel,
        };
        match self.packer.push(max, lane, &outgoing.data) {
            Ok(Some(full)) => drop(connection.datagrams().send(full, true)),
            Ok(None) => {}
            Err(TooLong) => {
                self.next_message = self.next_message.wrapping_add(1);
                if let Some(pieces) = fragments(max, lane, self.next_message, &outgoing.data) {
                    for piece in pieces {
                        let _ = connection.datagrams().send(piece, true);
                    }
                    return;
                }
                // Too large for pieces: it goes reliably, as GameNetworkingSockets does, if it can go soon.
                let header = StreamHeader::Messages {
                    flow,
                    incarnation,
                    channel,
                };
                if self.out.get(&header).is_none_or(OutStream::has_room) {
                    let _ = self.queue_reliable(connection, outgoing);
                }
            }
        }
    }

    /// QUIC takes more for a stream.
    pub(super) fn set_writable(&mut self, id: StreamId) {
        for stream in self.control.iter_mut().chain(self.out.values_mut()) {
            stream.set_writable(id);
        }
    }

    #[cfg(test)]
    pub(super) fn streams_in(&self) -> usize {
        self.input.len()
    }

    #[cfg(test)]
    pub(super) fn stop_reading(&mut self) {
        self.input.clear();
    }

    /// What is known of the connection, with rates since the last time it was asked. The peer is told what it has to know
    /// of it.
    pub(super) fn stats(
        &mut self,
        now: Instant,
        connection: &mut Connection,
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
        self.was_active = stats.udp_tx.datagrams != then.udp_tx.datagrams
            || stats.udp_rx.datagrams != then.udp_rx.datagrams;
        let path = &stats.path;
        // Probes for the size of packets are meant to be lost.
        let sent = path.sent_packets.saturating_sub(path.sent_plpmtud_probes);
        self.quality.count(now, sent, path.lost_packets);
        if let Some(percent) = self.quality.tell(now) {
            self.send_control(connection, &Control::Quality { percent });
        }
        LinkStats {
            remote: paths.current(),
            rtt: Some(connection.rtt()),
            packets_out_per_second: rate(stats.udp_tx.datagrams, then.udp_tx.datagrams, seconds),
            bytes_out_per_second: rate(stats.udp_tx.bytes, then.udp_tx.bytes, seconds),
            packets_in_per_second: rate(stats.udp_rx.datagrams, then.udp_rx.datagrams, seconds),
            bytes_in_per_second: rate(stats.udp_rx.bytes, then.udp_rx.bytes, seconds),
            remote_quality: self.quality.percent(),
            local_quality: None,
            send_rate: super::connection::send_rate(connection).unwrap_or_default(),
        }
    }

    /// From when on [`PeerConnection::stats`] may be asked again.
    pub(super) fn may_count_at(&self) -> Option<Instant> {
        self.counted.as_ref().map(|(at, _)| *at + STATS_EVERY)
    }

    /// When it must be, even if nothing happens: what was known is past.
    pub(super) fn must_count_at(&self) -> Option<Instant> {
        self.may_count_at().filter(|_| self.was_active)
    }
}
