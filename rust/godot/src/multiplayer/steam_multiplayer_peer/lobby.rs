//! The lobby of the peer's own, as the earlier GodotSteam MultiplayerPeer has it.

use std::sync::Arc;

use godot::builtin::{GString, PackedByteArray, VarArray, VarDictionary, vdict};
use godot::global::godot_error;
use samovar_macros::api;
use samovar_steam::SteamId;
use samovar_steam::multiplayer_peer::{LobbyState, PeerEvent};

use super::{Message, SteamMultiplayerPeer};
use crate::multiplayer::LobbyStateNumber;
use crate::steam::{Steam, done};

/// The most lines of chat that are kept for [`SteamMultiplayerPeer::get_direct_messages`]; of more, the oldest go.
const MAX_DIRECT_MESSAGES: usize = 256;

#[api]
impl SteamMultiplayerPeer {
    /// The lobby that the peer is open over; 0 for none.
    #[func]
    fn get_lobby_id(&self) -> i64 {
        self.peer.lobby().map_or(0, SteamId::to_godot)
    }

    /// How far the peer is with its lobby.
    #[func]
    fn get_state(&self) -> LobbyStateNumber {
        LobbyStateNumber(match self.peer.lobby_state() {
            LobbyState::NotConnected => 0,
            LobbyState::HostPending => 1,
            LobbyState::Hosting => 2,
            LobbyState::ClientPending => 3,
            LobbyState::Client => 4,
        })
    }

    /// The value of a key of the peer's lobby; empty where it has none.
    #[func]
    fn get_lobby_data(&self, key: GString) -> GString {
        match self.in_lobby("get_lobby_data") {
            Some((steam, lobby)) => GString::from(&steam.lobby_data(lobby, &key.to_string())),
            None => GString::new(),
        }
    }

    /// Sets a key of the peer's lobby, which you have to own; an empty value removes it.
    #[func]
    fn set_lobby_data(&self, key: GString, value: GString) -> bool {
        const CALL: &str = "set_lobby_data";
        self.in_lobby(CALL).is_some_and(|(steam, lobby)| {
            let result = steam.set_lobby_data(lobby, &key.to_string(), &value.to_string());
            done(&Self::named(CALL), result)
        })
    }

    /// All data of the peer's lobby: the values by their keys.
    #[func]
    fn get_all_lobby_data(&self) -> VarDictionary {
        let mut all = VarDictionary::new();
        if let Some((steam, lobby)) = self.in_lobby("get_all_lobby_data") {
            for (key, value) in steam.all_lobby_data(lobby) {
                all.set(key.as_str(), value.as_str());
            }
        }
        all
    }

    /// Whether others can join the peer's lobby, which you have to own.
    #[func]
    fn set_lobby_joinable(&self, joinable: bool) {
        const CALL: &str = "set_lobby_joinable";
        if let Some((steam, lobby)) = self.in_lobby(CALL) {
            done(
                &Self::named(CALL),
                steam.set_lobby_joinable(lobby, joinable),
            );
        }
    }

    /// Says something to everybody in the peer's lobby, you included: UTF-8 text of at most 4096 bytes.
    /// [signal lobby_message] brings it. Returns whether it was sent.
    #[func]
    fn send_direct_message(&self, message: PackedByteArray) -> bool {
        const CALL: &str = "send_direct_message";
        let Some((steam, lobby)) = self.in_lobby(CALL) else {
            return false;
        };
        let call = Self::named(CALL);
        match std::str::from_utf8(message.as_slice()) {
            Ok(text) => done(&call, steam.send_lobby_chat(lobby, text)),
            Err(error) => {
                godot_error!("{call}: message is no UTF-8 text: {error}");
                false
            }
        }
    }

    /// What was said in the peer's lobby since the last call, the oldest first, at most 256 lines: for each a Dictionary with
    /// [code]steam_id[/code], [code]message[/code], a [PackedByteArray], and [code]chat_type[/code].
    #[func]
    fn get_direct_messages(&self) -> VarArray {
        let messages = std::mem::take(&mut *self.direct.lock());
        let mut all = VarArray::new();
        for message in messages {
            let data = PackedByteArray::from(message.text.as_bytes());
            let entry = vdict! {
                "steam_id" => message.user.to_godot(),
                "message" => &data,
                "chat_type" => i64::from(message.kind),
            };
            all.push(&entry);
        }
        all
    }
}

impl SteamMultiplayerPeer {
    /// The running user and the peer's lobby; an error where there is none.
    fn in_lobby(&self, call: &str) -> Option<(Arc<samovar_steam::Steam>, SteamId)> {
        let call = Self::named(call);
        let steam = Steam::shared().client("Matchmaking", &call)?;
        let lobby = self.peer.lobby();
        if lobby.is_none() {
            godot_error!("{call}: the peer is in no lobby");
        }
        Some((steam, lobby?))
    }

    /// Keeps a line of chat for who asks for them.
    pub(in crate::multiplayer) fn keep_message(&self, event: &PeerEvent) {
        let PeerEvent::LobbyMessage {
            user, text, kind, ..
        } = event
        else {
            return;
        };
        let mut direct = self.direct.lock();
        while direct.len() >= MAX_DIRECT_MESSAGES {
            direct.pop_front();
        }
        direct.push_back(Message {
            user: *user,
            text: text.clone(),
            kind: *kind,
        });
    }
}
