//! Friends: opening the overlay.

use godot::builtin::GString;
use samovar_macros::api;

use super::{Steam, arguments};
use crate::samovar::Samovar;

const INTERFACE: &str = "Friends";

#[api]
impl Steam {
    /// Opens the overlay to invite friends to a lobby that you are in.
    #[func]
    #[allow(non_snake_case)]
    fn activateGameOverlayInviteDialog(&self, lobby_id: i64) {
        const CALL: &str = "activateGameOverlayInviteDialog";
        if self.client(INTERFACE, CALL).is_some() && arguments::lobby(CALL, lobby_id).is_some() {
            Samovar::request_overlay("lobbyinvite", lobby_id, "");
        }
    }

    /// Opens the overlay to invite friends to your game, which they join by [param connect_string].
    #[func]
    #[allow(non_snake_case)]
    fn activateGameOverlayInviteDialogConnectString(&self, connect_string: GString) {
        const CALL: &str = "activateGameOverlayInviteDialogConnectString";
        if self.client(INTERFACE, CALL).is_some() {
            Samovar::request_overlay("gameinvite", 0, &connect_string.to_string());
        }
    }
}
