//! The addresses under which QUIC knows users.

use std::net::{Ipv6Addr, SocketAddr};

use samovar_id::SteamId;

/// The address under which QUIC knows a user: a unique local one that is never sent to (RFC 4193).
pub(super) fn virtual_addr(peer: SteamId) -> SocketAddr {
    const PREFIX: u128 = 0xfd53_616d_6f76_6172 << 64;
    SocketAddr::from((Ipv6Addr::from_bits(PREFIX | u128::from(peer.raw())), 1))
}

/// Whose address it is.
pub(super) fn peer_of(addr: SocketAddr) -> Option<SteamId> {
    let SocketAddr::V6(addr) = addr else {
        return None;
    };
    let low = addr.ip().to_bits() & u128::from(u64::MAX);
    u64::try_from(low).ok().map(SteamId::from_raw)
}
