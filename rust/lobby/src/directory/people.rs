//! What users know of each other: friends, personas, rich presence, pictures, and what they tell one another.

use std::collections::{BTreeSet, HashMap, VecDeque};

use samovar_id::SteamId;

use super::{Directory, User};
use crate::limits::{AVATAR_BYTES, MAX_AVATARS, MAX_CONNECT, MAX_FRIENDS, MAX_REMEMBERED_FRIENDS};
use crate::lobby::{LobbyKind, LobbySnapshot};
use crate::persona::{Friend, Persona, RichPresence, Tell, is_sound_presence};
use crate::protocol::Event;

/// Of users who are here, or gone for a while.
#[derive(Default)]
pub(super) struct People {
    /// By app: all of them are friends of each other.
    friends: HashMap<u32, Friends>,
    avatars: HashMap<SteamId, Vec<u8>>,
    /// The number of the latest news of anybody.
    news: u64,
}

/// The friends of one app.
struct Friends {
    here: BTreeSet<SteamId>,
    /// Who has gone, with the number of that, the latest last.
    gone: VecDeque<(u64, SteamId)>,
    /// Of news up to this number it is not known who has gone.
    forgotten: u64,
}

impl People {
    fn next_news(&mut self) -> u64 {
        self.news += 1;
        self.news
    }
}

impl Directory {
    /// A user has come, perhaps back: makes it a friend of the others, as far as there is room, and tells who they are. Who has
    /// heard the news up to some number already is told those after it.
    pub(super) fn greet_friends(&mut self, user: SteamId, heard: Option<u64>) {
        if !self.config.everyone_is_a_friend {
            return;
        }
        let Some(found) = self.users.get_mut(&user) else {
            return;
        };
        let latest = self.people.news;
        let friends = self.people.friends.entry(found.presence.app_id);
        let friends = friends.or_insert_with(|| Friends {
            here: BTreeSet::new(),
            gone: VecDeque::new(),
            forgotten: latest,
        });
        if friends.here.len() >= MAX_FRIENDS && !friends.here.contains(&user) {
            // It may have been a friend before.
            return self.tell(user, Event::Friends(Vec::new()));
        }
        let is_news = friends.here.insert(user) || !found.is_shown_as_it_is;
        found.has_friends = true;
        let known = friends.forgotten..=latest;
        match heard.filter(|heard| known.contains(heard)) {
            Some(heard) => self.tell_news_after(user, heard),
            None => self.tell_all_of_friends(user),
        }
        self.tell(user, Event::FriendsTold { news: latest });
        if !is_news {
            return self.show_lobby(user);
        }
        // Told again although it may have been here: its name, state or presence are others by now.
        if let Some(found) = self.users.get_mut(&user) {
            found.shown_lobby = shown_lobby(&self.lobbies, found);
        }
        self.announce_friend(user);
        self.announce_rich_presence(user);
    }

    fn tell_all_of_friends(&mut self, user: SteamId) {
        let others: Vec<SteamId> = self.friends_of(user).collect();
        let list = others.iter().filter_map(|other| self.friend(*other));
        let list: Vec<Friend> = list.collect();
        self.tell(user, Event::Friends(list));
        for other in others {
            self.tell_rich_presence(user, other);
        }
    }

    fn tell_news_after(&mut self, user: SteamId, heard: u64) {
        let app_id = self.users.get(&user).map(|found| found.presence.app_id);
        let Some(friends) = app_id.and_then(|app_id| self.people.friends.get(&app_id)) else {
            return;
        };
        let gone = friends.gone.iter().rev();
        let gone = gone.take_while(|(news, _)| *news > heard);
        let gone = gone.map(|(_, other)| *other);
        let gone: BTreeSet<SteamId> = gone.filter(|other| !friends.here.contains(other)).collect();
        let is_news = |other: &SteamId| {
            let found = self.users.get(other);
            *other != user && found.is_some_and(|found| found.news > heard)
        };
        let changed = friends.here.iter().copied();
        let changed: Vec<SteamId> = changed.filter(is_news).collect();
        let news = 0;
        for user_gone in gone {
            let event = Event::FriendGone {
                user: user_gone,
                news,
            };
            self.tell(user, event);
        }
        for other in changed {
            if let Some(friend) = self.friend(other) {
                self.tell(user, Event::Friend { friend, news });
                self.tell_rich_presence(user, other);
            }
        }
    }

    /// A user is gone for good.
    pub(super) fn forget_person(&mut self, user: SteamId, gone: &User) {
        self.people.avatars.remove(&user);
        let app_id = gone.presence.app_id;
        let Some(friends) = self.people.friends.get_mut(&app_id) else {
            return;
        };
        if !friends.here.remove(&user) {
            return;
        }
        self.people.news += 1;
        let news = self.people.news;
        friends.gone.push_back((news, user));
        if friends.gone.len() > MAX_REMEMBERED_FRIENDS
            && let Some((oldest, _)) = friends.gone.pop_front()
        {
            friends.forgotten = oldest;
        }
        let others: Vec<SteamId> = friends.here.iter().copied().collect();
        if others.is_empty() {
            self.people.friends.remove(&app_id);
        }
        self.tell_all(others, Event::FriendGone { user, news });
    }

    /// Tells a user's friends when they see it in another lobby than before.
    pub(super) fn show_lobby(&mut self, user: SteamId) {
        let Some(found) = self.users.get_mut(&user).filter(|found| found.has_friends) else {
            return;
        };
        let lobby = shown_lobby(&self.lobbies, found);
        if found.shown_lobby != lobby {
            found.shown_lobby = lobby;
            self.announce_friend(user);
        }
    }

    /// A lobby shows itself to friends, or does no more.
    pub(super) fn show_lobby_of_members(&mut self, id: SteamId) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let members: Vec<SteamId> = lobby.members.iter().map(|member| member.user).collect();
        for user in members {
            self.show_lobby(user);
        }
    }

    pub(super) fn are_friends(&self, one: SteamId, other: SteamId) -> bool {
        let app_of = |user: SteamId| {
            let found = self.users.get(&user).filter(|found| found.has_friends);
            found.map(|found| found.presence.app_id)
        };
        one != other && app_of(one).is_some() && app_of(one) == app_of(other)
    }

    pub(super) fn set_persona(&mut self, user: SteamId, mut persona: Persona) {
        let Some(found) = self.users.get_mut(&user).filter(|_| persona.is_sound()) else {
            return;
        };
        persona.avatar = found.presence.persona.avatar;
        if found.presence.persona == persona {
            return;
        }
        found.presence.persona = persona;
        self.announce_persona(user);
    }

    pub(super) fn set_rich_presence(&mut self, user: SteamId, rich_presence: RichPresence) {
        let Some(found) = self
            .users
            .get_mut(&user)
            .filter(|_| is_sound_presence(&rich_presence))
        else {
            return;
        };
        if found.presence.rich_presence == rich_presence {
            return;
        }
        found.presence.rich_presence = rich_presence;
        self.announce_rich_presence(user);
    }

    /// A picture that is not as it should be changes nothing.
    pub(super) fn set_avatar(&mut self, user: SteamId, avatar: u64, pixels: Vec<u8>) {
        let is_none = avatar == 0;
        let is_sound = pixels.len() == if is_none { 0 } else { AVATAR_BYTES };
        let has_room =
            self.people.avatars.len() < MAX_AVATARS || self.people.avatars.contains_key(&user);
        let Some(found) = self
            .users
            .get_mut(&user)
            .filter(|_| is_sound && (is_none || has_room))
        else {
            return;
        };
        if is_none {
            self.people.avatars.remove(&user);
        } else {
            self.people.avatars.insert(user, pixels);
        }
        if found.presence.persona.avatar != avatar {
            found.presence.persona.avatar = avatar;
            self.announce_persona(user);
        }
    }

    /// The picture number of a user who connects: the directory has to have the picture that it stands for.
    pub(super) fn known_avatar(&self, user: SteamId) -> u64 {
        match self.users.get(&user) {
            Some(found) if self.people.avatars.contains_key(&user) => found.presence.persona.avatar,
            _ => 0,
        }
    }

    pub(super) fn tell_persona(&mut self, to: SteamId, about: SteamId) {
        if let Some(persona) = self
            .seen_by(to, about)
            .map(|found| found.presence.persona.clone())
        {
            let user = about;
            self.tell(to, Event::Persona { user, persona });
        }
    }

    pub(super) fn tell_rich_presence(&mut self, to: SteamId, about: SteamId) {
        if let Some(rich_presence) = self
            .seen_by(to, about)
            .map(|found| found.presence.rich_presence.clone())
        {
            let event = Event::RichPresence {
                user: about,
                rich_presence,
                news: 0,
            };
            self.tell(to, event);
        }
    }

    pub(super) fn tell_avatar(&mut self, to: SteamId, about: SteamId) {
        let avatar = self
            .seen_by(to, about)
            .map(|found| found.presence.persona.avatar);
        let pixels = self.people.avatars.get(&about);
        if let (Some(avatar), Some(pixels)) = (avatar, pixels) {
            let event = Event::Avatar {
                user: about,
                avatar,
                pixels: pixels.clone(),
            };
            self.tell(to, event);
        }
    }

    /// Hands on what one user tells another. What is too long, or for somebody who is not here, is dropped.
    pub(super) fn pass_on(&mut self, from: SteamId, to: SteamId, tell: Tell) {
        if matches!(&tell, Tell::GameInvite { connect } if connect.len() > MAX_CONNECT) {
            return;
        }
        let name = self
            .users
            .get(&from)
            .map(|found| found.presence.persona.name.clone());
        let is_here = self.seen_by(from, to).is_some_and(|user| user.is_here());
        if let Some(name) = name.filter(|_| is_here) {
            self.tell(to, Event::Told { from, name, tell });
        }
    }

    /// A user of the same app.
    fn seen_by(&self, user: SteamId, other: SteamId) -> Option<&User> {
        let app_id = self.users.get(&user)?.presence.app_id;
        self.users
            .get(&other)
            .filter(|found| found.presence.app_id == app_id && !found.expected)
            .map(Box::as_ref)
    }

    fn friend(&self, user: SteamId) -> Option<Friend> {
        let found = self.users.get(&user)?;
        Some(Friend {
            user,
            persona: found.presence.persona.clone(),
            lobby: found.shown_lobby,
        })
    }

    fn friends_of(&self, user: SteamId) -> impl Iterator<Item = SteamId> {
        let app_id = self
            .users
            .get(&user)
            .filter(|found| found.has_friends)
            .map(|found| found.presence.app_id);
        app_id
            .and_then(|app_id| self.people.friends.get(&app_id))
            .into_iter()
            .flat_map(|friends| &friends.here)
            .copied()
            .filter(move |other| *other != user)
    }

    /// Tells friends something that is news of a user, with its number.
    fn tell_friends(&mut self, user: SteamId, event: impl FnOnce(u64) -> Event) {
        let friends: Vec<SteamId> = self.friends_of(user).collect();
        let news = self.people.next_news();
        if let Some(found) = self.users.get_mut(&user) {
            found.news = news;
        }
        self.tell_all(friends, event(news));
    }

    fn announce_friend(&mut self, user: SteamId) {
        if let Some(friend) = self.friend(user) {
            self.tell_friends(user, |news| Event::Friend { friend, news });
        }
    }

    fn announce_rich_presence(&mut self, user: SteamId) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let rich_presence = found.presence.rich_presence.clone();
        self.tell_friends(user, |news| Event::RichPresence {
            user,
            rich_presence,
            news,
        });
    }

    /// Tells friends, and who is in a lobby with the user, who it is now.
    fn announce_persona(&mut self, user: SteamId) {
        self.announce_friend(user);
        self.tell_fellow_members(user);
    }

    /// A user has come whose lobbies, which somebody else may have brought, know it by an older name.
    pub(super) fn correct_name(&mut self, user: SteamId) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let name = &found.presence.persona.name;
        let is_old = |lobby: &LobbySnapshot| {
            let member = lobby.member(user);
            member.is_some_and(|member| member.name != *name)
        };
        let mut lobbies = found.lobbies.iter().filter_map(|id| self.lobbies.get(*id));
        if lobbies.any(is_old) {
            self.tell_fellow_members(user);
        }
    }

    /// Tells those who are in a lobby with a user, and no friends of it, who it is now.
    fn tell_fellow_members(&mut self, user: SteamId) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let persona = found.presence.persona.clone();
        let lobbies = found.lobbies.clone();
        let mut others = BTreeSet::new();
        for id in lobbies {
            self.lobbies.update(id, |lobby| {
                if let Some(member) = lobby.member_mut(user) {
                    member.name.clone_from(&persona.name);
                }
                others.extend(lobby.members.iter().map(|member| member.user));
            });
        }
        others.remove(&user);
        others.retain(|other| !self.are_friends(user, *other));
        self.tell_all(others, Event::Persona { user, persona });
    }
}

/// The lobby that friends see a user in.
fn shown_lobby(lobbies: &super::Lobbies, user: &User) -> Option<SteamId> {
    user.lobbies
        .iter()
        .filter_map(|id| lobbies.get(*id))
        .find(|lobby| {
            lobby.joinable && matches!(lobby.kind, LobbyKind::Public | LobbyKind::FriendsOnly)
        })
        .map(|lobby| lobby.id)
}
