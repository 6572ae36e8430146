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
pub(super) struct Bindings {
    by_addr: HashMap<SocketAddr, Bound>,
    /// The addresses of each peer.
    by_peer: HashMap<SteamId, Vec<SocketAddr>>,
}

impl Bindings {
    /// Whose packets come from an address.
    pub(super) fn peer_at(&self, addr: SocketAddr) -> Option<SteamId> {
        self.by_addr.get(&addr).map(|bound| bound.peer)
    }

    /// A packet for a connection of that peer came from its address.
    pub(super) fn heard(&mut self, now: Instant, addr: SocketAddr, peer: SteamId) {
        let bound = self.by_addr.get_mut(&addr);
        if let Some(bound) = bound.filter(|bound| bound.peer == peer) {
            bound.heard_at = now;
        }
    }

    /// A peer has answered a question that was just asked at an address, so it is there: whoever was there before is not.
    pub(super) fn bind(&mut self, now: Instant, addr: SocketAddr, peer: SteamId) {
        let new = Bound {
            peer,
            heard_at: now,
        };
        if let Some(before) = self.by_addr.insert(addr, new) {
            if before.peer == peer {
                return;
            }
            self.unlist(addr, before.peer);
        }
        let own = self.by_peer.entry(peer).or_default();
        own.push(addr);
        if own.len() > MAX_BOUND {
            // The new one has been heard last.
            let heard_at = |addr: &&SocketAddr| self.by_addr.get(addr).map(|bound| bound.heard_at);
            let others = own.iter().filter(|other| **other != addr);
            if let Some(quietest) = others.min_by_key(heard_at).copied() {
                self.by_addr.remove(&quietest);
                self.unlist(quietest, peer);
            }
        }
    }

    fn unlist(&mut self, addr: SocketAddr, peer: SteamId) {
        if let Some(own) = self.by_peer.get_mut(&peer) {
            own.retain(|own| *own != addr);
            if own.is_empty() {
                self.by_peer.remove(&peer);
            }
        }
    }

    /// Forgets all addresses of a peer.
    pub(super) fn forget(&mut self, peer: SteamId) {
        for addr in self.by_peer.remove(&peer).into_iter().flatten() {
            self.by_addr.remove(&addr);
        }
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
        assert_eq!(bindings.by_addr.len(), MAX_BOUND + 1);
        assert_eq!(
            (bindings.peer_at(addr(1)), bindings.peer_at(addr(4999))),
            (Some(other), Some(one))
        );
        bindings.bind(now, addr(4999), other);
        assert_eq!(bindings.peer_at(addr(4999)), Some(other));
        bindings.forget(one);
        assert_eq!(bindings.by_addr.len(), 2);
    }
}
