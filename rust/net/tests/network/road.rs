//! What a packet meets on its way that the product's own conditions do not have: losses in bursts, a bottleneck with a
//! buffer, and a largest packet. Each direction has its own state.

use std::time::{Duration, Instant};

/// Losses in bursts, after Gilbert and Elliott: in bad times everything is lost, in good times nothing. Both last for
/// exponentially distributed times, since a radio fades for a time and not for a number of packets.
#[derive(Clone, Copy)]
pub(crate) struct Bursts {
    /// How much of the time is bad, 0 to 1.
    pub(crate) loss: f64,
    /// How long a bad time lasts on average.
    pub(crate) mean: Duration,
}

/// A line that takes one packet after the other.
#[derive(Clone, Copy)]
pub(crate) struct Bottleneck {
    pub(crate) bytes_per_second: f64,
    /// How many bytes may wait; what is more is lost.
    pub(crate) buffer: f64,
}

#[derive(Clone, Copy, Default)]
pub(crate) struct Road {
    pub(crate) bursts: Option<Bursts>,
    pub(crate) bottleneck: Option<Bottleneck>,
    /// Larger packets vanish.
    pub(crate) largest: Option<usize>,
}

/// Where one direction stands.
#[derive(Clone, Copy, Default)]
pub(crate) struct Lane {
    bad: bool,
    /// When good and bad change places.
    turns_at: Option<Instant>,
    /// When everything that waits has gone.
    free_at: Option<Instant>,
}

impl Road {
    /// When a packet is through, if it is not lost.
    pub(crate) fn pass(
        &self,
        lane: &mut Lane,
        now: Instant,
        size: usize,
        mut random: impl FnMut() -> u64,
    ) -> Option<Instant> {
        if self.largest.is_some_and(|largest| size > largest) {
            return None;
        }
        if let Some(bursts) = self.bursts
            && bursts.is_bad(lane, now, &mut random)
        {
            return None;
        }
        let Some(Bottleneck {
            bytes_per_second,
            buffer,
        }) = self.bottleneck
        else {
            return Some(now);
        };
        let starts = lane.free_at.unwrap_or(now).max(now);
        let size = f64::from(u32::try_from(size).unwrap());
        if (starts - now).as_secs_f64() * bytes_per_second + size > buffer {
            return None;
        }
        let through = starts + Duration::from_secs_f64(size / bytes_per_second);
        lane.free_at = Some(through);
        Some(through)
    }
}

impl Bursts {
    fn is_bad(&self, lane: &mut Lane, now: Instant, random: &mut impl FnMut() -> u64) -> bool {
        let mut span = |bad: bool| {
            let mean = if bad {
                self.mean
            } else {
                self.mean.mul_f64((1.0 - self.loss) / self.loss)
            };
            // Of (0, 1], so that there is a logarithm.
            let part = f64::from(u32::try_from(random() % 1_000_000).unwrap() + 1) / 1e6;
            mean.mul_f64(-part.ln())
        };
        let mut turns_at = match lane.turns_at {
            Some(turns_at) => turns_at,
            None => now + span(false),
        };
        while turns_at <= now {
            lane.bad = !lane.bad;
            turns_at += span(lane.bad).max(Duration::from_micros(1));
        }
        lane.turns_at = Some(turns_at);
        lane.bad
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn random() -> impl FnMut() -> u64 {
        let mut state = 0x9e37_79b9_7f4a_7c15_u64;
        move || {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            state
        }
    }

    #[test]
    fn bursts_lose_what_they_should_and_in_bursts() {
        let road = Road {
            bursts: Some(Bursts {
                loss: 0.2,
                mean: Duration::from_millis(30),
            }),
            ..Road::default()
        };
        let (start, mut lane, mut random) = (Instant::now(), Lane::default(), random());
        let lost: Vec<bool> = (0..200_000)
            .map(|ms| {
                road.pass(
                    &mut lane,
                    start + Duration::from_millis(ms),
                    100,
                    &mut random,
                )
                .is_none()
            })
            .collect();
        let sum = lost.iter().filter(|lost| **lost).count();
        let bursts = lost.windows(2).filter(|pair| !pair[0] && pair[1]).count();
        // The seed is fixed.
        assert!((36_000..44_000).contains(&sum), "{sum}");
        assert!((25..36).contains(&(sum / bursts)), "{}", sum / bursts);
    }

    #[test]
    fn a_bottleneck_delays_and_then_loses() {
        let road = Road {
            bottleneck: Some(Bottleneck {
                bytes_per_second: 100_000.0,
                buffer: 10_000.0,
            }),
            ..Road::default()
        };
        let (now, mut lane, mut random) = (Instant::now(), Lane::default(), random());
        let passed: Vec<Duration> = (0..20)
            .filter_map(|_| road.pass(&mut lane, now, 1000, &mut random))
            .map(|at| at - now)
            .collect();
        let expected: Vec<Duration> = (1..=10).map(|n| Duration::from_millis(10 * n)).collect();
        assert_eq!(passed, expected);
        let later = now + Duration::from_secs(1);
        assert_eq!(
            road.pass(&mut lane, later, 1000, &mut random),
            Some(later + Duration::from_millis(10))
        );
    }
}
