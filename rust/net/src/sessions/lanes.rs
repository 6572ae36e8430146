//! Lanes of a connection: which of its messages goes next.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::Sessions;
use super::config::MAX_CHANNELS;
use super::control::{ConnectionId, Flow};

/// How a lane shares the connection with the others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Lane {
    /// Of lanes that have something to send, those with the lowest number go first.
    pub priority: i32,
    /// Among those of the same priority, which part of the bytes it has. Not 0.
    pub weight: u16,
}

/// What a byte counts in a lane of weight 1.
const BYTE: u64 = 1 << 16;

/// The lanes of a connection, and how far each has had its part: start-time fair queueing.
#[derive(Default)]
pub(super) struct Lanes {
    lanes: Vec<Lane>,
    /// When the next message of each begins, in bytes of weight.
    next: Vec<u64>,
    /// How many bytes of each have been taken and have not been acknowledged.
    on_way: Vec<usize>,
    /// When the last one of each priority began. A lane that had nothing to send has saved nothing.
    now: BTreeMap<i32, u64>,
}

impl Lanes {
    pub(super) fn is_configured(&self) -> bool {
        !self.lanes.is_empty()
    }

    /// How many are configured.
    fn len(&self) -> usize {
        self.lanes.len()
    }

    /// Whether lanes are configured, and there is none for this channel.
    pub(super) fn is_without(&self, channel: u32) -> bool {
        self.is_configured() && self.get(channel).is_none()
    }

    fn set(&mut self, lanes: &[Lane]) {
        self.lanes = lanes.to_vec();
        self.next.resize(lanes.len(), 0);
        self.on_way.resize(lanes.len(), 0);
        let first = self.now.values().copied().max().unwrap_or(0);
        self.now = lanes.iter().map(|lane| (lane.priority, first)).collect();
    }

    /// By this those that have something are ordered: lower ones go first.
    pub(super) fn turn(&self, channel: u32) -> (i32, u64) {
        let Some((lane, next)) = self.get(channel) else {
            return (0, 0);
        };
        let now = self.now.get(&lane.priority).copied().unwrap_or(0);
        (lane.priority, next.max(now))
    }

    /// A message of so many bytes goes.
    pub(super) fn took(&mut self, channel: u32, bytes: usize) {
        let Some((lane, _)) = self.get(channel) else {
            return;
        };
        let (priority, begin) = self.turn(channel);
        let part = (bytes as u64).max(1).saturating_mul(BYTE) / u64::from(lane.weight.max(1));
        self.now.insert(priority, begin);
        let at = usize::try_from(channel).unwrap_or(usize::MAX);
        if let (Some(next), Some(on_way)) = (self.next.get_mut(at), self.on_way.get_mut(at)) {
            *next = begin.saturating_add(part);
            *on_way += bytes;
        }
    }

    /// How many bytes go before a message of this lane, whenever it is taken.
    pub(super) fn before(&self, channel: u32) -> usize {
        let Some((lane, _)) = self.get(channel) else {
            return 0;
        };
        let all = self.lanes.iter().zip(&self.on_way);
        let before = all.filter(|(of, _)| of.priority <= lane.priority);
        before.map(|(_, bytes)| bytes).sum()
    }

    /// Replaces what was known of it before.
    pub(super) fn set_on_way(&mut self, channels: impl Iterator<Item = (u32, usize)>) {
        if self.is_configured() {
            self.on_way.fill(0);
            for (channel, bytes) in channels {
                let at = usize::try_from(channel).unwrap_or(usize::MAX);
                if let Some(on_way) = self.on_way.get_mut(at) {
                    *on_way += bytes;
                }
            }
        }
    }

    /// How many bytes of a lane have been taken and have not been acknowledged, where lanes are configured.
    pub(super) fn on_way(&self, channel: u32) -> Option<usize> {
        let at = usize::try_from(channel).ok()?;
        self.on_way.get(at).copied()
    }

    /// How many priorities are before that of a lane.
    pub(super) fn rank(&self, channel: u32) -> Option<u8> {
        let (lane, _) = self.get(channel)?;
        u8::try_from(self.now.range(..lane.priority).count()).ok()
    }

    fn get(&self, channel: u32) -> Option<(Lane, u64)> {
        let at = usize::try_from(channel).ok()?;
        Some((*self.lanes.get(at)?, *self.next.get(at)?))
    }
}

impl Sessions {
    /// Configures the lanes of a connection, which are its channels by their order; until then all channels are alike. False, and
    /// nothing is changed, where there is no such connection, there are none, more than [`MAX_CHANNELS`] or fewer than
    /// before, or one has no weight.
    pub fn set_lanes(&mut self, peer: SteamId, id: ConnectionId, lanes: &[Lane]) -> bool {
        let Some(session) = self.live_mut(peer, Flow::Connection(id)) else {
            return false;
        };
        let earlier = session.queue.lanes().len();
        let may_be = (earlier.max(1)..=MAX_CHANNELS).contains(&lanes.len())
            && lanes.iter().all(|lane| lane.weight > 0)
            && session.connection.lingers_until.is_none();
        if may_be {
            session.queue.lanes_mut().set(lanes);
        }
        may_be
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanes(all: &[(i32, u16)]) -> Lanes {
        let mut lanes = Lanes::default();
        let lane = |(priority, weight): &(i32, u16)| Lane {
            priority: *priority,
            weight: *weight,
        };
        lanes.set(&all.iter().map(lane).collect::<Vec<_>>());
        lanes
    }

    /// Takes messages of 100 bytes of lanes that always have some; how many of each.
    fn take(lanes: &mut Lanes, of: &[u32], count: usize) -> Vec<usize> {
        let mut taken = vec![0; of.len()];
        for _ in 0..count {
            let next = (0..of.len()).min_by_key(|at| lanes.turn(of[*at])).unwrap();
            lanes.took(of[next], 100);
            taken[next] += 1;
        }
        taken
    }

    #[test]
    fn lower_priorities_go_first_and_weights_share_the_rest() {
        let mut lanes = lanes(&[(1, 3), (1, 1), (-5, 1), (7, 200)]);
        assert_eq!(take(&mut lanes, &[0, 1, 2, 3], 40), [0, 0, 40, 0]);
        assert_eq!(take(&mut lanes, &[0, 1, 3], 400), [300, 100, 0]);
        assert_eq!(take(&mut lanes, &[3], 40), [40]);
        let ranks: Vec<_> = (0..5).map(|channel| lanes.rank(channel)).collect();
        assert_eq!(ranks, [Some(1), Some(1), Some(0), Some(2), None]);
    }

    #[test]
    fn who_has_sent_nothing_has_saved_nothing() {
        let mut lanes = lanes(&[(0, 1), (0, 1)]);
        take(&mut lanes, &[0], 1000);
        assert_eq!(take(&mut lanes, &[0, 1], 100), [50, 50]);
    }

    #[test]
    fn configured_again_they_go_on() {
        let mut before = lanes(&[(0, 1), (0, 1)]);
        take(&mut before, &[0, 1], 1000);
        before.set(&[(2, 1), (2, 1), (2, 2)].map(|(priority, weight)| Lane { priority, weight }));
        assert_eq!(take(&mut before, &[0, 1, 2], 400), [100, 100, 200]);
    }
}
