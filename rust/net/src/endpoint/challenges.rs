//! How many challenges go out, whoever asks for them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use samovar_id::SteamId;

/// The most challenges in [`PERIOD`] that users share who have had one in it. Each one's first is beside it, as a directory
/// passes on one a second from each user to each other; of further ones it passes on 200 a second, offers included.
const MAX_FURTHER: usize = 100;
/// The most of them to one user.
const MAX_CHALLENGES_OF_ONE: usize = 8;
/// The most users who are told apart in a period: as many as a directory has. What others want is shared.
const MAX_CHALLENGED: usize = 1024;
const PERIOD: Duration = Duration::from_secs(1);

/// The challenges of the latest period.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    since: Option<Instant>,
    to: HashMap<SteamId, usize>,
    further: usize,
}

impl Challenges {
    /// Whether a user may be sent another one, which then counts. One who is `awaited` has an offer of this process to answer:
    /// nobody else uses up what is theirs.
    pub(super) fn allow(&mut self, now: Instant, to: SteamId, awaited: bool) -> bool {
        if self.since.is_none_or(|since| now >= since + PERIOD) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        let own = self.to.get(&to).copied().unwrap_or(0);
        // Who is awaited is one of the peers, which have a bound of their own.
        let is_told_apart = own > 0 || awaited || self.to.len() < MAX_CHALLENGED;
        let is_shared = !awaited && (own > 0 || !is_told_apart);
        if own >= MAX_CHALLENGES_OF_ONE || (is_shared && self.further >= MAX_FURTHER) {
            return false;
        }
        if is_told_apart {
            self.to.insert(to, own + 1);
        }
        self.further += usize::from(is_shared);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sent(
        challenges: &mut Challenges,
        now: Instant,
        to: u64,
        times: usize,
        awaited: bool,
    ) -> usize {
        let to = SteamId::individual(to);
        let allowed = (0..times).filter(|_| challenges.allow(now, to, awaited));
        allowed.count()
    }

    #[test]
    fn one_user_gets_few_and_leaves_others_theirs() {
        let (mut challenges, now) = (Challenges::default(), Instant::now());
        for awaited in [false, true] {
            let now = now + PERIOD * u32::from(awaited) * 2;
            let mut sent = |now, to, times| sent(&mut challenges, now, to, times, awaited);
            assert_eq!(sent(now, 1, 10_000), MAX_CHALLENGES_OF_ONE);
            assert_eq!(sent(now, 2, 1), 1);
            assert_eq!(sent(now + PERIOD / 2, 1, 10), 0);
            assert_eq!(sent(now + PERIOD, 1, 10), MAX_CHALLENGES_OF_ONE);
        }
    }

    #[test]
    fn whoever_floods_each_other_user_gets_a_first_one() {
        let (mut challenges, now) = (Challenges::default(), Instant::now());
        let mut flooded = 0;
        for flooding in 1000..1100 {
            flooded += sent(&mut challenges, now, flooding, 1000, false);
        }
        assert_eq!(flooded, 100 + MAX_FURTHER);
        assert_eq!(sent(&mut challenges, now, 1, 1, false), 1);
        assert_eq!(sent(&mut challenges, now, 1, 1, false), 0, "a second one");
        assert_eq!(sent(&mut challenges, now, 1, 1, true), 1, "an awaited one");
    }

    #[test]
    fn users_without_end_are_bounded_and_an_awaited_one_is_answered() {
        let (mut challenges, now) = (Challenges::default(), Instant::now());
        let all: usize = (1..10_000)
            .map(|to| sent(&mut challenges, now, to, 1, false))
            .sum();
        assert_eq!(all, MAX_CHALLENGED + MAX_FURTHER);
        assert_eq!(challenges.to.len(), MAX_CHALLENGED);
        let known = 10_000;
        assert_eq!(sent(&mut challenges, now, known, 1, false), 0);
        let times = 10 * MAX_CHALLENGES_OF_ONE;
        let awaited = sent(&mut challenges, now, known, times, true);
        assert_eq!(awaited, MAX_CHALLENGES_OF_ONE);
    }
}
