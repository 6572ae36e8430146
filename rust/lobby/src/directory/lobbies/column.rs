//! A number for each of many lobbies, found by the slot.

use std::mem;

use rustc_hash::FxHashMap;

/// From one number in so many slots on there is a list of all slots, which takes less memory than a map.
const LIST_FROM: usize = 4;
/// Below one number in so many slots there is none.
const LIST_TO: usize = 16;
/// The least slots of a list.
const MIN_LIST: usize = 64;
/// What a list has for slots without a number, or with one that it cannot hold.
const NOT_LISTED: i32 = i32::MIN;

/// Numbers by slot. Its memory grows with how many there are, whatever the slots.
#[derive(Clone, Debug, Default)]
pub(super) struct Column {
    /// The numbers of 32 bits, if they are many; small, since searches look at it all over.
    list: Vec<i32>,
    /// How many are in the list.
    listed: usize,
    /// The others.
    map: FxHashMap<u32, i64>,
    /// No slot in the map is higher.
    highest: u32,
}

impl Column {
    #[inline]
    pub(super) fn get(&self, slot: u32) -> Option<i64> {
        match self.list.get(slot as usize) {
            Some(number) if *number != NOT_LISTED => Some((*number).into()),
            _ => self.map.get(&slot).copied(),
        }
    }

    /// Sets the number of a slot that has none.
    pub(super) fn insert(&mut self, slot: u32, number: i64) {
        let len = slot as usize + 1;
        if !self.list.is_empty() && len > self.list.len().max((self.listed + 1) * LIST_TO) {
            self.end_list();
        }
        if self.list.is_empty() || !self.list_one(slot, number) {
            self.map.insert(slot, number);
            self.highest = self.highest.max(slot);
        }
        let len = self.highest as usize + 1;
        if self.list.is_empty() && len >= MIN_LIST && self.map.len() * LIST_FROM >= len {
            self.begin_list(len);
        }
    }

    /// Forgets the number of a slot that has one.
    pub(super) fn remove(&mut self, slot: u32) {
        match self.list.get_mut(slot as usize) {
            Some(number) if *number != NOT_LISTED => {
                *number = NOT_LISTED;
                self.listed -= 1;
                if self.listed * LIST_TO < self.list.len() {
                    self.end_list();
                }
            }
            _ => {
                self.map.remove(&slot);
                if self.map.len() < self.map.capacity() / 8 {
                    self.map.shrink_to(self.map.len() * 2);
                }
            }
        }
    }

    /// Puts a number into the list; false where it does not fit.
    fn list_one(&mut self, slot: u32, number: i64) -> bool {
        let at = slot as usize;
        match i32::try_from(number) {
            Ok(number) if number != NOT_LISTED => {
                if self.list.len() <= at {
                    self.list.resize(at + 1, NOT_LISTED);
                }
                self.list[at] = number;
                self.listed += 1;
                true
            }
            _ => false,
        }
    }

    fn begin_list(&mut self, len: usize) {
        self.list = vec![NOT_LISTED; len];
        self.listed = 0;
        let mut numbers = mem::take(&mut self.map);
        numbers.retain(|slot, number| !self.list_one(*slot, *number));
        self.map = numbers;
        self.map.shrink_to_fit();
        if self.listed * LIST_TO < len {
            // They are large ones.
            self.end_list();
        }
    }

    fn end_list(&mut self) {
        let listed = (0..).zip(mem::take(&mut self.list));
        let listed = listed.filter(|(_, number)| *number != NOT_LISTED);
        let listed = listed.map(|(slot, number)| (slot, number.into()));
        self.map.extend(listed);
        self.listed = 0;
        self.highest = self.map.keys().copied().max().unwrap_or(0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_number_in_every_shape() {
        let mut column = Column::default();
        let mut slots: Vec<u32> = (0..200).collect();
        slots.extend([100_000, 4_000_000_000]);
        let unusual = [i64::MIN, i64::MAX, i32::MIN.into(), i32::MAX.into()];
        let number = |slot: u32| match slot % 9 {
            at @ 0..4 => unusual[at as usize],
            _ => i64::from(slot) - 50,
        };
        for slot in &slots {
            column.insert(*slot, number(*slot));
            for other in slots.iter().take_while(|other| *other <= slot) {
                assert_eq!(column.get(*other), Some(number(*other)));
            }
            assert_eq!(column.get(*slot + 1), None);
        }
        assert!(column.list.is_empty(), "few for the slots");
        for slot in slots.iter().rev() {
            assert_eq!(column.get(*slot), Some(number(*slot)));
            column.remove(*slot);
            assert_eq!(column.get(*slot), None);
        }
    }

    #[test]
    fn is_a_list_where_many_slots_have_a_number() {
        let mut column = Column::default();
        for slot in 0..1000 {
            column.insert(slot, 1);
        }
        assert_eq!((column.listed, column.map.len()), (1000, 0));
        for slot in 0..990 {
            column.remove(slot);
        }
        assert_eq!((column.list.len(), column.map.len()), (0, 10));
        assert_eq!(column.get(995), Some(1));
        assert_eq!(column.get(5), None);
    }

    #[test]
    fn large_numbers_are_no_list() {
        let mut column = Column::default();
        for slot in 0..1000 {
            column.insert(slot, i64::MAX);
        }
        assert!(column.list.is_empty());
        assert_eq!(column.get(7), Some(i64::MAX));
    }
}
