//! Dictionaries that are returned: games look for their keys without asking whether they are there.

use std::collections::BTreeSet;

use samovar_api::Kind;
use samovar_e2e::{APP_ID, Scenario};
use serde_json::{Value, json};

use crate::api;

/// Methods of which GodotSteam's Dictionary has other keys where there is nothing, and why. Those that are generated say so in
/// `rust/godot/api/surface`.
const OTHERWISE: [(&str, &[&str], &str); 11] = [
    (
        "getConnectionInfo",
        &[],
        "it is empty where there is no such connection",
    ),
    (
        "getConfigValueInfo",
        &[],
        "it is empty where there is no such value",
    ),
    ("getDLCDownloadProgress", &["ret"], "nothing is downloaded"),
    (
        "getAllLobbyData",
        &[],
        "it is empty where the lobby is unknown",
    ),
    (
        "getFriendGamePlayed",
        &[],
        "it is empty where nothing is played",
    ),
    ("getLobbyGameServer", &["ret"], "there is no server"),
    (
        "getP2PSessionState",
        &[],
        "it is empty where there is no session",
    ),
    (
        "getSessionConnectionInfo",
        &["connection_state"],
        "nothing else was asked for",
    ),
    ("readP2PPacket", &[], "it is empty where there is no packet"),
    (
        "get_steam_init_result",
        &["status", "verbal"],
        "the runner has called steamInitEx",
    ),
    (
        "steamInitEx",
        &["status", "verbal"],
        "it is initialised again",
    ),
];

/// Dictionaries of which no source says what is in them.
const UNKNOWN: [&str; 1] = ["getItemDefinitionProperty"];

/// A value of this type that a call takes.
fn nothing(kind: Kind) -> Value {
    serde_json::from_str(kind.neutral()).unwrap_or(json!(0))
}

#[test]
fn every_dictionary_has_the_keys_of_godotsteams() {
    let file = std::fs::read_to_string(api::file()).expect("the API file can be read");
    let file: Value = serde_json::from_str(&file).expect("the API file is JSON");
    let surface = api::surface();
    let scenario = Scenario::new("dictionaries");
    let game = scenario.player("ann");
    game.init(APP_ID);
    let mut wrong = Vec::new();
    let mut count = 0;
    for method in surface.all_classes().flat_map(|class| &class.methods) {
        let otherwise = OTHERWISE.iter().find(|(name, ..)| *name == method.name);
        if method.returns != Kind::Dictionary && otherwise.is_none() {
            continue;
        }
        let raw = file["classes"][&method.class]["methods"].as_array();
        let raw = raw.and_then(|all| all.iter().find(|raw| raw["name"] == method.name));
        let shape = raw.map_or(&Value::Null, |raw| &raw["dict_shape"]);
        let is_known = method.empty.is_some() || UNKNOWN.contains(&method.name.as_str());
        let wanted: BTreeSet<&str> = match (otherwise, shape["keys"].as_object()) {
            (Some((_, keys, _)), _) => keys.iter().copied().collect(),
            (None, _) if is_known => BTreeSet::new(),
            (None, Some(keys)) => keys.keys().map(String::as_str).collect(),
            (None, None) => method.dictionary.keys().map(String::as_str).collect(),
        };
        if wanted.is_empty() && otherwise.is_none() && !is_known {
            wrong.push(format!(
                "{}: what is in it, or why is it empty?",
                method.name
            ));
        }
        let required = method.arguments.iter();
        let required = required.filter(|argument| argument.default.is_none());
        let args: Vec<Value> = required.map(|argument| nothing(argument.kind)).collect();
        let reply = game.try_steam(&method.name, json!(args));
        for error in &reply.errors {
            game.expect_error(error);
        }
        // Those of older versions may be there too.
        let has: BTreeSet<&str> = reply
            .value
            .as_object()
            .map(|value| value.keys().map(String::as_str).collect())
            .unwrap_or_default();
        if !wanted.is_subset(&has) || wanted.is_empty() != has.is_empty() {
            wrong.push(format!("{}: {}", method.name, reply.value));
        }
        count += 1;
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(count > 60, "{count}");
    game.finish();
}

#[test]
fn an_achievement_that_nobody_has_is_told_of_with_all_its_keys() {
    let scenario = Scenario::new("dictionaries_achievements");
    let game = scenario.player("ann");
    assert_eq!(
        game.steam("getAchievement", json!(["FIRST"])),
        json!({ "ret": false, "achieved": false })
    );
    assert_eq!(
        game.steam(
            "getUserAchievement",
            json!([76_561_197_960_265_729_i64, "FIRST"])
        ),
        json!({ "steam_id": 76_561_197_960_265_729_i64, "retrieved": false, "name": "FIRST", "achieved": false })
    );
    let numbers = game.steam("getFakeIP", json!([0]));
    assert_eq!(numbers["ports"], json!([0, 0, 0, 0, 0, 0, 0, 0]));
    game.finish();
}
