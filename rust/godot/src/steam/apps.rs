//! Apps: whether the user owns the game.

use godot::register::godot_api;

use super::Steam;

#[godot_api(secondary)]
impl Steam {
    /// Whether the user owns the game: everybody does, here.
    #[func]
    #[allow(non_snake_case)]
    fn isSubscribed(&self) -> bool {
        self.client("Apps", "isSubscribed").is_some()
    }
}
