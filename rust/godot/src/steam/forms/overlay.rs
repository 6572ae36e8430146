//! Opening the overlay: the argument is called `type`, which a Rust function cannot have.

use godot::builtin::Variant;

use super::super::{Steam, arguments};
use super::{int, text};
use crate::samovar::Samovar;

const INTERFACE: &str = "Friends";

/// Opens the overlay: [code]friends[/code], [code]players[/code], [code]settings[/code]; anything else shows the
/// friends.
pub(crate) fn activateGameOverlay(steam: &Steam, values: &[Variant]) -> Variant {
    if steam.client(INTERFACE, "activateGameOverlay").is_some() {
        Samovar::request_overlay(&text(values.first()), 0, "");
    }
    Variant::nil()
}

/// Opens the overlay at a user.
pub(crate) fn activateGameOverlayToUser(steam: &Steam, values: &[Variant]) -> Variant {
    const CALL: &str = "activateGameOverlayToUser";
    let steam_id = int(values.get(1));
    if steam.client(INTERFACE, CALL).is_some() && arguments::user(CALL, steam_id).is_some() {
        Samovar::request_overlay(&text(values.first()), steam_id, "");
    }
    Variant::nil()
}
