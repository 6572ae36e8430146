//! `ISteamNetworking`: P2P packets.

use std::net::{Ipv4Addr, SocketAddr};
use std::time::Instant;

use samovar_id::SteamId;
use samovar_net::{Delivery, Flow, Message, Nagle, SendError, SessionState};

use crate::client::Steam;

/// The largest unreliable packet, in bytes (`isteamnetworking.h`, `EP2PSend`).
pub const MAX_UNRELIABLE_PACKET: usize = 1200;
/// The largest reliable packet, in bytes (`isteamnetworking.h`, `EP2PSend`).
pub const MAX_RELIABLE_PACKET: usize = 1024 * 1024;
/// `k_EP2PSessionErrorTimeout`.
pub(crate) const P2P_SESSION_ERROR_TIMEOUT: u8 = 4;

/// `EP2PSend`: how a packet travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum P2pSend {
    /// May be lost, but for what waits for the session to open.
    Unreliable,
    /// May be lost; dropped when it cannot go now.
    UnreliableNoDelay,
    /// Arrives once, in order.
    Reliable,
    /// As reliable, but waits up to 200 ms for more to go with it.
    ReliableWithBuffering,
}

impl P2pSend {
    /// The type with this number; `None` for a number that `EP2PSend` does not have.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Unreliable,
            1 => Self::UnreliableNoDelay,
            2 => Self::Reliable,
            3 => Self::ReliableWithBuffering,
            _ => return None,
        })
    }

    /// The largest packet of this type, in bytes.
    pub fn max_packet(self) -> usize {
        match self {
            Self::Unreliable | Self::UnreliableNoDelay => MAX_UNRELIABLE_PACKET,
            Self::Reliable | Self::ReliableWithBuffering => MAX_RELIABLE_PACKET,
        }
    }

    fn delivery(self) -> Delivery {
        let reliable = matches!(self, Self::Reliable | Self::ReliableWithBuffering);
        Delivery {
            reliable,
            nagle: if self == Self::ReliableWithBuffering {
                Nagle::P2pBuffering
            } else {
                Nagle::None
            },
            no_delay: self == Self::UnreliableNoDelay,
            autorestart: false,
        }
    }
}

/// Why a packet was not taken. Nothing of it is sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum P2pSendError {
    /// The recipient is not a user's ID.
    #[error("not a user's Steam ID")]
    InvalidPeer,
    /// Of no bytes: [`Steam::p2p_available`] could not tell it from none.
    #[error("a packet has at least one byte")]
    Empty,
    /// Larger than [`P2pSend::max_packet`].
    #[error("the packet is larger than {max} bytes")]
    TooLarge {
        /// The largest allowed, in bytes.
        max: usize,
    },
    /// So much waits for this user already, or there are so many sessions, that nothing more is taken now.
    #[error("the send buffer is full")]
    LimitExceeded,
}

/// What `P2PSessionState_t` holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct P2pSessionState {
    /// Whether packets can go.
    pub connection_active: bool,
    /// Whether it is being opened.
    pub connecting: bool,
    /// An `EP2PSessionError`; 0 for none.
    pub session_error: u8,
    /// Whether packets go over a relay.
    pub using_relay: bool,
    /// Bytes that wait to be sent.
    pub bytes_queued_for_send: usize,
    /// Packets that wait to be sent.
    pub packets_queued_for_send: usize,
    /// The other's IPv4 address, if known.
    pub remote_ip: Option<Ipv4Addr>,
    /// The other's UDP port; 0 if not known.
    pub remote_port: u16,
}

impl Steam {
    /// Sends a packet to a user, asking for a session where there is none.
    ///
    /// # Errors
    /// See [`P2pSendError`]. Success says that the packet was taken, not that it arrives.
    pub fn p2p_send(
        &self,
        peer: SteamId,
        data: &[u8],
        send: P2pSend,
        channel: u32,
    ) -> Result<(), P2pSendError> {
        if !peer.is_individual() {
            return Err(P2pSendError::InvalidPeer);
        }
        if data.len() > send.max_packet() {
            return Err(P2pSendError::TooLarge {
                max: send.max_packet(),
            });
        }
        let sent = self.send_in_sessions(|sessions, now| {
            sessions.send(now, peer, Flow::P2p, channel, send.delivery(), data)
        });
        match sent {
            Ok(_) | Err(SendError::Ignored) => Ok(()),
            Err(SendError::Empty) => Err(P2pSendError::Empty),
            Err(SendError::TooLarge { .. }) => Err(P2pSendError::TooLarge {
                max: send.max_packet(),
            }),
            Err(_) => Err(P2pSendError::LimitExceeded),
        }
    }

    /// The size in bytes of the next packet on a channel.
    pub fn p2p_available(&self, channel: u32) -> Option<usize> {
        self.shared.sessions.lock().available(Flow::P2p, channel)
    }

    /// Takes the next packet of a channel.
    pub fn p2p_read(&self, channel: u32) -> Option<Message> {
        let mut sessions = self.shared.sessions.lock();
        let message = sessions.receive(Flow::P2p, channel)?;
        let waited_for = sessions.take_waits_for_room();
        drop(sessions);
        if waited_for {
            self.shared.wake.notify();
        }
        Some(message)
    }

    /// Lets a user talk to us, now or when they first send: then no request is posted. False only for what is not a
    /// user's ID.
    pub fn p2p_accept(&self, peer: SteamId) -> bool {
        if !peer.is_individual() {
            return false;
        }
        self.with_sessions(|sessions, now| sessions.accept(now, peer, Flow::P2p));
        true
    }

    /// Ends the session with a user. False when there was none.
    pub fn p2p_close(&self, peer: SteamId) -> bool {
        self.with_sessions(|sessions, now| sessions.close(now, peer, Flow::P2p))
    }

    /// Ends one channel with a user, and the session with the last. False when there was no such channel.
    pub fn p2p_close_channel(&self, peer: SteamId, channel: u32) -> bool {
        self.with_sessions(|sessions, now| sessions.close_channel(now, peer, Flow::P2p, channel))
    }

    /// How the session with a user is; `None` when there is none.
    pub fn p2p_state(&self, peer: SteamId) -> Option<P2pSessionState> {
        let info = self
            .shared
            .sessions
            .lock()
            .info(Instant::now(), peer, Flow::P2p)?;
        let (remote_ip, remote_port) = match info.link.as_ref().and_then(|link| link.remote) {
            Some(SocketAddr::V4(remote)) => (Some(*remote.ip()), remote.port()),
            Some(SocketAddr::V6(remote)) => (remote.ip().to_ipv4_mapped(), remote.port()),
            None => (None, 0),
        };
        Some(P2pSessionState {
            connection_active: info.state == SessionState::Connected,
            connecting: matches!(
                info.state,
                SessionState::Requesting | SessionState::Connecting
            ),
            session_error: if info.state == SessionState::Failed {
                P2P_SESSION_ERROR_TIMEOUT
            } else {
                0
            },
            using_relay: false,
            bytes_queued_for_send: info.queued_bytes,
            packets_queued_for_send: info.queued_messages,
            remote_ip,
            remote_port,
        })
    }
}
