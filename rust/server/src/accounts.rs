//! How much work each key has caused lately, in bytes read and made for it. Who comes again finds what it owes.

use std::collections::HashMap;

use samovar_lobby::Millis;
use samovar_net::PublicKey;

/// What a user may cause at once, after a rest, in bytes that are read and made: frames before they are deflated.
pub const WORK_BURST: u64 = 8 * 1024 * 1024;
/// What it may cause over time, in such bytes a second. Who causes more waits, and nobody else does.
pub const WORK_PER_SECOND: u64 = 2 * 1024 * 1024;
/// The most keys that are known, with those who are not here any more; of these the least indebted are forgotten.
pub const MAX_ACCOUNTS: usize = 4096;

#[derive(Clone, Copy)]
struct Account {
    used: u64,
    at: Millis,
}

impl Account {
    fn used(self, now: Millis) -> u64 {
        let earned = now.0.saturating_sub(self.at.0) * WORK_PER_SECOND / 1000;
        self.used.saturating_sub(earned)
    }
}

#[derive(Default)]
pub(crate) struct Accounts {
    by_key: HashMap<PublicKey, Account>,
}

impl Accounts {
    pub(crate) fn charge(&mut self, now: Millis, key: PublicKey, work: u64) {
        if !self.by_key.contains_key(&key) {
            self.make_room(now);
        }
        let used = self.used(now, key).saturating_add(work);
        self.by_key.insert(key, Account { used, at: now });
    }

    /// When a key may cause more work, if not now.
    pub(crate) fn owes_until(&self, now: Millis, key: PublicKey) -> Option<Millis> {
        let owed = self.used(now, key).checked_sub(WORK_BURST)?;
        Some(now.plus((owed * 1000).div_ceil(WORK_PER_SECOND) + 1))
    }

    /// Whether a key has caused little: it has its turn before others.
    pub(crate) fn is_light(&self, now: Millis, key: PublicKey) -> bool {
        self.used(now, key) <= WORK_BURST / 2
    }

    fn used(&self, now: Millis, key: PublicKey) -> u64 {
        self.by_key.get(&key).map_or(0, |account| account.used(now))
    }

    /// Forgets who owes nothing and, where all owe, the half that owes less.
    fn make_room(&mut self, now: Millis) {
        if self.by_key.len() < MAX_ACCOUNTS {
            return;
        }
        self.by_key.retain(|_, account| account.used(now) > 0);
        if self.by_key.len() >= MAX_ACCOUNTS {
            let mut all: Vec<u64> = self.by_key.values().map(|a| a.used(now)).collect();
            let middle = MAX_ACCOUNTS / 2;
            let (_, median, _) = all.select_nth_unstable(middle);
            let median = *median;
            let mut kept = 0;
            self.by_key.retain(|_, account| {
                let stays = account.used(now) > median || (kept < middle / 2);
                kept += usize::from(stays);
                stays
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> PublicKey {
        let mut key = [0; 32];
        key[..4].copy_from_slice(&number.to_be_bytes());
        PublicKey(key)
    }

    #[test]
    fn what_is_owed_is_paid_by_waiting() {
        let mut accounts = Accounts::default();
        assert_eq!(accounts.owes_until(Millis(0), key(1)), None);
        accounts.charge(Millis(0), key(1), WORK_BURST + 3 * WORK_PER_SECOND);
        let until = accounts.owes_until(Millis(1_000), key(1)).expect("owes");
        assert!((3_000..3_010).contains(&until.0), "{until:?}");
        assert_eq!(accounts.owes_until(until, key(1)), None);
        assert!(!accounts.is_light(until, key(1)));
        assert!(accounts.is_light(Millis(6_000), key(1)));
    }

    #[test]
    fn many_keys_are_bounded_and_who_owes_most_is_remembered() {
        let mut accounts = Accounts::default();
        accounts.charge(Millis(0), key(0), 2 * WORK_BURST);
        for number in 1..50_000 {
            accounts.charge(Millis(0), key(number), 1 + u64::from(number % 2));
            assert!(accounts.by_key.len() <= MAX_ACCOUNTS);
        }
        assert!(accounts.owes_until(Millis(0), key(0)).is_some());
    }
}
