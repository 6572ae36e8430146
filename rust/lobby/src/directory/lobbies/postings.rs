//! Which lobbies have something: a set of slots that is small in memory whether it has one or a million of them.

use std::borrow::Cow;

use roaring::RoaringBitmap;

/// Up to so many slots are a sorted list, which takes less than a bitmap.
const MAX_FEW: usize = 64;
/// From so few slots on a bitmap becomes a list again.
const MIN_MANY: u64 = 48;

/// How many slots of two bitmaps are compared in the time of a look at one lobby.
const SLOTS_AT_ONCE: u64 = 8;

/// A set of slots.
#[derive(Clone, Debug)]
pub(in crate::directory) enum Postings {
    One(u32),
    /// Sorted.
    Few(Vec<u32>),
    Many(Box<RoaringBitmap>),
}

impl Default for Postings {
    fn default() -> Self {
        Self::Few(Vec::new())
    }
}

impl Postings {
    pub(in crate::directory) fn insert(&mut self, slot: u32) {
        match self {
            Self::One(other) if *other == slot => {}
            Self::One(other) => *self = Self::Few(vec![slot.min(*other), slot.max(*other)]),
            Self::Few(few) if few.is_empty() => *self = Self::One(slot),
            Self::Few(few) => {
                if let Err(at) = few.binary_search(&slot) {
                    few.insert(at, slot);
                }
                if few.len() > MAX_FEW {
                    *self = Self::Many(Box::new(few.iter().copied().collect()));
                }
            }
            Self::Many(many) => {
                many.insert(slot);
            }
        }
    }

    pub(in crate::directory) fn remove(&mut self, slot: u32) {
        match self {
            Self::One(other) if *other == slot => *self = Self::default(),
            Self::One(_) => {}
            Self::Few(few) => {
                if let Ok(at) = few.binary_search(&slot) {
                    few.remove(at);
                }
                if let [one] = few[..] {
                    *self = Self::One(one);
                }
            }
            Self::Many(many) => {
                many.remove(slot);
                if many.len() < MIN_MANY {
                    *self = Self::Few(many.iter().collect());
                }
            }
        }
    }

    pub(in crate::directory) fn len(&self) -> u64 {
        match self {
            Self::One(_) => 1,
            Self::Few(few) => few.len() as u64,
            Self::Many(many) => many.len(),
        }
    }

    pub(in crate::directory) fn is_empty(&self) -> bool {
        matches!(self, Self::Few(few) if few.is_empty())
    }

    /// The slots, in order.
    pub(in crate::directory) fn iter(&self) -> impl Iterator<Item = u32> {
        let (few, many) = match self {
            Self::One(one) => (std::slice::from_ref(one), None),
            Self::Few(few) => (few.as_slice(), None),
            Self::Many(many) => (&[][..], Some(many.iter())),
        };
        few.iter().copied().chain(many.into_iter().flatten())
    }

    /// Adds those that are in `set` too to `common`, in order.
    pub(in crate::directory) fn common_with(&self, set: &RoaringBitmap, common: &mut Vec<u32>) {
        match self {
            Self::One(one) if set.contains(*one) => common.push(*one),
            Self::One(_) => {}
            Self::Few(few) => common.extend(few.iter().filter(|slot| set.contains(**slot))),
            Self::Many(many) => common.extend((&**many & set).iter()),
        }
    }

    /// What [`Postings::common_with`] costs, as many times what it costs to look at one lobby.
    pub(in crate::directory) fn price(&self, set: &RoaringBitmap) -> u64 {
        match self {
            Self::Many(many) => 1 + many.len().min(set.len()) / SLOTS_AT_ONCE,
            _ => self.len(),
        }
    }

    /// The same as a bitmap.
    pub(in crate::directory) fn as_set(&self) -> Cow<'_, RoaringBitmap> {
        match self {
            Self::Many(many) => Cow::Borrowed(many),
            _ => Cow::Owned(self.iter().collect()),
        }
    }

    /// Takes out of `set` whatever is not in here.
    pub(in crate::directory) fn keep_common(&self, set: &mut Cow<'_, RoaringBitmap>) {
        let own = self.as_set();
        match &mut *set {
            Cow::Owned(set) => *set &= &*own,
            Cow::Borrowed(all) => *set = Cow::Owned(*all & &*own),
        }
    }

    /// Takes out of `set` whatever is in here.
    pub(in crate::directory) fn take_from(&self, set: &mut Cow<'_, RoaringBitmap>) {
        match (self, &mut *set) {
            (Self::Many(many), Cow::Owned(set)) => *set -= &**many,
            (Self::Many(many), Cow::Borrowed(all)) => *set = Cow::Owned(*all - &**many),
            (_, set) => {
                for slot in self.iter() {
                    if set.contains(slot) {
                        set.to_mut().remove(slot);
                    }
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    /// Grows beyond every change of shape and shrinks again; `step` spreads it over the bitmap's containers.
    fn each_size(step: u32, check: impl Fn(&Postings, &BTreeSet<u32>)) {
        let mut postings = Postings::default();
        let mut model = BTreeSet::new();
        let slots: Vec<u32> = (0..150).map(|index| (index * 7 % 150) * step).collect();
        for slot in &slots {
            postings.insert(*slot);
            postings.insert(*slot);
            model.insert(*slot);
            check(&postings, &model);
        }
        for slot in slots.iter().rev() {
            postings.remove(*slot);
            postings.remove(*slot);
            model.remove(slot);
            check(&postings, &model);
        }
    }

    #[test]
    fn is_a_set_of_any_size() {
        for step in [1, 1009] {
            each_size(step, |postings, model| {
                assert!(postings.iter().eq(model.iter().copied()));
                assert_eq!(postings.len(), model.len() as u64);
                assert_eq!(postings.is_empty(), model.is_empty());
            });
        }
    }

    #[test]
    fn is_compared_with_other_sets_at_any_size() {
        let other: RoaringBitmap = (0..150).filter(|slot| slot % 3 == 0).collect();
        each_size(1, |postings, model| {
            let expected: Vec<u32> = other.iter().filter(|slot| model.contains(slot)).collect();
            let rest: Vec<u32> = other.iter().filter(|slot| !model.contains(slot)).collect();
            let mut common = Vec::new();
            postings.common_with(&other, &mut common);
            assert_eq!(common, expected);
            for set in [Cow::Borrowed(&other), Cow::Owned(other.clone())] {
                let mut kept = set.clone();
                postings.keep_common(&mut kept);
                assert!(kept.iter().eq(expected.iter().copied()));
                let mut left = set;
                postings.take_from(&mut left);
                assert!(left.iter().eq(rest.iter().copied()));
            }
        });
    }

    #[test]
    fn shrinks_as_it_loses_slots() {
        let mut postings = Postings::default();
        for slot in 0..100 {
            postings.insert(slot);
        }
        assert!(matches!(postings, Postings::Many(_)));
        for slot in 0..99 {
            postings.remove(slot);
        }
        assert!(matches!(postings, Postings::One(99)));
    }
}
