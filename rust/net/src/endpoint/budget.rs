//! How much a peer may have sent that nobody has read: a little on each stream, and more where the game reads.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

const KIB: usize = 1024;
const MIB: usize = 1024 * KIB;

/// What may be on the way on a stream before its reader has said anything, in bytes, and always may be unread.
pub(super) const FIRST_ROOM: usize = 32 * KIB;
/// What may be unread on a stream that is used, in bytes: what Steam lets a channel leave unread.
const USED_ROOM: usize = MIB;
/// The same of one that the game reads: what 1 MB/s needs at 20 % loss and a round trip of 200 ms, where some packets are
/// lost several times. Also what QUIC takes of a stream.
pub(super) const MAX_ROOM: usize = 3 * MIB;
/// The most that a peer has beyond [`FIRST_ROOM`] on streams of channels that the game does not read, over all of them,
/// and on all streams, in bytes.
const PEER_UNREAD_MORE: usize = 2 * MIB;
const PEER_MORE: usize = 8 * MIB;
/// The most that is lent, over all streams of a peer, so that messages for which there would be no room can be completed
/// where the game reads, in bytes: more than the largest message.
const PEER_LOANS: usize = 2 * MIB;
/// What QUIC takes of a connection beyond what may be unread on its streams, in bytes: control frames, and streams of which
/// nothing has arrived yet. Also the whole of what it takes at first.
pub(super) const CONNECTION_ROOM: usize = 512 * KIB;
/// The most that one peer can have a process keep that nobody has read, in bytes: what may be unread on its streams, once
/// put together and once with gaps in it, beside datagrams. Messages in [`crate::Sessions`] are bounded there.
pub const PEER_RECEIVE_BUDGET: usize = 32 * MIB;
/// From this on, over all peers, none gets more than the least, in bytes.
pub const RECEIVE_BUDGET: usize = 256 * MIB;

/// The same for all connections of a process: what may be unread on all streams, in bytes.
#[derive(Clone, Debug, Default)]
pub(super) struct ProcessBudget(Arc<AtomicUsize>);

impl ProcessBudget {
    fn left(&self) -> usize {
        RECEIVE_BUDGET.saturating_sub(self.0.load(Ordering::Relaxed))
    }
}

/// What the streams of one connection may have unread.
#[derive(Debug)]
pub(super) struct Budget {
    process: ProcessBudget,
    /// On all streams together.
    rooms: usize,
    /// Beyond [`FIRST_ROOM`], on all streams and on those of channels that the game does not read.
    more: usize,
    unread_more: usize,
    loans: usize,
}

/// What one stream may have unread, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Room {
    bytes: usize,
    /// What it has beyond that until the message that is being received has been read.
    loan: usize,
    /// How much of it counts as of a channel that the game does not read.
    unread_more: usize,
}

impl Room {
    pub(super) fn bytes(self) -> usize {
        self.bytes + self.loan
    }

    pub(super) fn has_loan(self) -> bool {
        self.loan > 0
    }
}

impl Budget {
    pub(super) fn new(process: &ProcessBudget) -> Self {
        let process = process.clone();
        process.0.fetch_add(CONNECTION_ROOM, Ordering::Relaxed);
        Self {
            process,
            rooms: 0,
            more: 0,
            unread_more: 0,
            loans: 0,
        }
    }

    /// Room for a new stream, which there always is.
    pub(super) fn open(&mut self) -> Room {
        self.count(FIRST_ROOM);
        Room {
            bytes: FIRST_ROOM,
            loan: 0,
            unread_more: 0,
        }
    }

    /// The stream is gone.
    pub(super) fn close(&mut self, mut room: Room) {
        self.give_back(&mut room, 0);
        self.rooms -= room.bytes;
        self.process.0.fetch_sub(room.bytes, Ordering::Relaxed);
        self.more -= room.bytes - FIRST_ROOM;
        self.unread_more -= room.unread_more;
    }

    /// More room for a stream that has used what it has: `needs` for the message that is being received, if there is as
    /// much, and twice as much as before where the game reads.
    pub(super) fn grow(&mut self, room: &mut Room, is_read: bool, needs: usize) {
        let wanted = if is_read {
            (room.bytes * 2).clamp(USED_ROOM, MAX_ROOM)
        } else {
            USED_ROOM
        };
        if is_read {
            self.unread_more -= room.unread_more;
            room.unread_more = 0;
        }
        let left = if is_read {
            PEER_MORE - self.more
        } else {
            PEER_UNREAD_MORE
                .saturating_sub(self.unread_more)
                .min(PEER_MORE - self.more)
        };
        let wanted = wanted.max(needs).min(MAX_ROOM);
        // What is more than usual must leave room for others.
        let left = if wanted > USED_ROOM && room.bytes >= USED_ROOM {
            left.saturating_sub(PEER_MORE / 4)
        } else {
            left
        };
        let more = wanted
            .saturating_sub(room.bytes)
            .min(left)
            .min(self.process.left());
        self.count(more);
        self.more += more;
        room.bytes += more;
        if !is_read {
            self.unread_more += more;
            room.unread_more += more;
        }
        let loan = needs.saturating_sub(room.bytes());
        if is_read && self.loans + loan <= PEER_LOANS {
            self.loans += loan;
            room.loan += loan;
            self.count(loan);
        }
    }

    /// Takes a loan back, once no more is `out`, sent or still to be sent and unread, than there is room for without it.
    pub(super) fn give_back(&mut self, room: &mut Room, out: usize) {
        if out <= room.bytes {
            self.loans -= room.loan;
            self.rooms -= room.loan;
            self.process.0.fetch_sub(room.loan, Ordering::Relaxed);
            room.loan = 0;
        }
    }

    /// Whether a peer may open more streams than at first.
    pub(super) fn may_open_more(&self) -> bool {
        self.process.left() > 0
    }

    /// What QUIC should take of the whole connection, so that no stream waits for another: it lets the sender know late,
    /// when an eighth is free.
    pub(super) fn connection_window(&self) -> usize {
        CONNECTION_ROOM + self.rooms + self.rooms / 4
    }

    fn count(&mut self, bytes: usize) {
        self.rooms += bytes;
        self.process.0.fetch_add(bytes, Ordering::Relaxed);
    }
}

impl Drop for Budget {
    fn drop(&mut self) {
        let all = CONNECTION_ROOM + self.rooms;
        self.process.0.fetch_sub(all, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn channels_that_nobody_reads_leave_room_for_those_that_are_read() {
        let process = ProcessBudget::default();
        let mut budget = Budget::new(&process);
        let mut rooms: Vec<Room> = (0..100).map(|_| budget.open()).collect();
        for room in &mut rooms {
            budget.grow(room, false, MIB + 4);
            assert!(room.bytes >= FIRST_ROOM);
        }
        let unread: usize = rooms.iter().map(|room| room.bytes).sum();
        assert_eq!(unread, 100 * FIRST_ROOM + PEER_UNREAD_MORE);
        let mut read = budget.open();
        budget.grow(&mut read, true, MIB + 4);
        assert_eq!(read.bytes, MIB + 4);
        budget.grow(&mut read, true, 0);
        budget.grow(&mut read, true, 0);
        assert_eq!(read.bytes, MAX_ROOM);
        rooms.push(read);
        for room in &mut rooms {
            budget.grow(room, true, 0);
            budget.grow(room, true, 0);
        }
        let all: usize = rooms.iter().map(|room| room.bytes).sum();
        assert_eq!(all, 101 * FIRST_ROOM + PEER_MORE);
        assert_eq!(process.0.load(Ordering::Relaxed), all + CONNECTION_ROOM);
        // Whatever is used up, a message that is read can be completed: two at a time.
        let mut least: Vec<&mut Room> = rooms.iter_mut().filter(|room| room.bytes < MIB).collect();
        for room in &mut least {
            budget.grow(room, true, MIB);
        }
        let lent = |least: &[&mut Room]| least.iter().filter(|room| room.bytes() >= MIB).count();
        assert_eq!(lent(&least), 2);
        for room in &mut least {
            budget.give_back(room, MIB);
        }
        assert_eq!(lent(&least), 2, "what is not read yet");
        for room in &mut least {
            budget.give_back(room, 0);
        }
        assert_eq!((lent(&least), budget.loans), (0, 0));
        for room in rooms {
            budget.close(room);
        }
        assert_eq!((budget.rooms, budget.more, budget.unread_more), (0, 0, 0));
        drop(budget);
        assert_eq!(process.0.load(Ordering::Relaxed), 0);
    }

    #[test]
    fn a_process_has_a_budget_and_each_stream_its_least() {
        let process = ProcessBudget::default();
        let mut budgets: Vec<Budget> = (0..200).map(|_| Budget::new(&process)).collect();
        for budget in &mut budgets {
            for _ in 0..4 {
                let mut room = budget.open();
                budget.grow(&mut room, true, 0);
                budget.grow(&mut room, true, 0);
                budget.grow(&mut room, true, 0);
                assert!(room.bytes >= FIRST_ROOM);
            }
        }
        let least = 200 * (CONNECTION_ROOM + 4 * FIRST_ROOM);
        let total = process.0.load(Ordering::Relaxed);
        assert!(total <= RECEIVE_BUDGET + least, "{total}");
        assert!(!budgets[0].may_open_more());
    }
}
