//! Probes: is this the peer's address?

use ring::hmac;
use samovar_id::SteamId;

/// The length of a probe, in bytes; the answer is not longer than the question.
pub const PROBE_LEN: usize = 33;
const SIGNED_LEN: usize = 17;

/// Which of the two a probe is. The values are first bytes that no QUIC packet has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ProbeKind {
    /// Are you there?
    Ping = 0x01,
    /// I am.
    Pong = 0x02,
}

/// A probe: kind, sender and transaction, and 16 bytes of HMAC-SHA-256 over them under the pair's secret.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Question or answer.
    pub kind: ProbeKind,
    /// Who sends it.
    pub from: SteamId,
    /// Random; an answer repeats it.
    pub transaction: u64,
}

impl Probe {
    /// The bytes, under the secret that both sides know.
    pub fn seal(&self, secret: &[u8; 32]) -> [u8; PROBE_LEN] {
        let mut bytes = [0; PROBE_LEN];
        bytes[0] = self.kind as u8;
        bytes[1..9].copy_from_slice(&self.from.raw().to_be_bytes());
        bytes[9..SIGNED_LEN].copy_from_slice(&self.transaction.to_be_bytes());
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
        let kind = match bytes[0] {
            0x01 => ProbeKind::Ping,
            0x02 => ProbeKind::Pong,
            _ => return None,
        };
        let number = |at: usize| {
            bytes[at..at + 8]
                .iter()
                .fold(0, |number, byte| (number << 8) | u64::from(*byte))
        };
        Some(Self {
            kind,
            from: SteamId::from_raw(number(1)),
            transaction: number(9),
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

    #[test]
    fn only_the_untouched_probe_under_the_right_secret_is_proved() {
        let probe = Probe {
            kind: ProbeKind::Ping,
            from: SteamId::individual(5),
            transaction: 99,
        };
        let sealed = probe.seal(&[3; 32]);
        assert_eq!(Probe::parse(&sealed), Some(probe));
        assert!(probe.is_proved_by(&sealed, &[3; 32]));
        assert!(!probe.is_proved_by(&sealed, &[4; 32]));
        for len in 0..sealed.len() {
            assert_eq!(Probe::parse(&sealed[..len]), None);
        }
        for at in 0..sealed.len() {
            let mut changed = sealed;
            changed[at] ^= 1;
            let proved =
                Probe::parse(&changed).is_some_and(|probe| probe.is_proved_by(&changed, &[3; 32]));
            assert!(!proved, "byte {at}");
        }
    }
}
