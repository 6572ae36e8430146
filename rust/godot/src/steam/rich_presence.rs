//! Friends: what they do in the game, and inviting them to it.

use godot::builtin::GString;
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;

use super::networking::length;
use super::{Steam, arguments};

const INTERFACE: &str = "Friends";

#[api]
impl Steam {
    /// Tells your friends what you do in the game: at most 30 keys of 64 bytes, with values of 256; an empty value removes
    /// the key. [signal friend_rich_presence_update] reaches them. With the key [code]connect[/code] they can join you from
    /// their overlay.
    #[func]
    #[allow(non_snake_case)]
    fn setRichPresence(&self, key: GString, value: GString) -> bool {
        const CALL: &str = "setRichPresence";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let result = client.set_rich_presence(&key.to_string(), &value.to_string());
        if let Err(error) = result {
            godot_error!("{CALL}: {error}");
        }
        result.is_ok()
    }

    /// Removes all keys of your rich presence.
    #[func]
    #[allow(non_snake_case)]
    fn clearRichPresence(&self) {
        if let Some(client) = self.client(INTERFACE, "clearRichPresence") {
            client.clear_rich_presence();
        }
    }

    /// The value of a key of a friend's rich presence, or of your own; empty when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendRichPresence(&self, friend_id: i64, key: GString) -> GString {
        const CALL: &str = "getFriendRichPresence";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return GString::new();
        };
        arguments::user(CALL, friend_id).map_or_else(GString::new, |user| {
            GString::from(&client.friend_rich_presence(user, &key.to_string()))
        })
    }

    /// How many keys a friend's rich presence has.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendRichPresenceKeyCount(&self, friend_id: i64) -> i64 {
        const CALL: &str = "getFriendRichPresenceKeyCount";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::user(CALL, friend_id).map_or(0, |user| {
            length(client.friend_rich_presence_keys(user).len())
        })
    }

    /// A key of a friend's rich presence by index from 0; empty when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendRichPresenceKeyByIndex(&self, friend_id: i64, key_index: i64) -> GString {
        const CALL: &str = "getFriendRichPresenceKeyByIndex";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return GString::new();
        };
        let Some(user) = arguments::user(CALL, friend_id) else {
            return GString::new();
        };
        let keys = client.friend_rich_presence_keys(user);
        let key = usize::try_from(key_index).ok().and_then(|at| keys.get(at));
        key.map_or_else(GString::new, GString::from)
    }

    /// Asks for the rich presence of a user who is no friend of yours; [signal friend_rich_presence_update] follows.
    #[func]
    #[allow(non_snake_case)]
    fn requestFriendRichPresence(&self, friend_id: i64) {
        const CALL: &str = "requestFriendRichPresence";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        let is_asked = arguments::user(CALL, friend_id)
            .is_some_and(|user| arguments::done(CALL, client.request_friend_rich_presence(user)));
        if !is_asked {
            self.refuse(CALL, &[friend_id.to_variant()]);
        }
    }

    /// Invites a user to your game. If the user accepts it, in the overlay, its game hears
    /// [signal join_game_requested] with [param connect_string], of at most 256 bytes. Returns whether it was sent.
    #[func]
    #[allow(non_snake_case)]
    fn inviteUserToGame(&self, friend_id: i64, connect_string: GString) -> bool {
        const CALL: &str = "inviteUserToGame";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::user(CALL, friend_id).is_some_and(|user| {
            arguments::done(
                CALL,
                client.invite_user_to_game(user, &connect_string.to_string()),
            )
        })
    }
}
