//! What older versions of GodotSteam called otherwise: the forms of `steamInit`, handlers that take fewer arguments,
//! identities, names that were dropped.

use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario, text_bytes};
use serde_json::{Value, json};

use crate::common::{NOBODY, befriend, until};

const INIT_RETURNS: &str = "samovar/compatibility/steam_init_returns";
const RELIABLE: i64 = 8;

fn init(scenario: &Scenario, method: &str, args: Value) -> Value {
    let game = scenario.launch("ann").start();
    let result = game.steam(method, args);
    assert_ne!(
        game.int("getSteamID", json!([])),
        0,
        "{method} has started Steam"
    );
    assert_eq!(game.int("getAppID", json!([])), i64::from(APP_ID));
    game.finish();
    result
}

#[test]
fn steam_init_takes_every_form_since_4_4() {
    let options = ProjectOptions::default()
        .setting("steam/initialization/app_data/app_id", &APP_ID.to_string());
    let scenario = Scenario::with("older_init", &options);
    let done = json!({ "status": 1, "verbal": "" });
    for (args, result) in [
        // 4.14 and later.
        (json!([]), json!(true)),
        (json!([APP_ID]), json!(true)),
        (json!([APP_ID, true]), json!(true)),
        (json!([0, false]), json!(true)),
        // As JSON has it.
        (json!([480.0]), json!(true)),
        // 4.4 to 4.13.
        (json!([true]), done.clone()),
        (json!([false, APP_ID]), done.clone()),
        (json!([true, APP_ID, true]), done.clone()),
    ] {
        assert_eq!(init(&scenario, "steamInit", args.clone()), result, "{args}");
    }
    let done = json!({ "status": 0, "verbal": "" });
    for args in [
        json!([]),
        json!([APP_ID, true]),
        json!([true]),
        json!([true, APP_ID]),
        json!([false, APP_ID, false]),
    ] {
        assert_eq!(init(&scenario, "steamInitEx", args.clone()), done, "{args}");
    }
}

#[test]
fn steam_init_returns_a_dictionary_where_the_project_wants_it() {
    let options = ProjectOptions::default().setting(INIT_RETURNS, "2");
    let scenario = Scenario::with("older_init_setting", &options);
    let game = scenario.launch("ann").start();
    let refused = game.steam("steamInit", json!([]));
    assert_eq!(
        refused["status"],
        json!(79),
        "there is no app ID: {refused}"
    );
    assert_ne!(refused["verbal"], json!(""));
    assert_eq!(
        game.steam("steamInit", json!([APP_ID])),
        json!({ "status": 1, "verbal": "" })
    );
    game.finish();
}

#[test]
fn what_steam_init_cannot_read_is_an_error_and_loses_nothing() {
    let scenario = Scenario::new("older_init_bad");
    let game = scenario.launch("ann").start();
    for args in [json!([APP_ID, false, true]), json!(["480", false])] {
        game.bad_steam("steamInit", args);
    }
    assert_eq!(game.steam("steamInit", json!([APP_ID])), json!(true));
    game.finish();
}

/// What the handlers of `older_handlers.gd` were called with, whatever the order.
fn calls(game: &Game) -> Vec<Value> {
    let mut calls = game.get("calls").as_array().cloned().unwrap_or_default();
    calls.sort_by_key(Value::to_string);
    calls
}

#[test]
fn a_handler_gets_as_many_arguments_as_its_version_sent() {
    let options =
        ProjectOptions::default().setting("samovar/network/messages_timeout_seconds", "0.5");
    let scenario = Scenario::with("older_handlers", &options);
    let ann = scenario
        .launch("ann")
        .scene("res://tests/games/older_handlers.gd")
        .start();
    ann.init(APP_ID);
    let fail = || {
        ann.steam(
            "sendMessageToUser",
            json!([NOBODY, text_bytes("hi"), RELIABLE, 0]),
        );
        ann.signal("network_messages_session_failed").int(0)
    };
    let reason = fail();
    let state = 5;
    let mut wanted = vec![
        json!(["4.8", reason]),
        json!(["4.20", reason, NOBODY, state, true]),
        json!(["once", reason]),
        json!(["later", reason]),
        json!(["lambda", reason]),
        json!(["await", 4]),
        json!(["rest", reason, 3]),
        json!(["counted", reason]),
    ];
    wanted.sort_by_key(Value::to_string);
    until("the handlers", samovar_e2e::DEADLINE, || {
        calls(&ann) == wanted
    });
    let called = ann.get("calls");
    let order = ["4.8", "4.20", "once", "lambda", "rest", "counted"].map(|name| {
        let calls = called.as_array().expect("an array");
        calls.iter().position(|call| call[0] == name)
    });
    assert!(order.is_sorted(), "in the order of the game: {called}");
    assert_eq!(
        ann.game("connected", json!([])),
        json!([true, true, false, true, true, true, true]),
        "the handlers are connected as the game has connected them"
    );
    // Again, and then no more.
    ann.steam("closeSessionWithUser", json!([NOBODY]));
    let reason = fail();
    until("the handlers again", samovar_e2e::DEADLINE, || {
        calls(&ann).len() == wanted.len() + 6
    });
    let again = calls(&ann).iter().filter(|call| call[0] == "4.8").count();
    assert_eq!(again, 2, "reason {reason}");
    ann.game("disconnect_all", json!([]));
    assert_eq!(
        ann.game("connected", json!([])),
        json!([false, false, false, false, false, false, false])
    );
    ann.finish();
}

#[test]
fn an_identity_stands_for_a_user() {
    let scenario = Scenario::new("older_identities");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let ids = befriend(&[&ann, &bob]);
    bob.auto_accept(true);
    bob.poll_messages(&[3]);
    assert_eq!(ann.steam("addIdentity", json!(["bob"])), json!(true));
    assert_eq!(ann.steam("isIdentityInvalid", json!(["bob"])), json!(true));
    ann.steam("setIdentitySteamID64", json!(["bob", ids[1]]));
    let printed = json!(format!("steamid:{}", ids[1]));
    assert_eq!(ann.steam("toIdentityString", json!(["bob"])), printed);
    assert_eq!(ann.int("getIdentitySteamID64", json!(["bob"])), ids[1]);
    assert_eq!(
        ann.steam("getIdentities", json!([])),
        json!([{ "reference_name": "bob", "steam_id": ids[1], "type": 16 }])
    );
    for (text, user) in [("by name", json!("bob")), ("printed", printed)] {
        let sent = ann.int(
            "sendMessageToUser",
            json!([user, text_bytes(text), RELIABLE, 3]),
        );
        assert_eq!(sent, 1, "{text}");
        bob.event_where("message", |message| {
            message["text"] == text && message["identity"] == ids[0]
        });
    }
    let info = ann.steam("getSessionConnectionInfo", json!(["bob", true, false]));
    assert_eq!(info["identity"], json!(ids[1]));
    ann.steam("clearIdentity", json!(["bob"]));
    assert_eq!(
        ann.bad_steam(
            "sendMessageToUser",
            json!(["bob", text_bytes("x"), RELIABLE, 3])
        ),
        json!(8)
    );
    scenario.finish([ann, bob]);
}

#[test]
fn dropped_names_still_answer() {
    let scenario = Scenario::new("older_names");
    let ann = scenario.player("ann");
    ann.steam("setPersonaName", json!(["Ann of old"]));
    let changed = ann.signal("name_changed");
    assert_eq!(changed.args, [json!(true), json!(true), json!(1)]);
    assert_eq!(ann.steam("getPersonaName", json!([])), json!("Ann of old"));
    assert_eq!(ann.steam("requestCurrentStats", json!([])), json!(false));
    let stats = ann.signal("current_stats_received");
    assert_eq!(stats.args, [json!(APP_ID), json!(2), json!(ann.steam_id())]);
    assert_eq!(ann.int("setLeaderboardDetailsMax", json!([7])), 7);
    assert_eq!(ann.int("get_leaderboard_details_max", json!([])), 7);
    assert_eq!(ann.steam("initFilterText", json!([0])), json!(true));
    assert_eq!(
        ann.int("addFavoriteGame", json!([0x7f00_0001, 1, 2, 1, 0])),
        1
    );
    let favorites = ann.steam("getFavoriteGames", json!([]));
    assert_eq!(favorites[0]["ip"], json!("127.0.0.1"));
    ann.finish();
}

#[test]
fn what_steam_init_returns_is_what_scripts_were_compiled_for() {
    for (setting, no_argument, older) in [
        ("0", "bool", "Dictionary"),
        ("1", "bool", "bool"),
        ("2", "Dictionary", "Dictionary"),
    ] {
        let app_id = APP_ID.to_string();
        let options = ProjectOptions::default()
            .setting("steam/initialization/app_data/app_id", &app_id)
            .setting(INIT_RETURNS, setting);
        let scenario = Scenario::with("older_init_types", &options);
        let game = scenario
            .launch("ann")
            .scene("res://tests/games/older_init.gd")
            .start();
        for (args, result) in [
            (json!([]), no_argument),
            (json!([APP_ID]), no_argument),
            (json!([APP_ID, true]), no_argument),
            (json!([true]), older),
            (json!([true, APP_ID]), older),
        ] {
            let found = game.game("untyped", json!([args]));
            assert_eq!(found, json!([result, true]), "setting {setting}, {args}");
        }
        assert_eq!(game.game("older_untyped", json!([])), json!([older, true]));
        // The setting counts when the extension is loaded.
        for other in [0, 1, 2] {
            let found = game.game("changed_at_run_time", json!([other]));
            assert_eq!(found, json!(format!("{no_argument}false")));
        }
        game.finish();
    }
}
