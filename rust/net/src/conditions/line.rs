//! One direction of a bad network.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use rand::rngs::Xoshiro256PlusPlus;
use rand::{RngExt, SeedableRng};

use super::Conditions;

/// The most packets that are on the way; further ones are lost.
const MAX_PACKETS: usize = 65_536;
/// What a rate limit without a burst saves up, in bytes: a packet.
const MAX_PACKET: u16 = 1500;
/// The most bytes that are on the way.
const MAX_BYTES: usize = 64 * 1024 * 1024;

/// Packets on their way, in the order in which they come out.
pub(crate) struct Line<P> {
    conditions: Conditions,
    random: Xoshiro256PlusPlus,
    packets: BTreeMap<(Instant, u64), (usize, P)>,
    bytes: usize,
    next: u64,
    /// What the rate limit lets through now, in bytes, and since when.
    tokens: f64,
    tokens_at: Option<Instant>,
    /// Before this no packet comes out that went in behind one with jitter.
    not_before: Option<Instant>,
}

impl<P: Clone> Line<P> {
    pub(crate) fn new(seed: [u8; 32]) -> Self {
        Self {
            conditions: Conditions::default(),
            random: Xoshiro256PlusPlus::from_seed(seed),
            packets: BTreeMap::new(),
            bytes: 0,
            next: 0,
            tokens: 0.0,
            tokens_at: None,
            not_before: None,
        }
    }

    /// What is on the way stays so.
    pub(crate) fn set(&mut self, conditions: Conditions) {
        if conditions != self.conditions {
            self.conditions = conditions;
            self.tokens_at = None;
        }
    }

    /// Whether packets may go without it: it changes nothing, and has none that they would overtake.
    pub(crate) fn is_idle(&self) -> bool {
        self.packets.is_empty() && self.conditions.is_perfect()
    }

    /// A packet of `size` bytes sets out.
    pub(crate) fn push(&mut self, now: Instant, size: usize, packet: P) {
        if self.odds(self.conditions.loss_percent) || !self.is_within_rate(now, size) {
            return;
        }
        let Conditions {
            lag,
            reorder_percent,
            reorder_delay,
            duplicate_percent,
            duplicate_delay_max,
            ..
        } = self.conditions;
        let mut at = now + lag + self.jitter();
        if self.odds(reorder_percent) {
            at += reorder_delay;
        } else {
            at = self.not_before.map_or(at, |not_before| at.max(not_before));
            self.not_before = Some(at);
        }
        if self.odds(duplicate_percent) {
            let later = duplicate_delay_max.mul_f64(self.random.random());
            self.insert(at + later, size, packet.clone());
        }
        self.insert(at, size, packet);
    }

    /// The next packet that has arrived.
    pub(crate) fn pop(&mut self, now: Instant) -> Option<P> {
        let first = self.packets.first_entry()?;
        if first.key().0 > now {
            return None;
        }
        let (size, packet) = first.remove();
        self.bytes -= size;
        Some(packet)
    }

    /// When the next packet arrives.
    pub(crate) fn poll_timeout(&self) -> Option<Instant> {
        self.packets.first_key_value().map(|((at, _), _)| *at)
    }

    fn insert(&mut self, at: Instant, size: usize, packet: P) {
        if self.packets.len() < MAX_PACKETS && self.bytes + size <= MAX_BYTES {
            self.packets.insert((at, self.next), (size, packet));
            self.next += 1;
            self.bytes += size;
        }
    }

    fn odds(&mut self, percent: f32) -> bool {
        percent > 0.0 && self.random.random::<f32>() * 100.0 < percent
    }

    fn jitter(&mut self) -> Duration {
        let Conditions {
            jitter_average,
            jitter_max,
            jitter_percent,
            ..
        } = self.conditions;
        if jitter_average.is_zero() || jitter_max.is_zero() || !self.odds(jitter_percent) {
            return Duration::ZERO;
        }
        // Of 1 - [0, 1), so that there is a logarithm.
        let times = -(1.0 - self.random.random::<f64>()).ln();
        jitter_average.mul_f64(times).min(jitter_max)
    }

    fn is_within_rate(&mut self, now: Instant, size: usize) -> bool {
        let rate = f64::from(self.conditions.rate_bytes_per_second);
        if rate <= 0.0 {
            return true;
        }
        let burst = f64::from(self.conditions.rate_burst_bytes);
        let passed = match self.tokens_at.replace(now) {
            Some(at) => now.saturating_duration_since(at).as_secs_f64() * rate,
            None => burst,
        };
        // Without any burst a packet still gets through when it has been earned.
        let most = burst.max(f64::from(MAX_PACKET));
        self.tokens = (self.tokens + passed).min(most);
        // Sizes of packets are exact in an f64.
        #[allow(clippy::cast_precision_loss)]
        let size = size as f64;
        let passes = size <= self.tokens;
        if passes {
            self.tokens -= size;
        }
        passes
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const MS: Duration = Duration::from_millis(1);

    fn line(conditions: Conditions) -> Line<u32> {
        let mut line = Line::new([9; 32]);
        line.set(conditions);
        line
    }

    /// Sends a packet each millisecond; when each arrived, in milliseconds, in the order of arrival.
    fn run(conditions: Conditions, packets: u32) -> Vec<(u32, u32)> {
        let mut line = line(conditions);
        let start = Instant::now();
        let mut arrived = Vec::new();
        for ms in 0..packets + 10_000 {
            let now = start + MS * ms;
            if ms < packets {
                line.push(now, 100, ms);
            }
            while let Some(packet) = line.pop(now) {
                arrived.push((packet, ms));
            }
        }
        assert!(line.packets.is_empty() && line.bytes == 0);
        arrived
    }

    #[test]
    fn the_default_changes_nothing() {
        assert!(Conditions::default().is_perfect());
        assert!(line(Conditions::default()).is_idle());
        let arrived = run(Conditions::default(), 100);
        assert!(arrived.iter().all(|(packet, ms)| packet == ms));
        assert_eq!(arrived.len(), 100);
    }

    #[test]
    fn so_many_are_lost() {
        let loss_percent = 20.0;
        let arrived = run(
            Conditions {
                loss_percent,
                ..Conditions::default()
            },
            10_000,
        );
        // 8000 expected, standard deviation 40; the seed is fixed.
        assert!((7_800..8_200).contains(&arrived.len()), "{}", arrived.len());
        let all = Conditions {
            loss_percent: 100.0,
            ..Conditions::default()
        };
        assert!(run(all, 1000).is_empty());
    }

    #[test]
    fn all_come_late_and_in_order() {
        let lag = 50 * MS;
        let arrived = run(
            Conditions {
                lag,
                ..Conditions::default()
            },
            100,
        );
        assert!(arrived.iter().all(|(packet, ms)| *ms == packet + 50));
    }

    #[test]
    fn jitter_delays_some_and_keeps_the_order() {
        let conditions = Conditions {
            lag: 10 * MS,
            jitter_average: 5 * MS,
            jitter_max: 30 * MS,
            jitter_percent: 50.0,
            ..Conditions::default()
        };
        let arrived = run(conditions, 5_000);
        assert!(arrived.is_sorted());
        assert_eq!(arrived.len(), 5_000);
        let delays = || arrived.iter().map(|(packet, ms)| ms - packet);
        assert_eq!(delays().min(), Some(10));
        assert_eq!(delays().max(), Some(40));
        let without = Conditions {
            jitter_max: Duration::ZERO,
            ..conditions
        };
        assert!(
            run(without, 100)
                .iter()
                .all(|(packet, ms)| *ms == packet + 10)
        );
    }

    #[test]
    fn so_many_are_overtaken_and_so_many_come_twice() {
        let reordered = Conditions {
            reorder_percent: 30.0,
            reorder_delay: 40 * MS,
            ..Conditions::default()
        };
        let late = run(reordered, 10_000);
        let late = late
            .iter()
            .filter(|(packet, ms)| *ms == packet + 40)
            .count();
        assert!((2_800..3_200).contains(&late), "{late}");
        let doubled = Conditions {
            duplicate_percent: 50.0,
            duplicate_delay_max: 20 * MS,
            ..Conditions::default()
        };
        let arrived = run(doubled, 10_000);
        assert!(
            (14_800..15_200).contains(&arrived.len()),
            "{}",
            arrived.len()
        );
        assert!(arrived.iter().all(|(packet, ms)| *ms <= packet + 21));
    }

    #[test]
    fn what_is_more_than_the_rate_is_lost() {
        for (burst, expected) in [(16 * 1024, 500 + 163), (0, 500 + 15)] {
            let arrived = run(
                Conditions {
                    // 50 of the 100 bytes that are sent each millisecond.
                    rate_bytes_per_second: 50_000,
                    rate_burst_bytes: burst,
                    ..Conditions::default()
                },
                1000,
            );
            let (low, high) = (expected - 20, expected + 20);
            assert!((low..high).contains(&arrived.len()), "{}", arrived.len());
        }
    }

    #[test]
    fn nothing_piles_up_without_end() {
        let mut line = line(Conditions {
            lag: Duration::from_secs(3600),
            ..Conditions::default()
        });
        let now = Instant::now();
        for number in 0..100_000 {
            line.push(now, 1200, number);
        }
        assert!(line.packets.len() <= MAX_PACKETS && line.bytes <= MAX_BYTES);
    }
}
