//! What goes into sessions and comes out of them.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

/// The interface that a session belongs to. Sessions of different ones with the same peer are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Api {
    /// Packets.
    P2p,
    /// Messages.
    Messages,
}

/// How long a message may wait for others to go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nagle {
    /// Not at all; what waits goes as well.
    None,
    /// Until 1200 bytes wait, or for 200 ms.
    P2pBuffering,
    /// For 5 ms.
    Messages,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Once and in order within its channel; else it may be lost.
    pub reliable: bool,
    /// Whether it waits for others.
    pub nagle: Nagle,
    /// Dropped when it cannot go now.
    pub no_delay: bool,
    /// Starts a session that failed, or that the peer closed, over. P2P always does.
    pub autorestart: bool,
}

/// Bounds and times of sessions.
#[derive(Clone, Copy, Debug)]
pub struct SessionConfig {
    /// How long a P2P session may take to open. Steam: 20 s.
    pub p2p_timeout: Duration,
    /// How long a Messages session may take to open. Steam: 10 s.
    pub messages_timeout: Duration,
    /// After how long a request that is ignored is posted at the peer again, if the sender keeps sending.
    pub request_repeat: Duration,
    /// After how long a Messages session that nobody uses ends. Steam: 3 minutes.
    pub messages_idle: Duration,
    /// The most bytes that wait in a P2P session.
    pub p2p_send_limit: usize,
    /// The most bytes that wait in a Messages session (`SendBufferSize`).
    pub messages_send_limit: usize,
    /// The most bytes of one peer that wait to be read on a channel (`RecvBufferSize`).
    pub receive_limit: usize,
    /// The most messages of one peer that wait to be read on a channel.
    pub receive_messages: usize,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            p2p_timeout: Duration::from_secs(20),
            messages_timeout: Duration::from_secs(10),
            request_repeat: Duration::from_secs(5),
            messages_idle: Duration::from_secs(180),
            p2p_send_limit: 2 * 1024 * 1024,
            messages_send_limit: 512 * 1024,
            receive_limit: 1024 * 1024,
            receive_messages: 8192,
        }
    }
}

/// A message that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// From whom.
    pub peer: SteamId,
    /// Through which interface.
    pub api: Api,
    /// On which channel.
    pub channel: u32,
    /// Whether it was sent reliably.
    pub reliable: bool,
    /// Counts the peer's messages that arrived through this interface, from 1.
    pub number: u64,
    /// When it arrived.
    pub received: Instant,
    /// What it says.
    pub data: Bytes,
}

/// Why a message was not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Larger than its interface and delivery allow.
    #[error("the message is larger than {max} bytes")]
    TooLarge {
        /// The largest allowed, in bytes.
        max: usize,
    },
    /// So many bytes wait already that this does not fit.
    #[error("the send buffer is full")]
    LimitExceeded,
    /// The session failed or was closed by the peer.
    #[error("there is no connection")]
    NoConnection,
    /// It cannot go now and should not wait.
    #[error("it cannot go now")]
    Ignored,
    /// There are too many sessions, or too many channels in this one.
    #[error("too many sessions or channels")]
    TooMany,
}

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The peer has not answered yet.
    Requesting,
    /// Accepted; there is no connection yet.
    Connecting,
    /// Messages travel.
    Connected,
    /// The peer has closed it.
    ClosedByPeer,
    /// It could not be opened, or broke.
    Failed,
}

/// What is known of the connection under a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkStats {
    /// The peer's real address.
    pub remote: Option<SocketAddr>,
    /// The smoothed round trip.
    pub rtt: Option<Duration>,
    /// Datagrams sent a second.
    pub packets_out_per_second: f64,
    /// Bytes sent a second.
    pub bytes_out_per_second: f64,
    /// Datagrams received a second.
    pub packets_in_per_second: f64,
    /// Bytes received a second.
    pub bytes_in_per_second: f64,
}

/// How a session is.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionInfo {
    /// How far it is.
    pub state: SessionState,
    /// Bytes that wait to be sent.
    pub queued_bytes: usize,
    /// Messages that wait to be sent.
    pub queued_messages: usize,
    /// The connection, while there is one.
    pub link: Option<LinkStats>,
}

/// What the two sides of a session tell each other about it. An incarnation is the number of a side's session; a
/// later one's is larger.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// May I talk?
    Request {
        /// The interface.
        api: Api,
        /// The sender's session.
        incarnation: u64,
        /// Grows when the sender's game sends again and has no answer.
        repeat: u32,
    },
    /// You may.
    Accept {
        /// The interface.
        api: Api,
        /// The session that asked.
        yours: u64,
        /// The sender's session.
        mine: u64,
    },
    /// It is over.
    Close {
        /// The interface.
        api: Api,
        /// The sender's session.
        incarnation: u64,
    },
}

/// A message on its way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The interface.
    pub api: Api,
    /// The own session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
    /// Whether it must arrive.
    pub reliable: bool,
    /// What it says.
    pub data: Bytes,
}

/// A message on its way in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The interface.
    pub api: Api,
    /// The peer's session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
    /// Whether it was sent reliably.
    pub reliable: bool,
    /// What it says.
    pub data: Bytes,
}

/// Something for the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A peer asks for a session.
    Requested {
        /// The peer.
        peer: SteamId,
        /// The interface.
        api: Api,
    },
    /// A session failed; what was queued is lost.
    Failed {
        /// The peer.
        peer: SteamId,
        /// The interface.
        api: Api,
        /// Why.
        reason: FailReason,
    },
}

/// Why a session failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailReason {
    /// It did not open in time.
    Timeout,
    /// The peer of an open session stopped answering.
    RemoteTimeout,
    /// The connection broke otherwise.
    Error,
}

/// Why a connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The peer stopped answering.
    TimedOut,
    /// The peer's process said goodbye.
    ClosedByPeer,
    /// Something else.
    Error,
}
