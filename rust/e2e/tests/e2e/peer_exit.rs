//! The engine exits while a game still holds on to multiplayer peers.

use samovar_e2e::{APP_ID, DEADLINE, ProjectOptions, Scenario};
use serde_json::json;

use crate::common::until;

#[test]
fn peers_and_lambdas_on_their_signals_do_no_harm_at_exit() {
    let scenario = Scenario::new("peer_exit");
    let launch = scenario.launch("ann");
    let game = launch.scene("res://tests/games/peer_exit.gd").start();
    game.barrier();
    // Exit code 0, no crash, nothing about leaks or freed objects: `finish` checks it.
    game.finish();
}

#[test]
fn a_game_that_ends_in_the_middle_of_play_is_gone_at_once() {
    // So that nobody is lost by being silent.
    let timeout = "samovar/network/connected_timeout_seconds";
    let options = ProjectOptions::default().setting(timeout, "3600.0");
    let scenario = Scenario::with("peer_exit_playing", &options);
    let start = |name| {
        let launch = scenario.launch(name);
        let game = launch.scene("res://tests/games/peer_exit.gd").start();
        game.init(APP_ID);
        game
    };
    let (host, client) = (start("ann"), start("bob"));
    assert_eq!(host.game("play", json!([true, 0])), 0);
    let user = host.steam_id();
    assert_eq!(client.game("play", json!([false, user])), 0);
    until("they meet", DEADLINE, || {
        host.get("heard") == 1 && client.get("heard") == 1
    });
    // Nobody closes anything.
    host.finish();
    until("the host is gone", DEADLINE, || client.get("ended") == true);
    client.finish();
}
