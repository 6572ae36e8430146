//! A search as it is without an index: a look at every lobby.

use samovar_lobby::{Directory, LobbySnapshot, LobbySummary, SearchFilters};

/// What the search finds, best first.
pub(super) fn scan(directory: &Directory, filters: &SearchFilters) -> Vec<LobbySummary> {
    let mut found: Vec<(Vec<u64>, &LobbySnapshot)> = directory
        .lobbies()
        .filter(|lobby| lobby.kind.is_listed() && lobby.joinable)
        .filter(|lobby| lobby.open_slots() >= filters.slots.max(1))
        .filter(|lobby| passes(lobby, filters))
        .map(|lobby| (distances(lobby, filters), lobby))
        .collect();
    found.sort_by(|one, other| one.0.cmp(&other.0));
    let best = found.into_iter().take(filters.count as usize);
    best.map(|(_, lobby)| lobby.summary()).collect()
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
pub(super) fn distances(lobby: &LobbySnapshot, filters: &SearchFilters) -> Vec<u64> {
    let distance = |(key, wanted): &(String, i32)| {
        number(lobby, key).map_or(u64::MAX, |value| value.abs_diff(i64::from(*wanted)))
    };
    filters.near.iter().map(distance).collect()
}

fn number(lobby: &LobbySnapshot, key: &str) -> Option<i64> {
    lobby.data.get(key)?.trim().parse().ok()
}
