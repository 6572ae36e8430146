//! What waits to be sent on a link. Large frames are shared, not copied: many clients may be sent the same one.

use std::collections::VecDeque;

use bytes::{Bytes, BytesMut};

use crate::wire::frame;

/// From this size on, in bytes, a frame is shared; smaller ones are put together.
const SHARED_FROM: usize = 1024;

#[derive(Default)]
pub(super) struct Outbox {
    /// First what has been waiting longest.
    chunks: VecDeque<Bytes>,
    /// After that.
    small: BytesMut,
    len: usize,
}

impl Outbox {
    /// How many bytes wait.
    pub(super) fn len(&self) -> usize {
        self.len
    }

    pub(super) fn is_empty(&self) -> bool {
        self.len == 0
    }

    /// Adds a frame, with its length in front.
    pub(super) fn push(&mut self, bytes: &Bytes) {
        if bytes.len() < SHARED_FROM {
            frame(bytes, &mut self.small);
        } else {
            let len = u32::try_from(bytes.len()).unwrap_or(u32::MAX);
            self.small.extend_from_slice(&len.to_be_bytes());
            self.gather();
            self.chunks.push_back(bytes.clone());
        }
        self.len += 4 + bytes.len();
    }

    /// What waits, in chunks, to be given to whoever takes it.
    pub(super) fn chunks(&mut self) -> &mut [Bytes] {
        self.gather();
        self.chunks.make_contiguous()
    }

    /// So many bytes were taken, which were advanced over in [`Outbox::chunks`] already.
    pub(super) fn taken(&mut self, bytes: usize) {
        self.len -= bytes;
        while self.chunks.front().is_some_and(Bytes::is_empty) {
            self.chunks.pop_front();
        }
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    fn gather(&mut self) {
        if !self.small.is_empty() {
            self.chunks.push_back(self.small.split().freeze());
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_taken_in_any_pieces_is_what_was_put_in() {
        let frames: Vec<Bytes> = [3, 1023, 1024, 5000, 1, 70_000, 9]
            .iter()
            .zip(1..)
            .map(|(len, byte)| Bytes::from(vec![byte; *len]))
            .collect();
        let mut wanted = BytesMut::new();
        for bytes in &frames {
            frame(bytes, &mut wanted);
        }
        let mut outbox = Outbox::default();
        for bytes in &frames {
            outbox.push(bytes);
        }
        assert_eq!(outbox.len(), wanted.len());
        let mut got = Vec::new();
        for piece in (1..).step_by(7) {
            let Some(first) = outbox.chunks().first_mut() else {
                break;
            };
            let taken = first.split_to(piece.min(first.len()));
            got.extend_from_slice(&taken);
            outbox.taken(taken.len());
        }
        assert_eq!(got, wanted);
        assert!(outbox.is_empty());
    }

    #[test]
    fn a_large_frame_is_not_copied() {
        let bytes = Bytes::from(vec![1; 50_000]);
        let mut outbox = Outbox::default();
        outbox.push(&bytes);
        assert_eq!(outbox.chunks()[1].as_ptr(), bytes.as_ptr());
    }
}
