//! Which sessions of the peers are over, so that what comes late is not taken for something new.

use std::collections::{HashMap, VecDeque};
use std::time::Instant;

use samovar_id::SteamId;

use super::config::{MAX_RECORDS, RECORD_LIFE};
use super::control::Flow;

type Key = (SteamId, Flow);

/// What is known of the past with one peer through one interface. All zero at first.
#[derive(Clone, Copy, Default)]
pub(super) struct Record {
    /// The peer's latest session that is over.
    pub(super) closed: u64,
    /// The incarnation and repeat number of the latest request that has been dealt with.
    pub(super) seen: (u64, u32),
}

impl Record {
    /// Whether a request is neither late nor a repetition of one that was dealt with.
    pub(super) fn is_news(&self, incarnation: u64, repeat: u32) -> bool {
        (incarnation, repeat) > self.seen && incarnation >= self.closed
    }

    /// Whether a request is of a session that is over, and not a new attempt to begin it.
    pub(super) fn is_late(&self, incarnation: u64, repeat: u32) -> bool {
        incarnation <= self.closed && !self.is_news(incarnation, repeat)
    }

    /// Our side of the peer's session has failed. The peer may not have noticed, or still be asking with the same
    /// session: when it asks again, that is news.
    pub(super) fn reopen(&mut self, incarnation: u64) {
        self.closed = self.closed.min(incarnation.saturating_sub(1));
        self.seen = (self.closed, u32::MAX);
    }

    /// A request has not been dealt with after all.
    pub(super) fn unsee(&mut self, incarnation: u64) {
        self.seen = self.seen.min((incarnation.saturating_sub(1), u32::MAX));
    }

    /// The peer's session is over.
    pub(super) fn close(&mut self, incarnation: u64) {
        self.closed = self.closed.max(incarnation);
        self.seen = self.seen.max((incarnation, 0));
    }
}

/// The records used most recently, of [`MAX_RECORDS`] peers and interfaces at most.
#[derive(Default)]
pub(super) struct Records {
    map: HashMap<Key, (Record, Instant, u64)>,
    /// The keys in the order in which they were written, with the number of the writing: only the last is valid.
    order: VecDeque<(Key, u64)>,
    writings: u64,
}

impl Records {
    pub(super) fn get(&self, now: Instant, peer: SteamId, flow: Flow) -> Record {
        match self.map.get(&(peer, flow)) {
            Some((record, at, _)) if now.saturating_duration_since(*at) < RECORD_LIFE => *record,
            _ => Record::default(),
        }
    }

    /// The peer's latest session that is over, however long ago.
    pub(super) fn closed(&self, peer: SteamId, flow: Flow) -> u64 {
        self.map
            .get(&(peer, flow))
            .map_or(0, |(record, _, _)| record.closed)
    }

    pub(super) fn update(
        &mut self,
        now: Instant,
        peer: SteamId,
        flow: Flow,
        change: impl FnOnce(&mut Record),
    ) {
        let mut record = self.get(now, peer, flow);
        change(&mut record);
        self.writings += 1;
        self.map.insert((peer, flow), (record, now, self.writings));
        self.order.push_back(((peer, flow), self.writings));
        while self.map.len() > MAX_RECORDS {
            let Some((key, writing)) = self.order.pop_front() else {
                break;
            };
            if self.is_last(&key, writing) {
                self.map.remove(&key);
            }
        }
        if self.order.len() > 2 * MAX_RECORDS {
            let mut order = std::mem::take(&mut self.order);
            order.retain(|(key, writing)| self.is_last(key, *writing));
            self.order = order;
        }
    }

    fn is_last(&self, key: &Key, writing: u64) -> bool {
        self.map
            .get(key)
            .is_some_and(|(_, _, last)| *last == writing)
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert!(self.map.len() <= MAX_RECORDS);
        assert!(self.order.len() <= 2 * MAX_RECORDS);
    }
}
