//! Before `steamInit` and after `steamShutdown`.

use std::collections::BTreeMap;

use samovar_api::{Method, Written};
use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use super::wrong_arguments::refused;
use super::{call, count, entry, everywhere, methods, neutral, start};
use crate::api;

/// What is returned before `steamInit` that is not the neutral value of its type.
const OTHER_VALUES: [(&str, &str); 5] = [
    ("getAvailableGameLanguages", "\"None\""),
    ("getDLCDownloadProgress", "{\"ret\": false}"),
    ("beginAuthSession", "-1"),
    ("getAPICallFailureReason", "-1"),
    ("userHasLicenseForApp", "2"),
];

/// Methods that do not ask whether Steam is initialised.
const UNGUARDED: [&str; 26] = [
    "getSteamID32",
    "isAnonAccount",
    "isAnonUserAccount",
    "isChatAccount",
    "isClanAccount",
    "isConsoleUserAccount",
    "isIndividualAccount",
    "isLobby",
    "isSteamRunning",
    "run_callbacks",
    "restartAppIfNecessary",
    "releaseCurrentThreadMemory",
    "steamShutdown",
    "get_godotsteam_version",
    "setLeaderboardDetailsMax",
    "getLeaderboardEntries",
    "addIdentity",
    "clearIdentity",
    "getIdentities",
    "setIdentitySteamID",
    "setIdentitySteamID64",
    "getIdentitySteamID",
    "getIdentitySteamID64",
    "isIdentityInvalid",
    "parseIdentityString",
    "toIdentityString",
];

/// Before `steamInit`: what is called, and what it returns then.
fn before(method: &Method) -> Value {
    let value = OTHER_VALUES.iter().find(|(name, _)| *name == method.name);
    neutral(value.map_or(method.returns.neutral(), |(_, value)| value))
}

fn is_accessor(name: &str) -> bool {
    name.starts_with("get_") || name.starts_with("set_")
}

/// Whether a generated method, or a hand-written one that asks whether Steam is initialised.
fn is_guarded(method: &Method, written: &Written) -> bool {
    let name = method.name.as_str();
    !api::is_written(written, method) || !(UNGUARDED.contains(&name) || is_accessor(name))
}

#[test]
fn before_steam_init_every_method_says_so_and_returns_what_godotsteam_does() {
    let (surface, written) = (api::surface(), api::written());
    let methods = methods(&surface);
    let entries: Vec<Value> = methods
        .iter()
        .map(|method| entry(method, &before(method), is_guarded(method, &written)))
        .collect();
    let scenario = Scenario::new("every_call_before");
    let game = start(&scenario, &methods, &entries);
    let errors: BTreeMap<&str, String> = methods
        .iter()
        .map(|method| {
            let (class, name) = (&method.class, method.name.as_str());
            let text =
                format!("ERROR: {class} class not found, Steam may not be initialized: {name}");
            (name, text)
        })
        .collect();
    before_init(&game, &errors);
    refused(&game, &methods);
    // After the end it is as before the start.
    game.init(APP_ID);
    game.steam("steamShutdown", json!([]));
    before_init(&game, &errors);
    game.finish();
}

/// Every method, of which some have an error for where Steam is not initialised, from everywhere.
fn before_init(game: &Game, errors: &BTreeMap<&str, String>) {
    for (place, kind, is_typed) in everywhere() {
        let about = format!("{place}, {kind}, typed {is_typed}");
        let reply = call(game, "call_all", &json!([place, kind, is_typed, true, 2]));
        let calls = reply.value["calls"].as_object().expect("an object");
        assert!(calls.len() > 690, "{}", calls.len());
        let found = count(reply.errors.iter().map(String::as_str));
        let wanted: BTreeMap<&str, usize> = calls
            .keys()
            .map(|name| (errors[name.as_str()].as_str(), 2))
            .collect();
        let differs: Vec<_> = found
            .iter()
            .filter(|(text, count)| wanted.get(*text) != Some(count))
            .chain(wanted.iter().filter(|(text, _)| !found.contains_key(*text)))
            .collect();
        assert!(differs.is_empty(), "{about}: {differs:#?}");
        // What does not ask says nothing, whatever it is given, but for a name that is too long to be kept.
        let reply = call(game, "call_all", &json!([place, kind, is_typed, false, 2]));
        let errors = reply.errors.iter();
        let unexpected: Vec<_> = errors
            .filter(|error| !error.contains("255 is the most"))
            .collect();
        assert!(unexpected.is_empty(), "{about}: {unexpected:?}");
    }
}
