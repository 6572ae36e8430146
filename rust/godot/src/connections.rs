//! Signals' connections: at the end of a game, and of handlers from older games.

use godot::builtin::{Callable, StringName, VarDictionary};
use godot::classes::Object;
use godot::classes::object::ConnectFlags;
use godot::obj::{EngineBitfield, Gd};

use crate::surface;

/// The method of GDScript's that goes on after an `await`.
const AWAIT: &str = "_signal_callback";

/// Disconnects whatever is connected to any signal.
pub(crate) fn disconnect_everything(mut object: Gd<Object>) {
    for signal in object.get_signal_list().iter_shared() {
        // A String here, though it names a signal.
        let Some(name) = signal
            .get("name")
            .map(|name| StringName::from(&name.stringify()))
        else {
            continue;
        };
        for connection in object.get_signal_connection_list(&name).iter_shared() {
            if let Some(callable) = callable(&connection) {
                object.disconnect(&name, &callable);
            }
        }
    }
}

/// Connects handlers that take as few arguments as an older version sent the signal with, so that they get no more. They
/// can still be disconnected as they are: Godot knows a connection by what is called in the end.
pub(crate) fn serve_older_handlers(object: &mut Gd<Object>, signal: &str, count: usize) {
    let older = surface::older_counts(signal);
    if older.is_empty() {
        return;
    }
    let name = StringName::from(signal);
    for connection in object.get_signal_connection_list(&name).iter_shared() {
        let Some(callable) = callable(&connection) else {
            continue;
        };
        let taken = callable.get_argument_count();
        // What waits for a signal takes whatever comes, and says that it takes nothing.
        let is_await = callable.method_name().is_some_and(|method| method == AWAIT);
        if taken < count && older.contains(&taken) && !is_await {
            let flags = connection
                .get("flags")
                .and_then(|flags| flags.try_to::<i64>().ok());
            object.disconnect(&name, &callable);
            object.connect_flags(
                &name,
                &callable.unbind(count - taken),
                ConnectFlags::from_ord(flags.unwrap_or(0).cast_unsigned()),
            );
        }
    }
}

fn callable(connection: &VarDictionary) -> Option<Callable> {
    connection
        .get("callable")
        .and_then(|callable| callable.try_to().ok())
}
