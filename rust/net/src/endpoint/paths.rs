//! Which real address reaches a peer: asked by probes that only the peer can answer.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use samovar_id::SteamId;

use crate::wire::{MAX_CANDIDATES, Probe};

/// How often each address is asked while there is no path.
const PROBE_FAST: Duration = Duration::from_millis(100);
/// How often after [`PROBE_FAST_FOR`].
const PROBE_SLOW: Duration = Duration::from_millis(500);
/// How long the addresses are asked often.
const PROBE_FAST_FOR: Duration = Duration::from_secs(3);
/// A path on which nothing came for so long is asked again, with all others. Longer than the keep-alive interval, so
/// that a path that is only idle is not.
const SILENCE: Duration = Duration::from_millis(1500);
/// The most addresses that the peer has not offered, but answered from.
const MAX_SEEN: usize = 8;
/// Questions that may still be answered: those of a second to every address.
const MAX_ASKED: usize = 256;
/// Questions that went back with answers, to addresses that are not proved: anybody may have replayed what they answer,
/// so that they have a bound of their own.
const MAX_ASKED_BACK: usize = 64;

/// The addresses of one peer, and the one that is used.
#[derive(Debug, Default)]
pub(super) struct Paths {
    secret: Option<[u8; 32]>,
    /// What the peer's latest offer named.
    offered: Vec<SocketAddr>,
    /// Where else the peer has answered from, as through a NAT.
    seen: VecDeque<SocketAddr>,
    current: Option<SocketAddr>,
    heard_at: Option<Instant>,
    started_at: Option<Instant>,
    next_probe: Option<Instant>,
    asked: VecDeque<(u64, SocketAddr)>,
    asked_back: VecDeque<(u64, SocketAddr)>,
}

impl Paths {
    /// Begins anew, with the secret and the addresses of a relation.
    pub(super) fn start(&mut self, secret: [u8; 32], candidates: &[SocketAddr]) {
        *self = Self {
            secret: Some(secret),
            ..Self::default()
        };
        self.offer(candidates);
    }

    /// The addresses that the peer has now, instead of those that it named before.
    pub(super) fn offer(&mut self, candidates: &[SocketAddr]) {
        self.offered.clear();
        for candidate in candidates.iter().filter(|candidate| is_sane(candidate)) {
            if !self.offered.contains(candidate) && self.offered.len() < MAX_CANDIDATES {
                self.offered.push(*candidate);
            }
        }
        self.started_at = None;
        self.next_probe = None;
    }

    pub(super) fn secret(&self) -> Option<&[u8; 32]> {
        self.secret.as_ref()
    }

    /// The address that is used, once one has answered.
    pub(super) fn current(&self) -> Option<SocketAddr> {
        self.current
    }

    /// Something came from an address for a connection of the peer.
    pub(super) fn heard(&mut self, now: Instant, from: SocketAddr) {
        if self.current == Some(from) {
            self.heard_at = Some(now);
        }
    }

    /// Whether nothing has come on the path for a while, or there is none.
    pub(super) fn is_silent(&self, now: Instant) -> bool {
        self.current.is_none()
            || self
                .heard_at
                .is_none_or(|heard_at| now >= heard_at + SILENCE)
    }

    /// When [`Paths::probes`] next has something to send: never before `now`, once it has been called.
    pub(super) fn due(&self, now: Instant) -> Option<Instant> {
        self.secret?;
        if self.is_silent(now) {
            self.next_probe
        } else {
            self.heard_at.map(|heard_at| heard_at + SILENCE)
        }
    }

    /// The probes that are due.
    pub(super) fn probes(&mut self, now: Instant, me: SteamId) -> Vec<(SocketAddr, Vec<u8>)> {
        let Some(secret) = self.secret else {
            return Vec::new();
        };
        if !self.is_silent(now) || self.next_probe.is_some_and(|at| now < at) {
            return Vec::new();
        }
        let started_at = *self.started_at.get_or_insert(now);
        let fast = now.saturating_duration_since(started_at) < PROBE_FAST_FOR;
        self.next_probe = Some(now + if fast { PROBE_FAST } else { PROBE_SLOW });
        let mut targets: Vec<SocketAddr> = self.offered.clone();
        for addr in self.seen.iter().chain(&self.current) {
            if !targets.contains(addr) {
                targets.push(*addr);
            }
        }
        targets
            .into_iter()
            .map(|target| (target, self.ask(&secret, me, target)))
            .collect()
    }

    fn ask(&mut self, secret: &[u8; 32], me: SteamId, target: SocketAddr) -> Vec<u8> {
        let number = random();
        note(&mut self.asked, MAX_ASKED, (number, target));
        Probe {
            from: me,
            asks: Some(number),
            answers: None,
        }
        .seal(secret)
        .to_vec()
    }

    /// Whether an address is among those that are tried.
    pub(super) fn knows(&self, addr: SocketAddr) -> bool {
        self.current == Some(addr) || self.offered.contains(&addr) || self.seen.contains(&addr)
    }

    /// What answers a question of the peer, whose secret it showed. Anybody may have recorded it: an address that is not
    /// `proved` is asked in the same packet.
    pub(super) fn answer(
        &mut self,
        me: SteamId,
        from: SocketAddr,
        question: u64,
        proved: bool,
    ) -> Option<Vec<u8>> {
        let secret = self.secret.filter(|_| is_sane(&from))?;
        let asks = (!proved).then(random);
        if let Some(number) = asks {
            note(&mut self.asked_back, MAX_ASKED_BACK, (number, from));
        }
        let probe = Probe {
            from: me,
            asks,
            answers: Some(question),
        };
        Some(probe.seal(&secret).to_vec())
    }

    /// An answer of the peer, whose secret it showed. Whether it answers a question that was asked at that address, and
    /// whether that changes the path.
    pub(super) fn answered(
        &mut self,
        now: Instant,
        from: SocketAddr,
        question: u64,
    ) -> Option<bool> {
        let asked = [&mut self.asked, &mut self.asked_back]
            .into_iter()
            .find_map(|asked| {
                let at = asked.iter().position(|asked| *asked == (question, from))?;
                asked.remove(at)
            });
        asked?;
        if !self.offered.contains(&from) {
            self.seen.retain(|seen| *seen != from);
            note(&mut self.seen, MAX_SEEN, from);
        }
        let changed = self.current != Some(from) && self.is_silent(now);
        if changed {
            self.current = Some(from);
        }
        self.heard(now, from);
        if self.current == Some(from) {
            self.started_at = None;
        }
        Some(changed)
    }
}

/// The newest, in the place of the oldest where there are so many.
fn note<T>(queue: &mut VecDeque<T>, most: usize, new: T) {
    if queue.len() >= most {
        queue.pop_front();
    }
    queue.push_back(new);
}

/// Whether anybody could be at an address, and nobody else is bothered.
fn is_sane(addr: &SocketAddr) -> bool {
    let ip = addr.ip().to_canonical();
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    addr.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    // Without randomness the number is guessable, and TLS does not work either.
    let _ = SystemRandom::new().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    const ME: SteamId = SteamId::from_raw(1);

    fn addr(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    fn question(probe: &[u8]) -> u64 {
        Probe::parse(probe).unwrap().asks.unwrap()
    }

    #[test]
    fn nonsense_is_not_asked() {
        let nonsense = [
            "192.0.2.1:0",
            "0.0.0.0:1",
            "[::]:1",
            "224.0.0.1:1",
            "[ff02::1]:1",
            "255.255.255.255:1",
        ];
        let mapped = [
            "[::ffff:224.0.0.1]:1",
            "[::ffff:255.255.255.255]:1",
            "[::ffff:0.0.0.0]:1",
        ];
        let candidates: Vec<SocketAddr> = nonsense
            .iter()
            .chain(&mapped)
            .map(|text| text.parse().unwrap())
            .collect();
        let mut paths = Paths::default();
        paths.start([0; 32], &candidates);
        assert!(paths.probes(Instant::now(), ME).is_empty());
    }

    #[test]
    fn only_answers_to_questions_at_that_address_make_a_path() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[addr(1), addr(2)]);
        let probes = paths.probes(now, ME);
        assert_eq!(probes.len(), 2);
        let asked = question(&probes[0].1);
        assert_eq!(paths.answered(now, addr(2), asked), None);
        assert_eq!(paths.answered(now, addr(1), asked ^ 1), None);
        assert_eq!(paths.answered(now, addr(1), asked), Some(true));
        assert_eq!(paths.answered(now, addr(1), asked), None, "once");
        assert_eq!(paths.current(), Some(addr(1)));
        assert_eq!(
            paths.answered(now, addr(2), question(&probes[1].1)),
            Some(false),
            "the first one is kept"
        );
    }

    #[test]
    fn a_silent_path_is_replaced_by_one_that_answers() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[addr(1), addr(2)]);
        let asked = question(&paths.probes(now, ME)[0].1);
        paths.answered(now, addr(1), asked);
        assert_eq!(paths.due(now), Some(now + SILENCE));
        assert!(paths.probes(now + SILENCE / 2, ME).is_empty());
        let later = now + SILENCE;
        let probes = paths.probes(later, ME);
        assert_eq!(probes.len(), 2);
        assert_eq!(
            paths.answered(later, addr(2), question(&probes[1].1)),
            Some(true)
        );
        assert_eq!(paths.current(), Some(addr(2)));
    }

    #[test]
    fn what_a_peer_names_and_asks_from_is_bounded() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &(1..1000).map(addr).collect::<Vec<_>>());
        for port in 1000..2000 {
            let answer = paths.answer(ME, addr(port), 1, false).unwrap();
            paths.answered(now, addr(port), question(&answer));
            paths.answer(ME, addr(port), 1, false);
        }
        assert_eq!(paths.asked_back.len(), MAX_ASKED_BACK);
        let now = now + SILENCE;
        assert_eq!(paths.probes(now, ME).len(), MAX_CANDIDATES + MAX_SEEN + 1);
        for step in 1..1000 {
            paths.probes(now + PROBE_SLOW * step, ME);
        }
        assert_eq!(paths.asked.len(), MAX_ASKED);
        paths.offer(&[addr(5000)]);
        assert!(
            paths
                .probes(now + PROBE_SLOW * 1000, ME)
                .iter()
                .any(|(to, _)| *to == addr(5000)),
            "new ones find room"
        );
    }

    #[test]
    fn an_address_that_only_asked_is_asked_but_not_sent_to() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[]);
        let answer = paths.answer(ME, addr(7), 99, false).unwrap();
        let probe = Probe::parse(&answer).unwrap();
        assert_eq!(probe.answers, Some(99));
        assert_eq!(paths.current(), None);
        assert!(paths.probes(now, ME).is_empty());
        assert_eq!(paths.answered(now, addr(8), probe.asks.unwrap()), None);
        assert_eq!(
            paths.answered(now, addr(7), probe.asks.unwrap()),
            Some(true)
        );
        let answer = paths.answer(ME, addr(7), 99, true).unwrap();
        assert_eq!(Probe::parse(&answer).unwrap().asks, None);
        assert_eq!(paths.probes(now + SILENCE, ME).len(), 1);
    }

    #[test]
    fn a_timer_that_was_due_does_not_stay_due() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[addr(1)]);
        for step in 0..100 {
            let now = now + PROBE_FAST * step;
            let probes = paths.probes(now, ME);
            assert!(paths.due(now).is_none_or(|due| due > now));
            if step % 30 == 0 {
                paths.answered(now, addr(1), question(&probes[0].1));
            }
        }
    }
}
