//! Opening the peer: as the host, as a client, over a lobby.

use std::sync::Arc;

use godot::builtin::{Variant, VariantType};
use godot::global::godot_error;
use samovar_macros::api;
use samovar_steam::{LobbyKind, SteamId};

use super::SteamMultiplayerPeer;
use crate::multiplayer::GodotError;
use crate::settings;
use crate::steam::{Steam, lobby, user};

const INTERFACE: &str = "NetworkingSockets";
/// The most members of a lobby.
const MAX_PLAYERS: i64 = 250;

#[api]
impl SteamMultiplayerPeer {
    /// Opens the peer as the host, with the ID 1, and listens on a virtual port. It is connected at once. [param options] is
    /// what earlier releases of expressobits' class took, an Array or a Dictionary; a Dictionary is kept as
    /// [method set_options] keeps it.
    ///
    /// Returns ERR_ALREADY_IN_USE unless the peer is closed, and ERR_CANT_CREATE where Steam does not run or the port is
    /// taken.
    #[func]
    fn create_host(
        &self,
        #[opt(default = 0)] virtual_port: i64,
        #[opt(default = null)] options: Variant,
    ) -> GodotError {
        let call = Self::named("create_host");
        let Some(port) = port(&call, virtual_port) else {
            return GodotError::INVALID_PARAMETER;
        };
        if !self.take_options(&call, options) {
            return GodotError::INVALID_PARAMETER;
        }
        self.open(&call, |steam| self.peer.create_host(steam, port))
    }

    /// Opens the peer as a client of a host, which it also listens beside: clients of a lobby connect to each other. It is
    /// connecting until the host has answered; the multiplayer emits [code]connected_to_server[/code] or
    /// [code]connection_failed[/code]. [param options] are as for [method create_host].
    #[func]
    fn create_client(
        &self,
        steam_id: i64,
        #[opt(default = 0)] virtual_port: i64,
        #[opt(default = null)] options: Variant,
    ) -> GodotError {
        let call = Self::named("create_client");
        let (Some(host), Some(port)) = (user(&call, steam_id), port(&call, virtual_port)) else {
            return GodotError::INVALID_PARAMETER;
        };
        if !self.take_options(&call, options) {
            return GodotError::INVALID_PARAMETER;
        }
        self.open(&call, |steam| self.peer.create_client(steam, host, port))
    }

    /// Connects to a further user, who is to listen on the virtual port too. Not needed over a lobby, where the peer follows
    /// who comes and goes.
    #[func]
    fn add_peer(&self, steam_id: i64, #[opt(default = 0)] virtual_port: i64) -> GodotError {
        let call = Self::named("add_peer");
        let (Some(who), Some(port)) = (user(&call, steam_id), port(&call, virtual_port)) else {
            return GodotError::INVALID_PARAMETER;
        };
        GodotError::say(&call, self.peer.add_peer(who, port))
    }

    /// Opens the peer as the host of a lobby that you own, and connects to everybody who is in it and to who joins it later.
    /// Call it when you have heard [signal Steam.lobby_created]. Returns ERR_CANT_CREATE for a lobby that you are not the
    /// owner of.
    #[func]
    fn host_with_lobby(&self, lobby_id: i64) -> GodotError {
        let call = Self::named("host_with_lobby");
        self.over_a_lobby(&call, lobby_id, |steam, lobby| {
            self.peer.host_with_lobby(steam, lobby)
        })
    }

    /// Opens the peer as a client of the owner of a lobby that you are in, and connects to its other members. Call it when
    /// you have heard [signal Steam.lobby_joined]. Returns ERR_CANT_CREATE for a lobby that you are not in.
    #[func]
    fn connect_to_lobby(&self, lobby_id: i64) -> GodotError {
        let call = Self::named("connect_to_lobby");
        self.over_a_lobby(&call, lobby_id, |steam, lobby| {
            self.peer.connect_to_lobby(steam, lobby)
        })
    }

    /// Creates a lobby of the peer's own, and opens the peer as its host. [param lobby_type] is a [enum LobbyType],
    /// [param max_players] 1 to 250. [signal lobby_created] and [signal lobby_joined] follow. [method MultiplayerPeer.close]
    /// leaves the lobby.
    #[func]
    fn create_lobby(&self, lobby_type: i64, #[opt(default = 32)] max_players: i64) -> GodotError {
        let call = Self::named("create_lobby");
        let Some(kind) = LobbyKind::from_number(lobby_type) else {
            godot_error!("{call}: {lobby_type} is not a lobby type from 0 to 3");
            return GodotError::INVALID_PARAMETER;
        };
        let max = u32::try_from(max_players)
            .ok()
            .filter(|_| (1..=MAX_PLAYERS).contains(&max_players));
        let Some(max) = max else {
            godot_error!("{call}: max_players {max_players} is not 1 to {MAX_PLAYERS}");
            return GodotError::INVALID_PARAMETER;
        };
        self.open(&call, |steam| self.peer.create_lobby(steam, kind, max))
    }

    /// Joins a lobby, and opens the peer as a client of its owner. [signal lobby_joined] follows.
    /// [method MultiplayerPeer.close] leaves the lobby.
    #[func]
    fn connect_lobby(&self, lobby_id: i64) -> GodotError {
        let call = Self::named("connect_lobby");
        self.over_a_lobby(&call, lobby_id, |steam, lobby| {
            self.peer.connect_lobby(steam, lobby)
        })
    }
}

type Opened = Result<(), samovar_steam::multiplayer_peer::PeerError>;

impl SteamMultiplayerPeer {
    fn open(
        &self,
        call: &str,
        open: impl FnOnce(&Arc<samovar_steam::Steam>) -> Opened,
    ) -> GodotError {
        let Some(steam) = Steam::shared().client(INTERFACE, call) else {
            return GodotError::CANT_CREATE;
        };
        self.peer.set_max_channels(settings::max_channels());
        GodotError::say(call, open(&steam))
    }

    fn over_a_lobby(
        &self,
        call: &str,
        lobby_id: i64,
        open: impl FnOnce(&Arc<samovar_steam::Steam>, SteamId) -> Opened,
    ) -> GodotError {
        match lobby(call, lobby_id) {
            Some(lobby) => self.open(call, |steam| open(steam, lobby)),
            None => GodotError::INVALID_PARAMETER,
        }
    }

    /// Keeps the options of a call. False where they are none; that is said.
    fn take_options(&self, call: &str, options: Variant) -> bool {
        match options.get_type() {
            VariantType::NIL | VariantType::ARRAY => true,
            VariantType::DICTIONARY => {
                self.keep_options(options.try_to().unwrap_or_default());
                true
            }
            kind => {
                godot_error!(
                    "{call}: options has to be an Array or a Dictionary, and cannot be a {kind:?}"
                );
                false
            }
        }
    }
}

/// A virtual port, 0 or more.
fn port(call: &str, virtual_port: i64) -> Option<u32> {
    let port = i32::try_from(virtual_port)
        .ok()
        .and_then(|port| u32::try_from(port).ok());
    if port.is_none() {
        godot_error!("{call}: virtual_port {virtual_port} is not 0 to 2147483647");
    }
    port
}
