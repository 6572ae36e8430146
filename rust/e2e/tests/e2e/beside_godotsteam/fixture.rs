//! A project with both addons, and what is done with it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus};
use std::sync::OnceLock;
use std::time::Duration;

use samovar_e2e::{Game, ProjectOptions, Scenario, repository_root};
use serde_json::Value;

pub(crate) const SAMOVAR: &str = "samovar";
pub(crate) const GODOTSTEAM: &str = "godotsteam";
pub(crate) const BOTH: [&str; 2] = [SAMOVAR, GODOTSTEAM];
/// The end of the name of a file that has been put aside.
pub(crate) const ASIDE: &str = ".off";
/// What the stand-in's library needs, by its description.
pub(crate) const DEPENDENCY: &str = "steam_api.so";

/// The game: it tells who answers, and what else is there.
const WHO: &str = r#"extends Node

func _ready() -> void:
	var files := PackedStringArray()
	for folder: String in ["addons/samovar", "addons/samovar/editor", "addons/samovar/overlay", "addons/godotsteam"]:
		if DirAccess.dir_exists_absolute("res://" + folder):
			for file: String in DirAccess.get_files_at("res://" + folder):
				files.append(folder + "/" + file)
	var overlay := false
	if Engine.has_singleton("Samovar"):
		var scene: PackedScene = load("res://addons/samovar/overlay/overlay.tscn")
		var node := scene.instantiate()
		overlay = node.get_script() != null
		node.free()
	var who := {
		"overlay": overlay,
		"version": Steam.get_godotsteam_version(),
		"loaded": GDExtensionManager.get_loaded_extensions().size(),
		"files": files,
	}
	print("TEST who ", JSON.stringify(who))
	get_tree().quit()
"#;

const WHO_SCENE: &str = r#"[gd_scene format=3]

[ext_resource type="Script" path="res://who.gd" id="1"]

[node name="Who" type="Node"]
script = ExtResource("1")
"#;

/// A plug-in that presses the button in the editor's toolbar, and tells what it saw.
pub(crate) const WATCH: &str = r#"@tool
extends EditorPlugin

func _ready() -> void:
	await get_tree().create_timer(0.5).timeout
	var base := EditorInterface.get_base_control()
	var button: Button = base.find_child("SamovarChoice", true, false)
	button.pressed.emit()
	for dialog: ConfirmationDialog in button.find_children("*", "ConfirmationDialog", true, false):
		if dialog.title == "Who answers to Steam":
			print("TEST shown ", JSON.stringify({
				"button": button.text,
				"dialog": dialog.dialog_text,
				"ok": dialog.ok_button_text,
				"refused": dialog.get_ok_button().disabled,
			}))
	get_tree().quit()
"#;

/// A plug-in that does what a pull of somebody else's switch does, and tells who answers then.
pub(crate) const PULL: &str = r#"@tool
extends EditorPlugin

func _ready() -> void:
	get_tree().create_timer(0.5).timeout.connect(_pull)

func _pull() -> void:
	get_tree().create_timer(2.0).timeout.connect(_tell)
	for tag: String in ["samovar", "godotsteam"]:
		var file := "res://addons/%s/%s.gdextension" % [tag, tag]
		if FileAccess.file_exists(file):
			DirAccess.rename_absolute(file, file + ".off")
		else:
			DirAccess.rename_absolute(file + ".off", file)
	EditorInterface.get_resource_filesystem().scan_sources()

func _tell() -> void:
	var version := ""
	if Engine.has_singleton("Steam"):
		version = str(Engine.get_singleton("Steam").call("get_godotsteam_version"))
	print("TEST who ", JSON.stringify({
		"version": version,
		"loaded": GDExtensionManager.get_loaded_extensions().size(),
	}))
	# The editor itself ends badly if it is told to end while it still gathers the help of an extension that it has just
	# loaded (4.6: EditorHelp's deferred call runs after its documents are freed), which takes long on a busy machine.
	get_tree().create_timer(6.0).timeout.connect(get_tree().quit)
"#;

/// GDScript's warnings that the plug-in must not give rise to.
const WARNINGS: &[&str] = &[
    "confusable_local_usage",
    "incompatible_ternary",
    "inference_on_variant",
    "int_as_enum_without_cast",
    "integer_division",
    "narrowing_conversion",
    "shadowed_global_identifier",
    "shadowed_variable",
    "shadowed_variable_base_class",
    "standalone_expression",
    "unassigned_variable",
    "unreachable_code",
    "unsafe_call_argument",
    "unsafe_cast",
    "unsafe_method_access",
    "unsafe_property_access",
    "untyped_declaration",
    "unused_local_constant",
    "unused_parameter",
    "unused_private_class_variable",
    "unused_variable",
];

/// Which class `Steam` a game has found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Answer {
    Samovar,
    StandIn,
}

/// What the stand-in's library is called in the project.
pub(crate) fn stand_in_name() -> &'static str {
    if cfg!(windows) {
        "libgodotsteam.dll"
    } else if cfg!(target_os = "macos") {
        "libgodotsteam.dylib"
    } else {
        "libgodotsteam.so"
    }
}

/// The stand-in's library, built first.
fn stand_in() -> &'static Path {
    static LIBRARY: OnceLock<PathBuf> = OnceLock::new();
    LIBRARY.get_or_init(|| {
        let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
        let built = Command::new(cargo)
            .args(["build", "--quiet", "-p", "samovar-stand-in"])
            .current_dir(repository_root())
            .status();
        assert!(
            built.as_ref().is_ok_and(ExitStatus::success),
            "cargo build -p samovar-stand-in failed: {built:?}"
        );
        // The test binary is target/<profile>/deps/e2e-<hash>.
        let mut target = std::env::current_exe().expect("the running test has a path");
        for _ in 0..3 {
            target.pop();
        }
        let name = stand_in_name().replace("godotsteam", "samovar_stand_in");
        let name = if cfg!(windows) {
            name.trim_start_matches("lib").to_owned()
        } else {
            name
        };
        let library = target.join("debug").join(name);
        assert!(library.is_file(), "cargo built no {}", library.display());
        library
    })
}

/// A project with the plug-in on and both addons in it, as if GodotSteam had just been copied there.
pub(crate) fn both(name: &'static str) -> Scenario {
    both_with(name, &[])
}

/// The same, with settings of its own.
pub(crate) fn both_with(name: &'static str, settings: &[(&str, &str)]) -> Scenario {
    let mut options = ProjectOptions {
        main_scene: Some("res://who.tscn".to_owned()),
        ..ProjectOptions::default()
    }
    .setting(
        "editor_plugins/enabled",
        "PackedStringArray(\"res://addons/samovar/plugin.cfg\")",
    )
    .setting("debug/gdscript/warnings/exclude_addons", "false")
    .setting(
        "debug/gdscript/warnings/directory_rules",
        "{\"res://addons\": 1}",
    );
    for warning in WARNINGS {
        options = options.setting(&format!("debug/gdscript/warnings/{warning}"), "2");
    }
    for (setting, value) in settings {
        options = options.setting(setting, value);
    }
    let scenario = Scenario::with(name, &options);
    let project = scenario.project();
    // Other scripts than the plug-in's need not be that strict.
    fs::remove_dir_all(project.folder().join("tests")).expect("the project has tests");
    project.write("who.gd", WHO);
    project.write("who.tscn", WHO_SCENE);
    // As GodotSteam's: relative paths, and Valve's library beside it.
    let library = stand_in_name();
    let description = format!(
        "[configuration]\n\nentry_symbol = \"godotsteam_init\"\ncompatibility_minimum = \"4.4\"\n\n\
         [libraries]\n\nlinux = \"{library}\"\nwindows = \"{library}\"\nmacos = \"{library}\"\n\n\
         [dependencies]\n\nlinux = {{ \"{DEPENDENCY}\": \"\" }}\nwindows = {{ \"{DEPENDENCY}\": \"\" }}\n\
         macos = {{ \"{DEPENDENCY}\": \"\" }}\n"
    );
    project.write("addons/godotsteam/godotsteam.gdextension", &description);
    project.write(&format!("addons/godotsteam/{DEPENDENCY}"), "Valve's");
    let there = project.folder().join("addons/godotsteam").join(library);
    if fs::hard_link(stand_in(), &there).is_err() {
        fs::copy(stand_in(), &there).expect("the stand-in can be copied");
    }
    scenario
}

/// Runs a script of the project instead of the game.
pub(crate) fn run_script(scenario: &Scenario, script: &str, arguments: &[&str]) -> Game {
    let mut launch = scenario.launch("script").arg("--script").arg(script);
    launch = launch.arg("--");
    for argument in arguments {
        launch = launch.arg(*argument);
    }
    launch.start()
}

/// Switches by the plug-in's command line.
///
/// # Errors
/// What it said if it did not switch.
pub(crate) fn use_addon(scenario: &Scenario, tag: &str) -> Result<(), String> {
    let script = run_script(scenario, "res://addons/samovar/editor/use.gd", &[tag]);
    let status = script.wait_exit(Duration::from_secs(60));
    script.check_errors();
    let lines = script.output().lines();
    let said = lines
        .iter()
        .find_map(|line| line.text.strip_prefix("Samovar: "));
    match (status.success(), said) {
        (true, None) => Ok(()),
        (false, Some(said)) => Err(said.to_owned()),
        (_, said) => panic!("use.gd ended with {status}, and said {said:?}"),
    }
}

/// Switches; it must work.
pub(crate) fn select(scenario: &Scenario, tag: &str) {
    assert_eq!(use_addon(scenario, tag), Ok(()));
    assert_eq!(on_disk(scenario), [tag]);
}

/// Adds a plug-in of the test's to the project.
pub(crate) fn add_plugin(scenario: &Scenario, script: &str) {
    let project = scenario.project();
    project.write("addons/watch/plugin.gd", script);
    let about = "[plugin]\nname=\"Watch\"\ndescription=\"\"\nauthor=\"\"\nversion=\"1\"\nscript=\"plugin.gd\"\n";
    project.write("addons/watch/plugin.cfg", about);
    let settings = fs::read_to_string(project.folder().join("project.godot"))
        .expect("the project has settings");
    let enabled = "PackedStringArray(\"res://addons/samovar/plugin.cfg\"";
    assert!(settings.contains(enabled), "{settings}");
    let also = format!("{enabled}, \"res://addons/watch/plugin.cfg\"");
    project.write("project.godot", &settings.replace(enabled, &also));
}

/// Starts the editor.
pub(crate) fn start_editor(scenario: &Scenario, arguments: &[&str]) -> Game {
    let mut launch = scenario.launch("editor").arg("--editor");
    for argument in arguments {
        launch = launch.arg(*argument);
    }
    launch.start()
}

/// Starts the editor and lets it end by itself. Its status is not looked at: where two extensions have fought about a
/// class, neither ends well.
pub(crate) fn edit(scenario: &Scenario) -> Game {
    let editor = start_editor(scenario, &["--quit"]);
    let _ = editor.wait_exit(Duration::from_secs(120));
    editor
}

/// The addons that Godot would load.
pub(crate) fn on_disk(scenario: &Scenario) -> Vec<&'static str> {
    let is_on = |tag: &&str| {
        let file = format!("addons/{tag}/{tag}.gdextension");
        scenario.project().folder().join(file).is_file()
    };
    BOTH.into_iter().filter(is_on).collect()
}

/// Who answers, by what a game has printed.
pub(crate) fn answer(who: &Value) -> Answer {
    if who["version"] == "stand-in" {
        Answer::StandIn
    } else {
        Answer::Samovar
    }
}

/// Runs the game without an editor; exactly one extension must be loaded.
pub(crate) fn game_answers(scenario: &Scenario) -> Answer {
    let game = scenario.game("game");
    let who = game.event("who").data;
    let status = game.wait_exit(Duration::from_secs(60));
    assert!(status.success(), "the game ended with {status}");
    game.check_errors();
    assert_eq!(who["loaded"], 1);
    answer(&who)
}
