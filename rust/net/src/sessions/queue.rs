//! What waits in one session to be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::Bytes;

use super::config::{CHANNEL_PART, MAX_QUEUED_MESSAGES, NAGLE_BYTES};

pub(super) struct Queued {
    pub(super) channel: u32,
    pub(super) reliable: bool,
    pub(super) data: Bytes,
}

/// The reliable messages of a channel, or the unreliable ones: neither holds up the other, nor another channel.
type Lane = (u32, bool);

/// Messages that may go, and behind them those that wait for more to go with them.
#[derive(Default)]
pub(super) struct SendQueue {
    /// Messages with their place in the order of going. Emptied lanes stay for their memory: there are as many as
    /// channels, twice.
    lanes: BTreeMap<Lane, VecDeque<(u64, Queued)>>,
    /// The lanes that have messages, by the place of the first.
    order: BTreeMap<u64, Lane>,
    next: u64,
    held: VecDeque<Queued>,
    held_bytes: usize,
    /// When those that wait go at the latest.
    flush_at: Option<Instant>,
    messages: usize,
    bytes: usize,
    reliable_bytes: usize,
    /// What of it waits on each channel that has any.
    channel_bytes: BTreeMap<u32, usize>,
    /// Bytes that the endpoint has taken and the connection has not, on each channel that has any.
    in_flight: BTreeMap<u32, usize>,
}

impl SendQueue {
    pub(super) fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) fn reliable_bytes(&self) -> usize {
        self.reliable_bytes
    }

    pub(super) fn len(&self) -> usize {
        self.messages
    }

    pub(super) fn is_empty(&self) -> bool {
        self.messages == 0
    }

    pub(super) fn flush_at(&self) -> Option<Instant> {
        self.flush_at
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight.values().sum()
    }

    /// Replaces what was known of it before.
    pub(super) fn set_in_flight(&mut self, channels: impl Iterator<Item = (u32, usize)>) {
        self.in_flight.clear();
        self.in_flight
            .extend(channels.filter(|(_, bytes)| *bytes > 0));
    }

    /// Whether a message of this size fits under the bounds. However much waits on others, a channel has room for a
    /// message, and for its own part of the limit: one that nobody reads must not take it away.
    pub(super) fn has_room(&self, limit: usize, channel: u32, size: usize) -> bool {
        let count = |bytes: &BTreeMap<u32, usize>| bytes.get(&channel).copied().unwrap_or(0);
        let own = count(&self.channel_bytes) + count(&self.in_flight);
        let all = self.bytes.saturating_add(self.in_flight());
        let fits = all.saturating_add(size) <= limit
            || own.saturating_add(size) <= limit / CHANNEL_PART
            || own == 0;
        fits && self.messages < MAX_QUEUED_MESSAGES
    }

    /// Adds a message that may go at once, ahead of those that wait.
    pub(super) fn push_ready(&mut self, message: Queued) {
        self.count(&message);
        self.make_ready(message);
    }

    /// Adds a message that waits, for `wait` at most if it is the first that does.
    pub(super) fn push_held(&mut self, now: Instant, wait: Duration, message: Queued) {
        self.count(&message);
        self.held_bytes += message.data.len();
        self.held.push_back(message);
        if self.held_bytes >= NAGLE_BYTES {
            self.flush();
        } else if self.flush_at.is_none() {
            self.flush_at = now.checked_add(wait);
        }
    }

    /// Lets those that wait go.
    pub(super) fn flush(&mut self) {
        while let Some(message) = self.held.pop_front() {
            self.make_ready(message);
        }
        self.held_bytes = 0;
        self.flush_at = None;
    }

    /// Lets those that wait go if their time has come.
    pub(super) fn flush_due(&mut self, now: Instant) {
        if self.flush_at.is_some_and(|at| at <= now) {
            self.flush();
        }
    }

    /// Takes the first message, but for those that may not be sent now and what is behind them in their lanes.
    pub(super) fn pop(&mut self, may_send: impl Fn(u32, bool) -> bool) -> Option<Queued> {
        let first = self
            .order
            .iter()
            .find(|(_, (channel, reliable))| may_send(*channel, *reliable));
        let (place, key) = first.map(|(place, key)| (*place, *key))?;
        let lane = self.lanes.get_mut(&key)?;
        let (_, message) = lane.pop_front()?;
        self.order.remove(&place);
        if let Some((next, _)) = lane.front() {
            self.order.insert(*next, key);
        }
        self.uncount(&message);
        Some(message)
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the messages of one channel.
    pub(super) fn drop_channel(&mut self, channel: u32) {
        let mut dropped = VecDeque::new();
        for reliable in [false, true] {
            let lane = self.lanes.remove(&(channel, reliable)).unwrap_or_default();
            if let Some((place, _)) = lane.front() {
                self.order.remove(place);
            }
            dropped.extend(lane.into_iter().map(|(_, message)| message));
        }
        for message in std::mem::take(&mut self.held) {
            if message.channel == channel {
                self.held_bytes -= message.data.len();
                dropped.push_back(message);
            } else {
                self.held.push_back(message);
            }
        }
        if self.held.is_empty() {
            self.flush_at = None;
        }
        dropped.iter().for_each(|message| self.uncount(message));
    }

    fn make_ready(&mut self, message: Queued) {
        let key = (message.channel, message.reliable);
        let lane = self.lanes.entry(key).or_default();
        if lane.is_empty() {
            self.order.insert(self.next, key);
        }
        lane.push_back((self.next, message));
        self.next += 1;
    }

    fn count(&mut self, message: &Queued) {
        self.messages += 1;
        self.bytes += message.data.len();
        *self.channel_bytes.entry(message.channel).or_default() += message.data.len();
        if message.reliable {
            self.reliable_bytes += message.data.len();
        }
    }

    fn uncount(&mut self, message: &Queued) {
        self.messages -= 1;
        self.bytes -= message.data.len();
        if let Some(bytes) = self.channel_bytes.get_mut(&message.channel) {
            *bytes -= message.data.len();
            if *bytes == 0 {
                self.channel_bytes.remove(&message.channel);
            }
        }
        if message.reliable {
            self.reliable_bytes -= message.data.len();
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        let ready = || self.lanes.values().flatten().map(|(_, message)| message);
        assert_eq!(self.messages, ready().count() + self.held.len());
        assert_eq!(
            self.bytes,
            ready()
                .chain(&self.held)
                .map(|message| message.data.len())
                .sum::<usize>()
        );
        assert_eq!(
            self.held_bytes,
            self.held
                .iter()
                .map(|message| message.data.len())
                .sum::<usize>()
        );
        assert_eq!(self.bytes, self.channel_bytes.values().sum::<usize>());
        assert_eq!(self.held.is_empty(), self.flush_at.is_none());
        assert_eq!(
            self.order.len(),
            self.lanes.values().filter(|lane| !lane.is_empty()).count()
        );
        assert!(self.lanes.len() <= 2 * super::config::MAX_CHANNELS);
    }
}
