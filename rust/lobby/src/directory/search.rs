//! Searching lobbies.

use super::lobbies::Lobbies;
use crate::filters::SearchFilters;
use crate::limits::{MAX_FILTERS, MAX_RESULT_BYTES, MAX_RESULTS, PAIR_BYTES};
use crate::lobby::LobbySnapshot;
use crate::protocol::LobbySummary;

impl Lobbies {
    /// The lobbies of an app that a search finds, best first: listed, joinable, not full, and all filters hold.
    pub(super) fn search(&self, app_id: u32, filters: &SearchFilters) -> Vec<LobbySummary> {
        if filters.text.len() + filters.number.len() + filters.near.len() > MAX_FILTERS {
            return Vec::new();
        }
        let mut found: Vec<(Vec<u64>, &LobbySnapshot)> = self
            .iter()
            .filter(|lobby| lobby.app_id == app_id && lobby.kind.is_listed() && lobby.joinable)
            .filter(|lobby| lobby.open_slots() >= filters.slots.max(1))
            .filter(|lobby| passes(lobby, filters))
            .map(|lobby| (distances(lobby, filters), lobby))
            .collect();
        found.sort_by(|one, other| one.0.cmp(&other.0));
        let mut bytes = 0;
        found
            .into_iter()
            .take(filters.count.min(MAX_RESULTS) as usize)
            .map(|(_, lobby)| lobby.summary())
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
}

fn passes(lobby: &LobbySnapshot, filters: &SearchFilters) -> bool {
    let text = filters.text.iter().all(|(key, wanted, comparison)| {
        comparison.holds(
            lobby.data.get(key).map_or("", String::as_str),
            wanted.as_str(),
        )
    });
    text && filters.number.iter().all(|(key, wanted, comparison)| {
        number(lobby, key).is_some_and(|value| comparison.holds(&value, &i64::from(*wanted)))
    })
}

/// For each near filter how far the lobby is from it; a lobby without the key is farthest.
fn distances(lobby: &LobbySnapshot, filters: &SearchFilters) -> Vec<u64> {
    let distance = |(key, wanted): &(String, i32)| {
        number(lobby, key).map_or(u64::MAX, |value| value.abs_diff(i64::from(*wanted)))
    };
    filters.near.iter().map(distance).collect()
}

fn number(lobby: &LobbySnapshot, key: &str) -> Option<i64> {
    lobby.data.get(key)?.trim().parse().ok()
}
