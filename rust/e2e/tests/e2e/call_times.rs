//! How long calls keep a game waiting: printed, and kept in `artefacts/measurements.txt`. What depends on the machine fails no
//! test, unless a call takes a hundred times what it may.

use std::time::Duration;

use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario, measured};
use serde_json::{Value, json};

use crate::common::{PUBLIC, create_lobby};

/// What a call may take that is neither `steamInit` nor `steamShutdown`, in microseconds.
const CALL_US: i64 = 2_000;
/// The same for `steamInit`.
const INIT_US: i64 = 50_000;
/// The same for `steamShutdown` where nobody is connected.
const SHUTDOWN_US: i64 = 20_000;
/// What fails: that many times what a call may take.
const GROSSLY: i64 = 100;

fn start(scenario: &Scenario, name: &str) -> Game {
    scenario
        .launch(name)
        .scene("res://tests/games/call_times.gd")
        .start()
}

fn time_of(game: &Game, singleton: &str, method: &str, args: &Value) -> i64 {
    let time = game.game("time_of", json!([singleton, method, args]));
    time.as_i64().expect("microseconds")
}

/// Prints a time, in milliseconds, beside what it may be.
fn note(what: &str, time_us: i64, may_be_us: i64) {
    let verdict = if time_us > may_be_us {
        "ABOVE"
    } else {
        "below"
    };
    measured(
        what,
        &format!(
            "{}.{:03} ms, {verdict} {} ms",
            time_us / 1000,
            time_us % 1000,
            may_be_us / 1000
        ),
    );
    assert!(time_us < may_be_us * GROSSLY, "{what}: {time_us} us");
}

#[test]
fn steams_start_and_end() {
    for lan in [false, true] {
        let options = ProjectOptions::default().setting("samovar/network/lan", &lan.to_string());
        let scenario = Scenario::alone_with("call_times", &options);
        let with = if lan { "with LAN" } else { "without LAN" };
        for (index, start_name) in ["the very first", "a later"].into_iter().enumerate() {
            let game = start(&scenario, &format!("init{index}"));
            let time = time_of(&game, "Steam", "steamInit", &json!([APP_ID]));
            note(
                &format!("steamInit, {start_name} start {with}"),
                time,
                INIT_US,
            );
            let time = time_of(&game, "Steam", "steamShutdown", &json!([]));
            note(&format!("steamShutdown at once {with}"), time, SHUTDOWN_US);
            let time = time_of(&game, "Steam", "steamInit", &json!([APP_ID]));
            note(
                &format!("steamInit again in one process {with}"),
                time,
                INIT_US,
            );
            let _ = create_lobby(&game, PUBLIC, 4);
            // Long enough for the directory to be announced.
            std::thread::sleep(Duration::from_secs(2));
            let time = time_of(&game, "Steam", "steamShutdown", &json!([]));
            note(
                &format!("steamShutdown alone, in a lobby, {with}"),
                time,
                SHUTDOWN_US,
            );
            game.finish();
        }
    }
}

#[test]
fn what_is_kept_in_the_profile() {
    let scenario = Scenario::alone("call_times_profile");
    let game = start(&scenario, "ann");
    game.init(APP_ID);
    for round in 0..3 {
        let name = json!([format!("Ann {round}")]);
        let time = time_of(&game, "Samovar", "set_persona_name", &name);
        note("Samovar.set_persona_name", time, CALL_US);
        let time = game.game("time_of_avatar", json!([]));
        note(
            "Samovar.set_avatar",
            time.as_i64().expect("microseconds"),
            CALL_US,
        );
    }
    let time = time_of(&game, "Steam", "steamShutdown", &json!([]));
    note("steamShutdown with files to be written", time, SHUTDOWN_US);
    game.finish();
}

#[test]
fn every_other_call() {
    let scenario = Scenario::alone("call_times_all");
    let game = start(&scenario, "ann");
    game.init(APP_ID);
    let left_out = ["steamInit", "steamInitEx", "steamShutdown", "run_callbacks"];
    // What is said of calls that have nothing behind them is another test's.
    let reply = game.command(&json!({
        "do": "game", "name": "time_of_every_call", "args": [left_out, 3],
    }));
    let times = reply.value.as_object().expect("times").clone();
    assert!(times.len() > 700, "{}", times.len());
    let time = |times: &Value, index: usize| times[index].as_i64().expect("microseconds");
    let mut slow: Vec<(&String, i64, i64)> = times
        .iter()
        .map(|(name, times)| (name, time(times, 0), time(times, 1)))
        .filter(|(_, first, _)| *first > CALL_US)
        .collect();
    slow.sort_by_key(|(_, _, best)| -best);
    measured(
        "calls of Steam whose first call takes more than 2 ms",
        &format!("{} of {}", slow.len(), times.len()),
    );
    for (name, first, best) in slow {
        measured(
            name,
            &format!("{first} us the first time, {best} us at best"),
        );
        assert!(best < CALL_US * GROSSLY, "{name}: {best} us");
    }
    game.kill();
}
