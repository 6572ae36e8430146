//! Friends: who they are, and where.

use godot::builtin::{GString, VarArray, VarDictionary, vdict};
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::SteamId;

use super::friends::state_number;
use super::networking::length;
use super::{Steam, arguments};
use crate::surface::enums::FriendRelationship;

const INTERFACE: &str = "Friends";
/// `k_EFriendFlagImmediate`.
const FRIEND_FLAG_IMMEDIATE: i64 = 4;
const FRIEND_RELATION_NONE: FriendRelationship = FriendRelationship(0);
const FRIEND_RELATION_FRIEND: FriendRelationship = FriendRelationship(3);

#[api]
impl Steam {
    /// How many friends you have: everybody of the same app ID on your network, and who was there since the game started.
    /// [param friend_flags] is a combination of [enum FriendFlags]; only [constant FRIEND_FLAG_IMMEDIATE] finds anybody.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendCount(&self, #[opt(default = 65535)] friend_flags: i64) -> i64 {
        self.client(INTERFACE, "getFriendCount")
            .filter(|_| are_friends(friend_flags))
            .map_or(0, |client| length(client.friend_count()))
    }

    /// A friend by index from 0, in the order in which they came; 0 when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendByIndex(&self, friend_number: i64, friend_flags: i64) -> i64 {
        self.client(INTERFACE, "getFriendByIndex")
            .filter(|_| are_friends(friend_flags))
            .and_then(|client| client.friend(usize::try_from(friend_number).ok()?))
            .map_or(0, SteamId::to_godot)
    }

    /// All friends: an array of dictionaries with [code]id[/code], [code]name[/code] and [code]status[/code], a
    /// [enum PersonaState].
    #[func]
    #[allow(non_snake_case)]
    fn getUserSteamFriends(&self) -> VarArray {
        let Some(client) = self.client(INTERFACE, "getUserSteamFriends") else {
            return VarArray::new();
        };
        let friends = client.friends().into_iter();
        friends
            .map(|user| {
                let name = client.friend_persona_name(user).unwrap_or_default();
                vdict! {
                    "id" => user.to_godot(),
                    "name" => name.as_str(),
                    "status" => state_number(&client, user),
                }
                .to_variant()
            })
            .collect()
    }

    /// Whether a user is a friend of yours.
    #[func]
    #[allow(non_snake_case)]
    fn hasFriend(&self, steam_id: i64, friend_flags: i64) -> bool {
        const CALL: &str = "hasFriend";
        self.client(INTERFACE, CALL).is_some_and(|client| {
            arguments::user(CALL, steam_id)
                .is_some_and(|user| are_friends(friend_flags) && client.has_friend(user))
        })
    }

    /// What a user is to you, as a [enum FriendRelationship]: a friend or nobody.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendRelationship(&self, steam_id: i64) -> FriendRelationship {
        const CALL: &str = "getFriendRelationship";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return FRIEND_RELATION_NONE;
        };
        match arguments::user(CALL, steam_id) {
            Some(user) if client.has_friend(user) => FRIEND_RELATION_FRIEND,
            _ => FRIEND_RELATION_NONE,
        }
    }

    /// What a user plays: [code]id[/code] of the app, [code]lobby[/code] or 0, and [code]ip[/code],
    /// [code]game_port[/code] and [code]query_port[/code] of a server, which are always empty here. Nothing when the user
    /// is offline. Of friends the lobby is known while it is joinable, and public or for friends.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendGamePlayed(&self, steam_id: i64) -> VarDictionary {
        const CALL: &str = "getFriendGamePlayed";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let played =
            arguments::user(CALL, steam_id).and_then(|user| client.friend_game_played(user));
        played.map_or_else(VarDictionary::new, |played| {
            vdict! {
                "id" => i64::from(played.app_id),
                "ip" => "0.0.0.0",
                "game_port" => 0_i64,
                "query_port" => 0_i64,
                "lobby" => played.lobby.map_or(0, SteamId::to_godot),
            }
        })
    }

    /// How many users are in a lobby that you are in; of another source it is 0.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendCountFromSource(&self, source_id: i64) -> i64 {
        self.client(INTERFACE, "getFriendCountFromSource")
            .map_or(0, |client| {
                source(source_id).map_or(0, |lobby| length(client.lobby_members(lobby).len()))
            })
    }

    /// A user of a lobby that you are in, by index from 0; 0 when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendFromSourceByIndex(&self, source_id: i64, friend_number: i64) -> i64 {
        let client = self.client(INTERFACE, "getFriendFromSourceByIndex");
        client
            .and_then(|client| {
                let index = usize::try_from(friend_number).ok()?;
                client.lobby_member(source(source_id)?, index)
            })
            .map_or(0, SteamId::to_godot)
    }

    /// Whether a user is in a lobby that you are in.
    #[func]
    #[allow(non_snake_case)]
    fn isUserInSource(&self, steam_id: i64, source_id: i64) -> bool {
        const CALL: &str = "isUserInSource";
        self.client(INTERFACE, CALL).is_some_and(|client| {
            let user = arguments::user(CALL, steam_id);
            let members = source(source_id).map(|lobby| client.lobby_members(lobby));
            user.is_some_and(|user| members.is_some_and(|members| members.contains(&user)))
        })
    }

    /// The name that you gave a user: there are none here, so it is empty.
    #[func]
    #[allow(non_snake_case)]
    fn getPlayerNickname(&self, steam_id: i64) -> GString {
        let _ = (self.client(INTERFACE, "getPlayerNickname"), steam_id);
        GString::new()
    }

    /// A user's earlier name: they are not kept, so it is empty, but for index 0, the name of today.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendPersonaNameHistory(&self, steam_id: i64, name_history: i64) -> GString {
        const CALL: &str = "getFriendPersonaNameHistory";
        let client = self.client(INTERFACE, CALL).filter(|_| name_history == 0);
        client
            .and_then(|client| client.friend_persona_name(arguments::user(CALL, steam_id)?))
            .map_or_else(GString::new, |name| GString::from(&name))
    }

    /// A user's Steam level: there are none here, so it is 0.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendSteamLevel(&self, steam_id: i64) -> i64 {
        let _ = (self.client(INTERFACE, "getFriendSteamLevel"), steam_id);
        0
    }
}

fn are_friends(flags: i64) -> bool {
    flags & FRIEND_FLAG_IMMEDIATE != 0
}

/// A lobby; other sources are unknown here, and no error.
fn source(id: i64) -> Option<SteamId> {
    SteamId::from_godot(id).filter(|id| id.is_lobby())
}
