//! Who is there: the local user's persona, friends, and who else is known.

use std::collections::HashMap;
use std::sync::Arc;

use samovar_id::SteamId;

use super::memory::Memory;
use super::{Mirror, Notice};
use crate::error::{LobbyError, PersonaError};
use crate::limits::{
    AVATAR_BYTES, MAX_AVATARS, MAX_CACHED_NAMES, MAX_CONNECT, MAX_NAME, MAX_REMEMBERED_FRIENDS,
    SETTLE_MS,
};
use crate::persona::{
    Friend, Persona, PersonaState, RichPresence, Tell, is_sound_presence, set_presence,
};
use crate::protocol::{Command, DirectoryId, Millis};

/// How long an unanswered question for a user keeps others from being asked, in milliseconds.
const PATIENCE_MS: u64 = 5_000;

/// `EPersonaChange`.
const NAME: u32 = 1;
const STATUS: u32 = 2;
const COME_ONLINE: u32 = 4;
const GONE_OFFLINE: u32 = 8;
const GAME_PLAYED: u32 = 16;
const AVATAR: u32 = 64;
const RICH_PRESENCE: u32 = 0x4000;
const ALL_OF_A_FRIEND: u32 = NAME | STATUS | COME_ONLINE | GAME_PLAYED | AVATAR;

/// A user's picture, as far as it is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Avatar {
    /// The user has none of its own: one is made from the ID.
    Generated,
    /// It is not here yet; [`Notice::PersonaStateChange`] follows when it is.
    Asked,
    /// Its number and its pixels, [`AVATAR_BYTES`].
    Own(u64, Arc<[u8]>),
}

/// What is known of somebody else.
#[derive(Clone, Debug, Default)]
struct Known {
    name: String,
    /// `None` while only the name is known.
    avatar: Option<u64>,
}

/// What is known of a friend beside that.
#[derive(Clone, Debug, Default)]
struct FriendEntry {
    /// `None`: offline.
    state: Option<PersonaState>,
    lobby: Option<SteamId>,
    /// Not heard of again since another directory has taken over.
    is_stale: bool,
    /// Heard of again, but the directory does not have its picture yet.
    awaits_picture: bool,
}

pub(super) struct People {
    pub(super) me: Persona,
    my_presence: RichPresence,
    my_pixels: Option<Arc<[u8]>>,
    known: Memory<SteamId, Known>,
    asked: Memory<SteamId, Millis>,
    friends: HashMap<SteamId, FriendEntry>,
    /// In the order of their coming.
    friends_order: Vec<SteamId>,
    /// When friends of whom a new directory has not told count as gone.
    stale_until: Option<Millis>,
    friends_of: Option<DirectoryId>,
    presences: Memory<SteamId, RichPresence>,
    /// Whose presence the game has asked for.
    presences_asked: Memory<SteamId, ()>,
    avatars: Memory<SteamId, (u64, Arc<[u8]>)>,
    avatars_asked: Memory<SteamId, Millis>,
}

impl People {
    pub(super) fn new(me: Persona) -> Self {
        Self {
            me,
            my_presence: RichPresence::new(),
            my_pixels: None,
            known: Memory::new(MAX_CACHED_NAMES),
            asked: Memory::new(MAX_CACHED_NAMES),
            friends: HashMap::new(),
            friends_order: Vec::new(),
            stale_until: None,
            friends_of: None,
            presences: Memory::new(MAX_CACHED_NAMES),
            presences_asked: Memory::new(MAX_REMEMBERED_FRIENDS),
            avatars: Memory::new(MAX_AVATARS),
            avatars_asked: Memory::new(MAX_AVATARS),
        }
    }

    pub(super) fn poll_timeout(&self) -> Option<Millis> {
        self.stale_until
    }

    /// True when the name was not known, or was another.
    pub(super) fn learn_name(&mut self, user: SteamId, mut name: String) -> bool {
        name.truncate(name.floor_char_boundary(MAX_NAME));
        let before = self.known.get(user);
        let avatar = before.and_then(|known| known.avatar);
        let same = before.is_some_and(|known| known.name == name);
        self.known.insert(user, Known { name, avatar });
        !same
    }

    /// What of a user is different from what was known, as `EPersonaChange`.
    fn learn_persona(&mut self, user: SteamId, mut persona: Persona) -> u32 {
        persona
            .name
            .truncate(persona.name.floor_char_boundary(MAX_NAME));
        let known = Known {
            name: persona.name,
            avatar: Some(persona.avatar),
        };
        let mut flags = 0;
        match self.known.get(user) {
            Some(before) => {
                if before.name != known.name {
                    flags |= NAME;
                }
                if before.avatar != known.avatar {
                    flags |= AVATAR;
                }
            }
            None => flags |= NAME | AVATAR,
        }
        self.known.insert(user, known);
        flags
    }

    fn known_avatar(&self, user: SteamId) -> u64 {
        let known = self.known.get(user).and_then(|known| known.avatar);
        known.unwrap_or(0)
    }

    fn learn_no_picture(&mut self, user: SteamId) {
        if let Some(known) = self.known.get(user) {
            let name = known.name.clone();
            let avatar = Some(0);
            self.known.insert(user, Known { name, avatar });
        }
    }

    fn is_patient(asked: &Memory<SteamId, Millis>, user: SteamId, now: Millis) -> bool {
        asked.get(user).is_some_and(|at| now < at.plus(PATIENCE_MS))
    }
}

impl Mirror {
    /// The local user's persona.
    pub fn persona(&self) -> &Persona {
        &self.people.me
    }

    /// The local user's rich presence.
    pub fn my_rich_presence(&self) -> &RichPresence {
        &self.people.my_presence
    }

    /// Gives the local user another name, at most [`MAX_NAME`] bytes, or state.
    pub fn set_persona(&mut self, now: Millis, name: &str, state: PersonaState) {
        let me = &mut self.people.me;
        let name = &name[..name.floor_char_boundary(MAX_NAME)];
        let mut flags = 0;
        if me.name != name {
            flags |= NAME;
        }
        if me.state != state {
            flags |= STATUS;
        }
        if flags == 0 {
            return;
        }
        name.clone_into(&mut me.name);
        me.state = state;
        let persona = me.clone();
        self.gather_persona(now, Command::SetPersona(persona));
        let user = self.me;
        self.notice(Notice::PersonaStateChange { user, flags });
    }

    /// Gives the local user a picture of its own, or takes it away. `avatar` is a random number for it, not 0.
    ///
    /// # Errors
    /// [`PersonaError::NotAnAvatar`].
    pub fn set_avatar(&mut self, picture: Option<(u64, Arc<[u8]>)>) -> Result<(), PersonaError> {
        if let Some((avatar, pixels)) = &picture
            && (*avatar == 0 || pixels.len() != AVATAR_BYTES)
        {
            return Err(PersonaError::NotAnAvatar);
        }
        let (avatar, pixels) = match picture {
            Some((avatar, pixels)) => (avatar, Some(pixels)),
            None => (0, None),
        };
        self.people.me.avatar = avatar;
        self.people.my_pixels = pixels;
        self.waiting
            .retain(|command| !matches!(command, Command::SetAvatar { .. }));
        // Waits beyond the bound if it must: at most one does.
        let command = self.my_avatar();
        self.waiting.push_back(command);
        let user = self.me;
        self.notice(Notice::PersonaStateChange {
            user,
            flags: AVATAR,
        });
        Ok(())
    }

    /// Sets a key of the local user's rich presence, visible here at once; an empty value removes it.
    ///
    /// # Errors
    /// For a key or value out of bounds, and for too many keys.
    pub fn set_rich_presence(
        &mut self,
        now: Millis,
        key: &str,
        value: &str,
    ) -> Result<(), PersonaError> {
        if set_presence(&mut self.people.my_presence, key, value)? {
            let all = self.people.my_presence.clone();
            self.gather_persona(now, Command::SetRichPresence(all));
        }
        Ok(())
    }

    /// Removes all keys of the local user's rich presence.
    pub fn clear_rich_presence(&mut self, now: Millis) {
        if !self.people.my_presence.is_empty() {
            self.people.my_presence.clear();
            self.gather_persona(now, Command::SetRichPresence(RichPresence::new()));
        }
    }

    /// A user's rich presence, as far as it is known.
    pub fn rich_presence(&self, user: SteamId) -> Option<&RichPresence> {
        if user == self.me {
            Some(&self.people.my_presence)
        } else {
            self.people.presences.get(user)
        }
    }

    /// Asks for a user's rich presence. [`Notice::FriendRichPresenceUpdate`] answers, if there is such a user.
    ///
    /// # Errors
    /// [`LobbyError::NotAUser`], [`LobbyError::TooManyPending`].
    pub fn request_rich_presence(&mut self, user: SteamId) -> Result<(), LobbyError> {
        if !user.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        self.queue(Command::RichPresence { user })?;
        self.people.presences_asked.insert(user, ());
        Ok(())
    }

    /// Tells a user something, if it is there. Nobody learns whether it was.
    ///
    /// # Errors
    /// [`LobbyError::NotAUser`], [`LobbyError::ConnectTooLong`], [`LobbyError::TooOften`], [`LobbyError::TooManyPending`].
    pub fn tell(&mut self, now: Millis, to: SteamId, tell: Tell) -> Result<(), LobbyError> {
        if !to.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        if let Tell::GameInvite { connect } = &tell
            && connect.len() > MAX_CONNECT
        {
            return Err(LobbyError::ConnectTooLong { len: connect.len() });
        }
        self.has_room()?;
        if !self.speech.take(now) {
            return Err(LobbyError::TooOften);
        }
        self.queue(Command::Tell { to, tell })
    }

    /// The friends in the order of their coming, with those who have gone.
    pub fn friends(&self) -> &[SteamId] {
        &self.people.friends_order
    }

    /// Whether a user is a friend, here or gone.
    pub fn is_friend(&self, user: SteamId) -> bool {
        self.people.friends.contains_key(&user)
    }

    /// What a user says of its being there; `None` when it is not, or nothing is known of it.
    pub fn persona_state(&self, user: SteamId) -> Option<PersonaState> {
        if user == self.me {
            return Some(self.people.me.state);
        }
        match self.people.friends.get(&user) {
            Some(friend) => friend.state,
            None => self
                .lobbies()
                .any(|lobby| lobby.member(user).is_some())
                .then_some(PersonaState::Online),
        }
    }

    /// The lobby that a friend is seen in. Of the local user, a lobby that its friends see it in.
    pub fn friend_lobby(&self, user: SteamId) -> Option<SteamId> {
        if user == self.me {
            return self.lobbies().map(|lobby| lobby.id).next();
        }
        self.people.friends.get(&user)?.lobby
    }

    /// A user's name, if it is known.
    pub fn known_name(&self, user: SteamId) -> Option<&str> {
        if user == self.me {
            Some(&self.people.me.name)
        } else {
            self.people.known.get(user).map(|known| known.name.as_str())
        }
    }

    /// A user's name; asks for it when it is not known, and [`Notice::PersonaStateChange`] answers if there is one.
    pub fn persona_name(&mut self, now: Millis, user: SteamId) -> Option<&str> {
        if self.known_name(user).is_none() {
            self.ask_persona(now, user);
        }
        self.known_name(user)
    }

    /// A user's picture; asks for it when it is not here.
    pub fn avatar(&mut self, now: Millis, user: SteamId) -> Avatar {
        if user == self.me {
            return match &self.people.my_pixels {
                Some(pixels) => Avatar::Own(self.people.me.avatar, Arc::clone(pixels)),
                None => Avatar::Generated,
            };
        }
        let Some(avatar) = self.people.known.get(user).map(|known| known.avatar) else {
            self.ask_persona(now, user);
            return Avatar::Generated;
        };
        match (avatar, self.people.avatars.get(user)) {
            (Some(0), _) => Avatar::Generated,
            (Some(wanted), Some((number, pixels))) if *number == wanted => {
                Avatar::Own(wanted, Arc::clone(pixels))
            }
            (Some(_), _) => {
                if !People::is_patient(&self.people.avatars_asked, user, now)
                    && self.queue(Command::Avatar { user }).is_ok()
                {
                    self.people.avatars_asked.insert(user, now);
                }
                Avatar::Asked
            }
            (None, _) => {
                self.ask_persona(now, user);
                Avatar::Generated
            }
        }
    }

    fn ask_persona(&mut self, now: Millis, user: SteamId) {
        if user.is_individual()
            && !People::is_patient(&self.people.asked, user, now)
            && self.queue(Command::Persona { user }).is_ok()
        {
            self.people.asked.insert(user, now);
        }
    }

    fn my_avatar(&self) -> Command {
        Command::SetAvatar {
            avatar: self.people.me.avatar,
            pixels: self
                .people
                .my_pixels
                .as_ref()
                .map_or_else(Vec::new, |pixels| pixels.to_vec()),
        }
    }

    /// A directory has welcomed this client: it does not have the picture, and its list of friends follows.
    pub(super) fn people_welcomed(&mut self, now: Millis, directory: DirectoryId) {
        let is_mine = |command: &Command| matches!(command, Command::SetAvatar { .. });
        if self.people.my_pixels.is_some() && !self.waiting.iter().any(is_mine) {
            let command = self.my_avatar();
            self.waiting.push_back(command);
        }
        let earlier = self.people.friends_of.replace(directory);
        if earlier.is_some_and(|earlier| earlier != directory) {
            for friend in self.people.friends.values_mut() {
                friend.is_stale = friend.state.is_some();
            }
            self.people.stale_until = Some(now.plus(SETTLE_MS));
        }
    }

    /// Friends of whom a directory that took over has not told are gone.
    pub(super) fn people_timeout(&mut self, now: Millis) {
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

    pub(super) fn learned_persona(&mut self, user: SteamId, persona: Persona) {
        if user == self.me {
            return;
        }
        let flags = self.people.learn_persona(user, persona);
        if flags != 0 {
            self.notice(Notice::PersonaStateChange { user, flags });
        }
    }

    /// All friends who are here, as the directory has them.
    pub(super) fn friends_are(&mut self, friends: Vec<Friend>) {
        let here: Vec<SteamId> = friends.iter().map(|friend| friend.user).collect();
        for friend in friends {
            self.friend_is(friend);
        }
        if self.people.stale_until.is_none() {
            let order = self.people.friends_order.iter().copied();
            let gone: Vec<SteamId> = order.filter(|user| !here.contains(user)).collect();
            for user in gone {
                self.friend_gone(user);
            }
        }
    }

    pub(super) fn friend_is(&mut self, friend: Friend) {
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

    pub(super) fn friend_gone(&mut self, user: SteamId) {
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

    pub(super) fn learned_rich_presence(&mut self, user: SteamId, rich_presence: RichPresence) {
        if user == self.me || !is_sound_presence(&rich_presence) {
            return;
        }
        let was_asked = self.people.presences_asked.get(user).is_some();
        self.people.presences_asked.remove(user);
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

    pub(super) fn learned_avatar(&mut self, user: SteamId, avatar: u64, pixels: Vec<u8>) {
        let known = self.people.known.get(user).and_then(|known| known.avatar);
        if known != Some(avatar) || avatar == 0 || pixels.len() != AVATAR_BYTES {
            return;
        }
        let picture = (avatar, Arc::from(pixels));
        self.people.avatars_asked.remove(user);
        self.people.avatars.insert(user, picture);
        let flags = AVATAR;
        self.notice(Notice::PersonaStateChange { user, flags });
    }

    pub(super) fn told(&mut self, from: SteamId, name: String, tell: Tell) {
        self.people.learn_name(from, name);
        self.notice(Notice::Told { from, tell });
    }
}
