//! What the directory tells of others.

use std::sync::Arc;

use samovar_id::SteamId;

use super::{
    ALL_OF_A_FRIEND, AVATAR, FriendEntry, GAME_PLAYED, GONE_OFFLINE, NAME, RICH_PRESENCE, STATUS,
};
use crate::limits::{AVATAR_BYTES, MAX_REMEMBERED_FRIENDS, SETTLE_MS};
use crate::mirror::questions::Question;
use crate::mirror::{Mirror, Notice};
use crate::persona::{Friend, Persona, RichPresence, Tell, is_sound_presence};
use crate::protocol::{Command, DirectoryId, Millis};

impl Mirror {
    /// A directory has welcomed this client: it does not have the picture, and its list of friends follows.
    pub(in crate::mirror) fn people_welcomed(&mut self, now: Millis, directory: DirectoryId) {
        let is_mine = |command: &Command| matches!(command, Command::SetAvatar { .. });
        if self.people.my_pixels.is_some() && !self.waiting.iter().any(is_mine) {
            let command = self.my_avatar();
            self.waiting.push_back(command);
        }
        let earlier = self.people.friends_of.replace(directory);
        if earlier != Some(directory) {
            self.people.news = None;
        }
        if earlier.is_some_and(|earlier| earlier != directory) {
            for friend in self.people.friends.values_mut() {
                friend.is_stale = friend.state.is_some();
            }
            self.people.stale_until = Some(now.plus(SETTLE_MS));
        }
    }

    /// Friends of whom a directory that took over has not told are gone.
    pub(in crate::mirror) fn people_timeout(&mut self, now: Millis) {
        if self.people.stale_until.is_some_and(|until| until <= now) {
            self.people.stale_until = None;
            let stale = |user: &SteamId| {
                let found = self.people.friends.get(user);
                found.is_some_and(|friend| friend.is_stale)
            };
            let order = self.people.friends_order.iter().copied();
            let gone: Vec<SteamId> = order.filter(stale).collect();
            for user in gone {
                self.friend_gone(user);
            }
            self.forget_pictures_that_did_not_come();
        }
    }

    fn forget_pictures_that_did_not_come(&mut self) {
        for user in self.people.friends_order.clone() {
            let friend = self.people.friends.get_mut(&user);
            if friend.is_some_and(|friend| std::mem::take(&mut friend.awaits_picture)) {
                self.people.learn_no_picture(user);
                let flags = AVATAR;
                self.notice(Notice::PersonaStateChange { user, flags });
            }
        }
    }

    pub(in crate::mirror) fn learned_persona(&mut self, user: SteamId, persona: Persona) {
        let was_asked = self.questions.answered(Question::Persona(user));
        let is_told = was_asked
            || self.people.asked.get(user).is_some()
            || self.people.friends.contains_key(&user)
            || self
                .lobbies
                .keys()
                .any(|lobby| self.is_member(*lobby, user));
        if user == self.me || !is_told {
            return;
        }
        let mut flags = self.people.learn_persona(user, persona);
        if was_asked {
            flags |= NAME;
        }
        if flags != 0 {
            self.notice(Notice::PersonaStateChange { user, flags });
        }
    }

    /// All friends who are here, as the directory has them.
    pub(in crate::mirror) fn friends_are(&mut self, friends: Vec<Friend>) {
        // Until all is told.
        self.people.news = None;
        let here: Vec<SteamId> = friends.iter().map(|friend| friend.user).collect();
        for friend in friends {
            self.friend_is(friend);
        }
        let order = self.people.friends_order.iter().copied();
        let missing: Vec<SteamId> = order.filter(|user| !here.contains(user)).collect();
        for user in missing {
            if self.people.stale_until.is_none() {
                self.friend_gone(user);
            } else if let Some(friend) = self.people.friends.get_mut(&user) {
                friend.is_stale = friend.state.is_some();
            }
        }
    }

    pub(in crate::mirror) fn friend_is(&mut self, friend: Friend) {
        let Friend {
            user,
            mut persona,
            lobby,
        } = friend;
        if user == self.me || !user.is_individual() {
            return;
        }
        let awaits_picture = persona.avatar == 0 && self.awaits_picture(user);
        if awaits_picture {
            persona.avatar = self.people.known_avatar(user);
        }
        let state = Some(persona.state);
        let mut flags = self.people.learn_persona(user, persona);
        if !self.people.friends.contains_key(&user) {
            self.make_room_for_a_friend();
            self.people.friends_order.push(user);
        }
        let entry = self.people.friends.entry(user).or_default();
        if entry.state.is_none() {
            flags = ALL_OF_A_FRIEND;
        } else {
            if entry.state != state {
                flags |= STATUS;
            }
            if entry.lobby != lobby {
                flags |= GAME_PLAYED;
            }
        }
        *entry = FriendEntry {
            state,
            lobby,
            is_stale: false,
            awaits_picture,
        };
        if flags != 0 {
            self.notice(Notice::PersonaStateChange { user, flags });
        }
    }

    /// Whether a friend's picture may still come to a directory that has just taken over.
    fn awaits_picture(&self, user: SteamId) -> bool {
        let people = &self.people;
        let is_new_here = |friend: &FriendEntry| friend.is_stale || friend.awaits_picture;
        people.stale_until.is_some()
            && people.friends.get(&user).is_some_and(is_new_here)
            && people.known_avatar(user) != 0
    }

    pub(in crate::mirror) fn friend_gone(&mut self, user: SteamId) {
        let Some(friend) = self.people.friends.get_mut(&user) else {
            return;
        };
        if friend.state.is_none() {
            return;
        }
        *friend = FriendEntry::default();
        self.people.presences.remove(user);
        let flags = STATUS | GONE_OFFLINE | GAME_PLAYED;
        self.notice(Notice::PersonaStateChange { user, flags });
        self.notice(Notice::UserGone { user });
    }

    /// The friend who has been gone longest makes room.
    fn make_room_for_a_friend(&mut self) {
        let people = &mut self.people;
        if people.friends_order.len() < MAX_REMEMBERED_FRIENDS {
            return;
        }
        let is_gone = |user: &SteamId| {
            let found = people.friends.get(user);
            found.is_none_or(|friend| friend.state.is_none())
        };
        let place = people.friends_order.iter().position(is_gone).unwrap_or(0);
        let user = people.friends_order.remove(place);
        people.friends.remove(&user);
    }

    pub(in crate::mirror) fn learned_rich_presence(
        &mut self,
        user: SteamId,
        rich_presence: RichPresence,
    ) {
        let was_asked = self.questions.answered(Question::RichPresence(user));
        let is_told = was_asked || self.people.friends.contains_key(&user);
        if user == self.me || !is_told || !is_sound_presence(&rich_presence) {
            return;
        }
        let before = self.people.presences.get(user);
        let is_news = before.map_or(!rich_presence.is_empty(), |before| *before != rich_presence);
        if is_news {
            self.people.presences.insert(user, rich_presence);
            let flags = RICH_PRESENCE;
            self.notice(Notice::PersonaStateChange { user, flags });
        }
        if is_news || was_asked {
            self.notice(Notice::FriendRichPresenceUpdate {
                user,
                app_id: self.app_id,
            });
        }
    }

    pub(in crate::mirror) fn learned_avatar(
        &mut self,
        user: SteamId,
        avatar: u64,
        pixels: Vec<u8>,
    ) {
        let known = self.people.known.get(user).and_then(|known| known.avatar);
        let was_asked = self.people.avatars_asked.get(user).is_some();
        if known != Some(avatar) || avatar == 0 || pixels.len() != AVATAR_BYTES || !was_asked {
            return;
        }
        let picture = (avatar, Arc::from(pixels));
        self.people.avatars_asked.remove(user);
        self.people.avatars.insert(user, picture);
        let flags = AVATAR;
        self.notice(Notice::PersonaStateChange { user, flags });
    }

    pub(in crate::mirror) fn told(&mut self, from: SteamId, name: String, tell: Tell) {
        self.people.learn_name(from, name);
        self.notice(Notice::Told { from, tell });
    }
}
