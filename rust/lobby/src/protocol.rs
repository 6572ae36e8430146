//! What clients and the directory say to each other.

pub(crate) mod bounded;
mod command;
mod event;

use std::net::SocketAddr;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::limits::{MAX_ADDRS, MAX_LOBBIES_PER_USER};
use crate::persona::{Persona, RichPresence, read_presence};
use crate::proof::ProvedLobby;
pub use command::{Change, Command};
pub use event::{Event, JoinResponse, KickReason, LobbySummary};

/// The version of this protocol; client and directory must have the same.
pub const PROTOCOL_VERSION: u16 = 4;

/// A point in time, in milliseconds since any fixed moment.
#[derive(
    Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize,
)]
pub struct Millis(pub u64);

impl Millis {
    /// This moment and `ms` milliseconds more.
    #[must_use]
    pub fn plus(self, ms: u64) -> Self {
        Self(self.0.saturating_add(ms))
    }
}

/// A directory's random ID.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct DirectoryId(pub u64);

/// The news of a directory's friends that have been told without a gap.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct News {
    /// The directory.
    pub directory: DirectoryId,
    /// The number of the latest: see [`Event::Friend`].
    pub number: u64,
}

/// What a client says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ToDirectory {
    /// The first thing, once.
    Hello(Hello),
    /// Something to do.
    Command(Command),
    /// The user ends, and leaves every lobby.
    Bye,
}

impl ToDirectory {
    /// A signal. It is not queued or repeated by anybody: whoever sends it does that.
    pub fn signal(to: SteamId, payload: Vec<u8>) -> Self {
        Self::Command(Command::Signal { to, payload })
    }
}

/// Who a client is, beside the key that its link has proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`].
    pub protocol: u16,
    /// What makes a Steam ID of the key.
    pub modifier: [u8; 16],
    /// The app. Users of different apps do not see each other.
    pub app_id: u32,
    /// Name and state. The picture is sent by [`Command::SetAvatar`], whatever this says.
    pub persona: Persona,
    /// What the user does in the game.
    #[serde(deserialize_with = "read_presence")]
    pub rich_presence: RichPresence,
    /// Random for each process: it tells two processes of one user apart.
    pub instance: u64,
    /// Random for each machine.
    pub machine: u64,
    /// Whether a directory, this or another, has welcomed this process before.
    pub is_returning: bool,
    /// Whether the user only asks to be taken: which lobbies it is in follows in another hello.
    pub is_asking: bool,
    /// The latest news of friends that the process has heard: it is told what came after them.
    pub news: Option<News>,
    /// The lobbies that the user is in, as it knows them.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_LOBBIES_PER_USER>")]
    pub resume: Vec<ProvedLobby>,
}

/// What the directory says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum FromDirectory {
    /// The hello is accepted.
    Welcome {
        /// The directory.
        directory: DirectoryId,
        /// Its term.
        term: u64,
        /// Its clock, in milliseconds since 1970.
        time_ms: u64,
        /// [`PROTOCOL_VERSION`].
        protocol: u16,
        /// How long ago the directory's first user came, in milliseconds.
        age_ms: u64,
        /// How many commands of this process it has handled.
        handled: u64,
    },
    /// The hello is refused; the link is closed next.
    Refused(Refusal),
    /// This directory stands down for another.
    Moved {
        /// Where the other is.
        #[serde(deserialize_with = "bounded::vec::<_, _, MAX_ADDRS>")]
        addrs: Vec<SocketAddr>,
        /// The Ed25519 key that it holds.
        key: [u8; 32],
        /// Its ID.
        directory: DirectoryId,
        /// Its term.
        term: u64,
    },
    /// Something happened.
    Event(Event),
}

/// Why a hello was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Refusal {
    /// Another [`PROTOCOL_VERSION`].
    #[error("it speaks another version of the protocol")]
    ProtocolMismatch,
    /// The same profile is in use on another machine.
    #[error("the same profile is in use on another machine")]
    ElsewhereOnline,
    /// Key and modifier give no Steam ID.
    #[error("the Steam ID is not proved")]
    BadIdentity,
    /// There are too many users.
    #[error("the directory is full")]
    Full,
    /// Something that the protocol does not have at this point.
    #[error("the protocol was broken")]
    Protocol,
    /// The directory serves another app.
    #[error("it is of another app")]
    OtherApp,
}
