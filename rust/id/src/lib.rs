//! The layout of Steam IDs, for users and for lobbies.
//!
//! A Steam ID packs, from the top: universe (8 bits), account type (4), instance (20) and account (32), as
//! `CSteamID` does in the Steamworks header `steamclientpublic.h`.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The public universe, the only one Samovar uses (`k_EUniversePublic`).
pub const UNIVERSE_PUBLIC: u8 = 1;
/// Account type of a user (`k_EAccountTypeIndividual`).
pub const TYPE_INDIVIDUAL: u8 = 1;
/// Account type of a chat room, which a lobby is (`k_EAccountTypeChat`).
pub const TYPE_CHAT: u8 = 8;
/// Instance flag that makes a chat room a lobby (`k_EChatInstanceFlagLobby`).
pub const INSTANCE_FLAG_LOBBY: u32 = 0x4_0000;

const ACCOUNT_BITS: u32 = 32;
const INSTANCE_BITS: u32 = 20;
const INSTANCE_MASK: u64 = (1 << INSTANCE_BITS) - 1;
const LOW_BITS: u32 = ACCOUNT_BITS + INSTANCE_BITS;
const LOW_MASK: u64 = (1 << LOW_BITS) - 1;

/// A 64-bit Steam ID of a user or of a lobby.
///
/// Any 64 bits can stand in one; [`SteamId::is_individual`] and [`SteamId::is_lobby`] tell what it names. That an ID
/// has the form of a user's does not mean that the user exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct SteamId(u64);

impl SteamId {
    /// The ID with these 64 bits, unchecked.
    pub const fn from_raw(raw: u64) -> Self {
        Self(raw)
    }

    /// A user's ID: the low 52 bits of `bits` become instance and account.
    pub const fn individual(bits: u64) -> Self {
        Self::assemble(TYPE_INDIVIDUAL, bits & LOW_MASK)
    }

    /// A lobby's ID: 49 bits of `random` become the account and the low part of the instance.
    pub const fn lobby(random: u64) -> Self {
        let flag = (INSTANCE_FLAG_LOBBY as u64) << ACCOUNT_BITS;
        let random_mask = flag - 1 - (0x2_0000_u64 << ACCOUNT_BITS);
        Self::assemble(TYPE_CHAT, (random & random_mask) | flag)
    }

    /// The ID that a GDScript `int` holds; `None` for zero and for negative numbers, which no ID is.
    pub fn from_godot(value: i64) -> Option<Self> {
        u64::try_from(value).ok().filter(|raw| *raw != 0).map(Self)
    }

    /// The ID as a GDScript `int`. Positive for every ID in the public universe.
    pub const fn to_godot(self) -> i64 {
        self.0.cast_signed()
    }

    /// The 64 bits.
    pub const fn raw(self) -> u64 {
        self.0
    }

    /// The universe: 1 is public.
    pub const fn universe(self) -> u8 {
        (self.0 >> 56) as u8
    }

    /// The account type, 0 to 15 (`EAccountType`).
    pub const fn account_type(self) -> u8 {
        ((self.0 >> LOW_BITS) & 0xf) as u8
    }

    /// The instance, 20 bits.
    pub const fn instance(self) -> u32 {
        ((self.0 >> ACCOUNT_BITS) & INSTANCE_MASK) as u32
    }

    /// The account, 32 bits: what `getSteamID32` returns.
    pub const fn account(self) -> u32 {
        (self.0 & 0xffff_ffff) as u32
    }

    /// Whether this has the form of a user's ID in the public universe.
    pub const fn is_individual(self) -> bool {
        self.universe() == UNIVERSE_PUBLIC && self.account_type() == TYPE_INDIVIDUAL
    }

    /// Whether this has the form of a lobby's ID.
    pub const fn is_lobby(self) -> bool {
        self.account_type() == TYPE_CHAT && self.instance() & INSTANCE_FLAG_LOBBY != 0
    }

    const fn assemble(account_type: u8, low: u64) -> Self {
        Self(((UNIVERSE_PUBLIC as u64) << 56) | ((account_type as u64) << LOW_BITS) | low)
    }
}

impl fmt::Display for SteamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl fmt::Debug for SteamId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SteamId({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn individual_keeps_its_52_bits_and_is_a_user() {
        let id = SteamId::individual(u64::MAX);
        assert_eq!(id.raw(), 0x011f_ffff_ffff_ffff);
        assert!(id.is_individual());
        assert!(!id.is_lobby());
        assert!(id.to_godot() > 0);
    }

    #[test]
    fn lobby_is_a_lobby_whatever_the_random_bits() {
        for random in [0, 1, u64::MAX, 0x0123_4567_89ab_cdef] {
            let id = SteamId::lobby(random);
            assert!(id.is_lobby(), "{id:?}");
            assert!(!id.is_individual());
            assert_eq!(id.instance() & 0xe_0000, INSTANCE_FLAG_LOBBY);
            assert!(id.to_godot() > 0);
        }
    }

    #[test]
    fn godot_integers_that_are_no_id_are_refused() {
        assert_eq!(SteamId::from_godot(0), None);
        assert_eq!(SteamId::from_godot(-5), None);
        assert_eq!(SteamId::from_godot(7).map(SteamId::raw), Some(7));
    }
}
