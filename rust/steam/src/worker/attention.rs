//! Whether the directory does what one does: it answers, and its links last.

use std::time::{Duration, Instant};

use super::Worker;
use super::home::Target;

/// How long a directory may owe an answer. It is asked something each such time.
const ANSWER_PATIENCE: Duration = Duration::from_secs(10);
/// Who was not awake for so long has not listened either.
const NAP: Duration = Duration::from_secs(1);
/// How many links in a row may end soon after a welcome: a bad radio ends some.
const MAX_SHORT_LINKS: u32 = 4;

/// What is known of the directory that this process is a client of.
#[derive(Debug)]
pub(super) struct Attention {
    /// Since when this process has looked all the time.
    awake_since: Instant,
    looked_at: Instant,
    asks_at: Instant,
    short_links: u32,
}

impl Attention {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            awake_since: now,
            looked_at: now,
            asks_at: now,
            short_links: 0,
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

    /// A link has ended soon after a welcome. Whether that was too often.
    fn ended_early(&mut self) -> bool {
        self.short_links += 1;
        self.short_links >= MAX_SHORT_LINKS
    }

    /// A directory has welcomed this process: is there anything behind it?
    pub(super) fn welcomed(&mut self, now: Instant) {
        self.asks_at = now;
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
        let unanswered = Duration::from_millis(unanswered);
        let is_deaf = self.attention.waited(now, unanswered) >= ANSWER_PATIENCE;
        if is_deaf {
            self.lost(now, "it does not answer");
        }
        is_deaf
    }

    /// The link to the directory has ended. It may be this process that was stopped for a while, so the directory is dialled
    /// once more before it counts as dead; but not again and again where its welcome is all that comes of it.
    pub(super) fn home_closed(&mut self, now: Instant, target: Target) {
        let is_early = self.home.is_welcomed() && self.home.welcomed_at.is_some();
        if is_early && self.attention.ended_early() {
            self.attention.settled();
            return self.lost(now, "its links do not last");
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

    #[test]
    fn some_links_may_end_soon_and_not_all() {
        let mut attention = Attention::new(Instant::now());
        let ended = (0..MAX_SHORT_LINKS).filter(|_| attention.ended_early());
        assert_eq!(ended.count(), 1);
        attention.settled();
        assert!(!attention.ended_early());
    }
}
