//! The directory: users, their lobbies, and what they may do with them.

mod away;
mod changes;
mod custody;
mod inviters;
mod lobbies;
mod membership;
mod missed;
mod outputs;
mod people;
mod presence;
mod rates;
mod readmission;
mod search;
mod settling;
mod takeover;

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

use samovar_id::SteamId;

use crate::limits::{MAX_LOBBIES, MAX_SIGNAL, MAX_USERS, SETTLE_MS};
use crate::lobby::{LobbyKind, LobbySnapshot, Version, check_limit};
use crate::persona::{Persona, RichPresence};
use crate::proof::{KnownKeys, LobbyProof, Maker, ProvedLobby, Random, SealKey};
use crate::protocol::{
    Change, Command, DirectoryId, Event, FromDirectory, KickReason, Millis, PROTOCOL_VERSION,
};
use custody::{Custodies, Custody};
use inviters::Inviters;
use lobbies::Lobbies;
use missed::Missed;
pub use outputs::Recipients;
use people::People;
use rates::{Former, Rates};
use settling::Settling;

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

/// `k_EChatMemberStateChangeKicked`.
const STATE_KICKED: u32 = 8;
/// `k_EChatMemberStateChangeBanned`.
const STATE_BANNED: u32 = 16;

/// What a directory can be told to do differently.
#[derive(Clone, Copy, Debug)]
pub struct DirectoryConfig {
    /// The only app whose users are taken; `None` takes those of any, each app apart.
    pub app_id: Option<u32>,
    /// How long a user whose link is gone stays in its lobbies, in milliseconds.
    pub grace_ms: u64,
    /// For how long a new directory lets joins of lobbies that it does not know wait, in milliseconds: their members may be
    /// about to bring them. Searches wait only where it has taken over from another.
    pub settle_ms: u64,
    /// Whether all users of an app are friends of each other, up to [`crate::limits::MAX_FRIENDS`]. Else nobody is.
    pub everyone_is_a_friend: bool,
    /// The most users, and the most absent ones that are waited for beside them.
    pub max_users: usize,
    /// The most lobbies.
    pub max_lobbies: usize,
}

impl Default for DirectoryConfig {
    fn default() -> Self {
        Self {
            app_id: None,
            grace_ms: 30_000,
            settle_ms: SETTLE_MS,
            everyone_is_a_friend: true,
            max_users: MAX_USERS,
            max_lobbies: MAX_LOBBIES,
        }
    }
}

/// Who a user is, beside the Steam ID.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Presence {
    /// The app; users of others do not see this one.
    pub app_id: u32,
    /// Name, state and picture.
    pub persona: Persona,
    /// What the user does in the game.
    pub rich_presence: RichPresence,
    /// The process, a random number.
    pub instance: u64,
    /// The machine, a random number.
    pub machine: u64,
    /// Whether a directory has welcomed this process before: then it has left the lobbies that it does not bring. Else an
    /// earlier process of the user was in them, and ended without a word.
    pub is_returning: bool,
    /// Whether it says later which lobbies it is in: until then it has left none.
    pub is_asking: bool,
}

struct User {
    presence: Presence,
    /// Known from a lobby that another member brought; has not been here itself, so that its process is not known.
    expected: bool,
    /// Set while there is no link: when the user leaves its lobbies.
    leaves_at: Option<Millis>,
    /// Sorted, at most [`crate::limits::MAX_LOBBIES_PER_USER`].
    lobbies: Vec<SteamId>,
    /// Whether it has friends here.
    has_friends: bool,
    /// Whether its friends have been told of all that it is: it has come back as it was.
    is_shown_as_it_is: bool,
    /// The number of the latest news of it.
    news: u64,
    /// The lobby that its friends have been told of.
    shown_lobby: Option<SteamId>,
    /// Who took it out of which lobby while it was not here.
    kicked: BTreeMap<SteamId, KickReason>,
    /// How many commands of its process have been handled.
    handled: u64,
    rates: Rates,
}

impl User {
    fn new(presence: Presence, rates: Rates) -> Self {
        Self {
            presence,
            expected: false,
            leaves_at: None,
            lobbies: Vec::new(),
            has_friends: false,
            is_shown_as_it_is: false,
            news: 0,
            shown_lobby: None,
            kicked: BTreeMap::new(),
            handled: 0,
            rates,
        }
    }

    fn is_here(&self) -> bool {
        self.leaves_at.is_none()
    }

    /// It is in a lobby from now on.
    fn is_in(&mut self, lobby: SteamId) {
        if let Err(place) = self.lobbies.binary_search(&lobby) {
            self.lobbies.insert(place, lobby);
        }
    }

    /// It is in a lobby no more.
    fn is_out(&mut self, lobby: SteamId) {
        self.lobbies.retain(|other| *other != lobby);
    }

    /// Whether it is in no lobby, and has to be told of none that it is not in any more.
    fn is_in_none(&self) -> bool {
        self.lobbies.is_empty() && self.kicked.is_empty()
    }
}

/// A directory of lobbies. Commands in, events out; each event is for one user.
pub struct Directory {
    config: DirectoryConfig,
    id: DirectoryId,
    term: u64,
    random: Random,
    key: SealKey,
    /// What it is to the lobbies that it makes.
    maker: Arc<Maker>,
    known_keys: KnownKeys,
    /// When the latest command was carried out.
    now: Millis,
    /// Boxed, as a table that grows is up to half empty.
    users: HashMap<SteamId, Box<User>>,
    former: Former,
    /// When users who are not here leave their lobbies, soonest first.
    leaving: BTreeSet<(Millis, SteamId)>,
    people: People,
    lobbies: Lobbies,
    /// Of lobbies to which somebody was invited here.
    inviters: HashMap<SteamId, Inviters>,
    /// How each lobby came here.
    custodies: Custodies,
    settling: Settling,
    missed: Missed,
    outputs: VecDeque<(Recipients, Event)>,
}

impl Directory {
    /// An empty directory. `seed` makes its lobbies' IDs and secrets: random, and known to nobody. `key` is that of the links
    /// to it, with which it signs who is in its lobbies.
    pub fn new(
        config: DirectoryConfig,
        id: DirectoryId,
        term: u64,
        seed: [u8; 32],
        key: SealKey,
    ) -> Self {
        let mut known_keys = KnownKeys::default();
        let maker = Maker {
            directory: id,
            term,
            key: key.public_key(),
        };
        known_keys.learn(id, Some(term), maker.key);
        Self {
            config,
            id,
            term,
            random: Random::new(seed),
            key,
            maker: Arc::new(maker),
            known_keys,
            now: Millis::default(),
            users: HashMap::new(),
            former: Former::default(),
            leaving: BTreeSet::new(),
            people: People::default(),
            lobbies: Lobbies::default(),
            inviters: HashMap::new(),
            custodies: Custodies::default(),
            settling: Settling::default(),
            missed: Missed::default(),
            outputs: VecDeque::new(),
        }
    }

    /// The directory's ID.
    pub fn id(&self) -> DirectoryId {
        self.id
    }

    /// Remembers the key of an earlier directory, and its term where that is known, so that what its members bring can be
    /// checked. Only for keys that the directory has proved to this process. Of more than
    /// [`crate::limits::MAX_KNOWN_DIRECTORIES`] the oldest is forgotten; a key that is known is not replaced.
    pub fn learn_key(&mut self, directory: DirectoryId, term: Option<u64>, key: [u8; 32]) {
        self.known_keys.learn(directory, term, key);
    }

    /// The lobby as the directory has it.
    pub fn lobby(&self, lobby: SteamId) -> Option<&LobbySnapshot> {
        self.lobbies.get(lobby)
    }

    /// Every lobby.
    pub fn lobbies(&self) -> impl Iterator<Item = &LobbySnapshot> {
        self.lobbies.iter()
    }

    /// Carries out what a connected user wants. From anybody else it is ignored.
    pub fn handle(&mut self, now: Millis, user: SteamId, command: Command) {
        if !self.users.get(&user).is_some_and(|user| user.is_here()) {
            return;
        }
        if let Command::Signal { to, payload } = command {
            return self.signal(now, user, to, payload);
        }
        if self.has_to_wait(now, user, &command) {
            self.defer(now, user, command);
        } else {
            self.carry_out(now, user, command);
        }
        if let Some(found) = self.users.get_mut(&user) {
            found.handled += 1;
        }
        self.tell(user, Event::Handled);
    }

    /// What a user who has been let in hears first.
    pub fn welcome(&self, now: Millis, user: SteamId) -> FromDirectory {
        FromDirectory::Welcome {
            directory: self.id,
            term: self.term,
            time_ms: now.0,
            protocol: PROTOCOL_VERSION,
            age_ms: self.settling.age_ms(now),
            handled: self.users.get(&user).map_or(0, |user| user.handled),
        }
    }

    fn carry_out(&mut self, now: Millis, user: SteamId, command: Command) {
        self.now = now;
        let Some(found) = self.users.get_mut(&user).filter(|user| user.is_here()) else {
            return;
        };
        let app_id = found.presence.app_id;
        let rates = &mut found.rates;
        let allowed = match &command {
            Command::Change { change, .. } => match change {
                Change::Chat { .. } | Change::Invite(_) => rates.speech.take(now),
                Change::Data(_) | Change::MemberData(_) => rates.data.take(now),
                Change::Kind(_)
                | Change::Joinable(_)
                | Change::Limit(_)
                | Change::Owner(_)
                | Change::GameServer(_) => rates.settings.take(now),
                // Joining bounds how many can go, and who wants to leave has to be let go.
                Change::Leave | Change::Kick { .. } => true,
            },
            Command::Tell { .. } => rates.speech.take(now),
            Command::SetPersona(_) | Command::SetRichPresence(_) => rates.personas.take(now),
            Command::SetAvatar { .. } | Command::Avatar { .. } => rates.avatars.take(now),
            _ => rates.requests.take(now),
        };
        match command {
            Command::Create {
                request,
                kind,
                limit,
            } => self.create(user, request, kind, limit, allowed),
            Command::Join { request, lobby, .. } => self.join(user, request, lobby, allowed),
            Command::Change { lobby, change } if allowed => self.change(user, lobby, change),
            Command::Search {
                request, filters, ..
            } => {
                let lobbies = if allowed {
                    self.lobbies.search(app_id, &filters)
                } else {
                    Vec::new()
                };
                self.tell(user, Event::Found { request, lobbies });
            }
            Command::Resume { lobby, line } if allowed => self.tell_again(user, lobby, line),
            Command::Describe { lobby } => {
                let found = self.visible(app_id, lobby).filter(|_| allowed);
                let summary = found.map(LobbySnapshot::summary);
                self.tell(user, Event::Described { lobby, summary });
            }
            Command::Persona { user: about } if allowed => self.tell_persona(user, about),
            Command::SetPersona(persona) if allowed => self.set_persona(user, persona),
            Command::SetRichPresence(rich_presence) if allowed => {
                self.set_rich_presence(user, rich_presence);
            }
            Command::RichPresence { user: about } if allowed => {
                self.tell_rich_presence(user, about);
            }
            Command::SetAvatar { avatar, pixels } if allowed => {
                self.set_avatar(user, avatar, pixels);
            }
            Command::Avatar { user: about } if allowed => self.tell_avatar(user, about),
            Command::Tell { to, tell } if allowed => self.pass_on(user, to, tell),
            Command::Change { .. }
            | Command::Resume { .. }
            | Command::Persona { .. }
            | Command::SetPersona(_)
            | Command::SetRichPresence(_)
            | Command::RichPresence { .. }
            | Command::SetAvatar { .. }
            | Command::Avatar { .. }
            | Command::Tell { .. }
            | Command::Signal { .. } => {}
        }
    }

    /// Passes a signal on, within one app. One that is too long, too often or for somebody who is not here is dropped.
    fn signal(&mut self, now: Millis, from: SteamId, to: SteamId, payload: Vec<u8>) {
        let is_here = |user: &&mut Box<User>| user.is_here();
        let Some(target) = self.users.get_mut(&to).filter(is_here) else {
            return;
        };
        let app_id = target.presence.app_id;
        let Some(sender) = self.users.get_mut(&from) else {
            return;
        };
        if payload.len() > MAX_SIGNAL
            || sender.presence.app_id != app_id
            || !sender.rates.signals.take(now)
        {
            return;
        }
        // What others send cannot use up the sender's share; only beyond it all have one bound.
        let is_within_share = sender.rates.take_share(now, to);
        let target = self.users.get_mut(&to);
        if is_within_share || target.is_some_and(|target| target.rates.signalled.take(now)) {
            self.tell(to, Event::Signal { from, payload });
        }
    }

    /// The lobby, if it exists for this app.
    fn visible(&self, app_id: u32, lobby: SteamId) -> Option<&LobbySnapshot> {
        self.lobbies
            .get(lobby)
            .filter(|lobby| lobby.app_id == app_id)
    }

    fn create(&mut self, user: SteamId, request: u64, kind: LobbyKind, limit: u32, allowed: bool) {
        let refused = if check_limit(limit).is_err() {
            Some(RESULT_INVALID_PARAM)
        } else if !allowed
            || self.has_no_room(user, kind)
            || self.lobbies.len() >= self.config.max_lobbies
        {
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
        let maker = Arc::clone(&self.maker);
        let (secret, id) = self.fresh_lobby(&maker);
        let Some(member) = self.new_member(user) else {
            return;
        };
        let Some(found) = self.users.get_mut(&user) else {
            return;
        };
        found.is_in(id);
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
            banned: Vec::new(),
            game_server: None,
            line: 0,
        };
        let seal = self.key.seal(self.id, self.term, &lobby);
        let proof = LobbyProof {
            secret,
            maker: *maker,
            seal,
        };
        self.lobbies.put(lobby.clone());
        self.custodies
            .insert(id, Custody::made_here(secret, maker, seal));
        self.show_lobby(user);
        self.tell(
            user,
            Event::Created {
                request,
                result: RESULT_OK,
                lobby: Some(ProvedLobby {
                    snapshot: lobby,
                    proof: Box::new(proof),
                }),
            },
        );
    }

    /// Counts a change of a lobby.
    fn touch(&mut self, id: SteamId) -> Option<Version> {
        let term = self.term;
        self.lobbies.update(id, |lobby| {
            // Taking a lobby over has lifted it to this term.
            lobby.version = Version {
                term,
                revision: lobby.version.revision.saturating_add(1),
            };
            lobby.version
        })
    }

    fn fresh_lobby(&mut self, maker: &Maker) -> ([u8; 32], SteamId) {
        loop {
            let (secret, id) = self.random.lobby(maker);
            if !self.lobbies.contains(id) {
                return (secret, id);
            }
        }
    }
}
