//! How sessions are, and what happens to them.

use std::net::SocketAddr;
use std::time::Duration;

use samovar_id::SteamId;

use super::control::Flow;

/// How far a session is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionState {
    /// The peer has not answered yet.
    Requesting,
    /// Accepted; there is no connection to the peer yet.
    Connecting,
    /// Messages travel.
    Connected,
    /// The peer has closed it.
    ClosedByPeer,
    /// It did not open in time, or broke.
    Failed,
}

impl SessionState {
    /// Whether messages travel or will: neither failed nor closed.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Requesting | Self::Connecting | Self::Connected)
    }
}

/// What is known of the connection under a session.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct LinkStats {
    /// The peer's real address, or the relay's.
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
    /// How many of a hundred packets of the peer's have arrived here in the last seconds, as the peer has told.
    pub local_quality: Option<u8>,
    /// How many of a hundred packets to the peer have arrived in the last seconds.
    pub remote_quality: Option<u8>,
    /// Bytes a second that may be sent now, between the configured least and most.
    pub send_rate: f64,
}

/// How a session is.
#[derive(Clone, Debug, PartialEq)]
pub struct SessionInfo {
    /// How far it is.
    pub state: SessionState,
    /// Bytes that wait to be handed to the connection: the reliable and the unreliable ones.
    pub queued_bytes: usize,
    /// Those of them that are reliable.
    pub queued_reliable_bytes: usize,
    /// Messages that wait to be handed to the connection.
    pub queued_messages: usize,
    /// Reliable bytes that the endpoint has taken and QUIC has not.
    pub in_flight_bytes: usize,
    /// Reliable bytes that QUIC has taken and the peer has not acknowledged, whether they are on the way or wait for the
    /// rate; with lengths and headers, and up to 16 KiB too many on each channel.
    pub unacknowledged_bytes: usize,
    /// Why it failed. A P2P session that starts over keeps it until it is open.
    pub error: Option<FailReason>,
    /// The connection, while there is one.
    pub link: Option<LinkStats>,
}

/// Something for the game.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SessionEvent {
    /// A peer asks for a session.
    Requested {
        /// The peer.
        peer: SteamId,
        /// The interface.
        flow: Flow,
    },
    /// A session failed, and what was queued in it is lost.
    Failed {
        /// The peer.
        peer: SteamId,
        /// The interface.
        flow: Flow,
        /// Why.
        reason: FailReason,
    },
}

/// Why a session failed. Steam tells P2P games the same of all, `k_EP2PSessionErrorTimeout`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FailReason {
    /// It did not open in time.
    Timeout,
    /// The peer of an open session stopped answering.
    RemoteTimeout,
    /// The connection under an open session broke otherwise.
    Error,
}

/// Why a connection is gone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DisconnectReason {
    /// The peer stopped answering.
    TimedOut,
    /// The peer ended it, or another process of the peer's has taken its place.
    ClosedByPeer,
    /// Something else.
    Error,
}
