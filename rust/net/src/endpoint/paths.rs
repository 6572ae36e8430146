//! Which real address reaches a peer: asked by probes that only the peer can answer.

use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr};
use std::time::{Duration, Instant};

use ring::rand::{SecureRandom, SystemRandom};
use samovar_id::SteamId;

use crate::wire::{MAX_CANDIDATES, Probe, ProbeKind};

/// How often each address is asked while there is no path.
const PROBE_FAST: Duration = Duration::from_millis(100);
/// How often after [`PROBE_FAST_FOR`].
const PROBE_SLOW: Duration = Duration::from_millis(500);
/// How long the addresses are asked often.
const PROBE_FAST_FOR: Duration = Duration::from_secs(3);
/// A path on which nothing came for so long is asked again, with all others. Longer than the keep-alive interval, so
/// that a path that is only idle is not.
const SILENCE: Duration = Duration::from_millis(1500);
/// The most addresses that the peer has not offered, but asked from.
const MAX_SEEN: usize = 8;
/// Questions that may still be answered: those of a second to every address.
const MAX_ASKED: usize = 256;

/// The addresses of one peer, and the one that is used.
#[derive(Debug, Default)]
pub(super) struct Paths {
    secret: Option<[u8; 32]>,
    /// What the peer's latest offer named.
    offered: Vec<SocketAddr>,
    /// Where the peer's questions came from otherwise, as through a NAT.
    seen: VecDeque<SocketAddr>,
    current: Option<SocketAddr>,
    heard_at: Option<Instant>,
    started_at: Option<Instant>,
    next_probe: Option<Instant>,
    asked: VecDeque<(u64, SocketAddr)>,
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

    /// Where to send to: the path, or, while there is none, where the peer was seen last.
    pub(super) fn route(&self) -> Option<SocketAddr> {
        self.current.or_else(|| self.seen.back().copied())
    }

    /// Something came from an address for a connection of the peer.
    pub(super) fn heard(&mut self, now: Instant, from: SocketAddr) {
        if self.current == Some(from) {
            self.heard_at = Some(now);
        }
    }

    fn is_silent(&self, now: Instant) -> bool {
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
        let transaction = random();
        if self.asked.len() >= MAX_ASKED {
            self.asked.pop_front();
        }
        self.asked.push_back((transaction, target));
        Probe {
            kind: ProbeKind::Ping,
            from: me,
            transaction,
        }
        .seal(secret)
        .to_vec()
    }

    /// A question of the peer, already proved. What goes back: the answer, and, when there is no path and nobody has
    /// been asked there, a question.
    pub(super) fn pinged(
        &mut self,
        now: Instant,
        me: SteamId,
        from: SocketAddr,
        transaction: u64,
    ) -> Vec<Vec<u8>> {
        let Some(secret) = self.secret.filter(|_| is_sane(&from)) else {
            return Vec::new();
        };
        let mut back = vec![
            Probe {
                kind: ProbeKind::Pong,
                from: me,
                transaction,
            }
            .seal(&secret)
            .to_vec(),
        ];
        let is_new = !self.offered.contains(&from) && !self.seen.contains(&from);
        if is_new && self.is_silent(now) {
            back.push(self.ask(&secret, me, from));
        }
        self.seen.retain(|seen| *seen != from);
        if self.seen.len() >= MAX_SEEN {
            self.seen.pop_front();
        }
        self.seen.push_back(from);
        back
    }

    /// An answer of the peer, already proved. Whether it answers a question that was asked at that address, and whether
    /// that changes the path.
    pub(super) fn ponged(
        &mut self,
        now: Instant,
        from: SocketAddr,
        transaction: u64,
    ) -> Option<bool> {
        let at = self
            .asked
            .iter()
            .position(|asked| *asked == (transaction, from))?;
        self.asked.remove(at);
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

    fn transaction(probe: &[u8]) -> u64 {
        Probe::parse(probe).unwrap().transaction
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
        let asked = transaction(&probes[0].1);
        assert_eq!(paths.ponged(now, addr(2), asked), None);
        assert_eq!(paths.ponged(now, addr(1), asked ^ 1), None);
        assert_eq!(paths.ponged(now, addr(1), asked), Some(true));
        assert_eq!(paths.ponged(now, addr(1), asked), None, "once");
        assert_eq!(paths.current(), Some(addr(1)));
        assert_eq!(
            paths.ponged(now, addr(2), transaction(&probes[1].1)),
            Some(false),
            "the first one is kept"
        );
    }

    #[test]
    fn a_silent_path_is_replaced_by_one_that_answers() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[addr(1), addr(2)]);
        let asked = transaction(&paths.probes(now, ME)[0].1);
        paths.ponged(now, addr(1), asked);
        assert_eq!(paths.due(now), Some(now + SILENCE));
        assert!(paths.probes(now + SILENCE / 2, ME).is_empty());
        let later = now + SILENCE;
        let probes = paths.probes(later, ME);
        assert_eq!(probes.len(), 2);
        assert_eq!(
            paths.ponged(later, addr(2), transaction(&probes[1].1)),
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
            paths.pinged(now, ME, addr(port), 1);
        }
        assert_eq!(paths.probes(now, ME).len(), MAX_CANDIDATES + MAX_SEEN);
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
    fn a_timer_that_was_due_does_not_stay_due() {
        let now = Instant::now();
        let mut paths = Paths::default();
        paths.start([0; 32], &[addr(1)]);
        for step in 0..100 {
            let now = now + PROBE_FAST * step;
            let probes = paths.probes(now, ME);
            assert!(paths.due(now).is_none_or(|due| due > now));
            if step % 30 == 0 {
                paths.ponged(now, addr(1), transaction(&probes[0].1));
            }
        }
    }
}
