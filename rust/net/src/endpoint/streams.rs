//! The streams of a connection with a peer.

use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use quinn_proto::{Connection, Dir, ReadError, StreamId, VarInt, WriteError};
use samovar_id::SteamId;

use super::budget::{Budget, FIRST_ROOM, Room};
use super::peer::Broken;
use super::unacked::{MAX_PIECE, MIN_PIECE, Unacked};
use crate::sessions::{Control, Flow, Origin, Sessions, max_message};
use crate::wire::{MAX_CONTROL, StreamHeader, Unframer, frame};

const READ_CHUNK: usize = 64 * 1024;
/// While this many bytes wait in a stream, no further messages of its channel are taken from the session.
const MAX_BACKLOG: usize = 128 * 1024;
/// The same where lanes are configured: what is here has had its turn.
const MAX_BACKLOG_OF_LANE: usize = 4 * 1024;
/// Code with which streams of a session that is over are reset, and refused.
const CODE_SESSION_OVER: VarInt = VarInt::from_u32(1);

/// A stream to the peer.
pub(super) struct OutStream {
    id: StreamId,
    waiting: BytesMut,
    unacked: Unacked,
    /// How much of it QUIC has taken, and how much the peer lets it.
    sent: u64,
    allowed: u64,
    /// The most bytes that are offered to QUIC at once.
    piece: usize,
    /// Where lanes are configured, how many priorities are before that of its lane.
    rank: Option<u8>,
    /// QUIC takes nothing until it says so.
    blocked: bool,
    /// The peer reads it no more.
    stopped: bool,
}

impl OutStream {
    /// A new stream; `None` while the peer allows no more of them.
    pub(super) fn open(connection: &mut Connection, header: &StreamHeader) -> Option<Self> {
        let bytes = postcard::to_stdvec(header).ok()?;
        let id = connection.streams().open(Dir::Uni)?;
        let mut waiting = BytesMut::new();
        frame(&bytes, &mut waiting);
        Some(Self {
            id,
            waiting,
            unacked: Unacked::default(),
            sent: 0,
            allowed: match header {
                StreamHeader::Control => u64::MAX,
                StreamHeader::Messages { .. } => FIRST_ROOM as u64,
            },
            piece: MAX_PIECE,
            rank: None,
            blocked: false,
            stopped: false,
        })
    }

    /// How many bytes wait until QUIC takes them.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
    }

    /// Whether it should be given more.
    pub(super) fn has_room(&self) -> bool {
        self.waiting.len()
            < match self.rank {
                None => MAX_BACKLOG,
                Some(_) => MAX_BACKLOG_OF_LANE,
            }
    }

    /// Of those that have something to send, those with a lower rank go first.
    pub(super) fn set_rank(&mut self, connection: &mut Connection, rank: Option<u8>) {
        if rank != self.rank {
            self.rank = rank;
            let priority = -i32::from(rank.unwrap_or(0));
            let _ = connection.send_stream(self.id).set_priority(priority);
        }
    }

    /// How many bytes QUIC has taken and the peer has not acknowledged.
    pub(super) fn unacknowledged(&self) -> usize {
        self.unacked.bytes()
    }

    pub(super) fn push(&mut self, message: &[u8]) {
        if !self.stopped {
            frame(message, &mut self.waiting);
        }
    }

    /// Hands QUIC as much as it takes, in large pieces: it is slow with small ones.
    pub(super) fn flush(&mut self, connection: &mut Connection) {
        while !self.waiting.is_empty() && !self.blocked && self.sent < self.allowed {
            let room = usize::try_from(self.allowed - self.sent).unwrap_or(usize::MAX);
            let largest = self.rank.map_or(MAX_PIECE, |_| MIN_PIECE);
            let most = self.piece.min(room).min(largest);
            let next = self.waiting.get(..most).unwrap_or(&self.waiting);
            let offered = next.len();
            let mut piece = [self.unacked.piece(next)];
            match connection.send_stream(self.id).write_chunks(&mut piece) {
                Ok(written) => {
                    self.waiting.advance(written.bytes);
                    self.sent += written.bytes as u64;
                    self.piece = if written.bytes < offered {
                        written.bytes.clamp(MIN_PIECE, MAX_PIECE)
                    } else {
                        (self.piece * 2).min(MAX_PIECE)
                    };
                }
                Err(WriteError::Blocked) => self.blocked = true,
                Err(WriteError::Stopped(_) | WriteError::ClosedStream) => {
                    self.reset(connection);
                    self.waiting = BytesMut::new();
                    self.stopped = true;
                }
            }
        }
    }

    /// QUIC takes more, if this is the stream that it says so of.
    pub(super) fn set_writable(&mut self, id: StreamId) {
        if self.id == id {
            self.blocked = false;
        }
    }

    /// The peer has room for so many bytes of it, if this is the stream that it says so of.
    pub(super) fn set_room(&mut self, stream: u64, bytes: u64) {
        if u64::from(self.id) == stream {
            self.allowed = self.allowed.max(bytes);
        }
    }

    /// Nothing more follows.
    pub(super) fn finish(&self, connection: &mut Connection) {
        let _ = connection.send_stream(self.id).finish();
    }

    /// What has not arrived need not.
    pub(super) fn reset(&self, connection: &mut Connection) {
        let _ = connection.send_stream(self.id).reset(CODE_SESSION_OVER);
    }
}

/// A stream from the peer.
pub(super) struct InStream {
    header: Option<StreamHeader>,
    unframer: Unframer,
    /// How many bytes were read.
    taken: u64,
    /// What may be unread, and how far the peer may therefore send.
    room: Room,
    allowed: u64,
    /// All that had come was read.
    drained: bool,
    /// Nothing more comes.
    ended: bool,
}

enum Taken {
    /// All whole messages; there may be more in the stream.
    All,
    /// Nobody reads the channel: what is there waits until somebody does.
    Stalled,
    /// The session is over: the stream is of no use.
    Over,
}

impl InStream {
    pub(super) fn new(room: Room) -> Self {
        Self {
            header: None,
            unframer: Unframer::default(),
            taken: 0,
            room,
            allowed: FIRST_ROOM as u64,
            drained: false,
            ended: false,
        }
    }

    pub(super) fn room(&self) -> Room {
        self.room
    }

    /// QUIC says that more has come.
    pub(super) fn set_readable(&mut self) {
        self.drained = false;
    }

    /// Reads all that has come, which is no more than was allowed, and hands over the messages for which there is room.
    /// How much the peer has room for on which of our streams goes to `rooms`. True when nothing more comes.
    pub(super) fn read(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
        id: StreamId,
        rooms: &mut Vec<(u64, u64)>,
    ) -> Result<bool, Broken> {
        loop {
            let waits = if self.unframer.is_empty() {
                false
            } else {
                match self.take_messages(now, peer, sessions, rooms)? {
                    Taken::All => false,
                    Taken::Stalled => true,
                    Taken::Over => {
                        let _ = connection.recv_stream(id).stop(CODE_SESSION_OVER);
                        return Ok(true);
                    }
                }
            };
            if self.drained {
                return Ok(self.ended && !waits);
            }
            let mut stream = connection.recv_stream(id);
            let Ok(mut chunks) = stream.read(true) else {
                (self.drained, self.ended) = (true, true);
                continue;
            };
            let mut read = 0;
            while !self.drained && read < READ_CHUNK {
                match chunks.next(READ_CHUNK) {
                    Ok(Some(chunk)) => {
                        self.unframer.push(&chunk.bytes);
                        read += chunk.bytes.len();
                    }
                    Err(ReadError::Blocked) => self.drained = true,
                    Ok(None) | Err(ReadError::Reset(_)) => {
                        (self.drained, self.ended) = (true, true);
                    }
                }
            }
            let _ = chunks.finalize();
            self.taken += read as u64;
            let is_bounded = !matches!(self.header, Some(StreamHeader::Control));
            if is_bounded && self.taken > self.allowed && self.is_of_messages()? {
                return Err(Broken);
            }
        }
    }

    /// Whether it is a stream of messages, once that is known.
    fn is_of_messages(&mut self) -> Result<bool, Broken> {
        if self.header.is_none()
            && let Some(bytes) = self.unframer.next(MAX_CONTROL).map_err(|_| Broken)?
        {
            self.header = Some(parse(&bytes)?);
        }
        Ok(!matches!(self.header, Some(StreamHeader::Control)))
    }

    /// How much of the stream the game has read, and on which channel it is.
    fn done(&self, peer: SteamId, sessions: &Sessions) -> Option<(u64, Flow, u32)> {
        let Some(StreamHeader::Messages { flow, channel, .. }) = self.header else {
            return None;
        };
        let unread = sessions.unread(peer, flow, channel) + self.unframer.len();
        let done = self.taken.saturating_sub(unread as u64);
        Some((done, flow, channel))
    }

    /// Room that it had for a message which has been read by now is given back.
    pub(super) fn give_back(&mut self, peer: SteamId, sessions: &Sessions, budget: &mut Budget) {
        if self.room.has_loan()
            && let Some((done, _, _)) = self.done(peer, sessions)
        {
            let out = self.allowed.saturating_sub(done);
            budget.give_back(&mut self.room, usize::try_from(out).unwrap_or(usize::MAX));
        }
    }

    /// Up to where the peer may send from now on, when it should be told.
    pub(super) fn more_room(
        &mut self,
        peer: SteamId,
        sessions: &mut Sessions,
        budget: &mut Budget,
    ) -> Option<u64> {
        let (done, flow, channel) = self.done(peer, sessions)?;
        let left = self.allowed.saturating_sub(self.taken);
        let needs = self.unframer.needs().unwrap_or_default();
        // What is missing of the message that is being received.
        let lacks = needs.saturating_sub(self.unframer.len()) as u64 > left;
        if left > self.room.bytes() as u64 / 2 && !lacks && !self.room.has_loan() {
            return None;
        }
        let is_read = sessions.is_read(peer, flow, channel);
        if !self.room.has_loan() {
            budget.grow(&mut self.room, is_read, needs);
        }
        let allowed = done + self.room.bytes() as u64;
        if done < self.taken {
            // Whoever reads makes more room.
            sessions.await_room(peer);
        }
        // Little is not worth a word, unless the peer waits for it.
        let least = self.allowed + self.room.bytes() as u64 / 8;
        let is_worth_it = if lacks {
            allowed > self.allowed
        } else {
            allowed >= least && !self.room.has_loan()
        };
        if !is_worth_it {
            return None;
        }
        self.allowed = allowed;
        Some(allowed)
    }

    fn take_messages(
        &mut self,
        now: Instant,
        peer: SteamId,
        sessions: &mut Sessions,
        rooms: &mut Vec<(u64, u64)>,
    ) -> Result<Taken, Broken> {
        loop {
            let Some(header) = self.header else {
                match self.unframer.next(MAX_CONTROL).map_err(|_| Broken)? {
                    Some(bytes) => self.header = Some(parse(&bytes)?),
                    None => return Ok(Taken::All),
                }
                continue;
            };
            match header {
                StreamHeader::Control => {
                    match self.unframer.next(MAX_CONTROL).map_err(|_| Broken)? {
                        Some(bytes) => match parse(&bytes)? {
                            Control::Room { stream, bytes } => rooms.push((stream, bytes)),
                            control => sessions.on_control(now, peer, control),
                        },
                        None => return Ok(Taken::All),
                    }
                }
                StreamHeader::Messages {
                    flow,
                    incarnation,
                    channel,
                } => {
                    let origin = Origin {
                        flow,
                        incarnation,
                        channel,
                        reliable: true,
                    };
                    let mut result = Ok(());
                    let max = max_message(flow, true);
                    let took_all = sessions.deliver_all(now, peer, origin, || {
                        let next = self.unframer.next(max);
                        next.unwrap_or_else(|_| {
                            result = Err(Broken);
                            None
                        })
                    });
                    result?;
                    return Ok(if took_all {
                        Taken::All
                    } else if sessions.is_over(peer, flow, incarnation) {
                        Taken::Over
                    } else {
                        Taken::Stalled
                    });
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
