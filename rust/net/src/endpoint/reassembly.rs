//! Putting pieces of unreliable messages together.

use std::collections::VecDeque;
use std::time::{Duration, Instant};

use bytes::{Bytes, BytesMut};

use crate::wire::{DatagramLane, Fragment};

/// The most messages of one peer that are being put together; the oldest is given up.
const MAX_PARTIAL: usize = 64;
/// How long the pieces of a message may take to arrive.
const PATIENCE: Duration = Duration::from_secs(5);

struct Partial {
    key: (DatagramLane, u32),
    since: Instant,
    pieces: Vec<Option<Bytes>>,
}

#[derive(Default)]
pub(super) struct Reassembly {
    partial: VecDeque<Partial>,
}

impl Reassembly {
    /// Another piece. The message, when it was the last.
    pub(super) fn push(&mut self, now: Instant, fragment: Fragment) -> Option<Bytes> {
        self.partial
            .retain(|partial| now.saturating_duration_since(partial.since) < PATIENCE);
        let key = (fragment.lane, fragment.message);
        let count = usize::from(fragment.count);
        let at = self
            .partial
            .iter()
            .position(|partial| partial.key == key)
            .unwrap_or_else(|| {
                if self.partial.len() >= MAX_PARTIAL {
                    self.partial.pop_front();
                }
                self.partial.push_back(Partial {
                    key,
                    since: now,
                    pieces: vec![None; count],
                });
                self.partial.len() - 1
            });
        let partial = self
            .partial
            .get_mut(at)
            .filter(|partial| partial.pieces.len() == count)?;
        *partial.pieces.get_mut(usize::from(fragment.index))? = Some(fragment.data);
        if partial.pieces.iter().any(Option::is_none) {
            return None;
        }
        let partial = self.partial.remove(at)?;
        let mut whole = BytesMut::new();
        for piece in partial.pieces.into_iter().flatten() {
            whole.extend_from_slice(&piece);
        }
        Some(whole.freeze())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::Flow;
    use crate::wire::{Datagram, fragments};

    const LANE: DatagramLane = DatagramLane {
        flow: Flow::P2p,
        incarnation: 1,
        channel: 2,
    };

    #[test]
    fn pieces_in_any_order_make_the_message_once() {
        let data: Vec<u8> = (0..5000_u32)
            .map(|number| number.to_le_bytes()[0])
            .collect();
        let now = Instant::now();
        let mut reassembly = Reassembly::default();
        let mut whole = Vec::new();
        for mut piece in fragments(1100, LANE, 3, &data).unwrap().into_iter().rev() {
            let Some(Datagram::Piece(piece)) = Datagram::take(&mut piece, &mut None) else {
                panic!("no piece")
            };
            whole.extend(reassembly.push(now, piece));
        }
        assert_eq!(whole, [Bytes::from(data)]);
    }

    #[test]
    fn what_is_never_complete_is_bounded() {
        let now = Instant::now();
        let mut reassembly = Reassembly::default();
        for message in 0..10_000 {
            let data = Bytes::from_static(b"x");
            let piece = Fragment {
                lane: LANE,
                message,
                index: 0,
                count: 15,
                data,
            };
            assert_eq!(reassembly.push(now, piece), None);
        }
        assert_eq!(reassembly.partial.len(), MAX_PARTIAL);
    }
}
