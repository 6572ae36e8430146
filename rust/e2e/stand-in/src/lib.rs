//! Stands in for GodotSteam in the end-to-end tests: a Godot extension with GodotSteam's entry symbol that registers a
//! class and a singleton `Steam` of its own, which tell who they are and nothing else.

// The entry point is an unsafe trait.
#![allow(unsafe_code)]

use godot::builtin::GString;
use godot::classes::Object;
use godot::init::{ExtensionLibrary, gdextension};
use godot::obj::Base;
use godot::register::{GodotClass, godot_api};

struct StandIn;

// SAFETY: the entry symbol is the one that the tests' `godotsteam.gdextension` names, and nothing here does more than
// the trait asks.
#[gdextension(entry_symbol = godotsteam_init)]
unsafe impl ExtensionLibrary for StandIn {}

/// Not GodotSteam's `Steam`.
#[derive(GodotClass)]
#[class(singleton, base=Object, init)]
struct Steam {
    _base: Base<Object>,
}

#[godot_api]
impl Steam {
    /// Tells that this is the stand-in.
    #[func]
    fn get_godotsteam_version(&self) -> GString {
        "stand-in".into()
    }
}
