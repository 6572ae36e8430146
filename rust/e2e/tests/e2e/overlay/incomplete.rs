//! A game whose export has left out a part of the overlay.

use std::fs;

use samovar_e2e::Scenario;
use serde_json::json;

use super::{wait_look, watched};

#[test]
fn an_overlay_that_lacks_a_script_leaves_the_game_its_input() {
    let scenario = Scenario::new("overlay_incomplete");
    let window = "addons/samovar/overlay/window.gd";
    fs::remove_file(scenario.project().folder().join(window)).expect("it is there");
    let ann = watched(&scenario, "ann");
    for written in ["abc", "abcabc"] {
        // Godot says it twice.
        ann.expect_error("window.gd");
        ann.expect_error("window.gd");
        ann.game(
            "children_after",
            json!(["activateGameOverlay", ["Friends"]]),
        );
        let after = wait_look(&ann, "no window", |look| look["processing"] == false);
        assert_eq!(after["children"], 0);
        wait_look(&ann, "the focus", |look| look["writing"] == true);
        ann.game("write", json!(["abc"]));
        wait_look(&ann, "the game's text", |look| look["text"] == written);
    }
    ann.finish();
}
