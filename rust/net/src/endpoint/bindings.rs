//! From which real addresses which peer may speak.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::Instant;

use samovar_id::SteamId;

/// The most addresses of one peer; the one that has been silent longest goes.
const MAX_BOUND: usize = 32;

#[derive(Clone, Copy, Debug)]
struct Bound {
    peer: SteamId,
    heard_at: Instant,
}

/// Addresses that probes have bound to peers.
#[derive(Debug, Default)]
pub(super) struct Bindings(HashMap<SocketAddr, Bound>);

impl Bindings {
    /// Whose packets come from an address.
    pub(super) fn peer_at(&self, addr: SocketAddr) -> Option<SteamId> {
        self.0.get(&addr).map(|bound| bound.peer)
    }

    /// A packet for a connection of that peer came from its address.
    pub(super) fn heard(&mut self, now: Instant, addr: SocketAddr, peer: SteamId) {
        if let Some(bound) = self.0.get_mut(&addr).filter(|bound| bound.peer == peer) {
            bound.heard_at = now;
        }
    }

    /// A peer has answered a question that was just asked at an address, so it is there: whoever was there before is not.
    pub(super) fn bind(&mut self, now: Instant, addr: SocketAddr, peer: SteamId) {
        if let Some(bound) = self.0.get_mut(&addr) {
            *bound = Bound {
                peer,
                heard_at: now,
            };
            return;
        }
        let own = self.0.iter().filter(|(_, bound)| bound.peer == peer);
        if own.clone().count() >= MAX_BOUND
            && let Some(quietest) = own
                .min_by_key(|(_, bound)| bound.heard_at)
                .map(|(addr, _)| *addr)
        {
            self.0.remove(&quietest);
        }
        self.0.insert(
            addr,
            Bound {
                peer,
                heard_at: now,
            },
        );
    }

    /// Forgets all addresses of a peer.
    pub(super) fn forget(&mut self, peer: SteamId) {
        self.0.retain(|_, bound| bound.peer != peer);
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn addr(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn one_peer_binds_a_bounded_number() {
        let (now, one, other) = (
            Instant::now(),
            SteamId::individual(1),
            SteamId::individual(2),
        );
        let mut bindings = Bindings::default();
        bindings.bind(now, addr(1), other);
        for port in 2..5000 {
            bindings.bind(
                now + Duration::from_millis(u64::from(port)),
                addr(port),
                one,
            );
        }
        assert_eq!(bindings.0.len(), MAX_BOUND + 1);
        assert_eq!(
            (bindings.peer_at(addr(1)), bindings.peer_at(addr(4999))),
            (Some(other), Some(one))
        );
        bindings.bind(now, addr(4999), other);
        assert_eq!(bindings.peer_at(addr(4999)), Some(other));
        bindings.forget(one);
        assert_eq!(bindings.0.len(), 2);
    }
}
