//! What clients and the directory say to each other.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::filters::SearchFilters;
use crate::lobby::{GameServer, LobbyKind, LobbySnapshot, MemberSnapshot, Version};
use crate::persona::{Friend, Persona, RichPresence, Tell};

/// The version of this protocol; client and directory must have the same.
pub const PROTOCOL_VERSION: u16 = 2;

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
    pub rich_presence: RichPresence,
    /// Random for each process: it tells two processes of one user apart.
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
        /// See [`Command::Search`].
        patient: bool,
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
        /// Whether the user has just come from another directory, so that this one has to wait for lobbies.
        patient: bool,
    },
    /// Tell me about a lobby. Answered by [`Event::Described`].
    Describe {
        /// The lobby.
        lobby: SteamId,
    },
    /// Tell me who a user is. Answered by [`Event::Persona`], if there is such a user.
    Persona {
        /// The user.
        user: SteamId,
    },
    /// The user has another name or state. Its picture is not changed by this.
    SetPersona(Persona),
    /// What the user does in the game, all of it.
    SetRichPresence(RichPresence),
    /// Tell me a user's rich presence. Answered by [`Event::RichPresence`], if there is such a user.
    RichPresence {
        /// The user.
        user: SteamId,
    },
    /// The user has another picture.
    SetAvatar {
        /// See [`Persona::avatar`]; 0 for none.
        avatar: u64,
        /// [`crate::limits::AVATAR_BYTES`], or none.
        pixels: Vec<u8>,
    },
    /// Tell me a user's picture. Answered by [`Event::Avatar`], if there is such a picture.
    Avatar {
        /// The user.
        user: SteamId,
    },
    /// Tell this to a user of the same app, who hears [`Event::Told`] if it is there.
    Tell {
        /// The user.
        to: SteamId,
        /// What.
        tell: Tell,
    },
    /// Hand this to a user.
    Signal {
        /// The user.
        to: SteamId,
        /// For the user's endpoint; the directory does not look into it.
        payload: Vec<u8>,
    },
}

impl Command {
    /// The request that the answer will name, for those that are answered so.
    pub fn request(&self) -> Option<u64> {
        match self {
            Self::Create { request, .. }
            | Self::Join { request, .. }
            | Self::Search { request, .. } => Some(*request),
            Self::Change { .. }
            | Self::Describe { .. }
            | Self::Persona { .. }
            | Self::SetPersona(_)
            | Self::SetRichPresence(_)
            | Self::RichPresence { .. }
            | Self::SetAvatar { .. }
            | Self::Avatar { .. }
            | Self::Tell { .. }
            | Self::Signal { .. } => None,
        }
    }

    /// Whether it waits a moment for more of its kind, to be sent together.
    pub(crate) fn is_gathered(&self) -> bool {
        match self {
            Self::Change { change, .. } => {
                matches!(change, Change::Data(_) | Change::MemberData(_))
            }
            Self::SetPersona(_) | Self::SetRichPresence(_) => true,
            _ => false,
        }
    }

    /// Whether this asks to join the lobby.
    pub(crate) fn joins(&self, id: SteamId) -> bool {
        matches!(self, Self::Join { lobby, .. } if *lobby == id)
    }
}

/// A change to a lobby that one of its members asks for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Change {
    /// The member leaves.
    Leave,
    /// Set keys, or remove those with an empty value. Owner only.
    Data(BTreeMap<String, String>),
    /// Set keys of the member's own, or remove those with an empty value.
    MemberData(BTreeMap<String, String>),
    /// Owner only.
    Kind(LobbyKind),
    /// Owner only.
    Joinable(bool),
    /// Owner only.
    Limit(u32),
    /// Another member becomes the owner. Owner only.
    Owner(SteamId),
    /// A member has to go. Owner only.
    Kick {
        /// Who.
        user: SteamId,
        /// Whether for good.
        ban: bool,
    },
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

impl Change {
    /// Whether only the owner may do this.
    pub fn is_owners(&self) -> bool {
        match self {
            Self::Data(_)
            | Self::Kind(_)
            | Self::Joinable(_)
            | Self::Limit(_)
            | Self::Owner(_)
            | Self::Kick { .. }
            | Self::GameServer(_) => true,
            Self::Leave | Self::MemberData(_) | Self::Chat { .. } | Self::Invite(_) => false,
        }
    }

    /// Whether the lobby looks different after it, apart from who is in it.
    pub(crate) fn is_visible(&self) -> bool {
        (self.is_owners() && !matches!(self, Self::Kick { .. }))
            || matches!(self, Self::MemberData(_))
    }
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
    /// The user was banned from the lobby.
    Banned = 6,
    /// The user is in too many lobbies, or asks too often.
    RateLimitExceeded = 15,
}

/// Why somebody is not in a lobby any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum KickReason {
    /// It was gone too long, or the lobby is gone.
    Disconnected,
    /// The owner did it.
    Kicked {
        /// The owner.
        by: SteamId,
        /// Whether for good.
        ban: bool,
    },
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
        /// Who caused it: the user itself, or the owner who kicked it.
        by: SteamId,
        /// An `EChatMemberStateChange`.
        state: u32,
        /// The owner after it.
        owner: SteamId,
    },
    /// Keys were set, or removed where the value is empty.
    Data {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The keys with their values.
        pairs: BTreeMap<String, String>,
    },
    /// A member set or removed keys.
    MemberData {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The member.
        user: SteamId,
        /// The keys with their values.
        pairs: BTreeMap<String, String>,
    },
    /// The owner changed kind, joinability, limit or owner.
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
    },
    /// The owner named a game server, perhaps the same again.
    GameServer {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The server.
        server: GameServer,
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
    /// This is how the lobby is now. Sent to each member that comes back to this directory or to a new one.
    Resumed {
        /// The lobby.
        snapshot: LobbySnapshot,
    },
    /// The user is not in this lobby any more.
    Kicked {
        /// The lobby.
        lobby: SteamId,
        /// Why.
        reason: KickReason,
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
    /// The oldest command of the user's that was not handled is handled now. Its effects have been told before; only the
    /// answer to a request may still follow. Signals are not counted.
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
    /// Who a user is.
    Persona {
        /// The user.
        user: SteamId,
        /// Name, state and picture.
        persona: Persona,
    },
    /// All friends who are here; the user has just come.
    Friends(Vec<Friend>),
    /// A friend came, or is different now.
    Friend(Friend),
    /// A friend went.
    FriendGone {
        /// Who.
        user: SteamId,
    },
    /// What a user does in the game, all of it. Told of friends; of others it is the answer to
    /// [`Command::RichPresence`].
    RichPresence {
        /// The user.
        user: SteamId,
        /// By key.
        rich_presence: RichPresence,
    },
    /// The answer to [`Command::Avatar`].
    Avatar {
        /// The user.
        user: SteamId,
        /// See [`Persona::avatar`].
        avatar: u64,
        /// [`crate::limits::AVATAR_BYTES`].
        pixels: Vec<u8>,
    },
    /// A user says this.
    Told {
        /// Who; the directory has checked it.
        from: SteamId,
        /// The name of who says it.
        name: String,
        /// What.
        tell: Tell,
    },
    /// A user sends this.
    Signal {
        /// Who; the directory has checked it.
        from: SteamId,
        /// For the endpoint.
        payload: Vec<u8>,
    },
}
