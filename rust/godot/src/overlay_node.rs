//! The overlay's node in the game's tree.

use godot::builtin::Callable;
use godot::classes::node::InternalMode;
use godot::classes::{Engine, Node, PackedScene, ResourceLoader, SceneTree};
use godot::global::godot_error;
use godot::obj::{Gd, InstanceId, Singleton};

use crate::settings;
use crate::shared::{Flag, Shared};

/// The overlay that was added last.
static OVERLAY: Shared<Option<InstanceId>> = Shared::new(None);
/// Whether it has left the tree since. Godot says so: looking for the node in each frame would cost more.
static HAS_LEFT: Flag = Flag::new(false);

/// Whether there was an overlay that the game has freed. One that is taken out of the tree and kept is the game's affair.
pub(crate) fn is_gone() -> bool {
    HAS_LEFT.get()
        && OVERLAY
            .get()
            .is_some_and(|id| Gd::<Node>::try_from_instance_id(id).is_err())
}

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
            // An internal node is none of the game's: `get_child(-1)` does not find it, and a change of scenes does not take it.
            OVERLAY.set(Some(node.instance_id()));
            HAS_LEFT.set(false);
            let has_left = Callable::from_fn("SamovarOverlay has left", |_| {
                HAS_LEFT.set(true);
            });
            node.clone().connect("tree_exited", &has_left);
            root.add_child_ex(&node).internal(InternalMode::BACK).done();
        }
        None => godot_error!("The overlay's scene cannot be used: {path}"),
    }
    true
}
