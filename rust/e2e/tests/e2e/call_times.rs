//! How long calls keep a game waiting: printed, and kept in `artefacts/measurements.txt`, by the clock and by what the game's
//! thread worked, which a busy machine does not lengthen. What depends on the machine fails no test, unless a call takes a
//! hundred times what it may.

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
/// A frame of a game with 60 of them a second, in microseconds.
const FRAME_US: i64 = 16_667;
/// What fails: that many times what a call may take.
const GROSSLY: i64 = 100;

/// How many frames an overlay that is open is looked at.
const FRAMES: usize = 30;

fn start(scenario: &Scenario, name: &str) -> Game {
    scenario
        .launch(name)
        .scene("res://tests/games/call_times.gd")
        .start()
}

/// How long something took, in microseconds.
#[derive(Clone, Copy)]
struct Time {
    /// By the clock.
    took_us: i64,
    /// Of which the game's thread was at work.
    worked_us: i64,
}

impl Time {
    fn from(value: &Value) -> Time {
        let part = |index: usize| value[index].as_i64().expect("microseconds");
        Time {
            took_us: part(0),
            worked_us: part(1),
        }
    }
}

impl std::fmt::Display for Time {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let ms = |us: i64| format!("{}.{:03} ms", us / 1000, us % 1000);
        write!(f, "{} ({} of work)", ms(self.took_us), ms(self.worked_us))
    }
}

fn time_of(game: &Game, singleton: &str, method: &str, args: &Value) -> Time {
    Time::from(&game.game("time_of", json!([singleton, method, args])))
}

/// Prints a time beside what it may be.
fn note(what: &str, time: Time, may_be_us: i64) {
    let verdict = if time.took_us > may_be_us {
        "ABOVE"
    } else {
        "below"
    };
    measured(what, &format!("{time}, {verdict} {} ms", may_be_us / 1000));
    assert!(time.took_us < may_be_us * GROSSLY, "{what}: {time}");
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
            // Until the directory has been announced, of which a game hears nothing.
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
        for side in [184, 1024] {
            let time = game.game("time_of_avatar", json!([side]));
            let what = format!("Samovar.set_avatar of {side} x {side} pixels");
            note(&what, Time::from(&time), CALL_US);
        }
    }
    let time = time_of(&game, "Steam", "steamShutdown", &json!([]));
    note("steamShutdown with files to be written", time, SHUTDOWN_US);
    game.finish();
}

#[test]
fn the_overlays_first_frames() {
    let scenario = Scenario::alone("call_times_overlay");
    let game = start(&scenario, "ann");
    game.init(APP_ID);
    for opened in ["the first time", "again"] {
        game.game("longest_frame", json!([]));
        game.barrier();
        let idle = Time::from(&game.game("longest_frame", json!([])));
        measured("the longest frame without the overlay", &idle.to_string());
        let time = time_of(&game, "Steam", "activateGameOverlay", &json!(["Friends"]));
        note(&format!("activateGameOverlay {opened}"), time, CALL_US);
        let _ = game.signal("overlay_toggled");
        for _ in 0..FRAMES {
            game.barrier();
        }
        let longest = Time::from(&game.game("longest_frame", json!([])));
        note(
            &format!("the longest frame, overlay opened {opened}"),
            longest,
            FRAME_US,
        );
        game.game("close_overlay", json!([]));
        let _ = game.signal("overlay_toggled");
        game.barrier();
    }
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
    let mut slow: Vec<(&String, Time, Time)> = times
        .iter()
        .map(|(name, times)| (name, Time::from(&times[0]), Time::from(&times[1])))
        .filter(|(_, first, _)| first.took_us > CALL_US)
        .collect();
    slow.sort_by_key(|(_, first, _)| -first.worked_us);
    let working = slow
        .iter()
        .filter(|(_, first, _)| first.worked_us > CALL_US);
    measured(
        "calls of Steam whose first call takes more than 2 ms",
        &format!(
            "{} of {}, and more than 2 ms of work {}",
            slow.len(),
            times.len(),
            working.count()
        ),
    );
    for (name, first, best) in slow {
        measured(name, &format!("{first} the first time, {best} at best"));
        assert!(best.took_us < CALL_US * GROSSLY, "{name}: {best}");
    }
    game.kill();
}
