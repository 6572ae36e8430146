//! What users do and what happens to them, and the dice that decide it.

use samovar_id::SteamId;
use samovar_lobby::LobbyKind;

use super::reference::Reference;
use super::{USERS, User};

const KEYS: [&str; 2] = ["map", "mode"];
const VALUES: [&str; 3] = ["", "duel", "race"];

/// What a user does, or what happens to it. A lobby is the one that was created as the so manieth.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Act {
    Create(User, LobbyKind, u32),
    Join(User, usize),
    Leave(User, usize),
    Data(User, usize, &'static str, &'static str),
    MemberData(User, usize, &'static str, &'static str),
    Kind(User, usize, LobbyKind),
    Joinable(User, usize, bool),
    Limit(User, usize, u32),
    Owner(User, usize, User),
    Server(User, usize, u16),
    Kick(User, usize, User, bool),
    Invite(User, usize, User),
    Chat(User, usize, u16),
    Search(User),
    Describe(User, usize),
    Cut(User),
    Connect(User),
    Restart(User),
    Bye(User),
    Pass(u64),
}

impl Act {
    pub(super) fn user(self) -> User {
        match self {
            Self::Create(user, ..)
            | Self::Join(user, _)
            | Self::Leave(user, _)
            | Self::Data(user, ..)
            | Self::MemberData(user, ..)
            | Self::Kind(user, ..)
            | Self::Joinable(user, ..)
            | Self::Limit(user, ..)
            | Self::Owner(user, ..)
            | Self::Server(user, ..)
            | Self::Kick(user, ..)
            | Self::Invite(user, ..)
            | Self::Chat(user, ..)
            | Self::Search(user)
            | Self::Describe(user, _)
            | Self::Cut(user)
            | Self::Connect(user)
            | Self::Restart(user)
            | Self::Bye(user) => user,
            Self::Pass(_) => 0,
        }
    }

    pub(super) fn lobby(self) -> usize {
        match self {
            Self::Join(_, lobby)
            | Self::Leave(_, lobby)
            | Self::Data(_, lobby, ..)
            | Self::MemberData(_, lobby, ..)
            | Self::Kind(_, lobby, _)
            | Self::Joinable(_, lobby, _)
            | Self::Limit(_, lobby, _)
            | Self::Owner(_, lobby, _)
            | Self::Server(_, lobby, _)
            | Self::Kick(_, lobby, ..)
            | Self::Invite(_, lobby, _)
            | Self::Chat(_, lobby, _)
            | Self::Describe(_, lobby) => lobby,
            _ => usize::MAX,
        }
    }

    pub(super) fn is_owners(self) -> bool {
        matches!(
            self,
            Self::Data(..)
                | Self::Kind(..)
                | Self::Joinable(..)
                | Self::Limit(..)
                | Self::Owner(..)
                | Self::Server(..)
                | Self::Kick(..)
        )
    }

    /// Whether it is done without a directory, too.
    pub(super) fn needs_no_link(self) -> bool {
        matches!(
            self,
            Self::Leave(..)
                | Self::Cut(_)
                | Self::Connect(_)
                | Self::Restart(_)
                | Self::Bye(_)
                | Self::Pass(_)
        )
    }
}

/// SplitMix64, as published by Steele, Lea and Flood.
pub(super) struct Dice(pub(super) u64);

impl Dice {
    pub(super) fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (bits ^ (bits >> 31)) % bound as u64;
        usize::try_from(bits).expect("below a usize")
    }

    pub(super) fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    pub(super) fn kind(&mut self) -> LobbyKind {
        use LobbyKind::{FriendsOnly, Invisible, Private, Public};
        self.one_of(&[Public, Public, Public, Private, FriendsOnly, Invisible])
    }

    /// Something that mostly has an effect.
    pub(super) fn act(&mut self, lobbies: &[SteamId], reference: &Reference) -> Act {
        let mut user = self.below(USERS);
        let mut other = self.below(USERS);
        // Few lobbies, so that users meet in them; mostly one that is there.
        let mut lobby = self.one_of(&[0, 0, 0, 1, 1, 2, 3]);
        let mut owner = user;
        let there = reference.lobbies.get(lobby);
        if let Some(there) = there.filter(|_| self.below(4) > 0) {
            let known = lobbies.iter().position(|id| *id == there.id);
            lobby = known.unwrap_or(lobby);
            owner = there.owner;
            other = there.members[self.below(there.members.len())].0;
        }
        let roll = self.below(60);
        if (45..=53).contains(&roll) && self.below(4) > 0 {
            // Who can be cut is cut, and who can come back comes back.
            let fits = |user: &User| reference.is_online(*user) == (roll < 48);
            user = (0..USERS).find(fits).unwrap_or(user);
        }
        match roll {
            0..=5 => {
                let limit = self.one_of(&[0, 1, 2, 3, 3, 4, 4, 250, 250, 251]);
                Act::Create(user, self.kind(), limit)
            }
            6..=18 => Act::Join(user, lobby),
            19 => Act::Leave(user, lobby),
            20 => Act::Leave(other, lobby),
            21 => {
                // Without a link, where nobody hears of it yet.
                let mut away = (0..USERS).filter(|user| !reference.is_online(*user));
                Act::Leave(away.next_back().unwrap_or(user), lobby)
            }
            22..=24 => Act::Data(owner, lobby, self.one_of(&KEYS), self.one_of(&VALUES)),
            25..=27 => Act::MemberData(other, lobby, self.one_of(&KEYS), self.one_of(&VALUES)),
            28 => Act::Kind(owner, lobby, self.kind()),
            29 => Act::Joinable(owner, lobby, self.below(3) > 0),
            30 => Act::Limit(owner, lobby, self.one_of(&[0, 1, 2, 3, 4, 251])),
            31..=32 => Act::Owner(owner, lobby, other),
            33 => Act::Server(owner, lobby, self.one_of(&[1, 2])),
            34..=36 => Act::Kick(owner, lobby, other, self.below(2) == 0),
            37 => Act::Kick(user, lobby, other, self.below(2) == 0),
            38..=39 => Act::Invite(other, lobby, user),
            40..=42 => Act::Chat(other, lobby, self.one_of(&[1, 2, 3])),
            43 => Act::Search(user),
            44 => Act::Describe(user, lobby),
            45..=47 => Act::Cut(user),
            48..=53 => Act::Connect(user),
            54 => Act::Restart(user),
            55 => Act::Bye(user),
            _ => Act::Pass(self.one_of(&[1, 1_000, 10_000, 29_999, 30_000])),
        }
    }
}
