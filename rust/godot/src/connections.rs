//! Signals' connections at the end of a game.

use godot::builtin::{Callable, StringName};
use godot::classes::Object;
use godot::obj::Gd;

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
            let callable = connection
                .get("callable")
                .and_then(|callable| callable.try_to::<Callable>().ok());
            if let Some(callable) = callable {
                object.disconnect(&name, &callable);
            }
        }
    }
}
