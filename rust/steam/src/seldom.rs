//! Warnings about what goes wrong again and again, said now and then.

use std::collections::HashMap;
use std::hash::Hash;
use std::time::{Duration, Instant};

/// How long nothing more is said about the same thing.
const AGAIN: Duration = Duration::from_secs(10);

/// Most things remembered. Of more, all that may be said again are forgotten, and if there are none, everything.
const MAX_THINGS: usize = 256;

/// What was said when.
#[derive(Debug)]
pub struct Seldom<T>(HashMap<T, Instant>);

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Seldom<T> {
    /// Whether it is time to say something about `what`, which is so once in 10 s; then it counts as said.
    pub fn may_say(&mut self, what: T, now: Instant) -> bool {
        let is_recent = |said: &Instant| now.saturating_duration_since(*said) < AGAIN;
        if self.0.get(&what).is_some_and(is_recent) {
            return false;
        }
        if self.0.len() >= MAX_THINGS {
            self.0.retain(|_, said| is_recent(said));
            if self.0.len() >= MAX_THINGS {
                self.0.clear();
            }
        }
        self.0.insert(what, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_ten_seconds() {
        let mut seldom = Seldom::default();
        let start = Instant::now();
        let said = (0..1000)
            .filter(|step| seldom.may_say("full", start + Duration::from_millis(20 * step)))
            .count();
        assert_eq!(said, 2);
        assert!(seldom.may_say("other", start));
    }

    #[test]
    fn a_thousand_things_are_bounded() {
        let mut seldom = Seldom::default();
        let now = Instant::now();
        for number in 0..1000 {
            assert!(seldom.may_say(number, now));
        }
        assert!(seldom.0.len() <= MAX_THINGS);
    }
}
