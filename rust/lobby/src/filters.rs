//! What a search is for.

use serde::{Deserialize, Deserializer, Serialize};

use crate::limits::{DEFAULT_RESULTS, MAX_FILTERS, MAX_KEY, MAX_RESULTS, MAX_VALUE};
use crate::protocol::bounded;

/// `ELobbyComparison`: how a filter compares a lobby's value with its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Comparison {
    /// The lobby's is less or equal (-2).
    EqualOrLess,
    /// The lobby's is less (-1).
    Less,
    /// They are equal (0).
    Equal,
    /// The lobby's is greater (1).
    Greater,
    /// The lobby's is greater or equal (2).
    EqualOrGreater,
    /// They differ (3).
    NotEqual,
}

impl Comparison {
    /// The comparison with `ELobbyComparison`'s number.
    pub fn from_number(number: i64) -> Option<Self> {
        Some(match number {
            -2 => Self::EqualOrLess,
            -1 => Self::Less,
            0 => Self::Equal,
            1 => Self::Greater,
            2 => Self::EqualOrGreater,
            3 => Self::NotEqual,
            _ => return None,
        })
    }

    /// Whether `lobby`, compared so with `wanted`, passes.
    pub fn holds<T: Ord + ?Sized>(self, lobby: &T, wanted: &T) -> bool {
        match self {
            Self::EqualOrLess => lobby <= wanted,
            Self::Less => lobby < wanted,
            Self::Equal => lobby == wanted,
            Self::Greater => lobby > wanted,
            Self::EqualOrGreater => lobby >= wanted,
            Self::NotEqual => lobby != wanted,
        }
    }
}

/// What a search is for. All filters must hold.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SearchFilters {
    /// Key, value, comparison as text. A lobby without the key has the empty text.
    #[serde(deserialize_with = "read_text")]
    pub text: Vec<(String, String, Comparison)>,
    /// Key, value, comparison as number. A lobby whose value is no number does not pass.
    #[serde(deserialize_with = "read_number")]
    pub number: Vec<(String, i32, Comparison)>,
    /// Keys whose values should be close to a number; the first matters most. They exclude nothing.
    #[serde(deserialize_with = "read_near")]
    pub near: Vec<(String, i32)>,
    /// At least so many open places.
    pub slots: u32,
    /// At most so many results.
    pub count: u32,
}

impl Default for SearchFilters {
    fn default() -> Self {
        Self {
            text: Vec::new(),
            number: Vec::new(),
            near: Vec::new(),
            slots: 0,
            count: DEFAULT_RESULTS.min(MAX_RESULTS),
        }
    }
}

/// A key, as filters have it.
#[derive(Deserialize)]
struct Key(#[serde(deserialize_with = "bounded::string::<_, MAX_KEY>")] String);

/// A value that is compared as text.
#[derive(Deserialize)]
struct Value(#[serde(deserialize_with = "bounded::string::<_, MAX_VALUE>")] String);

fn read_text<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, String, Comparison)>, D::Error> {
    let read = bounded::vec::<D, (Key, Value, Comparison), MAX_FILTERS>(deserializer)?;
    let plain = |(Key(key), Value(value), comparison)| (key, value, comparison);
    Ok(read.into_iter().map(plain).collect())
}

fn read_number<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<Vec<(String, i32, Comparison)>, D::Error> {
    let read = bounded::vec::<D, (Key, i32, Comparison), MAX_FILTERS>(deserializer)?;
    let plain = |(Key(key), value, comparison)| (key, value, comparison);
    Ok(read.into_iter().map(plain).collect())
}

fn read_near<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<(String, i32)>, D::Error> {
    let read = bounded::vec::<D, (Key, i32), MAX_FILTERS>(deserializer)?;
    Ok(read
        .into_iter()
        .map(|(Key(key), value)| (key, value))
        .collect())
}
