//! Methods that Steam would answer with a signal: here the next `run_callbacks` sends that of a failure.

use std::collections::BTreeSet;

use samovar_api::{Argument, Kind, Method, Surface, Written};
use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use crate::api;

/// The most answers that wait.
const MAX_ANSWERS: usize = 4096;
/// How much Godot's memory may grow by what waits, in bytes: an answer of two numbers, in its array.
const GROWTH: i64 = 4 << 20;

const ASK: &str = "findLeaderboard";
const ANSWER: &str = "leaderboard_find_result";
const WHAT_WAITS: &str =
    "findLeaderboard: 4096 answers wait for run_callbacks; this call is not answered";

/// The generated methods that are answered, those of older versions included.
fn answered<'a>(surface: &'a Surface, written: &Written) -> Vec<&'a Method> {
    let found: Vec<&Method> = surface
        .all_classes()
        .flat_map(|class| &class.methods)
        .filter(|method| method.answer.is_some() && !api::is_written(written, method))
        .collect();
    assert!(found.len() > 70, "{}", found.len());
    found
}

fn signals<'a>(methods: &[&'a Method]) -> BTreeSet<&'a str> {
    let answers = methods.iter().filter_map(|method| method.answer.as_ref());
    answers.map(|answer| answer.signal.as_str()).collect()
}

/// Arguments that an answer cannot have from elsewhere.
fn arguments(method: &Method) -> Vec<Value> {
    let one = |(index, argument): (usize, &Argument)| match argument.kind {
        Kind::Bool => json!(true),
        Kind::Int | Kind::Variant => json!(7_000_000_000_i64 + i64::try_from(index).unwrap_or(0)),
        Kind::Float => json!(0.5),
        Kind::String => json!(format!("text {index}")),
        Kind::Dictionary => json!({ "key": index }),
        _ => json!([1 + index]),
    };
    method.arguments.iter().enumerate().map(one).collect()
}

fn start(scenario: &Scenario) -> Game {
    scenario
        .launch("ann")
        .without_callbacks()
        .scene("res://tests/games/answers.gd")
        .start()
}

fn run_callbacks(game: &Game) {
    game.steam("run_callbacks", json!([]));
}

#[test]
fn each_call_is_answered_once_by_the_next_run_callbacks() {
    let (surface, written) = (api::surface(), api::written());
    let methods = answered(&surface, &written);
    let scenario = Scenario::new("answers");
    let game = start(&scenario);
    let signals = signals(&methods);
    let none = |when: &str| {
        for signal in &signals {
            let sent = game.pending_signals(signal);
            assert!(sent.is_empty(), "{when}: {signal} {sent:?}");
        }
    };
    for method in &methods {
        game.bad_steam(&method.name, arguments(method).into());
    }
    run_callbacks(&game);
    let steam_id = game.init(APP_ID);
    run_callbacks(&game);
    none("called before steamInit");

    let mut wrong = Vec::new();
    for method in &methods {
        let Some(answer) = &method.answer else {
            continue;
        };
        let given = arguments(method);
        let value = game.steam(&method.name, json!(given));
        let neutral: Value = serde_json::from_str(method.returns.neutral()).unwrap_or_default();
        // The runner describes bytes.
        if value != neutral && method.returns != Kind::PackedByteArray {
            wrong.push(format!("{} returned {value}", method.name));
        }
        if !game.pending_signals(&answer.signal).is_empty() {
            wrong.push(format!("{} was answered at once", method.name));
        }
        run_callbacks(&game);
        let sent = game.pending_signals(&answer.signal);
        let sent: Vec<&[Value]> = sent.iter().map(|signal| signal.args.as_slice()).collect();
        let wanted: Vec<Value> = answer
            .arguments
            .iter()
            .map(|value| api::answered(value, method, &given, i64::from(APP_ID), steam_id))
            .collect();
        if sent != [wanted.as_slice()] {
            wrong.push(format!(
                "{}: {} {sent:?}, not {wanted:?}",
                method.name, answer.signal
            ));
        }
        run_callbacks(&game);
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
    none("sent besides");
    game.finish();
}

#[test]
fn answers_come_in_the_order_of_the_calls() {
    let (surface, written) = (api::surface(), api::written());
    let methods = answered(&surface, &written);
    let scenario = Scenario::new("answers_in_order");
    let game = start(&scenario);
    game.init(APP_ID);
    for method in &methods {
        game.steam(&method.name, arguments(method).into());
    }
    run_callbacks(&game);
    let answers = methods.iter().filter_map(|method| method.answer.as_ref());
    let wanted: Vec<&str> = answers.map(|answer| answer.signal.as_str()).collect();
    let known = signals(&methods);
    let lines = game.output().lines();
    let sent: Vec<&str> = lines
        .iter()
        .filter_map(|line| line.event.as_ref())
        .filter(|event| event.name == "signal")
        .filter_map(|event| event.data["name"].as_str())
        .filter(|name| known.contains(name))
        .collect();
    assert_eq!(sent, wanted);
    game.finish();
}

#[test]
fn a_game_that_waits_for_an_answer_goes_on() {
    let scenario = Scenario::new("answers_awaited");
    let game = start(&scenario);
    game.init(APP_ID);
    game.game("wait", json!([]));
    game.barrier();
    assert_eq!(game.get("waiting"), json!(true));
    run_callbacks(&game);
    assert_eq!(game.get("waiting"), json!(false));
    assert_eq!(game.get("heard"), json!([[0, 0]]));
    game.finish();
}

#[test]
fn what_a_handler_asks_is_answered_by_the_next_run_callbacks() {
    let scenario = Scenario::new("answers_in_handler");
    let game = start(&scenario);
    game.init(APP_ID);
    game.game("ask_again", json!([3]));
    for round in 1..=6 {
        run_callbacks(&game);
        let heard = game.get("heard");
        let count = heard.as_array().map_or(0, Vec::len);
        assert_eq!(count, round.min(4), "{heard}");
    }
    game.finish();
}

#[test]
fn what_waits_is_gone_after_steam_shutdown() {
    let scenario = Scenario::new("answers_shutdown");
    let game = start(&scenario);
    game.init(APP_ID);
    game.steam(ASK, json!(["level 1"]));
    game.steam("steamShutdown", json!([]));
    run_callbacks(&game);
    game.init(APP_ID);
    run_callbacks(&game);
    assert!(game.pending_signals(ANSWER).is_empty());
    // A handler that ends Steam gets no more of them either.
    game.game("end_in_handler", json!([]));
    run_callbacks(&game);
    run_callbacks(&game);
    game.init(APP_ID);
    run_callbacks(&game);
    assert_eq!(game.pending_signals(ANSWER).len(), 1);
    assert_eq!(game.get("heard"), json!([[0, 0]]));
    game.finish();
}

#[test]
fn calls_that_are_never_answered_do_not_grow() {
    const CALLS: usize = 5000;
    let scenario = Scenario::new("answers_flood");
    let game = start(&scenario);
    game.init(APP_ID);
    let memory = || game.game("memory", json!([])).as_i64().unwrap_or(0);
    game.game("ask", json!([1]));
    run_callbacks(&game);
    assert_eq!(game.pending_signals(ANSWER).len(), 1);
    let before = memory();
    for refused in [CALLS - MAX_ANSWERS, CALLS] {
        let reply = game.command(&json!({ "do": "game", "name": "ask", "args": [CALLS] }));
        assert_eq!(reply.errors.len(), refused);
        for error in &reply.errors {
            assert_eq!(*error, format!("ERROR: {WHAT_WAITS}"));
            game.expect_error(error);
        }
        let grown = memory() - before;
        assert!(grown < GROWTH, "{grown}");
    }
    run_callbacks(&game);
    assert_eq!(game.pending_signals(ANSWER).len(), MAX_ANSWERS);
    // Then there is room again.
    game.steam(ASK, json!(["level 1"]));
    run_callbacks(&game);
    assert_eq!(game.pending_signals(ANSWER).len(), 1);
    game.finish();
}
