//! A lobby, as the directory, its members and snapshots hold it.

use std::collections::BTreeMap;
use std::net::Ipv4Addr;

use samovar_id::SteamId;
use serde::{Deserialize, Serialize};

use crate::error::LobbyError;
use crate::limits::{MAX_DATA, MAX_INVITED, MAX_KEY, MAX_KEYS, MAX_MEMBERS, MAX_NAME, MAX_VALUE};
use crate::protocol::LobbySummary;

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
    pub name: String,
    /// The member's own data.
    pub data: BTreeMap<String, String>,
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
    pub members: Vec<MemberSnapshot>,
    /// The lobby's data.
    pub data: BTreeMap<String, String>,
    /// Who has been invited, oldest first.
    pub invited: Vec<SteamId>,
    /// The game server, when one was named.
    pub game_server: Option<GameServer>,
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

    /// Remembers an invitation.
    pub(crate) fn invite(&mut self, user: SteamId) {
        if self.invited.contains(&user) {
            return;
        }
        if self.invited.len() >= MAX_INVITED {
            self.invited.remove(0);
        }
        self.invited.push(user);
    }

    /// Whether a client may hand this in: within every bound, and consistent in itself.
    pub(crate) fn is_sound(&self) -> bool {
        let data_is_sound = |data: &BTreeMap<String, String>| {
            data.len() <= MAX_KEYS
                && data_bytes(data) <= MAX_DATA
                && data.iter().all(|(key, value)| {
                    check_key(key).is_ok() && value.len() <= MAX_VALUE && !value.is_empty()
                })
        };
        let mut users: Vec<SteamId> = self.members.iter().map(|member| member.user).collect();
        users.sort_unstable();
        users.dedup();
        self.id.is_lobby()
            && (1..=MAX_MEMBERS).contains(&self.limit)
            && users.len() == self.members.len()
            && !users.is_empty()
            && self.members.len() <= self.limit as usize
            && users.contains(&self.owner)
            && self.invited.len() <= MAX_INVITED
            && data_is_sound(&self.data)
            && self.members.iter().all(|member| {
                member.user.is_individual()
                    && member.name.len() <= MAX_NAME
                    && data_is_sound(&member.data)
            })
    }
}

/// Sets or, with an empty value, removes a key. False when nothing changed.
pub(crate) fn set(
    data: &mut BTreeMap<String, String>,
    key: &str,
    value: &str,
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
    let freed = old.map_or(0, |old| key.len() + old.len());
    if (old.is_none() && data.len() >= MAX_KEYS)
        || data_bytes(data) - freed + key.len() + value.len() > MAX_DATA
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

fn data_bytes(data: &BTreeMap<String, String>) -> usize {
    data.iter()
        .map(|(key, value)| key.len() + value.len())
        .sum()
}

pub(crate) fn count(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
