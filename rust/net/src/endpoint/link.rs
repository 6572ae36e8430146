//! One link, and the frames on its stream.

use std::net::SocketAddr;
use std::time::Instant;

use bytes::Bytes;
use quinn_proto::{Connection, ConnectionHandle, ReadError, StreamId, WriteError};

use super::outbox::Outbox;
use crate::wire::Unframer;

/// The largest frame, in bytes: what a directory says at once, and a byte in front.
pub(super) const MAX_FRAME: usize = 1024 * 1024 + 1;
/// The largest first frame of a client, in bytes: a hello with the lobbies that it is in.
pub const MAX_FIRST_FRAME: usize = 768 * 1024 + 1;
/// The most bytes of frames that are taken of a link at a time, so that others have their turn.
const READ_A_TURN: usize = 128 * 1024;
/// The most bytes that wait to be sent on a link.
const MAX_QUEUED: usize = 8 * 1024 * 1024;
const READ_CHUNK: usize = 64 * 1024;

/// Why a frame was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendFrameError {
    /// The link is not open.
    #[error("the link is not open")]
    NotOpen,
    /// The frame is empty, or larger than 1 MiB and one byte.
    #[error("the frame is empty or too large")]
    TooLarge,
    /// So much waits already that the other side does not keep up.
    #[error("too much waits to be sent")]
    Full,
}

/// The other side sent what no link carries.
pub(super) struct Broken;

/// A QUIC connection with a directory, or with a client of the own one.
pub(super) struct Link {
    pub(super) handle: ConnectionHandle,
    pub(super) inbound: bool,
    pub(super) remote: SocketAddr,
    pub(super) open: bool,
    /// It is being closed with this code, at this time at the latest.
    pub(super) closing: Option<(u32, Instant)>,
    pub(super) stream: Option<StreamId>,
    /// Whether more than the first frame is read.
    pub(super) admitted: bool,
    /// Whether nothing is read for now.
    pub(super) held: bool,
    is_first_taken: bool,
    out: Outbox,
    input: Unframer,
    /// It is given up: nothing is sent any more.
    is_cut: bool,
}

impl Link {
    pub(super) fn new(handle: ConnectionHandle, remote: SocketAddr, inbound: bool) -> Self {
        Self {
            handle,
            inbound,
            remote,
            open: false,
            closing: None,
            stream: None,
            admitted: !inbound,
            held: false,
            is_first_taken: false,
            out: Outbox::default(),
            input: Unframer::default(),
            is_cut: false,
        }
    }

    pub(super) fn queue(&mut self, bytes: &Bytes) -> Result<(), SendFrameError> {
        if !self.open || self.closing.is_some() {
            return Err(SendFrameError::NotOpen);
        }
        if bytes.is_empty() || bytes.len() > MAX_FRAME {
            return Err(SendFrameError::TooLarge);
        }
        if self.is_cut || self.out.len() + bytes.len() > MAX_QUEUED {
            return Err(SendFrameError::Full);
        }
        self.out.push(bytes);
        Ok(())
    }

    /// How many bytes wait to be sent, beside those that QUIC has taken.
    pub(super) fn backlog(&self) -> usize {
        self.out.len()
    }

    /// Drops what waits to be sent: the link has to end.
    pub(super) fn cut(&mut self) {
        self.out.clear();
        self.is_cut = true;
    }

    /// How many bytes have come that are no whole frame, or are not taken.
    pub(super) fn partial(&self) -> usize {
        self.input.len()
    }

    /// Whether nothing waits, and nothing has been sent that may not have arrived.
    pub(super) fn has_nothing_to_say(&self) -> bool {
        self.stream.is_none() && self.out.is_empty()
    }

    /// Hands QUIC as much as it takes; when the link is being closed, the stream ends behind it. False when the other
    /// side reads no more.
    pub(super) fn write(&mut self, connection: &mut Connection) -> bool {
        let Some(id) = self.stream else { return true };
        while !self.out.is_empty() {
            match connection.send_stream(id).write_chunks(self.out.chunks()) {
                Ok(written) => self.out.taken(written.bytes),
                Err(WriteError::Blocked) => return true,
                Err(WriteError::Stopped(_) | WriteError::ClosedStream) => {
                    self.out.clear();
                    return false;
                }
            }
        }
        // The second time it fails, which is as good.
        let _ = self.closing.is_some() && connection.send_stream(id).finish().is_ok();
        true
    }

    /// Takes up to `most` frames that have come. False when there may be more that could be taken.
    pub(super) fn read(
        &mut self,
        connection: &mut Connection,
        most: usize,
        mut take: impl FnMut(Bytes),
    ) -> Result<bool, Broken> {
        let Some(id) = self.stream.filter(|_| self.closing.is_none()) else {
            return Ok(true);
        };
        let (mut taken, mut bytes) = (0, 0);
        loop {
            while taken < most && bytes < READ_A_TURN {
                if self.held || (!self.admitted && self.is_first_taken) {
                    return Ok(true);
                }
                let max = if self.admitted {
                    MAX_FRAME
                } else {
                    MAX_FIRST_FRAME
                };
                match self.input.next(max).map_err(|_| Broken)? {
                    Some(frame) if frame.is_empty() => return Err(Broken),
                    Some(frame) => {
                        bytes += frame.len();
                        self.is_first_taken = true;
                        take(frame);
                    }
                    None => break,
                }
                taken += 1;
            }
            if taken >= most || bytes >= READ_A_TURN {
                return Ok(false);
            }
            let mut stream = connection.recv_stream(id);
            let Ok(mut chunks) = stream.read(true) else {
                return Ok(true);
            };
            let chunk = chunks.next(READ_CHUNK);
            let _ = chunks.finalize();
            match chunk {
                Ok(Some(chunk)) => self.input.push(&chunk.bytes),
                Ok(None) | Err(ReadError::Blocked | ReadError::Reset(_)) => return Ok(true),
            }
        }
    }
}
