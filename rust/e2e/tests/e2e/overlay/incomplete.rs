//! A game whose export has left out a part of the overlay.

use std::fs;

use samovar_e2e::Scenario;
use serde_json::json;

use super::{toggled, wait_look, watched};

#[test]
fn an_overlay_that_lacks_a_part_leaves_the_game_its_input() {
    // A script that is not there, and one that needs something that is not there.
    // Godot says twice what is wrong, of what does not compile the first time only.
    for (part, errors) in [("window.gd", [2, 2]), ("drawer.tscn", [2, 0])] {
        let scenario = Scenario::new("overlay_incomplete");
        let file = format!("addons/samovar/overlay/{part}");
        fs::remove_file(scenario.project().folder().join(file)).expect("it is there");
        let ann = watched(&scenario, "ann");
        for (errors, written) in errors.into_iter().zip(["abc", "abcabc"]) {
            // At once or a little later.
            for _ in 0..errors {
                ann.expect_error("addons/samovar/overlay");
            }
            let arguments = json!(["activateGameOverlay", ["Friends"]]);
            ann.command(&json!({ "do": "game", "name": "children_after", "args": arguments }));
            toggled(&ann, true, false);
            toggled(&ann, false, false);
            let after = wait_look(&ann, "no window", |look| look["processing"] == false);
            assert_eq!(after["children"], 0);
            wait_look(&ann, "the focus", |look| look["writing"] == true);
            ann.game("write", json!(["abc"]));
            wait_look(&ann, "the game's text", |look| look["text"] == written);
        }
        ann.finish();
    }
}
