//! Calls from another thread than the main one. There the binding ends the program where it is asked for more than a
//! message, so such a call is refused before anything is done, and what it returns is made by Godot itself.

// Godot constructs values through a function pointer.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::OnceLock;

use godot::global::godot_error;
use godot::sys::{self, interface_fn};

use super::{Kind, Method};

/// Godot's function that makes a value of a type; it may be called from everywhere.
static CONSTRUCT: OnceLock<sys::GDExtensionInterfaceVariantConstruct> = OnceLock::new();

/// To be called on the main thread, before methods are registered.
pub(super) fn prepare() {
    CONSTRUCT.get_or_init(|| interface_fn!(variant_construct));
}

impl Method {
    /// Whether this is another thread than the main one. Says so when it is.
    pub(super) fn is_elsewhere(&self) -> bool {
        let is_elsewhere = !sys::is_main_thread();
        if is_elsewhere {
            godot_error!(
                "{}: called from another thread; call Steam from the main thread only",
                self.name
            );
        }
        is_elsewhere
    }

    /// Puts the neutral value into the result of a call with values of any type.
    ///
    /// # Safety
    /// There is a value of no type in the result.
    pub(super) unsafe fn return_neutral(&self, result: sys::GDExtensionVariantPtr) {
        let Some(construct) = CONSTRUCT.get() else {
            return;
        };
        let mut error = sys::GDExtensionCallError {
            error: sys::GDEXTENSION_CALL_OK,
            argument: 0,
            expected: 0,
        };
        // SAFETY: a type is constructed of nothing, in the place of a value that needs no end.
        unsafe {
            construct(
                self.neutral_kind().variant_type(),
                result.cast(),
                ptr::null(),
                0,
                ptr::from_mut(&mut error),
            );
        }
    }

    /// The same for a call with declared types: Godot has made the value, but may not have set a number.
    ///
    /// # Safety
    /// There is a value of the declared type in the result.
    pub(super) unsafe fn return_neutral_pointer(&self, result: sys::GDExtensionTypePtr) {
        // SAFETY: the caller's.
        unsafe {
            match self.declared_result() {
                Kind::Bool => *result.cast::<u8>() = 0,
                Kind::Int => *result.cast::<i64>() = 0,
                Kind::Float => *result.cast::<f64>() = 0.0,
                _ => {}
            }
        }
    }
}
