//! What the directory reports.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use serde::{Deserialize, Deserializer, Serialize};

use super::bounded;
use super::command::read_changed;
use crate::limits::{
    AVATAR_BYTES, MAX_CHAT, MAX_DATA, MAX_FRIENDS, MAX_KEY, MAX_KEYS, MAX_NAME, MAX_RESULT_BYTES,
    MAX_RESULTS, MAX_SIGNAL, MAX_VALUE,
};
use crate::lobby::{GameServer, LobbyKind, MemberSnapshot, Version, data_bytes, is_sound};
use crate::persona::{Friend, Persona, RichPresence, Tell, read_presence};
use crate::proof::{ProvedLobby, Signature};

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
    #[serde(deserialize_with = "bounded::pairs::<_, MAX_KEYS, MAX_KEY, MAX_VALUE, MAX_DATA>")]
    pub data: BTreeMap<String, String>,
    /// Its game server.
    pub game_server: Option<GameServer>,
}

impl LobbySummary {
    /// Whether it is of a lobby, and within every bound.
    pub(crate) fn is_sound(&self) -> bool {
        self.id.is_lobby() && is_sound(&self.data, MAX_DATA)
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
    /// The answer to [`crate::Command::Create`].
    Created {
        /// The request.
        request: u64,
        /// An `EResult`.
        result: i32,
        /// The new lobby.
        lobby: Option<ProvedLobby>,
    },
    /// The answer to [`crate::Command::Join`].
    Joined {
        /// The request.
        request: u64,
        /// The lobby.
        lobby: SteamId,
        /// Whether it worked.
        response: JoinResponse,
        /// The lobby as it is with the user in it.
        snapshot: Option<ProvedLobby>,
    },
    /// A member came.
    Entered {
        /// The lobby.
        lobby: SteamId,
        /// The lobby's version after it, here and below.
        version: Version,
        /// Who.
        member: MemberSnapshot,
        /// The directory's signature of the lobby after it, here and below: see [`crate::Seal`].
        seal: Signature,
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
        /// The signature.
        seal: Signature,
    },
    /// Keys were set, or removed where the value is empty.
    Data {
        /// The lobby.
        lobby: SteamId,
        /// The version.
        version: Version,
        /// The keys with their values.
        #[serde(deserialize_with = "read_changed")]
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
        #[serde(deserialize_with = "read_changed")]
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
        /// The signature.
        seal: Signature,
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
        /// See [`crate::Change::Chat`].
        seq: u64,
        /// Its number among the lobby's lines, which leaves none out; 0 when it is told again.
        line: u64,
        /// What.
        #[serde(deserialize_with = "bounded::string::<_, MAX_CHAT>")]
        text: String,
    },
    /// This is how the lobby is now. Sent to each member that comes back to this directory or to a new one, or asks by
    /// [`crate::Command::Resume`]. Lines that it may have missed follow, and then [`Event::Said`].
    Resumed {
        /// The lobby.
        lobby: ProvedLobby,
    },
    /// All lines up to this one have been told, as far as the directory has them.
    Said {
        /// The lobby.
        lobby: SteamId,
        /// The line's number.
        line: u64,
    },
    /// A member of one of the user's lobbies has no link, or has one again. Copies that are brought to another directory
    /// say so, too.
    Away {
        /// Who.
        user: SteamId,
        /// How long it is waited for, in milliseconds; `None` when it is back.
        left_ms: Option<u32>,
    },
    /// The user is not in this lobby any more.
    Kicked {
        /// The lobby.
        lobby: SteamId,
        /// Why.
        reason: KickReason,
    },
    /// The answer to [`crate::Command::Search`].
    Found {
        /// The request.
        request: u64,
        /// Best first.
        #[serde(deserialize_with = "read_found")]
        lobbies: Vec<LobbySummary>,
    },
    /// The answer to [`crate::Command::Describe`]; `None` when there is no such lobby.
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
        /// Whose invitation is forgotten for it: there is room for [`crate::limits::MAX_INVITED`].
        instead_of: Option<SteamId>,
    },
    /// Somebody invites the user.
    Invited {
        /// Who.
        from: SteamId,
        /// The name of who invites.
        #[serde(deserialize_with = "bounded::string::<_, MAX_NAME>")]
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
    /// All friends who are here; the user has just come, and does not know them. What they do follows, and then
    /// [`Event::FriendsTold`].
    Friends(#[serde(deserialize_with = "bounded::vec::<_, _, MAX_FRIENDS>")] Vec<Friend>),
    /// A friend came, or is different now.
    Friend {
        /// Who, and how it is.
        friend: Friend,
        /// Its number among the news of friends, here and below; 0 when it is told again.
        news: u64,
    },
    /// A friend went.
    FriendGone {
        /// Who.
        user: SteamId,
        /// The number.
        news: u64,
    },
    /// All news of friends up to this number have been told, to a user who has just come.
    FriendsTold {
        /// The number.
        news: u64,
    },
    /// What a user does in the game, all of it. Told of friends; of others it is the answer to
    /// [`crate::Command::RichPresence`].
    RichPresence {
        /// The user.
        user: SteamId,
        /// By key.
        #[serde(deserialize_with = "read_presence")]
        rich_presence: RichPresence,
        /// The number; 0 in an answer, too.
        news: u64,
    },
    /// The answer to [`crate::Command::Avatar`].
    Avatar {
        /// The user.
        user: SteamId,
        /// See [`Persona::avatar`].
        avatar: u64,
        /// [`crate::limits::AVATAR_BYTES`].
        #[serde(deserialize_with = "bounded::bytes::<_, AVATAR_BYTES>")]
        pixels: Vec<u8>,
    },
    /// A user says this.
    Told {
        /// Who; the directory has checked it.
        from: SteamId,
        /// The name of who says it.
        #[serde(deserialize_with = "bounded::string::<_, MAX_NAME>")]
        name: String,
        /// What.
        tell: Tell,
    },
    /// A user sends this.
    Signal {
        /// Who; the directory has checked it.
        from: SteamId,
        /// For the endpoint.
        #[serde(deserialize_with = "bounded::bytes::<_, MAX_SIGNAL>")]
        payload: Vec<u8>,
    },
}

/// What a search finds, as large as it may be, for `serde`.
fn read_found<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<LobbySummary>, D::Error> {
    const RESULTS: usize = MAX_RESULTS as usize;
    let weigh = |summary: &LobbySummary| data_bytes(&summary.data);
    bounded::weighed::<D, LobbySummary, RESULTS, MAX_RESULT_BYTES>(deserializer, weigh)
}
