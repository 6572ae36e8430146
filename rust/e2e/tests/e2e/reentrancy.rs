//! Handlers that call back into `Steam` from within every signal.

use samovar_e2e::{APP_ID, Scenario};
use serde_json::json;

use crate::common::{
    ENTERED, P2P_RELIABLE, PUBLIC, create_lobby, join_lobby, p2p, say, wait_change,
};

#[test]
fn handlers_call_back_into_steam_from_every_signal() {
    let scenario = Scenario::new("reentrancy");
    let ann = scenario
        .launch("ann")
        .scene("res://tests/games/reentrant.gd")
        .start();
    ann.init(APP_ID);
    let bob = scenario.player("bob");
    bob.auto_accept(true);
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    let lobby = create_lobby(&ann, PUBLIC, 4);
    join_lobby(&bob, lobby);
    wait_change(&ann, lobby, bob_id, ENTERED);
    say(&bob, lobby, "hello");
    ann.signal("lobby_message");
    bob.steam("setLobbyMemberData", json!([lobby, "ready", "1"]));
    ann.signal_where("lobby_data_update", |args| args[2] == bob_id);
    p2p(&bob, ann_id, "hi", P2P_RELIABLE, 0);
    ann.signal("lobby_match_list");
    ann.steam("getPlayerAvatar", json!([2, ann_id]));
    ann.signal("avatar_loaded");
    ann.steam("joinLobby", json!([crate::common::NO_LOBBY]));
    ann.signal_where("lobby_joined", |args| args[3] == 2);
    bob.steam("leaveLobby", json!([lobby]));
    wait_change(&ann, lobby, bob_id, crate::common::LEFT);
    scenario.finish([ann, bob]);
}

#[test]
fn a_handler_shuts_steam_down_and_starts_it_again() {
    let scenario = Scenario::new("reentrant_restart");
    let ann = scenario
        .launch("ann")
        .scene("res://tests/games/reentrant.gd")
        .start();
    ann.init(APP_ID);
    let id = ann.steam_id();
    let _ = create_lobby(&ann, PUBLIC, 4);
    ann.set("mode", json!("restart"));
    ann.steam("createLobby", json!([crate::common::INVISIBLE, 4]));
    crate::common::until(
        "the restart inside a handler",
        samovar_e2e::DEADLINE,
        || ann.get("restarts") == 1,
    );
    // The same profile is free again and taken again; everything works afterwards.
    assert_eq!(ann.steam_id(), id);
    let _ = ann.pending_signals("lobby_created");
    let _ = ann.pending_signals("lobby_joined");
    let _ = create_lobby(&ann, PUBLIC, 4);
    ann.finish();
}

#[test]
fn steam_may_be_shut_down_and_initialised_many_times() {
    let scenario = Scenario::new("init_again");
    let ann = scenario.player("ann");
    let id = ann.steam_id();
    for _ in 0..5 {
        ann.steam("steamShutdown", json!([]));
        ann.steam("steamShutdown", json!([]));
        assert_eq!(ann.bad_steam("getSteamID", json!([])), json!(0));
        assert_eq!(ann.init(APP_ID), id);
        // A second call while it runs changes nothing.
        assert_eq!(ann.steam("steamInit", json!([APP_ID])), json!(true));
        assert_eq!(ann.steam_id(), id);
    }
    let _ = create_lobby(&ann, PUBLIC, 4);
    ann.finish();
}
