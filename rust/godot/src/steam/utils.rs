//! Utils: which app this is.

use godot::register::godot_api;

use super::Steam;

#[godot_api(secondary)]
impl Steam {
    /// The app that Steam was initialised for.
    #[func]
    #[allow(non_snake_case)]
    fn getAppID(&self) -> i64 {
        self.client("Utils", "getAppID")
            .map_or(0, |client| i64::from(client.app_id()))
    }
}
