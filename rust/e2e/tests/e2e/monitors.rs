//! What the network does is among the monitors that Godot's debugger draws.

use samovar_e2e::{APP_ID, DEADLINE, Game, Scenario};
use serde_json::{Value, json};

use crate::common::{P2P_RELIABLE, p2p, until};

const NAMES: [&str; 7] = [
    "bytes_in_per_second",
    "bytes_out_per_second",
    "keeps_directory",
    "loss_percent",
    "peers",
    "round_trip_ms",
    "sessions",
];

fn start(scenario: &Scenario, name: &str) -> Game {
    scenario
        .launch(name)
        .scene("res://tests/games/monitors.gd")
        .start()
}

fn values(game: &Game) -> Value {
    game.game("values", json!([]))
}

fn number(values: &Value, name: &str) -> f64 {
    values[name].as_f64().unwrap_or(-1.0)
}

#[test]
fn the_monitors_are_there_while_steam_runs_and_show_what_the_network_does() {
    let scenario = Scenario::new("monitors");
    let ann = start(&scenario, "ann");
    let bob = start(&scenario, "bob");
    assert_eq!(ann.game("names", json!([])), json!([]));
    let ids = [&ann, &bob].map(|game| game.init(APP_ID));
    for game in [&ann, &bob] {
        until("the monitors", DEADLINE, || {
            game.game("names", json!([])) == json!(NAMES)
        });
    }
    until("one of them keeps the directory", DEADLINE, || {
        let keeps = [&ann, &bob].map(|game| number(&values(game), "keeps_directory"));
        keeps.iter().sum::<f64>() == 1.0
    });
    assert_eq!(number(&values(&ann), "peers"), 0.0);

    p2p(&ann, ids[1], "hello", P2P_RELIABLE, 0);
    bob.signal("p2p_session_request");
    bob.steam("acceptP2PSessionWithUser", json!([ids[0]]));
    for game in [&ann, &bob] {
        until("a peer, a session and a round trip", DEADLINE, || {
            let values = values(game);
            number(&values, "peers") == 1.0
                && number(&values, "sessions") == 1.0
                && number(&values, "round_trip_ms") > 0.0
        });
    }

    // They go with Steam, and come again with it.
    ann.game("end", json!([]));
    until("no monitors", DEADLINE, || {
        ann.game("names", json!([])) == json!([])
    });
    assert_eq!(ann.game("start", json!([APP_ID])), true);
    until("the monitors again", DEADLINE, || {
        ann.game("names", json!([])) == json!(NAMES)
    });
    scenario.finish([ann, bob]);
}
