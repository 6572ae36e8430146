//! Enums as types of arguments and results, so that Godot checks `var state: Steam.PersonaState` against them.

// For a marker trait.
#![allow(unsafe_code)]

macro_rules! enum_type {
    ($name:ident, $godot_name:literal, $is_bitfield:literal) => {
        #[doc = concat!("A value of `", $godot_name, "`, or any other number: scripts may pass what they like.")]
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

        // SAFETY: it is Copy.
        unsafe impl godot::meta::GodotImmutable for $name {}

        impl godot::meta::FromGodot for $name {
            fn try_from_godot(number: i64) -> Result<Self, godot::meta::error::ConvertError> {
                Ok(Self(number))
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/enum_types.rs"));
