//! What happens when a script calls a method: on whichever object of the class, and from whichever thread.

// Godot calls through function pointers, and passes raw ones.
#![allow(unsafe_code)]

use std::borrow::Cow;
use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use godot::builtin::Variant;
use godot::global::godot_error;
use godot::meta::ToGodot;
use godot::sys;

use super::types::{from_pointer, shown, to_pointer};
use super::{Body, Instance, Kind, Method, Value, refusal};
use crate::settings::{self, SteamInitReturns};
use crate::steam::Steam;

/// The method whose result is another one in older games.
const STEAM_INIT: &str = "steamInit";
/// The classes whose methods say whose they are when something is wrong.
const OWN: [&str; 3] = ["Samovar", "SteamMultiplayerPeer", "SteamPacketPeer"];
/// Godot's enum of what a call came to, and what of it says that it was called wrongly: `ERR_INVALID_PARAMETER`.
const ERROR: &str = "Error";
const INVALID_PARAMETER: i64 = 31;

impl Method {
    /// What it is declared to return. GDScript trusts it, down to the memory of the value: nothing else may ever be
    /// returned. A project may want `steamInit` to be another one, without which scripts of its time do not compile.
    pub(super) fn declared_result(&self) -> Kind {
        if !matches!(self.body, Body::Form(_)) || self.name != STEAM_INIT {
            return self.returns;
        }
        match settings::steam_init_returns() {
            SteamInitReturns::ByForm => Kind::Variant,
            SteamInitReturns::Bool => Kind::Bool,
            SteamInitReturns::Dictionary => Kind::Dictionary,
        }
    }

    /// What it returns where it has done nothing.
    fn neutral(&self) -> Variant {
        if self.returns_enum.is_some_and(|one| one.name == ERROR) {
            return INVALID_PARAMETER.to_variant();
        }
        let kind = match self.declared_result() {
            Kind::Variant if self.name == STEAM_INIT => Kind::Bool,
            kind => kind,
        };
        kind.neutral()
    }

    /// How an error names the call.
    fn call_name(&self) -> Cow<'static, str> {
        if OWN.contains(&self.class) {
            Cow::Owned(format!("{}.{}", self.class, self.name))
        } else {
            Cow::Borrowed(self.name)
        }
    }

    /// The value, if it is of the declared type.
    fn checked(&self, value: Variant) -> Variant {
        if self.declared_result().is_of(&value) {
            return value;
        }
        godot_error!(
            "{}: returned {value:?}; this is a bug of Samovar",
            self.name
        );
        self.neutral()
    }

    /// One argument a parameter, of its type, and those after them.
    fn call(&self, instance: Instance, arguments: &[&Variant]) -> Variant {
        match &self.body {
            // SAFETY: the instance is that of this call.
            Body::ByHand(function) => unsafe { (function.values)(instance, arguments) },
            Body::Form(form) => {
                let arguments: Vec<Variant> =
                    arguments.iter().map(|value| (*value).clone()).collect();
                self.checked(form(Steam::shared(), &arguments))
            }
            Body::Unavailable(nothing) => {
                let steam = Steam::shared();
                if !steam.is_running(self.class, self.name) {
                    return self.neutral();
                }
                steam.unavailable().say(self.name);
                if let Some(answer) = &nothing.answer {
                    let values = answer.values(steam, arguments);
                    steam.answers().push(self.name, answer.signal, values);
                }
                if nothing.dictionary.is_empty() {
                    self.neutral()
                } else {
                    Value::Dictionary(nothing.dictionary).variant(Some(steam), arguments)
                }
            }
        }
    }

    /// As [`Method::call`]; nothing may unwind into Godot.
    fn call_or_neutral(&self, instance: Instance, arguments: &[&Variant]) -> Variant {
        self.caught(|| self.call(instance, arguments))
            .unwrap_or_else(|| self.neutral())
    }

    fn caught<T>(&self, call: impl FnOnce() -> T) -> Option<T> {
        let result = catch_unwind(AssertUnwindSafe(call));
        if result.is_err() {
            godot_error!("{}: failed; this is a bug of Samovar", self.call_name());
        }
        result.ok()
    }

    /// A call with values of any type and number. What does not fit is an error, and nothing is done.
    fn call_with(&self, instance: Instance, given: &[&Variant]) -> Variant {
        let declared = self.arguments.iter();
        let fits = given.len() == declared.len()
            && declared
                .zip(given)
                .all(|(argument, value)| argument.kind.is_of(value));
        if fits {
            return self.call_or_neutral(instance, given);
        }
        match self.converted(given) {
            Ok(arguments) => {
                let arguments: Vec<&Variant> = arguments.iter().collect();
                self.call_or_neutral(instance, &arguments)
            }
            Err(wrong) => {
                godot_error!("{}: {wrong}", self.call_name());
                self.answer_refused(given);
                self.neutral()
            }
        }
    }

    /// Answers a request that was called with what it does not take, so that a game that waits for it goes on.
    fn answer_refused(&self, given: &[&Variant]) {
        let answer = match &self.body {
            Body::Unavailable(nothing) => nothing.answer.as_ref(),
            Body::Form(_) | Body::ByHand(_) => refusal(self.name),
        };
        let steam = Steam::shared();
        let Some(answer) = answer.filter(|_| steam.running().is_some()) else {
            return;
        };
        let arguments: Vec<Variant> = self
            .arguments
            .iter()
            .enumerate()
            .map(|(index, argument)| {
                let given = given.get(index);
                let value = given.and_then(|value| argument.kind.convert(value));
                value.unwrap_or_else(|| argument.kind.neutral())
            })
            .collect();
        let arguments: Vec<&Variant> = arguments.iter().collect();
        let values = answer.values(steam, &arguments);
        steam.answers().push(self.name, answer.signal, values);
    }

    /// The arguments that a call with `given` ones has, with their types and defaults; or what is wrong with them.
    fn converted(&self, given: &[&Variant]) -> Result<Vec<Variant>, String> {
        let count = self.arguments.len();
        let required = count - self.defaults.len();
        let is_too_many = given.len() > count && !self.vararg;
        if given.len() < required || is_too_many {
            let (bound, wanted) = match required.cmp(&count) {
                _ if count == 0 => ("", "none".to_owned()),
                std::cmp::Ordering::Equal => ("", count.to_string()),
                _ if is_too_many => ("at most ", count.to_string()),
                _ => ("at least ", required.to_string()),
            };
            let names: Vec<_> = self.arguments.iter().map(|one| one.name).collect();
            return Err(format!(
                "called with {} arguments, and takes {bound}{wanted}: ({})",
                given.len(),
                names.join(", ")
            ));
        }
        let mut arguments = Vec::with_capacity(given.len().max(count));
        for (index, value) in given.iter().enumerate() {
            let Some(argument) = self.arguments.get(index) else {
                arguments.push((*value).clone());
                continue;
            };
            let Some(value) = argument.kind.convert(value) else {
                return Err(format!(
                    "argument {}, {}, has to be {}, and cannot be {}",
                    index + 1,
                    argument.name,
                    argument.kind.text(),
                    shown(value)
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

/// A call with values of any type and number.
///
/// # Safety
/// Godot calls it as `GDExtensionClassMethodCall`, with a [`Method`] as its user data.
pub(super) unsafe extern "C" fn variant_call(
    method: *mut c_void,
    instance: Instance,
    arguments: *const sys::GDExtensionConstVariantPtr,
    count: sys::GDExtensionInt,
    result: sys::GDExtensionVariantPtr,
    error: *mut sys::GDExtensionCallError,
) {
    // SAFETY: it was registered with a Method that lives as long as the program.
    let method = unsafe { &*method.cast::<Method>() };
    let count = usize::try_from(count).unwrap_or(0);
    let given: &[&Variant] = if count == 0 {
        &[]
    } else {
        // SAFETY: Godot passes `count` pointers to values that live for the call, and a reference is such a pointer.
        unsafe { std::slice::from_raw_parts(arguments.cast::<&Variant>(), count) }
    };
    let value = method.call_with(instance, given);
    // SAFETY: Godot passes a value that is there, and takes another in its place.
    unsafe {
        *result.cast::<Variant>() = value;
        (*error).error = sys::GDEXTENSION_CALL_OK;
    }
}

/// A call with the declared types, all of them given.
///
/// # Safety
/// Godot calls it as `GDExtensionClassMethodPtrCall`, with a [`Method`] as its user data.
pub(super) unsafe extern "C" fn pointer_call(
    method: *mut c_void,
    instance: Instance,
    arguments: *const sys::GDExtensionConstTypePtr,
    result: sys::GDExtensionTypePtr,
) {
    // SAFETY: it was registered with a Method that lives as long as the program.
    let method = unsafe { &*method.cast::<Method>() };
    if let Body::ByHand(function) = &method.body {
        let called = method.caught(|| {
            // SAFETY: Godot passes a pointer for each declared argument, to a value of its type, and a place for one of the
            // result's.
            unsafe { (function.pointers)(instance, arguments, result) }
        });
        if called.is_none() {
            // SAFETY: as above.
            unsafe { to_pointer(method.returns, &method.neutral(), result) };
        }
        return;
    }
    let values: Vec<Variant> = method
        .arguments
        .iter()
        .enumerate()
        // SAFETY: as above.
        .map(|(index, argument)| unsafe { from_pointer(argument.kind, *arguments.add(index)) })
        .collect();
    let values: Vec<&Variant> = values.iter().collect();
    let value = method.call_or_neutral(instance, &values);
    // SAFETY: as above.
    unsafe { to_pointer(method.declared_result(), &value, result) };
}
