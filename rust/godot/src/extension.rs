//! What happens when Godot loads the extension, in each frame, and when it ends.

// The entry point is an unsafe trait.
#![allow(unsafe_code)]

mod aside;
mod quiet;

use godot::classes::Engine;
use godot::init::{ExtensionLibrary, InitStage, gdextension};
use godot::obj::Singleton;

use aside::is_aside;
use samovar_steam::{discovery, profile};

use crate::steam::Steam;
use crate::{logging, monitors, multiplayer, objects, settings, shared, surface};

struct Extension;

// SAFETY: the entry symbol is called by the one that `samovar.gdextension` names, and nothing here does more than the trait
// asks.
#[gdextension(entry_symbol = samovar_gdext_init)]
unsafe impl ExtensionLibrary for Extension {
    fn on_stage_init(stage: InitStage) {
        if stage == InitStage::Scene {
            shared::this_is_the_main_thread();
            logging::install();
            settings::register();
            // After them: what steamInit is declared to return is a setting.
            surface::register();
            // Not later: an autoload's _init may call Steam already.
            if !is_a_tool_run() {
                // A new profile takes what is found until then.
                if let Ok(data_dir) = profile::data_dir() {
                    profile::prepare(&data_dir);
                }
                Steam::shared().start_up();
            }
        } else if stage == InitStage::Editor {
            surface::register_help();
        }
    }

    fn on_main_loop_frame() {
        if !is_aside() && !Engine::singleton().is_editor_hint() {
            Steam::shared().frame();
        }
    }

    fn on_stage_deinit(stage: InitStage) {
        if stage == InitStage::MainLoop {
            profile::stop_preparing();
        }
        if stage == InitStage::MainLoop && !is_aside() {
            // A lambda that is still connected when the script language is gone is freed twice.
            monitors::remove();
            objects::STEAM.disconnect_everything();
            objects::SAMOVAR.disconnect_everything();
            multiplayer::disconnect_lambdas();
            multiplayer::close_all();
            Steam::shared().end();
            discovery::finish();
        }
        if stage == InitStage::Scene && !is_aside() {
            surface::unregister_peers();
        }
    }
}

/// Whether this is the editor, an import, an export, or Godot writing its reference, rather than a game.
fn is_a_tool_run() -> bool {
    // For these two Godot becomes the editor only after the extensions are there.
    const TOOLS: [&str; 2] = ["--doctool", "--gdextension-docs"];
    Engine::singleton().is_editor_hint()
        || std::env::args_os().any(|argument| TOOLS.iter().any(|tool| argument == *tool))
}
