//! The GDScript in README.md is what a newcomer copies: it runs as it is there.

use std::time::{Duration, Instant};

use samovar_e2e::{DEADLINE, Game, ProjectOptions, Scenario, patience};
use serde_json::json;

const README: &str = include_str!("../../../../README.md");
/// How often two games are started at the same moment.
const ROUNDS: usize = 4;
/// What one of two games takes from its start to the greeting at most.
const MEETING: Duration = Duration::from_secs(30);

/// The code blocks of the language, in their order.
fn gdscript(text: &str) -> Vec<&str> {
    text.split("```gdscript\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(code, _)| code))
        .collect()
}

fn has_printed(game: &Game, text: &str) -> bool {
    game.output()
        .lines()
        .iter()
        .any(|line| line.text.contains(text))
}

#[test]
fn two_games_with_the_readmes_autoload_meet_also_when_they_start_at_the_same_moment() {
    let autoload = gdscript(README)
        .into_iter()
        .find(|code| code.starts_with("extends Node"))
        .expect("README has an autoload");
    let options = ProjectOptions::default().setting("autoload/Lobby", "\"*res://lobby.gd\"");
    let scenario = Scenario::alone_with("readme_autoload", &options);
    scenario.project().write("lobby.gd", autoload);
    for round in 0..ROUNDS {
        let games = ["ann", "bob"].map(|name| {
            scenario
                .launch(&format!("{name}{round}"))
                .without_callbacks()
                .start()
        });
        let until = Instant::now() + patience(MEETING);
        while !games.iter().any(|game| has_printed(game, ": Hello from ")) {
            assert!(Instant::now() < until, "round {round}: they did not meet");
            std::thread::sleep(Duration::from_millis(10));
        }
        // Both are in one lobby, and there is no other.
        for game in &games {
            let lobby = game.int("getNumLobbyMembers", json!([lobby_of(game)]));
            assert_eq!(lobby, 2, "round {round}");
        }
        assert_eq!(lobby_of(&games[0]), lobby_of(&games[1]));
        scenario.finish(games);
    }
}

#[test]
fn games_with_the_readmes_multiplayer_greet_each_other() {
    let multiplayer = gdscript(README)
        .into_iter()
        .find(|code| code.contains("SteamMultiplayerPeer"))
        .expect("README has a script of Godot's multiplayer");
    let options = ProjectOptions::default().setting("autoload/Play", "\"*res://play.gd\"");
    let scenario = Scenario::with("readme_multiplayer", &options);
    scenario.project().write("play.gd", multiplayer);
    let games = ["ann", "bob", "cat"].map(|name| {
        let game = scenario.launch(name).without_callbacks().start();
        // Who starts later finds the lobby.
        game.signal_where("lobby_joined", |arguments| arguments[3] == 1);
        game
    });
    for game in &games {
        let name = game.steam("getPersonaName", json!([]));
        let greeting = format!("{} is peer ", name.as_str().expect("a name"));
        for other in games.iter().filter(|other| other.pid() != game.pid()) {
            other.wait(&greeting, DEADLINE, |line| {
                line.text.starts_with(&greeting).then_some(())
            });
        }
    }
    scenario.finish(games);
}

/// The last lobby that the game entered.
fn lobby_of(game: &Game) -> i64 {
    let joined = game.all_signals("lobby_joined");
    let last = joined.iter().rfind(|signal| signal.int(3) == 1);
    last.map_or(0, |signal| signal.int(0))
}

#[test]
fn the_readmes_lines_run() {
    let scenario = Scenario::new("readme_lines");
    let mut script = String::from("extends Node\n");
    let mut count = 0;
    for code in gdscript(README)
        .into_iter()
        .filter(|code| !code.starts_with("extends"))
    {
        script += &format!("\n\nfunc lines_{count}() -> void:\n");
        for line in code.lines() {
            script += &format!("\t{line}\n");
        }
        count += 1;
    }
    assert!(count > 0, "README has other lines than the autoload");
    scenario.project().write("lines.gd", &script);
    let game = scenario.launch("ann").scene("res://lines.gd").start();
    game.init(samovar_e2e::APP_ID);
    for number in 0..count {
        game.game(&format!("lines_{number}"), json!([]));
    }
    game.finish();
}

/// What stands between backquotes in the README's section of project settings.
fn settings_named() -> Vec<&'static str> {
    let (_, section) = README.split_once("## Project settings").expect("a section");
    let (_, rest) = section
        .split_once("## A bad network")
        .expect("the next one");
    let (conditions, _) = rest.split_once("`SAMOVAR_LOG").expect("its end");
    let table = &section[..section.len() - rest.len()];
    [table, conditions]
        .into_iter()
        .flat_map(|text| text.split('`').skip(1).step_by(2))
        .collect()
}

#[test]
fn every_setting_is_in_the_readme_and_every_one_there_exists() {
    let scenario = Scenario::new("readme_settings");
    let game = scenario
        .launch("ann")
        .scene("res://tests/games/settings.gd")
        .start();
    let there = game.game("names", json!([]));
    let there: Vec<&str> = there
        .as_array()
        .expect("names")
        .iter()
        .filter_map(serde_json::Value::as_str)
        .collect();
    let named = settings_named();
    // One of several that differ in their last part, or only in the direction, is named by that.
    let is_named = |setting: &&str| {
        let last = setting.rsplit('/').next().unwrap_or(setting);
        let both = last.trim_start_matches("send_");
        let both = both.trim_start_matches("receive_");
        [*setting, last, both]
            .iter()
            .any(|name| named.contains(name))
    };
    let missing: Vec<&&str> = there.iter().filter(|name| !is_named(name)).collect();
    assert!(missing.is_empty(), "not in the README: {missing:?}");
    let is_setting = |name: &&&str| name.starts_with("samovar/") || name.starts_with("steam/");
    let unknown: Vec<&&str> = named
        .iter()
        .filter(is_setting)
        .filter(|name| !name.ends_with(['*', '/']) && !there.contains(name))
        .collect();
    assert!(unknown.is_empty(), "no such setting: {unknown:?}");
    assert!(there.len() > 35, "{there:?}");
    game.finish();
}
