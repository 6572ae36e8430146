//! What clients want done.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use serde::{Deserialize, Deserializer, Serialize};

use super::bounded;
use crate::filters::SearchFilters;
use crate::limits::{
    AVATAR_BYTES, MAX_CHAT, MAX_DATA, MAX_KEY, MAX_KEYS, MAX_SIGNAL, MAX_VALUE, PAIR_BYTES,
};
use crate::lobby::{GameServer, LobbyKind};
use crate::persona::{Persona, RichPresence, Tell, read_presence};

/// Something that a client wants done. A `request` comes back in the answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Command {
    /// Make a lobby. Answered by [`crate::Event::Created`].
    Create {
        /// The request.
        request: u64,
        /// Who finds and joins it.
        kind: LobbyKind,
        /// The member limit.
        limit: u32,
    },
    /// Join a lobby. Answered by [`crate::Event::Joined`].
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
    /// Search. Answered by [`crate::Event::Found`].
    Search {
        /// The request.
        request: u64,
        /// For what.
        filters: SearchFilters,
        /// Whether the user has just come from another directory, so that this one has to wait for lobbies.
        patient: bool,
    },
    /// Something about a lobby that the user is in has not come: tell it again. Answered by [`crate::Event::Resumed`], the
    /// lines after this one, and [`crate::Event::Said`]; or by [`crate::Event::Kicked`].
    Resume {
        /// The lobby.
        lobby: SteamId,
        /// The number of the latest line up to which all have come.
        line: u64,
    },
    /// Tell me about a lobby. Answered by [`crate::Event::Described`].
    Describe {
        /// The lobby.
        lobby: SteamId,
    },
    /// Tell me who a user is. Answered by [`crate::Event::Persona`], if there is such a user.
    Persona {
        /// The user.
        user: SteamId,
    },
    /// The user has another name or state. Its picture is not changed by this.
    SetPersona(Persona),
    /// What the user does in the game, all of it.
    SetRichPresence(#[serde(deserialize_with = "read_presence")] RichPresence),
    /// Tell me a user's rich presence. Answered by [`crate::Event::RichPresence`], if there is such a user.
    RichPresence {
        /// The user.
        user: SteamId,
    },
    /// The user has another picture.
    SetAvatar {
        /// See [`Persona::avatar`]; 0 for none.
        avatar: u64,
        /// [`crate::limits::AVATAR_BYTES`], or none.
        #[serde(deserialize_with = "bounded::bytes::<_, AVATAR_BYTES>")]
        pixels: Vec<u8>,
    },
    /// Tell me a user's picture. Answered by [`crate::Event::Avatar`], if there is such a picture.
    Avatar {
        /// The user.
        user: SteamId,
    },
    /// Tell this to a user of the same app, who hears [`crate::Event::Told`] if it is there.
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
        #[serde(deserialize_with = "bounded::bytes::<_, MAX_SIGNAL>")]
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
            | Self::Resume { .. }
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
    Data(#[serde(deserialize_with = "read_changed")] BTreeMap<String, String>),
    /// Set keys of the member's own, or remove those with an empty value.
    MemberData(#[serde(deserialize_with = "read_changed")] BTreeMap<String, String>),
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
        #[serde(deserialize_with = "bounded::string::<_, MAX_CHAT>")]
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

/// Changed pairs: as many keys as there may be, each set or removed. Of one moment's changes more may be set than fits at
/// once.
pub(super) fn read_changed<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    /// What keys alone may have.
    const KEYS: usize = MAX_KEYS * (MAX_KEY + PAIR_BYTES);
    bounded::pairs::<D, MAX_KEYS, MAX_KEY, MAX_VALUE, { 2 * MAX_DATA + KEYS }>(deserializer)
}
