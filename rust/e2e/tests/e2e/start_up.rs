//! How Steam is initialised: project settings, app IDs, the editor.

use std::time::Duration;

use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario};
use serde_json::json;

use crate::common::{P2P_RELIABLE, PUBLIC, create_lobby, search_until, until};

const ON_STARTUP: &str = "steam/initialization/processes/initialize_on_startup";
const EMBED: &str = "steam/initialization/processes/embed_callbacks";
const APP_ID_SETTING: &str = "steam/initialization/app_data/app_id";

#[test]
fn the_project_settings_initialise_at_start_up() {
    let options = ProjectOptions::default()
        .setting(ON_STARTUP, "true")
        .setting(APP_ID_SETTING, "1234");
    let scenario = Scenario::with("startup_settings", &options);
    let game = scenario.game("ann");
    assert!(game.steam_id() > 0);
    assert_eq!(game.int("getAppID", json!([])), 1234);
    assert_eq!(game.int("get_current_app_id", json!([])), 1234);
    assert_eq!(
        game.steam("get_steam_init_result", json!([])),
        json!({ "status": 0, "verbal": "" })
    );
    let _ = create_lobby(&game, PUBLIC, 4);
    game.finish();
}

#[test]
fn a_start_prints_nothing_of_the_library() {
    let scenario = Scenario::new("startup_quiet");
    let game = scenario.player("ann");
    let lines = game.output().lines();
    let told = lines.iter().filter(|line| line.text.contains("godot-rust"));
    assert_eq!(told.count(), 0);
    // What the game prints is printed, from the start on.
    assert!(
        lines
            .iter()
            .any(|line| line.text.starts_with("Godot Engine"))
    );
    game.finish();
}

#[test]
fn an_autoload_finds_steam_initialised_while_it_is_made() {
    let options = ProjectOptions::default()
        .setting(ON_STARTUP, "true")
        .setting(APP_ID_SETTING, "1234")
        .setting("autoload/Early", "\"*res://tests/games/early.gd\"");
    let scenario = Scenario::with("startup_autoload", &options);
    let game = scenario.game("ann");
    let early = game.event("early").data;
    assert_eq!(early["result"]["status"], json!(0));
    assert_eq!(early["logged_on"], json!(true));
    game.finish();
}

#[test]
fn the_settings_of_older_versions_work_too() {
    let options = ProjectOptions::default()
        .setting("steam/initialization/initialize_on_startup", "true")
        .setting("steam/initialization/app_id", "4321");
    let scenario = Scenario::with("startup_old_settings", &options);
    let game = scenario.game("ann");
    assert_eq!(game.int("getAppID", json!([])), 4321);
    game.finish();
}

#[test]
fn embedded_callbacks_run_headless() {
    let options = ProjectOptions::default()
        .setting(EMBED, "true")
        .setting(APP_ID_SETTING, "480");
    let scenario = Scenario::with("embedded_setting", &options);
    let ann = scenario.launch("ann").without_callbacks().start();
    assert_eq!(ann.steam("steamInit", json!([])), json!(true));
    let _ = create_lobby(&ann, PUBLIC, 4);
    ann.finish();
}

#[test]
fn embedded_callbacks_by_argument() {
    let scenario = Scenario::new("embedded_argument");
    for method in ["steamInit", "steamInitEx"] {
        let ann = scenario.launch("ann").without_callbacks().start();
        ann.steam(method, json!([APP_ID, true]));
        let _ = create_lobby(&ann, PUBLIC, 4);
        ann.finish();
    }
    // Without it nothing is called.
    let ann = scenario.launch("ann").without_callbacks().start();
    ann.steam("steamInit", json!([APP_ID, false]));
    let bob = scenario.player("bob");
    ann.steam("createLobby", json!([PUBLIC, 4]));
    search_until(&bob, "Ann's lobby", |found| found.len() == 1);
    ann.barrier();
    assert!(ann.all_signals("lobby_created").is_empty());
    scenario.finish([ann, bob]);
}

fn app_id(game: &Game, args: serde_json::Value) -> i64 {
    assert_eq!(game.steam("steamInit", args), json!(true));
    let id = game.int("getAppID", json!([]));
    assert_eq!(game.int("get_current_app_id", json!([])), id);
    id
}

#[test]
fn the_app_id_comes_from_the_argument_the_setting_the_environment_or_the_file() {
    let plain = Scenario::new("app_id");
    let game = plain.launch("env").env("SteamAppId", "11").start();
    assert_eq!(app_id(&game, json!([])), 11);
    game.finish();
    let game = plain.launch("game").env("SteamGameId", "12").start();
    assert_eq!(app_id(&game, json!([])), 12);
    game.finish();
    plain.project().write("steam_appid.txt", "13\n");
    let game = plain.game("file");
    assert_eq!(app_id(&game, json!([])), 13);
    game.finish();
    let game = plain.launch("both").env("SteamAppId", "11").start();
    assert_eq!(app_id(&game, json!([])), 11);
    game.finish();
    let game = plain.launch("argument").env("SteamAppId", "11").start();
    assert_eq!(app_id(&game, json!([10])), 10);
    game.finish();
    drop(plain);

    let options = ProjectOptions::default().setting(APP_ID_SETTING, "14");
    let set = Scenario::with("app_id_setting", &options);
    let game = set.launch("setting").env("SteamAppId", "11").start();
    assert_eq!(app_id(&game, json!([])), 14);
    game.finish();
    let game = set.game("argument");
    assert_eq!(app_id(&game, json!([10])), 10);
    game.finish();
}

#[test]
fn the_environments_app_id_may_be_spelt_in_any_way() {
    let scenario = Scenario::new("app_id_spelling");
    for (number, spelling) in ["SteamAppID", "SteamGameID", "STEAMAPPID", "steamgameid"]
        .into_iter()
        .enumerate()
    {
        let expected = 20 + i64::try_from(number).expect("small");
        let game = scenario
            .launch(spelling)
            .env(spelling, expected.to_string())
            .start();
        assert_eq!(app_id(&game, json!([])), expected, "{spelling}");
        game.finish();
    }
    // The usual spelling counts first, and a text that is no app ID not at all.
    let game = scenario
        .launch("both")
        .env("STEAMAPPID", "30")
        .env("SteamAppId", "31")
        .start();
    assert_eq!(app_id(&game, json!([])), 31);
    game.finish();
    let game = scenario
        .launch("neither")
        .env("SteamAppId", "none")
        .env("SteamGameID", "32")
        .start();
    assert_eq!(app_id(&game, json!([])), 32);
    game.finish();
}

#[test]
fn another_app_while_steam_runs_is_said_to_be_none() {
    let scenario = Scenario::new("app_id_again");
    let game = scenario.player("ann");
    for method in ["steamInit", "steamInitEx"] {
        let reply = game.try_steam(method, json!([481]));
        assert_eq!(reply.errors.len(), 1, "{method}: {:?}", reply.errors);
        let error = &reply.errors[0];
        assert!(error.contains("480") && error.contains("481"), "{error}");
        game.expect_error(error);
        assert_eq!(game.int("getAppID", json!([])), 480);
        // The same app, or none, is fine.
        for args in [json!([480]), json!([])] {
            assert!(game.try_steam(method, args).errors.is_empty());
        }
    }
    // After its end another one is started.
    game.steam("steamShutdown", json!([]));
    assert_eq!(app_id(&game, json!([481])), 481);
    game.finish();
}

#[test]
fn apps_do_not_see_one_another() {
    let scenario = Scenario::new("app_scope");
    let start = |name: &str, app: u32| {
        let game = scenario.launch(name).env("SAMOVAR_PROFILE", name).start();
        game.project_setting("samovar/network/p2p_timeout_seconds", json!(2.0));
        game.init(app);
        game
    };
    let ann = start("ann", 480);
    let bob = start("bob", 481);
    let cid = start("cid", 480);
    let lobby = create_lobby(&ann, PUBLIC, 4);
    let other = create_lobby(&bob, PUBLIC, 4);
    assert_eq!(
        search_until(&cid, "Ann's lobby", |found| !found.is_empty()),
        [lobby]
    );
    assert_eq!(
        search_until(&bob, "its own lobby", |found| !found.is_empty()),
        [other]
    );
    assert_eq!(
        crate::common::join_response(&bob, lobby),
        crate::common::DOESNT_EXIST
    );
    // A request does not cross, so it times out; within the app it arrives.
    let ann_id = ann.steam_id();
    crate::common::p2p(&bob, ann_id, "hi", P2P_RELIABLE, 0);
    let failed = bob.signal("p2p_session_connect_fail");
    assert_eq!(failed.args, [json!(ann_id), json!(4)]);
    crate::common::p2p(&cid, ann_id, "hi", P2P_RELIABLE, 0);
    assert_eq!(
        ann.signal("p2p_session_request").args,
        [json!(cid.steam_id())]
    );
    ann.barrier();
    let asked = ann.all_signals("p2p_session_request");
    assert!(
        asked.iter().all(|request| request.int(0) != bob.steam_id()),
        "{asked:?}"
    );
    scenario.finish([ann, bob, cid]);
}

#[test]
fn the_editor_and_the_import_claim_no_profile() {
    let options = ProjectOptions::default()
        .setting(ON_STARTUP, "true")
        .setting(APP_ID_SETTING, "480");
    let scenario = Scenario::with("editor", &options);
    for args in [&["--import"][..], &["--editor", "--quit"]] {
        let mut launch = scenario.launch("editor");
        for arg in args {
            launch = launch.arg(arg);
        }
        let editor = launch.start();
        let status = editor.wait_exit(Duration::from_secs(120));
        assert!(status.success(), "{} ended with {status}", args[0]);
        editor.check_errors();
        let data = scenario.data_dir("");
        let entries = std::fs::read_dir(&data).map_or(0, Iterator::count);
        assert_eq!(entries, 0, "{} wrote to {}", args[0], data.display());
    }
    // The imported project runs as well.
    let game = scenario.game("ann");
    until("the ID", samovar_e2e::DEADLINE, || game.steam_id() > 0);
    game.finish();
}
