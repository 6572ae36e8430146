//! What clients of a host say to each other comes after what the host had said to both before.
//!
//! In a mesh everybody has a connection with everybody, so a client's words may overtake the host's. Godot's spawner does not
//! bear that: a client that is told of a body moves it at once, and who has not been told of the body yet never sees it move.
//! So the host counts its turns, what it sends reliably on channel 0 between two polls, and tells when one has ended. What a
//! client sends reliably to another one says of which turn it has heard, and waits there until that turn has ended.

/// The turns of the host, as it counts them or as a client has heard of them. 0 is none.
#[derive(Default)]
pub(super) struct Turns {
    /// The last that something was sent in, or the last that was heard of.
    last: u32,
    /// The last that has ended: everything of it is there.
    ended: u32,
    /// The last of which everybody was told that it has ended.
    told: u32,
}

impl Turns {
    /// The host sends something. The turn that it belongs to.
    pub(super) fn send(&mut self) -> u32 {
        self.last = self.ended.wrapping_add(1);
        self.last
    }

    /// The host's turn ends; what there is to tell everybody, if there is something.
    pub(super) fn end(&mut self) -> Option<u32> {
        self.ended = self.last;
        (self.told < self.ended).then(|| {
            self.told = self.ended;
            self.ended
        })
    }

    /// Somebody is there who has not been told.
    pub(super) fn tell_again(&mut self) {
        self.told = 0;
    }

    /// A client has got something that the host has sent in a turn: all turns before that have ended.
    pub(super) fn hear(&mut self, turn: u32) {
        self.last = self.last.max(turn);
        self.ended = self.ended.max(turn.saturating_sub(1));
    }

    /// A client has heard that a turn has ended.
    pub(super) fn hear_end(&mut self, turn: u32) {
        self.last = self.last.max(turn);
        self.ended = self.ended.max(turn);
    }

    /// The last turn that was heard of.
    pub(super) fn last(&self) -> u32 {
        self.last
    }

    /// The last turn that has ended.
    pub(super) fn ended(&self) -> u32 {
        self.ended
    }

    /// Whether everything is there that was sent up to a turn.
    pub(super) fn has_ended(&self, turn: u32) -> bool {
        turn <= self.ended
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_turn_ends_where_something_was_sent_in_it() {
        let mut host = Turns::default();
        assert_eq!(host.end(), None);
        assert_eq!((host.send(), host.send()), (1, 1));
        assert_eq!(host.end(), Some(1));
        assert_eq!(host.end(), None);
        assert_eq!(host.send(), 2);
        assert_eq!(host.ended(), 1);
        host.tell_again();
        assert_eq!(host.end(), Some(2));
        host.tell_again();
        assert_eq!(host.end(), Some(2));
    }

    #[test]
    fn a_clients_words_wait_for_the_end_of_the_turn_that_it_has_heard_of() {
        let (mut sender, mut recipient) = (Turns::default(), Turns::default());
        assert!(recipient.has_ended(sender.last()));
        sender.hear(5);
        recipient.hear(3);
        assert!(!recipient.has_ended(sender.last()));
        recipient.hear(5);
        assert!(!recipient.has_ended(sender.last()), "more of it may come");
        recipient.hear_end(5);
        assert!(recipient.has_ended(sender.last()));
        sender.hear_end(9);
        assert!(!recipient.has_ended(sender.last()));
        recipient.hear(11);
        assert!(recipient.has_ended(sender.last()));
    }
}
