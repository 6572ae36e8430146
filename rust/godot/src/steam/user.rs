//! User: who the local user is.

use godot::register::godot_api;

use super::Steam;

#[godot_api(secondary)]
impl Steam {
    /// The local user's Steam ID.
    #[func]
    #[allow(non_snake_case)]
    fn getSteamID(&self) -> i64 {
        self.client("User", "getSteamID")
            .map_or(0, |client| client.steam_id().to_godot())
    }

    /// Whether others can be reached. It is [code]false[/code] only after no directory was found for some seconds, or
    /// when your profile is in use on another machine.
    #[func]
    #[allow(non_snake_case)]
    fn loggedOn(&self) -> bool {
        self.client("User", "loggedOn")
            .is_some_and(|client| client.logged_on())
    }
}
