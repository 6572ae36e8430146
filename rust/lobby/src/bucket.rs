//! How often a user may do something.

use crate::protocol::Millis;

/// A limit: `burst` times at once, `per_second` times each second over time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rate {
    /// At once, after a rest.
    pub burst: u16,
    /// Over time, 1 to 1000.
    pub per_second: u16,
}

/// A token bucket: what is left of a [`Rate`].
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bucket {
    rate: Rate,
    left: u16,
    counted_at: Millis,
}

impl Bucket {
    pub(crate) fn new(rate: Rate, now: Millis) -> Self {
        Self {
            rate,
            left: rate.burst,
            counted_at: now,
        }
    }

    /// Takes one; false when none is left.
    pub(crate) fn take(&mut self, now: Millis) -> bool {
        self.earn(now);
        match self.left.checked_sub(1) {
            Some(left) => {
                self.left = left;
                true
            }
            None => false,
        }
    }

    /// Whether nothing has been taken that has not been earned again.
    pub(crate) fn is_full(&mut self, now: Millis) -> bool {
        self.earn(now);
        self.left == self.rate.burst
    }

    fn earn(&mut self, now: Millis) {
        let ms_each = (1000 / u64::from(self.rate.per_second.max(1))).max(1);
        let earned = now.0.saturating_sub(self.counted_at.0) / ms_each;
        let earned_now = u16::try_from(earned).unwrap_or(u16::MAX);
        self.left = self.left.saturating_add(earned_now).min(self.rate.burst);
        self.counted_at = self.counted_at.plus(earned.saturating_mul(ms_each));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: Rate = Rate {
        burst: 3,
        per_second: 10,
    };

    fn taken(bucket: &mut Bucket, now: u64) -> usize {
        (0..10).filter(|_| bucket.take(Millis(now))).count()
    }

    #[test]
    fn gives_the_burst_and_then_the_rate() {
        let mut bucket = Bucket::new(RATE, Millis(1_000));
        assert_eq!(taken(&mut bucket, 1_000), 3);
        assert_eq!(taken(&mut bucket, 1_099), 0);
        assert_eq!(taken(&mut bucket, 1_199), 1);
        assert_eq!(taken(&mut bucket, 1_200), 1);
        assert!(!bucket.is_full(Millis(1_499)));
        assert!(bucket.is_full(Millis(1_500)));
        assert_eq!(taken(&mut bucket, 60_000), 3, "a long rest earns one burst");
    }

    #[test]
    fn a_clock_that_steps_back_earns_nothing_and_takes_nothing() {
        let mut bucket = Bucket::new(RATE, Millis(5_000));
        assert_eq!(taken(&mut bucket, 1_000), 3);
        assert_eq!(taken(&mut bucket, 5_100), 1);
    }
}
