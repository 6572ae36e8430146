//! What the two sides of a session tell each other about it.

use serde::{Deserialize, Serialize};

/// What a session belongs to. Sessions of different flows with the same peer are independent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Flow {
    /// `ISteamNetworking`: packets. 0 on the wire.
    P2p,
    /// `ISteamNetworkingMessages`: messages. 1 on the wire.
    Messages,
    /// A connection of `ISteamNetworkingSockets`. 2 on the wire.
    Connection(ConnectionId),
}

impl Flow {
    /// Those that there are once with every peer.
    pub const BY_USER: [Self; 2] = [Self::P2p, Self::Messages];

    /// Which connection it is, if it is one.
    pub const fn connection(self) -> Option<ConnectionId> {
        match self {
            Self::Connection(id) => Some(id),
            Self::P2p | Self::Messages => None,
        }
    }
}

/// A connection of `ISteamNetworkingSockets` with a peer, the same at both ends.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct ConnectionId {
    /// The virtual port.
    pub port: u32,
    /// The dialler's number, never used again by it. Not 0.
    pub number: u64,
    /// Whether the user with the lower Steam ID has dialled.
    pub by_lower: bool,
    /// Whether it was dialled symmetrically: both sides may.
    pub symmetric: bool,
}

/// Why a connection was ended.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct ConnectionEnd {
    /// One of `ESteamNetConnectionEnd`, or the application's.
    pub reason: i32,
    /// Says more, for developers. At most [`MAX_END_DEBUG`] bytes count.
    pub debug: String,
}

/// The longest [`ConnectionEnd::debug`], in bytes.
pub const MAX_END_DEBUG: usize = 128;

impl ConnectionEnd {
    /// The same with no longer a text than may be.
    #[must_use]
    pub fn cut(mut self) -> Self {
        let end = self.debug.floor_char_boundary(MAX_END_DEBUG);
        self.debug.truncate(end);
        self
    }
}

/// A word about a session, or about the connection under it.
///
/// Each side numbers its own sessions, each higher than all before: that is the session's *incarnation*, never 0.
/// Requests and acceptances may be lost, come twice or late; they are sent again until they are answered.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Control {
    /// The sender's game has something to say.
    Request {
        /// The flow.
        flow: Flow,
        /// The sender's session.
        incarnation: u64,
        /// Higher when the game has sent again and had no answer: the recipient's game is asked again then.
        repeat: u32,
    },
    /// The recipient of a request agrees.
    Accept {
        /// The flow.
        flow: Flow,
        /// The session that asked.
        yours: u64,
        /// The sender's session.
        mine: u64,
    },
    /// A session is over.
    Close {
        /// The flow.
        flow: Flow,
        /// The sender's session; 0 when it has none.
        incarnation: u64,
        /// The recipient's session; 0 when the sender does not know it.
        yours: u64,
        /// Answers [`Control::Idle`]: all that either side has sent in it has arrived.
        idle: bool,
    },
    /// How many of a hundred packets of the sender's have arrived in the last seconds. On a connection only, at most once
    /// a second, and only when it is another number than before.
    Quality {
        /// 0 to 100.
        percent: u8,
    },
    /// How much of a stream the recipient may have sent. On a connection only.
    Room {
        /// QUIC's number of the stream.
        stream: u64,
        /// In bytes, from the beginning of the stream. Never less than was said before.
        bytes: u64,
    },
    /// Nobody has used the session for a while: the sender would end it, and sends nothing more in it until it is answered,
    /// by a [`Control::Close`] or a [`Control::Busy`]. On a connection only.
    Idle {
        /// The flow.
        flow: Flow,
        /// The sender's session.
        incarnation: u64,
        /// The recipient's session.
        yours: u64,
        /// How many reliable messages the sender has sent in it.
        sent: u64,
        /// How many reliable messages of the recipient's have arrived in it.
        received: u64,
    },
    /// The session stays: something is under way, or waits, or it was used. Answers [`Control::Idle`].
    Busy {
        /// The flow.
        flow: Flow,
        /// The sender's session.
        incarnation: u64,
        /// The session that would have ended.
        yours: u64,
    },
    /// A connection is over, or a request for one refused.
    End {
        /// The connection.
        id: ConnectionId,
        /// How many reliable messages the sender has sent in it: the end comes after them. 0 when they need not arrive.
        sent: u64,
        /// Why.
        end: ConnectionEnd,
    },
}
