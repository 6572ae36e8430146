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
/// A path on which nothing came for so long is asked again, with all others.
const SILENCE: Duration = Duration::from_millis(1500);
/// Questions that may still be answered.
const MAX_ASKED: usize = 64;

/// The addresses of one peer, and the one that is used.
#[derive(Debug, Default)]
pub(super) struct Paths {
    secret: Option<[u8; 32]>,
    candidates: Vec<SocketAddr>,
    current: Option<SocketAddr>,
    heard_at: Option<Instant>,
    started_at: Option<Instant>,
    next_probe: Option<Instant>,
    asked: VecDeque<(u64, SocketAddr)>,
}

impl Paths {
    /// Begins anew, with the addresses and the secret of a relation.
    pub(super) fn start(&mut self, secret: [u8; 32], candidates: &[SocketAddr]) {
        *self = Self {
            secret: Some(secret),
            ..Self::default()
        };
        self.add(candidates);
    }

    /// More addresses to ask.
    pub(super) fn add(&mut self, candidates: &[SocketAddr]) {
        for candidate in candidates.iter().filter(|candidate| is_sane(candidate)) {
            if !self.candidates.contains(candidate) && self.candidates.len() < MAX_CANDIDATES {
                self.candidates.push(*candidate);
            }
        }
        self.started_at = None;
    }

    pub(super) fn secret(&self) -> Option<&[u8; 32]> {
        self.secret.as_ref()
    }

    /// The address that is used, once one has answered.
    pub(super) fn current(&self) -> Option<SocketAddr> {
        self.current
    }

    /// Something authentic came from an address.
    pub(super) fn heard(&mut self, now: Instant, from: SocketAddr) {
        if self.current == Some(from) {
            self.heard_at = Some(now);
        }
    }

    /// When [`Paths::probes`] has something to send.
    pub(super) fn poll_timeout(&self) -> Option<Instant> {
        self.secret?;
        match (self.current, self.heard_at) {
            (Some(_), Some(heard_at)) => {
                Some(self.next_probe.unwrap_or(heard_at).max(heard_at + SILENCE))
            }
            _ => self.next_probe,
        }
    }

    /// The probes that are due.
    pub(super) fn probes(&mut self, now: Instant, me: SteamId) -> Vec<(SocketAddr, Vec<u8>)> {
        let Some(secret) = self.secret else {
            return Vec::new();
        };
        let quiet = self.current.is_none()
            || self
                .heard_at
                .is_none_or(|heard_at| now >= heard_at + SILENCE);
        if !quiet || self.next_probe.is_some_and(|at| now < at) {
            return Vec::new();
        }
        let started_at = *self.started_at.get_or_insert(now);
        let fast = now.saturating_duration_since(started_at) < PROBE_FAST_FOR;
        self.next_probe = Some(now + if fast { PROBE_FAST } else { PROBE_SLOW });
        let mut probes = Vec::with_capacity(self.candidates.len());
        for candidate in self.candidates.clone() {
            let transaction = random();
            if self.asked.len() >= MAX_ASKED {
                self.asked.pop_front();
            }
            self.asked.push_back((transaction, candidate));
            let probe = Probe {
                kind: ProbeKind::Ping,
                from: me,
                transaction,
            };
            probes.push((candidate, probe.seal(&secret).to_vec()));
        }
        probes
    }

    /// A question of the peer, already proved: its address may be asked as well. The answer.
    pub(super) fn pinged(
        &mut self,
        now: Instant,
        me: SteamId,
        from: SocketAddr,
        transaction: u64,
    ) -> Option<Vec<u8>> {
        let secret = self.secret?;
        if !self.candidates.contains(&from)
            && self.candidates.len() < MAX_CANDIDATES
            && is_sane(&from)
        {
            self.candidates.push(from);
            self.next_probe = Some(now);
        }
        Some(
            Probe {
                kind: ProbeKind::Pong,
                from: me,
                transaction,
            }
            .seal(&secret)
            .to_vec(),
        )
    }

    /// An answer of the peer, already proved. True when it gives a path that was not used before.
    pub(super) fn ponged(&mut self, now: Instant, from: SocketAddr, transaction: u64) -> bool {
        let Some(at) = self
            .asked
            .iter()
            .position(|asked| *asked == (transaction, from))
        else {
            return false;
        };
        self.asked.remove(at);
        let silent = self
            .heard_at
            .is_none_or(|heard_at| now >= heard_at + SILENCE);
        let changed = self.current != Some(from) && (self.current.is_none() || silent);
        if changed {
            self.current = Some(from);
        }
        self.heard(now, from);
        changed
    }
}

/// Whether anybody could be at an address, and nobody else is bothered.
fn is_sane(addr: &SocketAddr) -> bool {
    let ip = addr.ip();
    let broadcast = matches!(ip, IpAddr::V4(ip) if ip.is_broadcast());
    addr.port() != 0 && !ip.is_unspecified() && !ip.is_multicast() && !broadcast
}

pub(super) fn random() -> u64 {
    let mut bytes = [0; 8];
    // Without randomness the number is guessable, and TLS does not work either.
    let _ = SystemRandom::new().fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
