//! What a search is for.

use serde::{Deserialize, Serialize};

use crate::limits::{DEFAULT_RESULTS, MAX_RESULTS};

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
    pub text: Vec<(String, String, Comparison)>,
    /// Key, value, comparison as number. A lobby whose value is no number does not pass.
    pub number: Vec<(String, i32, Comparison)>,
    /// Keys whose values should be close to a number; the first matters most. They exclude nothing.
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
