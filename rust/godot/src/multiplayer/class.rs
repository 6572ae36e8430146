//! Registering a class with Godot: how its objects come and go, and what of its base class it answers.

// Godot's registration functions take raw pointers, and so do its callbacks.
#![allow(unsafe_code)]

use std::ffi::c_void;
use std::panic::catch_unwind;
use std::ptr;
use std::sync::Arc;

use godot::builtin::StringName;
use godot::obj::InstanceId;
use godot::sys::{self, interface_fn};

use crate::surface::Instance;

/// A function that Godot calls in the place of a virtual method.
pub(super) type Virtual =
    unsafe extern "C" fn(Instance, *const sys::GDExtensionConstTypePtr, sys::GDExtensionTypePtr);

/// A class that is registered without the godot crate. Godot keeps one reference for each object.
pub(crate) trait NativeClass: Send + Sync + 'static {
    const NAME: &'static str;
    /// The class of Godot's that it is made of.
    const BASE: &'static str;

    /// What a new object holds.
    fn create(id: InstanceId) -> Arc<Self>;

    /// An object goes. It cannot be asked for by its ID any more.
    fn destroy(&self);

    /// What answers a virtual method of the base class.
    fn virtual_of(name: &str) -> Option<Virtual>;
}

/// Registers a class. Its methods follow.
pub(crate) fn register_class<T: NativeClass>() {
    let name = StringName::from(T::NAME);
    let base = StringName::from(T::BASE);
    let info = sys::GDExtensionClassCreationInfo4 {
        is_virtual: 0,
        is_abstract: 0,
        is_exposed: 1,
        is_runtime: 0,
        icon_path: ptr::null(),
        set_func: None,
        get_func: None,
        get_property_list_func: None,
        free_property_list_func: None,
        property_can_revert_func: None,
        property_get_revert_func: None,
        validate_property_func: None,
        notification_func: None,
        to_string_func: None,
        reference_func: None,
        unreference_func: None,
        create_instance_func: Some(create::<T>),
        free_instance_func: Some(free::<T>),
        recreate_instance_func: None,
        get_virtual_func: Some(get_virtual::<T>),
        get_virtual_call_data_func: None,
        call_virtual_with_data_func: None,
        class_userdata: ptr::null_mut(),
    };
    // SAFETY: everything that is pointed to lives until Godot has copied it, which it does before it returns.
    unsafe {
        interface_fn!(classdb_register_extension_class4)(
            sys::get_library(),
            ptr::from_ref(&name).cast(),
            ptr::from_ref(&base).cast(),
            ptr::from_ref(&info),
        );
    }
}

/// Takes a class away again, before the library goes.
pub(crate) fn unregister_class<T: NativeClass>() {
    let name = StringName::from(T::NAME);
    // SAFETY: it is registered, and no other class is made of it.
    unsafe {
        interface_fn!(classdb_unregister_extension_class)(
            sys::get_library(),
            ptr::from_ref(&name).cast(),
        );
    }
}

/// # Safety
/// Godot calls it as `GDExtensionClassCreateInstance2`. That there is to be a notification makes no difference: neither
/// base class listens to it, and no script is attached yet.
unsafe extern "C" fn create<T: NativeClass>(
    _userdata: *mut c_void,
    _notify: sys::GDExtensionBool,
) -> sys::GDExtensionObjectPtr {
    let name = StringName::from(T::NAME);
    let base = StringName::from(T::BASE);
    // SAFETY: the base class is one of Godot's; its object is made complete with what this class holds.
    unsafe {
        let object = interface_fn!(classdb_construct_object2)(ptr::from_ref(&base).cast());
        let id = interface_fn!(object_get_instance_id)(object.cast_const());
        let Ok(instance) = catch_unwind(|| T::create(InstanceId::from_i64(id.cast_signed())))
        else {
            interface_fn!(object_destroy)(object);
            return ptr::null_mut();
        };
        let instance = Arc::into_raw(instance).cast_mut();
        interface_fn!(object_set_instance)(object, ptr::from_ref(&name).cast(), instance.cast());
        object
    }
}

/// # Safety
/// Godot calls it as `GDExtensionClassFreeInstance`, with what [`create`] made.
unsafe extern "C" fn free<T: NativeClass>(_userdata: *mut c_void, instance: Instance) {
    // SAFETY: it is the reference that Godot was given.
    let instance = unsafe { Arc::from_raw(instance.cast::<T>().cast_const()) };
    // Nothing may unwind into Godot.
    let _ = catch_unwind(std::panic::AssertUnwindSafe(move || {
        instance.destroy();
        drop(instance);
    }));
}

/// # Safety
/// Godot calls it as `GDExtensionClassGetVirtual2`.
unsafe extern "C" fn get_virtual<T: NativeClass>(
    _userdata: *mut c_void,
    name: sys::GDExtensionConstStringNamePtr,
    _hash: u32,
) -> sys::GDExtensionClassCallVirtual {
    // SAFETY: Godot passes a name that lives for the call.
    let name = unsafe { &*name.cast::<StringName>() };
    T::virtual_of(&name.to_string())
}

/// Whoever Godot calls, with a reference of its own: a handler may let the object go meanwhile.
///
/// # Safety
/// The instance is one of this class, and lives now.
pub(super) unsafe fn kept<T: NativeClass>(instance: Instance) -> Arc<T> {
    let instance = instance.cast::<T>().cast_const();
    // SAFETY: the caller's.
    unsafe {
        Arc::increment_strong_count(instance);
        Arc::from_raw(instance)
    }
}
