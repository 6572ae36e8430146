//! Every name of the API, held against GodotSteam 4.20 by a script inside Godot.

use std::time::Duration;

use samovar_e2e::{Scenario, repository_root};

#[test]
fn every_name_argument_default_and_constant_is_godotsteams() {
    let scenario = Scenario::new("conformance");
    let game = scenario
        .launch("conformance")
        .arg("--script")
        .arg("res://tests/conformance.gd")
        .env("SAMOVAR_TEST_API", repository_root().join("rust/godot/api"))
        .start();
    let status = game.wait_exit(Duration::from_secs(60));
    assert_eq!(status.code(), Some(0), "conformance.gd ended with {status}");
    game.wait_finished();
}
