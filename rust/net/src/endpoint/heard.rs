//! Which offers were heard, so that none is taken twice.

use std::collections::{BTreeSet, HashMap};

use samovar_id::SteamId;

/// The most senders of whom the latest offer is known.
const MAX_HEARD: usize = 8192;

/// The time of each sender's latest offer. Each sender has one place, so that none can have another's forgotten.
#[derive(Debug, Default)]
pub(super) struct Heard {
    latest: HashMap<SteamId, u64>,
    /// By time.
    order: BTreeSet<(u64, SteamId)>,
    /// Of senders who are not known, what is not later than this may have been heard.
    floor_ms: u64,
}

impl Heard {
    /// Notes an offer, of a time within `window_ms` of `now_ms`; true when it is later than all of its sender's before.
    pub(super) fn is_new(
        &mut self,
        now_ms: u64,
        window_ms: u64,
        from: SteamId,
        time_ms: u64,
    ) -> bool {
        while let Some((at, sender)) = self.order.first().copied()
            && at < now_ms.saturating_sub(window_ms)
        {
            self.forget(at, sender);
        }
        let before = self.latest.get(&from).copied();
        if time_ms <= before.unwrap_or(self.floor_ms) {
            return false;
        }
        if let Some(before) = before {
            self.order.remove(&(before, from));
        }
        self.latest.insert(from, time_ms);
        self.order.insert((time_ms, from));
        if self.order.len() > MAX_HEARD
            && let Some((at, sender)) = self.order.first().copied()
        {
            self.forget(at, sender);
            // Who names a time that is still to come must not silence others until then.
            self.floor_ms = self.floor_ms.max(at.min(now_ms));
        }
        true
    }

    fn forget(&mut self, at: u64, sender: SteamId) {
        self.order.remove(&(at, sender));
        self.latest.remove(&sender);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const WINDOW: u64 = 60_000;

    fn user(number: u64) -> SteamId {
        SteamId::individual(number)
    }

    #[test]
    fn offers_of_one_sender_rise_and_take_no_place_of_another() {
        let (mut heard, now) = (Heard::default(), 1_000_000);
        assert!(heard.is_new(now, WINDOW, user(1), now));
        for step in 0..100_000 {
            assert!(heard.is_new(now, WINDOW, user(2), now - 50_000 + step));
        }
        assert!(!heard.is_new(now, WINDOW, user(1), now), "a replay");
        assert!(
            !heard.is_new(now, WINDOW, user(1), now - 1),
            "an earlier one"
        );
        assert!(heard.is_new(now, WINDOW, user(1), now + 1));
        assert_eq!(heard.order.len(), 2);
    }

    #[test]
    fn beyond_the_bound_no_replay_passes_and_new_ones_do() {
        let (mut heard, mut now) = (Heard::default(), 1_000_000);
        let first = now;
        assert!(heard.is_new(now, WINDOW, user(1), first));
        for number in 0..20_000 {
            now += 1;
            // Half of them from the future.
            let time = now + number % 2 * 50_000;
            assert!(heard.is_new(now, WINDOW, user(100 + number), time));
            assert!(heard.order.len() <= MAX_HEARD);
        }
        assert!(!heard.is_new(now, WINDOW, user(1), first));
        assert!(heard.is_new(now, WINDOW, user(1), now + 1));
        assert!(heard.is_new(now, WINDOW, user(2), now + 1));
        // All is forgotten when none could pass any more.
        now += 200_000;
        assert!(heard.is_new(now, WINDOW, user(2), now));
        assert_eq!(heard.order.len(), 1);
    }
}
