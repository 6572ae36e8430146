//! Searching lobbies.
//!
//! A search first narrows the lobbies that can be found at all down to those that pass its filters, with whole sets of
//! the index where it can ([`narrowing`]); what sets cannot tell cheaply is left as tests of single lobbies. Then the
//! nearest of them are chosen ([`nearest`]).

mod narrowing;
mod nearest;
mod wanted;

use super::lobbies::{AppIndex, Index, Lobbies, Slots};
use crate::filters::SearchFilters;
use crate::limits::{MAX_FILTERS, MAX_RESULT_BYTES, MAX_RESULTS, PAIR_BYTES};
use crate::lobby::LobbySnapshot;
use crate::protocol::LobbySummary;

/// What a search of one app looks at.
#[derive(Clone, Copy)]
struct View<'a> {
    slots: &'a Slots,
    index: &'a Index,
    app: &'a AppIndex,
}

impl Lobbies {
    /// The lobbies of an app that a search finds, best first: listed, joinable, not full, and all filters hold.
    pub(super) fn search(&self, app_id: u32, filters: &SearchFilters) -> Vec<LobbySummary> {
        let mut bytes = 0;
        self.find(app_id, filters)
            .into_iter()
            .map(LobbySnapshot::summary)
            .take_while(|summary| {
                bytes += summary
                    .data
                    .iter()
                    .map(|(key, value)| key.len() + value.len() + PAIR_BYTES)
                    .sum::<usize>()
                    + 64;
                bytes <= MAX_RESULT_BYTES
            })
            .collect()
    }

    fn find(&self, app_id: u32, filters: &SearchFilters) -> Vec<&LobbySnapshot> {
        if filters.text.len() + filters.number.len() + filters.near.len() > MAX_FILTERS {
            return Vec::new();
        }
        let Some(app) = self.index().app(app_id) else {
            return Vec::new();
        };
        let view = View {
            slots: self.slots(),
            index: self.index(),
            app,
        };
        let Some(narrowed) = narrowing::narrow(view, filters) else {
            return Vec::new();
        };
        let count = filters.count.min(MAX_RESULTS) as usize;
        nearest::choose(view, &narrowed, &filters.near, count)
            .into_iter()
            .filter_map(|slot| self.slots().get(slot as usize))
            .collect()
    }
}

#[cfg(test)]
mod tests;
