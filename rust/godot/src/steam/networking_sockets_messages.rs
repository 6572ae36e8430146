//! NetworkingSockets: messages of connections, poll groups and lanes.

use std::time::Instant;

use godot::builtin::{GString, PackedByteArray, VarArray, VarDictionary, vdict};
use godot::classes::Time;
use godot::global::godot_error;
use godot::meta::ToGodot;
use godot::obj::Singleton;
use samovar_macros::api;
use samovar_steam::SendFlags;
use samovar_steam::networking_messages::MAX_MESSAGE;
use samovar_steam::networking_sockets::{
    ConnectionHandle, Lane, LaneStatus, MAX_LANES, SocketError, SocketMessage,
};

use super::keys::Keys;
use super::networking::length;
use super::networking_messages::status;
use super::networking_sockets::{INTERFACE, RESULT_OK, handle};
use super::{Steam, arguments};

/// What a message carries as flags: only whether it is reliable.
const SEND_RELIABLE: i64 = 8;
/// The keys of a received message. The last three are those of GodotSteam up to 4.15, and up to 4.7.
const SOCKET_MESSAGE_KEYS: [&str; 11] = [
    "payload",
    "size",
    "connection",
    "identity",
    "receiver_user_data",
    "time_received",
    "message_number",
    "flags",
    "channel",
    "sender_user_data",
    "user_data",
];

#[api]
impl Steam {
    /// Sends a message of at most 512 KiB on a connection, on its first lane. [param flags] are NETWORKING_SEND_* constants.
    /// Returns result, a [enum Result], and message_number, from 1; RESULT_OK says that it was taken, not that it arrives.
    #[func]
    #[allow(non_snake_case)]
    fn sendMessageToConnection(
        &self,
        connection_handle: i64,
        message: PackedByteArray,
        flags: i64,
    ) -> VarDictionary {
        const CALL: &str = "sendMessageToConnection";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let sent = send(CALL, &client, handle(connection_handle), flags, &message);
        let (result, number) = match sent {
            Ok(number) => (RESULT_OK, number),
            Err(error) => (error as i64, 0),
        };
        vdict! { "result" => result, "message_number" => number }
    }

    /// Sends at once what still waits to be packed together with later messages. Returns a [enum Result].
    #[func]
    #[allow(non_snake_case)]
    fn flushMessagesOnConnection(&self, connection_handle: i64) -> i64 {
        let Some(client) = self.client(INTERFACE, "flushMessagesOnConnection") else {
            return 0;
        };
        match client.sockets_flush(handle(connection_handle)) {
            Ok(()) => RESULT_OK,
            Err(error) => error as i64,
        }
    }

    /// Takes up to [param max_messages] messages that have arrived on a connection: an array of dictionaries with payload,
    /// size, connection, identity (who sent it), receiver_user_data (the connection's), message_number, time_received in
    /// microseconds, flags and channel (the lane).
    #[func]
    #[allow(non_snake_case)]
    fn receiveMessagesOnConnection(&self, connection_handle: i64, max_messages: i64) -> VarArray {
        const CALL: &str = "receiveMessagesOnConnection";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarArray::new();
        };
        let Some(max_messages) = arguments::count(CALL, "max_messages", max_messages) else {
            return VarArray::new();
        };
        let messages = client.sockets_receive(handle(connection_handle), max_messages);
        self.received(messages)
    }

    /// Takes up to [param max_messages] messages that have arrived on any connection of a poll group, as dictionaries like
    /// those of [method receiveMessagesOnConnection]; connection says by which one each came.
    #[func]
    #[allow(non_snake_case)]
    fn receiveMessagesOnPollGroup(&self, poll_group: i64, max_messages: i64) -> VarArray {
        const CALL: &str = "receiveMessagesOnPollGroup";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarArray::new();
        };
        let Some(max_messages) = arguments::count(CALL, "max_messages", max_messages) else {
            return VarArray::new();
        };
        let messages = client.sockets_receive_group(handle(poll_group), max_messages);
        self.received(messages)
    }

    /// Makes a poll group: connections that are put into it with [method setConnectionPollGroup] are read all at once by
    /// [method receiveMessagesOnPollGroup]. Returns its handle, or 0 where there are 256.
    #[func]
    #[allow(non_snake_case)]
    fn createPollGroup(&self) -> i64 {
        const CALL: &str = "createPollGroup";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let group = client.sockets_create_group();
        if group.is_none() {
            godot_error!("{CALL}: there are 256 poll groups");
        }
        group.map_or(0, i64::from)
    }

    /// Frees a poll group. Its connections stay open and are in no poll group then. Returns whether there was such a group.
    #[func]
    #[allow(non_snake_case)]
    fn destroyPollGroup(&self, poll_group: i64) -> bool {
        let client = self.client(INTERFACE, "destroyPollGroup");
        client.is_some_and(|client| client.sockets_destroy_group(handle(poll_group)))
    }

    /// Puts a connection into a poll group, with the messages that wait, or with 0 takes it out of the one that it is in.
    /// Returns whether both handles were good.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionPollGroup(&self, connection_handle: i64, poll_group: i64) -> bool {
        let Some(client) = self.client(INTERFACE, "setConnectionPollGroup") else {
            return false;
        };
        // A number that is no handle is not the 0 that takes it out.
        u32::try_from(poll_group)
            .is_ok_and(|group| client.sockets_set_group(handle(connection_handle), group))
    }

    /// Divides the sending side of a connection into [param lanes] lanes, as many as it has or more, up to 63. Lanes with a
    /// lower number in [param priorities] send first; lanes of the same priority share the rate by [param weights], 1 to
    /// 65535. An empty [Array] says that all are alike. Returns a [enum Result]: RESULT_NO_CONNECTION where there is no such
    /// connection, RESULT_INVALID_PARAM where the lanes are wrong, RESULT_INVALID_STATE where it is over.
    #[func]
    #[allow(non_snake_case)]
    fn configureConnectionLanes(
        &self,
        connection: i64,
        lanes: i64,
        priorities: VarArray,
        weights: VarArray,
    ) -> i64 {
        const CALL: &str = "configureConnectionLanes";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let Some(lanes) = lanes_of(CALL, lanes, &priorities, &weights) else {
            return SocketError::InvalidParam as i64;
        };
        match client.sockets_set_lanes(handle(connection), &lanes) {
            Ok(()) => RESULT_OK,
            Err(error) => error as i64,
        }
    }

    /// How a connection does: response is a [enum Result]; connection_status has ping in milliseconds, qualities from 0.0 to
    /// 1.0, -1.0 while not known, rates a second and what waits to be sent; lanes_status has the last of these for each of
    /// the first [param lanes] lanes, as many as the connection has at most. Without [param get_status] connection_status
    /// is empty.
    #[func]
    #[allow(non_snake_case)]
    fn getConnectionRealTimeStatus(
        &self,
        connection_handle: i64,
        lanes: i64,
        #[opt(default = true)] get_status: bool,
    ) -> VarDictionary {
        const CALL: &str = "getConnectionRealTimeStatus";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let answer = |response: i64, status: &VarDictionary, lanes: &VarArray| {
            vdict! { "response" => response, "connection_status" => status, "lanes_status" => lanes }
        };
        let nothing =
            |error: SocketError| answer(error as i64, &VarDictionary::new(), &VarArray::new());
        let wanted = arguments::count(CALL, "lanes", lanes);
        let handle = handle(connection_handle);
        let (Some((info, _)), Some(all)) =
            (client.sockets_status(handle), client.sockets_lanes(handle))
        else {
            return nothing(SocketError::NoConnection);
        };
        let Some(first) = wanted.and_then(|wanted| all.get(..wanted)) else {
            return nothing(SocketError::InvalidParam);
        };
        let lanes: VarArray = first
            .iter()
            .map(|lane| lane_status(lane).to_variant())
            .collect();
        let status = if get_status {
            status(&info)
        } else {
            VarDictionary::new()
        };
        answer(RESULT_OK, &status, &lanes)
    }

    /// A text of several lines about a connection, for people to read, with its state, ping, rates and what waits: success is
    /// 0 if there is one and -1 if not, status is the text.
    #[func]
    #[allow(non_snake_case)]
    fn getDetailedConnectionStatus(&self, connection_handle: i64) -> VarDictionary {
        let Some(client) = self.client(INTERFACE, "getDetailedConnectionStatus") else {
            return VarDictionary::new();
        };
        let text = client.sockets_detail(handle(connection_handle));
        let success = if text.is_some() { 0 } else { -1 };
        vdict! { "success" => success, "status" => &GString::from(text.unwrap_or_default().as_str()) }
    }
}

impl Steam {
    /// Messages as a script gets them.
    fn received(&self, messages: Option<Vec<SocketMessage>>) -> VarArray {
        let messages = messages.unwrap_or_default();
        if messages.is_empty() {
            return VarArray::new();
        }
        let now = Instant::now();
        let ticks = i64::try_from(Time::singleton().get_ticks_usec()).unwrap_or(i64::MAX);
        let keys = self
            .state
            .socket_message_keys
            .get_or_init(|| Keys::new(SOCKET_MESSAGE_KEYS));
        messages
            .iter()
            .map(|message| received(keys, message, now, ticks).to_variant())
            .collect()
    }
}

/// Sends a message on the first lane. Its number.
pub(super) fn send(
    call: &str,
    client: &samovar_steam::Steam,
    connection: ConnectionHandle,
    flags: i64,
    message: &PackedByteArray,
) -> Result<i64, SocketError> {
    let flags = SendFlags::from_number(flags);
    if message.len() > MAX_MESSAGE {
        let length = message.len();
        godot_error!("{call}: a message of {length} bytes; the most is {MAX_MESSAGE}");
    }
    let number = client.sockets_send(connection, 0, flags, message.as_slice())?;
    Ok(i64::try_from(number).unwrap_or(i64::MAX))
}

/// The lanes that a script asks for.
fn lanes_of(
    call: &str,
    lanes: i64,
    priorities: &VarArray,
    weights: &VarArray,
) -> Option<Vec<Lane>> {
    if !arguments::within(call, "lanes", lanes, 1..=i64::from(MAX_LANES)) {
        return None;
    }
    let count = usize::try_from(lanes).ok()?;
    for (name, values) in [("priorities", priorities), ("weights", weights)] {
        if !values.is_empty() && values.len() != count {
            let length = values.len();
            godot_error!("{call}: {name} has {length} elements for {lanes} lanes");
            return None;
        }
    }
    let value = |name: &str, values: &VarArray, index: usize, least: i64, most: i64| {
        let Some(value) = values.get(index) else {
            return Some(1);
        };
        let valid = value.try_to_relaxed::<i64>().ok();
        let valid = valid.filter(|value| (least..=most).contains(value));
        if valid.is_none() {
            let value = arguments::shown(&value.stringify().to_string());
            godot_error!("{call}: {name}[{index}] {value} is not {least} to {most}");
        }
        valid
    };
    let mut all = Vec::with_capacity(count);
    for index in 0..count {
        let priority = value(
            "priorities",
            priorities,
            index,
            i64::from(i32::MIN),
            i64::from(i32::MAX),
        )?;
        let weight = value("weights", weights, index, 1, i64::from(u16::MAX))?;
        all.push(Lane {
            priority: i32::try_from(priority).ok()?,
            weight: u16::try_from(weight).ok()?,
        });
    }
    Some(all)
}

fn received(keys: &Keys<11>, message: &SocketMessage, now: Instant, ticks: i64) -> VarDictionary {
    let SocketMessage {
        handle,
        user_data,
        message,
    } = message;
    let age = now.saturating_duration_since(message.received).as_micros();
    let age = i64::try_from(age).unwrap_or(0);
    let number = i64::try_from(message.number).unwrap_or(i64::MAX);
    let flags = if message.reliable { SEND_RELIABLE } else { 0 };
    keys.dictionary([
        PackedByteArray::from(&message.data[..]).to_variant(),
        length(message.data.len()).to_variant(),
        i64::from(*handle).to_variant(),
        message.peer.to_godot().to_variant(),
        user_data.to_variant(),
        (ticks - age).to_variant(),
        number.to_variant(),
        flags.to_variant(),
        i64::from(message.channel).to_variant(),
        0.to_variant(),
        user_data.to_variant(),
    ])
}

fn lane_status(lane: &LaneStatus) -> VarDictionary {
    vdict! {
        "pending_unreliable" => length(lane.pending_unreliable_bytes),
        "pending_reliable" => length(lane.pending_reliable_bytes),
        "sent_unacknowledged_reliable" => length(lane.sent_unacknowledged_reliable_bytes),
        "queue_time" => lane.queue_time_us,
    }
}
