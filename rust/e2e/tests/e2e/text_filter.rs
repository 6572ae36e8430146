//! Filtered text: the words of the project.

use samovar_e2e::{APP_ID, ProjectOptions, Scenario};
use serde_json::json;

use crate::bad_input::all_refused;

/// `Steam.TextFilteringContext`.
const UNKNOWN: i64 = 0;
const CHAT: i64 = 2;
const NAME: i64 = 3;

#[test]
fn words_are_starred_once_the_filter_is_there() {
    let scenario = Scenario::new("text_filter");
    let game = scenario.player("ann");
    let filter = |context: i64, text: &str| game.steam("filterText", json!([context, 0, text]));
    let text = "Oh SHIT, 狗屎!";
    assert_eq!(filter(CHAT, text), json!(text));
    assert_eq!(game.steam("initFilterText", json!([])), json!(true));
    assert_eq!(filter(CHAT, text), json!("Oh ****, 狗屎!"));
    assert_eq!(filter(NAME, "Shitake"), json!("Shitake"));
    assert_eq!(filter(UNKNOWN, text), json!(text));
    all_refused(
        &game,
        &[
            ("filterText", json!([-1, 0, "x"]), json!("")),
            ("filterText", json!([4, 0, "x"]), json!("")),
        ],
    );
    game.finish();
}

#[test]
fn the_project_chooses_the_words() {
    let words = "PackedStringArray(\"tea\", \"Милк\")";
    let options = ProjectOptions::default().setting("samovar/text_filter/words", words);
    let scenario = Scenario::with("text_filter_words", &options);
    let game = scenario.game("ann");
    game.init(APP_ID);
    game.steam("initFilterText", json!([]));
    let filtered = game.steam("filterText", json!([CHAT, 0, "Tea, милк, shit"]));
    assert_eq!(filtered, json!("***, ****, shit"));
    game.finish();
}
