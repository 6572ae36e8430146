//! The order of signals, and what can be read while each is handled (docs/lobbies.md).

use samovar_e2e::{APP_ID, Game, Scenario, Signal};
use serde_json::{Value, json};

use crate::common::{
    ENTERED, KICKED, LEFT, PUBLIC, create_lobby, join_lobby, search_until, wait_change,
};

fn player(scenario: &Scenario, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/in_handlers.gd")
        .start();
    game.init(APP_ID);
    game
}

/// What the game could read at the last signal of that name.
fn seen(game: &Game, signal: &str) -> Value {
    let all = game.get("seen");
    let all = all.as_array().cloned().unwrap_or_default();
    all.into_iter()
        .rev()
        .find(|entry| entry["signal"] == signal)
        .unwrap_or_default()
}

fn lines(signals: &[Signal]) -> Vec<usize> {
    signals.iter().map(|signal| signal.line).collect()
}

#[test]
fn whatever_a_handler_looks_at_is_there() {
    let scenario = Scenario::new("signal_order");
    let ann = player(&scenario, "ann");
    let bob = player(&scenario, "bob");
    let cid = player(&scenario, "cid");
    let [ann_id, bob_id, cid_id] = [&ann, &bob, &cid].map(Game::steam_id);
    let lobby = create_lobby(&ann, PUBLIC, 4);
    ann.steam("setLobbyData", json!([lobby, "name", "tea"]));
    ann.signal("lobby_data_update");

    // The data of what was found needs no other request.
    search_until(&bob, "the lobby", |found| found == [lobby]);
    crate::common::until("its name", samovar_e2e::DEADLINE, || {
        crate::common::search(&bob);
        seen(&bob, "lobby_match_list")["names"] == json!(["tea"])
    });
    // Whoever joins knows everything at lobby_joined, the others at lobby_chat_update.
    let whole = |signal: &str, name: &str, members: &[i64], owner: i64| json!({ "signal": signal, "name": name, "members": members, "owner": owner });
    join_lobby(&bob, lobby);
    assert_eq!(
        seen(&bob, "lobby_joined"),
        whole("lobby_joined", "tea", &[ann_id, bob_id], ann_id)
    );
    wait_change(&ann, lobby, bob_id, ENTERED);
    assert_eq!(
        seen(&ann, "lobby_chat_update"),
        whole("lobby_chat_update", "tea", &[ann_id, bob_id], ann_id)
    );
    join_lobby(&cid, lobby);
    wait_change(&bob, lobby, cid_id, ENTERED);

    // The kicked one hears that it is out of the lobby, and then why; it sees nothing of the lobby any more.
    ann.samovar("kick_lobby_member", json!([lobby, cid_id]));
    let update = cid.signal_where("lobby_chat_update", |args| args[3] == KICKED);
    let kicked = cid.signal("lobby_kicked");
    assert!(update.line < kicked.line);
    for signal in ["lobby_chat_update", "lobby_kicked"] {
        let members = &seen(&cid, signal)["members"];
        assert_eq!(*members, json!([]), "{signal}");
    }
    wait_change(&bob, lobby, cid_id, KICKED);

    // When the owner has left, the next one owns the lobby at the signal.
    ann.steam("leaveLobby", json!([lobby]));
    wait_change(&bob, lobby, ann_id, LEFT);
    assert_eq!(
        seen(&bob, "lobby_chat_update"),
        whole("lobby_chat_update", "tea", &[bob_id], bob_id)
    );
    scenario.finish([ann, bob, cid]);
}

#[test]
fn data_set_in_one_frame_arrives_as_one_change() {
    let scenario = Scenario::new("data_together");
    let ann = player(&scenario, "ann");
    let bob = player(&scenario, "bob");
    let (lobby, ids) = crate::common::lobby_of(&[&ann, &bob], 4);
    ann.game("set_all", json!([lobby, 50]));
    ann.steam("sendLobbyChatMsg", json!([lobby, "done"]));
    for game in [&ann, &bob] {
        let said = game.signal("lobby_message");
        let updates = game.pending_signals("lobby_data_update");
        let whose: Vec<&Value> = updates.iter().map(|update| &update.args[2]).collect();
        // What is set within 5 ms goes together. On a busy machine the game may be paused in the middle of its 100 calls, and
        // then there are two batches; a pause of that length in each of four places is not to be expected.
        assert!(whose.len() <= 8, "{}: {whose:?}", game.name());
        let both = [json!(lobby), json!(ids[0])];
        assert!(whose.iter().all(|one| both.contains(one)));
        assert!(both.iter().all(|one| whose.contains(&one)));
        assert!(lines(&updates).iter().all(|line| *line < said.line));
        for number in [0, 49] {
            let key = format!("key {number}");
            let mine = format!("mine {number}");
            assert_eq!(
                game.steam("getLobbyData", json!([lobby, key])),
                json!("value")
            );
            assert_eq!(
                game.steam("getLobbyMemberData", json!([lobby, ids[0], mine])),
                json!("value")
            );
        }
    }
    // The same values again are no change, and nothing is sent.
    ann.game("set_all", json!([lobby, 50]));
    ann.steam("sendLobbyChatMsg", json!([lobby, "done again"]));
    for game in [&ann, &bob] {
        game.signal("lobby_message");
        assert!(game.pending_signals("lobby_data_update").is_empty());
    }
    scenario.finish([ann, bob]);
}

#[test]
fn a_game_server_is_announced_to_every_member() {
    let scenario = Scenario::new("game_server");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (lobby, ids) = crate::common::lobby_of(&[&ann, &bob], 4);
    ann.steam(
        "setLobbyGameServer",
        json!([lobby, "192.0.2.7", 27015, ids[0]]),
    );
    for game in [&ann, &bob] {
        let announced = game.signal("lobby_game_created");
        assert_eq!(
            announced.args,
            [
                json!(lobby),
                json!(ids[0]),
                json!("192.0.2.7"),
                json!(27015)
            ]
        );
        assert_eq!(
            game.steam("getLobbyGameServer", json!([lobby])),
            json!({ "ret": true, "ip": "192.0.2.7", "port": 27015, "id": ids[0] })
        );
    }
    scenario.finish([ann, bob]);
}
