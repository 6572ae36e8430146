//! Numbers for the record. They are printed and kept in `artefacts/measurements.txt`; only a gross
//! failure fails the test.

use samovar_e2e::{Game, Scenario, measured};
use serde_json::{Value, json};

use crate::common::{PUBLIC, create_lobby};

/// Round trips measured.
const PINGS: usize = 200;

fn numbers(game: &Game, property: &str) -> Vec<i64> {
    let list = game.get(property);
    let mut list: Vec<i64> = list
        .as_array()
        .cloned()
        .unwrap_or_default()
        .iter()
        .filter_map(Value::as_i64)
        .collect();
    list.sort_unstable();
    list
}

fn percentiles(sorted: &[i64], scale: f64, unit: &str) -> String {
    let at = |percent: usize| {
        let value = sorted[(sorted.len() - 1) * percent / 100];
        #[allow(clippy::cast_precision_loss)] // microseconds of a test
        let value = value as f64 / scale;
        value
    };
    format!(
        "p50 {:.1} {unit}, p95 {:.1} {unit}, max {:.1} {unit}",
        at(50),
        at(95),
        at(100)
    )
}

#[test]
fn a_reliable_packets_round_trip() {
    let scenario = Scenario::alone("measure_ping");
    let start = |name: &str| {
        let game = scenario
            .launch(name)
            .scene("res://tests/games/ping.gd")
            .start();
        game.init(samovar_e2e::APP_ID);
        game.auto_accept(true);
        game
    };
    let ann = start("ann");
    let bob = start("bob");
    // The first packets open the session; they are not what is measured.
    ann.game("start", json!([bob.steam_id(), 10]));
    ann.event("ping_done");
    ann.set("times_us", json!([]));
    ann.set("frames", json!([]));
    ann.game("start", json!([bob.steam_id(), PINGS]));
    ann.event("ping_done");
    let times = numbers(&ann, "times_us");
    let frames = numbers(&ann, "frames");
    assert_eq!((times.len(), frames.len()), (PINGS, PINGS));
    measured(
        "reliable P2P round trip, two headless games at 60 Hz",
        &format!(
            "{}; {}",
            percentiles(&frames, 1.0, "frames"),
            percentiles(&times, 1000.0, "ms")
        ),
    );
    scenario.finish([ann, bob]);
}

#[test]
fn from_process_start_to_lobby_joined() {
    let scenario = Scenario::alone("measure_start");
    let ann = scenario.player("ann");
    let lobby = create_lobby(&ann, PUBLIC, 8);
    let mut best = f64::INFINITY;
    for round in 0..3 {
        let bob = scenario.game(&format!("bob{round}"));
        // Written before the engine has started: run in its first frame.
        bob.send(&json!({ "do": "steam", "name": "steamInit", "args": [480] }));
        bob.send(&json!({ "do": "steam", "name": "joinLobby", "args": [lobby] }));
        let started = samovar_e2e::unix_time() - bob.started().elapsed().as_secs_f64();
        let ready = bob.event("ready").at() - started;
        let joined = bob.signal_where("lobby_joined", |args| args[3] == 1).at - started;
        println!("the script ran after {ready:.3} s, lobby_joined after {joined:.3} s");
        best = best.min(joined);
        measured(
            "process start to lobby_joined, second instance",
            &format!("{joined:.3} s (the script ran after {ready:.3} s)"),
        );
        bob.finish();
    }
    assert!(best < samovar_e2e::DEADLINE.as_secs_f64(), "{best} s");
    ann.finish();
}
