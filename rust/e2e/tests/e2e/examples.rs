//! The examples, played as they are: the lobby by two, the arena by three, over Samovar and over ENet.

use std::fs;
use std::time::Duration;

use samovar_e2e::{Game, Project, Scenario, repository_root};

/// A copy of the examples, with what plays them.
fn examples(scenario: &Scenario) -> Project {
    let project = Project::copy_of("examples", &scenario.folder().join("examples"));
    for script in ["arena.gd", "lobby.gd"] {
        let script_path = format!("tests/{script}");
        let from = repository_root()
            .join("godot-project/tests/examples")
            .join(script);
        let text = fs::read_to_string(from).expect("a script that plays an example");
        project.write(&script_path, &text);
    }
    project
}

fn play(
    scenario: &Scenario,
    project: &Project,
    name: &str,
    script: &str,
    arguments: &[&str],
) -> Game {
    let launch = scenario
        .launch_in(name, project.folder())
        .arg("--script")
        .arg(format!("res://tests/{script}"))
        .arg("--");
    let launch = arguments
        .iter()
        .fold(launch, |launch, argument| launch.arg(*argument));
    launch.start()
}

fn all_played(games: Vec<Game>) -> Vec<Game> {
    for game in &games {
        let status = game.wait_exit(Duration::from_secs(90));
        assert!(status.success(), "{} ended with {status}", game.name());
        let lines = game.output().lines();
        assert!(
            lines.iter().any(|line| line.text.starts_with("PLAYED")),
            "{} has not said that it has played",
            game.name()
        );
    }
    games
}

#[test]
fn the_lobby_example_is_under_100_lines_and_two_talk_in_it() {
    let script = repository_root().join("examples/lobby/lobby.gd");
    let lines = fs::read_to_string(script)
        .expect("the example")
        .lines()
        .count();
    assert!(lines <= 100, "{lines} lines");
    let scenario = Scenario::alone("example_lobby");
    let project = examples(&scenario);
    let games = ["host", "join"].map(|role| play(&scenario, &project, role, "lobby.gd", &[role]));
    let played = all_played(games.into());
    played.iter().for_each(Game::check_errors);
}

fn arena(name: &'static str, transport: &str) {
    let scenario = Scenario::alone(name);
    let project = examples(&scenario);
    let games = [("host", "host"), ("one", "join"), ("two", "join")];
    let games =
        games.map(|(name, role)| play(&scenario, &project, name, "arena.gd", &[role, transport]));
    drop(all_played(games.into()));
}

#[test]
fn three_play_the_arena_over_samovar() {
    arena("example_arena", "samovar");
}

#[test]
fn three_play_the_arena_over_enet() {
    arena("example_arena_enet", "enet");
}
