//! Project settings: GodotSteam's and Samovar's own.

use std::sync::OnceLock;
use std::time::Duration;

use godot::builtin::{GString, PackedStringArray, Variant, VariantType, vdict};
use godot::global::godot_error;
use godot::meta::{FromGodot, ToGodot};
use godot::obj::Singleton;
use samovar_steam::networking_config::NetworkingConfig;
use samovar_steam::text_filter::DEFAULT_WORDS;

use crate::godot_classes::ProjectSettings;

const APP_TYPE: &str = "steam/initialization/app_data/app_type";
const APP_IDS: [&str; 4] = [
    "steam/initialization/app_data/app_id",
    "steam/initialization/app_data/demo_id",
    "steam/initialization/app_data/playtest_id",
    "steam/initialization/app_data/tool_id",
];
const INITIALIZE_ON_STARTUP: &str = "steam/initialization/processes/initialize_on_startup";
const EMBED_CALLBACKS: &str = "steam/initialization/processes/embed_callbacks";
/// The names that GodotSteam 4.14 to 4.19 had, and today's.
const OLDER: [(&str, &str); 3] = [
    ("steam/initialization/app_id", APP_IDS[0]),
    (
        "steam/initialization/initialize_on_startup",
        INITIALIZE_ON_STARTUP,
    ),
    ("steam/initialization/embed_callbacks", EMBED_CALLBACKS),
];
const MAX_CHANNELS: &str = "steam/multiplayer_peer/max_channels";
const DEFAULT_MAX_CHANNELS: i64 = 4;
/// What it can be: as many lanes as a connection has here.
const CHANNELS: std::ops::RangeInclusive<i64> = 1..=63;
const LAN: &str = "samovar/network/lan";
const P2P_TIMEOUT: &str = "samovar/network/p2p_timeout_seconds";
const MESSAGES_TIMEOUT: &str = "samovar/network/messages_timeout_seconds";
const CONNECTED_TIMEOUT: &str = "samovar/network/connected_timeout_seconds";
const LOBBY_GRACE: &str = "samovar/lobby/grace_seconds";
const ACCEPT_INVITES: &str = "samovar/lobby/accept_invites";
const PROFILE: &str = "samovar/profile/name";
const OVERLAY_ENABLED: &str = "samovar/overlay/enabled";
const OVERLAY_SHORTCUT: &str = "samovar/overlay/shortcut";
const OVERLAY_SCENE: &str = "samovar/overlay/scene";
const DEFAULT_OVERLAY: &str = "res://addons/samovar/overlay/overlay.tscn";
/// How loudly a method says that it is not available.
pub(crate) const UNAVAILABLE_CALLS: &str = "samovar/log/unavailable_calls";
const STEAM_INIT_RETURNS: &str = "samovar/compatibility/steam_init_returns";
const FILTERED_WORDS: &str = "samovar/text_filter/words";

/// The settings of bad networks, and the config value of each for sending and for receiving.
const CONDITIONS: [(&str, i64, i64); 9] = [
    ("loss_percent", 2, 3),
    ("lag_milliseconds", 4, 5),
    ("jitter_average_milliseconds", 53, 56),
    ("jitter_max_milliseconds", 54, 57),
    ("jitter_percent", 55, 58),
    ("reorder_percent", 6, 7),
    ("duplicate_percent", 26, 27),
    ("rate_limit_bytes_per_second", 42, 44),
    ("rate_limit_burst_bytes", 43, 45),
];
/// Those that are the same in both directions.
const CONDITIONS_COMMON: [(&str, i64); 2] = [
    ("reorder_milliseconds", 8),
    ("duplicate_max_milliseconds", 28),
];
/// The config values `TimeoutInitial` and `TimeoutConnected`.
const TIMEOUT_INITIAL_VALUE: i64 = 24;
const TIMEOUT_CONNECTED_VALUE: i64 = 25;

/// The shortest and the longest time that a setting in seconds may give.
const SECONDS: std::ops::RangeInclusive<f64> = 0.1..=3600.0;

/// Makes the settings known to the project, with their defaults, so that the editor shows them.
pub(crate) fn register() {
    declare(
        APP_TYPE,
        &0_i64.to_variant(),
        "App / Game,Demo,Playtest,Tool",
    );
    for name in APP_IDS {
        declare(name, &0_i64.to_variant(), "");
    }
    declare(INITIALIZE_ON_STARTUP, &false.to_variant(), "");
    declare(EMBED_CALLBACKS, &false.to_variant(), "");
    declare(MAX_CHANNELS, &DEFAULT_MAX_CHANNELS.to_variant(), "");
    declare(LAN, &true.to_variant(), "");
    declare(P2P_TIMEOUT, &20.0_f64.to_variant(), "");
    declare(MESSAGES_TIMEOUT, &10.0_f64.to_variant(), "");
    declare(CONNECTED_TIMEOUT, &10.0_f64.to_variant(), "");
    declare(LOBBY_GRACE, &30.0_f64.to_variant(), "");
    declare(ACCEPT_INVITES, &false.to_variant(), "");
    declare(PROFILE, &GString::new().to_variant(), "");
    declare(OVERLAY_ENABLED, &true.to_variant(), "");
    declare(OVERLAY_SHORTCUT, &true.to_variant(), "");
    declare(
        OVERLAY_SCENE,
        &GString::from(DEFAULT_OVERLAY).to_variant(),
        "",
    );
    declare(
        UNAVAILABLE_CALLS,
        &(UnavailableCalls::Once as i64).to_variant(),
        "Silent,Once,Always,Error",
    );
    declare(
        STEAM_INIT_RETURNS,
        &0_i64.to_variant(),
        "By the form of the call,bool (GodotSteam 4.14 and later),Dictionary (up to 4.13)",
    );
    declare(FILTERED_WORDS, &default_words().to_variant(), "");
    let defaults = NetworkingConfig::default();
    for (name, number) in conditions() {
        let default = defaults.value(number).unwrap_or_default();
        declare(&name, &default.to_variant(), "");
    }
}

/// The names of the settings of bad networks, with the config value of each.
fn conditions() -> impl Iterator<Item = (String, i64)> {
    let setting = |name: &str| format!("samovar/network_conditions/{name}");
    let directions = CONDITIONS
        .into_iter()
        .flat_map(move |(name, send, receive)| {
            [
                (setting(&format!("send_{name}")), send),
                (setting(&format!("receive_{name}")), receive),
            ]
        });
    let common = CONDITIONS_COMMON.into_iter();
    directions.chain(common.map(move |(name, number)| (setting(name), number)))
}

/// What the settings configure of the network.
fn networking() -> NetworkingConfig {
    let mut config = NetworkingConfig::default();
    for (name, number) in conditions() {
        let value = read_number(&name, config.value(number).unwrap_or_default());
        if let Err(error) = config.set(number, value) {
            godot_error!("The project setting {name}: {error}; the default is used.");
        }
    }
    for (name, number) in [
        (MESSAGES_TIMEOUT, TIMEOUT_INITIAL_VALUE),
        (CONNECTED_TIMEOUT, TIMEOUT_CONNECTED_VALUE),
    ] {
        // Its bounds are those of the settings.
        let _ = config.set(number, read_seconds(name, 10.0).as_secs_f64() * 1000.0);
    }
    config
}

fn declare(name: &str, default: &Variant, choices: &str) {
    const PROPERTY_HINT_ENUM: i64 = 2;
    let mut settings = ProjectSettings::singleton();
    if !settings.has_setting(name) {
        settings.set_setting(name, default);
    }
    settings.set_initial_value(name, default);
    settings.set_as_basic(name, true);
    let kind = i64::from(default.get_type().ord);
    let info = if choices.is_empty() {
        vdict! { "name" => name, "type" => kind }
    } else {
        vdict! { "name" => name, "type" => kind, "hint" => PROPERTY_HINT_ENUM, "hint_string" => choices }
    };
    settings.add_property_info(&info);
}

/// A setting's value; a wrong type is an error, and the default.
fn read<T: FromGodot>(name: &str, default: T) -> T {
    let settings = ProjectSettings::singleton();
    if !settings.has_setting(name) {
        return default;
    }
    let value = settings.get_setting(name);
    match value.try_to::<T>() {
        Ok(value) => value,
        Err(_) => {
            godot_error!("The project setting {name} cannot be {value}; the default is used.");
            default
        }
    }
}

/// A setting that is a number, whole or not.
fn read_number(name: &str, default: f64) -> f64 {
    let settings = ProjectSettings::singleton();
    let whole =
        settings.has_setting(name) && settings.get_setting(name).get_type() == VariantType::INT;
    if whole {
        #[allow(clippy::cast_precision_loss)] // Anything that large is out of range.
        let number = read(name, 0_i64) as f64;
        number
    } else {
        read(name, default)
    }
}

fn read_seconds(name: &str, default: f64) -> Duration {
    let seconds = read_number(name, default);
    if !SECONDS.contains(&seconds) {
        godot_error!(
            "The project setting {name} is {seconds}, which is not 0.1 to 3600 seconds; {default} is used."
        );
        return Duration::from_secs_f64(default);
    }
    Duration::from_secs_f64(seconds)
}

/// A setting, or the one that GodotSteam 4.14 to 4.19 had for it.
fn read_either<T: FromGodot + PartialEq + Clone>(name: &str, default: T) -> T {
    let value = read(name, default.clone());
    let older = OLDER
        .iter()
        .find(|(_, today)| *today == name)
        .map(|(older, _)| *older);
    match older {
        Some(older) if value == default => read(older, default),
        _ => value,
    }
}

/// The app ID that the settings choose; 0 for none.
pub(crate) fn app_id() -> i64 {
    let app_type = usize::try_from(read(APP_TYPE, 0_i64)).unwrap_or(0);
    read_either(APP_IDS.get(app_type).copied().unwrap_or(APP_IDS[0]), 0)
}

/// Whether to initialise when the game starts.
pub(crate) fn initialize_on_startup() -> bool {
    read_either(INITIALIZE_ON_STARTUP, false)
}

/// Whether to run callbacks in each frame.
pub(crate) fn embed_callbacks() -> bool {
    read_either(EMBED_CALLBACKS, false)
}

/// How many channels a connection of a multiplayer peer has.
pub(crate) fn max_channels() -> u32 {
    let channels = read(MAX_CHANNELS, DEFAULT_MAX_CHANNELS);
    if !CHANNELS.contains(&channels) {
        godot_error!(
            "The project setting {MAX_CHANNELS} is {channels}, which is not {} to {}; {DEFAULT_MAX_CHANNELS} is used.",
            CHANNELS.start(),
            CHANNELS.end()
        );
    }
    let channels = Some(channels).filter(|channels| CHANNELS.contains(channels));
    u32::try_from(channels.unwrap_or(DEFAULT_MAX_CHANNELS)).unwrap_or_default()
}

/// The words that are not shown.
pub(crate) fn filtered_words() -> Vec<String> {
    let words = read(FILTERED_WORDS, default_words());
    words.as_slice().iter().map(GString::to_string).collect()
}

fn default_words() -> PackedStringArray {
    DEFAULT_WORDS.into_iter().map(GString::from).collect()
}

/// The overlay's scene, if there is to be one.
pub(crate) fn overlay_scene() -> Option<String> {
    let scene = read(OVERLAY_SCENE, GString::from(DEFAULT_OVERLAY)).to_string();
    (overlay_enabled() && !scene.is_empty()).then_some(scene)
}

/// Whether there is to be an overlay.
pub(crate) fn overlay_enabled() -> bool {
    read(OVERLAY_ENABLED, true)
}

/// How a method that is not available says so.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UnavailableCalls {
    /// Not at all.
    Silent = 0,
    /// With a warning when it is called for the first time.
    Once = 1,
    /// With a warning whenever it is called.
    Always = 2,
    /// With an error whenever it is called.
    Error = 3,
}

/// How a method that is not available says so.
pub(crate) fn unavailable_calls() -> UnavailableCalls {
    match read(UNAVAILABLE_CALLS, UnavailableCalls::Once as i64) {
        0 => UnavailableCalls::Silent,
        2 => UnavailableCalls::Always,
        3 => UnavailableCalls::Error,
        _ => UnavailableCalls::Once,
    }
}

/// What `steamInit` returns.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum SteamInitReturns {
    /// A Dictionary where it is called as up to GodotSteam 4.13, with a `bool` first; else a `bool`.
    ByForm = 0,
    /// A `bool`, as GodotSteam since 4.14.
    Bool = 1,
    /// A Dictionary, as GodotSteam up to 4.13.
    Dictionary = 2,
}

/// What `steamInit` returns: as the setting was when the extension was loaded. Scripts are compiled for what the method is
/// declared to return then, and it must never be anything else.
pub(crate) fn steam_init_returns() -> SteamInitReturns {
    static RETURNS: OnceLock<SteamInitReturns> = OnceLock::new();
    *RETURNS.get_or_init(|| match read(STEAM_INIT_RETURNS, 0_i64) {
        1 => SteamInitReturns::Bool,
        2 => SteamInitReturns::Dictionary,
        _ => SteamInitReturns::ByForm,
    })
}

/// What a user is started with.
pub(crate) fn start_config(app_id: u32) -> samovar_steam::StartConfig {
    samovar_steam::StartConfig {
        profile: profile(),
        lan: read(LAN, true),
        p2p_timeout: read_seconds(P2P_TIMEOUT, 20.0),
        networking: networking(),
        lobby_grace: read_seconds(LOBBY_GRACE, 30.0),
        accept_invites: read(ACCEPT_INVITES, false),
        ..samovar_steam::StartConfig::new(app_id)
    }
}

/// The profile that is asked for: on the command line, in the environment, in the settings.
fn profile() -> Option<String> {
    let os = godot::classes::Os::singleton();
    let engine = os.get_cmdline_args();
    let user = os.get_cmdline_user_args();
    let argument = engine
        .as_slice()
        .iter()
        .chain(user.as_slice())
        .find_map(|argument| {
            argument
                .to_string()
                .strip_prefix("--samovar-profile=")
                .map(str::to_owned)
        });
    let setting = || Some(read(PROFILE, GString::new()).to_string());
    argument
        .or_else(|| std::env::var("SAMOVAR_PROFILE").ok())
        .or_else(setting)
        .filter(|name| !name.is_empty())
}
