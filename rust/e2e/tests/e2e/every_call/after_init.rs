//! While Steam runs: what each method returns, what it says, and that nothing of it is kept.

use std::collections::BTreeMap;

use samovar_api::{Kind, Method, Value as Answered};
use samovar_e2e::{APP_ID, Reply, Scenario};
use serde_json::{Value, json};

use super::growth::{no_growth, start_measured};
use super::wrong_arguments::refused;
use super::{call, count, entry, everywhere, methods, neutral};
use crate::api;

/// The longest line of an error, in bytes, whatever the call was given.
const LONGEST_ERROR: usize = 500;

/// What the script needs to know of a method after `steamInit`: of a Dictionary, the keys with the types of their values.
fn after(method: &Method, is_generated: bool) -> Value {
    let mut entry = entry(method, &neutral(method.returns.neutral()), is_generated);
    let of_argument = |name: &str| {
        let mut arguments = method.arguments.iter();
        let found = arguments.find(|argument| argument.name == name);
        found.map_or(Kind::Int, |argument| argument.kind)
    };
    let keys: serde_json::Map<String, Value> = method
        .dictionary
        .iter()
        .map(|(key, value)| {
            let kind = match value {
                Answered::Bool(_) => Kind::Bool,
                Answered::Int(_) => Kind::Int,
                Answered::Float(_) => Kind::Float,
                Answered::Array(_) => Kind::Array,
                Answered::Dictionary(_) => Kind::Dictionary,
                Answered::Neutral(kind, _) => *kind,
                Answered::String(text) => text.strip_prefix('$').map_or(Kind::String, of_argument),
            };
            (key.clone(), json!(kind.name()))
        })
        .collect();
    entry["keys"] = keys.into();
    entry
}

/// The same of each method.
pub(super) fn all_after(methods: &[&Method]) -> Vec<Value> {
    let written = api::written();
    let entry = |method: &&Method| after(method, !api::is_written(&written, method));
    methods.iter().map(entry).collect()
}

#[test]
fn after_steam_init_every_generated_method_returns_the_neutral_value() {
    let (surface, written) = (api::surface(), api::written());
    let methods = methods(&surface);
    let entries = all_after(&methods);
    let scenario = Scenario::new("every_call_after");
    let game = start_measured(&scenario, &methods, &entries);
    game.init(APP_ID);
    let round = || {
        for (place, kind, is_typed) in everywhere() {
            let reply = call(&game, "call_all", &json!([place, kind, is_typed, true, 2]));
            assert_eq!(reply.errors, Vec::<String>::new(), "{place}, {kind}");
            game.steam("run_callbacks", json!([]));
        }
    };
    no_growth("every generated method", &game, round);
    // Each has said once that it is not available, however often it was called.
    let lines = game.output().lines();
    let warnings = lines.iter().filter_map(|line| {
        let rest = line.text.strip_prefix("WARNING: ")?;
        Some(rest.split_once(": not available without Steam")?.0)
    });
    let generated = methods
        .iter()
        .filter(|method| !api::is_written(&written, method))
        .map(|method| (method.name.as_str(), 1));
    assert_eq!(count(warnings), generated.collect());
    refused(&game, &methods);
    game.finish();
}

#[test]
fn after_steam_init_what_is_written_by_hand_returns_its_type_and_says_little() {
    let (surface, written) = (api::surface(), api::written());
    let methods = methods(&surface);
    let entries: Vec<Value> = methods
        .iter()
        .map(|method| entry(method, &Value::Null, !api::is_written(&written, method)))
        .collect();
    let scenario = Scenario::new("every_call_by_hand");
    let game = start_measured(&scenario, &methods, &entries);
    game.init(APP_ID);
    let round = || {
        for (place, kind, is_typed) in everywhere() {
            let reply = call(&game, "call_all", &json!([place, kind, is_typed, false, 1]));
            let long = reply
                .errors
                .iter()
                .find(|error| error.len() > LONGEST_ERROR);
            let begin = long.map(|error| error.chars().take(100).collect::<String>());
            assert_eq!(begin, None, "{place}, {kind}, typed {is_typed}");
            let said = too_much(&reply, &methods);
            assert!(
                said.is_empty(),
                "{place}, {kind}, typed {is_typed}: {said:#?}"
            );
            game.steam("run_callbacks", json!([]));
        }
    };
    no_growth("what is written by hand", &game, round);
    game.finish();
}

/// The errors of methods that said more than one thing about each argument that they were given.
fn too_much<'a>(reply: &'a Reply, methods: &[&Method]) -> BTreeMap<&'a str, Vec<&'a str>> {
    let called = reply.value["calls"].as_object().expect("an object");
    let mut said: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for error in &reply.errors {
        let name = called
            .keys()
            .find(|name| error.starts_with(&format!("ERROR: {name}: ")));
        said.entry(name.map_or("?", String::as_str))
            .or_default()
            .push(error);
    }
    let most = |name: &str| {
        let method = methods.iter().find(|method| method.name == name);
        method.map_or(0, |method| method.arguments.len().max(1))
    };
    said.retain(|name, errors| errors.len() > most(name));
    said
}
