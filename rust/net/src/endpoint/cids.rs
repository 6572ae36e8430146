//! Connection IDs that tell by a bit which of the two QUIC endpoints gave them out.

use std::time::Duration;

use quinn_proto::{ConnectionId, ConnectionIdGenerator};
use ring::rand::{SecureRandom, SystemRandom};

/// The length of every connection ID here, in bytes.
const CID_LEN: usize = 8;
/// The bit of a connection ID's first byte that marks peers.
const PEER_BIT: u8 = 0x80;

/// Which QUIC endpoint a packet is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    Link,
    Peer,
}

impl Mark {
    /// A random connection ID with this mark.
    pub(super) fn cid(self) -> ConnectionId {
        let mut bytes = [0; CID_LEN];
        // Without randomness the handshake fails anyway.
        let _ = SystemRandom::new().fill(&mut bytes);
        match self {
            Self::Link => bytes[0] &= !PEER_BIT,
            Self::Peer => bytes[0] |= PEER_BIT,
        }
        ConnectionId::new(&bytes)
    }
}

/// Which QUIC endpoint a datagram is for; `None` when its first byte is not one of QUIC's (RFC 9443).
pub(super) fn mark_of(datagram: &[u8]) -> Option<Mark> {
    const FIXED_BIT: u8 = 0x40;
    const LONG_HEADER: u8 = 0x80;
    const LONG_HEADER_CID: usize = 6;
    let first = *datagram.first()?;
    if first & FIXED_BIT == 0 {
        return None;
    }
    let at = if first & LONG_HEADER != 0 {
        LONG_HEADER_CID
    } else {
        1
    };
    let mark = if datagram.get(at)? & PEER_BIT != 0 {
        Mark::Peer
    } else {
        Mark::Link
    };
    Some(mark)
}

/// Makes connection IDs with a mark.
pub(super) struct MarkedCids(pub(super) Mark);

impl ConnectionIdGenerator for MarkedCids {
    fn generate_cid(&mut self) -> ConnectionId {
        self.0.cid()
    }

    fn cid_len(&self) -> usize {
        CID_LEN
    }

    fn cid_lifetime(&self) -> Option<Duration> {
        None
    }
}
