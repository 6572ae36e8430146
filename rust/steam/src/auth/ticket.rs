//! Tickets as bytes: the signature, then in postcard who signed, the version and what is claimed.

use samovar_id::SteamId;
use samovar_lobby::Millis;
use samovar_net::{Credential, Identity};
use serde::{Deserialize, Serialize};

/// The longest ticket, in bytes; GodotSteam's buffer for one.
pub const MAX_TICKET: usize = 1024;
/// How long a ticket can be used, in milliseconds: one hour.
pub const TICKET_LIFETIME_MS: u64 = 60 * 60 * 1000;
/// How far in the future a ticket may have been issued, in milliseconds: clocks differ where there is no directory.
const CLOCK_TOLERANCE_MS: u64 = 5 * 60 * 1000;

const LABEL: &[u8] = b"samovar auth ticket";
const VERSION: u16 = 1;
const SIGNATURE_LEN: usize = 64;

/// What a ticket claims, beside who has signed it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Ticket {
    pub(super) app_id: u32,
    /// Who may check it; `None` is anybody.
    pub(super) recipient: Option<SteamId>,
    /// Random, and its name in what owner and verifier tell each other.
    pub(super) number: u64,
    pub(super) issued_ms: u64,
    pub(super) expires_ms: u64,
}

/// Why bytes are no ticket that can be looked at further.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unreadable {
    /// Cut short, altered, or signed by nobody.
    Invalid,
    /// Of another version.
    Version,
}

impl Ticket {
    pub(super) fn new(now: Millis, app_id: u32, recipient: Option<SteamId>, number: u64) -> Self {
        Self {
            app_id,
            recipient,
            number,
            issued_ms: now.0,
            expires_ms: now.0.saturating_add(TICKET_LIFETIME_MS),
        }
    }

    pub(super) fn seal(&self, identity: &Identity) -> Vec<u8> {
        self.seal_as(identity, VERSION)
    }

    pub(super) fn seal_as(&self, identity: &Identity, version: u16) -> Vec<u8> {
        // A Vec takes everything.
        let body = postcard::to_stdvec(&(identity.credential(), version, self)).unwrap_or_default();
        [&identity.sign(&signed(&body))[..], &body].concat()
    }

    /// The ticket in these bytes and the Steam ID that it proves. The signature counts before all else, so that only
    /// a ticket that somebody did sign can be of another version.
    pub(super) fn unseal(sealed: &[u8]) -> Result<(Self, SteamId), Unreadable> {
        if sealed.len() > MAX_TICKET {
            return Err(Unreadable::Invalid);
        }
        let (signature, body) = sealed
            .split_at_checked(SIGNATURE_LEN)
            .ok_or(Unreadable::Invalid)?;
        let (from, claims): (Credential, _) =
            postcard::take_from_bytes(body).map_err(|_| Unreadable::Invalid)?;
        let owner = from.steam_id().ok_or(Unreadable::Invalid)?;
        if !from.key.verify(&signed(body), signature) {
            return Err(Unreadable::Invalid);
        }
        let (version, claims): (u16, _) =
            postcard::take_from_bytes(claims).map_err(|_| Unreadable::Invalid)?;
        if version != VERSION {
            return Err(Unreadable::Version);
        }
        match postcard::take_from_bytes(claims) {
            Ok((ticket, [])) => Ok((ticket, owner)),
            _ => Err(Unreadable::Invalid),
        }
    }

    /// Whether its times are such as a ticket can have: what lives too long could not be remembered as used.
    pub(super) fn has_sound_times(&self, now: Millis) -> bool {
        self.expires_ms.saturating_sub(self.issued_ms) <= TICKET_LIFETIME_MS
            && self.issued_ms <= now.0.saturating_add(CLOCK_TOLERANCE_MS)
    }
}

fn signed(body: &[u8]) -> Vec<u8> {
    [LABEL, body].concat()
}
