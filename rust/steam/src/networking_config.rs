//! `ISteamNetworkingUtils`' configuration: the values that take effect here.
//!
//! Names, numbers, units and defaults are those of `steamnetworkingtypes.h` and GameNetworkingSockets. All are global:
//! they hold for every session of the process, from the moment they are set unless said otherwise.

use std::time::Duration;

use samovar_net::{
    Conditions, DEFAULT_SEND_RATE_MAX, DEFAULT_SEND_RATE_MIN, MAX_PACKET_SIZE, SessionConfig,
};

use crate::client::Steam;

/// `ESteamNetworkingConfigDataType`, as far as it is used.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConfigType {
    /// A whole number of 32 bits.
    Int32 = 1,
    /// A whole number of 64 bits.
    Int64 = 2,
    /// A number of 32 bits with a fraction.
    Float = 3,
}

/// A value that can be configured.
#[derive(Clone, Copy, Debug)]
pub struct ConfigEntry {
    /// Its `ESteamNetworkingConfigValue`.
    pub number: i32,
    /// Its name in GameNetworkingSockets.
    pub name: &'static str,
    /// Its type.
    pub kind: ConfigType,
    /// What it is before it is set.
    pub default: f64,
    /// The least that it can be.
    pub least: f64,
    /// The most that it can be.
    pub most: f64,
}

impl ConfigEntry {
    /// A value, or the bound that is nearest to it; a whole number is rounded to. As GameNetworkingSockets does.
    ///
    /// # Errors
    /// [`ConfigError::NotANumber`].
    pub(crate) fn bounded(&self, value: f64) -> Result<f64, ConfigError> {
        if value.is_nan() {
            return Err(ConfigError::NotANumber);
        }
        let value = match self.kind {
            ConfigType::Float => value,
            ConfigType::Int32 | ConfigType::Int64 => value.round(),
        };
        Ok(value.clamp(self.least, self.most))
    }
}

/// Why a value cannot be set.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigError {
    /// Nothing of this number takes effect here.
    #[error("config value {0} is unknown, or cannot be set in Samovar")]
    Unknown(i64),
    /// Not a number.
    #[error("that is not a number")]
    NotANumber,
    /// It follows from another one.
    #[error("config value {0} can only be read")]
    ReadOnly(i64),
}

pub(crate) const TIMEOUT_INITIAL: i32 = 24;
pub(crate) const TIMEOUT_CONNECTED: i32 = 25;
pub(crate) const SEND_BUFFER_SIZE: i32 = 9;
pub(crate) const RECV_BUFFER_SIZE: i32 = 47;
pub(crate) const RECV_BUFFER_MESSAGES: i32 = 48;
pub(crate) const SEND_RATE_MIN: i32 = 10;
pub(crate) const SEND_RATE_MAX: i32 = 11;
pub(crate) const NAGLE_TIME: i32 = 12;
pub(crate) const MTU_PACKET_SIZE: i32 = 32;
const MTU_DATA_SIZE: i32 = 33;
/// What a packet holds besides a message, as GameNetworkingSockets reckons it.
const MTU_RESERVE: f64 = 100.0;
const REORDER_TIME: i32 = 8;
const DUP_TIME_MAX: i32 = 28;

/// The numbers of one direction's conditions.
struct Direction {
    loss: i32,
    lag: i32,
    jitter_average: i32,
    jitter_max: i32,
    jitter_percent: i32,
    reorder: i32,
    duplicate: i32,
    rate: i32,
    burst: i32,
}

const SEND: Direction = Direction {
    loss: 2,
    lag: 4,
    jitter_average: 53,
    jitter_max: 54,
    jitter_percent: 55,
    reorder: 6,
    duplicate: 26,
    rate: 42,
    burst: 43,
};
const RECEIVE: Direction = Direction {
    loss: 3,
    lag: 5,
    jitter_average: 56,
    jitter_max: 57,
    jitter_percent: 58,
    reorder: 7,
    duplicate: 27,
    rate: 44,
    burst: 45,
};

const MOST_MS: f64 = 5_000.0;
const MIB: f64 = 1024.0 * 1024.0;

const fn whole(
    number: i32,
    name: &'static str,
    default: f64,
    least: f64,
    most: f64,
) -> ConfigEntry {
    ConfigEntry {
        number,
        name,
        kind: ConfigType::Int32,
        default,
        least,
        most,
    }
}

const fn fraction(number: i32, name: &'static str, default: f64, most: f64) -> ConfigEntry {
    ConfigEntry {
        number,
        name,
        kind: ConfigType::Float,
        default,
        least: 0.0,
        most,
    }
}

/// Every value that takes effect, in the order in which
/// `iterateGenericEditableConfigValues` gives them.
pub const CONFIG: [ConfigEntry; 29] = [
    fraction(SEND.loss, "FakePacketLoss_Send", 0.0, 100.0),
    fraction(RECEIVE.loss, "FakePacketLoss_Recv", 0.0, 100.0),
    whole(SEND.lag, "FakePacketLag_Send", 0.0, 0.0, MOST_MS),
    whole(RECEIVE.lag, "FakePacketLag_Recv", 0.0, 0.0, MOST_MS),
    fraction(SEND.reorder, "FakePacketReorder_Send", 0.0, 100.0),
    fraction(RECEIVE.reorder, "FakePacketReorder_Recv", 0.0, 100.0),
    whole(REORDER_TIME, "FakePacketReorder_Time", 15.0, 0.0, MOST_MS),
    whole(
        SEND_BUFFER_SIZE,
        "SendBufferSize",
        512.0 * 1024.0,
        4096.0,
        256.0 * MIB,
    ),
    whole(
        SEND_RATE_MIN,
        "SendRateMin",
        DEFAULT_SEND_RATE_MIN as f64,
        1024.0,
        DEFAULT_SEND_RATE_MAX as f64,
    ),
    // Steam's default is that of the least: as shipped, its rate is fixed.
    whole(
        SEND_RATE_MAX,
        "SendRateMax",
        DEFAULT_SEND_RATE_MAX as f64,
        1024.0,
        DEFAULT_SEND_RATE_MAX as f64,
    ),
    whole(NAGLE_TIME, "NagleTime", 5_000.0, 0.0, 20_000.0),
    // QUIC's packets can be as large as 1200 bytes, whatever is set. Until something is set the path decides, up to
    // 1452: 1300 would cost loopbacks and LANs a tenth of their speed.
    whole(MTU_PACKET_SIZE, "MTU_PacketSize", 1300.0, 200.0, 1300.0),
    whole(TIMEOUT_INITIAL, "TimeoutInitial", 10_000.0, 100.0, 3.6e6),
    whole(
        TIMEOUT_CONNECTED,
        "TimeoutConnected",
        10_000.0,
        100.0,
        3.6e6,
    ),
    fraction(SEND.duplicate, "FakePacketDup_Send", 0.0, 100.0),
    fraction(RECEIVE.duplicate, "FakePacketDup_Recv", 0.0, 100.0),
    whole(DUP_TIME_MAX, "FakePacketDup_TimeMax", 10.0, 0.0, MOST_MS),
    whole(SEND.rate, "FakeRateLimit_Send_Rate", 0.0, 0.0, 1024.0 * MIB),
    whole(
        SEND.burst,
        "FakeRateLimit_Send_Burst",
        16.0 * 1024.0,
        0.0,
        MIB,
    ),
    whole(
        RECEIVE.rate,
        "FakeRateLimit_Recv_Rate",
        0.0,
        0.0,
        1024.0 * MIB,
    ),
    whole(
        RECEIVE.burst,
        "FakeRateLimit_Recv_Burst",
        16.0 * 1024.0,
        0.0,
        MIB,
    ),
    whole(RECV_BUFFER_SIZE, "RecvBufferSize", MIB, 4096.0, 256.0 * MIB),
    // Steam's default is 1000; more does a game no harm that reads seldom.
    whole(
        RECV_BUFFER_MESSAGES,
        "RecvBufferMessages",
        8192.0,
        2.0,
        65_536.0,
    ),
    fraction(
        SEND.jitter_average,
        "FakePacketJitter_Send_Avg",
        0.0,
        2_000.0,
    ),
    fraction(SEND.jitter_max, "FakePacketJitter_Send_Max", 100.0, MOST_MS),
    fraction(
        SEND.jitter_percent,
        "FakePacketJitter_Send_Pct",
        75.0,
        100.0,
    ),
    fraction(
        RECEIVE.jitter_average,
        "FakePacketJitter_Recv_Avg",
        0.0,
        2_000.0,
    ),
    fraction(
        RECEIVE.jitter_max,
        "FakePacketJitter_Recv_Max",
        100.0,
        MOST_MS,
    ),
    fraction(
        RECEIVE.jitter_percent,
        "FakePacketJitter_Recv_Pct",
        75.0,
        100.0,
    ),
];

/// What every value of [`CONFIG`] is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NetworkingConfig {
    values: [f64; CONFIG.len()],
    /// Whether `MTU_PacketSize` was set, be it to its default.
    bounds_packets: bool,
}

impl Default for NetworkingConfig {
    fn default() -> Self {
        Self {
            values: CONFIG.map(|entry| entry.default),
            bounds_packets: false,
        }
    }
}

/// The type of a value that can be read: those of [`CONFIG`], and `MTU_DataSize`.
pub fn config_type(number: i64) -> Option<ConfigType> {
    if number == i64::from(MTU_DATA_SIZE) {
        return Some(ConfigType::Int32);
    }
    config_entry(number).map(|entry| entry.kind)
}

/// A value of [`CONFIG`], by its `ESteamNetworkingConfigValue`.
pub fn config_entry(number: i64) -> Option<&'static ConfigEntry> {
    CONFIG
        .iter()
        .find(|entry| i64::from(entry.number) == number)
}

impl NetworkingConfig {
    /// What a value is; `None` for one that has no effect here.
    pub fn value(&self, number: i64) -> Option<f64> {
        if number == i64::from(MTU_DATA_SIZE) {
            return Some((self.raw(MTU_PACKET_SIZE) - MTU_RESERVE).max(0.0));
        }
        let mut values = CONFIG.iter().zip(self.values);
        values
            .find(|(entry, _)| i64::from(entry.number) == number)
            .map(|(_, value)| value)
    }

    /// Sets a value, or the bound that is nearest to it; a whole number is rounded to. As GameNetworkingSockets does.
    ///
    /// # Errors
    /// See [`ConfigError`]; nothing changes then.
    pub fn set(&mut self, number: i64, value: f64) -> Result<(), ConfigError> {
        let place = CONFIG
            .iter()
            .position(|entry| i64::from(entry.number) == number);
        let place = place.ok_or(if config_type(number).is_some() {
            ConfigError::ReadOnly(number)
        } else {
            ConfigError::Unknown(number)
        })?;
        let (Some(entry), Some(slot)) = (CONFIG.get(place), self.values.get_mut(place)) else {
            return Err(ConfigError::Unknown(number));
        };
        *slot = entry.bounded(value)?;
        self.bounds_packets |= entry.number == MTU_PACKET_SIZE;
        Ok(())
    }

    /// How long a Messages session may take to open.
    pub(crate) fn timeout_initial(&self) -> Duration {
        self.milliseconds(TIMEOUT_INITIAL)
    }

    /// How long a silent peer stays connected.
    pub(crate) fn timeout_connected(&self) -> Duration {
        self.milliseconds(TIMEOUT_CONNECTED)
    }

    /// The least and the most bytes a second to each peer.
    pub(crate) fn send_rates(&self) -> (u32, u32) {
        (self.bytes(SEND_RATE_MIN), self.bytes(SEND_RATE_MAX))
    }

    /// The largest packet to a peer, in bytes.
    pub(crate) fn packet_size(&self) -> u16 {
        if self.bounds_packets {
            u16::try_from(self.bytes(MTU_PACKET_SIZE)).unwrap_or(MAX_PACKET_SIZE)
        } else {
            MAX_PACKET_SIZE
        }
    }

    /// Sending and receiving.
    pub(crate) fn conditions(&self) -> (Conditions, Conditions) {
        (self.direction(&SEND), self.direction(&RECEIVE))
    }

    /// What sessions need to know of it.
    pub(crate) fn apply(&self, config: &mut SessionConfig) {
        config.messages_timeout = self.timeout_initial();
        config.messages_send_limit = self.count(SEND_BUFFER_SIZE);
        config.messages_nagle = self.milliseconds(NAGLE_TIME) / 1000;
        config.receive_limit = self.count(RECV_BUFFER_SIZE);
        config.receive_messages = self.count(RECV_BUFFER_MESSAGES);
        let total = SessionConfig::default().receive_total;
        config.receive_total = total.max(config.receive_limit);
    }

    fn direction(&self, numbers: &Direction) -> Conditions {
        Conditions {
            loss_percent: self.percent(numbers.loss),
            lag: self.milliseconds(numbers.lag),
            jitter_average: self.milliseconds(numbers.jitter_average),
            jitter_max: self.milliseconds(numbers.jitter_max),
            jitter_percent: self.percent(numbers.jitter_percent),
            reorder_percent: self.percent(numbers.reorder),
            reorder_delay: self.milliseconds(REORDER_TIME),
            duplicate_percent: self.percent(numbers.duplicate),
            duplicate_delay_max: self.milliseconds(DUP_TIME_MAX),
            rate_bytes_per_second: self.bytes(numbers.rate),
            rate_burst_bytes: self.bytes(numbers.burst),
        }
    }

    fn raw(&self, number: i32) -> f64 {
        self.value(i64::from(number)).unwrap_or_default()
    }

    fn milliseconds(&self, number: i32) -> Duration {
        Duration::from_secs_f64(self.raw(number) / 1000.0)
    }

    #[allow(clippy::cast_possible_truncation)] // 0 to 100.
    fn percent(&self, number: i32) -> f32 {
        self.raw(number) as f32
    }

    #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Bounded by the table.
    fn bytes(&self, number: i32) -> u32 {
        self.raw(number) as u32
    }

    fn count(&self, number: i32) -> usize {
        usize::try_from(self.bytes(number)).unwrap_or(usize::MAX)
    }
}

impl Steam {
    /// What a value of [`CONFIG`] is; `None` for one that has no effect here.
    pub fn config_value(&self, number: i64) -> Option<f64> {
        self.shared.networking.lock().value(number)
    }

    /// Sets a value of [`CONFIG`]. `TimeoutConnected` and `MTU_PacketSize` hold for connections that are opened from now
    /// on, all others at once.
    ///
    /// # Errors
    /// See [`ConfigError`]; nothing changes then.
    pub fn set_config_value(&self, number: i64, value: f64) -> Result<(), ConfigError> {
        let networking = {
            let mut networking = self.shared.networking.lock();
            networking.set(number, value)?;
            *networking
        };
        self.with_sessions(|sessions, _| {
            let mut config = sessions.config();
            networking.apply(&mut config);
            sessions.set_config(config);
        });
        self.shared.reconfigure();
        Ok(())
    }
}

#[cfg(test)]
mod tests;
