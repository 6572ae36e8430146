//! From what happens to a peer to signals.

use godot::builtin::{GString, StringName, Variant};
use godot::classes::Object;
use godot::global::godot_print;
use godot::meta::ToGodot;
use godot::obj::Gd;
use samovar_steam::multiplayer_peer::PeerEvent;
use samovar_steam::{Callback, SteamId};

use super::SteamMultiplayerPeer;
use crate::shared::{Flag, is_main_thread};
use crate::steam::callbacks::connection_status_changed;

/// The most signals of one poll; the rest waits for the next, so that a handler that causes more cannot stop a frame.
const MAX_EVENTS_A_POLL: usize = 4096;
/// `DEBUG_LEVEL_PEER` and `DEBUG_LEVEL_STEAM`.
pub(super) const DEBUG_PEER: i64 = 1;
const DEBUG_STEAM: i64 = 2;

/// A peer tells what it has to tell as long as this lives: a panic ends it too.
struct Telling<'a>(&'a Flag);

impl Drop for Telling<'_> {
    fn drop(&mut self) {
        self.0.set(false);
    }
}

impl SteamMultiplayerPeer {
    /// Asks the network and tells the game. On the main thread, where signals are emitted; elsewhere it does nothing, and says
    /// so once.
    pub(super) fn poll(&self) {
        if !is_main_thread() {
            self.say_elsewhere();
            return;
        }
        self.peer.poll();
        self.tell();
    }

    /// Hears of what happened, and tells the game what follows.
    pub(super) fn hear(&self, callback: &Callback) {
        self.peer.on_callback(callback);
        self.tell();
    }

    /// Emits a signal for each event that waits. A call from within a handler does nothing: what waits is emitted when the
    /// handler is done, in order.
    fn tell(&self) {
        if self.telling.replace(true) {
            return;
        }
        let _telling = Telling(&self.telling);
        let mut object: Option<Gd<Object>> = None;
        for _ in 0..MAX_EVENTS_A_POLL {
            let Some(event) = self.peer.take_event() else {
                break;
            };
            self.print(&event);
            self.keep_message(&event);
            let (signal, arguments) = self.signal(event);
            if object.is_none() {
                object = Gd::try_from_instance_id(self.id).ok();
            }
            if let Some(object) = &mut object {
                object.emit_signal(&StringName::from(signal), &arguments);
            }
        }
    }

    fn print(&self, event: &PeerEvent) {
        let level = match event {
            PeerEvent::Connected(_) | PeerEvent::Disconnected(_) => DEBUG_PEER,
            _ => DEBUG_STEAM,
        };
        if self.debug_level.get() >= level {
            godot_print!("SteamMultiplayerPeer: {event:?}");
        }
    }

    fn signal(&self, event: PeerEvent) -> (&'static str, Vec<Variant>) {
        match event {
            PeerEvent::Connected(peer) => ("peer_connected", vec![int(peer)]),
            PeerEvent::Disconnected(peer) => {
                self.forget_packet_peer(peer);
                ("peer_disconnected", vec![int(peer)])
            }
            PeerEvent::ConnectionStatusChanged(change) => connection_status_changed(&change),
            PeerEvent::SessionFailed {
                user,
                reason,
                state,
            } => (
                "network_session_failed",
                vec![id(user), int(reason), int(state)],
            ),
            PeerEvent::LobbyCreated { result, lobby } => (
                "lobby_created",
                vec![int(result), lobby.map_or_else(|| int(0), id)],
            ),
            PeerEvent::LobbyJoined {
                lobby,
                locked,
                response,
            } => (
                "lobby_joined",
                vec![id(lobby), int(0), locked.to_variant(), int(response)],
            ),
            PeerEvent::LobbyChatUpdate {
                lobby,
                changed,
                making_change,
                state,
            } => (
                "lobby_chat_update",
                vec![id(lobby), id(changed), id(making_change), int(state)],
            ),
            PeerEvent::LobbyDataUpdate {
                success,
                lobby,
                member,
            } => (
                "lobby_data_update",
                vec![int(u8::from(success)), id(lobby), id(member)],
            ),
            PeerEvent::LobbyMessage {
                lobby,
                user,
                text,
                kind,
            } => (
                "lobby_message",
                vec![
                    id(lobby),
                    id(user),
                    GString::from(&text).to_variant(),
                    int(kind),
                ],
            ),
        }
    }
}

fn id(id: SteamId) -> Variant {
    id.to_godot().to_variant()
}

fn int(value: impl Into<i64>) -> Variant {
    value.into().to_variant()
}
