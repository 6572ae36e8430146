//! Objects of the class `Steam` that a script makes itself: each is the one running user, and emits the signals.

use samovar_e2e::{APP_ID, DEADLINE, Game, Scenario};
use serde_json::{Value, json};

use crate::common::{PUBLIC, until};

fn start(scenario: &Scenario) -> Game {
    let launch = scenario.launch("ann");
    launch.scene("res://tests/games/objects.gd").start()
}

#[allow(clippy::needless_pass_by_value)] // call sites read better with json!([..]) inline
fn on(game: &Game, object: &str, method: &str, arguments: Value) -> Value {
    game.game("call_on", json!([object, method, arguments]))
}

/// Waits until everybody has heard of a lobby that was made, and returns who heard, in order.
fn created(game: &Game, objects: usize) -> Vec<Value> {
    let mut heard = Vec::new();
    until("the signals", DEADLINE, || {
        let taken = game.game("take_heard", json!([]));
        heard.extend(taken.as_array().cloned().unwrap_or_default());
        heard.len() >= 2 * objects
    });
    game.signal("lobby_joined");
    heard
}

#[test]
fn an_object_that_a_script_makes_is_the_running_user() {
    let scenario = Scenario::new("objects");
    let game = start(&scenario);
    game.game("make", json!(["first", false]));
    // It starts Steam, for the singleton too, and the other way round.
    assert_eq!(on(&game, "first", "steamInit", json!([APP_ID])), true);
    let id = game.steam_id();
    assert_eq!(on(&game, "first", "getSteamID", json!([])), id);
    game.game("make", json!(["second", true]));
    assert_eq!(on(&game, "second", "getSteamID", json!([])), id);
    assert_eq!(on(&game, "second", "get_current_app_id", json!([])), APP_ID);
    on(&game, "second", "createLobby", json!([PUBLIC, 4]));
    // Each emits each signal once, in the same order; so does the singleton.
    let heard = created(&game, 2);
    assert_eq!(
        heard,
        ["lobby_created", "lobby_joined"]
            .map(|signal| ["first", "second"].map(|one| json!([one, signal])))
            .concat()
    );
    assert_eq!(game.all_signals("lobby_created").len(), 1);
    on(&game, "first", "getPlayerAvatar", json!([]));
    game.signal("avatar_loaded");
    assert_eq!(
        game.game("take_heard", json!([])),
        json!([["first", "avatar_loaded"], ["second", "avatar_loaded"]])
    );
    // What ends with one, ends for all.
    on(&game, "first", "steamShutdown", json!([]));
    assert_eq!(game.bad_steam("getSteamID", json!([])), 0);
    game.init(APP_ID);
    assert_eq!(on(&game, "second", "getSteamID", json!([])), id);
    game.game("free_object", json!(["second"]));
    game.game("free_object", json!(["first"]));
    assert_eq!(game.steam_id(), id);
    game.finish();
}

#[test]
fn objects_may_be_freed_within_a_handler() {
    let scenario = Scenario::new("objects_freed");
    let game = start(&scenario);
    game.init(APP_ID);
    for name in ["first", "second", "third"] {
        game.game("make", json!([name, false]));
    }
    // While the first emits, its handler frees one that has yet to emit. Itself Godot does not let it free.
    game.game("free_when_heard", json!(["first", ["second", "first"]]));
    game.expect_error("Object is locked and can't be freed");
    game.expect_error("Attempted to free a locked object");
    game.steam("createLobby", json!([PUBLIC, 4]));
    until("the signals", DEADLINE, || {
        game.get("heard")
            == json!([
                ["first", "lobby_created"],
                ["third", "lobby_created"],
                ["first", "lobby_joined"],
                ["third", "lobby_joined"]
            ])
    });
    let id = game.steam_id();
    assert_eq!(on(&game, "third", "getSteamID", json!([])), id);
    game.finish();
}
