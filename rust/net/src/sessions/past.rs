//! Which connections are over, so that what comes late of them is not taken for something new.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::time::Instant;

use samovar_id::SteamId;

use super::config::{MAX_OVER, MAX_PASTS, RECORD_LIFE};
use super::consent::Dialler;

type Key = (SteamId, Dialler);

/// The connections with a peer that were dialled by the same side.
struct Past {
    /// All up to this number are over, and nothing more is said of them.
    floor: u64,
    /// Those above it that are over, and whether the peer has been told.
    over: BTreeMap<u64, bool>,
    at: Instant,
    writing: u64,
}

/// The pasts written most recently, at most [`MAX_PASTS`].
#[derive(Default)]
pub(super) struct Pasts {
    map: HashMap<Key, Past>,
    /// The keys by the number of the latest writing.
    order: BTreeSet<(u64, SteamId, Dialler)>,
    writings: u64,
}

impl Pasts {
    /// Whether a connection is over.
    pub(super) fn is_over(&self, now: Instant, key: Key, number: u64) -> bool {
        self.get(now, key)
            .is_some_and(|past| number <= past.floor || past.over.contains_key(&number))
    }

    /// Notes that a connection is over. Whether the peer has to be told, if `told` says that it should be: once.
    pub(super) fn end(&mut self, now: Instant, key: Key, number: u64, told: bool) -> bool {
        if self.get(now, key).is_some_and(|past| number <= past.floor) {
            return false;
        }
        self.writings += 1;
        let writing = self.writings;
        let past = self.map.entry(key).or_insert_with(|| Past {
            floor: 0,
            over: BTreeMap::new(),
            at: now,
            writing,
        });
        if now.saturating_duration_since(past.at) >= RECORD_LIFE {
            (past.floor, past.over) = (0, BTreeMap::new());
        }
        self.order.remove(&(past.writing, key.0, key.1));
        self.order.insert((writing, key.0, key.1));
        (past.at, past.writing) = (now, writing);
        let was_told = past.over.get(&number).copied().unwrap_or(false);
        past.over.insert(number, was_told || told);
        if past.over.len() > MAX_OVER
            && let Some((lowest, _)) = past.over.pop_first()
        {
            past.floor = lowest;
        }
        if self.map.len() > MAX_PASTS
            && let Some((_, peer, dialler)) = self.order.pop_first()
        {
            self.map.remove(&(peer, dialler));
        }
        told && !was_told
    }

    fn get(&self, now: Instant, key: Key) -> Option<&Past> {
        let past = self.map.get(&key)?;
        (now.saturating_duration_since(past.at) < RECORD_LIFE).then_some(past)
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert!(self.map.len() <= MAX_PASTS);
        assert_eq!(self.map.len(), self.order.len());
        assert!(self.map.values().all(|past| past.over.len() <= MAX_OVER));
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn what_is_over_stays_over_and_is_told_once() {
        let (now, key) = (Instant::now(), (SteamId::individual(1), Dialler::Them));
        let mut pasts = Pasts::default();
        let last = 2 * MAX_OVER as u64;
        for number in (1..=last).rev() {
            assert!(!pasts.is_over(now, key, number));
            pasts.end(now, key, number, false);
            assert!(pasts.is_over(now, key, number));
            pasts.check();
            if number <= last - MAX_OVER as u64 {
                break;
            }
        }
        assert!(pasts.is_over(now, key, 1), "older than all that are kept");
        assert!(!pasts.end(now, key, 1, true), "nothing is said of those");
        assert!(pasts.end(now, key, last, true));
        assert!(!pasts.end(now, key, last, true));
        assert!(!pasts.is_over(now, key, last + 1));
        assert!(!pasts.is_over(now, (key.0, Dialler::Us), last));
        assert!(!pasts.is_over(now + RECORD_LIFE, key, last));
        pasts.end(now + Duration::from_secs(700), key, 5, false);
        assert!(!pasts.is_over(now + Duration::from_secs(700), key, 4));
    }

    #[test]
    fn the_past_of_many_peers_is_bounded() {
        let now = Instant::now();
        let mut pasts = Pasts::default();
        for number in 0..2 * MAX_PASTS as u64 {
            pasts.end(now, (SteamId::individual(number), Dialler::Us), 1, false);
            pasts.end(now, (SteamId::individual(0), Dialler::Us), number, false);
            pasts.check();
        }
        assert!(pasts.is_over(now, (SteamId::individual(0), Dialler::Us), 1));
        assert!(!pasts.is_over(now, (SteamId::individual(1), Dialler::Us), 1));
    }
}
