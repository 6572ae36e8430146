//! The friends list: who is there, what they are called and do, and what is told of it.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use crate::common::{
    FRIENDS_ONLY, NOBODY, PRIVATE, PUBLIC, befriend, create_lobby, join_lobby, until,
};

/// `Steam.PersonaState`.
const OFFLINE: i64 = 0;
const ONLINE: i64 = 1;
const BUSY: i64 = 2;

/// `Steam.PersonaChange`.
const NAME: i64 = 1;
const STATUS: i64 = 2;
const GONE_OFFLINE: i64 = 8;
const GAME_PLAYED: i64 = 16;

/// `Steam.FRIEND_FLAG_IMMEDIATE` and `FRIEND_FLAG_ALL`.
const IMMEDIATE: i64 = 4;
const ALL: i64 = 65535;

fn changed(game: &Game, user: i64, flag: i64) {
    game.signal_where("persona_state_change", |args| {
        args[0] == user && args[1].as_i64().is_some_and(|flags| flags & flag != 0)
    });
}

fn friends(game: &Game) -> Vec<i64> {
    let count = game.int("getFriendCount", json!([]));
    (0..count)
        .map(|index| game.int("getFriendByIndex", json!([index, ALL])))
        .collect()
}

#[test]
fn everybody_of_the_app_is_a_friend() {
    let scenario = Scenario::new("friends_list");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let other_app = scenario.launch("other").start();
    other_app.init(APP_ID + 1);
    let ids = befriend(&[&ann, &bob]);
    assert_eq!(friends(&ann), [ids[1]]);
    assert_eq!(friends(&bob), [ids[0]]);
    assert_eq!(friends(&other_app), [0_i64; 0]);
    assert_eq!(ann.int("getFriendCount", json!([IMMEDIATE])), 1);
    assert_eq!(
        ann.int("getFriendCount", json!([1])),
        0,
        "nobody is blocked"
    );
    assert_eq!(ann.int("getFriendByIndex", json!([1, ALL])), 0);
    assert_eq!(ann.int("getFriendByIndex", json!([-1, ALL])), 0);
    for (user, is_friend) in [(ids[1], true), (ids[0], false), (NOBODY, false)] {
        assert_eq!(
            ann.steam("hasFriend", json!([user, IMMEDIATE])),
            json!(is_friend)
        );
        let relation = if is_friend { 3 } else { 0 };
        assert_eq!(ann.int("getFriendRelationship", json!([user])), relation);
    }
    let name = bob.steam("getPersonaName", json!([]));
    assert_eq!(
        ann.steam("getUserSteamFriends", json!([])),
        json!([{ "id": ids[1], "name": name, "status": ONLINE }])
    );
    // Who goes stays in the list, offline.
    bob.finish();
    changed(&ann, ids[1], GONE_OFFLINE);
    assert_eq!(friends(&ann), [ids[1]]);
    assert_eq!(ann.int("getFriendPersonaState", json!([ids[1]])), OFFLINE);
    assert_eq!(ann.steam("getFriendGamePlayed", json!([ids[1]])), json!({}));
    // And comes back as the same.
    let bob = scenario.player("bob");
    assert_eq!(bob.steam_id(), ids[1]);
    changed(&ann, ids[1], 4);
    assert_eq!(friends(&ann), [ids[1]]);
    scenario.finish([ann, bob, other_app]);
}

#[test]
fn name_and_state_can_be_changed_and_the_name_is_kept() {
    let scenario = Scenario::new("personas_change");
    let start = |name: &str| {
        let game = scenario.launch(name).env("SAMOVAR_PROFILE", "zoe").start();
        game.init(APP_ID);
        game
    };
    let ann = scenario.player("ann");
    let zoe = start("zoe");
    let ids = befriend(&[&ann, &zoe]);
    assert_eq!(
        zoe.samovar("set_persona_name", json!(["  Zoë of the Samovar "])),
        json!(true)
    );
    changed(&ann, ids[1], NAME);
    changed(&zoe, ids[1], NAME);
    let name = json!("Zoë of the Samovar");
    assert_eq!(ann.steam("getFriendPersonaName", json!([ids[1]])), name);
    assert_eq!(zoe.steam("getPersonaName", json!([])), name);
    assert_eq!(zoe.samovar("set_persona_state", json!([BUSY])), json!(true));
    changed(&ann, ids[1], STATUS);
    assert_eq!(ann.int("getFriendPersonaState", json!([ids[1]])), BUSY);
    assert_eq!(zoe.int("getPersonaState", json!([])), BUSY);
    // What is no name or no state changes nothing.
    assert_eq!(
        zoe.bad_samovar("set_persona_name", json!([" \n "])),
        json!(false)
    );
    for state in [0, 4, 7, -1] {
        assert_eq!(
            zoe.bad_samovar("set_persona_state", json!([state])),
            json!(false)
        );
    }
    assert_eq!(zoe.steam("getPersonaName", json!([])), name);
    assert_eq!(zoe.samovar("profile_name", json!([])), json!("zoe"));
    zoe.finish();
    let zoe = start("zoe2");
    assert_eq!(zoe.steam("getPersonaName", json!([])), name);
    assert_eq!(zoe.int("getPersonaState", json!([])), ONLINE);
    scenario.finish([ann, zoe]);
}

#[test]
fn friends_see_the_lobby_that_they_can_join() {
    let scenario = Scenario::new("friends_lobby");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let ids = befriend(&[&ann, &bob]);
    let seen = |game: &Game, user: i64| game.steam("getFriendGamePlayed", json!([user]));
    let playing = |lobby: i64| json!({ "id": APP_ID, "ip": "0.0.0.0", "game_port": 0, "query_port": 0, "lobby": lobby });
    let sees = |lobby: i64| {
        until("the lobby shown", samovar_e2e::DEADLINE, || {
            seen(&bob, ids[0]) == playing(lobby)
        });
    };
    assert_eq!(seen(&bob, ids[0]), playing(0));
    let lobby = create_lobby(&ann, PUBLIC, 4);
    changed(&bob, ids[0], GAME_PLAYED);
    assert_eq!(seen(&bob, ids[0]), playing(lobby));
    for (call, hidden, shown) in [
        ("setLobbyJoinable", json!(false), json!(true)),
        ("setLobbyType", json!(PRIVATE), json!(FRIENDS_ONLY)),
    ] {
        ann.steam(call, json!([lobby, hidden]));
        sees(0);
        ann.steam(call, json!([lobby, shown]));
        sees(lobby);
    }
    // A friend's lobby can be joined by its ID, whoever else is in it.
    join_lobby(&bob, lobby);
    assert_eq!(bob.int("getFriendCountFromSource", json!([lobby])), 2);
    assert_eq!(
        bob.int("getFriendFromSourceByIndex", json!([lobby, 0])),
        ids[0]
    );
    assert_eq!(bob.int("getFriendFromSourceByIndex", json!([lobby, 2])), 0);
    for (user, is_in) in [(ids[0], true), (ids[1], true), (NOBODY, false)] {
        assert_eq!(
            bob.steam("isUserInSource", json!([user, lobby])),
            json!(is_in)
        );
    }
    ann.steam("leaveLobby", json!([lobby]));
    sees(0);
    assert_eq!(seen(&bob, NOBODY), Value::Object(serde_json::Map::new()));
    scenario.finish([ann, bob]);
}
