//! Friends: names.

use godot::builtin::GString;
use godot::meta::ToGodot;
use samovar_macros::api;

use samovar_steam::SteamId;

use super::{Steam, arguments};
use crate::surface::enums::PersonaState;

const INTERFACE: &str = "Friends";
const PERSONA_STATE_OFFLINE: i64 = 0;

#[api]
impl Steam {
    /// Your name.
    #[func]
    #[allow(non_snake_case)]
    fn getPersonaName(&self) -> GString {
        self.client(INTERFACE, "getPersonaName")
            .map_or_else(GString::new, |client| GString::from(&client.persona_name()))
    }

    /// What you say of your being there, as a [enum PersonaState]: online, busy or away.
    #[func]
    #[allow(non_snake_case)]
    fn getPersonaState(&self) -> PersonaState {
        let client = self.client(INTERFACE, "getPersonaState");
        PersonaState(client.map_or(PERSONA_STATE_OFFLINE, |client| {
            i64::from(client.persona_state().number())
        }))
    }

    /// A user's name. Empty while it is not known: [signal persona_state_change] tells when it is. The names of
    /// everybody in a lobby with you are known.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendPersonaName(&self, steam_id: i64) -> GString {
        const CALL: &str = "getFriendPersonaName";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return GString::new();
        };
        let Some(user) = arguments::user(CALL, steam_id) else {
            return GString::new();
        };
        client
            .friend_persona_name(user)
            .map_or_else(GString::new, |name| GString::from(&name))
    }

    /// Whether a user is online, as a [enum PersonaState]: of friends what they say, 1 for others who are in a lobby with
    /// you, 0 for who is gone or not known.
    #[func]
    #[allow(non_snake_case)]
    fn getFriendPersonaState(&self, steam_id: i64) -> PersonaState {
        const CALL: &str = "getFriendPersonaState";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return PersonaState(PERSONA_STATE_OFFLINE);
        };
        let user = arguments::user(CALL, steam_id);
        PersonaState(user.map_or(PERSONA_STATE_OFFLINE, |user| state_number(&client, user)))
    }

    /// Asks for a user's name; pictures need no asking, so [param require_name_only] makes no difference. Returns
    /// [code]true[/code] when it is not known yet: [signal persona_state_change] tells when it is.
    #[func]
    #[allow(non_snake_case)]
    fn requestUserInformation(&self, steam_id: i64, require_name_only: bool) -> bool {
        const CALL: &str = "requestUserInformation";
        let _ = require_name_only;
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let asked = arguments::user(CALL, steam_id)
            .map(|user| client.request_user_information(user))
            .and_then(|asked| arguments::value(CALL, asked));
        if asked.is_none() {
            self.refuse(CALL, &[steam_id.to_variant()]);
        }
        asked.unwrap_or(false)
    }
}

/// A user's state, 0 when it is offline.
pub(super) fn state_number(client: &samovar_steam::Steam, user: SteamId) -> i64 {
    client
        .friend_persona_state(user)
        .map_or(PERSONA_STATE_OFFLINE, |state| i64::from(state.number()))
}
