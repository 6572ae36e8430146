//! What clients and the directory say to each other.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::limits::{DEFAULT_RESULTS, MAX_RESULTS};
use crate::lobby::{GameServer, LobbyKind, LobbySnapshot, MemberSnapshot, Version};

/// The version of this protocol; client and directory must have the same.
pub const PROTOCOL_VERSION: u16 = 1;

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

/// Who a client is, beside the key that its link has proved.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hello {
    /// [`PROTOCOL_VERSION`].
    pub protocol: u16,
    /// What makes a Steam ID of the key.
    pub modifier: [u8; 16],
    /// The app. Users of different apps do not see each other.
    pub app_id: u32,
    /// The persona name.
    pub name: String,
    /// Random for each process, and larger for a later one only by chance: it tells processes apart.
    pub instance: u64,
    /// Random for each machine.
    pub machine: u64,
    /// The lobbies that the user is in, as it knows them.
    pub resume: Vec<LobbySnapshot>,
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
    },
    /// The hello is refused; the link is closed next.
    Refused(Refusal),
    /// This directory stands down for another.
    Moved {
        /// Where the other is.
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
}

/// Something that a client wants done. A `request` comes back in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Make a lobby. Answered by [`Event::Created`].
    Create {
        /// The request.
        request: u64,
        /// Who finds and joins it.
        kind: LobbyKind,
        /// The member limit.
        limit: u32,
    },
    /// Join a lobby. Answered by [`Event::Joined`].
    Join {
        /// The request.
        request: u64,
        /// The lobby.
        lobby: SteamId,
    },
    /// Change something about a lobby, or say something in it.
    Change {
        /// The lobby.
        lobby: SteamId,
        /// What.
        change: Change,
    },
    /// Search. Answered by [`Event::Found`].
    Search {
        /// The request.
        request: u64,
        /// For what.
        filters: SearchFilters,
    },
    /// Tell me about a lobby. Answered by [`Event::Described`].
    Describe {
        /// The lobby.
        lobby: SteamId,
    },
    /// Tell me a user's name. Answered by [`Event::Persona`], if there is such a user.
    Persona {
        /// The user.
        user: SteamId,
    },
    /// Hand this to a user.
    Signal {
        /// The user.
        to: SteamId,
        /// For the user's endpoint; the directory does not look into it.
        payload: Vec<u8>,
    },
}

/// A change to a lobby that one of its members asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The member leaves.
    Leave,
    /// Set a key, or remove it with an empty value. Owner only.
    Data {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// Set a key of the member's own, or remove it with an empty value.
    MemberData {
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// Owner only.
    Kind(LobbyKind),
    /// Owner only.
    Joinable(bool),
    /// Owner only.
    Limit(u32),
    /// Another member becomes the owner. Owner only.
    Owner(SteamId),
    /// Owner only.
    GameServer(GameServer),
    /// Say something to all members, the speaker too.
    Chat {
        /// Grows with each line of the speaker's process; a line seen twice is the same line.
        seq: u64,
        /// What.
        text: String,
    },
    /// Let a user know of the lobby, and let it in even if the lobby is private.
    Invite(SteamId),
}

/// What a lobby looks like from outside.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbySummary {
    /// The lobby.
    pub id: SteamId,
    /// How many members it has.
    pub members: u32,
    /// How many it takes.
    pub limit: u32,
    /// Its data.
    pub data: BTreeMap<String, String>,
    /// Its game server.
    pub game_server: Option<GameServer>,
}

/// `ELobbyComparison`: how a filter compares a lobby's value with its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// The lobby's is less or equal (-2).
    EqualOrLess,
    /// The lobby's is less (-1).
    Less,
    /// They are equal (0).
    Equal,
    /// The lobby's is greater (1).
    Greater,
    /// The lobby's is greater or equal (2).
    EqualOrGreater,
    /// They differ (3).
    NotEqual,
}

impl Comparison {
    /// The comparison with `ELobbyComparison`'s number.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            -2 => Self::EqualOrLess,
            -1 => Self::Less,
            0 => Self::Equal,
            1 => Self::Greater,
            2 => Self::EqualOrGreater,
            3 => Self::NotEqual,
            _ => return None,
        })
    }

    /// Whether `lobby`, compared so with `wanted`, passes.
    pub fn holds<T: Ord + ?Sized>(self, lobby: &T, wanted: &T) -> bool {
        match self {
            Self::EqualOrLess => lobby <= wanted,
            Self::Less => lobby < wanted,
            Self::Equal => lobby == wanted,
            Self::Greater => lobby > wanted,
            Self::EqualOrGreater => lobby >= wanted,
            Self::NotEqual => lobby != wanted,
        }
    }
}

/// What a search is for. All filters must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchFilters {
    /// Key, value, comparison as text. A lobby without the key has the empty text.
    pub text: Vec<(String, String, Comparison)>,
    /// Key, value, comparison as number. A lobby whose value is no number does not pass.
    pub number: Vec<(String, i32, Comparison)>,
    /// Keys whose values should be close to a number; the first matters most. They exclude nothing.
    pub near: Vec<(String, i32)>,
    /// At least so many open places.
    pub slots: u32,
    /// At most so many results.
    pub count: u32,
}

impl Default for SearchFilters {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            number: Vec::new(),
            near: Vec::new(),
            slots: 0,
            count: DEFAULT_RESULTS.min(MAX_RESULTS),
        }
    }
}

/// `EChatRoomEnterResponse`, as far as it can happen here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum JoinResponse {
    /// The user is in.
    Success = 1,
    /// There is no such lobby for this app.
    DoesntExist = 2,
    /// The lobby is private and the user not invited, or it is not joinable.
    NotAllowed = 3,
    /// All places are taken.
    Full = 4,
    /// Something else, such as no answer.
    Error = 5,
    /// The user is in too many lobbies, or asks too often.
    RateLimitExceeded = 15,
}

/// What happened. Events about a lobby go to its members only.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Event {
    /// The answer to [`Command::Create`].
    Created {
        /// The request.
        request: u64,
        /// An `EResult`.
        result: i32,
        /// The new lobby.
        lobby: Option<LobbySnapshot>,
    },
    /// The answer to [`Command::Join`].
    Joined {
        /// The request.
        request: u64,
        /// The lobby.
        lobby: SteamId,
        /// Whether it worked.
        response: JoinResponse,
        /// The lobby as it is with the user in it.
        snapshot: Option<LobbySnapshot>,
    },
    /// A member came.
    Entered {
        /// The lobby.
        lobby: SteamId,
        /// The lobby's version after it, here and below.
        version: Version,
        /// Who.
        member: MemberSnapshot,
    },
    /// A member went.
    Left {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// Who.
        user: SteamId,
        /// An `EChatMemberStateChange`.
        state: u32,
        /// The owner after it.
        owner: SteamId,
    },
    /// A key was set, or removed where the value is empty.
    Data {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// A member set or removed a key.
    MemberData {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The member.
        user: SteamId,
        /// The key.
        key: String,
        /// The value.
        value: String,
    },
    /// The owner changed kind, joinability, limit, owner or game server.
    Settings {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// Its kind.
        kind: LobbyKind,
        /// Whether it takes newcomers.
        joinable: bool,
        /// Its member limit.
        limit: u32,
        /// Its owner.
        owner: SteamId,
        /// Its game server.
        game_server: Option<GameServer>,
    },
    /// A line of chat.
    Chat {
        /// The lobby.
        lobby: SteamId,
        /// Who said it.
        from: SteamId,
        /// The speaker's process.
        instance: u64,
        /// See [`Change::Chat`].
        seq: u64,
        /// What.
        text: String,
    },
    /// This is how the lobby is after the directory changed. Sent to each member that resumed.
    Resumed {
        /// The lobby.
        snapshot: LobbySnapshot,
    },
    /// The user is not in this lobby any more.
    Kicked {
        /// The lobby.
        lobby: SteamId,
        /// Whether because it was gone too long.
        due_to_disconnect: bool,
    },
    /// The answer to [`Command::Search`].
    Found {
        /// The request.
        request: u64,
        /// Best first.
        lobbies: Vec<LobbySummary>,
    },
    /// The answer to [`Command::Describe`]; `None` when there is no such lobby.
    Described {
        /// The lobby.
        lobby: SteamId,
        /// What it looks like.
        summary: Option<LobbySummary>,
    },
    /// The oldest command of the user's that was not handled is handled now. Signals are not counted.
    Handled,
    /// Somebody was invited to the lobby.
    InvitedBy {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// Who.
        user: SteamId,
    },
    /// Somebody invites the user.
    Invited {
        /// Who.
        from: SteamId,
        /// The name of who invites.
        name: String,
        /// Where to.
        lobby: SteamId,
        /// The lobby's app.
        app_id: u32,
    },
    /// A user's name.
    Persona {
        /// The user.
        user: SteamId,
        /// The name.
        name: String,
    },
    /// A user sends this.
    Signal {
        /// Who; the directory has checked it.
        from: SteamId,
        /// For the endpoint.
        payload: Vec<u8>,
    },
}

impl GameServer {
    /// No address: 0.0.0.0.
    pub const NO_IP: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
}
