//! `+connect_lobby <id>`: how Steam starts a game whose invitation was accepted.

use samovar_e2e::{ProjectOptions, Scenario};
use serde_json::json;

use crate::common::{ENTERED, PUBLIC, create_lobby, wait_change};
use crate::demo;

#[test]
fn the_tutorial_joins_the_lobby_of_its_command_line() {
    let scenario = Scenario::new("connect_lobby");
    let ann = scenario.player("ann");
    let lobby = create_lobby(&ann, PUBLIC, 4);
    let bob = scenario
        .launch("bob")
        .scene("res://tests/seeds/lobbies_and_p2p.tscn")
        .without_callbacks()
        .arg("+connect_lobby")
        .arg(lobby.to_string())
        .start();
    bob.line(&format!("CMD Line Lobby ID: {lobby}"));
    let joined = bob.signal("lobby_joined");
    assert_eq!(
        joined.args,
        [json!(lobby), json!(0), json!(false), json!(1)]
    );
    let bob_id = bob.steam_id();
    wait_change(&ann, lobby, bob_id, ENTERED);
    scenario.finish([ann, bob]);
}

#[test]
fn the_demo_says_that_it_is_no_lobby_and_goes_on() {
    let scenario = Scenario::alone("connect_no_lobby");
    let demo = demo::imported(&scenario);
    let host = demo::play(&scenario, &demo, "host", &[]);
    let guest = demo::play(&scenario, &demo, "guest", &["+connect_lobby", "123"]);
    guest.expect_error("joinLobby: 123 is not a lobby's ID");
    guest.line("DEMO error: ");
    demo::all_played([host, guest]);
}

#[test]
fn the_arguments_reach_the_script_unchanged() {
    let options = ProjectOptions::default();
    let scenario = Scenario::with("arguments", &options);
    let game = scenario
        .launch("ann")
        .arg("+connect_lobby")
        .arg("109775240917155")
        .arg("--samovar-profile=from-engine")
        .arg("--")
        .arg("--mine")
        .start();
    let ready = game.event("ready");
    assert_eq!(
        ready.data["args"],
        json!([
            "+connect_lobby",
            "109775240917155",
            "--samovar-profile=from-engine"
        ])
    );
    assert_eq!(ready.data["user_args"], json!(["--mine"]));
    game.finish();
}
