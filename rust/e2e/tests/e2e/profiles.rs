//! Profiles: who a process is, today and tomorrow.

use samovar_e2e::{APP_ID, Game, Launch, Scenario};
use serde_json::json;

use crate::common::{PUBLIC, create_lobby, join_lobby, members, search_until};

/// `SteamAPIInitResult`: ok, and the generic failure.
const OK: i64 = 0;

fn start(launch: Launch) -> (Game, i64, String) {
    let game = launch.start();
    let id = game.init(APP_ID);
    let name = game.steam("getPersonaName", json!([]));
    let name = name.as_str().unwrap_or_default().to_owned();
    assert!(!name.is_empty());
    (game, id, name)
}

#[test]
fn a_profile_is_the_same_user_the_next_time() {
    let scenario = Scenario::new("profile_stays");
    let (game, id, name) = start(scenario.launch("ann").env("SAMOVAR_PROFILE", "ann"));
    game.finish();
    // By the environment, as an engine argument and as a user argument.
    let launches = [
        scenario.launch("env").env("SAMOVAR_PROFILE", "ann"),
        scenario.launch("engine").arg("--samovar-profile=ann"),
        scenario
            .launch("user")
            .arg("--")
            .arg("--samovar-profile=ann"),
    ];
    for launch in launches {
        let (game, again, same) = start(launch);
        assert_eq!((again, &same), (id, &name), "{}", game.name());
        game.finish();
    }
    let (other, other_id, other_name) =
        start(scenario.launch("other").env("SAMOVAR_PROFILE", "bob"));
    assert_ne!(other_id, id);
    assert_ne!(other_name, name);
    other.finish();
}

#[test]
fn unnamed_processes_take_the_next_free_profile() {
    let scenario = Scenario::new("profiles_in_turn");
    let (ann, ann_id, _) = start(scenario.launch("ann"));
    let (bob, bob_id, _) = start(scenario.launch("bob"));
    assert_ne!(ann_id, bob_id);
    ann.kill();
    // The lock died with the process: the first profile is the next free one again.
    let (third, third_id, _) = start(scenario.launch("third"));
    assert_eq!(third_id, ann_id);
    scenario.finish([bob, third]);
}

/// Another game than [`APP_ID`]'s.
const OTHER_APP: u32 = APP_ID + 1;

#[test]
fn a_user_plays_two_games_at_once_and_each_hosts_its_lobby() {
    let scenario = Scenario::new("two_games");
    let start = |name: &str, app: u32| {
        let game = scenario.game(name);
        game.init(app);
        game
    };
    let chess = start("chess", APP_ID);
    let racing = start("racing", OTHER_APP);
    assert_eq!(racing.steam_id(), chess.steam_id());
    let boards = create_lobby(&chess, PUBLIC, 4);
    let races = create_lobby(&racing, PUBLIC, 4);
    // Of each game a second process is another user, who finds the lobby of its game.
    let chess_2 = start("chess_2", APP_ID);
    let racing_2 = start("racing_2", OTHER_APP);
    assert_eq!(racing_2.steam_id(), chess_2.steam_id());
    assert_ne!(chess_2.steam_id(), chess.steam_id());
    for (first, second, lobby) in [(&chess, &chess_2, boards), (&racing, &racing_2, races)] {
        let found = search_until(second, "lobby of its game", |found| !found.is_empty());
        assert_eq!(found, [lobby]);
        join_lobby(second, lobby);
        let both = [first.steam_id(), second.steam_id()];
        assert_eq!(members(second, lobby), both);
        assert_eq!(first.steam("loggedOn", json!([])), json!(true));
    }
    // The end of the one game is none of the other's.
    chess.kill();
    racing.barrier();
    assert_eq!(members(&racing, races).len(), 2);
    scenario.finish([racing, chess_2, racing_2]);
}

#[test]
fn favourites_survive_two_games_at_once() {
    let scenario = Scenario::new("two_games_files");
    let start = |app: u32| {
        let game = scenario.game("game");
        game.init(app);
        game
    };
    let count = |game: &Game| {
        let all = game.steam("getFavoriteGames", json!([]));
        all.as_array().map_or(0, Vec::len)
    };
    let (chess, racing) = (start(APP_ID), start(OTHER_APP));
    for port in 1..=5 {
        for game in [&chess, &racing] {
            game.steam("addFavoriteGame", json!(["10.0.0.1", port, port, 1, 1]));
        }
    }
    racing.steam("addFavoriteGame", json!(["10.0.0.2", 1, 1, 1, 1]));
    scenario.finish([chess, racing]);
    let (chess, racing) = (start(APP_ID), start(OTHER_APP));
    assert_eq!((count(&chess), count(&racing)), (5, 6));
    scenario.finish([chess, racing]);
}

#[test]
fn a_profile_in_use_is_refused_with_a_reason() {
    let scenario = Scenario::new("profile_in_use");
    let (ann, _, _) = start(scenario.launch("ann").env("SAMOVAR_PROFILE", "ann"));
    let second = scenario
        .launch("second")
        .env("SAMOVAR_PROFILE", "ann")
        .start();
    let reply = second.try_steam("steamInitEx", json!([APP_ID]));
    assert_ne!(reply.value["status"], OK);
    let verbal = reply.value["verbal"].as_str().unwrap_or_default();
    assert!(
        verbal.contains("ann"),
        "the reason names the profile: {verbal:?}"
    );
    assert!(reply.errors.len() <= 1, "{:?}", reply.errors);
    for error in &reply.errors {
        second.expect_error(error);
    }
    assert_eq!(
        second.steam("get_steam_init_result", json!([])),
        reply.value
    );
    let reply = second.try_steam("steamInit", json!([APP_ID]));
    assert_eq!(reply.value, json!(false));
    for error in &reply.errors {
        second.expect_error(error);
    }
    // When the other one quits, it works.
    ann.finish();
    let reply = second.try_steam("steamInitEx", json!([APP_ID]));
    assert_eq!(reply.value, json!({ "status": OK, "verbal": "" }));
    second.finish();
}

#[test]
fn a_profile_name_that_is_no_file_name_is_refused() {
    let scenario = Scenario::new("profile_name");
    for bad in ["../evil", "a/b", "", "nul\u{7}", &"x".repeat(300)] {
        let game = scenario
            .launch("ann")
            .arg("--")
            .arg(format!("--samovar-profile={bad}"))
            .start();
        let reply = game.try_steam("steamInitEx", json!([APP_ID]));
        let empty = bad.is_empty();
        // An empty name may also mean: none was chosen.
        assert!(
            empty || reply.value["status"] != OK,
            "{bad:?}: {}",
            reply.value
        );
        assert!(
            empty || reply.value["verbal"] != "",
            "{bad:?}: {}",
            reply.value
        );
        for error in &reply.errors {
            game.expect_error(error);
        }
        game.finish();
    }
    assert!(!scenario.folder().join("evil").exists());
}
