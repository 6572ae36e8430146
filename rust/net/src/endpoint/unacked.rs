//! What QUIC keeps of a stream, which it does not tell.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bytes::Bytes;

/// The largest piece in bytes. QUIC lets go of whole pieces only, and where it has taken a part of one, keeps all of it:
/// so pieces are the smaller, the less it takes, and the count is too high, mostly by one piece.
pub(super) const MAX_PIECE: usize = 16 * 1024;
/// The smallest piece that is offered, in bytes, where there is as much.
pub(super) const MIN_PIECE: usize = 2 * 1024;

/// Counts the bytes of pieces that are still kept.
#[derive(Default)]
pub(super) struct Unacked(Arc<AtomicUsize>);

struct Piece {
    data: Box<[u8]>,
    count: Arc<AtomicUsize>,
}

impl Unacked {
    /// A copy of some bytes, to be handed to QUIC, that counts until QUIC lets go of it: when all of it is acknowledged.
    pub(super) fn piece(&self, data: &[u8]) -> Bytes {
        self.0.fetch_add(data.len(), Ordering::Relaxed);
        Bytes::from_owner(Piece {
            data: data.into(),
            count: Arc::clone(&self.0),
        })
    }

    /// How many bytes are kept.
    pub(super) fn bytes(&self) -> usize {
        self.0.load(Ordering::Relaxed)
    }
}

impl AsRef<[u8]> for Piece {
    fn as_ref(&self) -> &[u8] {
        &self.data
    }
}

impl Drop for Piece {
    fn drop(&mut self) {
        self.count.fetch_sub(self.data.len(), Ordering::Relaxed);
    }
}
