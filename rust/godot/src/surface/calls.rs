//! What happens when a script calls a method of the tables.

// Godot calls through function pointers, and passes raw ones.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::mem::MaybeUninit;
use std::panic::{AssertUnwindSafe, catch_unwind};

use godot::builtin::{
    GString, PackedByteArray, PackedFloat64Array, PackedInt32Array, PackedInt64Array, VarArray,
    VarDictionary, Variant,
};
use godot::global::godot_error;
use godot::meta::{FromGodot, ToGodot};
use godot::obj::Singleton;
use godot::sys::{self, GodotFfi, interface_fn};

use super::{Body, Kind, Method, Value};
use crate::settings::{self, SteamInitReturns};
use crate::steam::Steam;

/// The method whose result is another one in older games.
const STEAM_INIT: &str = "steamInit";

impl Kind {
    /// What a call returns where there is nothing.
    pub(super) fn neutral(self) -> Variant {
        match self {
            Self::Void | Self::Variant => Variant::nil(),
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
}

impl Value {
    /// The value, for a call with these arguments.
    pub(super) fn variant(&self, steam: Option<&Steam>, arguments: &[Variant]) -> Variant {
        match self {
            Self::Bool(value) => value.to_variant(),
            Self::Int(value) => value.to_variant(),
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
            Self::Echo(index) => arguments.get(*index).cloned().unwrap_or_default(),
            Self::AppId => steam.map_or(0, Steam::app_id).to_variant(),
            Self::SteamId => steam.map_or(0, Steam::user_id).to_variant(),
        }
    }
}

impl Method {
    /// What it is declared to return. GDScript trusts it, down to the memory of the value: nothing else may ever be
    /// returned. A project may want `steamInit` to be another one, without which scripts of its time do not compile.
    pub(super) fn declared_result(&self) -> Kind {
        if self.name != STEAM_INIT {
            return self.returns;
        }
        match settings::steam_init_returns() {
            SteamInitReturns::ByForm => Kind::Variant,
            SteamInitReturns::Bool => Kind::Bool,
            SteamInitReturns::Dictionary => Kind::Dictionary,
        }
    }

    /// The type of what it returns where it has done nothing.
    pub(super) fn neutral_kind(&self) -> Kind {
        match self.declared_result() {
            Kind::Variant if self.name == STEAM_INIT => Kind::Bool,
            kind => kind,
        }
    }

    /// What it returns where it has done nothing.
    fn neutral(&self) -> Variant {
        self.neutral_kind().neutral()
    }

    /// The value, if it is of the declared type.
    fn checked(&self, value: Variant) -> Variant {
        let declared = self.declared_result();
        let found = value.get_type().ord;
        if declared == Kind::Variant || i64::from(found) == i64::from(declared.variant_type()) {
            return value;
        }
        godot_error!(
            "{}: returned {value:?}; this is a bug of Samovar",
            self.name
        );
        self.neutral()
    }

    /// One argument a parameter, and those after them.
    fn call(&self, arguments: &[Variant]) -> Variant {
        let steam = Steam::singleton();
        let steam = steam.bind();
        match &self.body {
            Body::Form(form) => self.checked(form(&steam, arguments)),
            Body::Unavailable(answer) => {
                if steam.is_running(self.class, self.name) {
                    steam.unavailable().say(self.name);
                    if let Some(answer) = answer {
                        let values = answer.arguments.iter();
                        let values = values.map(|value| value.variant(Some(&steam), arguments));
                        steam
                            .answers()
                            .push(self.name, answer.signal, values.collect());
                    }
                }
                self.neutral()
            }
        }
    }

    /// As [`Method::call`]; nothing may unwind into Godot.
    fn call_or_neutral(&self, arguments: &[Variant]) -> Variant {
        catch_unwind(AssertUnwindSafe(|| self.call(arguments))).unwrap_or_else(|_| {
            godot_error!("{}: failed; this is a bug of Samovar", self.name);
            self.neutral()
        })
    }

    /// The arguments that a call with `given` ones has, with their types and defaults; or what Godot tells the caller.
    fn arguments(&self, given: &[&Variant]) -> Result<Vec<Variant>, sys::GDExtensionCallError> {
        let error = |error, argument, expected| sys::GDExtensionCallError {
            error,
            argument,
            expected,
        };
        let count = self.arguments.len();
        let required = count - self.defaults.len();
        if given.len() < required {
            let expected = i32::try_from(required).unwrap_or(i32::MAX);
            return Err(error(
                sys::GDEXTENSION_CALL_ERROR_TOO_FEW_ARGUMENTS,
                0,
                expected,
            ));
        }
        if given.len() > count && !self.vararg {
            let expected = i32::try_from(count).unwrap_or(i32::MAX);
            return Err(error(
                sys::GDEXTENSION_CALL_ERROR_TOO_MANY_ARGUMENTS,
                0,
                expected,
            ));
        }
        let mut arguments = Vec::with_capacity(given.len().max(count));
        for (index, value) in given.iter().enumerate() {
            let kind = self
                .arguments
                .get(index)
                .map_or(Kind::Variant, |argument| argument.kind);
            let Some(value) = kind.convert(value) else {
                let argument = i32::try_from(index).unwrap_or(i32::MAX);
                let expected = kind.variant_type();
                return Err(error(
                    sys::GDEXTENSION_CALL_ERROR_INVALID_ARGUMENT,
                    argument,
                    expected,
                ));
            };
            arguments.push(value);
        }
        let missing = count.saturating_sub(given.len());
        let defaults = self.defaults.iter().skip(self.defaults.len() - missing);
        arguments.extend(defaults.map(|value| value.variant(None, &[])));
        Ok(arguments)
    }
}

impl Kind {
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
        }
    }

    /// The value as this type, where Godot converts it by itself, as it does for its own methods.
    fn convert(self, value: &Variant) -> Option<Variant> {
        let from = value.get_type().ord;
        let wanted = self.variant_type();
        if self == Self::Variant || i64::from(from) == i64::from(wanted) {
            return Some(value.clone());
        }
        let from = sys::GDExtensionVariantType::try_from(from).ok()?;
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

/// A call with values of any type and number.
///
/// # Safety
/// Godot calls it as `GDExtensionClassMethodCall`, with a [`Method`] as its user data.
pub(super) unsafe extern "C" fn variant_call(
    method: *mut c_void,
    _instance: sys::GDExtensionClassInstancePtr,
    arguments: *const sys::GDExtensionConstVariantPtr,
    count: sys::GDExtensionInt,
    result: sys::GDExtensionVariantPtr,
    error: *mut sys::GDExtensionCallError,
) {
    // SAFETY: it was registered with a Method that lives as long as the program.
    let method = unsafe { &*method.cast::<Method>() };
    if method.is_elsewhere() {
        // SAFETY: Godot passes a value of no type, and takes another in its place.
        unsafe {
            method.return_neutral(result);
            (*error).error = sys::GDEXTENSION_CALL_OK;
        }
        return;
    }
    let count = usize::try_from(count).unwrap_or(0);
    let given: Vec<&Variant> = (0..count)
        // SAFETY: Godot passes `count` pointers to values that live for the call.
        .map(|index| unsafe { &*(*arguments.add(index)).cast::<Variant>() })
        .collect();
    match method.arguments(&given) {
        Ok(arguments) => {
            let value = method.call_or_neutral(&arguments);
            // SAFETY: Godot passes a value that is there, and takes another in its place.
            unsafe {
                *result.cast::<Variant>() = value;
                (*error).error = sys::GDEXTENSION_CALL_OK;
            }
        }
        // SAFETY: as above.
        Err(wrong) => unsafe { *error = wrong },
    }
}

/// A call with the declared types, all of them given.
///
/// # Safety
/// Godot calls it as `GDExtensionClassMethodPtrCall`, with a [`Method`] as its user data.
pub(super) unsafe extern "C" fn pointer_call(
    method: *mut c_void,
    _instance: sys::GDExtensionClassInstancePtr,
    arguments: *const sys::GDExtensionConstTypePtr,
    result: sys::GDExtensionTypePtr,
) {
    // SAFETY: it was registered with a Method that lives as long as the program.
    let method = unsafe { &*method.cast::<Method>() };
    if method.is_elsewhere() {
        // SAFETY: Godot passes a place for a value of the declared type, with one in it.
        unsafe { method.return_neutral_pointer(result) };
        return;
    }
    let values: Vec<Variant> = method
        .arguments
        .iter()
        .enumerate()
        // SAFETY: Godot passes a pointer for each declared argument, to a value of its type.
        .map(|(index, argument)| unsafe { from_pointer(argument.kind, *arguments.add(index)) })
        .collect();
    let value = method.call_or_neutral(&values);
    // SAFETY: Godot passes a place for a value of the declared type, with one in it.
    unsafe { to_pointer(method.declared_result(), &value, result) };
}

/// # Safety
/// The pointer is to a value of this type.
unsafe fn from_pointer(kind: Kind, pointer: sys::GDExtensionConstTypePtr) -> Variant {
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
unsafe fn to_pointer(kind: Kind, value: &Variant, result: sys::GDExtensionTypePtr) {
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
            Kind::Void => {}
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
