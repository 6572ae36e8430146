//! Warnings about what goes wrong again and again, said now and then.

use std::collections::HashMap;
use std::time::{Duration, Instant};

/// How long nothing more is said about the same thing.
const AGAIN: Duration = Duration::from_secs(10);

/// What was said when. There are as many entries as there are names in the code.
#[derive(Debug, Default)]
pub(super) struct Seldom(HashMap<&'static str, Instant>);

impl Seldom {
    /// Whether it is time to say something about `what`; then it counts as said.
    pub(super) fn may_say(&mut self, what: &'static str, now: Instant) -> bool {
        let said = self.0.get(what);
        if said.is_some_and(|said| now.saturating_duration_since(*said) < AGAIN) {
            return false;
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
}
