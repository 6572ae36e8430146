//! Of the lobbies that pass, those that are nearest to what a search wants.
//!
//! Lobbies are ordered by the distance of the first near-value filter, those at the same distance by the second, and so
//! on; a lobby without the number is farthest. Only as many as are wanted are ordered.

use std::borrow::Cow;

use roaring::RoaringBitmap;

use super::View;
use super::narrowing::Narrowed;
use crate::directory::lobbies::Values;

/// The slots of the nearest `count` lobbies that pass, nearest first.
pub(super) fn choose(
    view: View<'_>,
    narrowed: &Narrowed<'_>,
    near: &[(String, i32)],
    count: usize,
) -> Vec<u32> {
    // All are equally far from what nobody has.
    let near: Vec<Near<'_>> = near
        .iter()
        .filter_map(|(key, wanted)| {
            let (_, values) = view.app.key(view.slots, key)?;
            Some((values, i64::from(*wanted)))
        })
        .collect();
    let mut choice = Choice {
        view,
        narrowed,
        near: &near,
        count,
        chosen: Vec::new(),
    };
    choice.take(&narrowed.set, 0);
    let mut chosen = std::mem::take(&mut choice.chosen);
    chosen.sort_by_cached_key(|slot| {
        let levels = 0..near.len();
        levels
            .map(|level| choice.distance(level, *slot))
            .collect::<Vec<_>>()
    });
    chosen
}

/// The values of a key, and the number that they should be close to.
type Near<'a> = (Cow<'a, Values>, i64);

struct Choice<'a> {
    view: View<'a>,
    narrowed: &'a Narrowed<'a>,
    near: &'a [Near<'a>],
    count: usize,
    chosen: Vec<u32>,
}

/// How far a walk came.
enum Walk {
    /// All that are wanted are chosen.
    Enough,
    /// It is cheaper to look at all lobbies that are farther than this.
    Beyond(Option<u64>),
}

impl Choice<'_> {
    fn missing(&self) -> usize {
        self.count - self.chosen.len()
    }

    #[inline]
    fn distance(&self, level: usize, slot: u32) -> u64 {
        let (values, wanted) = &self.near[level];
        let number = values.numbers.get(slot);
        number.map_or(u64::MAX, |number| number.abs_diff(*wanted))
    }

    /// Chooses of a set, by the near-value filters from `level` on, as many as are missing.
    fn take(&mut self, set: &RoaringBitmap, level: usize) {
        if level == self.near.len() || set.len() <= self.missing() as u64 {
            self.take_any(set.iter());
            return;
        }
        let done = if self.is_worth_a_walk(set, level) {
            match self.walk(set, level) {
                Walk::Enough => return,
                Walk::Beyond(done) => done,
            }
        } else {
            None
        };
        self.take_nearest(set, level, done);
    }

    /// Chooses of lobbies between which nothing decides.
    fn take_any(&mut self, slots: impl Iterator<Item = u32>) {
        let (view, narrowed, missing) = (self.view, self.narrowed, self.missing());
        let passing = slots.filter(|slot| narrowed.passes(view, *slot));
        self.chosen.extend(passing.take(missing));
    }

    /// Chooses by looking at every lobby of a set that is farther than `done`.
    fn take_nearest(&mut self, set: &RoaringBitmap, level: usize, done: Option<u64>) {
        let passing = self.narrowed.passing_in(self.view, set);
        let ranked = passing.iter();
        let ranked = ranked.map(|slot| (self.distance(level, *slot), *slot));
        let mut ranked: Vec<(u64, u32)> = ranked
            .filter(|(distance, _)| done.is_none_or(|done| *distance > done))
            .collect();
        let missing = self.missing();
        if missing == 0 {
            return;
        }
        if ranked.len() <= missing {
            self.chosen.extend(ranked.into_iter().map(|(_, slot)| slot));
            return;
        }
        let (_, &mut (last, _), _) = ranked.select_nth_unstable(missing - 1);
        let nearer = ranked.iter().filter(|(distance, _)| *distance < last);
        self.chosen.extend(nearer.map(|(_, slot)| *slot));
        let ties = ranked.iter().filter(|(distance, _)| *distance == last);
        let mut ties: Vec<u32> = ties.map(|(_, slot)| *slot).collect();
        self.take_group(&mut ties, level + 1);
    }

    /// Whether walking outward from the wanted number will find enough sooner than looking at all.
    fn is_worth_a_walk(&self, set: &RoaringBitmap, level: usize) -> bool {
        let numbers = self.near[level].0.numbers.slots.len();
        let passing = self.narrowed.passing_of(set);
        (self.missing() as u64).saturating_mul(numbers) / passing < set.len() / 2
    }

    /// Chooses by walking outward from the wanted number; gives up when looking at all would have been done by then.
    fn walk(&mut self, set: &RoaringBitmap, level: usize) -> Walk {
        let (values, wanted) = &self.near[level];
        let (numbers, wanted) = (&values.numbers, *wanted);
        let mut below = numbers.by_number.range(..wanted).rev().peekable();
        let mut above = numbers.by_number.range(wanted..).peekable();
        let mut spent = 0;
        let mut done = None;
        let mut group = Vec::new();
        while spent <= set.len() {
            let far = |number: &i64| number.abs_diff(wanted);
            let next_below = below.peek().map(|(number, _)| far(number));
            let next_above = above.peek().map(|(number, _)| far(number));
            let Some(distance) = next_below.into_iter().chain(next_above).min() else {
                let mut rest = Cow::Borrowed(set);
                numbers.slots.take_from(&mut rest);
                self.take(&rest, level + 1);
                return Walk::Enough;
            };
            let sides = [
                below.next_if(|(number, _)| far(number) == distance),
                above.next_if(|(number, _)| far(number) == distance),
            ];
            for (_, postings) in sides.into_iter().flatten() {
                postings.common_with(set, &mut group);
                spent += postings.price(set);
            }
            self.take_group(&mut group, level + 1);
            if self.missing() == 0 {
                return Walk::Enough;
            }
            done = Some(distance);
        }
        Walk::Beyond(done)
    }

    /// Chooses of lobbies at the same distance.
    fn take_group(&mut self, group: &mut Vec<u32>, level: usize) {
        if level == self.near.len() || group.len() <= self.missing() {
            self.take_any(group.drain(..));
        } else {
            group.sort_unstable();
            let group: RoaringBitmap = group.drain(..).collect();
            self.take(&group, level);
        }
    }
}
