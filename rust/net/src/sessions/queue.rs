//! What waits in one session to be sent.

use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use super::config::{CHANNEL_PART, MAX_QUEUED_MESSAGES, NAGLE_BYTES};
use super::lanes::Lanes;

pub(super) struct Queued {
    pub(super) channel: u32,
    pub(super) reliable: bool,
    pub(super) data: Bytes,
}

/// The reliable messages of a channel, or the unreliable ones: neither holds up the other, nor another channel.
type Lane = (u32, bool);

/// A lane that has held more than this keeps no memory when it is empty, in bytes and in messages.
const KEPT_BYTES: usize = 128 * 1024;
const KEPT_MESSAGES: usize = 4096;

/// Messages of one lane, one behind the other: games send many small ones.
#[derive(Default)]
struct Messages {
    bytes: BytesMut,
    /// The place of each in the order of going, and its length.
    places: VecDeque<(u64, usize)>,
    /// The most bytes that there were.
    most: usize,
}

impl Messages {
    fn push(&mut self, place: u64, data: &[u8]) {
        self.bytes.extend_from_slice(data);
        self.places.push_back((place, data.len()));
        self.most = self.most.max(self.bytes.len());
    }

    fn pop(&mut self) -> Option<Bytes> {
        let (_, len) = self.places.pop_front()?;
        let data = self.bytes.split_to(len).freeze();
        let is_large = self.most > KEPT_BYTES || self.places.capacity() > KEPT_MESSAGES;
        if self.places.is_empty() && is_large {
            *self = Self::default();
        }
        Some(data)
    }

    /// The place of the first.
    fn first(&self) -> Option<u64> {
        self.places.front().map(|(place, _)| *place)
    }
}

/// What waits on one channel.
#[derive(Default)]
struct Channel {
    /// Unreliable and reliable messages.
    lanes: [Messages; 2],
    /// All bytes that wait, with those that wait for more to go with them.
    bytes: usize,
    /// Bytes that the endpoint has taken and the connection has not.
    in_flight: usize,
}

/// Messages that may go, and behind them those that wait for more to go with them.
#[derive(Default)]
pub(super) struct SendQueue {
    /// Emptied channels stay for their memory, as long as the session uses them.
    channels: BTreeMap<u32, Box<Channel>>,
    /// The lanes that have messages, and the place of the first. Few, so that looking through them is cheap.
    order: Vec<(u64, Lane)>,
    next: u64,
    held: VecDeque<Queued>,
    held_bytes: usize,
    /// When those that wait go at the latest.
    flush_at: Option<Instant>,
    messages: usize,
    bytes: usize,
    reliable_bytes: usize,
    /// Over all channels.
    in_flight: usize,
    lanes: Lanes,
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

    pub(super) fn lanes(&self) -> &Lanes {
        &self.lanes
    }

    pub(super) fn lanes_mut(&mut self) -> &mut Lanes {
        &mut self.lanes
    }

    pub(super) fn in_flight(&self) -> usize {
        self.in_flight
    }

    /// Bytes of unreliable and of reliable messages that wait on a channel.
    pub(super) fn waiting_on(&self, channel: u32) -> [usize; 2] {
        let found = self.channels.get(&channel);
        let ready = |at: usize| found.map_or(0, |found| found.lanes[at].bytes.len());
        let held = self.held.iter().filter(|held| held.channel == channel);
        held.fold(
            [ready(0), ready(1)],
            |[unreliable, reliable], held| match held.reliable {
                false => [unreliable + held.data.len(), reliable],
                true => [unreliable, reliable + held.data.len()],
            },
        )
    }

    /// Bytes of a channel that the endpoint has taken and the connection has not.
    pub(super) fn in_flight_on(&self, channel: u32) -> usize {
        let found = self.channels.get(&channel);
        found.map_or(0, |found| found.in_flight)
    }

    /// Replaces what was known of it before.
    pub(super) fn set_in_flight(&mut self, channels: impl Iterator<Item = (u32, usize)>) {
        for channel in self.channels.values_mut() {
            channel.in_flight = 0;
        }
        self.in_flight = 0;
        for (channel, bytes) in channels {
            self.in_flight += bytes;
            if let Some(channel) = self.channels.get_mut(&channel) {
                channel.in_flight += bytes;
            }
        }
    }

    /// Whether a message of this size fits under the bounds. However much waits on others, a channel has room for a
    /// message, and for its own part of the limit: one that nobody reads must not take it away.
    pub(super) fn has_room(&self, limit: usize, channel: u32, size: usize) -> bool {
        let own = self
            .channels
            .get(&channel)
            .map_or(0, |channel| channel.bytes + channel.in_flight);
        let all = self.bytes.saturating_add(self.in_flight);
        let fits = all.saturating_add(size) <= limit
            || own.saturating_add(size) <= limit / CHANNEL_PART
            || own == 0;
        fits && self.messages < MAX_QUEUED_MESSAGES
    }

    /// Adds a message that may go at once, ahead of those that wait.
    pub(super) fn push_ready(&mut self, channel: u32, reliable: bool, data: &[u8]) {
        self.count(reliable, data.len());
        self.make_ready(channel, reliable, data).bytes += data.len();
    }

    /// Adds a message that waits, for `wait` at most if it is the first that does.
    pub(super) fn push_held(
        &mut self,
        now: Instant,
        wait: Duration,
        channel: u32,
        reliable: bool,
        data: &[u8],
    ) {
        self.count(reliable, data.len());
        self.channels.entry(channel).or_default().bytes += data.len();
        self.held_bytes += data.len();
        self.held.push_back(Queued {
            channel,
            reliable,
            data: Bytes::copy_from_slice(data),
        });
        if self.held_bytes >= NAGLE_BYTES {
            self.flush();
        } else if self.flush_at.is_none() {
            self.flush_at = now.checked_add(wait);
        }
    }

    /// Lets those that wait go.
    pub(super) fn flush(&mut self) {
        while let Some(message) = self.held.pop_front() {
            self.make_ready(message.channel, message.reliable, &message.data);
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

    /// Takes the first message of the lane whose turn it is, but for those that may not be sent now and what is behind them in their lanes.
    pub(super) fn pop(&mut self, may_send: impl Fn(&Lanes, u32, bool) -> bool) -> Option<Queued> {
        let mut first: Option<(usize, (i32, u64, u64), Lane)> = None;
        for (at, (place, lane)) in self.order.iter().enumerate() {
            let (priority, turn) = self.lanes.turn(lane.0);
            let place = (priority, turn, *place);
            let is_earlier = first.is_none_or(|(_, earliest, _)| place < earliest);
            if is_earlier && may_send(&self.lanes, lane.0, lane.1) {
                first = Some((at, place, *lane));
            }
        }
        let (at, _, (channel, reliable)) = first?;
        let found = self.channels.get_mut(&channel)?;
        let lane = &mut found.lanes[usize::from(reliable)];
        let data = lane.pop()?;
        match lane.first() {
            Some(next) => self.order[at].0 = next,
            None => drop(self.order.swap_remove(at)),
        }
        found.bytes -= data.len();
        self.lanes.took(channel, data.len());
        self.uncount(reliable, data.len());
        Some(Queued {
            channel,
            reliable,
            data,
        })
    }

    /// Drops everything.
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    /// Drops the messages of one channel.
    pub(super) fn drop_channel(&mut self, channel: u32) {
        self.order.retain(|(_, (of, _))| *of != channel);
        let lanes = self.channels.remove(&channel).map(|found| found.lanes);
        for (reliable, lane) in [false, true].into_iter().zip(lanes.into_iter().flatten()) {
            for (_, bytes) in lane.places {
                self.uncount(reliable, bytes);
            }
        }
        for message in std::mem::take(&mut self.held) {
            if message.channel == channel {
                self.held_bytes -= message.data.len();
                self.uncount(message.reliable, message.data.len());
            } else {
                self.held.push_back(message);
            }
        }
        if self.held.is_empty() {
            self.flush_at = None;
        }
    }

    fn make_ready(&mut self, channel: u32, reliable: bool, data: &[u8]) -> &mut Channel {
        let found = self.channels.entry(channel).or_default();
        let lane = &mut found.lanes[usize::from(reliable)];
        if lane.places.is_empty() {
            self.order.push((self.next, (channel, reliable)));
        }
        lane.push(self.next, data);
        self.next += 1;
        found
    }

    fn count(&mut self, reliable: bool, bytes: usize) {
        self.messages += 1;
        self.bytes += bytes;
        if reliable {
            self.reliable_bytes += bytes;
        }
    }

    fn uncount(&mut self, reliable: bool, bytes: usize) {
        self.messages -= 1;
        self.bytes -= bytes;
        if reliable {
            self.reliable_bytes -= bytes;
        }
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        let lanes = || self.channels.values().flat_map(|channel| &channel.lanes);
        let ready = || lanes().flat_map(|lane| lane.places.iter().map(|(_, bytes)| *bytes));
        let held = || self.held.iter().map(|message| message.data.len());
        assert_eq!(self.messages, ready().count() + self.held.len());
        assert_eq!(self.bytes, ready().chain(held()).sum::<usize>());
        assert_eq!(self.held_bytes, held().sum::<usize>());
        for lane in lanes() {
            let bytes = lane.places.iter().map(|(_, bytes)| *bytes);
            assert_eq!(lane.bytes.len(), bytes.sum::<usize>());
        }
        let of_channels = self.channels.values().map(|channel| channel.bytes);
        assert_eq!(self.bytes, of_channels.sum::<usize>());
        assert_eq!(self.held.is_empty(), self.flush_at.is_none());
        let mut firsts: Vec<u64> = lanes().filter_map(Messages::first).collect();
        let mut order: Vec<u64> = self.order.iter().map(|(place, _)| *place).collect();
        firsts.sort_unstable();
        order.sort_unstable();
        assert_eq!(order, firsts);
        assert!(self.channels.len() <= super::config::MAX_CHANNELS);
    }
}
