//! From Godot's calls to the functions that are written by hand, and back. The build makes a pair of functions of each.

// Godot passes raw pointers.
#![allow(unsafe_code)]

use godot::builtin::{
    AnyArray, AnyDictionary, GString, PackedByteArray, PackedFloat64Array, PackedInt32Array,
    PackedInt64Array, VarArray, VarDictionary, Variant,
};
use godot::meta::ToGodot;
use godot::sys::{self, GodotFfi, PtrcallType};

use super::Kind;
use super::types::{array, dictionary, from_pointer, move_object};
use crate::samovar::Samovar;
use crate::steam::Steam;

/// The two ways in which a hand-written function is called.
pub(super) struct ByHand {
    /// With a value of the declared type for each argument.
    pub(super) values: unsafe fn(Instance, &[&Variant]) -> Variant,
    /// With a pointer to a value of the declared type for each argument, and one to such a value for the result.
    pub(super) pointers:
        unsafe fn(Instance, *const sys::GDExtensionConstTypePtr, sys::GDExtensionTypePtr),
}

/// What Godot keeps for the object that a method is called on.
pub(crate) type Instance = sys::GDExtensionClassInstancePtr;

/// Whoever a hand-written function is called on.
pub(crate) trait Receiver {
    /// # Safety
    /// Godot has passed the instance with a call of a method of this class, and it lives for the call.
    unsafe fn receiver<'a>(instance: Instance) -> &'a Self;
}

/// A hand-written function as a [`super::Body`], by the indices of its arguments.
macro_rules! by_hand {
    ($class:ident::$name:ident($($index:literal)*)) => {
        $crate::surface::Body::ByHand($crate::surface::by_hand::ByHand {
            values: |instance, _values| {
                // SAFETY: the instance is that of a call.
                #[allow(unsafe_code)]
                let receiver = unsafe {
                    <$class as $crate::surface::by_hand::Receiver>::receiver(instance)
                };
                let result = $class::$name(
                    receiver,
                    $($crate::surface::by_hand::value(_values, $index)),*
                );
                $crate::surface::by_hand::Returned::into_variant(result)
            },
            pointers: |instance, _pointers, place| {
                // SAFETY: the instance is that of a call; there is a pointer for each argument, and a place for the result.
                #[allow(unsafe_code)]
                unsafe {
                    let result = $class::$name(
                        <$class as $crate::surface::by_hand::Receiver>::receiver(instance),
                        $($crate::surface::by_hand::Taken::at(*_pointers.add($index))),*
                    );
                    $crate::surface::by_hand::Returned::put(result, place);
                }
            },
        })
    };
}
pub(super) use by_hand;

/// All objects of the class are the one user.
macro_rules! shared {
    ($($class:ident),*) => {$(
        impl Receiver for $class {
            unsafe fn receiver<'a>(_instance: Instance) -> &'a Self {
                Self::shared()
            }
        }
    )*};
}

shared!(Steam, Samovar);

/// The value of an argument.
pub(super) fn value<T: Taken>(values: &[&Variant], index: usize) -> T {
    values
        .get(index)
        .map_or_else(|| T::of(&Variant::nil()), |value| T::of(value))
}

/// A type that a hand-written function takes.
pub(super) trait Taken {
    /// Of a value of this type; of another it is the neutral one.
    fn of(value: &Variant) -> Self;

    /// # Safety
    /// The pointer is to a value of this type, as Godot passes it.
    unsafe fn at(pointer: sys::GDExtensionConstTypePtr) -> Self;
}

/// A type that a hand-written function returns.
pub(crate) trait Returned {
    fn into_variant(self) -> Variant;

    /// # Safety
    /// There is a value of this type in that place.
    unsafe fn put(self, place: sys::GDExtensionTypePtr);
}

impl Returned for () {
    fn into_variant(self) -> Variant {
        Variant::nil()
    }

    unsafe fn put(self, _place: sys::GDExtensionTypePtr) {}
}

macro_rules! passed {
    ($($kind:ty),*) => {$(
        impl Taken for $kind {
            fn of(value: &Variant) -> Self {
                value.try_to().unwrap_or_default()
            }

            unsafe fn at(pointer: sys::GDExtensionConstTypePtr) -> Self {
                // SAFETY: the caller's. It is only read, whatever the type of the pointer says.
                unsafe { <$kind>::from_arg_ptr(pointer.cast_mut(), PtrcallType::Standard) }
            }
        }
    )*};
}

/// A script may have typed its elements, `Array[int]`, which is another type to the binding.
macro_rules! passed_typed {
    ($($kind:ty, $any:ty, $of:path);*) => {$(
        impl Taken for $kind {
            fn of(value: &Variant) -> Self {
                $of(value).unwrap_or_default()
            }

            unsafe fn at(pointer: sys::GDExtensionConstTypePtr) -> Self {
                // SAFETY: as above.
                let any = unsafe { <$any>::from_arg_ptr(pointer.cast_mut(), PtrcallType::Standard) };
                Self::of(&any.to_variant())
            }
        }
    )*};
}

macro_rules! returned {
    ($($kind:ty),*) => {$(
        impl Returned for $kind {
            fn into_variant(self) -> Variant {
                self.to_variant()
            }

            unsafe fn put(self, place: sys::GDExtensionTypePtr) {
                // SAFETY: the caller's.
                unsafe { self.move_return_ptr(place, PtrcallType::Standard) };
            }
        }
    )*};
}

passed!(
    bool,
    i64,
    f64,
    GString,
    PackedByteArray,
    PackedInt32Array,
    PackedInt64Array,
    PackedFloat64Array,
    Variant
);

passed_typed!(VarArray, AnyArray, array; VarDictionary, AnyDictionary, dictionary);

returned!(
    bool,
    i64,
    f64,
    GString,
    VarArray,
    VarDictionary,
    PackedByteArray,
    PackedInt32Array,
    PackedInt64Array,
    PackedFloat64Array,
    Variant
);

/// An `Image` that a script passes, or null.
pub(crate) struct ImageObject(pub(crate) Variant);

impl Taken for ImageObject {
    fn of(value: &Variant) -> Self {
        Self(value.clone())
    }

    unsafe fn at(pointer: sys::GDExtensionConstTypePtr) -> Self {
        // SAFETY: the caller's.
        Self(unsafe { from_pointer(Kind::Image, pointer) })
    }
}

/// A `SteamPacketPeer` that is given to a script, or null.
pub(crate) struct PacketPeerObject(pub(crate) Variant);

impl Returned for PacketPeerObject {
    fn into_variant(self) -> Variant {
        self.0
    }

    unsafe fn put(self, place: sys::GDExtensionTypePtr) {
        // SAFETY: the caller's.
        unsafe { move_object(self.0, place) };
    }
}
