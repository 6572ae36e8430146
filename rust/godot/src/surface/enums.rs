//! Enums as types of results, so that `var state: Steam.PersonaState = Steam.getPersonaState()` needs no cast. Arguments are
//! plain integers: GDScript refuses an enum of the game's own in the place of another, and the tutorials pass theirs.

macro_rules! enum_type {
    ($name:ident, $godot_name:literal) => {
        #[doc = concat!("A value of `", $godot_name, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) i64);

        impl crate::surface::Returned for $name {
            fn into_variant(self) -> godot::builtin::Variant {
                crate::surface::Returned::into_variant(self.0)
            }

            #[allow(unsafe_code)]
            unsafe fn put(self, place: godot::sys::GDExtensionTypePtr) {
                // SAFETY: the caller's.
                unsafe { crate::surface::Returned::put(self.0, place) };
            }
        }
    };
}

pub(crate) use enum_type;

include!(concat!(env!("OUT_DIR"), "/enum_types.rs"));
