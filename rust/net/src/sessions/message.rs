//! Messages, and how they travel.

use std::time::Instant;

use bytes::Bytes;
use samovar_id::SteamId;

use super::control::Flow;

/// How long a message may wait for others to go with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Nagle {
    /// Not at all. What waited goes as well; before an unreliable P2P packet, only unreliable ones.
    None,
    /// Until 1200 bytes wait, or for 200 ms, or until a reliable packet follows (`k_EP2PSendReliableWithBuffering`).
    P2pBuffering,
    /// Until 1200 bytes wait, or for 5 ms (`NagleTime`), or until a message without follows.
    Messages,
}

/// How a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Exactly once and in order within its channel; else it may be lost, come twice or late.
    pub reliable: bool,
    /// Whether it waits for others.
    pub nagle: Nagle,
    /// If it is unreliable: dropped when it cannot go now.
    pub no_delay: bool,
    /// Starts a Messages session over that failed or was closed by the peer. P2P always does.
    pub autorestart: bool,
}

/// Why a message was not taken. Nothing of it is sent then.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// Larger than its interface and delivery allow.
    #[error("the message is larger than {max} bytes")]
    TooLarge {
        /// The largest allowed, in bytes.
        max: usize,
    },
    /// Of no bytes, which a packet is not (P2P only).
    #[error("a packet of no bytes")]
    Empty,
    /// So much waits already that this does not fit.
    #[error("the send buffer is full")]
    LimitExceeded,
    /// The Messages session failed or was closed by the peer, and was not to start over.
    #[error("the session failed or was closed by the peer")]
    NoConnection,
    /// It cannot go now and must not wait (Messages only).
    #[error("the message cannot go now and must not wait")]
    Ignored,
    /// There are too many sessions, or too many channels in this one, or a connection has no such lane.
    #[error("too many sessions, channels or lanes")]
    TooMany,
}

/// A message that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Message {
    /// Who sent it.
    pub peer: SteamId,
    /// Through which interface.
    pub flow: Flow,
    /// On which channel.
    pub channel: u32,
    /// Whether it travelled reliably.
    pub reliable: bool,
    /// Counts what arrived in the session, from 1.
    pub number: u64,
    /// When it arrived.
    pub received: Instant,
    /// What it says.
    pub data: Bytes,
}

/// A message on its way to the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outgoing {
    /// The interface.
    pub flow: Flow,
    /// The own session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
    /// Whether it must arrive.
    pub reliable: bool,
    /// Where lanes are configured, how many priorities are before that of its lane.
    pub rank: Option<u8>,
    /// What it says.
    pub data: Bytes,
}

/// What a message that has come from the peer belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin {
    /// The interface.
    pub flow: Flow,
    /// The peer's session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
    /// Whether it travelled reliably.
    pub reliable: bool,
}

/// A message that has come from the peer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Incoming {
    /// The interface.
    pub flow: Flow,
    /// The peer's session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
    /// Whether it travelled reliably.
    pub reliable: bool,
    /// What it says.
    pub data: Bytes,
}
