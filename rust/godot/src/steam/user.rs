//! User: who the local user is.

use godot::builtin::{GString, PackedByteArray, VarDictionary, vdict};
use samovar_macros::api;

use super::Steam;

const INTERFACE: &str = "User";
const VOICE_RESULT_NOT_RECORDING: i64 = 2;

#[api]
impl Steam {
    /// The local user's Steam ID.
    #[func]
    #[allow(non_snake_case)]
    fn getSteamID(&self) -> i64 {
        self.client(INTERFACE, "getSteamID")
            .map_or(0, |client| client.steam_id().to_godot())
    }

    /// Whether others can be reached. It is [code]false[/code] only after no directory was found for some seconds, or
    /// when your profile is in use on another machine.
    #[func]
    #[allow(non_snake_case)]
    fn loggedOn(&self) -> bool {
        self.client(INTERFACE, "loggedOn")
            .is_some_and(|client| client.logged_on())
    }

    /// Does nothing here: there is nobody to advertise to but who sees your lobby.
    #[func]
    #[allow(non_snake_case)]
    fn advertiseGame(
        &self,
        #[opt(default = "")] server_ip: GString,
        #[opt(default = 0)] port: i64,
    ) {
        let _ = (self.client(INTERFACE, "advertiseGame"), server_ip, port);
    }

    /// How much of your voice is there: result, a [enum VoiceResult], and size in bytes. Nothing is recorded here, so it is
    /// VOICE_RESULT_NOT_RECORDING and 0. Up to GodotSteam 4.15 the size was called buffer.
    #[func]
    #[allow(non_snake_case)]
    fn getAvailableVoice(&self) -> VarDictionary {
        if self.client(INTERFACE, "getAvailableVoice").is_none() {
            return VarDictionary::new();
        }
        vdict! { "result" => VOICE_RESULT_NOT_RECORDING, "size" => 0_i64, "buffer" => 0_i64 }
    }

    /// What was recorded of your voice: result, a [enum VoiceResult], buffer and size. Nothing is recorded here, so it is
    /// VOICE_RESULT_NOT_RECORDING, and empty. Up to GodotSteam 4.18 the size was called written.
    #[func]
    #[allow(non_snake_case)]
    fn getVoice(&self, #[opt(default = 1024)] buffer_size: i64) -> VarDictionary {
        let _ = buffer_size;
        if self.client(INTERFACE, "getVoice").is_none() {
            return VarDictionary::new();
        }
        vdict! {
            "result" => VOICE_RESULT_NOT_RECORDING,
            "buffer" => &PackedByteArray::new(),
            "size" => 0_i64,
            "written" => 0_i64,
        }
    }

    /// Your level on Steam: 0, there are none here.
    #[func]
    #[allow(non_snake_case)]
    fn getPlayerSteamLevel(&self) -> i64 {
        let _ = self.client(INTERFACE, "getPlayerSteamLevel");
        0
    }

    /// The level of your badge for this game: 0, there are none here.
    #[func]
    #[allow(non_snake_case)]
    fn getGameBadgeLevel(&self, series: i64, foil: bool) -> i64 {
        let _ = (self.client(INTERFACE, "getGameBadgeLevel"), series, foil);
        0
    }

    /// Whether your phone number identifies you: [code]false[/code], there are no accounts here.
    #[func]
    #[allow(non_snake_case)]
    fn isPhoneIdentifying(&self) -> bool {
        let _ = self.client(INTERFACE, "isPhoneIdentifying");
        false
    }

    /// Whether your phone number has to be verified: [code]false[/code], there are no accounts here.
    #[func]
    #[allow(non_snake_case)]
    fn isPhoneRequiringVerification(&self) -> bool {
        let _ = self.client(INTERFACE, "isPhoneRequiringVerification");
        false
    }

    /// Whether your phone number is verified: [code]false[/code], there are no accounts here.
    #[func]
    #[allow(non_snake_case)]
    fn isPhoneVerified(&self) -> bool {
        let _ = self.client(INTERFACE, "isPhoneVerified");
        false
    }

    /// Whether your account has a second factor: [code]false[/code], there are no accounts here.
    #[func]
    #[allow(non_snake_case)]
    fn isTwoFactorEnabled(&self) -> bool {
        let _ = self.client(INTERFACE, "isTwoFactorEnabled");
        false
    }
}
