//! What Samovar has to tell the game: one variant for each Steamworks callback.

mod queue;

use samovar_id::SteamId;

use crate::favorites::Favorite;
use crate::images::AvatarSource;
use crate::networking_sockets::StatusChange;

pub(crate) use queue::CallbackQueue;
pub use queue::MAX_CALLBACKS;

/// A callback, named as Steamworks names its struct and carrying what GodotSteam's signal carries.
#[derive(Clone, Debug, PartialEq)]
pub enum Callback {
    /// `P2PSessionRequest_t`: a user wants to talk through `Networking`.
    P2pSessionRequest {
        /// Who asks.
        peer: SteamId,
    },
    /// `P2PSessionConnectFail_t`: what was queued for a user is lost.
    P2pSessionConnectFail {
        /// Whom it was for.
        peer: SteamId,
        /// An `EP2PSessionError`; 4 is a time-out.
        error: u8,
    },
    /// `SteamNetworkingMessagesSessionRequest_t`: a user wants to talk through `NetworkingMessages`.
    MessagesSessionRequest {
        /// Who asks.
        peer: SteamId,
    },
    /// `SteamNetworkingMessagesSessionFailed_t`: a session could not be made, or broke.
    MessagesSessionFailed {
        /// An `ESteamNetConnectionEnd`.
        reason: i32,
        /// The other user.
        peer: SteamId,
        /// An `ESteamNetworkingConnectionState`.
        state: i32,
        /// What happened, in English, for a log.
        debug: String,
    },
    /// `SteamNetConnectionStatusChangedCallback_t`: a connection's state changed.
    ConnectionStatusChanged(Box<StatusChange>),
    /// `LobbyCreated_t`: the answer to a creation.
    LobbyCreated {
        /// Which creation: what [`crate::Steam::create_lobby`] returned.
        request: u64,
        /// An `EResult`; 1 is success.
        result: i32,
        /// The lobby, when there is one.
        lobby: Option<SteamId>,
    },
    /// `LobbyEnter_t`: the answer to a join; the creator of a lobby gets it too.
    LobbyJoined {
        /// The lobby.
        lobby: SteamId,
        /// Whether nobody else may join.
        locked: bool,
        /// An `EChatRoomEnterResponse`; 1 is success.
        response: u32,
    },
    /// `LobbyMatchList_t`: the answer to a search.
    LobbyMatchList {
        /// The lobbies found, best first.
        lobbies: Vec<SteamId>,
    },
    /// `LobbyChatUpdate_t`: a member came or went.
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
    /// `LobbyChatMsg_t`: a line of chat.
    LobbyMessage {
        /// The lobby.
        lobby: SteamId,
        /// Who said it; it can be the local user.
        user: SteamId,
        /// What was said.
        text: String,
        /// An `EChatEntryType`; 1 is a message.
        kind: u32,
    },
    /// `LobbyDataUpdate_t`: a lobby's or a member's data changed, or was fetched.
    LobbyDataUpdate {
        /// False only when the lobby asked for does not exist.
        success: bool,
        /// The lobby.
        lobby: SteamId,
        /// The member whose data changed; the lobby's ID when it was the lobby's.
        member: SteamId,
    },
    /// `LobbyInvite_t`: somebody invites the local user.
    LobbyInvite {
        /// Who invites.
        inviter: SteamId,
        /// Where to.
        lobby: SteamId,
        /// The app that the lobby belongs to.
        app_id: u32,
    },
    /// `GameLobbyJoinRequested_t`: the local user accepted an invitation.
    JoinRequested {
        /// The lobby to join.
        lobby: SteamId,
        /// Who invited.
        user: SteamId,
    },
    /// `LobbyKicked_t`: the local user is no longer a member.
    LobbyKicked {
        /// The lobby.
        lobby: SteamId,
        /// Who did it; `None` when it was the connection.
        admin: Option<SteamId>,
        /// Whether the connection to the directory was the reason.
        due_to_disconnect: bool,
    },
    /// `LobbyGameCreated_t`: the owner set the lobby's game server.
    LobbyGameCreated {
        /// The lobby.
        lobby: SteamId,
        /// The game server's ID, 0 for none.
        server: u64,
        /// Its IPv4 address, 0.0.0.0 for none.
        ip: String,
        /// Its port, 0 for none.
        port: u16,
    },
    /// `PersonaStateChange_t`: something about a user became known or changed.
    PersonaStateChange {
        /// The user.
        user: SteamId,
        /// An `EPersonaChange` bit field.
        flags: u32,
    },
    /// `FriendRichPresenceUpdate_t`: a user's rich presence changed, or was asked for.
    FriendRichPresenceUpdate {
        /// The user.
        user: SteamId,
        /// The app that it belongs to.
        app_id: u32,
    },
    /// Somebody invites the local user to its game. Steam's client shows it, so Steamworks has no callback for it.
    GameInvited {
        /// Who invites.
        user: SteamId,
        /// What the game needs to join.
        connect: String,
    },
    /// `GameRichPresenceJoinRequested_t`: the local user accepted an invitation to a game.
    JoinGameRequested {
        /// Who invited.
        user: SteamId,
        /// What the game needs to join.
        connect: String,
    },
    /// `GameOverlayActivated_t`: the overlay opened or closed.
    OverlayToggled {
        /// Whether it is open.
        active: bool,
        /// Whether the user did it.
        user_initiated: bool,
        /// The app.
        app_id: u32,
    },
    /// `SteamServersConnected_t`: a directory is reachable again.
    ServersConnected,
    /// `SteamServersDisconnected_t`: no directory was reachable for a while.
    ServersDisconnected {
        /// An `EResult`.
        result: i32,
    },
    /// `SteamServerConnectFailure_t`: a directory refuses this user, and is asked again.
    ServerConnectFailure {
        /// An `EResult`.
        result: i32,
        /// Whether it is tried again.
        retrying: bool,
    },
    /// `FavoritesListChanged_t`: a game server was added to the favourites, or taken off them.
    FavoritesListChanged {
        /// The server.
        favorite: Favorite,
        /// Whether it was added.
        added: bool,
        /// The account part of the local user's ID.
        account: u32,
    },
    /// `AvatarImageLoaded_t`: a large picture that was on its way has arrived.
    AvatarImageLoaded {
        /// Whose.
        user: SteamId,
        /// Its handle.
        image: i32,
        /// Its width and height, in pixels.
        size_px: u32,
    },
    /// No struct of Steamworks': a picture that GodotSteam's `getPlayerAvatar` asked for has arrived.
    AvatarLoaded {
        /// Whose.
        user: SteamId,
        /// Its width and height, in pixels.
        size_px: u32,
        /// What gives the pixels.
        source: AvatarSource,
    },
    /// `GetAuthSessionTicketResponse_t`: a ticket is good from now on.
    GetAuthSessionTicketResponse {
        /// Its handle.
        ticket: u32,
        /// An `EResult`; 1 is success.
        result: i32,
    },
    /// `ValidateAuthTicketResponse_t`: a ticket of another user proved to be good, or is not any more.
    ValidateAuthTicketResponse {
        /// Whose ticket.
        user: SteamId,
        /// An `EAuthSessionResponse`; 0 is good.
        response: i32,
        /// Who owns the game; the same user here.
        owner: SteamId,
    },
    /// `CheckFileSignature_t`: the answer about a file's signature.
    CheckFileSignature {
        /// An `ECheckFileSignature`.
        signature: i32,
    },
}
