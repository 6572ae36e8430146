//! The rules once more, as plainly as they can be written: lists that are searched, and nothing that is kept twice.

mod links;
mod telling;

use samovar_id::SteamId;
use samovar_lobby::{LobbyError, LobbyKind, Notice};

use super::User;
use super::acts::Act;
use telling::server_notice;

pub(super) type Pairs = Vec<(&'static str, &'static str)>;

const ENTERED: u32 = 1;
const LEFT: u32 = 2;
const DISCONNECTED: u32 = 4;
const KICKED: u32 = 8;
const BANNED: u32 = 16;

#[derive(Clone, Debug)]
pub(super) struct Lobby {
    pub(super) id: SteamId,
    app_id: u32,
    pub(super) kind: LobbyKind,
    pub(super) joinable: bool,
    pub(super) limit: u32,
    pub(super) owner: User,
    pub(super) members: Vec<(User, Pairs)>,
    pub(super) data: Pairs,
    pub(super) invited: Vec<User>,
    pub(super) banned: Vec<User>,
    pub(super) server: Option<u16>,
}

impl Lobby {
    fn has(&self, user: User) -> bool {
        self.members.iter().any(|(member, _)| *member == user)
    }

    fn is_full(&self) -> bool {
        self.members.len() >= self.limit as usize
    }

    fn take_out(&mut self, user: User) {
        self.members.retain(|(member, _)| *member != user);
        if let Some((next, _)) = self.members.first().filter(|_| self.owner == user) {
            self.owner = *next;
        }
    }

    fn settings(&self) -> (LobbyKind, bool, u32, User) {
        (self.kind, self.joinable, self.limit, self.owner)
    }
}

/// What a directory knows of a user.
struct Seat {
    instance: u64,
    leaves_at: Option<u64>,
    /// Only others have told of it.
    expected: bool,
    kicked: Vec<(SteamId, User, bool)>,
    missed: Vec<(SteamId, User, String)>,
}

struct Person {
    id: SteamId,
    app_id: u32,
    instance: u64,
    /// Whether this process has had a directory.
    returning: bool,
    online: bool,
    seat: Option<Seat>,
    /// The lobbies as it saw them last; only while it is not online.
    frozen: Vec<Lobby>,
}

pub(super) struct Reference {
    pub(super) now: u64,
    friends: bool,
    people: Vec<Person>,
    pub(super) lobbies: Vec<Lobby>,
    /// Who may come back to which lobby, having been cut off from it for too long.
    may_return: Vec<(SteamId, User)>,
    /// What each user has been told by the last act.
    pub(super) told: Vec<Vec<Notice>>,
}

impl Reference {
    pub(super) fn new(now: u64, friends: bool, users: &[(SteamId, u32)]) -> Self {
        let person = |(id, app_id): &(SteamId, u32)| Person {
            id: *id,
            app_id: *app_id,
            instance: 1,
            returning: false,
            online: false,
            seat: None,
            frozen: Vec::new(),
        };
        let mut reference = Self {
            now,
            friends,
            people: users.iter().map(person).collect(),
            lobbies: Vec::new(),
            may_return: Vec::new(),
            told: vec![Vec::new(); users.len()],
        };
        for user in 0..users.len() {
            reference.connect(user);
        }
        reference
    }

    pub(super) fn is_online(&self, user: User) -> bool {
        self.people[user].online
    }

    pub(super) fn id(&self, user: User) -> SteamId {
        self.people[user].id
    }

    /// Does what the act says. `lobby` is the one that it names, or that it has created.
    pub(super) fn act(&mut self, act: Act, lobby: SteamId) -> Result<(), LobbyError> {
        for told in &mut self.told {
            told.clear();
        }
        match act {
            Act::Cut(user) => self.cut(user),
            Act::Connect(user) => self.connect(user),
            Act::Restart(user) => {
                self.cut(user);
                self.start_again(user);
            }
            Act::Bye(user) => {
                if self.people[user].online {
                    self.people[user].online = false;
                    self.end(user, LEFT);
                }
                self.start_again(user);
            }
            Act::Pass(ms) => self.pass(ms),
            Act::Leave(user, _) if !self.people[user].online => {
                let frozen = &mut self.people[user].frozen;
                let before = frozen.len();
                frozen.retain(|other| other.id != lobby);
                if frozen.len() == before {
                    return Err(LobbyError::NotInLobby);
                }
            }
            Act::Create(user, kind, limit) => return self.create(user, kind, limit, lobby),
            Act::Join(user, _) => self.join(user, lobby),
            Act::Search(user) => self.search(user),
            Act::Describe(user, _) => {
                let app_id = self.people[user].app_id;
                let mut all = self.lobbies.iter();
                let success = all.any(|other| other.id == lobby && other.app_id == app_id);
                let member = lobby;
                let update = Notice::LobbyDataUpdate {
                    success,
                    lobby,
                    member,
                };
                self.tell(user, update);
            }
            _ => return self.change(act, lobby),
        }
        Ok(())
    }

    fn create(
        &mut self,
        user: User,
        kind: LobbyKind,
        limit: u32,
        id: SteamId,
    ) -> Result<(), LobbyError> {
        if limit == 0 || limit > 250 {
            return Err(LobbyError::MemberLimit { limit });
        }
        if !self.has_room(user, kind) {
            let (result, lobby) = (25, None);
            self.tell(user, Notice::LobbyCreated { result, lobby });
            return Ok(());
        }
        self.lobbies.push(Lobby {
            id,
            app_id: self.people[user].app_id,
            kind,
            joinable: true,
            limit,
            owner: user,
            members: vec![(user, Vec::new())],
            data: Vec::new(),
            invited: Vec::new(),
            banned: Vec::new(),
            server: None,
        });
        let (result, lobby) = (1, Some(id));
        self.tell(user, Notice::LobbyCreated { result, lobby });
        self.tell_joined(user, id, 1);
        Ok(())
    }

    fn join(&mut self, user: User, id: SteamId) {
        let response = self.response(user, id);
        if response == 1 && !self.is_in(user, id) {
            self.enter(user, id, Vec::new());
        }
        self.tell_joined(user, id, response);
    }

    fn response(&self, user: User, id: SteamId) -> u32 {
        let app_id = self.people[user].app_id;
        let Some(lobby) = self.lobby(id).filter(|lobby| lobby.app_id == app_id) else {
            return 2;
        };
        if lobby.has(user) {
            return 1;
        }
        if lobby.banned.contains(&user) {
            return 6;
        }
        if !self.has_room(user, lobby.kind) {
            return 15;
        }
        let is_invited = lobby.invited.contains(&user);
        let mut members = lobby.members.iter();
        let welcome = match lobby.kind {
            LobbyKind::Public | LobbyKind::Invisible => true,
            LobbyKind::FriendsOnly => {
                is_invited || members.any(|(member, _)| self.are_friends(user, *member))
            }
            LobbyKind::Private => is_invited,
        };
        if !welcome || !lobby.joinable {
            return 3;
        }
        if lobby.is_full() { 4 } else { 1 }
    }

    fn search(&mut self, user: User) {
        let app_id = self.people[user].app_id;
        let listed = |lobby: &&Lobby| {
            lobby.app_id == app_id
                && [LobbyKind::Public, LobbyKind::Invisible].contains(&lobby.kind)
                && lobby.joinable
                && !lobby.is_full()
        };
        let found = self.lobbies.iter().filter(listed).map(|lobby| lobby.id);
        let mut lobbies: Vec<SteamId> = found.collect();
        lobbies.sort_unstable();
        self.tell(user, Notice::LobbyMatchList { lobbies });
    }

    fn change(&mut self, act: Act, id: SteamId) -> Result<(), LobbyError> {
        let user = act.user();
        if !self.is_in(user, id) {
            return Err(LobbyError::NotInLobby);
        }
        let index = self.lobbies.iter().position(|lobby| lobby.id == id);
        let index = index.expect("somebody is in it");
        let is_owner = self.lobbies[index].owner == user;
        if act.is_owners() && !is_owner {
            return Err(LobbyError::NotOwner);
        }
        let lobby = &mut self.lobbies[index];
        match act {
            Act::Leave(..) => self.leave(user, id, LEFT),
            Act::Data(_, _, key, value) => {
                if set(&mut lobby.data, key, value) {
                    self.tell_data(id, id);
                }
            }
            Act::MemberData(_, _, key, value) => {
                let mut members = lobby.members.iter_mut();
                let own = members.find(|(member, _)| *member == user);
                if set(&mut own.expect("it is in").1, key, value) {
                    self.tell_data(id, self.id(user));
                }
            }
            Act::Kind(..) | Act::Joinable(..) | Act::Limit(..) | Act::Owner(..) => {
                let before = lobby.settings();
                match act {
                    Act::Kind(_, _, kind) => lobby.kind = kind,
                    Act::Joinable(_, _, joinable) => lobby.joinable = joinable,
                    Act::Owner(_, _, other) if !lobby.has(other) => {
                        return Err(LobbyError::NotAMember);
                    }
                    Act::Owner(_, _, other) => lobby.owner = other,
                    Act::Limit(_, _, limit) if limit == 0 || limit > 250 => {
                        return Err(LobbyError::MemberLimit { limit });
                    }
                    Act::Limit(_, _, limit) => {
                        let members = lobby.members.iter().map(|_| 1).sum();
                        lobby.limit = limit.max(members);
                    }
                    _ => {}
                }
                if lobby.settings() != before {
                    self.tell_data(id, id);
                }
            }
            Act::Server(_, _, port) => {
                lobby.server = Some(port);
                let notice = server_notice(id, port);
                self.tell_all(id, &notice);
            }
            Act::Kick(_, _, other, ban) => return self.kick(id, other, ban),
            Act::Invite(_, _, guest) => {
                if !lobby.invited.contains(&guest) {
                    lobby.invited.push(guest);
                }
                let (app_id, inviter, lobby) = (lobby.app_id, self.id(user), id);
                let notice = Notice::LobbyInvite {
                    inviter,
                    lobby,
                    app_id,
                };
                if self.people[guest].app_id == app_id {
                    self.tell(guest, notice);
                }
            }
            Act::Chat(_, _, number) => {
                let text = number.to_string();
                for (member, _) in self.lobbies[index].members.clone() {
                    match &mut self.people[member].seat {
                        Some(seat) if seat.leaves_at.is_some() => {
                            seat.missed.push((id, user, text.clone()));
                        }
                        _ => self.tell_line(member, id, user, &text),
                    }
                }
            }
            _ => unreachable!("no change: {act:?}"),
        }
        Ok(())
    }

    fn kick(&mut self, id: SteamId, other: User, ban: bool) -> Result<(), LobbyError> {
        let lobby = self.lobbies.iter_mut().find(|lobby| lobby.id == id);
        let lobby = lobby.expect("the owner is in it");
        let owner = lobby.owner;
        if owner == other {
            return Err(LobbyError::OneselfKicked);
        }
        if !lobby.has(other) {
            return Err(LobbyError::NotAMember);
        }
        lobby.take_out(other);
        self.may_return.retain(|entry| *entry != (id, other));
        if ban {
            lobby.invited.retain(|guest| *guest != other);
            if !lobby.banned.contains(&other) {
                lobby.banned.push(other);
            }
        }
        let state = if ban { BANNED } else { KICKED };
        self.tell_all(id, &self.chat_update(id, other, owner, state));
        match &mut self.people[other].seat {
            Some(seat) if seat.leaves_at.is_some() => {
                seat.kicked.retain(|(lobby, ..)| *lobby != id);
                seat.kicked.push((id, owner, ban));
            }
            _ => self.tell_kicked(other, id, owner, ban),
        }
        Ok(())
    }

    fn enter(&mut self, user: User, id: SteamId, data: Pairs) {
        self.tell_all(id, &self.chat_update(id, user, user, ENTERED));
        let mut lobbies = self.lobbies.iter_mut();
        let lobby = lobbies.find(|lobby| lobby.id == id).expect("it exists");
        lobby.members.push((user, data));
        self.may_return.retain(|entry| *entry != (id, user));
    }

    fn leave(&mut self, user: User, id: SteamId, state: u32) {
        if self.is_in(user, id) {
            self.may_return.retain(|entry| *entry != (id, user));
            if state == DISCONNECTED {
                self.may_return.push((id, user));
            }
        }
        for lobby in &mut self.lobbies {
            if lobby.id == id {
                lobby.take_out(user);
            }
        }
        self.lobbies.retain(|lobby| !lobby.members.is_empty());
        self.tell_all(id, &self.chat_update(id, user, user, state));
    }

    fn lobby(&self, id: SteamId) -> Option<&Lobby> {
        self.lobbies.iter().find(|lobby| lobby.id == id)
    }

    fn is_in(&self, user: User, id: SteamId) -> bool {
        self.lobby(id).is_some_and(|lobby| lobby.has(user))
    }

    fn lobbies_of(&self, user: User) -> Vec<SteamId> {
        let own = self.lobbies.iter().filter(|lobby| lobby.has(user));
        let mut ids: Vec<SteamId> = own.map(|lobby| lobby.id).collect();
        ids.sort_unstable();
        ids
    }

    fn has_room(&self, user: User, kind: LobbyKind) -> bool {
        let own: Vec<&Lobby> = self.lobbies.iter().filter(|l| l.has(user)).collect();
        let invisible = own.iter().filter(|l| l.kind == LobbyKind::Invisible);
        let invisible = invisible.count();
        let regular = own.len() - invisible;
        let fits = if kind == LobbyKind::Invisible {
            invisible < 2
        } else {
            regular < 1
        };
        fits && own.len() < 3
    }

    fn are_friends(&self, one: User, other: User) -> bool {
        let counts = |user: User| {
            let seat = self.people[user].seat.as_ref();
            seat.is_some_and(|seat| !seat.expected)
        };
        let same_app = self.people[one].app_id == self.people[other].app_id;
        self.friends && one != other && same_app && counts(one) && counts(other)
    }
}

/// Sets or removes a key. False when it was so already.
fn set(pairs: &mut Pairs, key: &'static str, value: &'static str) -> bool {
    let before = pairs.clone();
    pairs.retain(|(other, _)| *other != key);
    if !value.is_empty() {
        pairs.push((key, value));
    }
    !alike(&before, pairs)
}

fn alike(one: &Pairs, other: &Pairs) -> bool {
    one.len() == other.len() && one.iter().all(|pair| other.contains(pair))
}
