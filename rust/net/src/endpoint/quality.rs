//! What part of the packets to a peer arrives.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

/// Over how long packets are counted.
const WINDOW: Duration = Duration::from_secs(10);
/// How often it is noted how many there have been.
const MARK_EVERY: Duration = Duration::from_secs(1);
/// Of fewer packets nothing is said.
const MIN_PACKETS: u64 = 20;
/// How often the peer is told at most.
const TELL_EVERY: Duration = Duration::from_secs(1);

/// Packets until some moment.
#[derive(Clone, Copy, Default)]
struct Count {
    sent: u64,
    lost: u64,
}

/// The quality of the way to a peer. Only who sends knows what is missing, so each side counts its own and tells the other.
#[derive(Default)]
pub(super) struct Quality {
    /// At most one a second: the first may be older than the window, no other is.
    marks: VecDeque<(Instant, Count)>,
    percent: Option<u8>,
    told: Option<(Instant, u8)>,
}

impl Quality {
    /// Takes how many packets have been sent, and were lost, since the connection began.
    pub(super) fn count(&mut self, now: Instant, sent: u64, lost: u64) {
        let age = |at: Instant| now.saturating_duration_since(at);
        while self.marks.get(1).is_some_and(|(at, _)| age(*at) >= WINDOW) {
            self.marks.pop_front();
        }
        let then = self
            .marks
            .front()
            .map_or(Count::default(), |(_, count)| *count);
        self.percent = percent_arrived(
            sent.saturating_sub(then.sent),
            lost.saturating_sub(then.lost),
        )
        .or(self.percent);
        if self
            .marks
            .back()
            .is_none_or(|(at, _)| age(*at) >= MARK_EVERY)
        {
            self.marks.push_back((now, Count { sent, lost }));
        }
    }

    /// What part of the packets of the last seconds has arrived, in percent; `None` before there were enough of them.
    pub(super) fn percent(&self) -> Option<u8> {
        self.percent
    }

    /// What the peer is to be told now.
    pub(super) fn tell(&mut self, now: Instant) -> Option<u8> {
        let percent = self.percent?;
        let is_old =
            |(at, told): (Instant, u8)| told == percent || now.duration_since(at) < TELL_EVERY;
        if self.told.is_some_and(is_old) {
            return None;
        }
        self.told = Some((now, percent));
        Some(percent)
    }
}

/// Rounded down, so that 100 says that nothing was lost.
fn percent_arrived(sent: u64, lost: u64) -> Option<u8> {
    if sent < MIN_PACKETS {
        return None;
    }
    u8::try_from(sent.saturating_sub(lost) * 100 / sent).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn seconds(number: u64) -> Duration {
        Duration::from_secs(number)
    }

    #[test]
    fn it_is_of_the_last_seconds_and_told_once() {
        let mut quality = Quality::default();
        let start = Instant::now();
        quality.count(start, 19, 0);
        assert_eq!((quality.percent(), quality.tell(start)), (None, None));
        // From there on a tenth is lost for 30 s, then nothing.
        let (mut sent, mut lost) = (19, 0);
        for second in 1..=60 {
            let now = start + seconds(second);
            sent += 50;
            lost += if second <= 30 { 5 } else { 0 };
            quality.count(now, sent, lost);
            let told = quality.tell(now);
            match second {
                2 => assert_eq!((quality.percent(), told), (Some(90), None)),
                3..=30 => assert_eq!((quality.percent(), told), (Some(90), None)),
                35 => assert_eq!((quality.percent(), told), (Some(95), Some(95))),
                42.. => assert_eq!(quality.percent(), Some(100)),
                _ => {}
            }
            assert!(quality.marks.len() <= 12);
        }
        // Of a connection that has nothing to send, it stays what it was.
        quality.count(start + seconds(200), sent + 1, lost + 1);
        quality.count(start + seconds(201), sent + 2, lost + 2);
        assert_eq!(quality.percent(), Some(100));
    }

    #[test]
    fn the_peer_is_told_once_a_second() {
        let mut quality = Quality::default();
        let start = Instant::now();
        let mut told = 0;
        for step in 0..100 {
            let now = start + Duration::from_millis(100) * step;
            // Worse with each step.
            let step = u64::from(step);
            quality.count(now, 100 * step, step * step / 2);
            told += u32::from(quality.tell(now).is_some());
        }
        assert_eq!(told, 10, "times in 10 s");
    }
}
