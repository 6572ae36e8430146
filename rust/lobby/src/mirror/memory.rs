//! A bounded map that forgets what came in first.

use std::collections::{HashMap, VecDeque};
use std::hash::Hash;

pub(super) struct Memory<K, V> {
    most: usize,
    values: HashMap<K, V>,
    order: VecDeque<K>,
}

impl<K: Copy + Eq + Hash, V> Memory<K, V> {
    pub(super) fn new(most: usize) -> Self {
        Self {
            most,
            values: HashMap::new(),
            order: VecDeque::new(),
        }
    }

    pub(super) fn get(&self, key: K) -> Option<&V> {
        self.values.get(&key)
    }

    pub(super) fn insert(&mut self, key: K, value: V) -> Option<V> {
        let old = self.values.insert(key, value);
        if old.is_none() {
            self.order.push_back(key);
            if self.order.len() > self.most
                && let Some(oldest) = self.order.pop_front()
            {
                self.values.remove(&oldest);
            }
        }
        old
    }

    pub(super) fn remove(&mut self, key: K) {
        if self.values.remove(&key).is_some() {
            self.order.retain(|other| *other != key);
        }
    }
}
