//! Recent players: who was in a lobby with the user, or whom the game says that it plays with.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::{NO_LOBBY, NOBODY, lobby_of, until};

fn start(scenario: &Scenario, name: &str) -> Game {
    let game = scenario.launch(name).env("SAMOVAR_PROFILE", name).start();
    game.init(APP_ID);
    game
}

fn recent(game: &Game) -> Vec<Value> {
    let players = game.steam("getRecentPlayers", json!([]));
    players.as_array().cloned().unwrap_or_default()
}

#[test]
fn who_was_in_a_lobby_is_a_recent_player() {
    let scenario = Scenario::new("recent_players");
    let ann = start(&scenario, "ann");
    let bob = start(&scenario, "bob");
    assert_eq!(recent(&ann), [] as [Value; 0]);
    let (_, ids) = lobby_of(&[&ann, &bob], 2);
    let bobs_name = bob.steam("getPersonaName", json!([]));
    until("Bob", samovar_e2e::DEADLINE, || {
        recent(&ann)
            .first()
            .is_some_and(|player| player["name"] == bobs_name)
    });
    for (game, other) in [(&ann, ids[1]), (&bob, ids[0])] {
        let players = recent(game);
        assert_eq!(players.len(), 1, "{players:?}");
        assert_eq!(
            (&players[0]["id"], &players[0]["status"]),
            (&json!(other), &json!(1))
        );
        assert_eq!(game.int("getCoplayFriendCount", json!([])), 1);
        assert_eq!(game.int("getCoplayFriend", json!([0])), other);
        assert_eq!(
            game.int("getFriendCoplayGame", json!([other])),
            i64::from(APP_ID)
        );
        let time = game.int("getFriendCoplayTime", json!([other]));
        let now = game.int("getServerRealTime", json!([]));
        assert_eq!(players[0]["time"], time);
        assert!((0..60).contains(&(now - time)), "{time}, now {now}");
    }
    scenario.finish([ann, bob]);

    // Bob is remembered, by his name, when he is not there.
    let ann = start(&scenario, "ann");
    let players = recent(&ann);
    assert_eq!(players.len(), 1);
    assert_eq!(players[0]["id"], ids[1]);
    assert_eq!(players[0]["name"], bobs_name);
    assert_eq!(players[0]["status"], 0);
    // The newest comes first.
    ann.steam("setPlayedWith", json!([NOBODY]));
    ann.steam("setPlayedWith", json!([ids[0]]));
    let order = [0, 1].map(|index| ann.int("getCoplayFriend", json!([index])));
    assert_eq!(order, [NOBODY, ids[1]]);
    assert_eq!(ann.int("getCoplayFriendCount", json!([])), 2);
    all_refused(
        &ann,
        &[
            ("setPlayedWith", json!([0]), Value::Null),
            ("setPlayedWith", json!([NO_LOBBY]), Value::Null),
            ("getCoplayFriend", json!([2]), json!(0)),
            ("getCoplayFriend", json!([-1]), json!(0)),
            ("getFriendCoplayTime", json!([0]), json!(0)),
            ("getFriendCoplayGame", json!([-1]), json!(0)),
        ],
    );
    assert_eq!(ann.int("getFriendCoplayTime", json!([NOBODY + 1])), 0);
    ann.finish();
}
