//! Matchmaking: favourite game servers.

use std::net::Ipv4Addr;

use godot::builtin::{GString, VarArray, VarDictionary, Variant, VariantType, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::Favorite;

use super::{Steam, arguments};

const INTERFACE: &str = "Matchmaking";

#[api]
impl Steam {
    /// Your favourite game servers, as added in this game: for each ret, app, ip, game_port, query_port, flags and played
    /// (seconds since 1970).
    #[func]
    #[allow(non_snake_case)]
    fn getFavoriteGames(&self) -> VarArray {
        let Some(client) = self.client(INTERFACE, "getFavoriteGames") else {
            return VarArray::new();
        };
        client
            .favorites()
            .into_iter()
            .map(|favorite| {
                vdict! {
                    "ret" => true,
                    "app" => i64::from(favorite.app),
                    "ip" => &GString::from(&favorite.ip.to_string()),
                    "game_port" => i64::from(favorite.game_port),
                    "query_port" => i64::from(favorite.query_port),
                    "flags" => i64::from(favorite.flags),
                    "played" => i64::from(favorite.played),
                }
                .to_variant()
            })
            .collect()
    }

    /// Adds a game server of this game to your favourites, or adds [param flags] and [param last_played] to one that is
    /// there. [param flags] is FAVORITE_FLAG_FAVORITE, FAVORITE_FLAG_HISTORY or both. Returns how many favourites there
    /// are then; [signal favorites_list_changed] follows.
    #[func]
    #[allow(non_snake_case)]
    fn addFavoriteGame(
        &self,
        ip: Variant,
        port: i64,
        query_port: i64,
        flags: i64,
        last_played: i64,
    ) -> i64 {
        const CALL: &str = "addFavoriteGame";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let Some(played) = arguments::number(CALL, "last_played", last_played) else {
            return 0;
        };
        let app = client.app_id();
        let Some(server) = server(CALL, app, &ip, [port, query_port], flags) else {
            return 0;
        };
        match client.add_favorite(Favorite { played, ..server }) {
            Ok(count) => count as i64,
            Err(error) => {
                godot_error!("{CALL}: {error}");
                0
            }
        }
    }

    /// Takes [param flags] off a favourite game server, and with its last flag the server. Returns whether there was
    /// something to take off; [signal favorites_list_changed] follows then.
    #[func]
    #[allow(non_snake_case)]
    fn removeFavoriteGame(
        &self,
        app_id: i64,
        ip: Variant,
        port: i64,
        query_port: i64,
        flags: i64,
    ) -> bool {
        const CALL: &str = "removeFavoriteGame";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::number(CALL, "app_id", app_id)
            .and_then(|app| server(CALL, app, &ip, [port, query_port], flags))
            .is_some_and(|server| client.remove_favorite(server))
    }
}

fn server(call: &str, app: u32, ip: &Variant, ports: [i64; 2], flags: i64) -> Option<Favorite> {
    let flags = arguments::number(call, "flags", flags)?;
    let text = ip_text(ip);
    let [game_port, query_port] = ports.map(u16::try_from);
    let (Ok(ip), Ok(game_port), Ok(query_port)) = (text.parse(), game_port, query_port) else {
        let [game, query] = ports;
        let text = arguments::shown(&text);
        godot_error!("{call}: {text}, {game} and {query} are not an IPv4 address and two ports");
        return None;
    };
    Some(Favorite {
        app,
        ip,
        game_port,
        query_port,
        flags,
        played: 0,
    })
}

/// What `favorites_list_changed` carries: GodotSteam's keys, and the one that its documents say.
pub(super) fn change(favorite: &Favorite, added: bool, account: u32) -> VarDictionary {
    vdict! {
        "ip" => &GString::from(&favorite.ip.to_string()),
        "query_port" => i64::from(favorite.query_port),
        "conn_port" => i64::from(favorite.game_port),
        "connection_port" => i64::from(favorite.game_port),
        "app_id" => i64::from(favorite.app),
        "flags" => i64::from(favorite.flags),
        "add" => added,
        "account_id" => i64::from(account),
    }
}

/// An IPv4 address, which up to GodotSteam 4.7 was a number with its first byte highest.
fn ip_text(ip: &Variant) -> String {
    let number = if ip.get_type() == VariantType::INT {
        ip.try_to::<i64>()
            .ok()
            .and_then(|ip| u32::try_from(ip).ok())
    } else {
        None
    };
    number.map_or_else(
        || ip.stringify().to_string(),
        |number| Ipv4Addr::from(number).to_string(),
    )
}
