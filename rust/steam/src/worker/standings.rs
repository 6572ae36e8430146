//! Directories that are left alone for a while: they did not answer, refused this user, or were not what they said.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use backon::{BackoffBuilder, ExponentialBackoff, ExponentialBuilder};

/// How long a directory is left alone after its first failure; each further one doubles it.
pub(super) const FIRST_PAUSE: Duration = Duration::from_secs(1);
/// The longest that it is left alone.
pub(super) const LONGEST_PAUSE: Duration = Duration::from_secs(60);
/// The same for one that has welcomed this user and then did not do what a directory does: what follows it suffers.
const FIRST_LONG_PAUSE: Duration = Duration::from_secs(60);
/// The longest that such a one is left alone.
const LONGEST_LONG_PAUSE: Duration = Duration::from_secs(3600);
/// Most places remembered; of more, the one whose pause ends first is forgotten.
const MAX_PLACES: usize = 512;

/// A directory where somebody says it is. Who copies another's key to an address of its own is another place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Place {
    pub(super) key: [u8; 32],
    pub(super) addrs: Vec<SocketAddr>,
}

/// Waiting that grows with each failure in a row.
#[derive(Debug)]
pub(super) struct Pause {
    failures: u32,
    pauses: ExponentialBackoff,
    until: Option<Instant>,
    is_long: bool,
}

impl Default for Pause {
    fn default() -> Self {
        Self::between(FIRST_PAUSE, LONGEST_PAUSE)
    }
}

impl Pause {
    fn between(first: Duration, longest: Duration) -> Self {
        let pauses = ExponentialBuilder::new()
            .with_min_delay(first)
            .with_max_delay(longest)
            .without_max_times()
            .build();
        Self {
            failures: 0,
            pauses,
            until: None,
            is_long: false,
        }
    }

    /// It failed again.
    pub(super) fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        self.until = Some(now + self.pauses.next().unwrap_or(LONGEST_PAUSE));
    }

    pub(super) fn failures(&self) -> u32 {
        self.failures
    }

    pub(super) fn is_over(&self, now: Instant) -> bool {
        self.until.is_none_or(|until| now >= until)
    }
}

#[derive(Debug, Default)]
pub(super) struct Standings(HashMap<Place, Pause>);

impl Standings {
    /// Whether nothing speaks against trying it now.
    pub(super) fn may_try(&self, now: Instant, place: &Place) -> bool {
        self.0.get(place).is_none_or(|pause| pause.is_over(now))
    }

    /// How often in a row it has failed.
    pub(super) fn failures(&self, place: &Place) -> u32 {
        self.0.get(place).map_or(0, |pause| pause.failures)
    }

    pub(super) fn failed(&mut self, now: Instant, place: &Place) {
        if !self.0.contains_key(place) {
            self.make_room();
        }
        self.0.entry(place.clone()).or_default().failed(now);
    }

    /// It has welcomed this user, and then did not do what a directory does.
    pub(super) fn betrayed(&mut self, now: Instant, place: &Place) {
        if !self.0.get(place).is_some_and(|pause| pause.is_long) {
            self.0.remove(place);
            let long = Pause {
                is_long: true,
                ..Pause::between(FIRST_LONG_PAUSE, LONGEST_LONG_PAUSE)
            };
            self.make_room();
            self.0.insert(place.clone(), long);
        }
        self.failed(now, place);
    }

    fn make_room(&mut self) {
        if self.0.len() < MAX_PLACES {
            return;
        }
        let first = self.0.iter().min_by_key(|(_, pause)| pause.until);
        if let Some(first) = first.map(|(place, _)| place.clone()) {
            self.0.remove(&first);
        }
    }

    /// It has done what a directory does.
    pub(super) fn proved(&mut self, place: &Place) {
        self.0.remove(place);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(number: u16) -> Place {
        Place {
            key: [1; 32],
            addrs: vec![SocketAddr::from(([10, 0, 0, 1], number))],
        }
    }

    #[test]
    fn each_failure_in_a_row_is_waited_for_longer_and_none_for_ever() {
        let mut standings = Standings::default();
        let mut now = Instant::now();
        let mut waited = Vec::new();
        for _ in 0..9 {
            standings.failed(now, &place(1));
            let failed = now;
            while !standings.may_try(now, &place(1)) {
                now += Duration::from_millis(500);
            }
            waited.push((now - failed).as_secs());
        }
        assert_eq!(waited, [1, 2, 4, 8, 16, 32, 60, 60, 60]);
        assert!(
            standings.may_try(now, &place(2)),
            "others are not concerned"
        );
        standings.proved(&place(1));
        standings.failed(now, &place(1));
        assert!(standings.may_try(now + FIRST_PAUSE, &place(1)));
    }

    #[test]
    fn a_thousand_places_are_bounded() {
        let mut standings = Standings::default();
        let now = Instant::now();
        standings.failed(now, &place(0));
        standings.failed(now, &place(0));
        for number in 1..1000 {
            standings.failed(now, &place(number));
        }
        assert_eq!(standings.0.len(), MAX_PLACES);
        assert_eq!(
            standings.failures(&place(0)),
            2,
            "who failed most is remembered"
        );
    }
}
