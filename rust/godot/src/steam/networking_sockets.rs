//! NetworkingSockets: connections, opened, accepted, known and closed.

use godot::builtin::{GString, VarDictionary, Variant, vdict};
use godot::global::godot_error;
use samovar_macros::api;

use super::callbacks::connection_info;
use super::{Steam, arguments, socket_options};
use crate::surface::enums::NetworkingAvailability;

pub(super) const INTERFACE: &str = "NetworkingSockets";
/// `k_EResultOK`.
pub(super) const RESULT_OK: i64 = 1;
/// `k_ESteamNetworkingAvailability_Current`.
const AVAILABILITY_CURRENT: i64 = 100;
/// `k_nSteamNetworkConnectionInfoFlags_LoopbackBuffers`.
const FLAG_LOOPBACK_BUFFERS: i64 = 4;
/// What there is of a user data where there is no connection.
const NO_USER_DATA: i64 = -1;

/// A handle; what is none is 0, which is of nothing: Steam says of wrong handles only that there is no such thing.
pub(super) fn handle(value: i64) -> u32 {
    u32::try_from(value).unwrap_or(0)
}

#[api]
impl Steam {
    /// Listens for users who call [method connectP2P] with the same [param virtual_port], 0 or more;
    /// [signal network_connection_status_changed] tells of each who comes, and of those who already wait.
    /// [param options] are as those of [method connectP2P], for each connection that comes. Returns a listen socket's
    /// handle, or 0 where somebody listens on that port already. At most 256.
    #[func]
    #[allow(non_snake_case)]
    fn createListenSocketP2P(&self, virtual_port: i64, options: Variant) -> i64 {
        const CALL: &str = "createListenSocketP2P";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let Some(port) = port(CALL, virtual_port) else {
            return 0;
        };
        let Some(options) = socket_options::options(CALL, &options) else {
            return 0;
        };
        let socket = client.sockets_listen(port, options);
        if socket.is_none() {
            godot_error!(
                "{CALL}: somebody listens on virtual port {virtual_port}, or there are 256 listen sockets"
            );
        }
        socket.map_or(0, i64::from)
    }

    /// Closes a listen socket, and all connections that have come by it, without sending what still waits. Returns whether
    /// there was one.
    #[func]
    #[allow(non_snake_case)]
    fn closeListenSocket(&self, socket: i64) -> bool {
        let client = self.client(INTERFACE, "closeListenSocket");
        client.is_some_and(|client| client.sockets_close_listen(handle(socket)))
    }

    /// The address of a listen socket. Those of [method createListenSocketP2P] have none, so this is empty.
    #[func]
    #[allow(non_snake_case)]
    fn getListenSocketAddress(
        &self,
        socket: i64,
        #[opt(default = true)] with_port: bool,
    ) -> GString {
        let _ = (socket, with_port);
        self.client(INTERFACE, "getListenSocketAddress");
        GString::new()
    }

    /// Starts a connection to a user, by Steam ID, who listens on the same [param virtual_port] with
    /// [method createListenSocketP2P]; [signal network_connection_status_changed] tells of each step. Returns its handle,
    /// or 0 where none can be started. What is sent before the user accepts goes then.
    ///
    /// [param options] holds values by [enum NetworkingConfigValue]. NETWORKING_CONFIG_SYMMETRIC_CONNECT (both call this,
    /// and get one connection), NETWORKING_CONFIG_TIMEOUT_INITIAL in milliseconds and
    /// NETWORKING_CONFIG_CONNECTION_USER_DATA have an effect, and what [method setConnectionConfigValueInt32] sets. Other
    /// ones are taken and make no difference. An [Array] of [code][value, type, data][/code] is as good.
    #[func]
    #[allow(non_snake_case)]
    fn connectP2P(&self, remote_steam_id: Variant, virtual_port: i64, options: Variant) -> i64 {
        const CALL: &str = "connectP2P";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let (Some(peer), Some(port), Some(options)) = (
            arguments::user(CALL, remote_steam_id),
            port(CALL, virtual_port),
            socket_options::options(CALL, &options),
        ) else {
            return 0;
        };
        let connection = client.sockets_connect(peer, port, &options);
        if connection.is_none() {
            let why = if peer == client.steam_id() {
                "you do not listen there yourself, or there are 1024 connections"
            } else if options.symmetric {
                "there is a symmetric connection already, or there are too many connections"
            } else {
                "there are 1024 connections, or 64 with this user"
            };
            godot_error!("{CALL}: {remote_steam_id}, virtual port {virtual_port}: {why}");
        }
        connection.map_or(0, i64::from)
    }

    /// Accepts a connection, of which [signal network_connection_status_changed] has told in the state
    /// CONNECTION_STATE_CONNECTING. Do it within seconds, or the other side gives up. Returns a [enum Result]:
    /// RESULT_INVALID_PARAM where there is no such connection, RESULT_INVALID_STATE where nobody waits for it.
    #[func]
    #[allow(non_snake_case)]
    fn acceptConnection(&self, connection_handle: i64) -> i64 {
        let Some(client) = self.client(INTERFACE, "acceptConnection") else {
            return 0;
        };
        match client.sockets_accept(handle(connection_handle)) {
            Ok(()) => RESULT_OK,
            Err(error) => error as i64,
        }
    }

    /// Closes a connection, refuses it, or frees the handle of one that is over. What you have not read is dropped; with
    /// [param linger], reliable messages that wait are still sent. The other side gets [param debug_message] and
    /// [param reason], 1000 to 1999 for a normal end and 2000 to 2999 for an error; 0 counts as 1000, any other as 1999.
    /// Returns whether there was such a connection.
    #[func]
    #[allow(non_snake_case)]
    fn closeConnection(
        &self,
        connection_handle: i64,
        reason: i64,
        debug_message: GString,
        linger: bool,
    ) -> bool {
        const CALL: &str = "closeConnection";
        /// A reason that no game has.
        const NONE: i32 = -1;
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let reason = i32::try_from(reason).unwrap_or(NONE);
        let debug = debug_message.to_string();
        client.sockets_close(handle(connection_handle), reason, &debug, linger)
    }

    /// Makes two connections within this game that are connected to each other, the first with the second user and the other
    /// way round; 0 is you. Returns success, connection1 and connection2. [param loopback] makes no difference: messages
    /// are handed over in memory.
    #[func]
    #[allow(non_snake_case)]
    fn createSocketPair(
        &self,
        loopback: bool,
        remote_steam_id1: Variant,
        remote_steam_id2: Variant,
    ) -> VarDictionary {
        const CALL: &str = "createSocketPair";
        let _ = loopback;
        let ids = [remote_steam_id1, remote_steam_id2].map(|id| self.steam_id_of(&id));
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let [one, two] = ids.map(|id| match id {
            0 => Some(client.steam_id()),
            id => arguments::user(CALL, id),
        });
        let pair = match (one, two) {
            (Some(one), Some(two)) => {
                let pair = client.sockets_pair(one, two);
                if pair.is_none() {
                    godot_error!("{CALL}: there are 1024 connections");
                }
                pair
            }
            _ => None,
        };
        let (first, second) = pair.unwrap_or_default();
        vdict! {
            "success" => pair.is_some(),
            "connection1" => i64::from(first),
            "connection2" => i64::from(second),
        }
    }

    /// What a connection is: identity is the other side's Steam ID, connection_state a [enum NetworkingConnectionState],
    /// end_reason a [enum NetworkingConnectionEnd] with a text in end_debug; with remote_address, listen_socket, user_data,
    /// and debug_description for logs. Empty when there is no such connection.
    #[func]
    #[allow(non_snake_case)]
    fn getConnectionInfo(&self, connection_handle: i64) -> VarDictionary {
        let client = self.client(INTERFACE, "getConnectionInfo");
        let Some(info) = client.and_then(|client| client.sockets_info(handle(connection_handle)))
        else {
            return VarDictionary::new();
        };
        let mut result = connection_info(&info);
        let flags = if info.is_within {
            FLAG_LOOPBACK_BUFFERS
        } else {
            0
        };
        result.set("info_flags", flags);
        result
    }

    /// Gives a connection a name for logs, of at most 127 bytes. It is not sent to the other side.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionName(&self, connection_handle: i64, name: GString) {
        if let Some(client) = self.client(INTERFACE, "setConnectionName") {
            client.sockets_set_name(handle(connection_handle), &name.to_string());
        }
    }

    /// The name that [method setConnectionName] gave a connection.
    #[func]
    #[allow(non_snake_case)]
    fn getConnectionName(&self, connection_handle: i64) -> GString {
        let client = self.client(INTERFACE, "getConnectionName");
        let name = client.and_then(|client| client.sockets_name(handle(connection_handle)));
        GString::from(name.unwrap_or_default().as_str())
    }

    /// Attaches a number of the game's own to a connection. It comes with every message that you read from then on, as
    /// receiver_user_data. Returns whether there is such a connection.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionUserData(&self, connection_handle: i64, user_data: i64) -> bool {
        let client = self.client(INTERFACE, "setConnectionUserData");
        client.is_some_and(|client| {
            client.sockets_set_user_data(handle(connection_handle), user_data)
        })
    }

    /// The number that [method setConnectionUserData] attached to a connection; -1 when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getConnectionUserData(&self, connection_handle: i64) -> i64 {
        let Some(client) = self.client(INTERFACE, "getConnectionUserData") else {
            return 0;
        };
        let user_data = client.sockets_user_data(handle(connection_handle));
        user_data.unwrap_or(NO_USER_DATA)
    }

    /// Gets ready for encrypted connections. Here nothing is to be waited for: returns NETWORKING_AVAILABILITY_CURRENT, and
    /// [signal network_authentication_status] follows, and says the same.
    #[func]
    #[allow(non_snake_case)]
    fn initAuthentication(&self) -> NetworkingAvailability {
        const CALL: &str = "initAuthentication";
        if self.client(INTERFACE, CALL).is_none() {
            return NetworkingAvailability(0);
        }
        let [available, debug_message] = [
            Variant::from(AVAILABILITY_CURRENT),
            Variant::from(GString::from("OK")),
        ];
        let answer = vec![available, debug_message];
        self.answers()
            .push(CALL, "network_authentication_status", answer);
        NetworkingAvailability(AVAILABILITY_CURRENT)
    }

    /// Whether you have what encrypted connections need, a [enum NetworkingAvailability]: always current, since your key is
    /// all that they need here.
    #[func]
    #[allow(non_snake_case)]
    fn getAuthenticationStatus(&self) -> NetworkingAvailability {
        let client = self.client(INTERFACE, "getAuthenticationStatus");
        NetworkingAvailability(client.map_or(0, |_| AVAILABILITY_CURRENT))
    }

    /// Has nothing to do: your Steam ID is that of your key. Another one is an error.
    #[func]
    #[allow(non_snake_case)]
    fn resetIdentity(&self, remote_steam_id: Variant) {
        const CALL: &str = "resetIdentity";
        let remote_steam_id = self.steam_id_of(&remote_steam_id);
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        let own = client.steam_id().to_godot();
        if remote_steam_id != 0 && remote_steam_id != own {
            godot_error!(
                "{CALL}: {remote_steam_id} is not your Steam ID, {own}, which follows from your key and cannot be another"
            );
        }
    }

    /// Has nothing to do: [method run_callbacks] emits the signals of these interfaces too.
    #[func]
    #[allow(non_snake_case)]
    fn runNetworkingCallbacks(&self) {
        self.client(INTERFACE, "runNetworkingCallbacks");
    }
}

/// A virtual port, 0 or more.
fn port(call: &str, virtual_port: i64) -> Option<u32> {
    let valid = i32::try_from(virtual_port).ok();
    let valid = valid.and_then(|port| u32::try_from(port).ok());
    if valid.is_none() {
        godot_error!("{call}: virtual_port {virtual_port} is not 0 to 2147483647");
    }
    valid
}
