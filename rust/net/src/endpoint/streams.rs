//! The streams of a connection with a peer.

use std::time::Instant;

use bytes::{Buf, Bytes, BytesMut};
use quinn_proto::{Connection, Dir, ReadError, StreamId, VarInt, WriteError};
use samovar_id::SteamId;

use super::peer::Broken;
use super::unacked::{MAX_PIECE, MIN_PIECE, Unacked};
use crate::sessions::{Origin, Sessions, max_message};
use crate::wire::{MAX_CONTROL, StreamHeader, Unframer, frame};

const READ_CHUNK: usize = 64 * 1024;
/// Code with which streams of a session that is over are reset, and refused.
const CODE_SESSION_OVER: VarInt = VarInt::from_u32(1);

/// A stream to the peer.
pub(super) struct OutStream {
    id: StreamId,
    waiting: BytesMut,
    unacked: Unacked,
    /// The most bytes that are offered to QUIC at once.
    piece: usize,
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
            piece: MAX_PIECE,
            blocked: false,
            stopped: false,
        })
    }

    /// How many bytes wait until QUIC takes them.
    pub(super) fn waiting(&self) -> usize {
        self.waiting.len()
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
        while !self.waiting.is_empty() && !self.blocked {
            let next = self.waiting.get(..self.piece).unwrap_or(&self.waiting);
            let offered = next.len();
            let mut piece = [self.unacked.piece(next)];
            match connection.send_stream(self.id).write_chunks(&mut piece) {
                Ok(written) => {
                    self.waiting.advance(written.bytes);
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
#[derive(Default)]
pub(super) struct InStream {
    header: Option<StreamHeader>,
    unframer: Unframer,
    /// All that had come was read.
    drained: bool,
}

enum Taken {
    /// All whole messages; there may be more in the stream.
    All,
    /// Nobody reads the channel: the stream is left alone until somebody does.
    Stalled,
    /// The session is over: the stream is of no use.
    Over,
}

impl InStream {
    /// QUIC says that more has come.
    pub(super) fn set_readable(&mut self) {
        self.drained = false;
    }

    /// Reads as far as there is room for its messages. True when nothing more comes.
    pub(super) fn read(
        &mut self,
        now: Instant,
        connection: &mut Connection,
        peer: SteamId,
        sessions: &mut Sessions,
        id: StreamId,
    ) -> Result<bool, Broken> {
        if self.drained {
            return Ok(false);
        }
        let mut end = None;
        loop {
            match self.take_messages(now, peer, sessions)? {
                Taken::All => {}
                Taken::Stalled => return Ok(false),
                Taken::Over => {
                    let _ = connection.recv_stream(id).stop(CODE_SESSION_OVER);
                    return Ok(true);
                }
            }
            if let Some(end) = end {
                self.drained = true;
                return Ok(end);
            }
            let mut stream = connection.recv_stream(id);
            let Ok(mut chunks) = stream.read(true) else {
                return Ok(true);
            };
            let mut read = 0;
            while end.is_none() && read < READ_CHUNK {
                match chunks.next(READ_CHUNK) {
                    Ok(Some(chunk)) => {
                        self.unframer.push(&chunk.bytes);
                        read += chunk.bytes.len();
                    }
                    Err(ReadError::Blocked) => end = Some(false),
                    Ok(None) | Err(ReadError::Reset(_)) => end = Some(true),
                }
            }
            let _ = chunks.finalize();
        }
    }

    fn take_messages(
        &mut self,
        now: Instant,
        peer: SteamId,
        sessions: &mut Sessions,
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
                        Some(bytes) => sessions.on_control(now, peer, parse(&bytes)?),
                        None => return Ok(Taken::All),
                    }
                }
                StreamHeader::Messages {
                    api,
                    incarnation,
                    channel,
                } => {
                    let origin = Origin {
                        api,
                        incarnation,
                        channel,
                        reliable: true,
                    };
                    let mut result = Ok(());
                    let max = max_message(api, true);
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
                    } else if sessions.is_over(peer, api, incarnation) {
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
