//! Singletons of Godot's that the godot crate binds only together with all of Godot's classes, which would cost a fifth of the
//! library: called by the names of their methods.

use godot::builtin::{PackedStringArray, StringName, VarDictionary, Variant};
use godot::classes::{Engine, Object};
use godot::meta::{FromGodot, ToGodot};
use godot::obj::{Gd, Singleton};

/// A singleton, or nothing where this Godot is built without it.
struct Named(Option<Gd<Object>>);

impl Named {
    fn new(name: &str) -> Self {
        Self(Engine::singleton().get_singleton(name))
    }

    fn call(&self, method: &str, arguments: &[Variant]) -> Variant {
        let object = self.0.clone();
        object.map_or_else(Variant::nil, |mut object| {
            object.call(&StringName::from(method), arguments)
        })
    }

    fn get<T: FromGodot + Default>(&self, method: &str, arguments: &[Variant]) -> T {
        self.call(method, arguments).try_to().unwrap_or_default()
    }
}

/// Godot's `ProjectSettings`. Any thread may read them.
pub(crate) struct ProjectSettings(Named);

impl ProjectSettings {
    pub(crate) fn singleton() -> Self {
        Self(Named::new("ProjectSettings"))
    }

    pub(crate) fn has_setting(&self, name: &str) -> bool {
        self.0.get("has_setting", &[name.to_variant()])
    }

    /// The value for this platform and export: that of `name.windows`, for instance, where there is one.
    pub(crate) fn get_setting(&self, name: &str) -> Variant {
        self.0
            .call("get_setting_with_override", &[name.to_variant()])
    }

    pub(crate) fn set_setting(&mut self, name: &str, value: &Variant) {
        self.0
            .call("set_setting", &[name.to_variant(), value.clone()]);
    }

    pub(crate) fn set_initial_value(&mut self, name: &str, value: &Variant) {
        self.0
            .call("set_initial_value", &[name.to_variant(), value.clone()]);
    }

    pub(crate) fn set_as_basic(&mut self, name: &str, basic: bool) {
        self.0
            .call("set_as_basic", &[name.to_variant(), basic.to_variant()]);
    }

    pub(crate) fn add_property_info(&mut self, info: &VarDictionary) {
        self.0.call("add_property_info", &[info.to_variant()]);
    }
}

/// Whether the game's window is in front. For the main thread.
pub(crate) fn window_is_focused() -> bool {
    Named::new("DisplayServer").get("window_is_focused", &[])
}

/// The locales that the project has translations for.
pub(crate) fn loaded_locales() -> PackedStringArray {
    Named::new("TranslationServer").get("get_loaded_locales", &[])
}
