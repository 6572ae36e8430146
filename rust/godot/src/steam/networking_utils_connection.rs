//! NetworkingUtils: the configuration of one connection.

use godot::builtin::GString;
use godot::global::godot_error;
use samovar_macros::api;
use samovar_steam::networking_sockets::{ConfigInput, ConnectionConfigError};

use super::networking_sockets::handle;
use super::networking_utils::INTERFACE;
use super::{Steam, arguments};

#[api]
impl Steam {
    /// Sets a [enum NetworkingConfigValue] with a fraction for one connection only, as [method setConnectionConfigValueInt32]
    /// does. Returns whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionConfigValueFloat(
        &self,
        connection_handle: i64,
        config: i64,
        value: f64,
    ) -> bool {
        self.set_connection_config(
            "setConnectionConfigValueFloat",
            connection_handle,
            config,
            ConfigInput::Fraction(value),
        )
    }

    /// Sets a [enum NetworkingConfigValue] for one connection only. NETWORKING_CONFIG_SEND_BUFFER_SIZE,
    /// NETWORKING_CONFIG_NAGLE_TIME, NETWORKING_CONFIG_TIMEOUT_INITIAL and NETWORKING_CONFIG_CONNECTION_USER_DATA take
    /// effect at once. NETWORKING_CONFIG_TIMEOUT_CONNECTED, NETWORKING_CONFIG_SEND_RATE_MIN and
    /// NETWORKING_CONFIG_SEND_RATE_MAX, NETWORKING_CONFIG_MTU_PACKET_SIZE, NETWORKING_CONFIG_RECV_BUFFER_SIZE and
    /// NETWORKING_CONFIG_RECV_BUFFER_MESSAGES are kept and returned, and make no difference: all that goes between two
    /// users shares these, as [method setGlobalConfigValueInt32] sets them. Returns whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionConfigValueInt32(
        &self,
        connection_handle: i64,
        config: i64,
        value: i64,
    ) -> bool {
        self.set_connection_config(
            "setConnectionConfigValueInt32",
            connection_handle,
            config,
            ConfigInput::Whole(value),
        )
    }

    /// Sets a [enum NetworkingConfigValue] from text, such as "100", for one connection only, as
    /// [method setConnectionConfigValueInt32] does. Returns whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setConnectionConfigValueString(
        &self,
        connection_handle: i64,
        config: i64,
        value: GString,
    ) -> bool {
        const CALL: &str = "setConnectionConfigValueString";
        let text = value.to_string();
        match ConfigInput::parse(&text) {
            Some(value) => self.set_connection_config(CALL, connection_handle, config, value),
            None => {
                if self.client(INTERFACE, CALL).is_some() {
                    godot_error!("{CALL}: {:?} is not a number", arguments::shown(&text));
                }
                false
            }
        }
    }
}

impl Steam {
    fn set_connection_config(
        &self,
        call: &str,
        connection: i64,
        config: i64,
        value: ConfigInput,
    ) -> bool {
        let Some(client) = self.client(INTERFACE, call) else {
            return false;
        };
        let set = client.sockets_set_config_value(handle(connection), config, value);
        // As Steam: of a connection that is not there, nothing is said.
        if let Err(ConnectionConfigError::Value(error)) = set {
            godot_error!("{call}: {error}");
        }
        set.is_ok()
    }
}
