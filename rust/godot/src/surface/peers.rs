//! Registering the classes of the multiplayer peers, and taking them away again.

// Godot's registration functions take raw pointers.
#![allow(unsafe_code)]

use std::ptr;

use godot::builtin::StringName;
use godot::classes::ClassDb;
use godot::global::godot_warn;
use godot::obj::Singleton;
use godot::sys::{self, interface_fn};

use super::register::{register_method, register_property, register_signal};
use super::{
    Enum, Method, Property, STEAMMULTIPLAYERPEER_ENUMS, STEAMMULTIPLAYERPEER_METHODS,
    STEAMMULTIPLAYERPEER_PROPERTIES, STEAMMULTIPLAYERPEER_SIGNALS, STEAMPACKETPEER_ENUMS,
    STEAMPACKETPEER_METHODS, STEAMPACKETPEER_PROPERTIES, STEAMPACKETPEER_SIGNALS, Signal,
};
use crate::multiplayer::{
    NativeClass, SteamMultiplayerPeer, SteamPacketPeer, register_class, unregister_class,
};
use crate::shared::Flag;

/// The enum of what can be configured of connections.
const CONFIG_VALUES: &str = "NetworkingConfigValue";

/// What a class has, beside what it inherits.
struct Members {
    methods: &'static [Method],
    signals: &'static [Signal],
    properties: &'static [Property],
    enums: &'static [Enum],
}

/// Whether the classes are Samovar's.
static IS_REGISTERED: Flag = Flag::new(false);

/// Registers the two classes, with all that they have. To be called once. Where another extension has one of them, which
/// a project with expressobits' may have beside Samovar, they are that one's.
pub(crate) fn register() {
    let is_taken = |name| ClassDb::singleton().class_exists(&StringName::from(name));
    if let Some(name) = [SteamPacketPeer::NAME, SteamMultiplayerPeer::NAME]
        .into_iter()
        .find(|name| is_taken(*name))
    {
        godot_warn!(
            "Samovar leaves the class {name} to another extension, which knows nothing of Samovar's network; \
            remove that extension from the project to use Samovar's"
        );
        return;
    }
    IS_REGISTERED.set(true);
    register_with::<SteamPacketPeer>(&Members {
        methods: STEAMPACKETPEER_METHODS,
        signals: STEAMPACKETPEER_SIGNALS,
        properties: STEAMPACKETPEER_PROPERTIES,
        enums: STEAMPACKETPEER_ENUMS,
    });
    register_with::<SteamMultiplayerPeer>(&Members {
        methods: STEAMMULTIPLAYERPEER_METHODS,
        signals: STEAMMULTIPLAYERPEER_SIGNALS,
        properties: STEAMMULTIPLAYERPEER_PROPERTIES,
        enums: STEAMMULTIPLAYERPEER_ENUMS,
    });
}

/// Takes the two classes away. To be called once, before the library goes.
pub(crate) fn unregister() {
    if !IS_REGISTERED.replace(false) {
        return;
    }
    unregister_class::<SteamMultiplayerPeer>();
    unregister_class::<SteamPacketPeer>();
}

/// Whether it is a value of `NetworkingConfigValue`, and not the one that says that there is none.
pub(crate) fn is_config_value(number: i64) -> bool {
    let mut enums = STEAMMULTIPLAYERPEER_ENUMS.iter();
    let values = enums.find(|one| one.name == CONFIG_VALUES);
    let mut values = values.iter().flat_map(|one| one.values);
    number != 0 && values.any(|(_, value)| *value == number)
}

fn register_with<T: NativeClass>(members: &Members) {
    register_class::<T>();
    let class = StringName::from(T::NAME);
    for one in members.enums {
        register_enum(&class, one);
    }
    for method in members.methods {
        register_method(&class, method);
    }
    for signal in members.signals {
        register_signal(&class, signal);
    }
    for property in members.properties {
        register_property(&class, property);
    }
}

fn register_enum(class: &StringName, one: &Enum) {
    let enumeration = StringName::from(one.name);
    for (name, value) in one.values {
        let name = StringName::from(*name);
        // SAFETY: everything that is pointed to lives until Godot has copied it, which it does before it returns.
        unsafe {
            interface_fn!(classdb_register_extension_class_integer_constant)(
                sys::get_library(),
                ptr::from_ref(class).cast(),
                ptr::from_ref(&enumeration).cast(),
                ptr::from_ref(&name).cast(),
                *value,
                u8::from(one.bitfield),
            );
        }
    }
}
