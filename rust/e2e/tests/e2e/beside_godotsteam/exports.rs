//! Exports: which of the two goes along.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use samovar_e2e::{Game, Scenario, export_template};
use serde_json::Value;

use super::fixture::{
    Answer, DEPENDENCY, GODOTSTEAM, SAMOVAR, answer, both, on_disk, select, stand_in_name,
};

/// Name, custom features, and what is left out of each preset.
const PRESETS: [(&str, &str, &str); 5] = [
    ("plain", "", ""),
    ("elsewhere", "samovar", ""),
    ("steam", "demo, godotsteam", ""),
    ("two", "samovar,godotsteam", ""),
    ("without", "godotsteam", "addons/*"),
];

fn presets(template: &Path) -> String {
    let machine = match std::env::consts::ARCH {
        "aarch64" => "arm64",
        arch => arch,
    };
    let mut text = String::new();
    for (index, (name, features, excluded)) in PRESETS.iter().enumerate() {
        let _ = write!(
            text,
            "[preset.{index}]\n\nname=\"{name}\"\nplatform=\"Linux\"\nrunnable=true\ndedicated_server=false\n\
             custom_features=\"{features}\"\nexport_filter=\"all_resources\"\ninclude_filter=\"addons/*/{DEPENDENCY}\"\n\
             exclude_filter=\"{excluded}\"\nexport_path=\"game\"\nscript_export_mode=2\n\n\
             [preset.{index}.options]\n\nbinary_format/embed_pck=false\nbinary_format/architecture=\"{machine}\"\n\
             custom_template/release={template:?}\n\n"
        );
    }
    text
}

/// Exports a preset into a folder of its own; the folder, and the editor that did it.
fn export(scenario: &Scenario, preset: &str, how: &str, file: &str) -> (PathBuf, Game, bool) {
    let folder = scenario.folder().join("exported").join(preset);
    // Left by an earlier export, or not there.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("the scenario's folder takes folders");
    let launch = scenario.launch("export").arg(how).arg(preset);
    let editor = launch.arg(folder.join(file)).start();
    let status = editor.wait_exit(Duration::from_secs(120));
    (folder, editor, status.success())
}

/// Starts an exported game and takes what it tells.
fn play(scenario: &Scenario, folder: &Path) -> Value {
    let game = scenario
        .launch("exported")
        .program(&folder.join("game"), &["--headless"])
        .current_dir(folder)
        .start();
    let who = game.event("who").data;
    let status = game.wait_exit(Duration::from_secs(60));
    assert!(status.success(), "the game ended with {status}");
    game.check_errors();
    assert_eq!(who["loaded"], 1);
    who
}

/// What is beside the executable and its pack.
fn libraries(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("the export is there").flatten();
    let mut names: Vec<String> = entries
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .filter(|name| name != "game" && name != "game.pck")
        .collect();
    names.sort();
    names
}

fn check(scenario: &Scenario, preset: &str, wanted: Answer) {
    let (folder, editor, success) = export(scenario, preset, "--export-release", "game");
    assert!(success, "the export of {preset} failed");
    editor.check_errors();
    let who = play(scenario, &folder);
    assert_eq!(answer(&who), wanted, "{preset}");
    let files: Vec<&str> = who["files"]
        .as_array()
        .map(|all| all.iter().filter_map(Value::as_str).collect())
        .unwrap_or_default();
    let has = |part: &str| files.iter().any(|file| file.contains(part));
    // The plug-in is the editor's.
    assert!(!has("plugin.gd") && !has("addons/samovar/editor"));
    let descriptions = files.iter().filter(|file| file.contains(".gdextension"));
    assert_eq!(descriptions.count(), 1, "{files:?}");
    if wanted == Answer::Samovar {
        assert_eq!(libraries(&folder), ["libsamovar_godot.so"]);
        assert_eq!(who["overlay"], true);
        assert!(!has("libgodotsteam") && !has(DEPENDENCY), "{files:?}");
    } else {
        assert_eq!(libraries(&folder), [stand_in_name(), DEPENDENCY]);
        assert!(!has("overlay") && !has("samovar_godot"), "{files:?}");
    }
}

fn fails(scenario: &Scenario, preset: &str, how: &str, reason: &str) {
    let (_, editor, success) = export(scenario, preset, how, "game.pck");
    assert!(!success, "{how} of {preset} succeeded");
    let _ = editor.line(reason);
}

#[test]
fn a_preset_chooses_by_its_feature_tag() {
    if !cfg!(target_os = "linux") {
        samovar_e2e::skipped("exports beside GodotSteam", "the presets are Linux's");
        return;
    }
    let Some(template) = export_template() else {
        samovar_e2e::skipped("exports beside GodotSteam", "no template for this Godot");
        return;
    };
    let scenario = both("beside_export");
    scenario
        .project()
        .write("export_presets.cfg", &presets(&template));
    for (tag, plain) in [(SAMOVAR, Answer::Samovar), (GODOTSTEAM, Answer::StandIn)] {
        select(&scenario, tag);
        check(&scenario, "plain", plain);
        check(&scenario, "elsewhere", Answer::Samovar);
        check(&scenario, "steam", Answer::StandIn);
        // Nothing in the project has changed.
        assert_eq!(on_disk(&scenario), [tag]);
    }
    fails(&scenario, "two", "--export-pack", "both feature tags");
    let reason = "The preset leaves out";
    fails(&scenario, "without", "--export-release", reason);

    // As on a machine that has just cloned the project.
    fs::remove_dir_all(scenario.project().folder().join(".godot")).unwrap();
    let (folder, _, _) = export(&scenario, "elsewhere", "--export-release", "game");
    assert_eq!(answer(&play(&scenario, &folder)), Answer::Samovar);

    select(&scenario, SAMOVAR);
    let aside = "addons/godotsteam/godotsteam.gdextension.off";
    let text = fs::read_to_string(scenario.project().folder().join(aside)).unwrap();
    scenario
        .project()
        .write(aside, &text.replace("\"4.4\"", "\"4.999\""));
    let reason = "is for Godot 4.999 or later";
    fails(&scenario, "steam", "--export-release", reason);
    fs::remove_dir_all(scenario.project().folder().join("addons/godotsteam")).unwrap();
    let reason = "wants GodotSteam, which is not in the project";
    fails(&scenario, "steam", "--export-release", reason);
}
