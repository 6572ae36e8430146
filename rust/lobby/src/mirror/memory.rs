//! A bounded map that forgets what came in first.

use std::collections::{BTreeMap, HashMap, VecDeque};
use std::hash::Hash;

/// What a pair of key and value costs in memory beside their bytes: two texts, their allocations, and room in the map.
const PAIR_COST: usize = 2 * size_of::<String>() + 48;

pub(super) struct Memory<K, V> {
    most: usize,
    /// The most that all values may weigh together.
    most_bytes: usize,
    weigh: fn(&V) -> usize,
    bytes: usize,
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Copy + Eq + Hash, V> Memory<K, V> {
    /// Keeps up to `most` values, all of which are small.
    pub(super) fn new(most: usize) -> Self {
        Self::weighed(most, usize::MAX, |_| 0)
    }

    /// Keeps up to `most` values that weigh no more than `most_bytes` together.
    pub(super) fn weighed(most: usize, most_bytes: usize, weigh: fn(&V) -> usize) -> Self {
        Self {
            most,
            most_bytes,
            weigh,
            bytes: 0,
            values: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.values.get(&key)
    }

    /// What all values weigh.
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        self.bytes += (self.weigh)(&value);
        let old = self.values.insert(key, value);
        match &old {
            Some(old) => self.bytes -= (self.weigh)(old),
            None => self.order.push_back(key),
        }
        while self.order.len() > self.most || self.bytes > self.most_bytes {
            let Some(oldest) = self.order.pop_front() else {
                break;
            };
            self.forget(oldest);
        }
        old
    }

    pub(super) fn remove(&mut self, key: K) {
        if self.forget(key) {
            self.order.retain(|other| *other != key);
        }
    }

    fn forget(&mut self, key: K) -> bool {
        let value = self.values.remove(&key);
        if let Some(value) = &value {
            self.bytes -= (self.weigh)(value);
        }
        value.is_some()
    }
}

/// What pairs cost in memory, in bytes.
pub(super) fn cost(pairs: &BTreeMap<String, String>) -> usize {
    let cost = |(key, value): (&String, &String)| key.capacity() + value.capacity() + PAIR_COST;
    pairs.iter().map(cost).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_weighs_no_more_than_it_may() {
        let mut memory = Memory::weighed(10, 100, |value: &Vec<u8>| value.len());
        for key in 0..50 {
            memory.insert(key % 7, vec![0; key]);
            let kept: usize = memory.values.values().map(Vec::len).sum();
            assert_eq!(memory.bytes(), kept);
            assert_eq!(memory.order.len(), memory.values.len());
            assert!(kept <= 100, "{kept}");
            if key % 5 == 0 {
                memory.remove(key % 3);
            }
        }
        assert!(memory.get(0).is_some(), "the newest");
        memory.insert(9, vec![0; 101]);
        assert_eq!(
            memory.bytes(),
            0,
            "one that is too large for itself is not kept"
        );
        assert!(memory.values.is_empty());
    }
}
