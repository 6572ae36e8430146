//! What the network does, as monitors that the debugger of Godot's editor draws.

use godot::builtin::{Callable, StringName, Variant, varray};
use godot::classes::{Engine, Object};
use godot::meta::ToGodot;
use godot::obj::{Gd, Singleton};
use samovar_steam::NetworkTotals;

use crate::objects;
use crate::shared::Flag;

/// A monitor: its name below `samovar/`, and what it shows.
type Monitor = (&'static str, fn(&NetworkTotals) -> f64);

/// What there is of them.
const MONITORS: [Monitor; 7] = [
    ("round_trip_ms", |totals| totals.round_trip_ms),
    ("loss_percent", |totals| totals.loss_percent),
    ("bytes_out_per_second", |totals| totals.bytes_out_per_second),
    ("bytes_in_per_second", |totals| totals.bytes_in_per_second),
    ("peers", |totals| number(totals.peers)),
    ("sessions", |totals| number(totals.sessions)),
    ("keeps_directory", |totals| {
        f64::from(u8::from(totals.keeps_directory))
    }),
];

/// Whether they are there.
static ADDED: Flag = Flag::new(false);

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// What a monitor shows; `None` where there is no such one.
pub(crate) fn value(name: &str, totals: &NetworkTotals) -> Option<f64> {
    let (_, show) = MONITORS.iter().find(|(known, _)| *known == name)?;
    Some(show(totals))
}

/// Adds them, once. For the main thread.
pub(crate) fn add() {
    if ADDED.get() {
        return;
    }
    let (Some(mut performance), Some(samovar)) = (performance(), objects::SAMOVAR.first()) else {
        return;
    };
    ADDED.set(true);
    let show = Callable::from_object_method(&samovar, "network_monitor");
    for (name, _) in MONITORS {
        let id = id(name);
        // A game may have one of that name.
        if !has(&mut performance, &id) {
            let arguments = [
                id.to_variant(),
                show.to_variant(),
                varray![name].to_variant(),
            ];
            performance.call("add_custom_monitor", &arguments);
        }
    }
}

/// Takes them away, once. For the main thread.
pub(crate) fn remove() {
    if !ADDED.replace(false) {
        return;
    }
    let Some(mut performance) = performance() else {
        return;
    };
    for (name, _) in MONITORS {
        let id = id(name);
        if has(&mut performance, &id) {
            performance.call("remove_custom_monitor", &[id.to_variant()]);
        }
    }
}

fn id(name: &str) -> StringName {
    StringName::from(&format!("samovar/{name}"))
}

fn has(performance: &mut Gd<Object>, id: &StringName) -> bool {
    let known: Variant = performance.call("has_custom_monitor", &[id.to_variant()]);
    known.booleanize()
}

/// Its class is not among those that the binding has here.
fn performance() -> Option<Gd<Object>> {
    Engine::singleton().get_singleton("Performance")
}
