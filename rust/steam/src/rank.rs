//! Which of two directories stays, and which terms are believed.

use std::cmp::{Ordering, Reverse};

/// The last term that a directory or a process that answers for a machine can have. Each takeover adds 1, so it is
/// never reached; a later one is nonsense, and nobody could go beyond it.
pub const MAX_TERM: u64 = 1 << 48;
/// How far a term may be above another and still count as the later one. What is further above has not grown there.
pub const MAX_TERM_LEAP: u64 = 1 << 32;

/// What decides between two directories.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rank {
    pub(crate) term: u64,
    /// The directory's ID.
    pub(crate) directory: u64,
}

impl Rank {
    /// Whether this directory stays and `other` stands down: the one with the later term, and of two with the same
    /// term the one with the lower ID. A term that is a leap above the other's loses: both sides see it so, and nobody
    /// can part two directories by having one of them go far ahead.
    pub(crate) fn outranks(self, other: Self) -> bool {
        let key = |rank: Self| (rank.term, Reverse(rank.directory));
        let (later, leap) = match key(self).cmp(&key(other)) {
            Ordering::Equal => return false,
            Ordering::Greater => (true, is_leap(other.term, self.term)),
            Ordering::Less => (false, is_leap(self.term, other.term)),
        };
        later != leap
    }
}

/// Whether `term` is too far above `known` to have grown.
pub(crate) fn is_leap(known: u64, term: u64) -> bool {
    term.saturating_sub(known) > MAX_TERM_LEAP
}

/// The term that counts as the latest one, of the one that was known (0: none) and that of a directory that this
/// process has become a client of.
pub(crate) fn latest(known: u64, welcomed: u64) -> u64 {
    let welcomed = welcomed.min(MAX_TERM);
    if is_leap(welcomed, known) {
        // What was known has not grown there, and would be a leap to the others.
        welcomed
    } else {
        known.max(welcomed)
    }
}

/// The term of a new directory.
pub(crate) fn next(known: u64) -> u64 {
    known.saturating_add(1).min(MAX_TERM)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rank(term: u64, directory: u64) -> Rank {
        Rank { term, directory }
    }

    #[test]
    fn the_later_term_stays_and_of_the_same_term_the_lower_id() {
        assert!(rank(2, 9).outranks(rank(1, 1)));
        assert!(rank(1, 1).outranks(rank(1, 9)));
        assert!(!rank(1, 1).outranks(rank(1, 1)));
        assert!(rank(MAX_TERM_LEAP + 1, 9).outranks(rank(1, 1)));
        assert!(rank(1, 1).outranks(rank(MAX_TERM_LEAP + 2, 9)));
        assert!(rank(1, 1).outranks(rank(u64::MAX, 9)));
    }

    /// Whatever is announced: of two different directories exactly one stays, or two honest ones stay apart.
    #[test]
    fn both_sides_see_it_the_same_way() {
        let terms = [
            0,
            1,
            2,
            1 << 31,
            MAX_TERM_LEAP,
            MAX_TERM_LEAP + 1,
            MAX_TERM,
            u64::MAX,
        ];
        let all: Vec<Rank> = terms
            .into_iter()
            .flat_map(|term| [rank(term, 1), rank(term, 2)])
            .collect();
        for one in &all {
            for other in all.iter().filter(|other| *other != one) {
                assert_ne!(
                    one.outranks(*other),
                    other.outranks(*one),
                    "{one:?} {other:?}"
                );
            }
        }
    }

    #[test]
    fn a_term_grows_by_takeovers_and_comes_down_from_a_leap() {
        assert_eq!(next(0), 1);
        assert_eq!(next(u64::MAX), MAX_TERM);
        assert_eq!(latest(5, 3), 5);
        assert_eq!(latest(3, 5), 5);
        assert_eq!(latest(0, MAX_TERM), MAX_TERM);
        assert_eq!(latest(MAX_TERM, 3), 3);
        assert_eq!(latest(0, u64::MAX), MAX_TERM);
    }
}
