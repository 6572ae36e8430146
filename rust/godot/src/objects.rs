//! The objects that scripts see: the singletons, and whatever a script makes of their classes besides, as the C# bindings of
//! GodotSteam do. All of them are doors to the one running user, and all emit the signals.

use godot::builtin::{StringName, Variant};
use godot::classes::{IObject, Object};
use godot::meta::ToGodot;
use godot::obj::{Base, Gd, InstanceId};
use godot::register::{GodotClass, godot_api};
use parking_lot::Mutex;

use crate::connections;
use crate::shared::is_main_thread;

/// The live objects of a class, the oldest first, which is the singleton.
pub(crate) struct Objects(Mutex<Vec<InstanceId>>);

/// The objects of the class `Steam`.
pub(crate) static STEAM: Objects = Objects::new();
/// The objects of the class `Samovar`.
pub(crate) static SAMOVAR: Objects = Objects::new();

impl Objects {
    const fn new() -> Self {
        Self(Mutex::new(Vec::new()))
    }

    fn add(&self, base: &Base<Object>) -> InstanceId {
        let id = base.to_init_gd().instance_id();
        self.0.lock().push(id);
        id
    }

    fn remove(&self, id: InstanceId) {
        self.0.lock().retain(|one| *one != id);
    }

    /// Those that live. Each is looked up when it is its turn: a handler may free any of them.
    fn each(&self) -> impl Iterator<Item = Gd<Object>> + use<> {
        let all = self.0.lock().clone();
        all.into_iter()
            .filter_map(|id| Gd::try_from_instance_id(id).ok())
    }

    /// The singleton, where there is one.
    pub(crate) fn first(&self) -> Option<Gd<Object>> {
        self.each().next()
    }

    /// Emits a signal of each. A handler that was written for an older version, which sent it with fewer arguments, gets those.
    /// For the main thread.
    pub(crate) fn emit(&self, signal: &str, arguments: &[Variant]) {
        debug_assert!(is_main_thread());
        let name = StringName::from(signal);
        for mut object in self.each() {
            connections::serve_older_handlers(&mut object, signal, arguments.len());
            object.emit_signal(&name, arguments);
        }
    }

    /// Emits a signal of each at the end of the frame, from any thread.
    pub(crate) fn emit_deferred(&self, signal: &str, arguments: &[Variant]) {
        let signal = [StringName::from(signal).to_variant()];
        let arguments: Vec<Variant> = signal.iter().chain(arguments).cloned().collect();
        for mut object in self.each() {
            object.call_deferred(&StringName::from("emit_signal"), &arguments);
        }
    }

    /// Emits a signal of each: at once on the main thread, else at the end of the frame.
    pub(crate) fn emit_soon(&self, signal: &str, arguments: &[Variant]) {
        if is_main_thread() {
            self.emit(signal, arguments);
        } else {
            self.emit_deferred(signal, arguments);
        }
    }

    /// Disconnects whatever is connected to their signals.
    pub(crate) fn disconnect_everything(&self) {
        for object in self.each() {
            connections::disconnect_everything(object);
        }
    }
}

/// What scripts know as `Steam`. Its methods, signals and constants are registered from tables, and know no object.
#[derive(GodotClass)]
#[class(singleton, base=Object, rename=Steam)]
pub(crate) struct SteamObject {
    id: InstanceId,
}

#[godot_api]
impl IObject for SteamObject {
    fn init(base: Base<Object>) -> Self {
        Self {
            id: STEAM.add(&base),
        }
    }
}

impl Drop for SteamObject {
    fn drop(&mut self) {
        STEAM.remove(self.id);
    }
}

/// What scripts know as `Samovar`, as [`SteamObject`].
#[derive(GodotClass)]
#[class(singleton, base=Object, rename=Samovar)]
pub(crate) struct SamovarObject {
    id: InstanceId,
}

#[godot_api]
impl IObject for SamovarObject {
    fn init(base: Base<Object>) -> Self {
        Self {
            id: SAMOVAR.add(&base),
        }
    }
}

impl Drop for SamovarObject {
    fn drop(&mut self) {
        SAMOVAR.remove(self.id);
    }
}
