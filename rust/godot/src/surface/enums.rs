//! Enums as types of results, so that `var state: Steam.PersonaState = Steam.getPersonaState()` needs no cast. Arguments are
//! plain integers: GDScript refuses an enum of the game's own in the place of another, and the tutorials pass theirs.

macro_rules! enum_type {
    ($name:ident, $godot_name:literal) => {
        #[doc = concat!("A value of `", $godot_name, "`.")]
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(crate) struct $name(pub(crate) i64);

        impl crate::surface::by_hand::Returned for $name {
            fn into_variant(self) -> godot::builtin::Variant {
                self.0.into_variant()
            }

            #[allow(unsafe_code)]
            unsafe fn put(self, place: godot::sys::GDExtensionTypePtr) {
                // SAFETY: the caller's.
                unsafe { self.0.put(place) };
            }
        }
    };
}

include!(concat!(env!("OUT_DIR"), "/enum_types.rs"));
