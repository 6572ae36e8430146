//! Friends: opening the overlay.

use godot::builtin::GString;
use godot::register::godot_api;

use super::{Steam, arguments};
use crate::samovar::Samovar;

const INTERFACE: &str = "Friends";

#[godot_api(secondary)]
impl Steam {
    /// Opens the overlay: [code]friends[/code], [code]players[/code], [code]settings[/code]; anything else shows the
    /// friends.
    #[func]
    #[allow(non_snake_case)]
    fn activateGameOverlay(&self, #[opt(default = "")] r#type: GString) {
        if self.client(INTERFACE, "activateGameOverlay").is_some() {
            Samovar::request_overlay(&r#type.to_string(), 0, "");
        }
    }

    /// Opens the overlay at a user.
    #[func]
    #[allow(non_snake_case)]
    fn activateGameOverlayToUser(
        &self,
        #[opt(default = "")] r#type: GString,
        #[opt(default = 0)] steam_id: i64,
    ) {
        const CALL: &str = "activateGameOverlayToUser";
        if self.client(INTERFACE, CALL).is_some() && arguments::user(CALL, steam_id).is_some() {
            Samovar::request_overlay(&r#type.to_string(), steam_id, "");
        }
    }

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
