//! An exported game: the pack and the library beside a release template.

use std::fs;
use std::path::Path;
use std::time::Duration;

use samovar_e2e::{APP_ID, Engine, Launch, Scenario, export_template};

use crate::common::{PUBLIC, create_lobby, join_lobby};

const PRESETS: &str = r#"[preset.0]

name="Linux"
platform="Linux"
runnable=true
dedicated_server=false
custom_features=""
export_filter="all_resources"
include_filter=""
exclude_filter=""
export_path="game.pck"
script_export_mode=2

[preset.0.options]

binary_format/embed_pck=false
binary_format/architecture="x86_64"
"#;

/// Exports the scenario's project to `folder/game.pck` and puts the library where an exported
/// game has it: beside the executable.
fn export(scenario: &Scenario, folder: &Path) {
    scenario.project().write("export_presets.cfg", PRESETS);
    scenario.project().forget_import();
    fs::create_dir_all(folder).expect("the scenario's folder takes folders");
    let editor = scenario
        .launch("export")
        .arg("--export-pack")
        .arg("Linux")
        .arg(folder.join("game.pck"))
        .start();
    let status = editor.wait_exit(Duration::from_secs(120));
    assert!(status.success(), "--export-pack ended with {status}");
    editor.check_errors();
    assert!(
        folder.join("game.pck").is_file(),
        "--export-pack wrote no pack"
    );
    let library = &Engine::get().library;
    // The .gdextension's file name for the library, as the export would copy it.
    for installed in installed_libraries(&scenario.project().folder().join("addons/samovar")) {
        let name = installed.file_name().expect("a library has a name");
        fs::copy(library, folder.join(name)).expect("the library can be copied");
    }
}

fn installed_libraries(folder: &Path) -> Vec<std::path::PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).expect("the addon is there").flatten() {
        let path = entry.path();
        if path.is_dir() {
            found.extend(installed_libraries(&path));
        } else if path
            .extension()
            .is_some_and(|end| end == "so" || end == "dll" || end == "dylib")
        {
            found.push(path);
        }
    }
    found
}

fn play(scenario: &Scenario, launch: impl Fn(&str) -> Launch) {
    let ann = launch("ann").start();
    ann.init(APP_ID);
    let lobby = create_lobby(&ann, PUBLIC, 4);
    let bob = launch("bob").start();
    bob.init(APP_ID);
    join_lobby(&bob, lobby);
    scenario.finish([ann, bob]);
}

#[test]
fn an_exported_pack_runs_with_the_release_template() {
    let scenario = Scenario::new("export");
    let folder = scenario.folder().join("exported");
    export(&scenario, &folder);
    let Some(template) = export_template() else {
        samovar_e2e::skipped(
            "the release template",
            "none for this Godot; the editor binary ran the pack",
        );
        let godot = &Engine::get().godot;
        play(&scenario, |name| {
            let args = ["--headless", "--main-pack", "game.pck"];
            scenario
                .launch(name)
                .program(godot, &args)
                .current_dir(&folder)
        });
        return;
    };
    // The export puts the template's executable beside the pack, under the same name.
    let game = folder.join("game");
    if fs::hard_link(&template, &game).is_err() {
        fs::copy(&template, &game).expect("the template can be copied");
    }
    play(&scenario, |name| {
        scenario
            .launch(name)
            .program(&game, &["--headless"])
            .current_dir(&folder)
    });
}
