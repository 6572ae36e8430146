//! Samovar and GodotSteam in one project: a stand-in for GodotSteam, and the editor plug-in that lets one of them answer.

mod exports;
mod fixture;
mod places;

use std::fs;
use std::time::Duration;

use samovar_e2e::{Game, Scenario};
use serde_json::json;

use fixture::{
    ASIDE, Answer, BOTH, GODOTSTEAM, PULL, SAMOVAR, WATCH, answer, both, edit, game_answers,
    on_disk, run_script, select, use_addon,
};

#[test]
fn a_switch_changes_who_answers() {
    let scenario = both("beside_switch");
    select(&scenario, SAMOVAR);
    assert_eq!(game_answers(&scenario), Answer::Samovar);
    for (tag, answer) in [(GODOTSTEAM, Answer::StandIn), (SAMOVAR, Answer::Samovar)] {
        select(&scenario, tag);
        // Again: there is nothing to do.
        select(&scenario, tag);
        assert_eq!(game_answers(&scenario), answer);
        // The editor loads the right one at once, and finds nothing to do.
        let editor = edit(&scenario);
        editor.check_errors();
        assert!(!warned(&editor, ""), "{tag}");
        assert_eq!(on_disk(&scenario), [tag]);
        assert_eq!(game_answers(&scenario), answer);
    }
}

#[test]
fn godotsteam_is_found_wherever_it_is() {
    let scenario = both("beside_elsewhere");
    select(&scenario, SAMOVAR);
    let addons = scenario.project().folder();
    fs::create_dir_all(addons.join("third_party/steam")).unwrap();
    fs::rename(
        addons.join("addons/godotsteam"),
        addons.join("third_party/steam/plugin"),
    )
    .unwrap();
    // GodotSteam Server has classes of other names, and stays as it is.
    let server = "third_party/steam/server/godotsteam_server.gdextension";
    let text = "[configuration]\n\nentry_symbol = \"godotsteam_server_init\"\n";
    scenario.project().write(server, text);
    assert_eq!(use_addon(&scenario, GODOTSTEAM), Ok(()));
    assert_eq!(game_answers(&scenario), Answer::StandIn);
    assert_eq!(use_addon(&scenario, SAMOVAR), Ok(()));
    assert_eq!(game_answers(&scenario), Answer::Samovar);
    assert!(addons.join(server).is_file());
}

#[test]
fn after_a_checkout_the_command_line_chooses_before_anything_is_imported() {
    let scenario = both("beside_checkout");
    for (tag, answer) in [(GODOTSTEAM, Answer::StandIn), (SAMOVAR, Answer::Samovar)] {
        let project = scenario.project().folder();
        fs::remove_dir_all(project.join(".godot")).unwrap();
        select(&scenario, tag);
        let import = scenario.launch("import").arg("--import").start();
        let status = import.wait_exit(Duration::from_secs(120));
        assert!(status.success(), "--import ended with {status}");
        import.check_errors();
        assert_eq!(game_answers(&scenario), answer);
    }
}

/// Whether the plug-in said something with this in it.
fn warned(editor: &Game, text: &str) -> bool {
    let start = "WARNING: Samovar: ";
    editor
        .output()
        .lines()
        .iter()
        .any(|line| line.text.starts_with(start) && line.text.contains(text))
}

#[test]
fn both_are_warned_about_and_one_is_put_aside() {
    // As it is when GodotSteam has just been copied into a project with Samovar.
    let scenario = both("beside_both");
    assert_eq!(on_disk(&scenario), BOTH);
    let editor = edit(&scenario);
    assert!(warned(&editor, "both be loaded"));
    assert!(warned(&editor, "Samovar goes on, GodotSteam has been"));
    assert_eq!(on_disk(&scenario), [SAMOVAR]);
    assert_eq!(game_answers(&scenario), Answer::Samovar);
    let editor = edit(&scenario);
    editor.check_errors();
    assert!(!warned(&editor, ""));

    // An update of the one that is aside brings its file back.
    let folder = scenario.project().folder().join("addons/godotsteam");
    let name = "godotsteam.gdextension";
    let aside = folder.join(format!("{name}{ASIDE}"));
    fs::copy(&aside, folder.join(name)).unwrap();
    assert!(warned(&edit(&scenario), "GodotSteam has been put aside"));
    assert_eq!(on_disk(&scenario), [SAMOVAR]);
    assert_eq!(game_answers(&scenario), Answer::Samovar);
}

#[test]
fn a_kill_in_the_middle_of_a_switch_leaves_one_that_answers() {
    const CUT_SHORT: &str = r#"extends SceneTree

const Choice := preload("res://addons/samovar/editor/choice.gd")

func _initialize() -> void:
	var arguments := OS.get_cmdline_user_args()
	var choice := Choice.new()
	var wanted := choice.addon(arguments[0])
	var unwanted := choice.addon(choice.other(arguments[0]))
	wanted.turn_on()
	if arguments[1] == "2":
		Choice.ExtensionList.replace(unwanted.path, wanted.path)
	OS.kill(OS.get_process_id())
"#;
    let scenario = both("beside_kill");
    scenario.project().write("cut_short.gd", CUT_SHORT);
    let answers = [
        (SAMOVAR, GODOTSTEAM, Answer::Samovar, Answer::StandIn),
        (GODOTSTEAM, SAMOVAR, Answer::StandIn, Answer::Samovar),
    ];
    for (old, new, before, after) in answers {
        // After one step it is still the old one, after two the new one.
        for (steps, tag, answer) in [("1", old, before), ("2", new, after)] {
            select(&scenario, old);
            let killed = run_script(&scenario, "res://cut_short.gd", &[new, steps]);
            let _ = killed.wait_exit(Duration::from_secs(60));
            assert_eq!(on_disk(&scenario), BOTH);
            assert_eq!(game_answers(&scenario), answer, "{old} to {new}, {steps}");
            assert!(warned(&edit(&scenario), "both be loaded"));
            assert_eq!(on_disk(&scenario), [tag]);
            assert_eq!(game_answers(&scenario), answer, "{old} to {new}, {steps}");
        }
    }
}

#[test]
fn where_none_answers_the_editor_turns_one_on() {
    let scenario = both("beside_none");
    select(&scenario, GODOTSTEAM);
    // Somebody removes GodotSteam while Samovar is aside.
    fs::remove_dir_all(scenario.project().folder().join("addons/godotsteam")).unwrap();
    assert_eq!(on_disk(&scenario), [""; 0]);
    let editor = edit(&scenario);
    assert!(warned(
        &editor,
        "Neither Samovar nor GodotSteam answered to Steam. Samovar does now."
    ));
    assert_eq!(on_disk(&scenario), [SAMOVAR]);
    assert_eq!(game_answers(&scenario), Answer::Samovar);
    edit(&scenario).check_errors();
}

/// A switch is refused with this reason, and changes nothing.
fn refused(scenario: &Scenario, tag: &str, reason: &str) {
    let before = on_disk(scenario);
    let answer = game_answers(scenario);
    let said = use_addon(scenario, tag).expect_err("it was switched");
    assert!(said.contains(reason), "{said}");
    assert_eq!(on_disk(scenario), before);
    assert_eq!(game_answers(scenario), answer);
}

fn set_read_only(path: &std::path::Path, on: bool) {
    let mut permissions = fs::metadata(path).expect("it is there").permissions();
    permissions.set_readonly(on);
    fs::set_permissions(path, permissions).expect("it is ours");
}

#[test]
fn what_cannot_answer_is_refused() {
    let scenario = both("beside_refused");
    let folder = scenario.project().folder().to_owned();
    select(&scenario, SAMOVAR);
    refused(&scenario, "steam", "it is samovar or godotsteam");

    // A file that must not be renamed: the one to turn on, the one to put aside.
    let aside = folder.join("addons/godotsteam/godotsteam.gdextension.off");
    for file in [
        aside.clone(),
        folder.join("addons/samovar/samovar.gdextension"),
    ] {
        set_read_only(&file, true);
        refused(&scenario, GODOTSTEAM, "is read-only");
        set_read_only(&file, false);
    }

    // One that cannot be renamed, which shows in the middle only: it is undone.
    let in_the_way = folder.join("addons/samovar/samovar.gdextension.off/file");
    fs::create_dir_all(in_the_way.parent().unwrap()).unwrap();
    fs::write(&in_the_way, "").unwrap();
    refused(&scenario, GODOTSTEAM, "cannot be renamed");
    fs::remove_dir_all(in_the_way.parent().unwrap()).unwrap();

    // Without the library, or what it needs.
    let library = folder
        .join("addons/godotsteam")
        .join(fixture::stand_in_name());
    fs::rename(&library, folder.join("away")).unwrap();
    refused(&scenario, GODOTSTEAM, "which is missing");
    fs::rename(folder.join("away"), &library).unwrap();
    let needed = folder.join("addons/godotsteam").join(fixture::DEPENDENCY);
    fs::rename(&needed, folder.join("away")).unwrap();
    refused(&scenario, GODOTSTEAM, "which is missing");
    fs::rename(folder.join("away"), &needed).unwrap();

    // Without one for this platform, twice in the project, not in the project.
    let text = fs::read_to_string(&aside).unwrap();
    fs::write(
        &aside,
        "[configuration]\n\nentry_symbol = \"godotsteam_init\"\n",
    )
    .unwrap();
    refused(&scenario, GODOTSTEAM, "no library for this platform");
    fs::write(&aside, text).unwrap();
    let second = folder.join("addons/godotsteam_old");
    fs::create_dir_all(&second).unwrap();
    fs::copy(&aside, second.join("godotsteam.gdextension.off")).unwrap();
    refused(&scenario, GODOTSTEAM, "twice");
    fs::remove_dir_all(&second).unwrap();
    fs::remove_dir_all(folder.join("addons/godotsteam")).unwrap();
    refused(&scenario, GODOTSTEAM, "is not in this project");

    // The other way round.
    let other = both("beside_refused_back");
    select(&other, GODOTSTEAM);
    fs::remove_dir_all(other.project().folder().join("addons/samovar/bin")).unwrap();
    refused(&other, SAMOVAR, "which is missing");
}

#[test]
fn what_is_for_another_godot_is_refused() {
    let scenario = both("beside_version");
    let folder = scenario.project().folder().join("addons/godotsteam");
    let file = folder.join("godotsteam.gdextension");
    let aside = folder.join("godotsteam.gdextension.off");
    select(&scenario, SAMOVAR);
    let text = fs::read_to_string(&aside).unwrap();
    let line = "compatibility_minimum = \"4.4\"\n";
    let with = |lines: &str| text.replace(line, lines);
    for (lines, reason) in [
        ("", "from which Godot on"),
        (
            "compatibility_minimum = \"4.0.9\"\n",
            "GodotSteam is for Godot 4.0.9, before",
        ),
        (
            "compatibility_minimum = \"4.999\"\n",
            "GodotSteam is for Godot 4.999 or later, and this is 4.",
        ),
        (
            "compatibility_minimum = \"4.1\"\ncompatibility_maximum = \"4.4\"\n",
            "GodotSteam is for Godot 4.4 or earlier, and this is 4.",
        ),
    ] {
        fs::write(&aside, with(lines)).unwrap();
        let said = use_addon(&scenario, GODOTSTEAM).expect_err(lines);
        assert!(said.contains(reason), "{said}");
        assert_eq!(on_disk(&scenario), [SAMOVAR]);
    }
    assert_eq!(game_answers(&scenario), Answer::Samovar);

    // A last version without its parts is the last of those.
    fs::write(
        &aside,
        with(&format!("{line}compatibility_maximum = \"4\"\n")),
    )
    .unwrap();
    select(&scenario, GODOTSTEAM);
    assert_eq!(game_answers(&scenario), Answer::StandIn);

    // An update that this Godot is too old for: the editor says so.
    fs::write(&file, with("compatibility_minimum = \"4.999\"\n")).unwrap();
    assert!(warned(&edit(&scenario), "is for Godot 4.999 or later"));
    assert_eq!(on_disk(&scenario), [GODOTSTEAM]);
}

#[test]
fn a_switch_that_is_pulled_while_the_editor_is_open_does_not_end_it() {
    let scenario = both("beside_pulled");
    fixture::add_plugin(&scenario, PULL);
    for (tag, after) in [(SAMOVAR, Answer::StandIn), (GODOTSTEAM, Answer::Samovar)] {
        select(&scenario, tag);
        let editor = fixture::start_editor(&scenario, &[]);
        let who = editor.event("who").data;
        assert_eq!((answer(&who), &who["loaded"]), (after, &json!(1)));
        let status = editor.wait_exit(Duration::from_secs(60));
        assert!(status.success(), "the editor ended with {status}");
        editor.check_errors();
        assert!(!warned(&editor, ""), "{tag}");
        assert_eq!(game_answers(&scenario), after);
    }
}

#[test]
fn the_editor_shows_who_answers() {
    let scenario = both("beside_shown");
    fixture::add_plugin(&scenario, WATCH);
    for (tag, button, dialog, ok) in [
        (
            SAMOVAR,
            "Steam: Samovar",
            "Samovar answers",
            "Use GodotSteam",
        ),
        (
            GODOTSTEAM,
            "Steam: GodotSteam",
            "GodotSteam answers",
            "Use Samovar",
        ),
    ] {
        select(&scenario, tag);
        let editor = fixture::start_editor(&scenario, &["--quit-after", "2000"]);
        let shown = editor.event("shown").data;
        assert_eq!(shown["button"], json!(button));
        let has = |key: &str, text: &str| shown[key].as_str().is_some_and(|it| it.contains(text));
        assert!(has("dialog", dialog) && has("ok", ok), "{shown}");
        assert_eq!(shown["refused"], json!(false));
        let _ = editor.wait_exit(Duration::from_secs(60));
        editor.check_errors();
    }
    // Samovar cannot be switched to, and the dialog says why.
    fs::remove_dir_all(scenario.project().folder().join("addons/samovar/bin")).unwrap();
    let editor = fixture::start_editor(&scenario, &["--quit-after", "2000"]);
    let shown = editor.event("shown").data;
    assert_eq!(shown["refused"], json!(true));
    let dialog = shown["dialog"].as_str().unwrap_or_default();
    assert!(
        dialog.contains("cannot be switched to Samovar"),
        "{dialog:?}"
    );
}

#[test]
fn samovar_steps_aside_where_somebody_else_answers_already() {
    let scenario = both("beside_loaded");
    // Without the plug-in: both are loaded, GodotSteam first.
    scenario.project().write(
        ".godot/extension_list.cfg",
        "res://addons/godotsteam/godotsteam.gdextension\nres://addons/samovar/samovar.gdextension\n",
    );
    let game = scenario.game("game");
    let who = game.event("who").data;
    assert_eq!(answer(&who), Answer::StandIn);
    assert_eq!(who["loaded"], 2);
    let status = game.wait_exit(Duration::from_secs(60));
    assert!(status.success(), "the game ended with {status}");
    game.check_errors();
    let lines = game.output().lines();
    let warnings = lines
        .iter()
        .filter(|line| line.text.contains("Samovar steps aside"));
    assert_eq!(warnings.count(), 1);
}
