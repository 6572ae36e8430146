//! Who a user is to others: name, state, picture and rich presence.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use serde::{Deserialize, Deserializer, Serialize};

use crate::error::PersonaError;
use crate::limits::{
    MAX_CONNECT, MAX_NAME, MAX_PRESENCE_KEY, MAX_PRESENCE_KEYS, MAX_PRESENCE_VALUE, PAIR_BYTES,
};
use crate::protocol::bounded;

/// Rich presence: what a user does in the game, by key.
pub type RichPresence = BTreeMap<String, String>;

/// `EPersonaState` of a user who is online, as far as users choose one here.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub enum PersonaState {
    /// `k_EPersonaStateOnline` (1).
    #[default]
    Online,
    /// `k_EPersonaStateBusy` (2).
    Busy,
    /// `k_EPersonaStateAway` (3).
    Away,
}

impl PersonaState {
    /// The state with `EPersonaState`'s number.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            1 => Self::Online,
            2 => Self::Busy,
            3 => Self::Away,
            _ => return None,
        })
    }

    /// `EPersonaState`'s number.
    pub fn number(self) -> u32 {
        match self {
            Self::Online => 1,
            Self::Busy => 2,
            Self::Away => 3,
        }
    }
}

/// What others see of a user.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Persona {
    /// The name, at most [`MAX_NAME`] bytes.
    #[serde(deserialize_with = "bounded::string::<_, MAX_NAME>")]
    pub name: String,
    /// What the user says of its being there.
    pub state: PersonaState,
    /// A random number that changes with the user's own picture; 0 for none, so that one is made from the ID.
    pub avatar: u64,
}

impl Persona {
    /// Online, with a name and no picture.
    pub fn named(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            ..Self::default()
        }
    }

    pub(crate) fn is_sound(&self) -> bool {
        self.name.len() <= MAX_NAME
    }
}

/// A user as its friends see it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Friend {
    /// The user.
    pub user: SteamId,
    /// Name, state and picture.
    pub persona: Persona,
    /// The lobby that friends see it in: public or for friends, and joinable.
    pub lobby: Option<SteamId>,
}

/// Something that one user says to another by way of the directory.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Tell {
    /// Join my game.
    GameInvite {
        /// What the game needs to do so; at most [`crate::limits::MAX_CONNECT`] bytes.
        #[serde(deserialize_with = "bounded::string::<_, MAX_CONNECT>")]
        connect: String,
    },
    /// I have begun a session with your ticket of this number.
    TicketUsed {
        /// The ticket's number.
        ticket: u64,
    },
    /// My ticket of this number does not count any more.
    TicketCancelled {
        /// The ticket's number.
        ticket: u64,
    },
}

/// Rich presence as it may be, for `serde`.
pub(crate) fn read_presence<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<RichPresence, D::Error> {
    const PAIR: usize = MAX_PRESENCE_KEY + MAX_PRESENCE_VALUE + PAIR_BYTES;
    bounded::pairs::<
        D,
        MAX_PRESENCE_KEYS,
        MAX_PRESENCE_KEY,
        MAX_PRESENCE_VALUE,
        { MAX_PRESENCE_KEYS * PAIR },
    >(deserializer)
}

/// Sets or, with an empty value, removes a key. False when nothing changed.
///
/// # Errors
/// For a key or value out of bounds, and for too many keys.
pub(crate) fn set_presence(
    presence: &mut RichPresence,
    key: &str,
    value: &str,
) -> Result<bool, PersonaError> {
    check_presence(key, value)?;
    if value.is_empty() {
        return Ok(presence.remove(key).is_some());
    }
    if presence.get(key).is_some_and(|old| old == value) {
        return Ok(false);
    }
    if !presence.contains_key(key) && presence.len() >= MAX_PRESENCE_KEYS {
        return Err(PersonaError::TooManyKeys);
    }
    presence.insert(key.to_owned(), value.to_owned());
    Ok(true)
}

fn check_presence(key: &str, value: &str) -> Result<(), PersonaError> {
    if key.is_empty() {
        return Err(PersonaError::KeyEmpty);
    }
    if key.len() > MAX_PRESENCE_KEY {
        return Err(PersonaError::KeyTooLong { len: key.len() });
    }
    if value.len() > MAX_PRESENCE_VALUE {
        return Err(PersonaError::ValueTooLong { len: value.len() });
    }
    Ok(())
}

/// Whether a client may have this.
pub(crate) fn is_sound_presence(presence: &RichPresence) -> bool {
    presence.len() <= MAX_PRESENCE_KEYS
        && presence
            .iter()
            .all(|(key, value)| !value.is_empty() && check_presence(key, value).is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keys_are_set_changed_and_removed() {
        let mut presence = RichPresence::new();
        assert_eq!(set_presence(&mut presence, "status", "at tea"), Ok(true));
        assert_eq!(set_presence(&mut presence, "status", "at tea"), Ok(false));
        assert_eq!(set_presence(&mut presence, "status", "in bed"), Ok(true));
        assert_eq!(set_presence(&mut presence, "status", ""), Ok(true));
        assert_eq!(set_presence(&mut presence, "status", ""), Ok(false));
        assert!(presence.is_empty());
    }

    #[test]
    fn bounds_are_steams() {
        let mut presence = RichPresence::new();
        for number in 0..30 {
            assert_eq!(
                set_presence(&mut presence, &format!("{number}"), "x"),
                Ok(true)
            );
        }
        let full = presence.clone();
        let refused = [
            ("30", "x".to_owned(), PersonaError::TooManyKeys),
            ("", "x".to_owned(), PersonaError::KeyEmpty),
            (
                "0",
                "x".repeat(257),
                PersonaError::ValueTooLong { len: 257 },
            ),
        ];
        for (key, value, error) in refused {
            assert_eq!(set_presence(&mut presence, key, &value), Err(error));
        }
        let long = "k".repeat(65);
        assert_eq!(
            set_presence(&mut presence, &long, "x"),
            Err(PersonaError::KeyTooLong { len: 65 })
        );
        assert_eq!(presence, full);
        assert!(is_sound_presence(&presence));
        assert_eq!(set_presence(&mut presence, "0", &"x".repeat(256)), Ok(true));
        presence.insert(long, "x".to_owned());
        assert!(!is_sound_presence(&presence));
    }
}
