//! NetworkingUtils: the configuration of the network, bad conditions included.

use godot::builtin::{GString, PackedByteArray, VarDictionary, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::networking_config::{CONFIG, config_entry, config_type};
use samovar_steam::networking_sockets::{
    ConfigInput, ConfigOwner, ConfigRead, ConnectionConfigError, is_connection_config,
};

use super::networking_sockets::handle;
use super::{Steam, arguments};
use crate::surface::enums::{NetworkingAvailability, NetworkingConfigValue};

pub(super) const INTERFACE: &str = "NetworkingUtils";
/// `k_ESteamNetworkingAvailability_Current`.
const AVAILABILITY_CURRENT: i64 = 100;
/// `k_ESteamNetworkingConfig_Global`.
const SCOPE_GLOBAL: i64 = 1;
/// `k_ESteamNetworkingConfig_SocketsInterface`.
const SCOPE_SOCKETS_INTERFACE: i64 = 2;
/// `k_ESteamNetworkingConfig_ListenSocket`.
const SCOPE_LISTEN_SOCKET: i64 = 3;
/// `k_ESteamNetworkingConfig_Connection`.
const SCOPE_CONNECTION: i64 = 4;
/// `k_ESteamNetworkingGetConfigValue_*`.
const GET_OK: i64 = 1;
const GET_OK_INHERITED: i64 = 2;
const GET_BAD_VALUE: i64 = -1;
const GET_BAD_SCOPE_OBJ: i64 = -2;

#[api]
impl Steam {
    /// Gets ready for relays, of which there are none here: peers are reached directly, so there is nothing to wait for.
    /// [signal relay_network_status] follows, and says that all is current.
    #[func]
    #[allow(non_snake_case)]
    fn initRelayNetworkAccess(&self) {
        const CALL: &str = "initRelayNetworkAccess";
        if self.client(INTERFACE, CALL).is_none() {
            return;
        }
        let [current, none] = [AVAILABILITY_CURRENT, 0].map(|value| value.to_variant());
        let debug_message = GString::from("OK").to_variant();
        let answer = vec![
            current.clone(),
            none,
            current.clone(),
            current,
            debug_message,
        ];
        self.answers().push(CALL, "relay_network_status", answer);
    }

    /// Whether peers can be reached through relays, a [enum NetworkingAvailability]: current, since they are reached
    /// directly here.
    #[func]
    #[allow(non_snake_case)]
    fn getRelayNetworkStatus(&self) -> NetworkingAvailability {
        let client = self.client(INTERFACE, "getRelayNetworkStatus");
        NetworkingAvailability(client.map_or(0, |_| AVAILABILITY_CURRENT))
    }

    /// What a [enum NetworkingConfigValue] is for all, for a listen socket or for a connection, by [param scope_type] (a
    /// [enum NetworkingConfigScope]) and [param connection_handle]: result, a [enum NetworkingGetConfigValueResult]; type, a
    /// [enum NetworkingConfigDataType]; value, its 4 or 8 bytes (see [method PackedByteArray.decode_s32],
    /// [method PackedByteArray.decode_s64] and [method PackedByteArray.decode_float]).
    #[func]
    #[allow(non_snake_case)]
    fn getConfigValue(
        &self,
        config_value: i64,
        scope_type: i64,
        connection_handle: i64,
    ) -> VarDictionary {
        let Some(client) = self.client(INTERFACE, "getConfigValue") else {
            return VarDictionary::new();
        };
        let answer = |result: i64, kind: i64, value: &[u8]| {
            let value = PackedByteArray::from(value);
            // The second under its name up to GodotSteam 4.15.
            vdict! { "result" => result, "type" => kind, "value" => &value, "buffer" => &value }
        };
        let kind = config_type(config_value).map_or(0, |kind| kind as i64);
        let of = handle(connection_handle);
        let owner = match scope_type {
            SCOPE_GLOBAL | SCOPE_SOCKETS_INTERFACE => None,
            SCOPE_LISTEN_SOCKET => Some(ConfigOwner::Listen(of)),
            SCOPE_CONNECTION => Some(ConfigOwner::Connection(of)),
            _ if kind == 0 && !is_connection_config(config_value) => {
                return answer(GET_BAD_VALUE, 0, &[]);
            }
            _ => return answer(GET_BAD_SCOPE_OBJ, kind, &[]),
        };
        let read = match owner {
            Some(owner) => client.sockets_config_value(owner, config_value),
            None => match (config_type(config_value), client.config_value(config_value)) {
                (Some(kind), Some(value)) => Ok(ConfigRead {
                    kind,
                    value: ConfigInput::Fraction(value),
                    inherited: scope_type != SCOPE_GLOBAL,
                }),
                _ => return answer(GET_BAD_VALUE, 0, &[]),
            },
        };
        match read {
            Ok(read) => {
                let result = if read.inherited {
                    GET_OK_INHERITED
                } else {
                    GET_OK
                };
                answer(result, read.kind as i64, &read.bytes())
            }
            Err(ConnectionConfigError::Value(_)) => answer(GET_BAD_VALUE, 0, &[]),
            Err(ConnectionConfigError::NoOwner) => answer(GET_BAD_SCOPE_OBJ, kind, &[]),
        }
    }

    /// About a [enum NetworkingConfigValue]: name, type (a [enum NetworkingConfigDataType]) and scope (a
    /// [enum NetworkingConfigScope]: what it can be set for besides all). Empty for one that has no effect here.
    #[func]
    #[allow(non_snake_case)]
    fn getConfigValueInfo(&self, config_value: i64) -> VarDictionary {
        if self.client(INTERFACE, "getConfigValueInfo").is_none() {
            return VarDictionary::new();
        }
        match config_entry(config_value) {
            Some(entry) => vdict! {
                "name" => &GString::from(entry.name),
                "type" => entry.kind as i64,
                "scope" => if is_connection_config(config_value) { SCOPE_CONNECTION } else { SCOPE_GLOBAL },
            },
            None => VarDictionary::new(),
        }
    }

    /// The [enum NetworkingConfigValue] after [param current_value] of those that have an effect here; the first for
    /// NETWORKING_CONFIG_INVALID, and NETWORKING_CONFIG_INVALID after the last.
    #[func]
    #[allow(non_snake_case)]
    fn iterateGenericEditableConfigValues(
        &self,
        current_value: i64,
        enumerate_dev_vars: bool,
    ) -> NetworkingConfigValue {
        const INVALID: i64 = 0;
        // None is for Valve's developers alone.
        let _ = enumerate_dev_vars;
        if self
            .client(INTERFACE, "iterateGenericEditableConfigValues")
            .is_none()
        {
            return NetworkingConfigValue(INVALID);
        }
        let mut numbers = CONFIG.iter().map(|entry| i64::from(entry.number));
        let next = if current_value == INVALID {
            numbers.next()
        } else {
            numbers.find(|number| *number == current_value);
            numbers.next()
        };
        NetworkingConfigValue(next.unwrap_or(INVALID))
    }

    /// Sets a [enum NetworkingConfigValue] with a fraction, such as NETWORKING_CONFIG_FAKE_PACKET_LOSS_SEND, in
    /// percent. Returns whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setGlobalConfigValueFloat(&self, config: i64, value: f64) -> bool {
        self.set_config("setGlobalConfigValueFloat", config, value)
    }

    /// Sets a [enum NetworkingConfigValue], such as NETWORKING_CONFIG_FAKE_PACKET_LAG_SEND, in milliseconds. Returns
    /// whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setGlobalConfigValueInt32(&self, config: i64, value: i64) -> bool {
        // Whatever is not exact in a float is out of range.
        #[allow(clippy::cast_precision_loss)]
        self.set_config("setGlobalConfigValueInt32", config, value as f64)
    }

    /// Sets a [enum NetworkingConfigValue] from text, such as "100". Returns whether it was set.
    #[func]
    #[allow(non_snake_case)]
    fn setGlobalConfigValueString(&self, config: i64, value: GString) -> bool {
        const CALL: &str = "setGlobalConfigValueString";
        let text = value.to_string();
        match text.trim().parse() {
            Ok(number) => self.set_config(CALL, config, number),
            Err(_) => {
                if self.client(INTERFACE, CALL).is_some() {
                    godot_error!("{CALL}: {:?} is not a number", arguments::shown(&text));
                }
                false
            }
        }
    }
}

impl Steam {
    fn set_config(&self, call: &str, config: i64, value: f64) -> bool {
        let Some(client) = self.client(INTERFACE, call) else {
            return false;
        };
        let set = client.set_config_value(config, value);
        if let Err(error) = set {
            godot_error!("{call}: {value}: {error}");
        }
        set.is_ok()
    }
}
