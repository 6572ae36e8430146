//! Friends: whom the user has played with.

use godot::builtin::{GString, VarArray, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::RecentPlayer;

use super::friends::state_number;
use super::{Steam, arguments};

const INTERFACE: &str = "Friends";

#[api]
impl Steam {
    /// Notes that you play with a user. Who is in a lobby with you is noted without it.
    #[func]
    #[allow(non_snake_case)]
    fn setPlayedWith(&self, steam_id: i64) {
        const CALL: &str = "setPlayedWith";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(user) = arguments::user(CALL, steam_id) {
            client.set_played_with(user);
        }
    }

    /// Whom you have played this game with, newest first: for each id, name, time (seconds since 1970) and status, a
    /// [enum PersonaState].
    #[func]
    #[allow(non_snake_case)]
    fn getRecentPlayers(&self) -> VarArray {
        let Some(client) = self.client(INTERFACE, "getRecentPlayers") else {
            return VarArray::new();
        };
        client
            .recent_players()
            .into_iter()
            .filter(|player| player.app == client.app_id())
            .map(|player| {
                vdict! {
                    "id" => player.user.to_godot(),
                    "name" => &GString::from(&player.name),
                    "time" => player.time.cast_signed(),
                    "status" => state_number(&client, player.user),
                }
                .to_variant()
            })
            .collect()
    }

    /// How many users you have played with, in any game; at most 100 are remembered.
    #[func]
    #[allow(non_snake_case)]
    fn getCoplayFriendCount(&self) -> i64 {
        self.client(INTERFACE, "getCoplayFriendCount")
            .map_or(0, |client| client.recent_player_count() as i64)
    }

    /// The Steam ID of a user whom you have played with, by index from 0, newest first.
    #[func]
    #[allow(non_snake_case)]
    fn getCoplayFriend(&self, friend_index: i64) -> i64 {
        const CALL: &str = "getCoplayFriend";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let player = usize::try_from(friend_index)
            .ok()
            .and_then(|index| client.recent_player_at(index));
        if player.is_none() {
            let count = client.recent_player_count();
            godot_error!("{CALL}: there is no index {friend_index}, there are {count} users");
        }
        player.map_or(0, |player| player.user.to_godot())
    }

    /// When you last played with a user, in seconds since 1970; 0 for never.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendCoplayTime(&self, friend_id: i64) -> i64 {
        self.recent_player("getFriendCoplayTime", friend_id)
            .map_or(0, |player| player.time.cast_signed())
    }

    /// In which app you last played with a user; 0 for none.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendCoplayGame(&self, friend_id: i64) -> i64 {
        self.recent_player("getFriendCoplayGame", friend_id)
            .map_or(0, |player| i64::from(player.app))
    }
}

impl Steam {
    fn recent_player(&self, call: &str, friend_id: i64) -> Option<RecentPlayer> {
        let client = self.client(INTERFACE, call)?;
        client.recent_player(arguments::user(call, friend_id)?)
    }
}
