//! Every method of the API called with nothing, with extremes and with what it does not take, before and after `steamInit`,
//! dynamically and statically typed, from any thread and on another object of the class: no crash, no growth, and the value
//! that is documented.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use samovar_api::{Kind, Method, Surface, Value as Answered, Written};
use samovar_e2e::{APP_ID, DEADLINE, Game, Reply, Scenario, measured, repository_root, text_bytes};
use serde_json::{Value, json};

use crate::api;
use crate::common::{P2P_RELIABLE, p2p, p2p_arrives, until};

/// The kinds of values in `games/every_call.gd`.
const KINDS: [&str; 4] = ["zero", "small", "least", "most"];

/// Where calls come from, in `games/every_call.gd`: the main thread, another thread, one of Godot's pool, and another object
/// of the class.
const PLACES: [&str; 4] = ["main", "thread", "pool", "object"];

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

/// Methods that start and end Steam: other tests call them.
const LEFT_OUT: [&str; 4] = ["steamInit", "steamInitEx", "steamShutdown", "run_callbacks"];

/// How much memory may grow by all further rounds after the first, in bytes.
const GROWTH: i64 = 4 << 20;
const ROUNDS: usize = 5;

/// Before `steamInit`: what is called, and what it returns then.
fn before(method: &Method) -> Value {
    let value = OTHER_VALUES.iter().find(|(name, _)| *name == method.name);
    neutral(value.map_or(method.returns.neutral(), |(_, value)| value))
}

/// A value as GDScript writes it.
fn neutral(text: &str) -> Value {
    serde_json::from_str(text).unwrap_or(Value::Null)
}

fn is_accessor(name: &str) -> bool {
    name.starts_with("get_") || name.starts_with("set_")
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
    scenario.project().write("tests/typed.gd", &typed(methods));
    let calls = json!({ "methods": entries });
    let game = scenario
        .launch("ann")
        .without_callbacks()
        .scene("res://tests/games/every_call.gd")
        .env(
            "SAMOVAR_TEST_CALLS",
            api::put(scenario, "calls.json", &calls),
        )
        .env("SAMOVAR_TEST_TYPED", "res://tests/typed.gd")
        .start();
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

/// Places, kinds of values, and whether they are statically typed.
fn everywhere() -> impl Iterator<Item = (&'static str, &'static str, bool)> {
    PLACES.into_iter().flat_map(|place| {
        KINDS
            .into_iter()
            .flat_map(move |kind| [(place, kind, false), (place, kind, true)])
    })
}

#[test]
fn after_steam_init_every_generated_method_returns_the_neutral_value() {
    let (surface, written) = (api::surface(), api::written());
    let methods = methods(&surface);
    let entries: Vec<Value> = methods
        .iter()
        .map(|method| {
            let is_generated = !api::is_written(&written, method);
            after(method, is_generated)
        })
        .collect();
    let scenario = Scenario::new("every_call_after");
    let game = start(&scenario, &methods, &entries);
    game.init(APP_ID);
    let round = || {
        for (place, kind, is_typed) in everywhere() {
            let reply = call(&game, "call_all", &json!([place, kind, is_typed, true, 2]));
            assert_eq!(reply.errors, Vec::<String>::new(), "{place}, {kind}");
            game.steam("run_callbacks", json!([]));
        }
    };
    round();
    let before = memory(&game);
    for _ in 0..ROUNDS {
        round();
    }
    no_growth("every generated method", before, memory(&game));
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
    let game = start(&scenario, &methods, &entries);
    game.init(APP_ID);
    let round = || {
        for (place, kind, is_typed) in everywhere() {
            let reply = call(&game, "call_all", &json!([place, kind, is_typed, false, 1]));
            let said = too_much(&reply, &methods);
            assert!(
                said.is_empty(),
                "{place}, {kind}, typed {is_typed}: {said:#?}"
            );
            game.steam("run_callbacks", json!([]));
        }
    };
    round();
    let before = memory(&game);
    for _ in 0..ROUNDS {
        round();
    }
    no_growth("what is written by hand", before, memory(&game));
    game.finish();
}

#[test]
fn a_crowd_of_threads_leaves_the_main_thread_as_it_was() {
    let (surface, written) = (api::surface(), api::written());
    let methods = methods(&surface);
    let entries: Vec<Value> = methods
        .iter()
        .map(|method| {
            let is_generated = !api::is_written(&written, method);
            after(method, is_generated)
        })
        .collect();
    let scenario = Scenario::new("every_call_crowd");
    let ann = start(&scenario, &methods, &entries);
    let id = ann.init(APP_ID);
    let bob = scenario.player("bob");
    for kind in ["zero", "small"] {
        call(&ann, "crowd", &json!([8, kind, 4]));
    }
    assert_eq!(ann.steam_id(), id);
    // A packet arrives, both ways, and is sent and read by threads.
    bob.auto_accept(true);
    bob.poll_p2p(&[3]);
    let hello = text_bytes("hello");
    let from_thread = |name: &str, args: Value| ann.game("steam_elsewhere", json!([name, args]));
    assert_eq!(
        from_thread(
            "sendP2PPacket",
            json!([bob.steam_id(), hello, P2P_RELIABLE, 3])
        ),
        json!(true)
    );
    p2p_arrives(&bob, id, "hello", 3);
    p2p(&bob, id, "back", P2P_RELIABLE, 5);
    until("the packet", DEADLINE, || {
        from_thread("getAvailableP2PPacketSize", json!([5])) == 4
    });
    let read = from_thread("readP2PPacket", json!([4, 5]));
    assert_eq!(read["remote_steam_id"], bob.steam_id());
    // Elsewhere callbacks do not run, which is said once.
    for _ in 0..3 {
        from_thread("run_callbacks", json!([]));
    }
    let lines = ann.output().lines();
    let said = lines.iter().filter(|line| {
        line.text
            .starts_with("WARNING: run_callbacks: called from another thread")
    });
    assert_eq!(said.count(), 1);
    scenario.finish([ann, bob]);
}

#[test]
fn threads_start_and_end_steam() {
    let scenario = Scenario::new("every_call_start");
    let game = start(&scenario, &[], &[]);
    let all_at_once = |name: &str, args: Value| game.game("all_at_once", json!([name, args, 4]));
    let mut ids = Vec::new();
    for _ in 0..3 {
        // One starts it, and the others find it started.
        assert_eq!(
            all_at_once("steamInit", json!([APP_ID])),
            json!([true, true, true, true])
        );
        ids.push(game.steam_id());
        all_at_once("steamShutdown", json!([]));
        assert_eq!(game.bad_steam("getSteamID", json!([])), 0);
    }
    // The same user each time: nobody has taken a second profile.
    ids.dedup();
    assert_eq!(ids.len(), 1);
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

fn no_growth(of: &str, before: (i64, i64), after: (i64, i64)) {
    let (given, resident) = (after.0 - before.0, after.1 - before.1);
    measured(
        &format!("memory after {ROUNDS} more rounds of calls of {of}"),
        &format!("{given} bytes given out by Godot, {resident} bytes resident"),
    );
    assert!(given < GROWTH && resident < GROWTH, "{before:?} {after:?}");
}

/// Too few, too many and wrong arguments do nothing: what is returned is the neutral value, and what is wrong is said once
/// each time, with the argument's name.
fn refused(game: &Game, methods: &[&Method]) {
    for place in PLACES {
        let reply = call(game, "call_wrongly", &json!([place]));
        let said = as_it_should(&reply);
        let takes_all = methods.iter().filter(|method| {
            let any = |argument: &samovar_api::Argument| argument.kind == Kind::Variant;
            let has_defaults = method
                .arguments
                .iter()
                .all(|argument| argument.default.is_some());
            method.vararg && has_defaults && method.arguments.iter().all(any)
        });
        assert_eq!(said + takes_all.count(), methods.len(), "{place}");
    }
}

/// Holds the errors of wrong calls against what they have to begin with. Returns of how many methods they are.
fn as_it_should(reply: &Reply) -> usize {
    let wanted = reply.value["said"].as_array().expect("a list");
    assert_eq!(reply.errors.len(), wanted.len());
    for (error, wanted) in reply.errors.iter().zip(wanted) {
        let wanted = wanted.as_str().expect("a text");
        assert!(error.starts_with(wanted), "{error} is not {wanted}");
    }
    let names = wanted
        .iter()
        .filter_map(|text| text.as_str()?.split(": ").nth(1));
    names.collect::<std::collections::BTreeSet<_>>().len()
}

#[test]
fn every_method_of_samovar_is_called_from_everywhere() {
    let source = repository_root().join("rust/godot/src");
    let sources = ["samovar.rs", "samovar_avatar.rs"].map(|name| source.join(name));
    let written = Written::read("Samovar", &sources).expect("the sources can be read");
    let kind = |rust: &str| Kind::from_rust(rust).expect("a type of GDScript's");
    let entries: Vec<Value> = written
        .methods
        .iter()
        .map(|(name, item)| {
            let returns = item.returns.as_deref().map_or(Kind::Void, kind);
            let kinds = item.arguments.iter().map(|(_, rust, _)| kind(rust).name());
            json!({
                "name": name,
                "names": item.arguments.iter().map(|(name, ..)| name).collect::<Vec<_>>(),
                "arguments": kinds.collect::<Vec<_>>(),
                "required": item.arguments.len(),
                "returns": returns.name(),
                "neutral": neutral(returns.neutral()),
                "more": false,
            })
        })
        .collect();
    let scenario = Scenario::new("every_call_samovar");
    let game = start(&scenario, &[], &entries);
    for is_running in [false, true] {
        if is_running {
            game.init(APP_ID);
        }
        for place in PLACES {
            let reply = call(&game, "call_wrongly", &json!([place, "Samovar"]));
            assert!(as_it_should(&reply) >= 9, "{place}");
        }
    }
    game.finish();
}

/// Bytes that Godot's allocator has given out, and that the process has in memory, where the system tells.
fn memory(game: &Game) -> (i64, i64) {
    let given = game.game("memory", json!([])).as_i64().unwrap_or(0);
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", game.pid())).unwrap_or_default();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|text| text.trim().split(' ').next()?.parse::<i64>().ok());
    (given, resident.unwrap_or(0) * 1024)
}
