//! A number for each of many lobbies, found by the slot.

use std::mem;

use rustc_hash::FxHashMap;

/// A table is dense from one number in so many slots on, where a list takes no more memory than a map.
const DENSE_FROM: usize = 4;
/// It is a map again below one number in so many slots.
const DENSE_TO: usize = 16;
/// The least slots of a dense table.
const MIN_DENSE: usize = 64;

/// Numbers by slot. Its memory grows with how many there are, whatever the slots.
#[derive(Clone, Debug)]
pub(super) enum Column {
    Sparse {
        numbers: FxHashMap<u32, i64>,
        /// No slot is higher.
        highest: u32,
    },
    Dense {
        /// [`Column::NOTHING`] in slots without a number.
        numbers: Vec<i64>,
        count: usize,
    },
}

impl Default for Column {
    fn default() -> Self {
        Self::Sparse {
            numbers: FxHashMap::default(),
            highest: 0,
        }
    }
}

impl Column {
    /// What [`Column::get`] finds where there is no number; may be one, too.
    pub(super) const NOTHING: i64 = i64::MIN;

    pub(super) fn get(&self, slot: u32) -> i64 {
        match self {
            Self::Sparse { numbers, .. } => numbers.get(&slot),
            Self::Dense { numbers, .. } => numbers.get(slot as usize),
        }
        .copied()
        .unwrap_or(Self::NOTHING)
    }

    /// Sets the number of a slot that has none.
    pub(super) fn insert(&mut self, slot: u32, number: i64) {
        let len = slot as usize + 1;
        if let Self::Dense { numbers, count } = self
            && len > numbers.len()
            && len > (*count + 1) * DENSE_TO
        {
            self.make_sparse();
        }
        match self {
            Self::Sparse { numbers, highest } => {
                numbers.insert(slot, number);
                *highest = (*highest).max(slot);
                let len = *highest as usize + 1;
                if len >= MIN_DENSE && numbers.len() * DENSE_FROM >= len {
                    self.make_dense();
                }
            }
            Self::Dense { numbers, count } => {
                if numbers.len() < len {
                    numbers.resize(len, Self::NOTHING);
                }
                numbers[slot as usize] = number;
                *count += 1;
            }
        }
    }

    /// Forgets the number of a slot that has one.
    pub(super) fn remove(&mut self, slot: u32) {
        match self {
            Self::Sparse { numbers, .. } => {
                numbers.remove(&slot);
                if numbers.len() < numbers.capacity() / 8 {
                    numbers.shrink_to(numbers.len() * 2);
                }
            }
            Self::Dense { numbers, count } => {
                if let Some(number) = numbers.get_mut(slot as usize) {
                    *number = Self::NOTHING;
                }
                *count = count.saturating_sub(1);
                if *count * DENSE_TO < numbers.len() {
                    self.make_sparse();
                }
            }
        }
    }

    fn make_dense(&mut self) {
        if let Self::Sparse { numbers, highest } = self {
            let mut dense = vec![Self::NOTHING; *highest as usize + 1];
            let count = numbers.len();
            for (slot, number) in mem::take(numbers) {
                dense[slot as usize] = number;
            }
            *self = Self::Dense {
                numbers: dense,
                count,
            };
        }
    }

    /// A number that is [`Column::NOTHING`] is lost, which makes no difference to [`Column::get`].
    fn make_sparse(&mut self) {
        if let Self::Dense { numbers, .. } = self {
            let numbers: FxHashMap<u32, i64> = (0..)
                .zip(mem::take(numbers))
                .filter(|(_, number)| *number != Self::NOTHING)
                .collect();
            let highest = numbers.keys().copied().max().unwrap_or(0);
            *self = Self::Sparse { numbers, highest };
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_every_number_through_every_shape() {
        let mut column = Column::default();
        let mut slots: Vec<u32> = (0..200).collect();
        slots.extend([100_000, 4_000_000_000]);
        for slot in &slots {
            column.insert(*slot, i64::from(*slot) - 50);
            let filled = slots.iter().take_while(|other| *other <= slot);
            for other in filled {
                assert_eq!(column.get(*other), i64::from(*other) - 50);
            }
            assert_eq!(column.get(*slot + 1), Column::NOTHING);
        }
        assert!(matches!(column, Column::Sparse { .. }), "few for the slots");
        for slot in slots.iter().rev() {
            assert_eq!(column.get(*slot), i64::from(*slot) - 50);
            column.remove(*slot);
            assert_eq!(column.get(*slot), Column::NOTHING);
        }
    }

    #[test]
    fn is_dense_where_most_slots_have_a_number() {
        let mut column = Column::default();
        for slot in 0..1000 {
            column.insert(slot, 1);
        }
        assert!(matches!(column, Column::Dense { .. }));
        for slot in 0..990 {
            column.remove(slot);
        }
        assert!(matches!(column, Column::Sparse { .. }));
        assert_eq!(column.get(995), 1);
        assert_eq!(column.get(5), Column::NOTHING);
    }
}
