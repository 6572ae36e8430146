//! What the filters of one key want together, so that "at least 10" and "at most 12" are one narrow range.

use std::cmp::Reverse;
use std::ops::{Bound, RangeBounds};

use crate::filters::Comparison;

/// The values that pass: a range, without some. Of two ends the narrower one is the greater.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Wanted<T> {
    /// The least, and whether it is out itself.
    from: Option<(T, bool)>,
    /// The greatest, and whether it is out itself.
    to: Option<(Reverse<T>, bool)>,
    without: Vec<T>,
}

impl<T: Ord + Copy> Wanted<T> {
    /// For each key the values that pass all its comparisons.
    pub(super) fn by_key<'a>(
        filters: impl Iterator<Item = (&'a str, T, Comparison)>,
    ) -> Vec<(&'a str, Self)> {
        let mut all: Vec<(&str, Self)> = Vec::new();
        for (key, value, comparison) in filters {
            let at = match all.iter().position(|(other, _)| *other == key) {
                Some(at) => at,
                None => {
                    let everything = Self {
                        from: None,
                        to: None,
                        without: Vec::new(),
                    };
                    all.push((key, everything));
                    all.len() - 1
                }
            };
            all[at].1.narrow(value, comparison);
        }
        all
    }

    fn narrow(&mut self, value: T, comparison: Comparison) {
        let is_out = matches!(comparison, Comparison::Less | Comparison::Greater);
        match comparison {
            Comparison::NotEqual => self.without.push(value),
            Comparison::Less | Comparison::EqualOrLess => self.end((Reverse(value), is_out)),
            Comparison::Greater | Comparison::EqualOrGreater => self.begin((value, is_out)),
            Comparison::Equal => {
                self.begin((value, is_out));
                self.end((Reverse(value), is_out));
            }
        }
    }

    fn begin(&mut self, from: (T, bool)) {
        self.from = self.from.max(Some(from));
    }

    fn end(&mut self, to: (Reverse<T>, bool)) {
        self.to = self.to.max(Some(to));
    }

    fn bounds(&self) -> (Bound<T>, Bound<T>) {
        let bound = |value, is_out| {
            if is_out {
                Bound::Excluded(value)
            } else {
                Bound::Included(value)
            }
        };
        let from = self.from.map(|(value, is_out)| bound(value, is_out));
        let to = self.to.map(|(Reverse(value), is_out)| bound(value, is_out));
        (
            from.unwrap_or(Bound::Unbounded),
            to.unwrap_or(Bound::Unbounded),
        )
    }

    pub(super) fn contains(&self, value: T) -> bool {
        self.bounds().contains(&value) && !self.without.contains(&value)
    }

    /// The range, as maps take it; `None` when nothing is in it.
    pub(super) fn range(&self) -> Option<(Bound<T>, Bound<T>)> {
        let is_empty = match (self.from, self.to) {
            (Some((from, false)), Some((Reverse(to), false))) => from > to,
            (Some((from, _)), Some((Reverse(to), _))) => from >= to,
            _ => false,
        };
        (!is_empty).then(|| self.bounds())
    }

    /// The only value that passes, if the filters name one.
    pub(super) fn only(&self) -> Option<T> {
        match (self.from, self.to) {
            (Some((from, false)), Some((Reverse(to), false))) if from == to => Some(from),
            _ => None,
        }
    }

    /// Whether there is no range, only values that do not pass.
    pub(super) fn is_everywhere(&self) -> bool {
        self.from.is_none() && self.to.is_none()
    }

    /// What does not pass, though it is in the range.
    pub(super) fn without(&self) -> &[T] {
        &self.without
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Comparison; 6] = [
        Comparison::EqualOrLess,
        Comparison::Less,
        Comparison::Equal,
        Comparison::Greater,
        Comparison::EqualOrGreater,
        Comparison::NotEqual,
    ];

    /// Any two comparisons, in both orders, pass what each of them passes.
    #[test]
    fn two_comparisons_pass_what_both_pass() {
        for (one, other) in ALL.iter().flat_map(|one| ALL.map(|other| (*one, other))) {
            for (first, second) in (0..4).flat_map(|first| (0..4).map(move |x| (first, x))) {
                let filters = [("k", first, one), ("k", second, other)];
                let wanted = Wanted::by_key(filters.into_iter());
                let [("k", wanted)] = &wanted[..] else {
                    panic!("one key");
                };
                for value in -1..5 {
                    let passes = one.holds(&value, &first) && other.holds(&value, &second);
                    assert_eq!(wanted.contains(value), passes, "{value}, {filters:?}");
                    let in_range = wanted.range().is_some_and(|range| {
                        range.contains(&value) && !wanted.without.contains(&value)
                    });
                    assert_eq!(in_range, passes, "{value}, {filters:?}");
                    let is_only = wanted.only().is_none_or(|only| only == value);
                    assert!(is_only || !passes, "{value}, {filters:?}");
                }
            }
        }
    }

    #[test]
    fn keys_are_apart() {
        let filters = [("a", 1, Comparison::Equal), ("b", 2, Comparison::NotEqual)];
        let wanted = Wanted::by_key(filters.into_iter());
        assert_eq!(wanted.len(), 2);
        assert_eq!(wanted[0].1.only(), Some(1));
        assert!(wanted[1].1.is_everywhere());
        assert_eq!(wanted[1].1.without(), [2]);
    }
}
