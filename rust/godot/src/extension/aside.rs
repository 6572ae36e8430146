//! Stepping aside where another extension answers to `Steam`, instead of failing to register a thousand names.

// Godot's entry point takes raw pointers, and so do its callbacks.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, Ordering};

use godot::classes::{ClassDb, Engine};
use godot::global::godot_warn;
use godot::obj::Singleton;
use godot::sys;

use super::quiet::Quiet;
use super::samovar_gdext_init;

const STEAM: &str = "Steam";

/// Whether somebody else answers to `Steam`, so that nothing of Samovar is registered.
static IS_ASIDE: AtomicBool = AtomicBool::new(false);
/// What the godot crate wants Godot to call.
static CALLBACKS: OnceLock<Callbacks> = OnceLock::new();

struct Callbacks {
    initialize: sys::GDExtensionInitializeCallback,
    deinitialize: sys::GDExtensionDeinitializeCallback,
}

/// Whether nothing of Samovar is registered.
pub(crate) fn is_aside() -> bool {
    IS_ASIDE.load(Ordering::Relaxed)
}

/// Where Godot begins: `samovar.gdextension` names it. The godot crate's own is called from here.
///
/// # Safety
/// Godot calls it as `GDExtensionInitializationFunction`.
#[unsafe(no_mangle)]
unsafe extern "C" fn gdext_rust_init(
    get_proc_address: sys::GDExtensionInterfaceGetProcAddress,
    library: sys::GDExtensionClassLibraryPtr,
    initialization: *mut sys::GDExtensionInitialization,
) -> sys::GDExtensionBool {
    let quiet = Quiet::new();
    // SAFETY: the arguments are Godot's.
    let loaded = unsafe { samovar_gdext_init(get_proc_address, library, initialization) };
    drop(quiet);
    if loaded != 0 {
        // SAFETY: Godot passes a pointer to be filled, which has been done.
        let initialization = unsafe { &mut *initialization };
        // Loaded a second time, as after it was unloaded, they are the same.
        let _ = CALLBACKS.set(Callbacks {
            initialize: initialization.initialize,
            deinitialize: initialization.deinitialize,
        });
        initialization.initialize = Some(initialize);
        initialization.deinitialize = Some(deinitialize);
    }
    loaded
}

/// # Safety
/// Godot calls it as `GDExtensionInitializeCallback`, after [`gdext_rust_init`].
unsafe extern "C" fn initialize(userdata: *mut c_void, level: sys::GDExtensionInitializationLevel) {
    if level == sys::GDEXTENSION_INITIALIZATION_SCENE {
        IS_ASIDE.store(is_taken(), Ordering::Relaxed);
        if is_aside() {
            godot_warn!(
                "Samovar steps aside: another extension, GodotSteam perhaps, answers to Steam already. \
                Samovar's plug-in for the editor chooses between the two; see docs/with-godotsteam.md"
            );
        }
    }
    let callback = CALLBACKS.get().and_then(|callbacks| callbacks.initialize);
    if let (false, Some(callback)) = (skips(level), callback) {
        // SAFETY: with the arguments of Godot's, in Godot's order of levels.
        unsafe { callback(userdata, level) };
    }
}

/// # Safety
/// Godot calls it as `GDExtensionDeinitializeCallback`, after [`initialize`] of the same level.
unsafe extern "C" fn deinitialize(
    userdata: *mut c_void,
    level: sys::GDExtensionInitializationLevel,
) {
    let callback = CALLBACKS.get().and_then(|callbacks| callbacks.deinitialize);
    if let (false, Some(callback)) = (skips(level), callback) {
        // SAFETY: with the arguments of Godot's; what was not initialised is not ended.
        unsafe { callback(userdata, level) };
    }
}

/// Whether a level's classes are left out. Samovar's are all at the level of scenes, and what follows needs them.
fn skips(level: sys::GDExtensionInitializationLevel) -> bool {
    is_aside() && level >= sys::GDEXTENSION_INITIALIZATION_SCENE
}

fn is_taken() -> bool {
    Engine::singleton().has_singleton(STEAM) || ClassDb::singleton().class_exists(STEAM)
}
