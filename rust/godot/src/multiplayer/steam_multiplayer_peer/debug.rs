//! What the peer tells about itself.

use godot::builtin::{StringName, VarArray, VarDictionary, vdict};
use godot::classes::Object;
use godot::global::godot_error;
use godot::meta::ToGodot;
use godot::obj::Gd;
use samovar_macros::api;
use samovar_steam::SteamId;
use samovar_steam::multiplayer_peer::PeerStatus;
use std::sync::atomic::Ordering;

use super::SteamMultiplayerPeer;
use super::peers::described;
use crate::multiplayer::DebugLevel;
use crate::shared::is_main_thread;

#[api]
impl SteamMultiplayerPeer {
    /// What the peer prints.
    #[func]
    fn get_debug_level(&self) -> DebugLevel {
        DebugLevel(self.debug_level.get())
    }

    /// Says what the peer prints: a [enum DebugLevel].
    #[func]
    fn set_debug_level(&self, debug_level: i64) {
        if (0..=2).contains(&debug_level) {
            self.debug_level.set(debug_level);
        } else {
            godot_error!("SteamMultiplayerPeer.set_debug_level: {debug_level} is not 0 to 2");
        }
    }

    /// What there is to know of the peer: [code]unique_id[/code], [code]connection_status[/code], [code]is_server[/code],
    /// [code]lobby_id[/code], [code]lobby_state[/code], [code]target_peer[/code], [code]no_delay[/code],
    /// [code]no_nagle[/code], [code]server_relay[/code], [code]refuse_new_connections[/code],
    /// [code]available_packets[/code], and [code]connections[/code], an Array of what [method get_peer_info] returns.
    /// [signal debug_data] brings it as well.
    #[func]
    fn collect_debug_data(&self) -> VarDictionary {
        let mut connections = VarArray::new();
        for info in self.peer.peers() {
            connections.push(&described(&info));
        }
        let data = vdict! {
            "unique_id" => self.peer.unique_id(),
            "connection_status" => number(self.peer.status()),
            "is_server" => self.peer.is_server(),
            "lobby_id" => self.peer.lobby().map_or(0, SteamId::to_godot),
            "lobby_state" => self.get_state().0,
            "target_peer" => self.target.load(Ordering::Relaxed),
            "no_delay" => self.peer.no_delay(),
            "no_nagle" => self.peer.no_nagle(),
            "server_relay" => self.peer.server_relay(),
            "refuse_new_connections" => self.peer.refuses_new_connections(),
            "available_packets" => i64::try_from(self.peer.available()).unwrap_or(i64::MAX),
            "connections" => &connections,
        };
        if let Ok(mut object) = Gd::<Object>::try_from_instance_id(self.id) {
            let name = StringName::from("debug_data");
            if is_main_thread() {
                object.emit_signal(&name, &[data.to_variant()]);
            } else {
                let arguments = [name.to_variant(), data.to_variant()];
                object.call_deferred(&StringName::from("emit_signal"), &arguments);
            }
        }
        data
    }
}

/// A `MultiplayerPeer.ConnectionStatus`.
pub(in crate::multiplayer) fn number(status: PeerStatus) -> i64 {
    match status {
        PeerStatus::Disconnected => 0,
        PeerStatus::Connecting => 1,
        PeerStatus::Connected => 2,
    }
}
