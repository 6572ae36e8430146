//! What a multiplayer peer tells the game.

use samovar_id::SteamId;

use crate::networking_sockets::StatusChange;

/// Something that happened to a multiplayer peer, in the order in which Godot has to hear of it.
#[derive(Clone, Debug, PartialEq)]
pub enum PeerEvent {
    /// `peer_connected`.
    Connected(i32),
    /// `peer_disconnected`.
    Disconnected(i32),
    /// `network_connection_status_changed` (expressobits): a connection of this peer changed its state.
    ConnectionStatusChanged(Box<StatusChange>),
    /// `network_session_failed` (earlier GodotSteam): a peer could not be reached, or was lost.
    SessionFailed {
        /// The user.
        user: SteamId,
        /// An `ESteamNetConnectionEnd`.
        reason: i32,
        /// An `ESteamNetworkingConnectionState`.
        state: i32,
    },
    /// `lobby_created` (earlier GodotSteam).
    LobbyCreated {
        /// An `EResult`; 1 is success.
        result: i32,
        /// The lobby, when there is one.
        lobby: Option<SteamId>,
    },
    /// `lobby_joined` (earlier GodotSteam).
    LobbyJoined {
        /// The lobby.
        lobby: SteamId,
        /// Whether nobody else may join.
        locked: bool,
        /// An `EChatRoomEnterResponse`; 1 is success.
        response: u32,
    },
    /// `lobby_chat_update` (earlier GodotSteam).
    LobbyChatUpdate {
        /// The lobby.
        lobby: SteamId,
        /// Who came or went.
        changed: SteamId,
        /// Who caused it.
        making_change: SteamId,
        /// An `EChatMemberStateChange` bit field.
        state: u32,
    },
    /// `lobby_data_update` (earlier GodotSteam).
    LobbyDataUpdate {
        /// False only when there is no such lobby.
        success: bool,
        /// The lobby.
        lobby: SteamId,
        /// The member whose data changed; the lobby's ID when it was the lobby's.
        member: SteamId,
    },
    /// `lobby_message` (earlier GodotSteam).
    LobbyMessage {
        /// The lobby.
        lobby: SteamId,
        /// Who said it.
        user: SteamId,
        /// What was said.
        text: String,
        /// An `EChatEntryType`; 1 is a message.
        kind: u32,
    },
}

/// How far a multiplayer peer is with a lobby of its own (`LobbyState` of earlier GodotSteam).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum LobbyState {
    /// There is none. 0.
    #[default]
    NotConnected,
    /// It is being made. 1.
    HostPending,
    /// It is there, and the local user owns it. 2.
    Hosting,
    /// It is being joined. 3.
    ClientPending,
    /// The local user is in it. 4.
    Client,
}

/// What is known of one peer.
#[derive(Clone, Debug, PartialEq)]
pub struct PeerInfo {
    /// Its ID in Godot's multiplayer; 0 until it has told.
    pub id: i32,
    /// Who it is.
    pub user: SteamId,
    /// The handle of its connection.
    pub handle: u32,
    /// An `ESteamNetworkingConnectionState`.
    pub state: i32,
    /// Round trip in milliseconds; -1 when not known.
    pub ping_ms: i32,
}
