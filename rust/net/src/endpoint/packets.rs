//! Packets beside those of connections that wait to be sent: probes, goodbyes, and answers to strangers.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;

use samovar_id::SteamId;

/// The most packets that wait; further ones are dropped as on the way.
const MAX_PACKETS: usize = 4096;
/// The most of them that answer strangers, all together.
const MAX_PACKETS_OF_STRANGERS: usize = 2048;
/// The most of them because of one peer: a probe to each address, and a few goodbyes.
const MAX_PACKETS_OF_PEER: usize = 64;

/// First come, first served, with a share for each peer that no other can use up.
#[derive(Default)]
pub(super) struct Packets {
    queue: VecDeque<(Option<SteamId>, SocketAddr, Vec<u8>)>,
    counts: HashMap<Option<SteamId>, usize>,
}

impl Packets {
    /// Adds a packet because of a peer, or of strangers.
    pub(super) fn push(&mut self, because_of: Option<SteamId>, to: SocketAddr, bytes: Vec<u8>) {
        let most = match because_of {
            Some(_) => MAX_PACKETS_OF_PEER,
            None => MAX_PACKETS_OF_STRANGERS,
        };
        let own = self.counts.get(&because_of).copied().unwrap_or(0);
        if own < most && self.queue.len() < MAX_PACKETS {
            self.counts.insert(because_of, own + 1);
            self.queue.push_back((because_of, to, bytes));
        }
    }

    pub(super) fn pop(&mut self) -> Option<(SocketAddr, Vec<u8>)> {
        let (because_of, to, bytes) = self.queue.pop_front()?;
        match self.counts.get_mut(&because_of) {
            Some(count) if *count > 1 => *count -= 1,
            _ => drop(self.counts.remove(&because_of)),
        }
        Some((to, bytes))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_floods_leaves_others_their_share() {
        let addr = |port| SocketAddr::from(([192, 0, 2, 1], port));
        let flooders = [
            None,
            Some(SteamId::individual(1)),
            Some(SteamId::individual(2)),
        ];
        let honest = Some(SteamId::individual(3));
        let mut packets = Packets::default();
        for _ in 0..2 {
            for because_of in flooders {
                for _ in 0..10_000 {
                    packets.push(because_of, addr(1), vec![1]);
                }
            }
            packets.push(honest, addr(2), vec![2]);
            let all: Vec<_> = std::iter::from_fn(|| packets.pop()).collect();
            assert_eq!(all.last(), Some(&(addr(2), vec![2])));
            assert_eq!(
                all.len(),
                MAX_PACKETS_OF_STRANGERS + 2 * MAX_PACKETS_OF_PEER + 1
            );
            assert!(packets.counts.is_empty());
        }
    }
}
