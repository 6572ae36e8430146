//! The lobby directory: rules, search and protocol, without I/O and without a clock.
//!
//! [`Directory`] is the side of whoever hosts it, [`Mirror`] a client's; both are state machines that are given the
//! time. [`frame`] is how what they say to each other looks as bytes.

mod bucket;
mod directory;
mod error;
mod filters;
pub mod frame;
pub mod limits;
mod lobby;
mod mirror;
mod persona;
mod proof;
mod protocol;

pub use bucket::Rate;
pub use directory::{Directory, DirectoryConfig, Presence, Recipients};
pub use error::{LobbyError, PersonaError};
pub use filters::{Comparison, SearchFilters};
pub use lobby::{GameServer, LobbyKind, LobbySnapshot, MemberSnapshot, Version};
pub use mirror::{Avatar, Mirror, Notice, Welcome};
pub use persona::{Friend, Persona, PersonaState, RichPresence, Tell};
pub use proof::{LobbyProof, Maker, ProvedLobby, Seal, SealKey, Signature};
pub use protocol::{
    Change, Command, DirectoryId, Event, FromDirectory, Hello, JoinResponse, KickReason,
    LobbySummary, Millis, News, PROTOCOL_VERSION, Refusal, ToDirectory,
};
