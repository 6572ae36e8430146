//! From callbacks to signals.

use std::sync::Arc;

use godot::builtin::{GString, PackedByteArray, VarArray, VarDictionary, Variant, vdict};
use godot::meta::ToGodot;
use samovar_steam::networking_sockets::{ConnectionInfo, StatusChange};
use samovar_steam::{Callback, SteamId};

use super::{Steam, favorites};
use crate::shared::Flag;
use crate::{logging, multiplayer, objects};

/// The most callbacks of one call; the rest waits for the next, so that a handler that causes more cannot stop a frame.
const MAX_CALLBACKS_A_CALL: usize = 4096;

impl Steam {
    /// Emits a signal for each callback that waits. A call from within a handler does nothing: what waits is emitted
    /// when the handler is done, in order.
    pub(super) fn dispatch(&self) {
        logging::print();
        let Some(client) = self.running() else { return };
        let Some(_running) = Running::start(&self.state.running_callbacks) else {
            return;
        };
        for _ in 0..MAX_CALLBACKS_A_CALL {
            let Some(callback) = client.next_callback() else {
                self.dispatch_answers();
                break;
            };
            multiplayer::hear(&callback);
            if let Callback::GameInvited { user, connect } = &callback {
                crate::samovar::Samovar::emit_game_invited(*user, connect);
            } else {
                let (signal, arguments) = signal(&callback);
                objects::STEAM.emit(signal, &arguments);
            }
            // A handler may have ended Steam, or started it anew.
            let running = self.running();
            if !running.is_some_and(|running| Arc::ptr_eq(&running, &client)) {
                break;
            }
        }
    }
}

impl Steam {
    /// Emits the answers of methods that are not available. Those that a handler causes wait for the next call.
    fn dispatch_answers(&self) {
        for _ in 0..self.state.answers.len() {
            // A handler may have ended Steam.
            let Some((signal, arguments)) = self.state.answers.pop() else {
                break;
            };
            objects::STEAM.emit(signal, &arguments);
        }
    }
}

/// Marks that callbacks run, as long as it lives: a panic ends it too.
struct Running<'a>(&'a Flag);

impl<'a> Running<'a> {
    /// `None` when they run already.
    fn start(flag: &'a Flag) -> Option<Self> {
        (!flag.replace(true)).then_some(Self(flag))
    }
}

impl Drop for Running<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

fn id(id: SteamId) -> Variant {
    id.to_godot().to_variant()
}

fn optional_id(id: Option<SteamId>) -> Variant {
    id.map_or(0, SteamId::to_godot).to_variant()
}

fn int(value: impl Into<i64>) -> Variant {
    value.into().to_variant()
}

fn text(value: &str) -> Variant {
    GString::from(value).to_variant()
}

/// What a script is told of a connection.
pub(crate) fn connection_info(info: &ConnectionInfo) -> VarDictionary {
    let address = info.remote_address.map(|address| address.to_string());
    vdict! {
        "identity" => info.peer.to_godot(),
        "user_data" => info.user_data,
        "listen_socket" => i64::from(info.listen_socket),
        "remote_address" => &GString::from(address.unwrap_or_default().as_str()),
        "remote_pop" => 0,
        "pop_relay" => 0,
        "connection_state" => info.state as i64,
        "end_reason" => i64::from(info.end_reason),
        "end_debug" => &GString::from(info.end_debug.as_str()),
        "debug_description" => &GString::from(info.description.as_str()),
    }
}

/// The signal that a connection has another state.
pub(crate) fn connection_status_changed(change: &StatusChange) -> (&'static str, Vec<Variant>) {
    (
        "network_connection_status_changed",
        vec![
            int(change.handle),
            connection_info(&change.info).to_variant(),
            int(change.old_state as i32),
        ],
    )
}

fn signal(callback: &Callback) -> (&'static str, Vec<Variant>) {
    match callback {
        Callback::P2pSessionRequest { peer } => ("p2p_session_request", vec![id(*peer)]),
        Callback::P2pSessionConnectFail { peer, error } => {
            ("p2p_session_connect_fail", vec![id(*peer), int(*error)])
        }
        Callback::MessagesSessionRequest { peer } => {
            ("network_messages_session_request", vec![id(*peer)])
        }
        Callback::MessagesSessionFailed {
            reason,
            peer,
            state,
            debug,
        } => (
            "network_messages_session_failed",
            vec![int(*reason), id(*peer), int(*state), text(debug)],
        ),
        Callback::ConnectionStatusChanged(change) => connection_status_changed(change),
        Callback::LobbyCreated { result, lobby, .. } => {
            ("lobby_created", vec![int(*result), optional_id(*lobby)])
        }
        Callback::LobbyJoined {
            lobby,
            locked,
            response,
        } => (
            "lobby_joined",
            vec![id(*lobby), int(0), locked.to_variant(), int(*response)],
        ),
        Callback::LobbyMatchList { lobbies } => {
            let lobbies: VarArray = lobbies.iter().map(|lobby| id(*lobby)).collect();
            ("lobby_match_list", vec![lobbies.to_variant()])
        }
        Callback::LobbyChatUpdate {
            lobby,
            changed,
            making_change,
            state,
        } => (
            "lobby_chat_update",
            vec![id(*lobby), id(*changed), id(*making_change), int(*state)],
        ),
        Callback::LobbyMessage {
            lobby,
            user,
            text: said,
            kind,
        } => (
            "lobby_message",
            vec![id(*lobby), id(*user), text(said), int(*kind)],
        ),
        Callback::LobbyDataUpdate {
            success,
            lobby,
            member,
        } => (
            "lobby_data_update",
            vec![i64::from(*success).to_variant(), id(*lobby), id(*member)],
        ),
        Callback::LobbyInvite {
            inviter,
            lobby,
            app_id,
        } => ("lobby_invite", vec![id(*inviter), id(*lobby), int(*app_id)]),
        Callback::JoinRequested { lobby, user } => ("join_requested", vec![id(*lobby), id(*user)]),
        Callback::LobbyKicked {
            lobby,
            admin,
            due_to_disconnect,
        } => (
            "lobby_kicked",
            vec![
                id(*lobby),
                optional_id(*admin),
                int(i64::from(*due_to_disconnect)),
            ],
        ),
        Callback::LobbyGameCreated {
            lobby,
            server,
            ip,
            port,
        } => (
            "lobby_game_created",
            vec![id(*lobby), int(server.cast_signed()), text(ip), int(*port)],
        ),
        Callback::PersonaStateChange { user, flags } => {
            ("persona_state_change", vec![id(*user), int(*flags)])
        }
        Callback::FriendRichPresenceUpdate { user, app_id } => {
            ("friend_rich_presence_update", vec![id(*user), int(*app_id)])
        }
        Callback::JoinGameRequested { user, connect } | Callback::GameInvited { user, connect } => {
            ("join_game_requested", vec![id(*user), text(connect)])
        }
        Callback::OverlayToggled {
            active,
            user_initiated,
            app_id,
        } => (
            "overlay_toggled",
            vec![
                active.to_variant(),
                user_initiated.to_variant(),
                int(*app_id),
            ],
        ),
        Callback::ServersConnected => ("steam_server_connected", vec![]),
        Callback::ServersDisconnected { result } => {
            ("steam_server_disconnected", vec![int(*result)])
        }
        Callback::ServerConnectFailure { result, retrying } => (
            "steam_server_connect_failed",
            vec![int(*result), retrying.to_variant()],
        ),
        Callback::FavoritesListChanged {
            favorite,
            added,
            account,
        } => (
            "favorites_list_changed",
            vec![favorites::change(favorite, *added, *account).to_variant()],
        ),
        Callback::AvatarImageLoaded {
            user,
            image,
            size_px,
        } => (
            "avatar_image_loaded",
            vec![id(*user), int(*image), int(*size_px), int(*size_px)],
        ),
        Callback::AvatarLoaded {
            user,
            size_px,
            source,
        } => {
            let pixels = PackedByteArray::from(source.rgba(*user, *size_px));
            (
                "avatar_loaded",
                vec![id(*user), int(*size_px), pixels.to_variant()],
            )
        }
        Callback::GetAuthSessionTicketResponse { ticket, result } => (
            "get_auth_session_ticket_response",
            vec![int(*ticket), int(*result)],
        ),
        Callback::ValidateAuthTicketResponse {
            user,
            response,
            owner,
        } => (
            "validate_auth_ticket_response",
            vec![id(*user), int(*response), id(*owner)],
        ),
        Callback::CheckFileSignature { signature } => {
            ("check_file_signature", vec![int(*signature)])
        }
    }
}
