//! Types of GDScript's: their numbers, their neutral values, and Godot's conversions.

// Godot converts through function pointers, and passes raw ones.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;

use godot::builtin::{
    AnyArray, AnyDictionary, GString, PackedByteArray, PackedFloat64Array, PackedInt32Array,
    PackedInt64Array, VarArray, VarDictionary, Variant, VariantType,
};
use godot::classes::Object;
use godot::meta::{FromGodot, ToGodot};
use godot::obj::Gd;
use godot::sys::{self, GodotFfi, interface_fn};

use super::{Kind, Value};
use crate::steam::Steam;

/// An Array of whatever elements: one that a script has typed, `Array[int]`, is copied.
pub(crate) fn array(value: &Variant) -> Option<VarArray> {
    let untyped = value.try_to::<VarArray>().ok();
    untyped.or_else(|| Some(value.try_to::<AnyArray>().ok()?.iter_shared().collect()))
}

/// A Dictionary of whatever entries: one that a script has typed, `Dictionary[int, int]`, is copied.
pub(crate) fn dictionary(value: &Variant) -> Option<VarDictionary> {
    let untyped = value.try_to::<VarDictionary>().ok();
    untyped.or_else(|| {
        Some(
            value
                .try_to::<AnyDictionary>()
                .ok()?
                .iter_shared()
                .collect(),
        )
    })
}

impl Kind {
    /// Godot's name of the class, for an object or null.
    pub(super) fn class(self) -> Option<&'static str> {
        match self {
            Self::Image => Some("Image"),
            Self::SteamPacketPeer => Some("SteamPacketPeer"),
            _ => None,
        }
    }

    /// What a call returns where there is nothing.
    pub(super) fn neutral(self) -> Variant {
        match self {
            Self::Void | Self::Variant | Self::Image | Self::SteamPacketPeer => Variant::nil(),
            Self::Bool => false.to_variant(),
            Self::Int => 0_i64.to_variant(),
            Self::Float => 0.0_f64.to_variant(),
            Self::String => GString::new().to_variant(),
            Self::Array => VarArray::new().to_variant(),
            Self::Dictionary => VarDictionary::new().to_variant(),
            Self::PackedByteArray => PackedByteArray::new().to_variant(),
            Self::PackedInt32Array => PackedInt32Array::new().to_variant(),
            Self::PackedInt64Array => PackedInt64Array::new().to_variant(),
            Self::PackedFloat64Array => PackedFloat64Array::new().to_variant(),
        }
    }

    /// Godot's number of the type. For `Variant` and nothing it is 0.
    pub(super) fn variant_type(self) -> sys::GDExtensionVariantType {
        match self {
            Self::Void | Self::Variant => sys::GDEXTENSION_VARIANT_TYPE_NIL,
            Self::Bool => sys::GDEXTENSION_VARIANT_TYPE_BOOL,
            Self::Int => sys::GDEXTENSION_VARIANT_TYPE_INT,
            Self::Float => sys::GDEXTENSION_VARIANT_TYPE_FLOAT,
            Self::String => sys::GDEXTENSION_VARIANT_TYPE_STRING,
            Self::Array => sys::GDEXTENSION_VARIANT_TYPE_ARRAY,
            Self::Dictionary => sys::GDEXTENSION_VARIANT_TYPE_DICTIONARY,
            Self::PackedByteArray => sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY,
            Self::PackedInt32Array => sys::GDEXTENSION_VARIANT_TYPE_PACKED_INT32_ARRAY,
            Self::PackedInt64Array => sys::GDEXTENSION_VARIANT_TYPE_PACKED_INT64_ARRAY,
            Self::PackedFloat64Array => sys::GDEXTENSION_VARIANT_TYPE_PACKED_FLOAT64_ARRAY,
            Self::Image | Self::SteamPacketPeer => sys::GDEXTENSION_VARIANT_TYPE_OBJECT,
        }
    }

    /// How an error names it.
    pub(super) fn text(self) -> &'static str {
        match self {
            Self::Void | Self::Variant => "anything",
            Self::Bool => "a bool",
            Self::Int => "an int",
            Self::Float => "a float",
            Self::String => "a String",
            Self::Array => "an Array",
            Self::Dictionary => "a Dictionary",
            Self::PackedByteArray => "a PackedByteArray",
            Self::PackedInt32Array => "a PackedInt32Array",
            Self::PackedInt64Array => "a PackedInt64Array",
            Self::PackedFloat64Array => "a PackedFloat64Array",
            Self::Image => "an Image or null",
            Self::SteamPacketPeer => "a SteamPacketPeer or null",
        }
    }

    /// Whether the value is of this type already.
    pub(super) fn is_of(self, value: &Variant) -> bool {
        if let Some(class) = self.class() {
            let object = value.try_to::<Gd<Object>>();
            return value.is_nil() || object.is_ok_and(|object| object.is_class(class));
        }
        self == Self::Variant || i64::from(value.get_type().ord) == i64::from(self.variant_type())
    }

    /// The value as this type, where Godot converts it by itself, as it does for its own methods.
    pub(super) fn convert(self, value: &Variant) -> Option<Variant> {
        if self.is_of(value) {
            return Some(value.clone());
        }
        if self.class().is_some() {
            return None;
        }
        let from = sys::GDExtensionVariantType::try_from(value.get_type().ord).ok()?;
        let wanted = self.variant_type();
        // SAFETY: both are numbers of types of Godot's.
        let converts = unsafe { interface_fn!(variant_can_convert_strict)(from, wanted) };
        if converts == 0 {
            return None;
        }
        let mut from = value.clone();
        let mut from = std::ptr::from_mut(&mut from).cast::<c_void>();
        let mut converted = MaybeUninit::<Variant>::uninit();
        let mut error = sys::GDExtensionCallError {
            error: sys::GDEXTENSION_CALL_OK,
            argument: 0,
            expected: 0,
        };
        // SAFETY: a type is constructed from one value that Godot has said it converts from; the result is written whether
        // or not that works.
        unsafe {
            interface_fn!(variant_construct)(
                wanted,
                converted.as_mut_ptr().cast(),
                std::ptr::from_mut(&mut from).cast(),
                1,
                std::ptr::from_mut(&mut error),
            );
        }
        // SAFETY: see above.
        let converted = unsafe { converted.assume_init() };
        (error.error == sys::GDEXTENSION_CALL_OK).then_some(converted)
    }
}

impl Value {
    /// The value, for a call with these arguments.
    pub(super) fn variant(&self, steam: Option<&Steam>, arguments: &[&Variant]) -> Variant {
        match self {
            Self::Bool(value) => value.to_variant(),
            Self::Int(value) => value.to_variant(),
            Self::Float(value) => value.to_variant(),
            Self::String(value) => GString::from(*value).to_variant(),
            Self::Array => VarArray::new().to_variant(),
            Self::Dictionary(entries) => {
                let mut dictionary = VarDictionary::new();
                for (key, value) in *entries {
                    dictionary.set(*key, &value.variant(steam, arguments));
                }
                dictionary.to_variant()
            }
            Self::Neutral(kind) => kind.neutral(),
            Self::Zeros(Kind::PackedByteArray, count) => {
                PackedByteArray::from(vec![0; *count]).to_variant()
            }
            Self::Zeros(Kind::PackedInt32Array, count) => {
                PackedInt32Array::from(vec![0; *count]).to_variant()
            }
            Self::Zeros(kind, _) => kind.neutral(),
            Self::Echo(index) => arguments
                .get(*index)
                .map_or_else(Variant::nil, |value| (*value).clone()),
            Self::AppId => steam.map_or(0, Steam::app_id).to_variant(),
            Self::SteamId => steam.map_or(0, Steam::user_id).to_variant(),
        }
    }
}

/// A value as an error shows it: its type, and where it is short what it is.
pub(super) fn shown(value: &Variant) -> String {
    /// The most characters of a value that are shown.
    const MAX_CHARACTERS: usize = 64;
    let kind = value.get_type();
    match kind {
        VariantType::NIL => "null".to_owned(),
        VariantType::BOOL | VariantType::INT | VariantType::FLOAT => format!("{value}"),
        VariantType::STRING | VariantType::STRING_NAME | VariantType::NODE_PATH => {
            let text = value.stringify().to_string();
            let shown: String = text.chars().take(MAX_CHARACTERS).collect();
            let rest = if shown.len() < text.len() { "..." } else { "" };
            format!("the {kind:?} {shown:?}{rest}")
        }
        _ => format!("a value of the type {kind:?}"),
    }
}

/// # Safety
/// The pointer is to a value of this type.
pub(super) unsafe fn from_pointer(kind: Kind, pointer: sys::GDExtensionConstTypePtr) -> Variant {
    if kind == Kind::Variant {
        // SAFETY: the caller's.
        return unsafe { (*pointer.cast::<Variant>()).clone() };
    }
    // SAFETY: it is a type of Godot's.
    let constructor =
        unsafe { interface_fn!(get_variant_from_type_constructor)(kind.variant_type()) };
    let Some(constructor) = constructor else {
        return Variant::nil();
    };
    let mut value = MaybeUninit::<Variant>::uninit();
    // SAFETY: the constructor is that of the type, which it only reads, and it writes the value.
    unsafe {
        constructor(value.as_mut_ptr().cast(), pointer.cast_mut());
        value.assume_init()
    }
}

/// # Safety
/// The pointer is to a value of this type, or is null where nothing is returned.
pub(super) unsafe fn to_pointer(kind: Kind, value: &Variant, result: sys::GDExtensionTypePtr) {
    /// # Safety
    /// As above.
    unsafe fn put<T: FromGodot + GodotFfi + Default>(
        value: &Variant,
        result: sys::GDExtensionTypePtr,
    ) {
        let value = value.try_to::<T>().unwrap_or_default();
        // SAFETY: the caller's.
        unsafe { value.move_return_ptr(result, sys::PtrcallType::Standard) };
    }
    // SAFETY: the caller's.
    unsafe {
        match kind {
            // No method returns an Image.
            Kind::Void | Kind::Image => {}
            Kind::SteamPacketPeer => move_object(value.clone(), result),
            Kind::Bool => put::<bool>(value, result),
            Kind::Int => put::<i64>(value, result),
            Kind::Float => put::<f64>(value, result),
            Kind::String => put::<GString>(value, result),
            Kind::Array => put::<VarArray>(value, result),
            Kind::Dictionary => put::<VarDictionary>(value, result),
            Kind::PackedByteArray => put::<PackedByteArray>(value, result),
            Kind::PackedInt32Array => put::<PackedInt32Array>(value, result),
            Kind::PackedInt64Array => put::<PackedInt64Array>(value, result),
            Kind::PackedFloat64Array => put::<PackedFloat64Array>(value, result),
            Kind::Variant => put::<Variant>(value, result),
        }
    }
}

/// Gives a caller an object, with one reference to it, or null.
///
/// # Safety
/// The pointer is to a place for the pointer to an object.
pub(super) unsafe fn move_object(value: Variant, result: sys::GDExtensionTypePtr) {
    let place = result.cast::<sys::GDExtensionObjectPtr>();
    // SAFETY: the caller's.
    unsafe { place.write(std::ptr::null_mut()) };
    if value.get_type() != VariantType::OBJECT {
        return;
    }
    // SAFETY: it is a type of Godot's.
    let constructor = unsafe {
        interface_fn!(get_variant_to_type_constructor)(sys::GDEXTENSION_VARIANT_TYPE_OBJECT)
    };
    let Some(constructor) = constructor else {
        return;
    };
    let mut value = value;
    // SAFETY: the value is an object, of which the constructor writes the pointer.
    unsafe { constructor(result.cast(), std::ptr::from_mut(&mut value).cast()) };
    // The caller takes the reference over.
    std::mem::forget(value);
}
