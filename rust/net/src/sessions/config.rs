//! Bounds and times of sessions.

use std::time::Duration;

use super::control::Flow;

/// The most sessions at once, over all peers and both interfaces; connections do not count.
pub const MAX_SESSIONS: usize = 1024;
/// The most requests that wait for the game's answer; the oldest is forgotten.
pub const MAX_PENDING_REQUESTS: usize = 256;
/// The most connections at once that the game has dialled or accepted and not closed, over all peers.
pub const MAX_CONNECTIONS: usize = 1024;
/// The most connections with one peer, with the requests for them; of more, the peer is told that they are refused.
pub const MAX_CONNECTIONS_OF_PEER: usize = 64;
/// The most requests for connections that wait for the game's answer. Of more, the oldest of whoever has the most is
/// refused.
pub const MAX_PENDING_CONNECTIONS: usize = 256;
/// The most of them that are of one peer; more are refused.
pub const MAX_PENDING_CONNECTIONS_OF_PEER: usize = 32;
/// While so many words wait to be told to a peer, it is not told that what it says is about nothing.
pub(super) const MAX_IDLE_WORDS: usize = 256;
/// The most words that wait to be told to a peer; the oldest is forgotten.
pub(super) const MAX_WORDS_OF_PEER: usize = 512;
/// The most numbers of connections with a peer, dialled by the same side, that are known to be over; of more, all up to
/// the lowest are.
pub(super) const MAX_OVER: usize = 4 * MAX_CONNECTIONS_OF_PEER;
/// The most peers and sides of whom that is known.
pub(super) const MAX_PASTS: usize = 1024;
/// How long the end of a connection waits for the next of the messages that were sent before.
pub(super) const END_PATIENCE: Duration = Duration::from_secs(10);
/// The most channels of a session, in each direction.
pub const MAX_CHANNELS: usize = 64;
/// The most messages that wait in a session to be sent, whatever their size.
pub const MAX_QUEUED_MESSAGES: usize = 65_536;
/// The most events that wait to be taken; the oldest is forgotten.
pub const MAX_EVENTS: usize = 1024;
/// The most peers for whom control frames wait to be taken, a few for each.
pub const MAX_CONTROLS: usize = 4096;
/// The most users who are accepted before they have asked; the one who was accepted longest ago is forgotten.
pub const MAX_ACCEPTED: usize = 1024;
/// An unreliable message of more bytes than this goes reliably: as many pieces as one is cut into at most
/// (GameNetworkingSockets: 15), of what fits into any packet.
pub(super) const MAX_UNRELIABLE: usize = 15 * 1100;
/// The most peers and interfaces of which it is known which sessions are over.
pub const MAX_RECORDS: usize = 4096;

/// What part of a session's send limit each channel has for itself.
pub(super) const CHANNEL_PART: usize = 8;

/// The largest unreliable P2P packet, in bytes (`isteamnetworking.h`).
pub const MAX_P2P_UNRELIABLE: usize = 1200;
/// The largest reliable P2P packet, in bytes (`isteamnetworking.h`).
pub const MAX_P2P_RELIABLE: usize = 1024 * 1024;
/// The largest message, in bytes (`k_cbMaxSteamNetworkingSocketsMessageSizeSend`).
pub const MAX_MESSAGE: usize = 512 * 1024;
/// What whoever uses a connection may put ahead of a message of this size, in bytes.
pub(super) const MAX_HEAD: usize = 16;

/// What waits for more goes when it has this many bytes: about a packet.
pub(super) const NAGLE_BYTES: usize = 1200;
/// What a waiting message counts beyond its bytes, against the bound of all that a peer may leave unread.
pub(super) const MESSAGE_OVERHEAD: usize = 64;
/// A message that must not be delayed is refused when more bytes than this wait before it: 200 ms at the 256 KiB/s
/// that GameNetworkingSockets sends by default.
pub(super) const NO_DELAY_BACKLOG: usize = 52 * 1024;
/// What each peer may leave unread through each interface, whatever others do, in bytes.
pub(super) const RECEIVE_LEAST: usize = 64 * 1024;
/// After how long an unanswered request goes again, in case it was lost.
pub(super) const RETRANSMIT: Duration = Duration::from_secs(2);
/// How long a request is kept beyond the time after which its sender gives up.
pub(super) const PENDING_MARGIN: Duration = Duration::from_secs(5);
/// How long it is remembered which sessions of a peer are over. Longer than anything can be under way; not forever,
/// because a user whose clock was set back starts with smaller incarnations.
pub(super) const RECORD_LIFE: Duration = Duration::from_secs(600);

/// Bounds and times that can be chosen; the defaults are Steam's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SessionConfig {
    /// How long a P2P session may take to open. Steam: 20 s.
    pub p2p_timeout: Duration,
    /// How long a Messages session or an accepted connection may take to open (`TimeoutInitial`). Steam: 10 s.
    pub messages_timeout: Duration,
    /// After how long a request that is ignored is posted at the peer again, if the game keeps sending.
    pub request_repeat: Duration,
    /// After how long a Messages session that nobody uses ends silently, and after how long a session of either
    /// interface that failed or was closed by the peer is forgotten. Steam: 3 minutes.
    pub idle: Duration,
    /// How long a message may wait for more to go with it (`NagleTime`). Steam: 5 ms.
    pub messages_nagle: Duration,
    /// The most bytes of a P2P session that wait to be sent or acknowledged.
    pub p2p_send_limit: usize,
    /// The most bytes of a Messages session or a connection that wait to be sent or acknowledged (`SendBufferSize`).
    pub messages_send_limit: usize,
    /// The most bytes of a peer that wait to be read on one channel (`RecvBufferSize`), exceeded by one message at most.
    pub receive_limit: usize,
    /// The most messages of a peer that wait to be read on one channel.
    pub receive_messages: usize,
    /// The most bytes of a peer that wait to be read on all channels of one interface.
    pub receive_total: usize,
    /// The most bytes that wait to be read of all peers. Beyond it each peer has 64 KiB for each interface.
    pub receive_all: usize,
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self {
            p2p_timeout: Duration::from_secs(20),
            messages_timeout: Duration::from_secs(10),
            request_repeat: Duration::from_secs(5),
            idle: Duration::from_secs(180),
            messages_nagle: Duration::from_millis(5),
            p2p_send_limit: 2 * 1024 * 1024,
            messages_send_limit: 512 * 1024,
            receive_limit: 1024 * 1024,
            receive_messages: 8192,
            receive_total: 8 * 1024 * 1024,
            receive_all: 128 * 1024 * 1024,
        }
    }
}

impl SessionConfig {
    pub(super) fn timeout(&self, flow: Flow) -> Duration {
        match flow {
            Flow::P2p => self.p2p_timeout,
            Flow::Messages | Flow::Connection(_) => self.messages_timeout,
        }
    }

    pub(super) fn send_limit(&self, flow: Flow) -> usize {
        match flow {
            Flow::P2p => self.p2p_send_limit,
            Flow::Messages | Flow::Connection(_) => self.messages_send_limit,
        }
    }
}

/// The shortest [`SessionConfig::idle`] that is respected.
pub(super) const MIN_IDLE: Duration = Duration::from_secs(1);

/// The largest message that an interface takes, in bytes.
pub(crate) fn max_message(flow: Flow, reliable: bool) -> usize {
    match (flow, reliable) {
        (Flow::P2p, false) => MAX_P2P_UNRELIABLE,
        (Flow::P2p, true) => MAX_P2P_RELIABLE,
        (Flow::Messages, _) => MAX_MESSAGE,
        (Flow::Connection(_), _) => MAX_MESSAGE + MAX_HEAD,
    }
}
