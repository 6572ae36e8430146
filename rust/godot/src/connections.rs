//! Signals' connections: at the end of a game, and of handlers from older games.

use godot::builtin::{Callable, GString, StringName, VarDictionary};
use godot::classes::Object;
use godot::classes::object::ConnectFlags;
use godot::meta::ToGodot;
use godot::obj::{EngineBitfield, Gd};

use crate::surface;

/// How the name of a lambda ends: `(lambda)`, or `(self lambda)`.
const LAMBDA: &str = "lambda)";
/// `METHOD_FLAG_VARARG`.
const METHOD_VARARG: i64 = 16;
/// The most often that one handler is taken to be connected.
const MAX_REFERENCES: usize = 1024;

/// Disconnects whatever is connected to any signal.
pub(crate) fn disconnect_everything(object: Gd<Object>) {
    disconnect_some(object, |_| true);
}

/// Disconnects the lambdas that are connected to any signal.
pub(crate) fn disconnect_lambdas(object: Gd<Object>) {
    disconnect_some(object, is_lambda);
}

fn disconnect_some(mut object: Gd<Object>, which: impl Fn(&Callable) -> bool) {
    for signal in object.get_signal_list().iter_shared() {
        // A String here, though it names a signal.
        let Some(name) = signal
            .get("name")
            .map(|name| StringName::from(&name.stringify()))
        else {
            continue;
        };
        for connection in object.get_signal_connection_list(&name).iter_shared() {
            if let Some(callable) = callable(&connection).filter(&which) {
                disconnect(&mut object, &name, &callable);
            }
        }
    }
}

/// Connects handlers that take as few arguments as an older version sent the signal with, so that they get no more. They
/// can still be disconnected as they are: Godot knows a connection by what is called in the end. All handlers stay in their
/// order.
pub(crate) fn serve_older_handlers(object: &mut Gd<Object>, signal: &str, count: usize) {
    let older = surface::older_counts(signal);
    if older.is_empty() {
        return;
    }
    let name = StringName::from(signal);
    let connections = object.get_signal_connection_list(&name);
    let handlers: Vec<(Callable, Callable, ConnectFlags)> = connections
        .iter_shared()
        .filter_map(|connection| {
            let callable = callable(&connection)?;
            let taken = callable.get_argument_count();
            let is_older = taken < count && older.contains(&taken) && is_of_a_script(&callable);
            let served = if is_older {
                callable.unbind(count - taken)
            } else {
                callable.clone()
            };
            let flags = connection.get("flags")?.try_to::<i64>().ok()?;
            let flags = ConnectFlags::from_ord(flags.cast_unsigned());
            Some((callable, served, flags))
        })
        .collect();
    if handlers
        .iter()
        .all(|(callable, served, _)| callable == served)
    {
        return;
    }
    for (callable, served, flags) in handlers {
        let times = disconnect(object, &name, &callable);
        for _ in 0..times {
            object.connect_flags(&name, &served, flags);
        }
    }
}

/// Takes a connection away, however often it was made where that is counted. Returns how often.
fn disconnect(object: &mut Gd<Object>, name: &StringName, callable: &Callable) -> usize {
    let mut times = 0;
    while times < MAX_REFERENCES && object.is_connected(name, callable) {
        object.disconnect(name, callable);
        times += 1;
    }
    times
}

/// Whether it is a function of a script that takes so many arguments and no more, so that it cannot take what is sent:
/// neither a native method or signal, which say that they take none, nor what waits for a signal.
fn is_of_a_script(callable: &Callable) -> bool {
    if callable.is_custom() {
        return is_lambda(callable);
    }
    let (Some(object), Some(method)) = (callable.object(), callable.method_name()) else {
        return false;
    };
    let Some(script) = object.get_script() else {
        return false;
    };
    script.get_script_method_list().iter_shared().any(|info| {
        let is_it = info
            .get("name")
            .is_some_and(|name| name.stringify() == GString::from(&method));
        let flags = info
            .get("flags")
            .and_then(|flags| flags.try_to::<i64>().ok());
        is_it && flags.unwrap_or(0) & METHOD_VARARG == 0
    })
}

fn is_lambda(callable: &Callable) -> bool {
    callable.is_custom()
        && callable
            .to_variant()
            .stringify()
            .to_string()
            .ends_with(LAMBDA)
}

fn callable(connection: &VarDictionary) -> Option<Callable> {
    connection
        .get("callable")
        .and_then(|callable| callable.try_to().ok())
}
