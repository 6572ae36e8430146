//! The floor of `scripts/bench boundary`: calls that do nothing. Not in the shipped library.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

use godot::builtin::PackedByteArray;
use godot::classes::Object;
use godot::obj::Base;
use godot::register::{GodotClass, godot_api};

/// What calling a native function costs.
#[derive(GodotClass)]
#[class(singleton, base=Object, init)]
pub(crate) struct SamovarBench {
    base: Base<Object>,
}

#[godot_api]
impl SamovarBench {
    /// Takes what [method Steam.sendP2PPacket] takes.
    #[func]
    fn empty(&self, steam_id: i64, data: PackedByteArray, send_type: i64, channel: i64) -> bool {
        let _ = (steam_id, data, send_type, channel);
        true
    }

    /// Takes nothing, as [method Steam.run_callbacks] does.
    #[func]
    fn nothing(&self) {}
}
