//! NetworkingSockets: what earlier versions took in another order.

use godot::builtin::{PackedByteArray, PackedInt64Array, Variant, VariantType};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_steam::networking_sockets::SocketError;

use super::super::Steam;
use super::super::arguments;
use super::super::networking_sockets::{INTERFACE, handle};
use super::super::networking_sockets_messages::send;
use super::int;
use crate::surface::array;

/// Sends several messages on a connection, each a [PackedByteArray], with the same [param flags], which are NETWORKING_SEND_*
/// constants. Returns a number for each: the message's number if it was taken, or a negative [enum Result] if not.
///
/// GodotSteam 4.9 to 4.11 had the messages in front of the connection.
pub(crate) fn sendMessages(steam: &Steam, values: &[Variant]) -> Variant {
    const CALL: &str = "sendMessages";
    let Some(client) = steam.client(INTERFACE, CALL) else {
        return PackedInt64Array::new().to_variant();
    };
    let is_array = |value: &&Variant| value.get_type() == VariantType::ARRAY;
    let (connection, messages, flags) = match values.first().filter(is_array) {
        Some(messages) => (values.get(1), Some(messages), values.get(2)),
        None => (values.first(), values.get(1), values.get(2)),
    };
    let messages = messages.and_then(array);
    let Some(messages) = messages else {
        let given = values.get(1).map(|value| value.stringify().to_string());
        let given = arguments::shown(&given.unwrap_or_default());
        godot_error!("{CALL}: messages has to be an Array, and cannot be {given}");
        return PackedInt64Array::new().to_variant();
    };
    let (connection, flags) = (handle(int(connection)), int(flags));
    let mut said = false;
    let results: PackedInt64Array = messages
        .iter_shared()
        .enumerate()
        .map(|(index, message)| {
            let is_bytes = message.get_type() == VariantType::PACKED_BYTE_ARRAY;
            let bytes = is_bytes.then(|| message.try_to::<PackedByteArray>().ok());
            let sent = match bytes.flatten() {
                Some(message) => send(CALL, &client, connection, flags, &message),
                None => {
                    if !said {
                        said = true;
                        let message = arguments::shown(&message.stringify().to_string());
                        godot_error!(
                            "{CALL}: messages[{index}] has to be a PackedByteArray, and cannot be {message}"
                        );
                    }
                    Err(SocketError::InvalidParam)
                }
            };
            sent.unwrap_or_else(|error| -(error as i64))
        })
        .collect();
    results.to_variant()
}
