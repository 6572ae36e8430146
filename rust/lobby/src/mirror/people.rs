//! Who is there: the local user's persona, friends, and who else is known.

mod me;
mod news;

use std::collections::HashMap;
use std::sync::Arc;

use samovar_id::SteamId;

use super::Mirror;
use super::memory::{self, Memory};
use super::questions::Question;
use crate::error::LobbyError;
use crate::limits::{MAX_AVATARS, MAX_CACHED_NAMES, MAX_CACHED_PRESENCE_BYTES, MAX_NAME};
use crate::persona::{Persona, PersonaState, RichPresence};
use crate::protocol::{Command, DirectoryId, Millis, News};

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
    /// It is not here yet; [`crate::Notice::PersonaStateChange`] follows when it is.
    Asked,
    /// Its number and its pixels, [`crate::limits::AVATAR_BYTES`].
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
    /// The number of its latest news of friends, of which none are missing.
    pub(super) news: Option<u64>,
    presences: Memory<SteamId, RichPresence>,
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
            news: None,
            presences: Memory::weighed(MAX_CACHED_NAMES, MAX_CACHED_PRESENCE_BYTES, memory::cost),
            avatars: Memory::new(MAX_AVATARS),
            avatars_asked: Memory::new(MAX_AVATARS),
        }
    }

    pub(super) fn cached_bytes(&self) -> usize {
        self.presences.bytes()
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

    /// News of a friend have come. The first of all follow on others, of which the end is told.
    pub(super) fn count_news(&mut self, number: u64) {
        if let Some(latest) = &mut self.news {
            *latest = number.max(*latest);
        }
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
    /// Which news of friends the user has heard, for a hello to the same directory.
    pub fn news(&self) -> Option<News> {
        Some(News {
            directory: self.people.friends_of?,
            number: self.people.news?,
        })
    }

    /// A user's rich presence, as far as it is known.
    pub fn rich_presence(&self, user: SteamId) -> Option<&RichPresence> {
        if user == self.me {
            Some(&self.people.my_presence)
        } else {
            self.people.presences.get(user)
        }
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
            return self.lobbies.keys().next().copied();
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

    /// A user's name; asks for it when it is not known, and [`crate::Notice::PersonaStateChange`] answers if there is one.
    pub fn persona_name(&mut self, now: Millis, user: SteamId) -> Option<&str> {
        if self.known_name(user).is_none() {
            self.ask_persona(now, user);
        }
        self.known_name(user)
    }

    /// Asks for a user's name, unless it is known. True when it is asked for: [`crate::Notice::PersonaStateChange`] answers, at
    /// the latest after [`crate::limits::REQUEST_TIMEOUT_MS`], as when there is no such user.
    ///
    /// # Errors
    /// [`LobbyError::NotAUser`], [`LobbyError::TooManyPending`].
    pub fn request_persona(&mut self, now: Millis, user: SteamId) -> Result<bool, LobbyError> {
        if !user.is_individual() {
            return Err(LobbyError::NotAUser);
        }
        if self.persona_name(now, user).is_some() {
            return Ok(false);
        }
        let question = Question::Persona(user);
        self.questions.has_room(question)?;
        self.questions.ask(now, question);
        Ok(true)
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
                    && self.queue_once(Command::Avatar { user }).is_ok()
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
            && self.queue_once(Command::Persona { user }).is_ok()
        {
            self.people.asked.insert(user, now);
        }
    }
}
