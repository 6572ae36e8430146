//! Apps: whether the user owns the game, and in which language it is.

use godot::builtin::{GString, VarDictionary, vdict};
use godot::classes::Os;
use godot::obj::Singleton;
use samovar_macros::api;
use samovar_steam::language;

use super::Steam;
use crate::godot_classes;

const INTERFACE: &str = "Apps";
/// What `getAvailableGameLanguages` returns before Steam was initialised, as GodotSteam's does.
const NO_LANGUAGES: &str = "None";

#[api]
impl Steam {
    /// Whether the user owns the game: everybody does, here.
    #[func]
    #[allow(non_snake_case)]
    fn isSubscribed(&self) -> bool {
        self.client(INTERFACE, "isSubscribed").is_some()
    }

    /// The languages that the project's translations are in, by Steam's names ("english"), with commas between them; the
    /// system's language when there are no translations.
    #[func]
    #[allow(non_snake_case)]
    fn getAvailableGameLanguages(&self) -> GString {
        if self
            .client(INTERFACE, "getAvailableGameLanguages")
            .is_none()
        {
            return GString::from(NO_LANGUAGES);
        }
        GString::from(&available().join(","))
    }

    /// The language that the game should be in, by Steam's name ("english"): the system's if there is a translation,
    /// else English if there is one, else the first.
    #[func]
    #[allow(non_snake_case)]
    fn getCurrentGameLanguage(&self) -> GString {
        if self.client(INTERFACE, "getCurrentGameLanguage").is_none() {
            return GString::new();
        }
        GString::from(language::game_language(&available(), &system_locale()))
    }

    /// How far the download of additional content is: [code]ret[/code] is [code]false[/code], there is none here.
    #[func]
    #[allow(non_snake_case)]
    fn getDLCDownloadProgress(&self, dlc_id: i64) -> VarDictionary {
        const CALL: &str = "getDLCDownloadProgress";
        let _ = dlc_id;
        if self.is_running(INTERFACE, CALL) {
            self.unavailable().say(CALL);
        }
        vdict! { "ret" => false }
    }
}

/// The system's locale, as Godot writes it.
pub(super) fn system_locale() -> String {
    Os::singleton().get_locale().to_string()
}

fn available() -> Vec<&'static str> {
    let translations = godot_classes::loaded_locales();
    let locales = translations.as_slice().iter().map(GString::to_string);
    language::available_languages(locales, &system_locale())
}
