//! How often a user may do what: kept for a while after the user is gone, so that coming again earns nothing.

use std::collections::{BTreeMap, HashMap};

use samovar_id::SteamId;

use crate::bucket::Bucket;
use crate::limits::{
    AVATAR_RATE, DATA_RATE, MAX_FORMER_RATES, MAX_SIGNAL_TARGETS, PERSONA_RATE, REQUEST_RATE,
    SETTINGS_RATE, SIGNAL_RATE, SIGNAL_SHARE, SIGNALLED_RATE, SPEECH_RATE,
};
use crate::protocol::Millis;

/// What is left to a user of each rate.
pub(super) struct Rates {
    pub(super) requests: Bucket,
    pub(super) speech: Bucket,
    pub(super) settings: Bucket,
    pub(super) data: Bucket,
    pub(super) personas: Bucket,
    pub(super) avatars: Bucket,
    pub(super) signals: Bucket,
    /// From whomever, beyond each sender's share.
    pub(super) signalled: Bucket,
    /// The user's share towards each other user.
    shares: BTreeMap<SteamId, Bucket>,
}

impl Rates {
    pub(super) fn new(now: Millis) -> Self {
        Self {
            requests: Bucket::new(REQUEST_RATE, now),
            speech: Bucket::new(SPEECH_RATE, now),
            settings: Bucket::new(SETTINGS_RATE, now),
            data: Bucket::new(DATA_RATE, now),
            personas: Bucket::new(PERSONA_RATE, now),
            avatars: Bucket::new(AVATAR_RATE, now),
            signals: Bucket::new(SIGNAL_RATE, now),
            signalled: Bucket::new(SIGNALLED_RATE, now),
            shares: BTreeMap::new(),
        }
    }

    /// Whether a signal to this user is within the share that nobody else can use up.
    pub(super) fn take_share(&mut self, now: Millis, to: SteamId) -> bool {
        if let Some(share) = self.shares.get_mut(&to) {
            return share.take(now);
        }
        if self.shares.len() >= MAX_SIGNAL_TARGETS {
            self.shares.retain(|_, share| !share.is_full(now));
        }
        if self.shares.len() >= MAX_SIGNAL_TARGETS {
            return false;
        }
        let mut share = Bucket::new(SIGNAL_SHARE, now);
        let is_left = share.take(now);
        self.shares.insert(to, share);
        is_left
    }

    /// Whether they are as good as new ones.
    fn are_whole(&mut self, now: Millis) -> bool {
        self.shares.retain(|_, share| !share.is_full(now));
        let Self {
            requests,
            speech,
            settings,
            data,
            personas,
            avatars,
            signals,
            signalled,
            shares,
        } = self;
        let mut buckets = [
            requests, speech, settings, data, personas, avatars, signals, signalled,
        ];
        shares.is_empty() && buckets.iter_mut().all(|bucket| bucket.is_full(now))
    }
}

/// What is left to users who are gone.
#[derive(Default)]
pub(super) struct Former {
    /// With the number in `order`.
    by_user: HashMap<SteamId, (u64, Rates)>,
    order: BTreeMap<u64, SteamId>,
    next: u64,
}

impl Former {
    /// A user is gone. Of too many, the one who went first is forgotten.
    pub(super) fn keep(&mut self, now: Millis, user: SteamId, mut rates: Rates) {
        self.forget(user);
        if rates.are_whole(now) {
            return;
        }
        if self.order.len() >= MAX_FORMER_RATES
            && let Some((_, oldest)) = self.order.pop_first()
        {
            self.by_user.remove(&oldest);
        }
        self.order.insert(self.next, user);
        self.by_user.insert(user, (self.next, rates));
        self.next += 1;
    }

    /// What is left to a user who comes, perhaps again.
    pub(super) fn take(&mut self, now: Millis, user: SteamId) -> Rates {
        self.forget(user).unwrap_or_else(|| Rates::new(now))
    }

    fn forget(&mut self, user: SteamId) -> Option<Rates> {
        let (number, rates) = self.by_user.remove(&user)?;
        self.order.remove(&number);
        Some(rates)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn user(number: usize) -> SteamId {
        SteamId::individual((8 << 32) | number as u64)
    }

    #[test]
    fn of_users_who_are_gone_a_bounded_number_is_remembered_and_none_that_has_rested() {
        let mut former = Former::default();
        let now = Millis(1_000);
        for number in 0..MAX_FORMER_RATES + 5 {
            let mut rates = former.take(now, user(number));
            rates.requests.take(now);
            former.keep(now, user(number), rates);
        }
        assert_eq!(former.by_user.len(), MAX_FORMER_RATES);
        assert_eq!(former.order.len(), MAX_FORMER_RATES);
        assert!(
            !former.by_user.contains_key(&user(4)),
            "the first are forgotten"
        );
        for number in 0..MAX_FORMER_RATES + 5 {
            let rates = former.take(now, user(number));
            former.keep(Millis(60_000), user(number), rates);
        }
        assert!(former.by_user.is_empty() && former.order.is_empty());
    }

    #[test]
    fn shares_towards_many_are_bounded_and_come_back() {
        let mut rates = Rates::new(Millis(0));
        let taken = |rates: &mut Rates, now| {
            (0..2 * MAX_SIGNAL_TARGETS)
                .filter(|number| rates.take_share(now, user(*number)))
                .count()
        };
        assert_eq!(taken(&mut rates, Millis(0)), MAX_SIGNAL_TARGETS);
        assert_eq!(taken(&mut rates, Millis(0)), MAX_SIGNAL_TARGETS);
        assert_eq!(rates.shares.len(), MAX_SIGNAL_TARGETS);
        assert!(!rates.are_whole(Millis(0)));
        assert!(rates.are_whole(Millis(10_000)));
        assert_eq!(taken(&mut rates, Millis(10_000)), MAX_SIGNAL_TARGETS);
    }
}
