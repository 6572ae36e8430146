//! The demo project: two headless instances play the tutorial through; a screenshot of two windows.

use std::process::Command;
use std::time::Duration;

use samovar_e2e::{Game, Project, Scenario, repository_root};

/// A copy of the demo, as an editor leaves it.
pub(crate) fn imported(scenario: &Scenario) -> Project {
    let project = repository_root().join("godot-project/project.godot");
    assert!(project.is_file(), "there is no demo project");
    let demo = Project::copy_of_demo(&scenario.folder().join("demo"));
    let importer = scenario
        .launch_in("import", demo.folder())
        .arg("--import")
        .start();
    assert!(importer.wait_exit(Duration::from_secs(120)).success());
    importer.check_errors();
    demo
}

/// Starts the demo, which plays its part by itself.
pub(crate) fn play(scenario: &Scenario, demo: &Project, part: &str, arguments: &[&str]) -> Game {
    let mut launch = scenario.launch_in(part, demo.folder());
    for argument in arguments {
        launch = launch.arg(*argument);
    }
    launch
        .arg("--")
        .arg(format!("--samovar-profile=demo-{part}"))
        .arg(format!("--autoplay={part}"))
        .start()
}

/// Waits until they have played everything through.
pub(crate) fn all_played(games: [Game; 2]) {
    for game in games {
        let status = game.wait_exit(Duration::from_secs(90));
        assert!(status.success(), "{} ended with {status}", game.name());
        game.check_errors();
    }
}

#[test]
fn the_demo_plays_by_itself_in_two_instances() {
    let scenario = Scenario::alone("demo");
    let demo = imported(&scenario);
    let host = play(&scenario, &demo, "host", &[]);
    let guest = play(&scenario, &demo, "guest", &[]);
    all_played([host, guest]);
}

#[test]
fn the_demo_looks_right_in_a_window() {
    let script = repository_root().join("scripts/screenshot");
    if !script.is_file() {
        samovar_e2e::skipped("screenshot", "there is no scripts/screenshot");
        return;
    }
    let display = Command::new("sh").args(["-c", "command -v Xvfb"]).output();
    if !display.is_ok_and(|output| output.status.success()) {
        samovar_e2e::skipped("screenshot", "there is no Xvfb");
        return;
    }
    let _alone = Scenario::alone("screenshot");
    let output = Command::new(&script)
        .current_dir(repository_root())
        .output();
    let output = output.expect("scripts/screenshot can be run");
    assert!(
        output.status.success(),
        "{}\n{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}
