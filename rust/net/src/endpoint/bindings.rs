//! From which real addresses which peer may speak.

use std::collections::HashMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use samovar_id::SteamId;

/// The most addresses of one peer; the one that has been silent longest goes.
const MAX_BOUND: usize = 32;
/// For how long after a sign of life a question, which may be a replay, takes no address away from another peer.
const HELD_FOR: Duration = Duration::from_secs(3);

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

    /// A probe that a peer has made came from an address. `fresh` when it answers a question that was just asked
    /// there: it is no replay, so it may take the address from another peer.
    pub(super) fn bind(&mut self, now: Instant, addr: SocketAddr, peer: SteamId, fresh: bool) {
        if let Some(bound) = self.0.get_mut(&addr) {
            if bound.peer == peer || fresh || now >= bound.heard_at + HELD_FOR {
                *bound = Bound {
                    peer,
                    heard_at: now,
                };
            }
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
    use super::*;

    fn addr(port: u16) -> SocketAddr {
        SocketAddr::from(([192, 0, 2, 1], port))
    }

    #[test]
    fn a_question_takes_no_living_address_but_an_answer_does() {
        let (now, one, other) = (
            Instant::now(),
            SteamId::individual(1),
            SteamId::individual(2),
        );
        let mut bindings = Bindings::default();
        bindings.bind(now, addr(1), one, false);
        bindings.bind(now, addr(1), other, false);
        assert_eq!(bindings.peer_at(addr(1)), Some(one));
        bindings.bind(now, addr(1), other, true);
        assert_eq!(bindings.peer_at(addr(1)), Some(other));
        bindings.bind(now + HELD_FOR, addr(1), one, false);
        assert_eq!(bindings.peer_at(addr(1)), Some(one));
    }

    #[test]
    fn one_peer_binds_a_bounded_number() {
        let (now, one, other) = (
            Instant::now(),
            SteamId::individual(1),
            SteamId::individual(2),
        );
        let mut bindings = Bindings::default();
        bindings.bind(now, addr(1), other, false);
        for port in 2..5000 {
            bindings.bind(
                now + Duration::from_millis(u64::from(port)),
                addr(port),
                one,
                false,
            );
        }
        assert_eq!(bindings.0.len(), MAX_BOUND + 1);
        assert_eq!(
            (bindings.peer_at(addr(1)), bindings.peer_at(addr(4999))),
            (Some(other), Some(one))
        );
        bindings.forget(one);
        assert_eq!(bindings.0.len(), 1);
    }
}
