//! Enums as types of results, so that `var state: Steam.PersonaState = Steam.getPersonaState()` needs no cast. Arguments are
//! plain integers: GDScript refuses an enum of the game's own in the place of another, and the tutorials pass theirs.

macro_rules! enum_type {
    ($name:ident, $godot_name:literal, $is_bitfield:literal) => {
        #[doc = concat!("A value of `", $godot_name, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) i64);

        impl godot::meta::GodotConvert for $name {
            type Via = i64;

            fn godot_shape() -> godot::meta::shape::GodotShape {
                godot::meta::shape::GodotShape::Enum {
                    variant_type: godot::builtin::VariantType::INT,
                    enumerators: std::borrow::Cow::Borrowed(&[]),
                    godot_name: Some($godot_name.into()),
                    is_bitfield: $is_bitfield,
                }
            }
        }

        impl godot::meta::ToGodot for $name {
            type Pass = godot::meta::conv::ByValue;

            fn to_godot(&self) -> i64 {
                self.0
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/enum_types.rs"));
