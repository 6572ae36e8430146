//! The values that lobbies have for one key, as text and as numbers.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use super::column::Column;
use super::postings::Postings;

/// A longer value, in bytes, is not in the index: searches look at the lobby itself.
pub(in crate::directory) const MAX_INDEXED_VALUE: usize = 128;

/// What number a value is, if it is one.
pub(in crate::directory) fn number(value: &str) -> Option<i64> {
    value.trim().parse().ok()
}

/// The values of one key.
#[derive(Clone, Debug, Default)]
pub(in crate::directory) struct Values {
    /// Who has a value, for those of up to [`MAX_INDEXED_VALUE`].
    pub(in crate::directory) texts: BTreeMap<Box<str>, Postings>,
    /// Who has a longer one.
    pub(in crate::directory) long: Postings,
    pub(in crate::directory) numbers: Numbers,
}

impl Values {
    pub(super) fn insert(&mut self, slot: u32, value: &str) {
        if value.len() > MAX_INDEXED_VALUE {
            self.long.insert(slot);
        } else {
            self.texts.entry(value.into()).or_default().insert(slot);
        }
        if let Some(number) = number(value) {
            self.numbers.insert(slot, number);
        }
    }

    pub(super) fn remove(&mut self, slot: u32, value: &str) {
        if value.len() > MAX_INDEXED_VALUE {
            self.long.remove(slot);
        } else {
            forget(self.texts.entry(value.into()), slot);
        }
        if let Some(number) = number(value) {
            self.numbers.remove(slot, number);
        }
    }
}

/// Takes a slot out of who has a value, which is found once only: that is most of the work.
fn forget<K: Ord>(entry: Entry<'_, K, Postings>, slot: u32) {
    if let Entry::Occupied(mut postings) = entry {
        postings.get_mut().remove(slot);
        if postings.get().is_empty() {
            postings.remove();
        }
    }
}

/// The values of one key that are numbers.
#[derive(Clone, Debug, Default)]
pub(in crate::directory) struct Numbers {
    /// Who has a number.
    pub(in crate::directory) slots: Postings,
    pub(in crate::directory) by_number: BTreeMap<i64, Postings>,
    by_slot: Column,
}

impl Numbers {
    /// The number of a lobby, if it has one.
    #[inline]
    pub(in crate::directory) fn get(&self, slot: u32) -> Option<i64> {
        self.by_slot.get(slot)
    }

    fn insert(&mut self, slot: u32, number: i64) {
        self.slots.insert(slot);
        self.by_number.entry(number).or_default().insert(slot);
        self.by_slot.insert(slot, number);
    }

    fn remove(&mut self, slot: u32, number: i64) {
        self.slots.remove(slot);
        forget(self.by_number.entry(number), slot);
        self.by_slot.remove(slot);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_a_text_and_may_be_a_number() {
        let mut values = Values::default();
        for (slot, value) in (0..).zip(["7", "007", " 7 ", "x", "1e3", "-0", "+7"]) {
            values.insert(slot, value);
        }
        assert!(
            values
                .texts
                .get("007")
                .is_some_and(|slots| slots.iter().eq([1]))
        );
        let sevens = values.numbers.by_number.get(&7);
        assert!(sevens.is_some_and(|slots| slots.iter().eq([0, 1, 2, 6])));
        assert_eq!(values.numbers.get(3), None);
        assert_eq!(values.numbers.get(4), None);
        assert_eq!(values.numbers.get(5), Some(0));
    }

    #[test]
    fn the_least_number_is_one_and_not_nothing() {
        let mut values = Values::default();
        for slot in 0..500 {
            values.insert(slot, "5");
        }
        values.insert(500, &i64::MIN.to_string());
        assert_eq!(values.numbers.get(500), Some(i64::MIN));
        assert_eq!(values.numbers.get(501), None);
        for slot in 0..500 {
            values.remove(slot, "5");
        }
        assert_eq!(values.numbers.get(500), Some(i64::MIN));
    }

    #[test]
    fn what_is_removed_leaves_nothing() {
        let long = format!("{}12", " ".repeat(MAX_INDEXED_VALUE));
        let mut values = Values::default();
        for (slot, value) in [(0, "5"), (1, long.as_str())] {
            values.insert(slot, value);
        }
        assert_eq!(values.texts.len(), 1);
        assert!(values.long.iter().eq([1]));
        assert_eq!(values.numbers.get(1), Some(12));
        values.remove(0, "5");
        values.remove(1, &long);
        assert!(values.texts.is_empty() && values.long.is_empty());
        assert!(values.numbers.by_number.is_empty() && values.numbers.slots.is_empty());
        assert_eq!(values.numbers.get(1), None);
    }
}
