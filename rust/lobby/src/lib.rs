//! The lobby directory: rules, search and protocol, without I/O and without a clock.
//!
//! [`Directory`] is the side of whoever hosts it, [`Mirror`] a client's; both are state machines that are given the
//! time. [`frame`] is how what they say to each other looks as bytes.

mod directory;
mod error;
pub mod frame;
pub mod limits;
mod lobby;
mod mirror;
mod protocol;

pub use directory::{Directory, DirectoryConfig, Presence};
pub use error::LobbyError;
pub use lobby::{GameServer, LobbyKind, LobbySnapshot, MemberSnapshot, Version};
pub use mirror::{Mirror, Notice};
pub use protocol::{
    Change, Command, Comparison, DirectoryId, Event, FromDirectory, Hello, JoinResponse,
    LobbySummary, Millis, PROTOCOL_VERSION, Refusal, SearchFilters, ToDirectory,
};
