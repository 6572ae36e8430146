//! Utils: which app this is, what time, text that is filtered, and answers about calls.

use godot::builtin::{GString, VarDictionary, vdict};
use godot::global::godot_error;
use parking_lot::Mutex;
use samovar_macros::api;
use samovar_steam::language;
use samovar_steam::text_filter::{self, TextFilter};

use super::{Steam, apps, arguments};
use crate::settings;
use crate::surface::enums::{APICallFailure, IPv6ConnectivityState, Universe};

pub(super) const INTERFACE: &str = "Utils";
const UNIVERSE_INVALID: Universe = Universe(0);
const UNIVERSE_PUBLIC: Universe = Universe(1);
const STEAM_API_CALL_FAILURE_NONE: APICallFailure = APICallFailure(-1);
const IPV6_CONNECTIVITY_STATE_UNKNOWN: IPv6ConnectivityState = IPv6ConnectivityState(0);

/// The filter that `initFilterText` has made; before that nothing is filtered.
#[derive(Default)]
pub(super) struct TextFiltering(Mutex<TextFilter>);

#[api]
impl Steam {
    /// The app that Steam was initialised for.
    #[func]
    #[allow(non_snake_case)]
    fn getAppID(&self) -> i64 {
        self.client(INTERFACE, "getAppID")
            .map_or(0, |client| i64::from(client.app_id()))
    }

    /// The universe of the Steam IDs: the public one, 1.
    #[func]
    #[allow(non_snake_case)]
    fn getConnectedUniverse(&self) -> Universe {
        self.client(INTERFACE, "getConnectedUniverse")
            .map_or(UNIVERSE_INVALID, |_| UNIVERSE_PUBLIC)
    }

    /// The time in seconds since 1970 that all players share: the directory's, or this computer's as long as there has
    /// been no directory.
    #[func]
    #[allow(non_snake_case)]
    fn getServerRealTime(&self) -> i64 {
        self.client(INTERFACE, "getServerRealTime")
            .map_or(0, |client| client.server_real_time().cast_signed())
    }

    /// The system's language, by Steam's name ("english").
    #[func]
    #[allow(non_snake_case)]
    fn getSteamUILanguage(&self) -> GString {
        if self.client(INTERFACE, "getSteamUILanguage").is_none() {
            return GString::new();
        }
        GString::from(language::ui_language(&apps::system_locale()))
    }

    /// The text with asterisks for words that are not to be shown; as it is before [method initFilterText], and where
    /// [param context], a [enum TextFilteringContext], is TEXT_FILTERING_CONTEXT_UNKNOWN. [param steam_id] makes no
    /// difference.
    #[func]
    #[allow(non_snake_case)]
    fn filterText(&self, context: i64, steam_id: i64, message: GString) -> GString {
        const CALL: &str = "filterText";
        let _ = steam_id;
        if self.client(INTERFACE, CALL).is_none() {
            return GString::new();
        }
        let Some(context) = text_filter::TextFilteringContext::from_number(context) else {
            godot_error!("{CALL}: context {context} is not 0 to 3");
            return GString::new();
        };
        let filter = self.state.text_filtering.0.lock();
        GString::from(&filter.filter(context, &message.to_string()))
    }

    /// Asks for the signature of a file. [signal check_file_signature] follows, always with
    /// CHECK_FILE_SIGNATURE_NO_SIGNATURES_FOUND_FOR_THIS_APP.
    #[func]
    #[allow(non_snake_case)]
    fn checkFileSignature(&self, filename: GString) {
        let _ = filename;
        if let Some(client) = self.client(INTERFACE, "checkFileSignature") {
            client.check_file_signature();
        }
    }

    /// Whether the last call was answered: completed and failed, both [code]false[/code]. Answers come as signals here.
    #[func]
    #[allow(non_snake_case)]
    fn isAPICallCompleted(&self) -> VarDictionary {
        if self.client(INTERFACE, "isAPICallCompleted").is_none() {
            return VarDictionary::new();
        }
        vdict! { "completed" => false, "failed" => false }
    }

    /// Why the last call failed, a [enum APICallFailure]: -1, it did not. Answers come as signals here.
    #[func]
    #[allow(non_snake_case)]
    fn getAPICallFailureReason(&self) -> APICallFailure {
        let _ = self.client(INTERFACE, "getAPICallFailureReason");
        STEAM_API_CALL_FAILURE_NONE
    }

    /// How many calls went to another process: 0, none does here.
    #[func]
    #[allow(non_snake_case)]
    fn getIPCCallCount(&self) -> i64 {
        let _ = self.client(INTERFACE, "getIPCCallCount");
        0
    }

    /// The country that you are in: empty, nobody looks for it here.
    #[func]
    #[allow(non_snake_case)]
    fn getIPCountry(&self) -> GString {
        let _ = self.client(INTERFACE, "getIPCountry");
        GString::new()
    }

    /// Whether IPv6 works, an [enum IPv6ConnectivityState]: 0, it is not known. [param protocol] is an
    /// [enum IPv6ConnectivityProtocol].
    #[func]
    #[allow(non_snake_case)]
    fn getIPv6ConnectivityState(&self, protocol: i64) -> IPv6ConnectivityState {
        const CALL: &str = "getIPv6ConnectivityState";
        if self.client(INTERFACE, CALL).is_some() {
            arguments::within(CALL, "protocol", protocol, 0..=2);
        }
        IPV6_CONNECTIVITY_STATE_UNKNOWN
    }
}

/// Reads the words to filter from the project's settings. Whether there is a user that they are filtered for.
pub(super) fn init_filter_text(steam: &Steam) -> bool {
    if steam.client(INTERFACE, "initFilterText").is_none() {
        return false;
    }
    *steam.state.text_filtering.0.lock() = TextFilter::new(settings::filtered_words());
    true
}
