//! How many challenges go out, whoever asks for them.

use std::collections::HashMap;
use std::time::{Duration, Instant};

use samovar_id::SteamId;

/// The most challenges in [`PERIOD`], to all users: a few more than a directory passes on.
const MAX_CHALLENGES: usize = 256;
/// The most of them to one user.
const MAX_CHALLENGES_OF_ONE: usize = 8;
const PERIOD: Duration = Duration::from_secs(1);

/// The challenges of the latest period.
#[derive(Debug, Default)]
pub(super) struct Challenges {
    since: Option<Instant>,
    to: HashMap<SteamId, usize>,
    all: usize,
}

impl Challenges {
    /// Whether a user may be sent another one, which then counts.
    pub(super) fn allow(&mut self, now: Instant, to: SteamId) -> bool {
        if self.since.is_none_or(|since| now >= since + PERIOD) {
            *self = Self {
                since: Some(now),
                ..Self::default()
            };
        }
        let own = self.to.get(&to).copied().unwrap_or(0);
        if self.all >= MAX_CHALLENGES || own >= MAX_CHALLENGES_OF_ONE {
            return false;
        }
        self.to.insert(to, own + 1);
        self.all += 1;
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_user_gets_few_and_leaves_others_theirs() {
        let (mut challenges, now) = (Challenges::default(), Instant::now());
        let mut sent = |now, to, times: usize| {
            let to = SteamId::individual(to);
            (0..times).filter(|_| challenges.allow(now, to)).count()
        };
        assert_eq!(sent(now, 1, 10_000), MAX_CHALLENGES_OF_ONE);
        assert_eq!(sent(now, 2, 1), 1);
        assert_eq!(sent(now + PERIOD / 2, 1, 10), 0);
        assert_eq!(sent(now + PERIOD, 1, 10), MAX_CHALLENGES_OF_ONE);
        let all: usize = (100..1100).map(|to| sent(now + PERIOD, to, 2)).sum();
        assert_eq!(all + MAX_CHALLENGES_OF_ONE, MAX_CHALLENGES);
    }
}
