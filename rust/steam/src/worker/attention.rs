//! Whether the directory does what one does: it answers, and its links last.

use std::time::{Duration, Instant};

use super::Worker;
use super::home::Target;
use super::standings::Place;

/// How long a directory may owe an answer. It is asked something each such time.
pub(super) const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// The same of one that says other things meanwhile: on a slow link an answer may wait behind half a megabyte.
const LONGEST_PATIENCE: Duration = Duration::from_secs(60);
/// For so long after its latest frame a directory counts as one that says something.
const TALKING: Duration = Duration::from_secs(2);
/// Who was not awake for so long has not listened either.
const NAP: Duration = Duration::from_secs(1);
/// How many links in a row the directory may end before or soon after its welcome.
const MAX_SHORT_LINKS: u32 = 4;
/// How many may end so for want of an answer or of speed: a bad radio ends some.
const MAX_STRAINED_LINKS: u32 = 8;
/// What one that the directory ended weighs, where a strained one weighs 1.
const SHORT_LINK_WEIGHT: u32 = MAX_STRAINED_LINKS / MAX_SHORT_LINKS;

/// What is known of the directory that this process is a client of.
#[derive(Debug)]
pub(super) struct Attention {
    /// Since when this process has looked all the time.
    awake_since: Instant,
    looked_at: Instant,
    asks_at: Instant,
    heard_at: Option<Instant>,
    /// Whether the directory owes an answer for longer than one that says nothing may.
    is_owed: bool,
    /// Which directory the following is of.
    place: Option<Place>,
    /// How many of its links have ended early, by their weight.
    short_links: u32,
    /// Whether it has ever welcomed this process.
    has_welcomed: bool,
}

impl Attention {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            awake_since: now,
            looked_at: now,
            asks_at: now,
            heard_at: None,
            is_owed: false,
            place: None,
            short_links: 0,
            has_welcomed: false,
        }
    }

    /// How long something that is unanswered since then has been so while this process was there to hear it.
    fn waited(&mut self, now: Instant, unanswered: Duration) -> Duration {
        if now.saturating_duration_since(self.looked_at) >= NAP {
            self.awake_since = now;
        }
        self.looked_at = now;
        unanswered.min(now.saturating_duration_since(self.awake_since))
    }

    /// Whether a directory that has owed an answer for so long will not give it.
    fn is_deaf(&mut self, now: Instant, unanswered: Duration) -> bool {
        let waited = self.waited(now, unanswered);
        self.is_owed = waited >= ANSWER_PATIENCE;
        let talks = |at: Instant| now.saturating_duration_since(at) <= TALKING;
        let patience = if self.heard_at.is_some_and(talks) {
            LONGEST_PATIENCE
        } else {
            ANSWER_PATIENCE
        };
        waited >= patience
    }

    /// Whether an answer is overdue: who owes one has not proved to be a directory.
    pub(super) fn is_owed(&self) -> bool {
        self.is_owed
    }

    /// The directory said something.
    pub(super) fn heard(&mut self, now: Instant) {
        self.heard_at = Some(now);
    }

    /// It is this directory from now on, or none elsewhere: what another one did counts no more.
    pub(super) fn concerns(&mut self, place: Option<Place>) {
        if self.place != place {
            self.place = place;
            self.short_links = 0;
            self.has_welcomed = false;
        }
    }

    /// A link has ended before or soon after a welcome. Whether that was too often.
    fn ended_early(&mut self, is_strain: bool) -> bool {
        self.short_links += if is_strain { 1 } else { SHORT_LINK_WEIGHT };
        self.short_links >= MAX_STRAINED_LINKS
    }

    /// A directory has welcomed a call of this process, which goes there.
    pub(super) fn follows(&mut self, place: Place) {
        self.concerns(Some(place));
        self.has_welcomed = true;
    }

    /// A directory has welcomed this process: is there anything behind it?
    pub(super) fn welcomed(&mut self, now: Instant) {
        self.asks_at = now;
        self.is_owed = false;
        self.has_welcomed = true;
    }

    /// The directory has been one for a while.
    pub(super) fn settled(&mut self) {
        self.short_links = 0;
    }
}

impl Worker {
    /// Asks the directory something now and then, and leaves it where it answers nothing. True when it is left.
    pub(super) fn doubt(&mut self, now: Instant) -> bool {
        let now_ms = self.setup.shared.now_ms();
        let mut mirror = self.setup.shared.mirror.lock();
        let unanswered = mirror
            .unanswered_since()
            .map_or(0, |since| now_ms.0.saturating_sub(since.0));
        if now >= self.attention.asks_at {
            self.attention.asks_at = now + ANSWER_PATIENCE;
            mirror.ask_whether_it_answers();
        }
        drop(mirror);
        let is_deaf = self
            .attention
            .is_deaf(now, Duration::from_millis(unanswered));
        if is_deaf {
            self.lost(now, "it does not answer");
        }
        is_deaf
    }

    /// The link to the directory has ended. It may be this process that was stopped for a while, so the directory is dialled
    /// once more before it counts as dead; but not again and again where such links are all that comes of it.
    pub(super) fn home_closed(&mut self, now: Instant, target: Target, is_strain: bool) {
        let is_early = !self.home.is_welcomed() || self.home.welcomed_at.is_some();
        if is_early && self.attention.ended_early(is_strain) {
            self.attention.settled();
            let has_welcomed = self.attention.has_welcomed;
            return self.leave(now, "its links do not last", has_welcomed);
        }
        self.search(now);
        self.dial(now, target);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_has_slept_blames_nobody_for_it() {
        let start = Instant::now();
        let mut attention = Attention::new(start);
        let step = Duration::from_millis(100);
        let mut now = start;
        for _ in 0..50 {
            now += step;
            attention.waited(now, Duration::ZERO);
        }
        // Stopped for a minute, while an answer was due.
        now += Duration::from_secs(60);
        assert!(attention.waited(now, Duration::from_secs(61)) < ANSWER_PATIENCE);
        let awake = now;
        while attention.waited(now, Duration::from_secs(100)) < ANSWER_PATIENCE {
            now += step;
        }
        assert_eq!(now - awake, ANSWER_PATIENCE);
    }

    fn place(number: u8) -> Option<Place> {
        let (key, addrs) = ([number; 32], Vec::new());
        Some(Place { key, addrs })
    }

    #[test]
    fn some_links_may_end_soon_and_not_all() {
        for (is_strain, most) in [(false, MAX_SHORT_LINKS), (true, MAX_STRAINED_LINKS)] {
            let mut attention = Attention::new(Instant::now());
            attention.concerns(place(1));
            let ended = (0..most).filter(|_| attention.ended_early(is_strain));
            assert_eq!(ended.count(), 1);
            attention.settled();
            assert!(!attention.ended_early(is_strain));
        }
    }

    #[test]
    fn links_are_counted_of_one_directory() {
        let mut attention = Attention::new(Instant::now());
        for _ in 0..MAX_SHORT_LINKS {
            attention.concerns(place(1));
            assert!(!attention.ended_early(false));
            // Another one, or a directory of its own.
            attention.concerns(None);
        }
        // Dialled again, it is the same one.
        let too_often = |attention: &mut Attention| {
            attention.concerns(place(1));
            attention.ended_early(false)
        };
        let ended = (0..MAX_SHORT_LINKS).filter(|_| too_often(&mut attention));
        assert_eq!(ended.count(), 1);
    }

    #[test]
    fn who_says_other_things_has_longer_to_answer_and_not_for_ever() {
        for (talks, patience) in [(false, ANSWER_PATIENCE), (true, LONGEST_PATIENCE)] {
            let start = Instant::now();
            let mut attention = Attention::new(start);
            let mut now = start;
            attention.heard(now);
            while !attention.is_deaf(now, now - start) {
                assert_eq!(attention.is_owed(), now - start >= ANSWER_PATIENCE);
                now += Duration::from_millis(100);
                if talks {
                    attention.heard(now);
                }
            }
            assert_eq!(now - start, patience);
            attention.welcomed(now);
            assert!(!attention.is_owed());
        }
    }
}
