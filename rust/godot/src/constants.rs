//! GodotSteam's enums and constants on the class `Steam`, from its API file.

use godot::builtin::StringName;
use godot::obj::GodotClass;
use godot::register::private::constant::{ConstantKind, ExportConstant, IntegerConstant};

use crate::steam::Steam;

include!(concat!(env!("OUT_DIR"), "/enums.rs"));

/// Registers every enum and constant. To be called once, after the class.
pub(crate) fn register() {
    let class = Steam::class_id();
    for (name, values) in ENUMS {
        let enumerators = values
            .iter()
            .map(|(name, value)| IntegerConstant::new(name, *value))
            .collect();
        let kind = ConstantKind::Enum {
            name: StringName::from(*name),
            enumerators,
        };
        ExportConstant::new(class, kind).register();
    }
    for (name, value) in CONSTANTS {
        ExportConstant::new(
            class,
            ConstantKind::Integer(IntegerConstant::new(name, *value)),
        )
        .register();
    }
}
