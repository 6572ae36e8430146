//! Whatever a request is called with, its signal comes: a game that waits for it goes on.

use std::collections::BTreeSet;

use samovar_api::{Argument, Kind, Method, Surface};
use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use crate::api;
use crate::common::{DOESNT_EXIST, NO_LOBBY, NOBODY, PUBLIC, join_response};

/// Twice as many as may wait for the directory.
const REQUESTS: usize = 1024;

/// Every method that a signal answers, by the API's texts.
fn requests(surface: &Surface) -> Vec<&Method> {
    let found: Vec<&Method> = surface
        .all_classes()
        .flat_map(|class| &class.methods)
        .filter(|method| method.answer.is_some())
        .collect();
    assert!(found.len() > 85, "{}", found.len());
    found
}

/// What is no argument, or an extreme one: nothing, negative, huge, IDs of another kind, texts that are empty or too long.
fn values(kind: Kind, steam_id: i64) -> Vec<Value> {
    match kind {
        Kind::Bool => vec![json!(false), json!(true)],
        Kind::Float => vec![json!(0.0), json!(-1.5)],
        Kind::String => vec![json!(""), json!("x"), json!("é".repeat(100_000))],
        Kind::Dictionary => vec![json!({}), json!({ "key": 1 })],
        Kind::Int | Kind::Variant => vec![
            json!(0),
            json!(-1),
            json!(123),
            json!(i64::from(u32::MAX) + 1),
            json!(i64::MIN),
            json!(i64::MAX),
            json!(NO_LOBBY),
            json!(steam_id),
        ],
        _ => vec![json!([])],
    }
}

/// Every argument with each of its values, the others being the first of theirs.
fn calls(method: &Method, steam_id: i64) -> BTreeSet<String> {
    let of = |argument: &Argument| values(argument.kind, steam_id);
    let first: Vec<Value> = method
        .arguments
        .iter()
        .map(|argument| of(argument).swap_remove(0))
        .collect();
    let mut calls = BTreeSet::from([json!(first).to_string()]);
    for (index, argument) in method.arguments.iter().enumerate() {
        for value in of(argument) {
            let mut arguments = first.clone();
            arguments[index] = value;
            calls.insert(json!(arguments).to_string());
        }
    }
    calls
}

fn start(scenario: &Scenario) -> Game {
    scenario.launch("ann").without_callbacks().start()
}

/// Whether callbacks run in every frame.
fn callbacks(game: &Game, on: bool) {
    let _ = game.command(&json!({ "do": "callbacks", "on": on }));
}

fn run_callbacks(game: &Game) {
    game.steam("run_callbacks", json!([]));
}

/// The signals of this name that the next `run_callbacks` sends.
fn sent(game: &Game, signal: &str) -> Vec<Vec<Value>> {
    run_callbacks(game);
    let signals = game.pending_signals(signal).into_iter();
    signals.map(|signal| signal.args).collect()
}

#[test]
fn every_request_is_answered_whatever_it_is_called_with() {
    let (surface, written) = (api::surface(), api::written());
    let scenario = Scenario::new("every_request");
    let game = start(&scenario);
    let steam_id = game.init(APP_ID);
    game.barrier();
    let mut wrong = Vec::new();
    let mut refused = 0;
    for method in requests(&surface) {
        let Some(answer) = &method.answer else {
            continue;
        };
        for text in calls(method, steam_id) {
            let call: Vec<Value> = serde_json::from_str(&text).expect("it was JSON");
            let what = format!(
                "{}{}",
                method.name,
                text.chars().take(80).collect::<String>()
            );
            let reply = game.try_steam(&method.name, json!(call));
            for error in &reply.errors {
                game.expect_error(error);
            }
            if reply.errors.is_empty() && api::is_written(&written, method) {
                // It is taken, or there is nothing to wait for.
                if reply.value != json!(false) {
                    callbacks(&game, true);
                    game.signal(&answer.signal);
                    callbacks(&game, false);
                }
                continue;
            }
            refused += usize::from(!reply.errors.is_empty());
            let wanted: Vec<Value> = answer
                .arguments
                .iter()
                .map(|value| api::answered(value, method, &call, i64::from(APP_ID), steam_id))
                .collect();
            let sent = sent(&game, &answer.signal);
            // Something else may send it too, such as a lobby that was made before.
            if sent.iter().filter(|sent| **sent == wanted).count() != 1 {
                wrong.push(format!(
                    "{what} {:?}: {sent:?}, not {wanted:?}",
                    reply.errors
                ));
            }
            run_callbacks(&game);
            let later = game.pending_signals(&answer.signal);
            if later.iter().any(|signal| signal.args == wanted) {
                wrong.push(format!("{what} is answered twice"));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    assert!(refused > 25, "{refused}");
    game.finish();
}

#[test]
fn a_request_with_arguments_of_the_wrong_type_is_answered() {
    let scenario = Scenario::new("wrong_requests");
    let game = start(&scenario);
    game.init(APP_ID);
    for (name, args, signal, wanted) in [
        (
            "joinLobby",
            json!([null]),
            "lobby_joined",
            json!([0, 0, false, 2]),
        ),
        (
            "joinLobby",
            json!([]),
            "lobby_joined",
            json!([0, 0, false, 2]),
        ),
        (
            "createLobby",
            json!(["x", 4]),
            "lobby_created",
            json!([2, 0]),
        ),
        (
            "createLobby",
            json!([1, 2, 3]),
            "lobby_created",
            json!([2, 0]),
        ),
        (
            "isFollowing",
            json!([{}]),
            "is_following",
            json!([2, 0, false]),
        ),
    ] {
        game.bad_steam(name, args);
        assert_eq!(json!(sent(&game, signal)), json!([wanted]), "{name}");
    }
    game.finish();
}

#[test]
fn a_picture_comes_for_whatever_is_asked_for_one() {
    let scenario = Scenario::new("every_picture");
    let game = start(&scenario);
    let steam_id = game.init(APP_ID);
    for user in [-1, 123, i64::MIN, i64::MAX, NO_LOBBY, NOBODY, steam_id, 0] {
        for (size, pixels) in [(1, 32), (2, 64), (3, 184), (0, 184), (i64::MIN, 184)] {
            let reply = game.try_steam("getPlayerAvatar", json!([size, user]));
            for error in &reply.errors {
                game.expect_error(error);
            }
            let is_user = [NOBODY, steam_id, 0].contains(&user);
            assert_eq!(
                reply.errors.is_empty(),
                is_user,
                "{user}: {:?}",
                reply.errors
            );
            game.barrier();
            let sent = sent(&game, "avatar_loaded");
            let whose = if user == 0 { steam_id } else { user };
            assert_eq!(sent.len(), 1, "{user} {size}");
            assert_eq!(sent[0][..2], [json!(whose), json!(pixels)]);
        }
    }
    game.finish();
}

#[test]
fn a_flood_of_requests_is_answered_one_by_one() {
    let scenario = Scenario::new("too_many_requests");
    let game = start(&scenario);
    game.init(APP_ID);
    // More than may wait for the directory, and more than it takes at once.
    let floods = [
        ("createLobby", json!([PUBLIC, 4]), "lobby_created"),
        ("joinLobby", json!([NO_LOBBY]), "lobby_joined"),
    ];
    for (name, args, signal) in floods {
        let command = json!({ "do": "steam_many", "name": name, "args": args, "count": REQUESTS });
        for error in &game.command(&command).errors {
            game.expect_error(error);
        }
        callbacks(&game, true);
        let is_answer = |args: &[Value]| name == "createLobby" || args.contains(&json!(NO_LOBBY));
        for _ in 0..REQUESTS {
            game.signal_where(signal, is_answer);
        }
        game.barrier();
        let more = game.pending_signals(signal).into_iter();
        assert_eq!(more.filter(|signal| is_answer(&signal.args)).count(), 0);
        callbacks(&game, false);
    }
    callbacks(&game, true);
    assert_eq!(join_response(&game, NO_LOBBY), DOESNT_EXIST);
    game.finish();
}
