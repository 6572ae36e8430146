//! Every method of the API called with nothing, with extremes and with what it does not take, before and after `steamInit`,
//! dynamically and statically typed, from any thread and on another object of the class: no crash, no growth, and the value
//! that is documented.

mod after_init;
mod before_init;
mod growth;
mod threads;
mod wrong_arguments;

use std::collections::BTreeMap;
use std::fmt::Write as _;

use samovar_api::{Kind, Method, Surface};
use samovar_e2e::{Game, Launch, Reply, Scenario};
use serde_json::{Value, json};

use crate::api;

/// The kinds of values in `games/every_call.gd`.
const KINDS: [&str; 4] = ["zero", "small", "least", "most"];

/// Where calls come from, in `games/every_call.gd`: the main thread, another thread, one of Godot's pool, and another object
/// of the class.
const PLACES: [&str; 4] = ["main", "thread", "pool", "object"];

/// Methods that start and end Steam: other tests call them.
const LEFT_OUT: [&str; 4] = ["steamInit", "steamInitEx", "steamShutdown", "run_callbacks"];

/// A value as GDScript writes it.
fn neutral(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

/// What the script needs to know of a method.
fn entry(method: &Method, value: &Value, is_exact: bool) -> Value {
    let kinds: Vec<&str> = method
        .arguments
        .iter()
        .map(|argument| argument.kind.name())
        .collect();
    let defaults = method.arguments.iter();
    let defaults = defaults.filter(|argument| argument.default.is_some());
    json!({
        "name": method.name,
        "names": method.arguments.iter().map(|argument| &argument.name).collect::<Vec<_>>(),
        "arguments": kinds,
        "required": kinds.len() - defaults.count(),
        "returns": method.returns.name(),
        "value": value,
        "neutral": neutral(method.returns.neutral()),
        "exact": is_exact,
        "more": method.vararg,
    })
}

/// A script that passes statically typed values to each method, which Godot does through other functions.
fn typed(methods: &[&Method]) -> String {
    let mut script = String::from("extends RefCounted\n");
    for method in methods {
        let named = |index: usize| format!("a{index}");
        let arguments: Vec<String> = method
            .arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| format!("{}: {}", named(index), argument.kind.name()))
            .collect();
        let passed: Vec<String> = (0..arguments.len()).map(named).collect();
        let returned = if method.returns == Kind::Void {
            ""
        } else {
            "return "
        };
        let _ = write!(
            script,
            "\nfunc call_{name}({}) -> {}:\n\t{returned}Steam.{name}({})\n",
            arguments.join(", "),
            method.returns.name(),
            passed.join(", "),
            name = method.name,
        );
    }
    script
}

/// A game with a scene that can call these methods.
fn start(scenario: &Scenario, methods: &[&Method], entries: &[Value]) -> Game {
    launched(launch(scenario, methods, entries))
}

fn launch(scenario: &Scenario, methods: &[&Method], entries: &[Value]) -> Launch {
    scenario.project().write("tests/typed.gd", &typed(methods));
    let calls = json!({ "methods": entries });
    scenario
        .launch("ann")
        .without_callbacks()
        .scene("res://tests/games/every_call.gd")
        .env(
            "SAMOVAR_TEST_CALLS",
            api::put(scenario, "calls.json", &calls),
        )
        .env("SAMOVAR_TEST_TYPED", "res://tests/typed.gd")
}

fn launched(launch: Launch) -> Game {
    let game = launch.start();
    game.game("disconnect_signals", json!([]));
    game
}

fn call(game: &Game, name: &str, args: &Value) -> Reply {
    let reply = game.command(&json!({ "do": "game", "name": name, "args": args }));
    for error in &reply.errors {
        game.expect_error(error);
    }
    assert_eq!(reply.value["wrong"], json!([]), "{name}{args}");
    reply
}

/// How often each text is there.
fn count<'a>(texts: impl Iterator<Item = &'a str>) -> BTreeMap<&'a str, usize> {
    let mut counts = BTreeMap::new();
    for text in texts {
        *counts.entry(text).or_default() += 1;
    }
    counts
}

fn methods(surface: &Surface) -> Vec<&Method> {
    surface
        .all_classes()
        .flat_map(|class| &class.methods)
        .filter(|method| !LEFT_OUT.contains(&method.name.as_str()))
        .collect()
}

/// Places, kinds of values, and whether they are statically typed.
fn everywhere() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    PLACES.into_iter().flat_map(|place| {
        KINDS
            .into_iter()
            .flat_map(move |kind| [(place, kind, false), (place, kind, true)])
    })
}
