//! Registering the tables with Godot.

// Godot's registration functions take raw pointers.
#![allow(unsafe_code)]

use std::io::Read;
use std::ptr;
use std::time::Instant;

use flate2::read::DeflateDecoder;
use godot::builtin::{GString, StringName, Variant};
use godot::global::godot_error;
use godot::obj::GodotClass;
use godot::register::private::constant::{ConstantKind, ExportConstant, IntegerConstant};
use godot::sys::{self, interface_fn};

use super::calls::{pointer_call, variant_call};
use super::{
    Argument, CONSTANTS, ENUMS, Enumeration, Kind, METHODS, Method, PROPERTIES, Property,
    SAMOVAR_METHODS, SAMOVAR_SIGNALS, SIGNALS, Signal,
};
use crate::objects::{SamovarObject, SteamObject};

/// `PROPERTY_USAGE_DEFAULT`, `..._CLASS_IS_ENUM`, `..._CLASS_IS_BITFIELD` and `..._NIL_IS_VARIANT`.
const USAGE_DEFAULT: u32 = 6;
const USAGE_ENUM: u32 = 1 << 16;
const USAGE_NIL_IS_VARIANT: u32 = 1 << 17;
const USAGE_BITFIELD: u32 = 1 << 9;
/// `METHOD_FLAGS_DEFAULT` and `METHOD_FLAG_VARARG`.
const METHOD_DEFAULT: u32 = 1;
const METHOD_VARARG: u32 = 16;

/// The help of each class, in the format of Godot's class reference, deflated: half a megabyte that only the
/// editor needs.
static HELP: [&[u8]; 4] = [
    include_bytes!(concat!(env!("OUT_DIR"), "/Steam.xml.deflate")),
    include_bytes!(concat!(env!("OUT_DIR"), "/Samovar.xml.deflate")),
    include_bytes!(concat!(
        env!("OUT_DIR"),
        "/SteamMultiplayerPeer.xml.deflate"
    )),
    include_bytes!(concat!(env!("OUT_DIR"), "/SteamPacketPeer.xml.deflate")),
];

/// Registers all that the classes `Steam` and `Samovar` have, and the classes of the multiplayer peers. To be called once,
/// after the first two classes.
pub(crate) fn register() {
    let started = Instant::now();
    register_constants();
    let steam = SteamObject::class_id().to_string_name();
    let samovar = SamovarObject::class_id().to_string_name();
    for (class, methods) in [(&steam, METHODS), (&samovar, SAMOVAR_METHODS)] {
        for method in methods {
            register_method(class, method);
        }
    }
    for (class, signals) in [(&steam, SIGNALS), (&samovar, SAMOVAR_SIGNALS)] {
        for signal in signals {
            register_signal(class, signal);
        }
    }
    #[cfg(feature = "bench")]
    super::bench::register();
    for property in PROPERTIES {
        register_property(&steam, property);
    }
    super::register_peers();
    tracing::info!(us = started.elapsed().as_micros(), "registered the classes");
}

/// Gives the editor its help. To be called once, when there is an editor.
pub(crate) fn register_help() {
    for compressed in HELP {
        let mut document = Vec::new();
        if let Err(error) = DeflateDecoder::new(compressed).read_to_end(&mut document) {
            godot_error!("Samovar's help cannot be shown: {error}");
            return;
        }
        let length = i64::try_from(document.len()).unwrap_or(0);
        // SAFETY: Godot reads so many bytes, which are UTF-8.
        unsafe {
            interface_fn!(editor_help_load_xml_from_utf8_chars_and_len)(
                document.as_ptr().cast(),
                length,
            );
        }
    }
}

fn register_constants() {
    let class = SteamObject::class_id();
    for one in ENUMS {
        let values = one
            .values
            .iter()
            .map(|(name, value)| IntegerConstant::new(name, *value))
            .collect();
        let name = StringName::from(one.name);
        let kind = if one.bitfield {
            ConstantKind::Bitfield {
                name,
                flags: values,
            }
        } else {
            ConstantKind::Enum {
                name,
                enumerators: values,
            }
        };
        ExportConstant::new(class, kind).register();
    }
    for (name, value) in CONSTANTS {
        let constant = ConstantKind::Integer(IntegerConstant::new(name, *value));
        ExportConstant::new(class, constant).register();
    }
}

/// What Godot is told of an argument or a result, with the strings that it points to.
struct Info {
    name: StringName,
    class: StringName,
    hint: GString,
    kind: Kind,
    usage: u32,
}

impl Info {
    fn new(name: &str, kind: Kind, enumeration: Option<Enumeration>) -> Self {
        let usage = match enumeration {
            Some(one) if one.bitfield => USAGE_BITFIELD,
            Some(_) => USAGE_ENUM,
            None if kind == Kind::Variant => USAGE_NIL_IS_VARIANT,
            None => 0,
        };
        let class = match enumeration {
            Some(one) => one.name,
            None => kind.class().unwrap_or_default(),
        };
        Self {
            name: StringName::from(name),
            class: StringName::from(class),
            hint: GString::new(),
            kind,
            usage: USAGE_DEFAULT | usage,
        }
    }

    fn of(argument: &Argument) -> Self {
        Self::new(argument.name, argument.kind, None)
    }

    /// Valid as long as the property is.
    fn info(&self) -> sys::GDExtensionPropertyInfo {
        sys::GDExtensionPropertyInfo {
            type_: self.kind.variant_type(),
            name: ptr::from_ref(&self.name).cast_mut().cast(),
            class_name: ptr::from_ref(&self.class).cast_mut().cast(),
            hint: 0,
            hint_string: ptr::from_ref(&self.hint).cast_mut().cast(),
            usage: self.usage,
        }
    }
}

pub(super) fn register_method(class: &StringName, method: &'static Method) {
    let name = StringName::from(method.name);
    let infos: Vec<Info> = method.arguments.iter().map(Info::of).collect();
    let mut arguments: Vec<_> = infos.iter().map(Info::info).collect();
    // For whole numbers and fractions of 64 bits nothing is to be told beyond their type.
    let mut metadata = vec![sys::GDEXTENSION_METHOD_ARGUMENT_METADATA_NONE; arguments.len()];
    let values = method.defaults.iter();
    let defaults: Vec<Variant> = values.map(|value| value.variant(None, &[])).collect();
    let mut defaults_info: Vec<sys::GDExtensionVariantPtr> = defaults
        .iter()
        .map(|value| ptr::from_ref(value).cast_mut().cast())
        .collect();
    let returns = method.declared_result();
    let result = Info::new("", returns, method.returns_enum);
    let mut result_info = result.info();
    let length = |count: usize| u32::try_from(count).unwrap_or(0);
    let info = sys::GDExtensionClassMethodInfo {
        name: ptr::from_ref(&name).cast_mut().cast(),
        method_userdata: ptr::from_ref(method).cast_mut().cast(),
        call_func: Some(variant_call),
        ptrcall_func: Some(pointer_call),
        method_flags: METHOD_DEFAULT | if method.vararg { METHOD_VARARG } else { 0 },
        has_return_value: u8::from(returns != Kind::Void),
        return_value_info: ptr::from_mut(&mut result_info),
        return_value_metadata: sys::GDEXTENSION_METHOD_ARGUMENT_METADATA_NONE,
        argument_count: length(arguments.len()),
        arguments_info: arguments.as_mut_ptr(),
        arguments_metadata: metadata.as_mut_ptr(),
        default_argument_count: length(defaults_info.len()),
        default_arguments: defaults_info.as_mut_ptr(),
    };
    // SAFETY: everything that is pointed to lives until Godot has copied it, which it does before it returns; the method
    // lives as long as the program.
    unsafe {
        interface_fn!(classdb_register_extension_class_method)(
            sys::get_library(),
            ptr::from_ref(class).cast(),
            ptr::from_ref(&info),
        );
    }
}

pub(super) fn register_signal(class: &StringName, signal: &Signal) {
    let name = StringName::from(signal.name);
    let infos: Vec<Info> = signal.arguments.iter().map(Info::of).collect();
    let arguments: Vec<_> = infos.iter().map(Info::info).collect();
    // SAFETY: as for a method.
    unsafe {
        interface_fn!(classdb_register_extension_class_signal)(
            sys::get_library(),
            ptr::from_ref(class).cast(),
            ptr::from_ref(&name).cast(),
            arguments.as_ptr(),
            i64::try_from(arguments.len()).unwrap_or(0),
        );
    }
}

pub(super) fn register_property(class: &StringName, property: &Property) {
    let [setter, getter] = [property.setter, property.getter].map(StringName::from);
    let described = Info::new(property.name, property.kind, None);
    let mut info = described.info();
    // Not for the inspector, and not to be saved.
    info.usage = 0;
    // SAFETY: as for a method; the setter and the getter are registered.
    unsafe {
        interface_fn!(classdb_register_extension_class_property)(
            sys::get_library(),
            ptr::from_ref(class).cast(),
            ptr::from_ref(&info),
            ptr::from_ref(&setter).cast(),
            ptr::from_ref(&getter).cast(),
        );
    }
}
