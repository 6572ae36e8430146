//! NetworkingMessages: messages to users.

use std::time::Instant;

use godot::builtin::{GString, PackedByteArray, VarArray, VarDictionary, Variant, vdict};
use godot::classes::Time;
use godot::global::godot_error;
use godot::meta::ToGodot;
use godot::obj::Singleton;
use samovar_macros::api;
use samovar_steam::{Message, MessageResult, SendFlags, SessionConnectionInfo};

use super::keys::Keys;
use super::networking::length;
use super::{Steam, arguments};

const INTERFACE: &str = "NetworkingMessages";
/// What both sides of a message carry as flags: only whether it is reliable.
const SEND_RELIABLE: i64 = 8;
const INFO_FLAG_DIRECT: i64 = 0;
/// The keys of a message that [`Steam::receiveMessagesOnChannel`] returns.
const MESSAGE_KEYS: [&str; 12] = [
    "payload",
    "size",
    "connection",
    "identity",
    "receiver_user_data",
    "time_received",
    "message_number",
    "channel",
    "flags",
    "remote_steam_id",
    "sender_user_data",
    "user_data",
];

#[api]
impl Steam {
    /// Lets a user talk to you, in answer to [signal network_messages_session_request]. Returns whether there was
    /// something to accept.
    #[func]
    #[allow(non_snake_case)]
    fn acceptSessionWithUser(&self, remote_steam_id: Variant) -> bool {
        const CALL: &str = "acceptSessionWithUser";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::user(CALL, remote_steam_id).is_some_and(|peer| client.messages_accept(peer))
    }

    /// Ends a channel with a user, and the session with the last one. Returns whether there was such a channel.
    #[func]
    #[allow(non_snake_case)]
    fn closeChannelWithUser(&self, remote_steam_id: Variant, channel: i64) -> bool {
        const CALL: &str = "closeChannelWithUser";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let (Some(peer), Some(channel)) = (
            arguments::user(CALL, remote_steam_id),
            arguments::channel(CALL, channel),
        ) else {
            return false;
        };
        client.messages_close_channel(peer, channel)
    }

    /// Ends the session with a user; messages that wait, or that you have not read, are dropped. Returns whether there
    /// was one.
    #[func]
    #[allow(non_snake_case)]
    fn closeSessionWithUser(&self, remote_steam_id: Variant) -> bool {
        const CALL: &str = "closeSessionWithUser";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::user(CALL, remote_steam_id).is_some_and(|peer| client.messages_close(peer))
    }

    /// How the session with a user is: connection_state, a [enum NetworkingConnectionState], and with
    /// [param get_connection] and [param get_status] what is known of the connection and its traffic.
    #[func]
    #[allow(non_snake_case)]
    fn getSessionConnectionInfo(
        &self,
        remote_steam_id: Variant,
        get_connection: bool,
        get_status: bool,
    ) -> VarDictionary {
        const CALL: &str = "getSessionConnectionInfo";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let Some(peer) = arguments::user(CALL, remote_steam_id) else {
            return vdict! { "connection_state" => 0 };
        };
        let info = client.messages_session_info(peer);
        let state = i64::from(info.state);
        let mut result = vdict! { "connection_state" => state };
        if get_connection {
            let address = info
                .remote_address
                .map(|address| address.to_string())
                .unwrap_or_default();
            result.extend_dictionary(
                &vdict! {
                    "identity" => remote_steam_id,
                    "user_data" => -1,
                    "listen_socket" => 0,
                    "remote_address" => &GString::from(address.as_str()),
                    "remote_pop" => 0,
                    "pop_relay" => 0,
                    "end_reason" => i64::from(info.end_reason),
                    "end_debug" => "",
                    "debug_description" => &GString::from(format!("P2P #{remote_steam_id}").as_str()),
                    "info_flags" => INFO_FLAG_DIRECT,
                },
                true,
            );
        }
        if get_status {
            result.extend_dictionary(&status(&info), true);
        }
        result
    }

    /// Takes up to [param max_messages] messages of a channel: an array of dictionaries with payload, size, identity
    /// (who sent it; remote_steam_id is the same), channel, message_number, time_received in microseconds, flags.
    #[func]
    #[allow(non_snake_case)]
    fn receiveMessagesOnChannel(&self, channel: i64, max_messages: i64) -> VarArray {
        const CALL: &str = "receiveMessagesOnChannel";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarArray::new();
        };
        let Some(channel) = arguments::channel(CALL, channel) else {
            return VarArray::new();
        };
        let Ok(max_messages) = usize::try_from(max_messages) else {
            godot_error!("{CALL}: max_messages {max_messages} is negative");
            return VarArray::new();
        };
        let now = Instant::now();
        let ticks = i64::try_from(Time::singleton().get_ticks_usec()).unwrap_or(i64::MAX);
        let keys = self
            .state
            .message_keys
            .get_or_init(|| Keys::new(MESSAGE_KEYS));
        client
            .messages_receive(channel, max_messages)
            .iter()
            .map(|message| received(keys, message, now, ticks).to_variant())
            .collect()
    }

    /// Sends a message to a user, of at most 512 KiB. [param flags] are NETWORKING_SEND_* constants; other bits mean nothing.
    /// Until the session is open every message goes reliably, as on Steam. Returns a [enum Result]: RESULT_OK says that it
    /// was taken, not that it arrives; RESULT_CONNECT_FAILED that the session failed or the user closed it, until you call
    /// [method closeSessionWithUser] or send with NETWORKING_SEND_AUTORESTART_BROKEN_SESSION.
    #[func]
    #[allow(non_snake_case)]
    fn sendMessageToUser(
        &self,
        remote_steam_id: Variant,
        data: PackedByteArray,
        flags: i64,
        channel: i64,
    ) -> i64 {
        const CALL: &str = "sendMessageToUser";
        const RESULT_NONE: i64 = 0;
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return RESULT_NONE;
        };
        let invalid = MessageResult::InvalidParam as i64;
        let Some(peer) = arguments::user(CALL, remote_steam_id) else {
            return invalid;
        };
        let Some(channel) = arguments::channel(CALL, channel) else {
            return invalid;
        };
        let flags = SendFlags::from_number(flags);
        let result = client.messages_send(peer, data.as_slice(), flags, channel);
        if result == MessageResult::InvalidParam {
            godot_error!(
                "{CALL}: a message of {} bytes; the most is 524288",
                data.len()
            );
        }
        result as i64
    }
}

/// What a message is to a script: the values of [`MESSAGE_KEYS`].
fn received(keys: &Keys<12>, message: &Message, now: Instant, ticks: i64) -> VarDictionary {
    let age =
        i64::try_from(now.saturating_duration_since(message.received).as_micros()).unwrap_or(0);
    let number = i64::try_from(message.number).unwrap_or(i64::MAX);
    let flags = if message.reliable { SEND_RELIABLE } else { 0 };
    let peer = message.peer.to_godot().to_variant();
    keys.dictionary([
        PackedByteArray::from(&message.data[..]).to_variant(),
        length(message.data.len()).to_variant(),
        0.to_variant(),
        peer.clone(),
        (-1).to_variant(),
        (ticks - age).to_variant(),
        number.to_variant(),
        i64::from(message.channel).to_variant(),
        flags.to_variant(),
        peer,
        0.to_variant(),
        (-1).to_variant(),
    ])
}

/// How the traffic of a session or a connection is.
pub(super) fn status(info: &SessionConnectionInfo) -> VarDictionary {
    vdict! {
        "state" => i64::from(info.state),
        "ping" => i64::from(info.ping_ms),
        "local_quality" => info.local_quality,
        "remote_quality" => info.remote_quality,
        "packets_out_per_second" => info.packets_out_per_second,
        "bytes_out_per_second" => info.bytes_out_per_second,
        "packets_in_per_second" => info.packets_in_per_second,
        "bytes_in_per_second" => info.bytes_in_per_second,
        "send_rate" => i64::from(info.send_rate),
        "pending_unreliable" => length(info.pending_unreliable_bytes),
        "pending_reliable" => length(info.pending_reliable_bytes),
        "sent_unacknowledged_reliable" => length(info.sent_unacknowledged_reliable_bytes),
        "queue_time" => info.queue_time_us,
    }
}
