//! Where GodotSteam's file and Godot's list are looked for, and where not.

use std::fs;
use std::time::Duration;

use samovar_e2e::Scenario;
use serde_json::json;

use super::fixture::{
    Answer, GODOTSTEAM, SAMOVAR, both, both_with, edit, game_answers, on_disk, run_script, select,
    use_addon,
};

#[test]
fn the_list_of_extensions_may_be_in_a_folder_that_is_not_hidden() {
    let setting = "application/config/use_hidden_project_data_directory";
    let scenario = both_with("beside_data_folder", &[(setting, "false")]);
    for (tag, answer) in [(GODOTSTEAM, Answer::StandIn), (SAMOVAR, Answer::Samovar)] {
        select(&scenario, tag);
        assert_eq!(game_answers(&scenario), answer);
    }
    edit(&scenario).check_errors();
    assert_eq!(game_answers(&scenario), Answer::Samovar);
}

/// GodotSteam is not found, and so nothing changes.
fn not_there(scenario: &Scenario) {
    let said = use_addon(scenario, GODOTSTEAM).expect_err("it was switched");
    assert!(said.contains("GodotSteam is not in this project"), "{said}");
    assert_eq!(on_disk(scenario), [SAMOVAR]);
}

#[test]
fn a_project_inside_the_project_is_left_alone() {
    let scenario = both("beside_nested");
    select(&scenario, SAMOVAR);
    let project = scenario.project().folder();
    let inner = project.join("examples/other");
    fs::create_dir_all(inner.join("addons")).unwrap();
    fs::rename(
        project.join("addons/godotsteam"),
        inner.join("addons/godotsteam"),
    )
    .unwrap();
    fs::write(inner.join("project.godot"), "config_version=5\n").unwrap();
    not_there(&scenario);
    let aside = "addons/godotsteam/godotsteam.gdextension.off";
    assert!(inner.join(aside).is_file());
    // Once it is no project of its own, it is part of this one.
    fs::remove_file(inner.join("project.godot")).unwrap();
    assert_eq!(use_addon(&scenario, GODOTSTEAM), Ok(()));
    assert!(!inner.join(aside).is_file());
}

#[cfg(unix)]
#[test]
fn links_to_folders_have_an_end() {
    use std::os::unix::fs::symlink;

    let scenario = both("beside_links");
    select(&scenario, SAMOVAR);
    let project = scenario.project().folder();
    // An addon may be a link.
    let shared = scenario.folder().join("shared");
    let addon = project.join("addons/godotsteam");
    fs::rename(&addon, &shared).unwrap();
    symlink(&shared, &addon).unwrap();
    select(&scenario, GODOTSTEAM);
    assert_eq!(game_answers(&scenario), Answer::StandIn);
    select(&scenario, SAMOVAR);

    // Other links are not followed: in a circle, or to where others' files are.
    fs::remove_file(&addon).unwrap();
    let links = project.join("third_party");
    fs::create_dir(&links).unwrap();
    for (name, to) in [("a", "."), ("b", "."), ("c", "..")] {
        symlink(to, links.join(name)).unwrap();
    }
    symlink(&shared, links.join("shared")).unwrap();
    not_there(&scenario);
    assert!(shared.join("godotsteam.gdextension.off").is_file());
}

/// What the plug-in does whenever files have changed, with files that come and go.
const LOOK: &str = r#"extends SceneTree

const Choice := preload("res://addons/samovar/editor/choice.gd")
const TEXT := "[configuration]\n\nentry_symbol = \"godotsteam_init\"\n"

var _choice := Choice.new()
var _paths := PackedStringArray()

func _initialize() -> void:
	_look()
	_write("res://third_party/old")
	_look()
	_write("res://addons/other", "text")
	_look()
	_write("res://third_party/new")
	DirAccess.remove_absolute("res://third_party/old/godotsteam.gdextension")
	_look()
	DirAccess.rename_absolute("res://third_party/new", "res://addons/third")
	_look()
	DirAccess.remove_absolute("res://addons/third/godotsteam.gdextension")
	_look()
	print("TEST found ", JSON.stringify(_paths))
	quit()

func _look() -> void:
	_choice.refresh(false)
	_paths.append(_choice.addon("godotsteam").path.trim_prefix("res://").get_base_dir())

func _write(folder: String, ending: String = "gdextension") -> void:
	DirAccess.make_dir_recursive_absolute(folder)
	FileAccess.open(folder + "/godotsteam." + ending, FileAccess.WRITE).store_string(TEXT)
"#;

#[test]
fn the_whole_project_is_searched_only_if_something_seems_to_have_changed() {
    let scenario = both("beside_searched");
    select(&scenario, SAMOVAR);
    fs::remove_dir_all(scenario.project().folder().join("addons/godotsteam")).unwrap();
    scenario.project().write("look.gd", LOOK);
    let script = run_script(&scenario, "res://look.gd", &[]);
    let found = script.event("found").data;
    let _ = script.wait_exit(Duration::from_secs(60));
    script.check_errors();
    // Nothing tells that the first one has come, until there is another folder with addons; after that the last one is
    // gone, and another is there.
    assert_eq!(
        found,
        json!([
            "",
            "",
            "third_party/old",
            "third_party/new",
            "addons/third",
            ""
        ])
    );
}
