//! The overlay's node in the game's tree.

use godot::classes::{Engine, PackedScene, ResourceLoader, SceneTree};
use godot::global::godot_error;
use godot::obj::{Gd, Singleton};

use crate::settings;

/// Adds the overlay to the tree, if the project has one and wants it. False when there is no tree to add it to yet.
pub(crate) fn add() -> bool {
    let Some(path) = settings::overlay_scene() else {
        return true;
    };
    let tree = Engine::singleton()
        .get_main_loop()
        .and_then(|main_loop| main_loop.try_cast::<SceneTree>().ok());
    let Some(mut root) = tree.and_then(|tree| tree.get_root()) else {
        return false;
    };
    let mut loader = ResourceLoader::singleton();
    if !loader.exists(&path) {
        return true;
    }
    let scene: Option<Gd<PackedScene>> = loader
        .load(&path)
        .and_then(|resource| resource.try_cast().ok());
    match scene.and_then(|scene| scene.instantiate()) {
        Some(node) => {
            // Frames end outside of the tree, so nothing of it is busy. Deferred, the node would leak where the game ends first.
            root.add_child(&node);
        }
        None => godot_error!("The overlay's scene cannot be used: {path}"),
    }
    true
}
