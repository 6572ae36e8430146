//! Who I am, who I can reach, how messages travel.
//!
//! [`Sessions`] holds the semantics of message sessions, [`Endpoint`] the QUIC connections under them: both are state
//! machines that are given the time and touch no socket. [`Driver`] puts an endpoint on a UDP socket.

mod conditions;
mod driver;
mod endpoint;
mod identity;
pub mod sessions;
mod tls;
pub mod wire;

pub use conditions::Conditions;
pub use driver::{Driver, Wake};
pub use endpoint::{
    DEFAULT_SEND_RATE_MAX, DEFAULT_SEND_RATE_MIN, DialError, Endpoint, EndpointConfig,
    EndpointEvent, LinkClosed, LinkId, MAX_FIRST_FRAME, MAX_LINKS, MAX_LINKS_BACKLOG,
    MAX_LINKS_OF_ADDRESS, MAX_LINKS_OF_LOOPBACK, MAX_PACKET_SIZE, MAX_PEERS, MAX_STRANGERS,
    PEER_RECEIVE_BUDGET, RECEIVE_BUDGET, SendFrameError, Transmit,
};
pub use identity::{Credential, Identity, IdentityError, PublicKey};
pub use sessions::{
    ConnectionEnd, ConnectionId, ConnectionState, ConnectionStatus, Control, Delivery,
    DisconnectReason, END_OVER, END_TOO_MANY, FailReason, Flow, Incoming, Lane, LaneInfo,
    LinkStats, MAX_CHANNELS, MAX_CONNECTIONS, MAX_CONNECTIONS_OF_PEER, MAX_END_DEBUG,
    MAX_PENDING_CONNECTIONS, MAX_PENDING_CONNECTIONS_OF_PEER, MAX_PENDING_REQUESTS, MAX_SESSIONS,
    Message, Nagle, Origin, Outgoing, SendError, SessionConfig, SessionEvent, SessionInfo,
    SessionState, Sessions,
};
