//! The floor of `scripts/bench boundary`: calls that do nothing, by the way that all calls take. Not in the shipped library.

// Godot passes arguments by value.
#![allow(clippy::needless_pass_by_value)]

use godot::builtin::PackedByteArray;
use godot::classes::Object;
use godot::obj::{Base, GodotClass};
use godot::register::GodotClass;

use super::register::register_method;
use super::{
    Argument, Kind, Method,
    by_hand::{Instance, Receiver, by_hand},
};

/// What scripts know as `SamovarBench`.
#[derive(GodotClass)]
#[class(singleton, base=Object, init, rename=SamovarBench)]
struct SamovarBenchObject {
    _base: Base<Object>,
}

/// What calling a native function costs.
struct SamovarBench;

impl SamovarBench {
    /// Takes what `Steam.sendP2PPacket` takes.
    fn empty(&self, steam_id: i64, data: PackedByteArray, send_type: i64, channel: i64) -> bool {
        let _ = (steam_id, data, send_type, channel);
        true
    }

    /// Takes nothing, as `Steam.run_callbacks` does.
    fn nothing(&self) {}
}

impl Receiver for SamovarBench {
    #[allow(unsafe_code)] // The trait is for objects too.
    unsafe fn receiver<'a>(_instance: Instance) -> &'a Self {
        &Self
    }
}

const fn argument(name: &'static str, kind: Kind) -> Argument {
    Argument { name, kind }
}

static METHODS: [Method; 2] = [
    Method {
        name: "empty",
        class: "SamovarBench",
        arguments: &[
            argument("steam_id", Kind::Int),
            argument("data", Kind::PackedByteArray),
            argument("send_type", Kind::Int),
            argument("channel", Kind::Int),
        ],
        defaults: &[],
        returns: Kind::Bool,
        returns_enum: None,
        vararg: false,
        body: by_hand!(SamovarBench::empty(0 1 2 3)),
    },
    Method {
        name: "nothing",
        class: "SamovarBench",
        arguments: &[],
        defaults: &[],
        returns: Kind::Void,
        returns_enum: None,
        vararg: false,
        body: by_hand!(SamovarBench::nothing()),
    },
];

pub(super) fn register() {
    let class = SamovarBenchObject::class_id().to_string_name();
    for method in &METHODS {
        register_method(&class, method);
    }
}
