//! A lobby, as the directory, its members and snapshots hold it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use samovar_id::SteamId;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::LobbyError;
use crate::limits::{
    MAX_BANNED, MAX_DATA, MAX_DATA_BEYOND_SHARES, MAX_INVITED, MAX_KEY, MAX_KEYS, MAX_MEMBER_DATA,
    MAX_MEMBERS, MAX_MEMBERS_DATA, MAX_NAME, MAX_REVISION, MAX_VALUE, MEMBER_DATA_SHARE,
    PAIR_BYTES,
};
use crate::protocol::{Change, LobbySummary, bounded};

/// `ELobbyType`: who finds and joins a lobby.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum LobbyKind {
    /// Whoever is invited joins it; nobody finds it.
    Private,
    /// Friends join it, and everybody in a directory with the same app is one; nobody finds it.
    FriendsOnly,
    /// Everybody finds and joins it.
    Public,
    /// As public. Steam does not show it to friends, of which the directory has no list.
    Invisible,
}

impl LobbyKind {
    /// The kind with `ELobbyType`'s number. `k_ELobbyTypePrivateUnique` (4) is only for Steam's web API.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            0 => Self::Private,
            1 => Self::FriendsOnly,
            2 => Self::Public,
            3 => Self::Invisible,
            _ => return None,
        })
    }

    /// Whether searches find it.
    pub fn is_listed(self) -> bool {
        matches!(self, Self::Public | Self::Invisible)
    }
}

/// The game server that a lobby's owner names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct GameServer {
    /// Its address; 0.0.0.0 for none.
    pub ip: Ipv4Addr,
    /// Its port; 0 for none.
    pub port: u16,
    /// Its Steam ID; 0 for none.
    pub id: u64,
}

impl GameServer {
    /// No address: 0.0.0.0.
    pub const NO_IP: Ipv4Addr = Ipv4Addr::UNSPECIFIED;
}

/// How new a copy of a lobby is: the directory's term, then the number of changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
pub struct Version {
    /// The term of the directory that made the last change.
    pub term: u64,
    /// Grows by one with each change.
    pub revision: u64,
}

/// A member of a lobby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct MemberSnapshot {
    /// The user.
    pub user: SteamId,
    /// The persona name.
    #[serde(deserialize_with = "bounded::string::<_, MAX_NAME>")]
    pub name: String,
    /// The member's own data.
    #[serde(
        deserialize_with = "bounded::pairs::<_, MAX_KEYS, MAX_KEY, MAX_VALUE, MAX_MEMBER_DATA>"
    )]
    pub data: BTreeMap<String, String>,
    /// Only in what a client brings: the member has no link, and for so many more milliseconds it is waited for.
    pub away_ms: Option<u32>,
}

/// Everything about a lobby.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct LobbySnapshot {
    /// The lobby.
    pub id: SteamId,
    /// The app that it belongs to.
    pub app_id: u32,
    /// How new this is.
    pub version: Version,
    /// Who finds and joins it.
    pub kind: LobbyKind,
    /// Whether it takes newcomers.
    pub joinable: bool,
    /// How many members it takes.
    pub limit: u32,
    /// The owner, one of the members.
    pub owner: SteamId,
    /// The members in the order of joining; never empty.
    #[serde(deserialize_with = "read_members")]
    pub members: Vec<MemberSnapshot>,
    /// The lobby's data.
    #[serde(deserialize_with = "bounded::pairs::<_, MAX_KEYS, MAX_KEY, MAX_VALUE, MAX_DATA>")]
    pub data: BTreeMap<String, String>,
    /// Who has been invited, oldest first.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_INVITED>")]
    pub invited: Vec<SteamId>,
    /// Who has been banned, oldest first.
    #[serde(deserialize_with = "bounded::vec::<_, _, MAX_BANNED>")]
    pub banned: Vec<SteamId>,
    /// The game server, when one was named.
    pub game_server: Option<GameServer>,
    /// The number of the latest line of chat; in a member's copy, of the latest up to which it has heard all.
    pub line: u64,
}

impl LobbySnapshot {
    /// The member, if it is one.
    pub fn member(&self, user: SteamId) -> Option<&MemberSnapshot> {
        self.members.iter().find(|member| member.user == user)
    }

    /// The member, if it is one, to change it.
    pub(crate) fn member_mut(&mut self, user: SteamId) -> Option<&mut MemberSnapshot> {
        self.members.iter_mut().find(|member| member.user == user)
    }

    /// Open places.
    pub fn open_slots(&self) -> u32 {
        self.limit.saturating_sub(count(self.members.len()))
    }

    /// What others see.
    pub fn summary(&self) -> LobbySummary {
        LobbySummary {
            id: self.id,
            members: count(self.members.len()),
            limit: self.limit,
            data: self.data.clone(),
            game_server: self.game_server,
        }
    }

    /// Takes a member out and hands ownership to whoever joined next. True when nobody is left.
    pub(crate) fn remove(&mut self, user: SteamId) -> bool {
        self.members.retain(|member| member.user != user);
        match self.members.first() {
            Some(next) if self.owner == user => {
                self.owner = next.user;
                false
            }
            Some(_) => false,
            None => true,
        }
    }

    /// Bans a user: takes it out, as [`LobbySnapshot::remove`] does, and remembers it.
    pub(crate) fn ban(&mut self, user: SteamId) -> bool {
        self.invited.retain(|other| *other != user);
        if !self.banned.contains(&user) {
            if self.banned.len() >= MAX_BANNED {
                self.banned.remove(0);
            }
            self.banned.push(user);
        }
        self.remove(user)
    }

    /// Remembers an invitation, for which another one may be forgotten. False when it was known.
    pub(crate) fn invite(&mut self, user: SteamId, instead_of: Option<SteamId>) -> bool {
        if self.invited.contains(&user) {
            return false;
        }
        self.invited.retain(|other| Some(*other) != instead_of);
        if self.invited.len() >= MAX_INVITED {
            self.invited.remove(0);
        }
        self.invited.push(user);
        true
    }

    /// Carries out what a member wants, where the rules allow it. False when nothing is changed by it, as for what
    /// concerns no data: leaving, speaking, inviting.
    pub(crate) fn apply(&mut self, by: SteamId, change: &Change) -> Result<bool, LobbyError> {
        if self.member(by).is_none() {
            return Err(LobbyError::NotInLobby);
        }
        if change.is_owners() && self.owner != by {
            return Err(LobbyError::NotOwner);
        }
        Ok(match change {
            Change::Data(pairs) => self.set_all(pairs)?,
            Change::MemberData(pairs) => self.set_all_of_member(by, pairs)?,
            Change::Kind(kind) => replace(&mut self.kind, *kind),
            Change::Joinable(joinable) => replace(&mut self.joinable, *joinable),
            Change::Limit(limit) => {
                check_limit(*limit)?;
                let limit = (*limit).max(count(self.members.len()));
                replace(&mut self.limit, limit)
            }
            Change::Owner(owner) if self.member(*owner).is_none() => {
                return Err(LobbyError::NotAMember);
            }
            Change::Owner(owner) => replace(&mut self.owner, *owner),
            Change::Kick { user, .. } if *user == by => return Err(LobbyError::OneselfKicked),
            Change::Kick { user, .. } if self.member(*user).is_none() => {
                return Err(LobbyError::NotAMember);
            }
            Change::Kick { user, ban } => {
                if *ban {
                    self.ban(*user);
                } else {
                    self.remove(*user);
                }
                true
            }
            // Naming the same server again is news: the next game starts there.
            Change::GameServer(server) => {
                self.game_server = Some(*server);
                true
            }
            Change::Leave | Change::Chat { .. } | Change::Invite(_) => false,
        })
    }

    /// Sets keys of the lobby, or removes those with an empty value: see [`set_pairs`].
    pub(crate) fn set_all(&mut self, pairs: &BTreeMap<String, String>) -> Result<bool, LobbyError> {
        set_pairs(&mut self.data, pairs, MAX_DATA)
    }

    /// The same of a member.
    pub(crate) fn set_all_of_member(
        &mut self,
        user: SteamId,
        pairs: &BTreeMap<String, String>,
    ) -> Result<bool, LobbyError> {
        let room = self.room_for_data_of(user);
        let member = self.member_mut(user).ok_or(LobbyError::NotInLobby)?;
        set_pairs(&mut member.data, pairs, room)
    }

    /// How many bytes of data a member may have: [`MEMBER_DATA_SHARE`], and beyond it what the others leave of
    /// [`MAX_DATA_BEYOND_SHARES`].
    fn room_for_data_of(&self, user: SteamId) -> usize {
        let others = self.members.iter().filter(|member| member.user != user);
        let beyond = others.map(|other| other.data_bytes().saturating_sub(MEMBER_DATA_SHARE));
        let free = MAX_DATA_BEYOND_SHARES.saturating_sub(beyond.sum());
        MAX_MEMBER_DATA.min(MEMBER_DATA_SHARE + free)
    }

    /// Whether there is room for these as all the data of a member.
    pub(crate) fn has_room_for_data_of(
        &self,
        user: SteamId,
        data: &BTreeMap<String, String>,
    ) -> bool {
        data_bytes(data) <= self.room_for_data_of(user)
    }

    /// How many bytes all members have beyond their shares.
    fn bytes_beyond_shares(&self) -> usize {
        let bytes = self.members.iter().map(MemberSnapshot::data_bytes);
        bytes
            .map(|bytes| bytes.saturating_sub(MEMBER_DATA_SHARE))
            .sum()
    }

    /// Where members have more data than there is room for, drops what is said of members whom `is_known` does not hold for;
    /// and then what `by` says of itself.
    pub(crate) fn fit_data(&mut self, by: SteamId, is_known: impl Fn(SteamId) -> bool) {
        let steps: [&dyn Fn(SteamId) -> bool; 3] = [
            &|user| user != by && !is_known(user),
            &|user| user == by,
            &|_| true,
        ];
        for is_dropped in steps {
            if self.bytes_beyond_shares() <= MAX_DATA_BEYOND_SHARES {
                return;
            }
            let members = self.members.iter_mut();
            for member in members.filter(|member| is_dropped(member.user)) {
                member.data.clear();
            }
        }
    }

    /// Adds a member who was one before, with its data as far as there is room for them.
    pub(crate) fn push_member(&mut self, mut member: MemberSnapshot) {
        if member.data_bytes() > self.room_for_data_of(member.user) {
            member.data.clear();
        }
        self.members.push(member);
    }

    /// Whether a client may hand this in: within every bound, and consistent in itself.
    pub(crate) fn is_sound(&self) -> bool {
        let mut users: Vec<SteamId> = self.members.iter().map(|member| member.user).collect();
        users.sort_unstable();
        users.dedup();
        self.id.is_lobby()
            && self.version.revision <= MAX_REVISION
            && self.line <= MAX_REVISION
            && (1..=MAX_MEMBERS).contains(&self.limit)
            && users.len() == self.members.len()
            && !users.is_empty()
            && self.members.len() <= self.limit as usize
            && users.contains(&self.owner)
            && self.invited.len() <= MAX_INVITED
            && self.banned.len() <= MAX_BANNED
            && is_sound(&self.data, MAX_DATA)
            && self.bytes_beyond_shares() <= MAX_DATA_BEYOND_SHARES
            && self.members.iter().all(|member| {
                member.user.is_individual()
                    && member.name.len() <= MAX_NAME
                    && is_sound(&member.data, MAX_MEMBER_DATA)
            })
    }
}

impl MemberSnapshot {
    fn data_bytes(&self) -> usize {
        data_bytes(&self.data)
    }
}

fn read_members<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<MemberSnapshot>, D::Error> {
    const MEMBERS: usize = MAX_MEMBERS as usize;
    let weigh = MemberSnapshot::data_bytes;
    bounded::weighed::<D, MemberSnapshot, MEMBERS, MAX_MEMBERS_DATA>(deserializer, weigh)
}

pub(crate) fn is_sound(data: &BTreeMap<String, String>, most: usize) -> bool {
    data.len() <= MAX_KEYS
        && data_bytes(data) <= most
        && data.iter().all(|(key, value)| {
            check_key(key).is_ok() && value.len() <= MAX_VALUE && !value.is_empty()
        })
}

/// Sets each pair that can be set, those that make room first: of one moment's changes only the outcome has to fit. False
/// when nothing changed; an error only when none of them could be.
fn set_pairs(
    data: &mut BTreeMap<String, String>,
    pairs: &BTreeMap<String, String>,
    most: usize,
) -> Result<bool, LobbyError> {
    let mut outcome = Err(LobbyError::KeyEmpty);
    let len = |key: &String| data.get(key).map_or(0, String::len);
    let mut pairs: Vec<(&String, &String)> = pairs.iter().collect();
    pairs.sort_by_key(|(key, value)| (!value.is_empty(), value.len().saturating_sub(len(key))));
    for (key, value) in pairs {
        outcome = match (set(data, key, value, most), outcome) {
            (Ok(changed), Ok(before)) => Ok(changed || before),
            (Err(_), Ok(before)) => Ok(before),
            (this, Err(_)) => this,
        };
    }
    outcome
}

fn replace<T: PartialEq>(old: &mut T, new: T) -> bool {
    let changed = *old != new;
    *old = new;
    changed
}

/// Sets or, with an empty value, removes a key. False when nothing changed. No more than `most` bytes come together.
fn set(
    data: &mut BTreeMap<String, String>,
    key: &str,
    value: &str,
    most: usize,
) -> Result<bool, LobbyError> {
    check_key(key)?;
    if value.len() > MAX_VALUE {
        return Err(LobbyError::ValueTooLong { len: value.len() });
    }
    if value.is_empty() {
        return Ok(data.remove(key).is_some());
    }
    let old = data.get(key);
    if old.is_some_and(|old| old == value) {
        return Ok(false);
    }
    let freed = old.map_or(0, |old| pair_bytes(key, old));
    if (old.is_none() && data.len() >= MAX_KEYS)
        || data_bytes(data) - freed + pair_bytes(key, value) > most
    {
        return Err(LobbyError::TooMuchData);
    }
    data.insert(key.to_owned(), value.to_owned());
    Ok(true)
}

pub(crate) fn check_key(key: &str) -> Result<(), LobbyError> {
    match key.len() {
        0 => Err(LobbyError::KeyEmpty),
        len if len > MAX_KEY => Err(LobbyError::KeyTooLong { len }),
        _ => Ok(()),
    }
}

pub(crate) fn check_limit(limit: u32) -> Result<(), LobbyError> {
    if (1..=MAX_MEMBERS).contains(&limit) {
        Ok(())
    } else {
        Err(LobbyError::MemberLimit { limit })
    }
}

pub(crate) fn data_bytes(data: &BTreeMap<String, String>) -> usize {
    data.iter().map(|(key, value)| pair_bytes(key, value)).sum()
}

fn pair_bytes(key: &str, value: &str) -> usize {
    key.len() + value.len() + PAIR_BYTES
}

pub(crate) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
