//! The directory: users, their lobbies, and what they may do with them.

mod changes;
mod presence;
mod search;
mod takeover;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use samovar_id::SteamId;

use crate::limits::{
    COMMAND_BURST, COMMANDS_PER_SECOND, MAX_LOBBIES, MAX_LOBBIES_PER_USER, MAX_SIGNAL,
};
use crate::lobby::{LobbyKind, LobbySnapshot, MemberSnapshot, Version, check_limit};
use crate::protocol::{Command, DirectoryId, Event, JoinResponse, Millis};

/// `k_EResultOK`.
const RESULT_OK: i32 = 1;
/// `k_EResultInvalidParam`.
const RESULT_INVALID_PARAM: i32 = 8;
/// `k_EResultLimitExceeded`.
const RESULT_LIMIT_EXCEEDED: i32 = 25;
/// `k_EChatMemberStateChangeLeft`.
const STATE_LEFT: u32 = 2;
/// `k_EChatMemberStateChangeDisconnected`.
const STATE_DISCONNECTED: u32 = 4;

/// What a directory can be told to do differently.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryConfig {
    /// How long a user whose link is gone stays in its lobbies, in milliseconds.
    pub grace_ms: u64,
}

impl Default for DirectoryConfig {
    fn default() -> Self {
        Self { grace_ms: 30_000 }
    }
}

/// Who a user is, beside the Steam ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The app; users of others do not see this one.
    pub app_id: u32,
    /// The persona name.
    pub name: String,
    /// The process, a random number.
    pub instance: u64,
    /// The machine, a random number.
    pub machine: u64,
}

struct User {
    presence: Presence,
    /// Set while the link is gone: when the user leaves its lobbies.
    leaves_at: Option<Millis>,
    lobbies: BTreeSet<SteamId>,
    /// Commands that may still be sent now, and when that was true.
    allowance: u32,
    allowance_at: Millis,
}

/// A directory of lobbies. Commands in, events out; each event is for one user.
pub struct Directory {
    config: DirectoryConfig,
    id: DirectoryId,
    term: u64,
    random: u64,
    users: HashMap<SteamId, User>,
    lobbies: BTreeMap<SteamId, LobbySnapshot>,
    outputs: VecDeque<(SteamId, Event)>,
}

impl Directory {
    /// An empty directory. `seed` makes its lobby IDs; it must not repeat between directories.
    pub fn new(config: DirectoryConfig, id: DirectoryId, term: u64, seed: u64) -> Self {
        Self {
            config,
            id,
            term,
            random: seed,
            users: HashMap::new(),
            lobbies: BTreeMap::new(),
            outputs: VecDeque::new(),
        }
    }

    /// The directory's ID.
    pub fn id(&self) -> DirectoryId {
        self.id
    }

    /// The lobby as the directory has it.
    pub fn lobby(&self, lobby: SteamId) -> Option<&LobbySnapshot> {
        self.lobbies.get(&lobby)
    }

    /// Every lobby.
    pub fn lobbies(&self) -> impl Iterator<Item = &LobbySnapshot> {
        self.lobbies.values()
    }

    /// The next event and whom it is for, in order.
    pub fn poll_output(&mut self) -> Option<(SteamId, Event)> {
        self.outputs.pop_front()
    }

    /// Carries out what a connected user wants. From anybody else it is ignored.
    pub fn handle(&mut self, now: Millis, user: SteamId, command: Command) {
        let Some(presence) = self
            .users
            .get(&user)
            .filter(|user| user.leaves_at.is_none())
        else {
            return;
        };
        let app_id = presence.presence.app_id;
        let allowed = self.spend_allowance(now, user);
        let is_signal = matches!(command, Command::Signal { .. });
        match command {
            Command::Create {
                request,
                kind,
                limit,
            } => self.create(user, request, kind, limit, allowed),
            Command::Join { request, lobby } => self.join(user, request, lobby, allowed),
            Command::Change { lobby, change } => self.change(user, lobby, change, allowed),
            Command::Search { request, filters } => {
                let lobbies = if allowed {
                    self.search(app_id, &filters)
                } else {
                    Vec::new()
                };
                self.tell(user, Event::Found { request, lobbies });
            }
            Command::Describe { lobby } => {
                let found = self
                    .lobbies
                    .get(&lobby)
                    .filter(|found| found.app_id == app_id);
                let summary = found.map(LobbySnapshot::summary);
                self.tell(user, Event::Described { lobby, summary });
            }
            Command::Persona { user: about } => {
                let found = self
                    .users
                    .get(&about)
                    .filter(|found| found.presence.app_id == app_id);
                if let Some(name) = found.map(|found| found.presence.name.clone()) {
                    self.tell(user, Event::Persona { user: about, name });
                }
            }
            Command::Signal { to, payload } => {
                let reachable = self.users.get(&to).is_some_and(|found| {
                    found.presence.app_id == app_id && found.leaves_at.is_none()
                });
                if allowed && reachable && payload.len() <= MAX_SIGNAL {
                    self.tell(
                        to,
                        Event::Signal {
                            from: user,
                            payload,
                        },
                    );
                }
            }
        }
        if !is_signal {
            self.tell(user, Event::Handled);
        }
    }

    fn create(&mut self, user: SteamId, request: u64, kind: LobbyKind, limit: u32, allowed: bool) {
        let refused = if check_limit(limit).is_err() {
            Some(RESULT_INVALID_PARAM)
        } else if !allowed || self.has_no_room(user) || self.lobbies.len() >= MAX_LOBBIES {
            Some(RESULT_LIMIT_EXCEEDED)
        } else {
            None
        };
        if let Some(result) = refused {
            self.tell(
                user,
                Event::Created {
                    request,
                    result,
                    lobby: None,
                },
            );
            return;
        }
        let id = self.fresh_lobby_id();
        let Some(member) = self.new_member(user) else {
            return;
        };
        let Some(found) = self.users.get_mut(&user) else {
            return;
        };
        found.lobbies.insert(id);
        let lobby = LobbySnapshot {
            id,
            app_id: found.presence.app_id,
            version: Version {
                term: self.term,
                revision: 1,
            },
            kind,
            joinable: true,
            limit,
            owner: user,
            members: vec![member],
            data: BTreeMap::new(),
            invited: Vec::new(),
            game_server: None,
        };
        self.lobbies.insert(id, lobby.clone());
        self.tell(
            user,
            Event::Created {
                request,
                result: RESULT_OK,
                lobby: Some(lobby),
            },
        );
    }

    fn join(&mut self, user: SteamId, request: u64, id: SteamId, allowed: bool) {
        let response = self.join_response(user, id, allowed);
        let already = self
            .lobbies
            .get(&id)
            .is_some_and(|lobby| lobby.member(user).is_some());
        if response == JoinResponse::Success && !already {
            self.enter(user, id);
        }
        let snapshot = self
            .lobbies
            .get(&id)
            .filter(|_| response == JoinResponse::Success)
            .cloned();
        self.tell(
            user,
            Event::Joined {
                request,
                lobby: id,
                response,
                snapshot,
            },
        );
    }

    fn join_response(&self, user: SteamId, id: SteamId, allowed: bool) -> JoinResponse {
        let Some(found) = self.users.get(&user) else {
            return JoinResponse::Error;
        };
        let Some(lobby) = self
            .lobbies
            .get(&id)
            .filter(|lobby| lobby.app_id == found.presence.app_id)
        else {
            return JoinResponse::DoesntExist;
        };
        let uninvited = lobby.kind == LobbyKind::Private && !lobby.invited.contains(&user);
        if lobby.member(user).is_some() {
            JoinResponse::Success
        } else if !allowed || self.has_no_room(user) {
            JoinResponse::RateLimitExceeded
        } else if !lobby.joinable || uninvited {
            JoinResponse::NotAllowed
        } else if lobby.open_slots() == 0 {
            JoinResponse::Full
        } else {
            JoinResponse::Success
        }
    }

    /// Makes a user a member and tells the others. The caller has checked that there is room.
    fn enter(&mut self, user: SteamId, id: SteamId) {
        let Some(member) = self.new_member(user) else {
            return;
        };
        let Some(version) = self.touch(id) else {
            return;
        };
        self.tell_members(
            id,
            &Event::Entered {
                lobby: id,
                version,
                member: member.clone(),
            },
        );
        if let Some(lobby) = self.lobbies.get_mut(&id) {
            lobby.members.push(member);
        }
        if let Some(found) = self.users.get_mut(&user) {
            found.lobbies.insert(id);
        }
    }

    /// Takes a member out and tells the others.
    fn leave(&mut self, user: SteamId, id: SteamId, state: u32) {
        if let Some(found) = self.users.get_mut(&user) {
            found.lobbies.remove(&id);
        }
        let Some(lobby) = self
            .lobbies
            .get_mut(&id)
            .filter(|lobby| lobby.member(user).is_some())
        else {
            return;
        };
        if lobby.remove(user) {
            self.lobbies.remove(&id);
            return;
        }
        let owner = lobby.owner;
        if let Some(version) = self.touch(id) {
            self.tell_members(
                id,
                &Event::Left {
                    lobby: id,
                    version,
                    user,
                    state,
                    owner,
                },
            );
        }
    }

    fn new_member(&self, user: SteamId) -> Option<MemberSnapshot> {
        let name = self.users.get(&user)?.presence.name.clone();
        Some(MemberSnapshot {
            user,
            name,
            data: BTreeMap::new(),
        })
    }

    fn has_no_room(&self, user: SteamId) -> bool {
        self.users
            .get(&user)
            .is_none_or(|found| found.lobbies.len() >= MAX_LOBBIES_PER_USER)
    }

    /// Counts a change of a lobby.
    fn touch(&mut self, id: SteamId) -> Option<Version> {
        let lobby = self.lobbies.get_mut(&id)?;
        lobby.version = Version {
            term: self.term,
            revision: lobby.version.revision.saturating_add(1),
        };
        Some(lobby.version)
    }

    fn tell(&mut self, user: SteamId, event: Event) {
        self.outputs.push_back((user, event));
    }

    fn tell_members(&mut self, id: SteamId, event: &Event) {
        let Some(lobby) = self.lobbies.get(&id) else {
            return;
        };
        for member in &lobby.members {
            self.outputs.push_back((member.user, event.clone()));
        }
    }

    /// One command of a user's allowance; false when there is none left.
    fn spend_allowance(&mut self, now: Millis, user: SteamId) -> bool {
        let Some(found) = self.users.get_mut(&user) else {
            return false;
        };
        let per_command = 1000 / u64::from(COMMANDS_PER_SECOND);
        let earned = now.0.saturating_sub(found.allowance_at.0) / per_command;
        if earned > 0 {
            let earned_now = u32::try_from(earned).unwrap_or(u32::MAX);
            found.allowance = found
                .allowance
                .saturating_add(earned_now)
                .min(COMMAND_BURST);
            found.allowance_at = found.allowance_at.plus(earned.saturating_mul(per_command));
        }
        match found.allowance.checked_sub(1) {
            Some(left) => {
                found.allowance = left;
                true
            }
            None => false,
        }
    }

    fn fresh_lobby_id(&mut self) -> SteamId {
        loop {
            // SplitMix64, as published by Steele, Lea and Flood: a bijection of a counter, so that nothing repeats.
            self.random = self.random.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let mut bits = self.random;
            bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            let id = SteamId::lobby(bits ^ (bits >> 31));
            if !self.lobbies.contains_key(&id) {
                return id;
            }
        }
    }
}
