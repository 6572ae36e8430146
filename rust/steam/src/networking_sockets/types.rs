//! What `ISteamNetworkingSockets` says about connections.

use std::net::IpAddr;
use std::time::Duration;

use samovar_id::SteamId;
use samovar_net::{ConnectionEnd, Message};

use super::config::ConnectionConfig;

/// A connection's handle (`HSteamNetConnection`). Never 0, and never used again by a running user.
pub type ConnectionHandle = u32;
/// A listen socket's handle (`HSteamListenSocket`). Never 0.
pub type ListenSocket = u32;
/// A poll group's handle (`HSteamNetPollGroup`). Never 0.
pub type PollGroup = u32;

/// `ESteamNetworkingConnectionState`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ConnectionState {
    /// There is no such connection, or the game has closed it.
    #[default]
    None = 0,
    /// It is asked for, and not accepted yet.
    Connecting = 1,
    /// It is accepted; there is no way to the peer yet.
    FindingRoute = 2,
    /// Messages travel.
    Connected = 3,
    /// The peer has closed or refused it. What has arrived can be read until the game closes it too.
    ClosedByPeer = 4,
    /// It could not be opened, or broke.
    ProblemDetectedLocally = 5,
}

impl ConnectionState {
    /// Whether messages travel or may still.
    pub fn is_live(self) -> bool {
        matches!(
            self,
            Self::Connecting | Self::FindingRoute | Self::Connected
        )
    }
}

/// What a connection is opened with, or a listen socket gives those that come in.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConnectOptions {
    /// Whether both sides may ask at once, and get one connection (`SymmetricConnect`).
    pub symmetric: bool,
    /// How long it may take to open (`TimeoutInitial`); `None` is what is configured for all.
    pub timeout: Option<Duration>,
    /// A number of the game's own (`ConnectionUserData`).
    pub user_data: i64,
    /// What else is not as for all.
    pub config: ConnectionConfig,
}

impl Default for ConnectOptions {
    fn default() -> Self {
        Self {
            symmetric: false,
            timeout: None,
            user_data: -1,
            config: ConnectionConfig::default(),
        }
    }
}

/// `SteamNetConnectionInfo_t`.
#[derive(Clone, Debug, PartialEq)]
pub struct ConnectionInfo {
    /// The other user.
    pub peer: SteamId,
    /// The game's own number; -1 until it is set.
    pub user_data: i64,
    /// The listen socket by which it came; 0 where this side has asked.
    pub listen_socket: ListenSocket,
    /// The other's address, when known.
    pub remote_address: Option<IpAddr>,
    /// How far it is.
    pub state: ConnectionState,
    /// An `ESteamNetConnectionEnd`; 0 while nothing has ended.
    pub end_reason: i32,
    /// What whoever ended it says of that.
    pub end_debug: String,
    /// What it is, for a log.
    pub description: String,
    /// Whether its messages stay within the process (`k_nSteamNetworkConnectionInfoFlags_LoopbackBuffers`).
    pub is_within: bool,
}

/// A connection's state changed (`SteamNetConnectionStatusChangedCallback_t`).
#[derive(Clone, Debug, PartialEq)]
pub struct StatusChange {
    /// The connection.
    pub handle: ConnectionHandle,
    /// How it is.
    pub info: ConnectionInfo,
    /// What its state was.
    pub old_state: ConnectionState,
}

/// A message that has arrived on a connection.
#[derive(Clone, Debug)]
pub struct SocketMessage {
    /// The connection.
    pub handle: ConnectionHandle,
    /// The connection's own number.
    pub user_data: i64,
    /// What has arrived; its channel is the lane.
    pub message: Message,
}

/// Why nothing was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SocketError {
    /// `k_EResultNoConnection`: it is over.
    NoConnection = 3,
    /// `k_EResultInvalidParam`: there is no such connection, or the message is too large.
    InvalidParam = 8,
    /// `k_EResultInvalidState`: it is not as it has to be for this.
    InvalidState = 11,
    /// `k_EResultLimitExceeded`: so much waits that this does not fit.
    LimitExceeded = 25,
    /// `k_EResultIgnored`: it cannot go now, and was not to wait.
    Ignored = 41,
}

/// How a connection ended, with one of Steam's reasons.
pub(crate) fn end(reason: i32, debug: &str) -> ConnectionEnd {
    ConnectionEnd {
        reason,
        debug: debug.to_owned(),
    }
}

/// How a game ends a connection, as GameNetworkingSockets takes its reason.
pub(super) fn end_by_game(reason: i32, debug: &str) -> ConnectionEnd {
    const GENERIC: i32 = 1000;
    const EXCEPTION: i32 = 2000;
    const LEAST_OTHER: i32 = 3000;
    const NONE_OF_A_GAME: i32 = 1999;
    match reason {
        0 => end_by_game(GENERIC, debug),
        GENERIC..EXCEPTION if debug.is_empty() => end(reason, "Application closed connection"),
        EXCEPTION..LEAST_OTHER if debug.is_empty() => {
            end(reason, "Application closed connection in an unusual way")
        }
        GENERIC..LEAST_OTHER => end(reason, debug),
        _ => end(NONE_OF_A_GAME, "Invalid numeric reason code"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_game_ends_connections_for_reasons_of_its_own() {
        for (reason, debug, told) in [
            (0, "", (1000, "Application closed connection")),
            (0, "done", (1000, "done")),
            (1000, "", (1000, "Application closed connection")),
            (1999, "x", (1999, "x")),
            (
                2000,
                "",
                (2000, "Application closed connection in an unusual way"),
            ),
            (2999, "x", (2999, "x")),
            (999, "x", (1999, "Invalid numeric reason code")),
            (3000, "x", (1999, "Invalid numeric reason code")),
            (-1, "", (1999, "Invalid numeric reason code")),
            (i32::MAX, "", (1999, "Invalid numeric reason code")),
        ] {
            let ended = end_by_game(reason, debug);
            assert_eq!((ended.reason, ended.debug.as_str()), told, "{reason}");
        }
    }
}
