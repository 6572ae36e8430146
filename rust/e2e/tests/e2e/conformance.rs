//! Every name of the API, held against GodotSteam 4.20 by a script inside Godot.

use std::time::Duration;

use samovar_e2e::Scenario;

use crate::api;

#[test]
fn every_name_argument_default_and_constant_is_godotsteams() {
    let surface = api::surface();
    let scenario = Scenario::new("conformance");
    let older = api::put(&scenario, "older.json", &api::exceptions(&surface));
    let game = scenario
        .launch("conformance")
        .arg("--script")
        .arg("res://tests/conformance.gd")
        .env("SAMOVAR_TEST_API", api::file())
        .env("SAMOVAR_TEST_OLDER", older)
        .start();
    let status = game.wait_exit(Duration::from_secs(60));
    assert_eq!(status.code(), Some(0), "conformance.gd ended with {status}");
    // The script has counted what the file has, and that all of it is there.
    game.line(
        "TOTALS 731 methods, 183 signals, 113 enums with 1675 constants, 112 plain constants, 10 properties",
    );
    game.wait_finished();
}
