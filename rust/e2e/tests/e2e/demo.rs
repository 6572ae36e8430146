//! The demo project: two headless instances play the tutorial through; a screenshot of two windows.

use std::process::Command;
use std::time::Duration;

use samovar_e2e::{Scenario, repository_root};

#[test]
fn the_demo_plays_by_itself_in_two_instances() {
    let project = repository_root().join("godot-project/project.godot");
    assert!(project.is_file(), "there is no demo project");
    let scenario = Scenario::alone("demo");
    let demo = samovar_e2e::Project::copy_of_demo(&scenario.folder().join("demo"));
    let importer = scenario
        .launch_in("import", demo.folder())
        .arg("--import")
        .start();
    assert!(importer.wait_exit(Duration::from_secs(120)).success());
    importer.check_errors();
    let play = |name: &str, profile: &str, role: &str| {
        scenario
            .launch_in(name, demo.folder())
            .arg("--")
            .arg(format!("--samovar-profile={profile}"))
            .arg(format!("--autoplay={role}"))
            .start()
    };
    let host = play("host", "demo-1", "host");
    let guest = play("guest", "demo-2", "guest");
    for game in [&host, &guest] {
        let status = game.wait_exit(Duration::from_secs(90));
        assert!(status.success(), "{} ended with {status}", game.name());
        game.check_errors();
    }
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
