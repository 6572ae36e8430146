//! `SteamMultiplayerPeer`: the peers of Godot's own multiplayer, over connections of `ISteamNetworkingSockets`.
//!
//! One class answers the three APIs that go by that name. What differs is where the peers come from: users that the game
//! names, the members of a lobby that it names, or a lobby that the peer itself makes or joins.

mod event;

pub use event::{LobbyState, PeerEvent, PeerInfo};

use bytes::Bytes;

/// The largest packet, in bytes (`k_cbMaxSteamNetworkingSocketsMessageSizeSend`).
pub const MAX_PACKET: usize = 512 * 1024;

/// How a packet travels: Godot's `MultiplayerPeer.TransferMode`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum TransferMode {
    /// It may be lost, or overtaken by others. 0 to Godot.
    Unreliable,
    /// It may be lost; what arrives later than one sent after it on its channel is dropped. 1 to Godot.
    UnreliableOrdered,
    /// It arrives once, in order on its channel. 2 to Godot.
    #[default]
    Reliable,
}

/// Godot's `MultiplayerPeer.ConnectionStatus`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum PeerStatus {
    /// 0 to Godot.
    #[default]
    Disconnected,
    /// A client that no peer has answered yet. 1 to Godot.
    Connecting,
    /// 2 to Godot.
    Connected,
}

/// Why a call did nothing. Each is one of Godot's `Error`s.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PeerError {
    /// It is in use already: it has to be closed first. `ERR_ALREADY_IN_USE`.
    #[error("the peer is in use; close it first")]
    AlreadyInUse,
    /// Steam does not run, the port is taken, or the user is not in that lobby, or not as it has to be. `ERR_CANT_CREATE`.
    #[error("{0}")]
    CantCreate(&'static str),
    /// It is not connected. `ERR_UNCONFIGURED`.
    #[error("the peer is not connected")]
    Unconfigured,
    /// There is no such peer, or an argument means nothing. `ERR_INVALID_PARAMETER`.
    #[error("{0}")]
    InvalidParameter(&'static str),
    /// The packet is too large, or so much waits to be sent that this does not fit. `ERR_OUT_OF_MEMORY`.
    #[error("{0}")]
    OutOfMemory(&'static str),
}

/// A packet that has arrived.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Packet {
    /// Who sent it: an ID of Godot's multiplayer.
    pub peer: i32,
    /// On which channel.
    pub channel: i32,
    /// How it travelled.
    pub mode: TransferMode,
    /// What it says.
    pub data: Bytes,
}
