//! The project setting `samovar/log/unavailable_calls`: how often a method that is not available says so.

use samovar_e2e::{APP_ID, Game, ProjectOptions, Scenario};
use serde_json::json;

const SETTING: &str = "samovar/log/unavailable_calls";
const METHODS: [&str; 3] = [
    "requestGlobalAchievementPercentages",
    "runFrame",
    "isBroadcasting",
];
const CALLS: usize = 4;
const HINT: &str = "not available without Steam. It answers as if that part of Steam were missing; the project setting \
                    samovar/log/unavailable_calls says how often to tell";

/// Calls each method some times; how many warnings and errors each call printed, by method.
fn said(game: &Game) -> Vec<(Vec<usize>, Vec<usize>)> {
    let of = |method: &&str| {
        let mut warnings = Vec::new();
        let mut errors = Vec::new();
        for _ in 0..CALLS {
            let before = game.output().len();
            let reply = game.try_steam(method, json!([]));
            let warning = format!("WARNING: {method}: {HINT}");
            let lines = game.output().lines();
            let new = lines[before..].iter();
            let printed: Vec<&str> = new
                .map(|line| line.text.as_str())
                .filter(|text| text.starts_with("WARNING: "))
                .collect();
            assert!(printed.iter().all(|text| *text == warning), "{printed:?}");
            warnings.push(printed.len());
            for error in &reply.errors {
                assert_eq!(*error, format!("ERROR: {method}: {HINT}"));
                game.expect_error(error);
            }
            errors.push(reply.errors.len());
        }
        (warnings, errors)
    };
    METHODS.iter().map(of).collect()
}

/// What a game says whose setting is this, and what it says after Steam was started anew.
fn with(name: &'static str, setting: Option<&str>, warnings: [usize; CALLS], errors: usize) {
    let options = ProjectOptions::default();
    let options = match setting {
        Some(value) => options.setting(SETTING, value),
        None => options,
    };
    let scenario = Scenario::with(name, &options);
    let game = scenario.launch("ann").without_callbacks().start();
    // Before steamInit that is what is said, and nothing else.
    for method in METHODS {
        game.bad_steam(method, json!([]));
    }
    game.init(APP_ID);
    let wanted =
        |warnings: [usize; CALLS]| vec![(warnings.to_vec(), vec![errors; CALLS]); METHODS.len()];
    assert_eq!(said(&game), wanted(warnings));
    game.steam("steamShutdown", json!([]));
    game.init(APP_ID);
    // What was said once is not said again.
    let again = if warnings[1] == 0 {
        [0; CALLS]
    } else {
        warnings
    };
    assert_eq!(said(&game), wanted(again));
    game.finish();
}

#[test]
fn a_method_that_is_not_available_says_so_once() {
    with("unavailable_default", None, [1, 0, 0, 0], 0);
    with("unavailable_once", Some("1"), [1, 0, 0, 0], 0);
}

#[test]
fn it_can_be_silent() {
    with("unavailable_silent", Some("0"), [0; CALLS], 0);
}

#[test]
fn it_can_say_so_always() {
    with("unavailable_always", Some("2"), [1; CALLS], 0);
}

#[test]
fn it_can_be_an_error() {
    with("unavailable_error", Some("3"), [0; CALLS], 1);
}

#[test]
fn it_can_be_changed_while_the_game_runs() {
    let scenario = Scenario::new("unavailable_changed");
    let game = scenario.launch("ann").without_callbacks().start();
    game.init(APP_ID);
    let all = |warnings: [usize; CALLS], errors: usize| {
        assert_eq!(
            said(&game),
            vec![(warnings.to_vec(), vec![errors; CALLS]); METHODS.len()]
        );
    };
    game.project_setting(SETTING, json!(0));
    all([0; CALLS], 0);
    game.project_setting(SETTING, json!(3));
    all([0; CALLS], 1);
    game.project_setting(SETTING, json!(2));
    all([1; CALLS], 0);
    game.finish();
}
