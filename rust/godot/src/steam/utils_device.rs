//! Utils: the device that the game runs on, its overlay and its on-screen keyboard.

use godot::builtin::GString;
use samovar_macros::api;

use super::{Steam, arguments, utils::INTERFACE};
use crate::settings;
use crate::shared::Shared;

const ON_MAINS_POWER: i64 = 255;

const POSITION_BOTTOM_RIGHT: i64 = 3;

/// Where the game wants notifications.
pub(super) struct Notifications {
    position: Shared<i64>,
    inset: Shared<(i64, i64)>,
}

impl Default for Notifications {
    fn default() -> Self {
        Self {
            position: Shared::new(POSITION_BOTTOM_RIGHT),
            inset: Shared::default(),
        }
    }
}

#[api]
impl Steam {
    /// Seconds since the game's window was in front; 0 while it is.
    #[func]
    #[allow(non_snake_case)]
    fn getSecondsSinceAppActive(&self) -> i64 {
        self.client(INTERFACE, "getSecondsSinceAppActive")
            .map_or(0, |_| self.state.activity.seconds_since_in_front())
    }

    /// Seconds since you touched a key, a button or the mouse, as far as the game saw it.
    #[func]
    #[allow(non_snake_case)]
    fn getSecondsSinceComputerActive(&self) -> i64 {
        self.client(INTERFACE, "getSecondsSinceComputerActive")
            .map_or(0, |_| self.state.activity.seconds_since_touched())
    }

    /// The battery in percent: 255, which says mains power. Godot does not know better.
    #[func]
    #[allow(non_snake_case)]
    fn getCurrentBatteryPower(&self) -> i64 {
        self.client(INTERFACE, "getCurrentBatteryPower")
            .map_or(0, |_| ON_MAINS_POWER)
    }

    /// Whether there is an overlay: what the project setting [code]samovar/overlay/enabled[/code] says.
    #[func]
    #[allow(non_snake_case)]
    fn isOverlayEnabled(&self) -> bool {
        self.client(INTERFACE, "isOverlayEnabled").is_some() && settings::overlay_enabled()
    }

    /// Whether the overlay needs frames to be drawn: [code]false[/code], it is a part of the game and has them drawn.
    #[func]
    #[allow(non_snake_case)]
    fn overlayNeedsPresent(&self) -> bool {
        let _ = self.client(INTERFACE, "overlayNeedsPresent");
        false
    }

    /// Chooses the corner of the overlay's notifications, a [enum NotificationPosition].
    #[func]
    #[allow(non_snake_case)]
    fn setOverlayNotificationPosition(&self, position: i64) {
        const CALL: &str = "setOverlayNotificationPosition";
        if self.client(INTERFACE, CALL).is_some()
            && arguments::within(CALL, "position", position, 0..=3)
        {
            self.state.notifications.position.set(position);
        }
    }

    /// Chooses how far from that corner notifications are, in pixels.
    #[func]
    #[allow(non_snake_case)]
    fn setOverlayNotificationInset(&self, horizontal: i64, vertical: i64) {
        const CALL: &str = "setOverlayNotificationInset";
        const INSET: std::ops::RangeInclusive<i64> = 0..=100_000;
        if self.client(INTERFACE, CALL).is_some()
            && arguments::within(CALL, "horizontal", horizontal, INSET)
            && arguments::within(CALL, "vertical", vertical, INSET)
        {
            self.state.notifications.inset.set((horizontal, vertical));
        }
    }

    /// Whether Steam runs in virtual reality: [code]false[/code].
    #[func]
    #[allow(non_snake_case)]
    fn isSteamRunningInVR(&self) -> bool {
        let _ = self.client(INTERFACE, "isSteamRunningInVR");
        false
    }

    /// Whether Steam is in its Big Picture mode: [code]false[/code].
    #[func]
    #[allow(non_snake_case)]
    fn isSteamInBigPictureMode(&self) -> bool {
        let _ = self.client(INTERFACE, "isSteamInBigPictureMode");
        false
    }

    /// Whether Steam runs on a Steam Deck: [code]false[/code].
    #[func]
    #[allow(non_snake_case)]
    fn isSteamRunningOnSteamDeck(&self) -> bool {
        let _ = self.client(INTERFACE, "isSteamRunningOnSteamDeck");
        false
    }

    /// Whether this is Steam China: [code]false[/code].
    #[func]
    #[allow(non_snake_case)]
    fn isSteamChinaLauncher(&self) -> bool {
        let _ = self.client(INTERFACE, "isSteamChinaLauncher");
        false
    }

    /// Whether pictures go to a headset: [code]false[/code].
    #[func]
    #[allow(non_snake_case)]
    fn isVRHeadsetStreamingEnabled(&self) -> bool {
        let _ = self.client(INTERFACE, "isVRHeadsetStreamingEnabled");
        false
    }

    /// Does nothing here.
    #[func]
    #[allow(non_snake_case)]
    fn setVRHeadsetStreamingEnabled(&self, #[opt(default = true)] enabled: bool) {
        let _ = (
            self.client(INTERFACE, "setVRHeadsetStreamingEnabled"),
            enabled,
        );
    }

    /// Does nothing here.
    #[func]
    #[allow(non_snake_case)]
    fn startVRDashboard(&self) {
        let _ = self.client(INTERFACE, "startVRDashboard");
    }

    /// Does nothing here.
    #[func]
    #[allow(non_snake_case)]
    fn setGameLauncherMode(&self, mode: bool) {
        let _ = (self.client(INTERFACE, "setGameLauncherMode"), mode);
    }

    /// Shows Steam's keyboard for gamepads: [code]false[/code], there is none.
    #[func]
    #[allow(non_snake_case)]
    fn showGamepadTextInput(
        &self,
        input_mode: i64,
        line_input_mode: i64,
        description: GString,
        max_text: i64,
        preset_text: GString,
    ) -> bool {
        let _ = (
            self.client(INTERFACE, "showGamepadTextInput"),
            (input_mode, line_input_mode, description),
            (max_text, preset_text),
        );
        false
    }

    /// Shows Steam's floating keyboard: [code]false[/code], there is none.
    #[func]
    #[allow(non_snake_case)]
    fn showFloatingGamepadTextInput(
        &self,
        input_mode: i64,
        text_field_x_position: i64,
        text_field_y_position: i64,
        text_field_width: i64,
        text_field_height: i64,
    ) -> bool {
        let _ = (
            self.client(INTERFACE, "showFloatingGamepadTextInput"),
            (input_mode, text_field_x_position, text_field_y_position),
            (text_field_width, text_field_height),
        );
        false
    }

    /// Hides Steam's keyboard for gamepads: [code]false[/code], there is none.
    #[func]
    #[allow(non_snake_case)]
    fn dismissGamepadTextInput(&self) -> bool {
        let _ = self.client(INTERFACE, "dismissGamepadTextInput");
        false
    }

    /// Hides Steam's floating keyboard: [code]false[/code], there is none.
    #[func]
    #[allow(non_snake_case)]
    fn dismissFloatingGamepadTextInput(&self) -> bool {
        let _ = self.client(INTERFACE, "dismissFloatingGamepadTextInput");
        false
    }
}
