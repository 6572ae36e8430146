//! Probes: is this the peer's address?

use ring::hmac;
use samovar_id::SteamId;

/// The length of every probe, in bytes: no answer is longer than its question.
pub const PROBE_LEN: usize = 41;
const SIGNED_LEN: usize = 25;
/// First bytes; no QUIC packet has one of these.
const ASKS: u8 = 0x01;
const ANSWERS: u8 = 0x02;

/// A probe: what it is, the sender and two numbers, and 16 bytes of HMAC-SHA-256 over them under the pair's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Who sends it.
    pub from: SteamId,
    /// Are you there? A random number, for the answer to repeat.
    pub asks: Option<u64>,
    /// I am: the number of the question.
    pub answers: Option<u64>,
}

impl Probe {
    /// The bytes, under the secret that both sides know.
    pub fn seal(&self, secret: &[u8; 32]) -> [u8; PROBE_LEN] {
        let mut bytes = [0; PROBE_LEN];
        bytes[0] = self.asks.map_or(0, |_| ASKS) | self.answers.map_or(0, |_| ANSWERS);
        bytes[1..9].copy_from_slice(&self.from.raw().to_be_bytes());
        bytes[9..17].copy_from_slice(&self.asks.unwrap_or_default().to_be_bytes());
        bytes[17..SIGNED_LEN].copy_from_slice(&self.answers.unwrap_or_default().to_be_bytes());
        let tag = hmac::sign(
            &hmac::Key::new(hmac::HMAC_SHA256, secret),
            &bytes[..SIGNED_LEN],
        );
        bytes[SIGNED_LEN..].copy_from_slice(&tag.as_ref()[..PROBE_LEN - SIGNED_LEN]);
        bytes
    }

    /// The probe in these bytes, unproved; `None` when they are none.
    pub fn parse(bytes: &[u8]) -> Option<Self> {
        let bytes: &[u8; PROBE_LEN] = bytes.try_into().ok()?;
        let kind = bytes[0];
        if !(ASKS..=ASKS | ANSWERS).contains(&kind) {
            return None;
        }
        let number = |at: usize| {
            bytes[at..at + 8]
                .iter()
                .fold(0, |number, byte| (number << 8) | u64::from(*byte))
        };
        Some(Self {
            from: SteamId::from_raw(number(1)),
            asks: (kind & ASKS != 0).then(|| number(9)),
            answers: (kind & ANSWERS != 0).then(|| number(17)),
        })
    }

    /// Whether these bytes are this probe under that secret.
    pub fn is_proved_by(&self, bytes: &[u8], secret: &[u8; 32]) -> bool {
        let sealed = self.seal(secret);
        // In constant time, so that a tag cannot be guessed byte by byte.
        sealed.len() == bytes.len()
            && sealed
                .iter()
                .zip(bytes)
                .fold(0, |differ, (a, b)| differ | (a ^ b))
                == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of each kind.
    fn probes() -> [Probe; 3] {
        [(Some(99), None), (None, Some(7)), (Some(0), Some(u64::MAX))].map(|(asks, answers)| {
            Probe {
                from: SteamId::individual(5),
                asks,
                answers,
            }
        })
    }

    #[test]
    fn only_under_the_right_secret_it_is_proved() {
        for probe in probes() {
            let sealed = probe.seal(&[3; 32]);
            assert_eq!(Probe::parse(&sealed), Some(probe));
            assert!(probe.is_proved_by(&sealed, &[3; 32]));
            assert!(!probe.is_proved_by(&sealed, &[4; 32]));
        }
    }

    #[test]
    fn every_truncation_and_every_changed_byte_is_refused() {
        for probe in probes() {
            let sealed = probe.seal(&[3; 32]);
            for len in 0..sealed.len() {
                assert_eq!(Probe::parse(&sealed[..len]), None);
            }
            let longer = [&sealed[..], &[0]].concat();
            assert_eq!(Probe::parse(&longer), None);
            for at in 0..sealed.len() {
                for value in (0..=u8::MAX).filter(|value| *value != sealed[at]) {
                    let mut changed = sealed;
                    changed[at] = value;
                    let proved = Probe::parse(&changed)
                        .is_some_and(|probe| probe.is_proved_by(&changed, &[3; 32]));
                    assert!(!proved, "byte {at} made {value}");
                }
            }
        }
    }
}
