//! The class and singleton `Steam`. One file an interface; here is what they share.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

mod activity;
mod app_id;
mod apps;
mod arguments;
mod auth;
mod avatars;
pub(crate) mod callbacks;
mod coplay;
mod favorites;
pub(crate) mod forms;
mod friends;
mod friends_list;
mod handles;
mod keys;
mod main;
mod matchmaking;
mod matchmaking_search;
mod networking;
mod networking_messages;
mod networking_sockets;
mod networking_sockets_messages;
mod networking_utils;
mod networking_utils_connection;
mod overlay;
mod rich_presence;
mod socket_options;
mod user;
mod utils;
mod utils_device;

use std::sync::{Arc, LazyLock, OnceLock};

use godot::builtin::Variant;
use godot::global::godot_error;
use parking_lot::{Mutex, RwLock};
use samovar_macros::api;

pub(crate) use arguments::{done, lobby, user};
use keys::Keys;

use crate::shared::{Flag, Shared};
use crate::surface::{Answers, Unavailable};

/// GodotSteam's `Steam`, answered by Samovar's own peer-to-peer network instead of by the Steam client.
///
/// Call [method steamInitEx] once, call [method run_callbacks] in each frame, and connect to the signals: all answers
/// arrive there. Each running game is a user of its own, with a Steam ID and a name that stay the same the next day.
///
/// Samovar is not affiliated with Valve or GodotSteam.
#[derive(Default)]
pub(crate) struct Steam {
    state: State,
}

/// There is one for the whole process, whatever object a script calls, from whichever thread.
static STEAM: LazyLock<Steam> = LazyLock::new(Steam::default);

/// What changes behind a shared reference. No lock is held while a script runs: a handler may call back, and so may threads.
#[derive(Default)]
struct State {
    client: RwLock<Option<Arc<samovar_steam::Steam>>>,
    /// Held while Steam starts or ends.
    starting: Mutex<()>,
    app_id: Shared<i64>,
    steam_id: Shared<i64>,
    init_result: Mutex<Option<(i64, String)>>,
    running_callbacks: Flag,
    said_elsewhere: Flag,
    embedded: Flag,
    warned_embedded: Flag,
    has_overlay: Flag,
    packet_keys: OnceLock<Keys<3>>,
    message_keys: OnceLock<Keys<12>>,
    socket_message_keys: OnceLock<Keys<11>>,
    activity: activity::Activity,
    answers: Answers,
    unavailable: Unavailable,
    handles: handles::Handles,
    identities: forms::Identities,
    text_filtering: utils::TextFiltering,
    notifications: utils_device::Notifications,
}

#[api]
impl Steam {
    /// The app that Steam was initialised for; 0 before that.
    #[func]
    fn get_current_app_id(&self) -> i64 {
        self.state.app_id.get()
    }

    /// Changes what [method get_current_app_id] returns, and nothing else.
    #[func]
    fn set_current_app_id(&self, new_current_app_id: i64) {
        self.state.app_id.set(new_current_app_id);
    }

    /// The local user's Steam ID; 0 before Steam was initialised.
    #[func]
    fn get_current_steam_id(&self) -> i64 {
        self.state.steam_id.get()
    }

    /// Changes what [method get_current_steam_id] returns, and nothing else.
    #[func]
    fn set_current_steam_id(&self, new_current_steam_id: i64) {
        self.state.steam_id.set(new_current_steam_id);
    }

    /// Somebody who is not in a session with you has sent you a P2P packet. Answer with
    /// [method acceptP2PSessionWithUser], or send something back; or ignore it.
    #[signal]
    fn p2p_session_request(remote_steam_id: i64);

    /// Packets to this user could not be sent and are lost. [param session_error] is a [enum P2PSessionError].
    #[signal]
    fn p2p_session_connect_fail(remote_steam_id: i64, session_error: i64);

    /// Somebody who is not in a session with you has sent you a message. Answer with [method acceptSessionWithUser], or
    /// send something back; or ignore it.
    #[signal]
    fn network_messages_session_request(remote_steam_id: i64);

    /// A session could not be opened, or broke. [param reason] is a [enum NetworkingConnectionEnd].
    #[signal]
    fn network_messages_session_failed(
        reason: i64,
        remote_steam_id: i64,
        connection_state: i64,
        debug_message: GString,
    );

    /// The connection [param connect_handle] came to another state, connection_state in [param connection], a
    /// [enum NetworkingConnectionState]; [param old_state] is the one before. A new one by a listen socket is in
    /// CONNECTION_STATE_CONNECTING: answer with [method acceptConnection] or [method closeConnection]. Call
    /// [method closeConnection] as well for one that the other side has closed, or that is broken.
    #[signal]
    fn network_connection_status_changed(
        connect_handle: i64,
        connection: VarDictionary,
        old_state: i64,
    );

    /// The answer to [method initAuthentication]. [param available] is a [enum NetworkingAvailability], here always current.
    #[signal]
    fn network_authentication_status(available: i64, debug_message: GString);

    /// The answer to [method initRelayNetworkAccess]. [param available], [param available_config] and
    /// [param available_relay] are [enum NetworkingAvailability]s, here always current: there is no relay to wait for.
    #[signal]
    fn relay_network_status(
        available: i64,
        ping_measurement: i64,
        available_config: i64,
        available_relay: i64,
        debug_message: GString,
    );

    /// Never sent here; there are no accounts with favourites.
    #[signal]
    fn favorites_list_accounts_updated(result: i64);

    /// A game server was added to your favourites ([code]add[/code]), or taken off them.
    #[signal]
    fn favorites_list_changed(favorite: VarDictionary);

    /// Somebody in the lobby, or you, said something.
    #[signal]
    fn lobby_message(lobby_id: i64, user: i64, message: GString, chat_type: i64);

    /// A member came or went. [param chat_state] is a [enum ChatMemberStateChange].
    #[signal]
    fn lobby_chat_update(lobby_id: i64, changed_id: i64, making_change_id: i64, chat_state: i64);

    /// The answer to [method createLobby]. [param connect] is a [enum Result]; 1 is success, and
    /// [signal lobby_joined] follows.
    #[signal]
    fn lobby_created(connect: i64, lobby_id: i64);

    /// Data of a lobby or of a member changed, or [method requestLobbyData] is answered. For the lobby's own data
    /// [param member_id] is the lobby's ID.
    #[signal]
    fn lobby_data_update(success: i64, lobby_id: i64, member_id: i64);

    /// The answer to [method joinLobby]; who created a lobby gets it too. [param response] is a
    /// [enum ChatRoomEnterResponse]; 1 is success.
    #[signal]
    fn lobby_joined(lobby: i64, permissions: i64, locked: bool, response: i64);

    /// The owner named the lobby's game server.
    #[signal]
    fn lobby_game_created(lobby_id: i64, server_id: i64, server_ip: GString, port: i64);

    /// Somebody invites you to a lobby.
    #[signal]
    fn lobby_invite(inviter: i64, lobby: i64, game: i64);

    /// The answer to [method requestLobbyList]: the IDs of the lobbies that were found, best first.
    #[signal]
    fn lobby_match_list(lobbies: VarArray);

    /// You are not in this lobby any more: its owner, [param admin_id], took you out, or you were disconnected for too long.
    #[signal]
    fn lobby_kicked(lobby_id: i64, admin_id: i64, due_to_disconnect: i64);

    /// You accepted an invitation: join the lobby with [method joinLobby].
    #[signal]
    fn join_requested(lobby_id: i64, steam_id: i64);

    /// Something about a user became known or changed. [param flags] is a [enum PersonaChange].
    #[signal]
    fn persona_state_change(steam_id: i64, flags: i64);

    /// What a user does in the game changed, or [method requestFriendRichPresence] is answered.
    #[signal]
    fn friend_rich_presence_update(steam_id: i64, app_id: i64);

    /// You accepted an invitation to a user's game: join it with what [param connect] says.
    #[signal]
    fn join_game_requested(user: i64, connect: GString);

    /// The overlay opened or closed. Pause a game for one player while it is open.
    #[signal]
    fn overlay_toggled(active: bool, user_initiated: bool, app_id: i64);

    /// The answer to [method getPlayerAvatar]: [param data] holds RGBA8 pixels, [param size] in each direction, as a
    /// [PackedByteArray].
    #[signal]
    fn avatar_loaded(avatar_id: i64, size: i64, data: VarArray);

    /// A picture is there.
    #[signal]
    fn avatar_image_loaded(avatar_id: i64, avatar_index: i64, width: i64, height: i64);

    /// The directory can be reached again.
    #[signal]
    fn steam_server_connected();

    /// A directory refuses you; [param result] is a [enum Result]. It is asked again, so [param retrying] is always true.
    #[signal]
    fn steam_server_connect_failed(result: i64, retrying: bool);

    /// No directory could be reached for a while; [param result] is a [enum Result].
    #[signal]
    fn steam_server_disconnected(result: i64);

    /// The answer to [method getAuthSessionTicket]; [param result] is a [enum Result]; 1 is success.
    #[signal]
    fn get_auth_session_ticket_response(auth_ticket: i64, result: i64);

    /// The ticket of a user, which [method beginAuthSession] was called with, is good, or is not any more.
    /// [param reponse] is an [enum AuthSessionResponse].
    #[signal]
    fn validate_auth_ticket_response(auth_id: i64, reponse: i64, owner_id: i64);

    /// The answer to [method checkFileSignature], a [enum CheckFileSignature].
    #[signal]
    fn check_file_signature(signature: i64);

    /// Never sent here; there is no keyboard of Steam's.
    #[signal]
    fn gamepad_text_input_dismissed(submitted: bool, entered_text: GString, app_id: i64);

    /// Never sent here; there is no keyboard of Steam's.
    #[signal]
    fn floating_gamepad_text_input_dismissed();

    /// Never sent here; nobody looks for your country.
    #[signal]
    fn ip_country();

    /// Never sent here; Godot does not know of the battery.
    #[signal]
    fn low_power(power: i64);

    /// Never sent here; answers come as signals of their own.
    #[signal]
    fn steam_api_call_completed(async_call: i64, callback: i64, parameter: i64);

    /// Never sent here; there is no Steam client that ends.
    #[signal]
    fn steam_shutdown();

    /// Never sent here.
    #[signal]
    fn app_resuming_from_suspend();

    /// The answer to [method setPersonaName]. [param result] is a [enum Result].
    #[signal]
    fn name_changed(success: bool, local_success: bool, result: i64);

    /// Never sent here; words come from the project.
    #[signal]
    fn filter_text_dictionary_changed(language: i64);
}

impl Steam {
    /// The one that there is.
    pub(crate) fn shared() -> &'static Self {
        &STEAM
    }

    /// The running user. Says so, as GodotSteam does, when there is none.
    pub(crate) fn client(&self, interface: &str, call: &str) -> Option<Arc<samovar_steam::Steam>> {
        if self.is_running(interface, call) {
            self.running()
        } else {
            None
        }
    }

    /// Whether there is a running user. Says so, as GodotSteam does, when there is none.
    pub(crate) fn is_running(&self, interface: &str, call: &str) -> bool {
        let running = self.state.client.read().is_some();
        if !running {
            godot_error!("{interface} class not found, Steam may not be initialized: {call}");
        }
        running
    }

    /// The running user, if there is one.
    pub(crate) fn running(&self) -> Option<Arc<samovar_steam::Steam>> {
        self.state.client.read().clone()
    }

    /// The app that Steam runs for; 0 where it does not.
    pub(crate) fn app_id(&self) -> i64 {
        self.running()
            .map_or(0, |client| i64::from(client.app_id()))
    }

    /// The local user's Steam ID; 0 where Steam does not run.
    pub(crate) fn user_id(&self) -> i64 {
        self.running()
            .map_or(0, |client| client.steam_id().to_godot())
    }

    /// The answers that wait for `run_callbacks`.
    pub(crate) fn answers(&self) -> &Answers {
        &self.state.answers
    }

    /// The identities that older games have named.
    fn identities(&self) -> &forms::Identities {
        &self.state.identities
    }

    /// The Steam ID that an argument stands for, which older games gave as the name of an identity.
    fn steam_id_of(&self, value: &Variant) -> i64 {
        forms::steam_id(self, value)
    }

    /// Which methods have said that they are not available.
    pub(crate) fn unavailable(&self) -> &Unavailable {
        &self.state.unavailable
    }
}
