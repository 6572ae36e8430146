//! The bytes that a script sends, at the price of two calls to Godot: the godot crate looks its functions up by name whenever
//! they are called, which would cost as much as all the rest of a send.

// Godot's functions take raw pointers.
#![allow(unsafe_code)]

use std::ptr;
use std::sync::OnceLock;

use godot::builtin::{PackedByteArray, StringName};
use godot::sys::{self, GodotFfi, interface_fn};

/// Godot's hash of the signature of `PackedByteArray.size`, as its `extension_api.json` has it.
const SIZE_HASH: i64 = 3_173_160_232;

/// `PackedByteArray.size`; `None` in a Godot whose method of that name is another one.
static SIZE: OnceLock<sys::GDExtensionPtrBuiltInMethod> = OnceLock::new();

/// The bytes of an array.
pub(crate) fn bytes(array: &PackedByteArray) -> &[u8] {
    let Some(size) = SIZE.get_or_init(size_method) else {
        return array.as_slice();
    };
    let mut count = 0_i64;
    // SAFETY: the method takes nothing and returns an integer. It only reads the array, whatever the type of the pointer says.
    unsafe {
        size(
            array.sys().cast_mut(),
            ptr::null(),
            ptr::from_mut(&mut count).cast(),
            0,
        );
    }
    let count = usize::try_from(count).unwrap_or(0);
    if count == 0 {
        return &[];
    }
    // SAFETY: there is a first byte, and the others follow it. They stay there as long as the array, which nobody can change
    // while it is borrowed.
    unsafe {
        let first = interface_fn!(packed_byte_array_operator_index_const)(array.sys(), 0);
        std::slice::from_raw_parts(first, count)
    }
}

fn size_method() -> sys::GDExtensionPtrBuiltInMethod {
    let name = StringName::from("size");
    // SAFETY: the name lives for the call.
    unsafe {
        interface_fn!(variant_get_ptr_builtin_method)(
            sys::GDEXTENSION_VARIANT_TYPE_PACKED_BYTE_ARRAY,
            ptr::from_ref(&name).cast(),
            SIZE_HASH,
        )
    }
}
