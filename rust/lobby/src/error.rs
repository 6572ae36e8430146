//! Why a call about a lobby was refused on the spot.

/// Why a call was refused before anything was sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum LobbyError {
    /// The ID does not have the form of a lobby's.
    #[error("not a lobby's ID")]
    NotALobby,
    /// The ID does not have the form of a user's.
    #[error("not a user's ID")]
    NotAUser,
    /// The local user is not in the lobby.
    #[error("you are not in this lobby")]
    NotInLobby,
    /// Only the owner may do this.
    #[error("only the lobby's owner may do this")]
    NotOwner,
    /// Nobody kicks himself: leaving is what does it.
    #[error("you cannot kick yourself")]
    OneselfKicked,
    /// The other user is not in the lobby.
    #[error("that user is not in this lobby")]
    NotAMember,
    /// The key is empty.
    #[error("the key is empty")]
    KeyEmpty,
    /// The key is longer than [`crate::limits::MAX_KEY`] bytes.
    #[error("the key has {len} bytes, the most is 255")]
    KeyTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The value is longer than [`crate::limits::MAX_VALUE`] bytes.
    #[error("the value has {len} bytes, the most is 8192")]
    ValueTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The lobby, or the member, has too many keys or too much data.
    #[error("there is too much data")]
    TooMuchData,
    /// The line of chat is empty.
    #[error("the message is empty")]
    ChatEmpty,
    /// The line of chat is longer than [`crate::limits::MAX_CHAT`] bytes.
    #[error("the message has {len} bytes, the most is 4096")]
    ChatTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// What the other game needs to join is longer than [`crate::limits::MAX_CONNECT`] bytes.
    #[error("the connect string has {len} bytes, the most is 256")]
    ConnectTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The member limit is not 1 to 250.
    #[error("the member limit {limit} is not 1 to 250")]
    MemberLimit {
        /// The limit asked for.
        limit: u32,
    },
    /// More than [`crate::limits::MAX_FILTERS`] filters for one search.
    #[error("too many filters for one search")]
    TooManyFilters,
    /// More lines of chat and invitations than [`crate::limits::OWN_SPEECH_RATE`], or more changes of a lobby's settings than
    /// [`crate::limits::OWN_SETTINGS_RATE`].
    #[error("too many messages or changes in too short a time")]
    TooOften,
    /// More than [`crate::limits::MAX_PENDING_COMMANDS`] commands wait for the directory.
    #[error("too many calls wait for the directory")]
    TooManyPending,
}

/// Why a call about the local user's persona was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PersonaError {
    /// The key is empty.
    #[error("the key is empty")]
    KeyEmpty,
    /// The key is longer than [`crate::limits::MAX_PRESENCE_KEY`] bytes.
    #[error("the key has {len} bytes, the most is 64")]
    KeyTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// The value is longer than [`crate::limits::MAX_PRESENCE_VALUE`] bytes.
    #[error("the value has {len} bytes, the most is 256")]
    ValueTooLong {
        /// Its length in bytes.
        len: usize,
    },
    /// More than [`crate::limits::MAX_PRESENCE_KEYS`] keys.
    #[error("there are 30 keys already")]
    TooManyKeys,
    /// The picture is not [`crate::limits::AVATAR_BYTES`] long.
    #[error("the picture is not one of 184 x 184 pixels")]
    NotAnAvatar,
}
