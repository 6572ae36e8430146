//! The directory and its mirrors against a naive reference: 100,000 random sequences of what users do and what happens to
//! them. After each step everybody has been told the same, and everything is the same.
//!
//! Nothing is under way between two steps, so that the reference knows the order of everything; `properties` and
//! `takeover` are about what is under way, and about several directories.

mod reference;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use samovar_id::SteamId;
use samovar_lobby::{
    Change, Command, Directory, DirectoryConfig, DirectoryId, GameServer, LobbyError, LobbyKind,
    LobbySnapshot, Millis, Mirror, Notice, Persona, Presence,
};

use crate::world::members_only;
use reference::{Pairs, Reference};

type User = usize;

const USERS: usize = 5;
const APP: u32 = 480;
const GRACE_MS: u64 = 30_000;
const START: u64 = 1_000_000;
const KEYS: [&str; 2] = ["map", "mode"];
const VALUES: [&str; 3] = ["", "duel", "race"];

/// What a user does, or what happens to it. A lobby is the one that was created as the so manieth.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Act {
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
    fn user(self) -> User {
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

    fn lobby(self) -> usize {
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

    fn is_owners(self) -> bool {
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
    fn needs_no_link(self) -> bool {
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
struct Dice(u64);

impl Dice {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut bits = self.0;
        bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let bits = (bits ^ (bits >> 31)) % bound as u64;
        usize::try_from(bits).expect("below a usize")
    }

    fn one_of<T: Copy>(&mut self, all: &[T]) -> T {
        all[self.below(all.len())]
    }

    fn kind(&mut self) -> LobbyKind {
        use LobbyKind::{FriendsOnly, Invisible, Private, Public};
        self.one_of(&[Public, Public, Public, Private, FriendsOnly, Invisible])
    }

    /// Something that mostly has an effect.
    fn act(&mut self, lobbies: &[SteamId], reference: &Reference) -> Act {
        let mut user = self.below(USERS);
        let mut other = self.below(USERS);
        // Few lobbies, so that users meet in them; mostly one that is there.
        let mut lobby = self.one_of(&[0, 0, 0, 1, 1, 2, 3]);
        let mut owner = user;
        if let Some(there) = reference.lobbies.get(lobby)
            && self.below(4) > 0
        {
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
            19..=20 => Act::Leave(user, lobby),
            21 => Act::Leave(other, lobby),
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

/// A user's process and its link.
struct Client {
    id: SteamId,
    app_id: u32,
    instance: u64,
    online: bool,
    mirror: Mirror,
}

impl Client {
    fn new(id: SteamId, app_id: u32, instance: u64) -> Self {
        let mirror = Mirror::new(id, app_id, Persona::named("somebody"));
        Self {
            id,
            app_id,
            instance,
            online: false,
            mirror,
        }
    }
}

/// What is tested.
struct Real {
    now: Millis,
    directory: Directory,
    clients: Vec<Client>,
    lobbies: Vec<SteamId>,
}

impl Real {
    fn new(friends: bool, users: &[(SteamId, u32)]) -> Self {
        let config = DirectoryConfig {
            grace_ms: GRACE_MS,
            settle_ms: 0,
            everyone_is_a_friend: friends,
            ..DirectoryConfig::default()
        };
        let client = |(id, app_id): &(SteamId, u32)| Client::new(*id, *app_id, 1);
        let mut real = Self {
            now: Millis(START),
            directory: Directory::new(config, DirectoryId(1), 1, 7),
            clients: users.iter().map(client).collect(),
            lobbies: Vec::new(),
        };
        for user in 0..users.len() {
            real.connect(user);
        }
        real.notices();
        real
    }

    fn lobby(&self, index: usize) -> SteamId {
        let unknown = SteamId::lobby(index as u64 & 0xff);
        self.lobbies.get(index).copied().unwrap_or(unknown)
    }

    fn act(&mut self, act: Act) -> Result<(), LobbyError> {
        let (now, user, lobby) = (self.now, act.user(), self.lobby(act.lobby()));
        match act {
            Act::Cut(_) => self.cut(user),
            Act::Connect(_) => self.connect(user),
            Act::Restart(_) => {
                self.cut(user);
                self.start_again(user);
            }
            Act::Bye(_) => {
                let client = &self.clients[user];
                if client.online {
                    self.directory.bye(now, client.id, client.instance);
                    self.deliver();
                }
                self.start_again(user);
            }
            Act::Pass(ms) => {
                self.now = now.plus(ms);
                self.directory.handle_timeout(self.now);
                self.deliver();
            }
            _ => {
                let result = self.call(act, lobby);
                let is_sent = self.send(user);
                if let Some(change) = self.forged(act).filter(|_| !is_sent) {
                    // What the client's own side refuses, or knows to change nothing, the directory has to by itself.
                    let command = Command::Change { lobby, change };
                    self.directory.handle(now, self.clients[user].id, command);
                    self.deliver();
                }
                return result;
            }
        }
        Ok(())
    }

    fn call(&mut self, act: Act, lobby: SteamId) -> Result<(), LobbyError> {
        let (now, ids) = (self.now, self.ids());
        let mirror = &mut self.clients[act.user()].mirror;
        match act {
            Act::Create(_, kind, limit) => mirror.create(now, kind, limit),
            Act::Join(..) => mirror.join(now, lobby),
            Act::Leave(..) => mirror.leave(now, lobby),
            Act::Data(_, _, key, value) => mirror.set_data(now, lobby, key, value),
            Act::MemberData(_, _, key, value) => mirror.set_member_data(now, lobby, key, value),
            Act::Kind(_, _, kind) => mirror.set_kind(now, lobby, kind),
            Act::Joinable(_, _, joinable) => mirror.set_joinable(now, lobby, joinable),
            Act::Limit(_, _, limit) => mirror.set_member_limit(now, lobby, limit),
            Act::Owner(_, _, owner) => mirror.set_owner(now, lobby, ids[owner]),
            Act::Server(_, _, port) => mirror.set_game_server(now, lobby, server(port)),
            Act::Kick(_, _, other, ban) => mirror.kick(lobby, ids[other], ban),
            Act::Invite(_, _, guest) => mirror.invite(now, lobby, ids[guest]),
            Act::Chat(_, _, number) => mirror.chat(now, lobby, &number.to_string()),
            Act::Search(_) => mirror.request_list(now),
            Act::Describe(..) => mirror.request_data(now, lobby),
            _ => unreachable!("no call: {act:?}"),
        }
    }

    /// What a client that does not keep to the rules sends.
    fn forged(&self, act: Act) -> Option<Change> {
        let ids = self.ids();
        let pairs = |key: &str, value: &str| BTreeMap::from([(key.to_owned(), value.to_owned())]);
        Some(match act {
            Act::Leave(user, _) if self.clients[user].online => Change::Leave,
            Act::Data(_, _, key, value) => Change::Data(pairs(key, value)),
            Act::MemberData(_, _, key, value) => Change::MemberData(pairs(key, value)),
            Act::Kind(_, _, kind) => Change::Kind(kind),
            Act::Joinable(_, _, joinable) => Change::Joinable(joinable),
            Act::Limit(_, _, limit) => Change::Limit(limit),
            Act::Owner(_, _, owner) => Change::Owner(ids[owner]),
            Act::Server(_, _, port) => Change::GameServer(server(port)),
            Act::Kick(_, _, other, ban) => Change::Kick {
                user: ids[other],
                ban,
            },
            Act::Invite(_, _, guest) => Change::Invite(ids[guest]),
            Act::Chat(_, _, number) => Change::Chat {
                seq: u64::MAX,
                text: number.to_string(),
            },
            _ => return None,
        })
    }

    fn ids(&self) -> [SteamId; USERS] {
        std::array::from_fn(|user| self.clients[user].id)
    }

    fn cut(&mut self, user: User) {
        let client = &mut self.clients[user];
        if std::mem::take(&mut client.online) {
            client.mirror.on_disconnected(self.now);
            let (id, instance) = (client.id, client.instance);
            self.directory.disconnect(self.now, id, instance);
            self.deliver();
        }
    }

    fn start_again(&mut self, user: User) {
        let client = &mut self.clients[user];
        *client = Client::new(client.id, client.app_id, client.instance + 1);
    }

    fn connect(&mut self, user: User) {
        let client = &mut self.clients[user];
        if std::mem::replace(&mut client.online, true) {
            return;
        }
        let presence = Presence {
            app_id: client.app_id,
            persona: client.mirror.persona().clone(),
            rich_presence: BTreeMap::new(),
            instance: client.instance,
            machine: 1,
        };
        let (id, resume) = (client.id, client.mirror.resume());
        client.mirror.on_welcome(self.now, DirectoryId(1), 1);
        let is_in = |lobby: &&LobbySnapshot| lobby.member(id).is_some();
        let was_in = self.directory.lobbies().filter(is_in).map(|lobby| lobby.id);
        let was_in: Vec<SteamId> = was_in.collect();
        let connected = self.directory.connect(self.now, id, presence, resume);
        connected.expect("one machine");
        self.deliver_to_who_was_in(&was_in);
        self.send(user);
    }

    /// False when there was nothing to send.
    fn send(&mut self, user: User) -> bool {
        let (now, id) = (self.now, self.clients[user].id);
        let mut any = false;
        while self.clients[user].online {
            let mirror = &mut self.clients[user].mirror;
            mirror.hurry();
            let Some(command) = mirror.poll_command(now) else {
                break;
            };
            self.directory.handle(now, id, command);
            self.deliver();
            any = true;
        }
        any
    }

    fn deliver(&mut self) {
        self.deliver_to_who_was_in(&[]);
    }

    /// Hands out events; none about a lobby may be for somebody who is not in it. `was_in`: where the user has been until now.
    fn deliver_to_who_was_in(&mut self, was_in: &[SteamId]) {
        while let Some((to, event)) = self.directory.poll_output() {
            let mut clients = self.clients.iter_mut();
            let Some(client) = clients.find(|client| client.id == to && client.online) else {
                continue;
            };
            if let Some(lobby) = members_only(&event) {
                let is_in = |lobby: &LobbySnapshot| lobby.member(to).is_some();
                let is_in = self.directory.lobby(lobby).is_some_and(is_in);
                let is_in = is_in || was_in.contains(&lobby);
                assert!(is_in, "an event for somebody else: {event:?} for {to:?}");
            }
            client.mirror.handle_event(self.now, event);
        }
    }

    /// What each user has been told of lobbies.
    fn notices(&mut self) -> Vec<Vec<Notice>> {
        let of = |client: &mut Client| {
            let mut notices = Vec::new();
            while let Some(notice) = client.mirror.poll_notice() {
                match notice {
                    Notice::PersonaStateChange { .. }
                    | Notice::FriendRichPresenceUpdate { .. }
                    | Notice::UserGone { .. } => {}
                    Notice::LobbyMatchList { mut lobbies } => {
                        lobbies.sort_unstable();
                        notices.push(Notice::LobbyMatchList { lobbies });
                    }
                    notice => notices.push(notice),
                }
            }
            notices
        };
        self.clients.iter_mut().map(of).collect()
    }
}

fn server(port: u16) -> GameServer {
    GameServer {
        ip: GameServer::NO_IP,
        port,
        id: 0,
    }
}

/// What is different, if anything is.
fn compare(real: &Real, reference: &Reference) -> Result<(), String> {
    let same_pairs = |map: &BTreeMap<String, String>, pairs: &Pairs| {
        map.len() == pairs.len()
            && pairs
                .iter()
                .all(|(key, value)| map.get(*key).is_some_and(|other| other == value))
    };
    let ids = |users: &[User]| {
        users
            .iter()
            .map(|user| reference.id(*user))
            .collect::<Vec<_>>()
    };
    if real.directory.lobbies().count() != reference.lobbies.len() {
        return Err("other lobbies exist".to_owned());
    }
    for lobby in &reference.lobbies {
        let Some(found) = real.directory.lobby(lobby.id) else {
            return Err(format!("missing: {lobby:?}"));
        };
        let mut members = found.members.iter().zip(&lobby.members);
        let same_members = found.members.len() == lobby.members.len()
            && members.all(|(real, (user, data))| {
                real.user == reference.id(*user) && same_pairs(&real.data, data)
            });
        let same = same_members
            && found.kind == lobby.kind
            && found.joinable == lobby.joinable
            && found.limit == lobby.limit
            && found.owner == reference.id(lobby.owner)
            && found.invited == ids(&lobby.invited)
            && found.banned == ids(&lobby.banned)
            && found.game_server == lobby.server.map(server)
            && same_pairs(&found.data, &lobby.data);
        if !same {
            return Err(format!("{found:?}\ninstead of\n{lobby:?}"));
        }
    }
    for (user, client) in real.clients.iter().enumerate() {
        if client.online != reference.is_online(user) {
            return Err(format!("user {user} is there, or not"));
        }
        let is_in = |lobby: &&LobbySnapshot| lobby.member(client.id).is_some();
        let mut theirs = real.directory.lobbies().filter(is_in);
        let mut own = client.mirror.lobbies();
        let same = own.all(|copy| theirs.next() == Some(copy)) && theirs.next().is_none();
        if client.online && !same {
            return Err(format!("user {user} sees something else"));
        }
    }
    Ok(())
}

/// Runs one sequence; what went wrong, if anything did. `next` is asked for each act in turn.
fn run(
    friends: bool,
    mut next: impl FnMut(&[SteamId], &Reference) -> Option<Act>,
) -> Result<(), String> {
    let user = |number: usize| {
        // The last one is of another app.
        let app_id = if number + 1 == USERS { APP + 1 } else { APP };
        (SteamId::individual((7 << 32) | (number as u64 + 1)), app_id)
    };
    let users: Vec<(SteamId, u32)> = (0..USERS).map(user).collect();
    let mut real = Real::new(friends, &users);
    let mut reference = Reference::new(START, friends, &users);
    while let Some(act) = next(&real.lobbies, &reference) {
        if !act.needs_no_link() && !reference.is_online(act.user()) {
            continue;
        }
        let named = real.lobby(act.lobby());
        let result = real.act(act);
        let told = real.notices();
        let created = told.iter().flatten().find_map(|notice| match notice {
            Notice::LobbyCreated { lobby, .. } => *lobby,
            _ => None,
        });
        real.lobbies.extend(created);
        let expected = reference.act(act, created.unwrap_or(named));
        let wrong = |what: String| Err(format!("{act:?}: {what}"));
        if result != expected {
            return wrong(format!("{result:?} instead of {expected:?}"));
        }
        for user in 0..USERS {
            if told[user] != reference.told[user] {
                let (told, expected) = (&told[user], &reference.told[user]);
                return wrong(format!("user {user}: {told:?} instead of {expected:?}"));
            }
        }
        if let Err(what) = compare(&real, &reference) {
            return wrong(what);
        }
    }
    Ok(())
}

/// Runs a sequence once more.
fn repeat(friends: bool, acts: &[Act]) -> Result<(), String> {
    let mut acts = acts.iter();
    let again = || run(friends, |_, _| acts.next().copied());
    catch_unwind(AssertUnwindSafe(again)).unwrap_or_else(|_| Err("it panics".to_owned()))
}

/// Leaves out what can be left out without making it right.
fn shrink(friends: bool, mut acts: Vec<Act>) -> Vec<Act> {
    let mut len = acts.len() / 2;
    while len > 0 {
        let mut start = 0;
        while start < acts.len() {
            let mut fewer = acts.clone();
            fewer.drain(start..(start + len).min(acts.len()));
            if repeat(friends, &fewer).is_err() {
                acts = fewer;
            } else {
                start += len;
            }
        }
        len /= 2;
    }
    acts
}

fn run_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut dice = Dice(seed << 32);
        let friends = dice.below(2) == 0;
        let len = 20 + dice.below(41);
        let mut acts = Vec::with_capacity(len);
        let first = || {
            run(friends, |lobbies, reference| {
                let act = (acts.len() < len).then(|| dice.act(lobbies, reference));
                acts.extend(act);
                act
            })
        };
        if !matches!(catch_unwind(AssertUnwindSafe(first)), Ok(Ok(()))) {
            let acts = shrink(friends, acts);
            let what = repeat(friends, &acts);
            panic!("seed {seed}, friends: {friends}, {acts:?}\n{what:?}");
        }
    }
}

#[test]
fn directory_and_reference_agree_on_100_000_sequences_first_half() {
    run_seeds(0..50_000);
}

#[test]
fn directory_and_reference_agree_on_100_000_sequences_second_half() {
    run_seeds(50_000..100_000);
}
