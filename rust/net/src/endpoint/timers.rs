//! When each of many things is due, so that a turn costs what is due in it and not what there is.

use std::collections::{BTreeSet, HashMap};
use std::hash::Hash;
use std::time::Instant;

/// One time for each key at most.
#[derive(Debug)]
pub(super) struct Timers<K> {
    order: BTreeSet<(Instant, K)>,
    by_key: HashMap<K, Instant>,
}

impl<K> Default for Timers<K> {
    fn default() -> Self {
        Self {
            order: BTreeSet::new(),
            by_key: HashMap::new(),
        }
    }
}

impl<K: Copy + Ord + Hash> Timers<K> {
    /// Replaces the time of a key; `None` when nothing is due.
    pub(super) fn set(&mut self, key: K, at: Option<Instant>) {
        let before = match at {
            Some(at) => self.by_key.insert(key, at),
            None => self.by_key.remove(&key),
        };
        if before == at {
            return;
        }
        if let Some(before) = before {
            self.order.remove(&(before, key));
        }
        if let Some(at) = at {
            self.order.insert((at, key));
        }
    }

    /// The earliest time of all.
    pub(super) fn first(&self) -> Option<Instant> {
        self.order.first().map(|(at, _)| *at)
    }

    /// Takes the earliest of those that are due.
    pub(super) fn pop_due(&mut self, now: Instant) -> Option<K> {
        self.first().filter(|at| *at <= now)?;
        let (_, key) = self.order.pop_first()?;
        self.by_key.remove(&key);
        Some(key)
    }

    /// Nothing is due any more.
    pub(super) fn clear(&mut self) {
        self.order.clear();
        self.by_key.clear();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    #[test]
    fn each_key_is_due_once_at_its_latest_time() {
        let now = Instant::now();
        let at = |ms| now + Duration::from_millis(ms);
        let mut timers = Timers::default();
        for key in 0..100_u64 {
            timers.set(key, Some(at(1)));
            timers.set(key, Some(at(100 - key)));
        }
        timers.set(50, None);
        timers.set(50, None);
        timers.set(99, Some(at(200)));
        assert_eq!(timers.first(), Some(at(2)));
        assert_eq!(timers.pop_due(at(1)), None);
        let due: Vec<u64> = std::iter::from_fn(|| timers.pop_due(at(100))).collect();
        let expected: Vec<u64> = (0..99).rev().filter(|key| *key != 50).collect();
        assert_eq!(due, expected);
        assert_eq!(timers.first(), Some(at(200)));
        timers.clear();
        assert_eq!((timers.first(), timers.by_key.len()), (None, 0));
    }
}
