//! The engine exits while games still hold on to the singleton.

use samovar_e2e::{APP_ID, Scenario};
use serde_json::json;

use crate::common::{PUBLIC, create_lobby};

#[test]
fn a_lambda_left_on_a_signal_does_no_harm_at_exit() {
    let scenario = Scenario::new("lambda_at_exit");
    let game = scenario
        .launch("ann")
        .scene("res://tests/games/lambda.gd")
        .start();
    game.init(APP_ID);
    let _ = create_lobby(&game, PUBLIC, 4);
    // Exit code 0, no crash, nothing about leaks or freed objects: `finish` checks it.
    game.finish();
}

#[test]
fn a_lambda_does_no_harm_without_steam_init() {
    let scenario = Scenario::new("lambda_uninitialised");
    let game = scenario
        .launch("ann")
        .scene("res://tests/games/lambda.gd")
        .start();
    game.barrier();
    game.finish();
}

#[test]
fn quitting_in_the_middle_of_everything_is_clean() {
    let scenario = Scenario::new("quit_busy");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let lobby = create_lobby(&ann, PUBLIC, 4);
    // Both quit with answers, packets and sessions under way.
    bob.steam("joinLobby", json!([lobby]));
    bob.steam("requestLobbyList", json!([]));
    let data = samovar_e2e::bytes(500_000, 1);
    ann.steam("sendP2PPacket", json!([bob.steam_id(), data, 2, 0]));
    scenario.finish([ann, bob]);
}
