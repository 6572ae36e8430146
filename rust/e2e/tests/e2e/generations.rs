//! Games of every generation of GodotSteam 4, from 4.4 to 4.20: a script of each compiles as it is, and plays.

use std::time::Duration;

use samovar_e2e::{ProjectOptions, Scenario};

const INIT_RETURNS: &str = "samovar/compatibility/steam_init_returns";
/// `steamInit` returns what the form of the call tells, a `bool`, or a Dictionary.
const BY_FORM: &str = "0";
const BOOL: &str = "1";
const DICTIONARY: &str = "2";

fn plays(name: &'static str, steam_init_returns: &str) {
    let options = ProjectOptions::default().setting(INIT_RETURNS, steam_init_returns);
    let scenario = Scenario::with(name, &options);
    let game = scenario
        .launch(name)
        .arg("--script")
        .arg("res://tests/generations/play.gd")
        .env("SAMOVAR_TEST_GENERATION", name)
        .without_callbacks()
        .start();
    let status = game.wait_exit(Duration::from_secs(60));
    assert_eq!(status.code(), Some(0), "{name} ended with {status}");
    game.wait_finished();
}

#[test]
fn a_game_for_4_4_plays() {
    plays("gen_4_4", DICTIONARY);
}

#[test]
fn a_game_for_4_6_plays_whatever_steam_init_returns() {
    plays("gen_4_6", BY_FORM);
    plays("gen_4_6", BOOL);
    plays("gen_4_6", DICTIONARY);
}

#[test]
fn a_game_for_4_8_plays() {
    plays("gen_4_8", DICTIONARY);
}

#[test]
fn a_game_for_4_11_plays_whatever_steam_init_returns() {
    plays("gen_4_11", BY_FORM);
    plays("gen_4_11", BOOL);
    plays("gen_4_11", DICTIONARY);
}

#[test]
fn a_game_for_4_14_plays() {
    plays("gen_4_14", BY_FORM);
    plays("gen_4_14", BOOL);
}

#[test]
fn a_game_for_4_17_plays() {
    plays("gen_4_17", BY_FORM);
    plays("gen_4_17", BOOL);
}

#[test]
fn a_game_for_4_20_plays() {
    plays("gen_4_20", BY_FORM);
    plays("gen_4_20", BOOL);
}
