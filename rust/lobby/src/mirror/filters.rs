//! What the next search is for.

use super::Mirror;
use crate::error::LobbyError;
use crate::filters::Comparison;
use crate::limits::{MAX_FILTERS, MAX_VALUE};
use crate::lobby::check_key;

impl Mirror {
    /// Compares the value of a key as text.
    ///
    /// # Errors
    /// For a key or value that is too long, and for too many filters.
    pub fn add_string_filter(
        &mut self,
        key: &str,
        value: &str,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        if value.len() > MAX_VALUE {
            return Err(LobbyError::ValueTooLong { len: value.len() });
        }
        self.filters
            .text
            .push((key.to_owned(), value.to_owned(), comparison));
        Ok(())
    }

    /// Compares the value of a key as a number.
    ///
    /// # Errors
    /// For a key that is too long, and for too many filters.
    pub fn add_numerical_filter(
        &mut self,
        key: &str,
        value: i32,
        comparison: Comparison,
    ) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        self.filters
            .number
            .push((key.to_owned(), value, comparison));
        Ok(())
    }

    /// Sorts by how close the value of a key comes.
    ///
    /// # Errors
    /// For a key that is too long, and for too many filters.
    pub fn add_near_value_filter(&mut self, key: &str, value: i32) -> Result<(), LobbyError> {
        self.check_filter(key)?;
        self.filters.near.push((key.to_owned(), value));
        Ok(())
    }

    /// At least so many open places.
    pub fn set_slots_filter(&mut self, slots: u32) {
        self.filters.slots = slots;
    }

    /// How far away lobbies may be (`ELobbyDistanceFilter`). Everybody whom a directory serves is near, so that it
    /// excludes nothing.
    pub fn set_distance_filter(&mut self, _distance: u8) {}

    /// At most so many results.
    pub fn set_result_count_filter(&mut self, count: u32) {
        self.filters.count = count;
    }

    fn check_filter(&self, key: &str) -> Result<(), LobbyError> {
        check_key(key)?;
        let filters = &self.filters;
        if filters.text.len() + filters.number.len() + filters.near.len() >= MAX_FILTERS {
            return Err(LobbyError::TooManyFilters);
        }
        Ok(())
    }
}
