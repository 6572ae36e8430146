//! The two ends of a connection within this process: a socket pair, or a connection to oneself.

use std::collections::VecDeque;
use std::time::Instant;

use bytes::Bytes;
use samovar_id::SteamId;
use samovar_net::{ConnectionId, Flow, Message};

use super::types::SocketError;

/// The most bytes that wait at one end (`RecvBufferSize`).
const MAX_PAIR_BYTES: usize = 1024 * 1024;
/// The most messages that wait at one end.
const MAX_PAIR_MESSAGES: usize = 8192;

/// One end of it.
pub(super) struct Pair {
    /// The other end, until it is closed.
    pub(super) other: Option<u32>,
    waiting: VecDeque<Message>,
    bytes: usize,
    received: u64,
}

impl Pair {
    pub(super) fn new(other: u32) -> Self {
        Self {
            other: Some(other),
            waiting: VecDeque::new(),
            bytes: 0,
            received: 0,
        }
    }

    /// Takes a message that the other end sends. What it counts.
    pub(super) fn push(
        &mut self,
        now: Instant,
        from: SteamId,
        lane: u32,
        reliable: bool,
        data: &[u8],
    ) -> Result<u64, SocketError> {
        let is_full = self.waiting.len() >= MAX_PAIR_MESSAGES
            || self.bytes.saturating_add(data.len()) > MAX_PAIR_BYTES;
        if is_full && !self.waiting.is_empty() {
            return Err(SocketError::LimitExceeded);
        }
        self.received += 1;
        self.bytes += data.len();
        self.waiting.push_back(Message {
            peer: from,
            flow: Flow::Connection(NOWHERE),
            channel: lane,
            reliable,
            number: self.received,
            received: now,
            data: Bytes::copy_from_slice(data),
        });
        Ok(self.received)
    }

    pub(super) fn pop(&mut self) -> Option<Message> {
        let message = self.waiting.pop_front()?;
        self.bytes -= message.data.len();
        Some(message)
    }
}

/// No connection of the network's.
const NOWHERE: ConnectionId = ConnectionId {
    port: 0,
    number: 0,
    by_lower: false,
    symmetric: false,
};
