//! `ISteamNetworkingMessages`: messages to users.

use std::net::IpAddr;
use std::time::{Duration, Instant};

use samovar_id::SteamId;
use samovar_net::{Delivery, Flow, Message, Nagle, SendError, SessionInfo, SessionState};

use crate::client::Steam;

/// The largest message, in bytes (`k_cbMaxSteamNetworkingSocketsMessageSizeSend`).
pub const MAX_MESSAGE: usize = 512 * 1024;
/// The most messages that one call takes.
pub const MAX_RECEIVE: usize = 10_000;

/// How long a peer may wait until it acknowledges (RFC 9000, `max_ack_delay`).
const ACKNOWLEDGEMENT_DELAY: Duration = Duration::from_millis(25);

/// `k_ESteamNetConnectionEnd_Remote_Timeout`.
pub(crate) const END_REMOTE_TIMEOUT: i32 = 4001;
/// `k_ESteamNetConnectionEnd_Misc_Timeout`.
pub(crate) const END_MISC_TIMEOUT: i32 = 5003;
/// `k_ESteamNetConnectionEnd_Misc_Generic`.
pub(crate) const END_MISC_GENERIC: i32 = 5001;

/// The `k_nSteamNetworkingSend_*` flags of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SendFlags(u32);

impl SendFlags {
    const NO_NAGLE: u32 = 1;
    const NO_DELAY: u32 = 4;
    const RELIABLE: u32 = 8;
    const USE_CURRENT_THREAD: u32 = 16;
    const AUTORESTART: u32 = 32;
    const ALL: u32 = Self::NO_NAGLE
        | Self::NO_DELAY
        | Self::RELIABLE
        | Self::USE_CURRENT_THREAD
        | Self::AUTORESTART;

    /// The flags in a number. As in GameNetworkingSockets, bits that no flag has mean nothing: games pass
    /// `k_EP2PSendReliable`, 2.
    pub fn from_number(number: i64) -> Self {
        // Of 32 bits, as an `int` has.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bits = number as u32;
        Self(bits & Self::ALL)
    }

    fn has(self, flag: u32) -> bool {
        self.0 & flag != 0
    }

    pub(crate) fn delivery(self) -> Delivery {
        Delivery {
            reliable: self.has(Self::RELIABLE),
            nagle: if self.has(Self::NO_NAGLE) || self.has(Self::NO_DELAY) {
                Nagle::None
            } else {
                Nagle::Messages
            },
            no_delay: self.has(Self::NO_DELAY) && !self.has(Self::RELIABLE),
            autorestart: self.has(Self::AUTORESTART),
        }
    }
}

/// The `EResult` that sending a message gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MessageResult {
    /// `k_EResultOK`: taken. It says nothing about arriving.
    Ok = 1,
    /// `k_EResultConnectFailed`: the session failed, or the other closed it, and it was not to start over. The Steamworks
    /// headers name another result, `k_EResultNoConnection`; Valve's code gives this one.
    ConnectFailed = 35,
    /// `k_EResultInvalidParam`: not a user, or too large.
    InvalidParam = 8,
    /// `k_EResultInvalidState`: the session is being closed.
    InvalidState = 11,
    /// `k_EResultLimitExceeded`: the send buffer is full.
    LimitExceeded = 25,
    /// `k_EResultIgnored`: no delay was asked for, and it cannot go now.
    Ignored = 41,
}

/// What `SteamNetConnectionInfo_t` and `SteamNetConnectionRealTimeStatus_t` hold.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct SessionConnectionInfo {
    /// An `ESteamNetworkingConnectionState`; 0 when there is no session.
    pub state: i32,
    /// The other's address, when known.
    pub remote_address: Option<IpAddr>,
    /// An `ESteamNetConnectionEnd`; 0 while nothing has ended.
    pub end_reason: i32,
    /// Round trip in milliseconds; -1 when not known.
    pub ping_ms: i32,
    /// What part of the peer's packets has arrived here in the last seconds, 0 to 1; -1 when not known.
    pub local_quality: f64,
    /// What part of the packets to the peer has arrived in the last seconds, 0 to 1; -1 when not known.
    pub remote_quality: f64,
    /// Packets sent a second.
    pub packets_out_per_second: f64,
    /// Bytes sent a second.
    pub bytes_out_per_second: f64,
    /// Packets received a second.
    pub packets_in_per_second: f64,
    /// Bytes received a second.
    pub bytes_in_per_second: f64,
    /// Bytes a second that may be sent now.
    pub send_rate: i32,
    /// Bytes of unreliable messages that wait to be sent.
    pub pending_unreliable_bytes: usize,
    /// Bytes of reliable messages that wait to be sent.
    pub pending_reliable_bytes: usize,
    /// Bytes of reliable messages that are on the way or lost, and are not acknowledged: as many of those that the
    /// connection has as it sends in a round trip.
    pub sent_unacknowledged_reliable_bytes: usize,
    /// How long all that waits takes at this rate, in microseconds.
    pub queue_time_us: i64,
}

impl Steam {
    /// Sends a message to a user, asking for a session where there is none.
    pub fn messages_send(
        &self,
        peer: SteamId,
        data: &[u8],
        flags: SendFlags,
        channel: u32,
    ) -> MessageResult {
        if !peer.is_individual() || data.len() > MAX_MESSAGE {
            return MessageResult::InvalidParam;
        }
        let sent = self.send_in_sessions(|sessions, now| {
            sessions.send(now, peer, Flow::Messages, channel, flags.delivery(), data)
        });
        match sent {
            Ok(_) => MessageResult::Ok,
            Err(SendError::TooLarge { .. }) => MessageResult::InvalidParam,
            Err(SendError::NoConnection) => MessageResult::ConnectFailed,
            Err(SendError::Ignored) => MessageResult::Ignored,
            Err(_) => MessageResult::LimitExceeded,
        }
    }

    /// Takes up to `max` messages of a channel, at most [`MAX_RECEIVE`].
    pub fn messages_receive(&self, channel: u32, max: usize) -> Vec<Message> {
        let mut sessions = self.shared.sessions.lock();
        let messages: Vec<Message> =
            std::iter::from_fn(|| sessions.receive(Flow::Messages, channel))
                .take(max.min(MAX_RECEIVE))
                .collect();
        let waited_for = !messages.is_empty() && sessions.take_waits_for_room();
        drop(sessions);
        if waited_for {
            self.shared.wake.notify();
        }
        messages
    }

    /// Lets a user talk to us. False when there was neither a request nor a session.
    pub fn messages_accept(&self, peer: SteamId) -> bool {
        self.with_sessions(|sessions, now| sessions.accept(now, peer, Flow::Messages))
    }

    /// Ends the session with a user. False when there was none.
    pub fn messages_close(&self, peer: SteamId) -> bool {
        self.with_sessions(|sessions, now| sessions.close(now, peer, Flow::Messages))
    }

    /// Ends one channel with a user, and the session with the last. False when there was no such channel.
    pub fn messages_close_channel(&self, peer: SteamId, channel: u32) -> bool {
        self.with_sessions(|sessions, now| {
            sessions.close_channel(now, peer, Flow::Messages, channel)
        })
    }

    /// How the session with a user is; state 0 (`k_ESteamNetworkingConnectionState_None`) when there is none.
    pub fn messages_session_info(&self, peer: SteamId) -> SessionConnectionInfo {
        let info = self
            .shared
            .sessions
            .lock()
            .info(Instant::now(), peer, Flow::Messages);
        let Some(info) = info else {
            return SessionConnectionInfo::unknown();
        };
        let (state, end_reason) = match info.state {
            SessionState::Requesting => (1, 0),
            SessionState::Connecting => (2, 0),
            SessionState::Connected => (3, 0),
            SessionState::ClosedByPeer => (4, END_MISC_GENERIC),
            SessionState::Failed => (5, END_MISC_TIMEOUT),
        };
        SessionConnectionInfo::new(info, state, end_reason)
    }
}

impl SessionConnectionInfo {
    /// Of what nothing is known.
    pub(crate) fn unknown() -> Self {
        Self {
            ping_ms: -1,
            local_quality: -1.0,
            remote_quality: -1.0,
            ..Self::default()
        }
    }

    pub(crate) fn new(info: SessionInfo, state: i32, end_reason: i32) -> Self {
        let pending_unreliable_bytes = info.queued_bytes - info.queued_reliable_bytes;
        let send_rate = info.link.as_ref().map_or(0.0, |link| link.send_rate);
        let rtt = info.link.as_ref().and_then(|link| link.rtt);
        let round_trip = rtt.unwrap_or_default() + ACKNOWLEDGEMENT_DELAY;
        // Rates are of 32 bits.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let a_round_trip_of_bytes = (send_rate * round_trip.as_secs_f64()) as usize;
        let sent = info.unacknowledged_bytes.min(a_round_trip_of_bytes);
        let pending_reliable_bytes =
            info.queued_reliable_bytes + info.in_flight_bytes + (info.unacknowledged_bytes - sent);
        // Far below 2^52; a float that is too large becomes the largest number.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let queue_time_us = if send_rate > 0.0 {
            let pending = (pending_unreliable_bytes + pending_reliable_bytes) as f64;
            (pending / send_rate * 1e6) as i64
        } else {
            0
        };
        #[allow(clippy::cast_possible_truncation)] // As above.
        let send_rate = send_rate as i32;
        let link = info.link;
        let quality =
            |percent: Option<u8>| percent.map_or(-1.0, |percent| f64::from(percent) / 100.0);
        Self {
            state,
            remote_address: link
                .as_ref()
                .and_then(|link| link.remote)
                .map(|remote| remote.ip()),
            end_reason,
            ping_ms: link
                .as_ref()
                .and_then(|link| link.rtt)
                .map_or(-1, |rtt| i32::try_from(rtt.as_millis()).unwrap_or(i32::MAX)),
            local_quality: quality(link.as_ref().and_then(|link| link.local_quality)),
            remote_quality: quality(link.as_ref().and_then(|link| link.remote_quality)),
            packets_out_per_second: link
                .as_ref()
                .map_or(0.0, |link| link.packets_out_per_second),
            bytes_out_per_second: link.as_ref().map_or(0.0, |link| link.bytes_out_per_second),
            packets_in_per_second: link.as_ref().map_or(0.0, |link| link.packets_in_per_second),
            bytes_in_per_second: link.as_ref().map_or(0.0, |link| link.bytes_in_per_second),
            send_rate,
            pending_unreliable_bytes,
            pending_reliable_bytes,
            sent_unacknowledged_reliable_bytes: sent,
            queue_time_us,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As in GameNetworkingSockets, for every bit that no flag has, with every combination of flags.
    #[test]
    fn bits_that_no_flag_has_mean_nothing() {
        for known in 0..64 {
            let flags = known & SendFlags::ALL;
            let delivery = SendFlags::from_number(i64::from(flags)).delivery();
            for bit in 0..64 {
                let bit = 1_i64.wrapping_shl(bit);
                if bit & i64::from(SendFlags::ALL) == 0 {
                    let with = SendFlags::from_number(i64::from(flags) | bit);
                    assert_eq!(with.delivery(), delivery, "{flags} and {bit:#x}");
                }
            }
        }
        assert!(!SendFlags::from_number(2).delivery().reliable);
    }
}
