//! What is tested: a directory, and mirrors whose commands and events reach each other at once.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use samovar_lobby::{
    Change, Command, Directory, DirectoryConfig, DirectoryId, FromDirectory, GameServer,
    LobbyError, LobbySnapshot, Millis, Mirror, Notice, Persona, Presence, Welcome,
};

use super::acts::Act;
use super::{GRACE_MS, START, USERS, User};
use crate::world::{members_only, secrets};

/// A user's process and its link.
pub(super) struct Client {
    pub(super) id: SteamId,
    app_id: u32,
    instance: u64,
    pub(super) online: bool,
    pub(super) mirror: Mirror,
}

impl Client {
    pub(super) fn new(id: SteamId, app_id: u32, instance: u64) -> Self {
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
pub(super) struct Real {
    now: Millis,
    pub(super) directory: Directory,
    pub(super) clients: Vec<Client>,
    pub(super) lobbies: Vec<SteamId>,
}

impl Real {
    pub(super) fn new(friends: bool, users: &[(SteamId, u32)]) -> Self {
        let config = DirectoryConfig {
            grace_ms: GRACE_MS,
            settle_ms: 0,
            everyone_is_a_friend: friends,
            ..DirectoryConfig::default()
        };
        let (seed, key) = secrets(7);
        let client = |(id, app_id): &(SteamId, u32)| Client::new(*id, *app_id, 1);
        let mut real = Self {
            now: Millis(START),
            directory: Directory::new(config, DirectoryId(1), 1, seed, key),
            clients: users.iter().map(client).collect(),
            lobbies: Vec::new(),
        };
        for user in 0..users.len() {
            real.connect(user);
        }
        real.notices();
        real
    }

    pub(super) fn lobby(&self, index: usize) -> SteamId {
        let unknown = SteamId::lobby(index as u64 & 0xff);
        self.lobbies.get(index).copied().unwrap_or(unknown)
    }

    pub(super) fn act(&mut self, act: Act) -> Result<(), LobbyError> {
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
            is_returning: client.mirror.was_welcomed(),
            is_asking: false,
        };
        let (id, resume) = (client.id, client.mirror.resume(self.now));
        let is_in = |lobby: &&LobbySnapshot| lobby.member(id).is_some();
        let was_in = self.directory.lobbies().filter(is_in).map(|lobby| lobby.id);
        let was_in: Vec<SteamId> = was_in.collect();
        let news = client.mirror.news();
        let connected = self
            .directory
            .connect_again(self.now, id, presence, resume, news);
        connected.expect("one machine");
        let FromDirectory::Welcome {
            directory,
            term,
            age_ms,
            handled,
            ..
        } = self.directory.welcome(self.now, id)
        else {
            panic!("the first thing is a welcome");
        };
        let welcome = Welcome {
            directory,
            term,
            age_ms,
            handled,
        };
        self.clients[user].mirror.on_welcome(self.now, welcome);
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
    pub(super) fn notices(&mut self) -> Vec<Vec<Notice>> {
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

pub(super) fn server(port: u16) -> GameServer {
    GameServer {
        ip: GameServer::NO_IP,
        port,
        id: 0,
    }
}
