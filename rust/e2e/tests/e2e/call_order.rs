//! Calls about lobbies one after the other, without waiting for their answers.

use samovar_e2e::{APP_ID, DEADLINE, Game, Scenario};
use serde_json::{Value, json};

use crate::common::{
    DOESNT_EXIST, ENTERED, LEFT, PUBLIC, SUCCESS, create_lobby, join_response, members, until,
    wait_change,
};

/// `CHAT_ROOM_ENTER_RESPONSE_ERROR`.
const ERROR: i64 = 5;
/// `RESULT_OK`.
const OK: i64 = 1;
/// How many frames are between two calls: none, fewer than an answer takes, and more.
const FRAMES: [i64; 6] = [0, 1, 2, 3, 5, 20];

fn start(scenario: &Scenario, name: &str) -> (Game, i64) {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/call_order.gd")
        .start();
    let id = game.init(APP_ID);
    (game, id)
}

fn in_turn(game: &Game, calls: &[(&str, Value)], frames: i64) {
    game.game("in_turn", json!([calls, frames]));
    until("all calls", DEADLINE, || game.game("left", json!([])) == 0);
}

/// The next answer to a join of this lobby.
fn response(game: &Game, lobby: i64) -> i64 {
    game.signal_where("lobby_joined", |args| args[0] == lobby)
        .int(3)
}

/// What a game has heard of another user's coming and going since the last time.
fn comings(game: &Game, lobby: i64, who: i64) -> Vec<i64> {
    let heard = game.pending_signals("lobby_chat_update").into_iter();
    heard
        .filter(|signal| signal.args[0] == lobby && signal.args[1] == who)
        .map(|signal| signal.int(3))
        .collect()
}

#[test]
fn who_joins_and_leaves_at_once_is_in_no_lobby_and_who_joins_again_is() {
    let scenario = Scenario::new("call_order_join");
    let ann = scenario.player("ann");
    let (bob, bobs) = start(&scenario, "bob");
    let anns = ann.steam_id();
    let lobby = create_lobby(&ann, PUBLIC, 4);
    let (join, leave) = (
        ("joinLobby", json!([lobby])),
        ("leaveLobby", json!([lobby])),
    );
    for frames in FRAMES {
        in_turn(&bob, &[join.clone(), leave.clone()], frames);
        let told = response(&bob, lobby);
        assert!(
            told == ERROR || frames > 0 && told == SUCCESS,
            "{frames} frames: {told}"
        );
        assert!(members(&bob, lobby).is_empty(), "{frames} frames");
        until("no ghost", DEADLINE, || members(&ann, lobby) == [anns]);

        in_turn(&bob, &[join.clone(), leave.clone(), join.clone()], frames);
        let first = response(&bob, lobby);
        assert!(
            first == ERROR || frames > 0 && first == SUCCESS,
            "{frames} frames: {first}"
        );
        assert_eq!(response(&bob, lobby), SUCCESS, "{frames} frames");
        until("both", DEADLINE, || members(&ann, lobby) == [anns, bobs]);
        assert_eq!(members(&bob, lobby), [anns, bobs], "{frames} frames");
        // The others see somebody who comes and goes, in turn, and who is there at the end. Nothing comes later.
        bob.steam("sendLobbyChatMsg", json!([lobby, "here"]));
        ann.signal_where("lobby_message", |args| args[2] == "here");
        let seen = comings(&ann, lobby, bobs);
        let turns: Vec<i64> = [ENTERED, LEFT]
            .into_iter()
            .cycle()
            .take(seen.len())
            .collect();
        assert_eq!(seen, turns, "{frames} frames");
        assert_eq!(seen.last(), Some(&ENTERED), "{frames} frames");
        bob.steam("leaveLobby", json!([lobby]));
        wait_change(&ann, lobby, bobs, LEFT);
        assert!(bob.pending_signals("lobby_joined").is_empty());
    }
    scenario.finish([ann, bob]);
}

#[test]
fn who_leaves_the_lobby_that_is_just_created_is_in_none() {
    let scenario = Scenario::new("call_order_create");
    let ann = scenario.player("ann");
    let (bob, _) = start(&scenario, "bob");
    let others = create_lobby(&ann, PUBLIC, 4);
    bob.set("leaves_what_it_creates", json!(true));
    for _ in 0..3 {
        bob.steam("createLobby", json!([PUBLIC, 4]));
        let created = bob.signal("lobby_created");
        assert_eq!(created.int(0), OK);
        let lobby = created.int(1);
        // The place is free, also for a lobby of somebody else's.
        assert_eq!(join_response(&bob, others), SUCCESS);
        assert!(members(&bob, lobby).is_empty());
        bob.steam("leaveLobby", json!([others]));
        assert_eq!(join_response(&ann, lobby), DOESNT_EXIST);
        // It has never been in it, for all that it was told.
        let told = bob.all_signals("lobby_joined").into_iter();
        let told: Vec<i64> = told
            .filter(|joined| joined.args[0] == lobby)
            .map(|joined| joined.int(3))
            .collect();
        assert_eq!(told, [ERROR]);
    }
    scenario.finish([ann, bob]);
}
