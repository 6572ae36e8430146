//! What is configured of one connection, or of those that come by a listen socket, and not of all.

use std::time::Duration;

use samovar_net::{Flow, Sessions};

use super::table::Sockets;
use super::types::{ConnectOptions, ConnectionHandle, ListenSocket};
use crate::client::Steam;
use crate::networking_config::{
    ConfigError, ConfigType, MTU_PACKET_SIZE, NAGLE_TIME, RECV_BUFFER_MESSAGES, RECV_BUFFER_SIZE,
    SEND_BUFFER_SIZE, SEND_RATE_MAX, SEND_RATE_MIN, TIMEOUT_CONNECTED, TIMEOUT_INITIAL,
    config_entry, config_type,
};

/// `k_ESteamNetworkingConfig_SymmetricConnect`.
const SYMMETRIC_CONNECT: i64 = 37;
/// `k_ESteamNetworkingConfig_ConnectionUserData`.
const CONNECTION_USER_DATA: i64 = 40;

/// The values of [`crate::networking_config::CONFIG`] that a connection can have of its own. All others hold for the whole
/// process.
pub const CONNECTION_CONFIG: [i32; 9] = [
    TIMEOUT_INITIAL,
    TIMEOUT_CONNECTED,
    SEND_BUFFER_SIZE,
    RECV_BUFFER_SIZE,
    RECV_BUFFER_MESSAGES,
    SEND_RATE_MIN,
    SEND_RATE_MAX,
    NAGLE_TIME,
    MTU_PACKET_SIZE,
];

/// Whether a connection can have a value of this number of its own.
pub fn is_connection_config(number: i64) -> bool {
    let mut numbers = CONNECTION_CONFIG.iter();
    number == SYMMETRIC_CONNECT
        || number == CONNECTION_USER_DATA
        || numbers.any(|one| i64::from(*one) == number)
}

/// The values of [`CONNECTION_CONFIG`] that differ from what holds for all.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct ConnectionConfig {
    values: [Option<f64>; CONNECTION_CONFIG.len()],
}

impl ConnectionConfig {
    /// What a value is, where it is set.
    pub fn value(&self, number: i64) -> Option<f64> {
        self.values.get(place(number)?).copied().flatten()
    }

    /// Sets a value, or the bound that is nearest to it.
    ///
    /// # Errors
    /// [`ConfigError`]; nothing changes then.
    pub fn set(&mut self, number: i64, value: f64) -> Result<(), ConfigError> {
        let unknown = ConfigError::Unknown(number);
        let slot = place(number).and_then(|place| self.values.get_mut(place));
        let (Some(slot), Some(entry)) = (slot, config_entry(number)) else {
            return Err(unknown);
        };
        *slot = Some(entry.bounded(value)?);
        Ok(())
    }
}

fn place(number: i64) -> Option<usize> {
    CONNECTION_CONFIG
        .iter()
        .position(|one| i64::from(*one) == number)
}

/// A value that a game sets.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum ConfigInput {
    /// A whole number.
    Whole(i64),
    /// A number with a fraction.
    Fraction(f64),
}

impl ConfigInput {
    /// A number that is written as text, such as "100".
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let whole = text.parse().map(Self::Whole);
        whole.or_else(|_| text.parse().map(Self::Fraction)).ok()
    }

    #[allow(clippy::cast_precision_loss)] // What is not exact is out of bounds.
    fn number(self) -> f64 {
        match self {
            Self::Whole(value) => value as f64,
            Self::Fraction(value) => value,
        }
    }

    #[allow(clippy::cast_possible_truncation)] // To the number that is nearest.
    fn whole(self) -> i64 {
        match self {
            Self::Whole(value) => value,
            Self::Fraction(value) => value.round() as i64,
        }
    }
}

impl ConnectOptions {
    /// Sets one of a call's options, by its `ESteamNetworkingConfigValue`.
    ///
    /// # Errors
    /// [`ConfigError::Unknown`] for what a connection cannot have of its own here.
    pub fn set(&mut self, number: i64, value: ConfigInput) -> Result<(), ConfigError> {
        match number {
            SYMMETRIC_CONNECT => self.symmetric = value.number() != 0.0,
            CONNECTION_USER_DATA => self.user_data = value.whole(),
            _ => self.config.set(number, value.number())?,
        }
        if number == i64::from(TIMEOUT_INITIAL) {
            let milliseconds = self.config.value(number);
            self.timeout = milliseconds.map(|value| Duration::from_secs_f64(value / 1000.0));
        }
        Ok(())
    }
}

/// Of what a value is asked or set.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigOwner {
    /// Of all connections that come by a listen socket.
    Listen(ListenSocket),
    /// Of a connection.
    Connection(ConnectionHandle),
}

/// A value of a connection or a listen socket.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ConfigRead {
    /// Its type.
    pub kind: ConfigType,
    /// What it is.
    pub value: ConfigInput,
    /// Whether it is not set there, but for all.
    pub inherited: bool,
}

impl ConfigRead {
    /// The value as GameNetworkingSockets lays it into memory: as many bytes as its type has, the lowest first.
    #[allow(clippy::cast_possible_truncation)] // Within the bounds of its type, by its table.
    pub fn bytes(&self) -> Vec<u8> {
        match self.kind {
            ConfigType::Int32 => (self.value.whole() as i32).to_le_bytes().to_vec(),
            ConfigType::Int64 => self.value.whole().to_le_bytes().to_vec(),
            ConfigType::Float => (self.value.number() as f32).to_le_bytes().to_vec(),
        }
    }
}

/// Why a value cannot be read or set.
#[derive(Clone, Copy, Debug, PartialEq, thiserror::Error)]
pub enum ConnectionConfigError {
    /// There is no such connection or listen socket.
    #[error("there is no such connection")]
    NoOwner,
    /// The value is wrong.
    #[error(transparent)]
    Value(#[from] ConfigError),
}

impl Sockets {
    /// What is set of a connection: by itself, or by the listen socket by which it has come.
    fn own_value(&self, of: ConfigOwner, number: i64) -> Option<(f64, bool)> {
        let by_listen =
            |listen: ListenSocket| self.listens.get(&listen)?.options.config.value(number);
        match of {
            ConfigOwner::Listen(listen) => by_listen(listen).map(|value| (value, false)),
            ConfigOwner::Connection(handle) => {
                let connection = self.connections.get(&handle)?;
                let own = connection.config.value(number).map(|value| (value, false));
                own.or_else(|| by_listen(connection.listen).map(|value| (value, true)))
            }
        }
    }

    fn read_config(
        &self,
        of: ConfigOwner,
        number: i64,
        global: Option<f64>,
    ) -> Result<ConfigRead, ConnectionConfigError> {
        let (symmetric, user_data) = match of {
            ConfigOwner::Listen(listen) => {
                let listen = self.listens.get(&listen);
                listen.map(|listen| (listen.options.symmetric, listen.options.user_data))
            }
            ConfigOwner::Connection(handle) => {
                let connection = self.connections.get(&handle);
                connection.map(|connection| (connection.symmetric, connection.user_data))
            }
        }
        .ok_or(ConnectionConfigError::NoOwner)?;
        let own = |kind, value| ConfigRead {
            kind,
            value: ConfigInput::Whole(value),
            inherited: false,
        };
        match number {
            SYMMETRIC_CONNECT => return Ok(own(ConfigType::Int32, i64::from(symmetric))),
            CONNECTION_USER_DATA => return Ok(own(ConfigType::Int64, user_data)),
            _ => {}
        }
        let (Some(kind), Some(global)) = (config_type(number), global) else {
            return Err(ConfigError::Unknown(number).into());
        };
        let (value, inherited) = self.own_value(of, number).unwrap_or((global, true));
        Ok(ConfigRead {
            kind,
            value: ConfigInput::Fraction(value),
            inherited,
        })
    }

    fn set_config(
        &mut self,
        handle: ConnectionHandle,
        number: i64,
        value: ConfigInput,
    ) -> Result<(), ConnectionConfigError> {
        let connection = self.connections.get_mut(&handle);
        let connection = connection.ok_or(ConnectionConfigError::NoOwner)?;
        match number {
            CONNECTION_USER_DATA => connection.user_data = value.whole(),
            SYMMETRIC_CONNECT => return Err(ConfigError::ReadOnly(number).into()),
            _ => connection.config.set(number, value.number())?,
        }
        Ok(())
    }
}

impl Steam {
    /// What a value is of a connection or of a listen socket.
    ///
    /// # Errors
    /// See [`ConnectionConfigError`].
    pub fn sockets_config_value(
        &self,
        of: ConfigOwner,
        number: i64,
    ) -> Result<ConfigRead, ConnectionConfigError> {
        let global = self.config_value(number);
        self.with_sockets(|sockets, _, _| sockets.read_config(of, number, global))
    }

    /// Sets a value of a connection, of [`CONNECTION_CONFIG`] or its user data.
    ///
    /// # Errors
    /// See [`ConnectionConfigError`]; nothing changes then.
    pub fn sockets_set_config_value(
        &self,
        handle: ConnectionHandle,
        number: i64,
        value: ConfigInput,
    ) -> Result<(), ConnectionConfigError> {
        self.with_sockets(|sockets, sessions, _| {
            sockets.set_config(handle, number, value)?;
            sockets.apply_config(sessions, handle);
            Ok(())
        })
    }
}

impl Sockets {
    /// A connection that came gets the options with which this side has asked for the same.
    pub(super) fn take_options(
        &mut self,
        sessions: &mut Sessions,
        handle: ConnectionHandle,
        options: &ConnectOptions,
    ) {
        if let Some(connection) = self.connections.get_mut(&handle) {
            connection.config = options.config;
            if options.user_data != ConnectOptions::default().user_data {
                connection.user_data = options.user_data;
            }
        }
        self.apply_config(sessions, handle);
    }

    /// Tells the network what is set of a connection, by itself or by its listen socket.
    pub(super) fn apply_config(&self, sessions: &mut Sessions, handle: ConnectionHandle) {
        let Some(connection) = self.connections.get(&handle) else {
            return;
        };
        let Some(id) = connection.id() else { return };
        let peer = connection.peer;
        let own = |number: i32| {
            let own = self.own_value(ConfigOwner::Connection(handle), i64::from(number));
            own.map(|(value, _)| value)
        };
        if let Some(bytes) = own(SEND_BUFFER_SIZE) {
            // Whole, and 256 MiB at most, by its table.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            sessions.set_send_limit(peer, Flow::Connection(id), bytes as usize);
        }
        if let Some(microseconds) = own(NAGLE_TIME) {
            sessions.set_nagle(peer, id, Duration::from_secs_f64(microseconds / 1e6));
        }
        if let Some(milliseconds) = own(TIMEOUT_INITIAL) {
            sessions.set_timeout(peer, id, Duration::from_secs_f64(milliseconds / 1e3));
        }
    }
}
