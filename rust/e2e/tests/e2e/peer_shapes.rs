//! The class `SteamMultiplayerPeer` as games name and call it, where no connection is needed for the answer.

use samovar_e2e::{APP_ID, Game, Reply, Scenario};
use serde_json::{Value, json};

use crate::common::{NO_LOBBY, NOBODY};

/// `ERR_CANT_CREATE` and `ERR_INVALID_PARAMETER`.
const CANT_CREATE: i64 = 20;
const INVALID_PARAMETER: i64 = 31;

fn start(scenario: &Scenario) -> Game {
    let launch = scenario.launch("ann");
    launch.scene("res://tests/games/peer_shapes.gd").start()
}

/// These errors, and no others.
fn said(reply: &Reply, errors: &[&str]) {
    assert_eq!(reply.errors.len(), errors.len(), "{:?}", reply.errors);
    for (found, wanted) in reply.errors.iter().zip(errors) {
        assert!(
            found.contains("SteamMultiplayerPeer.") && found.contains(wanted),
            "{found}"
        );
    }
}

#[test]
fn every_name_of_the_class_is_the_class() {
    let scenario = Scenario::new("peer_names");
    let game = start(&scenario);
    assert_eq!(game.game("names", json!([])), json!([]));
    assert_eq!(game.game("own", json!([])), json!([true, 5, 0]));
    game.finish();
}

#[test]
fn without_steam_a_peer_cannot_be_opened() {
    let scenario = Scenario::new("peer_without_steam");
    let game = start(&scenario);
    let reply = game.try_game("opening", json!([NOBODY, NO_LOBBY]));
    assert_eq!(reply.value, json!(vec![CANT_CREATE; 20]));
    assert_eq!(reply.errors.len(), 20);
    for error in &reply.errors {
        let wanted = "class not found, Steam may not be initialized: SteamMultiplayerPeer.";
        assert!(error.contains(wanted), "{error}");
    }
    game.finish();
}

#[test]
fn a_peer_that_is_not_open_keeps_what_is_set_and_has_nothing_else() {
    let scenario = Scenario::new("peer_closed");
    let game = start(&scenario);
    game.init(APP_ID);
    assert_eq!(
        game.game("closed", json!([])),
        json!({
            "no_delay": true,
            "no_nagle": true,
            "server_relay": [true, true, true],
            "debug_level": 1,
            "mode": 0,
            "channel": 3,
            "refuse": true,
            "configured": 1,
            "kept": {"1": 2},
            "options": {},
            "status": 0,
            "packets": 0,
            "packet": 0,
            "put": 3,
            "no_peer": true,
            "ids": [0, 0, 0],
            "info": {},
            "map": {},
            "lobby": [0, 0, []],
            "listen_socket": 0,
            "debug": true,
        })
    );
    assert_eq!(
        game.game("packet_peer", json!([])),
        json!([true, true, 0, 0, 2])
    );
    game.finish();
}

#[test]
fn a_wrong_argument_is_an_error_that_names_the_call_and_the_value() {
    let scenario = Scenario::new("peer_wrong");
    let game = start(&scenario);
    game.init(APP_ID);
    let id = game.steam_id();
    let wrong: [(&str, Value, Value, &str); 14] = [
        (
            "create_host",
            json!([-1]),
            json!(INVALID_PARAMETER),
            "create_host: virtual_port -1",
        ),
        (
            "create_host",
            json!(["x"]),
            json!(INVALID_PARAMETER),
            "create_host: argument 1, virtual_port",
        ),
        (
            "create_host",
            json!([0, 5]),
            json!(INVALID_PARAMETER),
            "create_host: options has to be",
        ),
        (
            "create_host",
            json!([0, [], 1]),
            json!(INVALID_PARAMETER),
            "create_host: called with 3",
        ),
        (
            "create_client",
            json!([]),
            json!(INVALID_PARAMETER),
            "create_client: called with 0",
        ),
        (
            "create_client",
            json!([7]),
            json!(INVALID_PARAMETER),
            "create_client: 7 is not a user",
        ),
        (
            "create_client",
            json!([NO_LOBBY]),
            json!(INVALID_PARAMETER),
            "is not a user's Steam ID",
        ),
        (
            "add_peer",
            json!([0]),
            json!(INVALID_PARAMETER),
            "add_peer: 0 is not a user",
        ),
        (
            "host_with_lobby",
            json!([id]),
            json!(INVALID_PARAMETER),
            "is not a lobby's ID",
        ),
        (
            "create_lobby",
            json!([9]),
            json!(INVALID_PARAMETER),
            "create_lobby: 9 is not",
        ),
        (
            "create_lobby",
            json!([2, 251]),
            json!(INVALID_PARAMETER),
            "create_lobby: max_players 251",
        ),
        (
            "set_debug_level",
            json!([3]),
            Value::Null,
            "set_debug_level: 3",
        ),
        (
            "set_config",
            json!([0, 1]),
            Value::Null,
            "set_config: 0 is no",
        ),
        (
            "get_peer_id_for_steam_id",
            json!([NO_LOBBY]),
            json!(0),
            "get_peer_id_for_steam_id: ",
        ),
    ];
    for (method, arguments, answer, error) in wrong {
        let reply = game.try_game("wrong", json!([method, arguments]));
        assert_eq!(reply.value, answer, "{method} {arguments}");
        said(&reply, &[error]);
    }
    let reply = game.try_game("wrong_transfer", json!([]));
    assert_eq!(reply.value, json!([0, 2]));
    let [channel, mode] = ["transfer_channel: -1", "transfer_mode: 7"];
    said(&reply, &[channel, mode]);
    let reply = game.try_game("in_a_thread", json!([]));
    assert_eq!(reply.value, INVALID_PARAMETER);
    let elsewhere = "poll: signals are emitted on the main thread";
    said(&reply, &[elsewhere, "create_host: virtual_port -1"]);
    game.finish();
}

#[test]
fn a_call_with_anything_is_answered() {
    let scenario = Scenario::new("peer_anything");
    for is_initialised in [false, true] {
        let game = start(&scenario);
        if is_initialised {
            game.init(APP_ID);
        }
        let reply = game.try_game("anything", json!([]));
        assert!(reply.value.as_i64() > Some(4_000), "{}", reply.value);
        for error in &reply.errors {
            assert!(!error.contains("a bug of Samovar"), "{error}");
            assert!(!error.contains("panicked"), "{error}");
        }
        game.finish();
    }
}
