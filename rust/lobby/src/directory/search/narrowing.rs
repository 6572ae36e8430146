//! From all lobbies that can be found to those that pass the filters.

use std::borrow::Cow;
use std::ops::Bound;

use roaring::RoaringBitmap;

use super::View;
use super::wanted::Wanted;
use crate::directory::lobbies::{MAX_INDEXED_VALUE, Postings, Values};
use crate::filters::SearchFilters;
use crate::limits::MAX_RESULTS;

/// How many lobbies are looked at to tell how many of all pass a test.
const SAMPLES: u64 = 16;
/// The price of testing a text, for which the lobby itself is looked at, beside that of an entry of the index.
const TEXT_PRICE: u64 = 4;
/// How many lobbies are looked at for each that a search finds and tests, about.
const WALK_PRICE: u64 = 4;
/// Entries are read for at most one in so many of the price of testing all: then, if there are more, not much is lost.
const GATHER_SHARE: u64 = 4;

/// The lobbies that may pass, and what they have to pass still.
pub(super) struct Narrowed<'a> {
    pub(super) set: Cow<'a, RoaringBitmap>,
    tests: Vec<Test<'a>>,
    /// About how many of the set pass the tests; at least 1.
    passing: u64,
}

/// What sets cannot tell cheaply.
enum Test<'a> {
    Places(u32),
    Text(&'a str, Wanted<&'a str>),
    /// From and to a number, both in.
    Number(Cow<'a, Values>, i64, i64),
}

impl Narrowed<'_> {
    /// About how many of a part of the set pass the tests; at least 1.
    pub(super) fn passing_of(&self, part: &RoaringBitmap) -> u64 {
        let passing = part.len().saturating_mul(self.passing) / self.set.len().max(1);
        passing.max(1)
    }

    pub(super) fn passes(&self, view: View<'_>, slot: u32) -> bool {
        self.tests.iter().all(|test| test.holds(view, slot))
    }

    /// Those of a part of the set that pass, in order.
    pub(super) fn passing_in(&self, view: View<'_>, part: &RoaringBitmap) -> Vec<u32> {
        let mut slots: Vec<u32> = part.iter().collect();
        // Test by test, so that the processor can look at several lobbies at once.
        for test in &self.tests {
            slots.retain(|slot| test.holds(view, *slot));
        }
        slots
    }
}

impl Test<'_> {
    fn holds(&self, view: View<'_>, slot: u32) -> bool {
        match self {
            Self::Places(places) => view.index.places(slot) >= *places,
            Self::Text(key, wanted) => {
                let lobby = view.slots.get(slot as usize);
                let value = lobby.and_then(|lobby| lobby.data.get(*key));
                wanted.contains(value.map_or("", String::as_str))
            }
            Self::Number(values, from, to) => {
                let number = values.numbers.get(slot);
                number.is_some_and(|number| (*from..=*to).contains(&number))
            }
        }
    }
}

/// Narrows down as far as that is worth it. `None` when nothing passes.
pub(super) fn narrow<'a>(view: View<'a>, filters: &'a SearchFilters) -> Option<Narrowed<'a>> {
    let mut narrowing = Narrowing {
        view,
        set: Cow::Borrowed(view.app.open()),
        tests: Vec::new(),
        count: filters.count.min(MAX_RESULTS).into(),
    };
    let texts = texts(view, filters)?;
    let numbers = numbers(view, filters)?;
    narrowing.apply_sets(&texts, &numbers)?;
    for (key, wanted, index) in texts {
        if let Some((holders, values)) = index {
            narrowing.apply_text(key, &wanted, holders, &values)?;
        }
    }
    for (wanted, values) in numbers {
        narrowing.apply_number(&wanted, values)?;
    }
    if filters.slots > 1 {
        narrowing.tests.push(Test::Places(filters.slots));
    }
    narrowing.finish()
}

/// The key, what is wanted of it, and who has it with what values, if anybody has.
type TextFilter<'a> = (
    &'a str,
    Wanted<&'a str>,
    Option<(&'a Postings, Cow<'a, Values>)>,
);
type NumberFilter<'a> = (Wanted<i64>, Cow<'a, Values>);

/// `None` when nothing passes.
fn texts<'a>(view: View<'a>, filters: &'a SearchFilters) -> Option<Vec<TextFilter<'a>>> {
    let comparisons = filters.text.iter();
    let comparisons = comparisons.map(|(key, value, how)| (key.as_str(), value.as_str(), *how));
    Wanted::by_key(comparisons)
        .into_iter()
        .map(|(key, wanted)| {
            wanted.range()?;
            let index = view.app.key(view.slots, key);
            (index.is_some() || wanted.contains("")).then_some((key, wanted, index))
        })
        .collect()
}

/// `None` when nothing passes.
fn numbers<'a>(view: View<'a>, filters: &'a SearchFilters) -> Option<Vec<NumberFilter<'a>>> {
    let comparisons = filters.number.iter();
    let comparisons = comparisons.map(|(key, value, how)| (key.as_str(), i64::from(*value), *how));
    Wanted::by_key(comparisons)
        .into_iter()
        .map(|(key, wanted)| {
            wanted.range()?;
            let (_, values) = view.app.key(view.slots, key)?;
            Some((wanted, values))
        })
        .collect()
}

struct Narrowing<'a> {
    view: View<'a>,
    set: Cow<'a, RoaringBitmap>,
    tests: Vec<Test<'a>>,
    /// How many lobbies are to be found.
    count: u64,
}

impl<'a> Narrowing<'a> {
    /// What whole sets of the index tell: single values, and who has a key at all. `None` when nothing passes.
    fn apply_sets(&mut self, texts: &[TextFilter<'_>], numbers: &[NumberFilter<'_>]) -> Option<()> {
        let mut within: Vec<&Postings> = Vec::new();
        let mut without: Vec<&Postings> = Vec::new();
        for (_, wanted, index) in texts {
            let Some((holders, values)) = index else {
                continue;
            };
            match wanted.only() {
                _ if wanted.contains("") => {}
                Some(value) if value.len() > MAX_INDEXED_VALUE => within.push(&values.long),
                Some(value) => within.push(values.texts.get(value)?),
                None => within.push(holders),
            }
            if wanted.only() == Some("") {
                without.push(holders);
            }
            without.extend(
                wanted
                    .without()
                    .iter()
                    .filter_map(|value| values.texts.get(*value)),
            );
        }
        for (wanted, values) in numbers {
            let numbers = &values.numbers;
            match wanted.only() {
                Some(number) => within.push(numbers.by_number.get(&number)?),
                None => within.push(&numbers.slots),
            }
            without.extend(
                wanted
                    .without()
                    .iter()
                    .filter_map(|number| numbers.by_number.get(number)),
            );
        }
        within.sort_by_key(|postings| postings.len());
        let mut within = within.into_iter();
        if let Some(fewest) = within.next() {
            let mut set = fewest.as_set();
            for postings in within {
                postings.keep_common(&mut set);
                if set.is_empty() {
                    return None;
                }
            }
            // Last, since it is the largest.
            self.set = Cow::Owned(&*set & self.view.app.open());
        }
        for postings in without {
            postings.take_from(&mut self.set);
        }
        (!self.set.is_empty()).then_some(())
    }

    /// What is left of a filter: its range, and values that are not in the index.
    fn apply_text(
        &mut self,
        key: &'a str,
        wanted: &Wanted<&'a str>,
        holders: &Postings,
        values: &Values,
    ) -> Option<()> {
        let is_long = |value: &str| value.len() > MAX_INDEXED_VALUE;
        let may_be_long = !values.long.is_empty();
        let is_done = match wanted.only() {
            Some(value) => !is_long(value),
            None => {
                wanted.is_everywhere()
                    && !(may_be_long && wanted.without().iter().any(|value| is_long(value)))
            }
        };
        if is_done {
            return Some(());
        }
        let test = Test::Text(key, wanted.clone());
        let in_range = values.texts.range::<str, _>(wanted.range()?);
        let entries = in_range.filter(|(value, _)| wanted.contains(value));
        let entries = entries.map(|(_, postings)| postings);
        let Some(mut found) = self.gather(&test, TEXT_PRICE, holders.len(), entries) else {
            self.tests.push(test);
            return Some(());
        };
        let mut long = Vec::new();
        values.long.common_with(&self.set, &mut long);
        found.extend(long.into_iter().filter(|slot| test.holds(self.view, *slot)));
        if wanted.contains("") {
            holders.take_from(&mut self.set);
            self.set.to_mut().extend(found);
        } else {
            self.set = Cow::Owned(found.into_iter().collect());
        }
        (!self.set.is_empty()).then_some(())
    }

    fn apply_number(&mut self, wanted: &Wanted<i64>, values: Cow<'a, Values>) -> Option<()> {
        if wanted.only().is_some() || wanted.is_everywhere() {
            return Some(());
        }
        // Filters have 32 bits, so that nothing overflows.
        let from = match wanted.range()?.0 {
            Bound::Included(from) => from,
            Bound::Excluded(before) => before + 1,
            Bound::Unbounded => i64::MIN,
        };
        let to = match wanted.range()?.1 {
            Bound::Included(to) => to,
            Bound::Excluded(behind) => behind - 1,
            Bound::Unbounded => i64::MAX,
        };
        let test = Test::Number(values, from, to);
        let mut found = None;
        if let Test::Number(values, from, to) = &test
            && from <= to
        {
            let numbers = &values.numbers;
            let entries = numbers.by_number.range(from..=to);
            let entries = entries.map(|(_, postings)| postings);
            found = self.gather(&test, 1, numbers.slots.len(), entries);
        }
        match found {
            Some(found) => self.set = Cow::Owned(found.into_iter().collect()),
            None => self.tests.push(test),
        }
        (!self.set.is_empty()).then_some(())
    }

    /// Those of the set that pass a test, in order, which are those with one of some values that `holders` lobbies have;
    /// `None` where testing lobby by lobby is cheaper.
    fn gather<'p>(
        &self,
        test: &Test<'_>,
        test_price: u64,
        holders: u64,
        entries: impl Iterator<Item = &'p Postings>,
    ) -> Option<Vec<u32>> {
        // A test that many pass is made until enough are found; one that hardly any passes, of all.
        let passing = self.samples_passing(test);
        let tested = (self.count * WALK_PRICE * SAMPLES).checked_div(passing);
        let tested = tested.map_or(self.set.len(), |tested| tested.min(self.set.len()));
        let most = tested * test_price / GATHER_SHARE;
        if holders * passing / SAMPLES > most {
            return None;
        }
        let mut spent = 0;
        let mut found = Vec::new();
        for postings in entries {
            spent += postings.price(&self.set);
            if spent > most {
                return None;
            }
            postings.common_with(&self.set, &mut found);
        }
        found.sort_unstable();
        Some(found)
    }

    /// How many of some of the set pass a test.
    fn samples_passing(&self, test: &Test<'_>) -> u64 {
        let all = self.set.len();
        let samples = (0..SAMPLES).filter_map(|sample| {
            let rank = u32::try_from(all * sample / SAMPLES).ok()?;
            self.set.select(rank)
        });
        samples.filter(|slot| test.holds(self.view, *slot)).count() as u64
    }

    fn finish(mut self) -> Option<Narrowed<'a>> {
        let mut tests: Vec<(u64, Test<'a>)> = Vec::new();
        let mut passing = self.set.len();
        for test in std::mem::take(&mut self.tests) {
            let samples = self.samples_passing(&test);
            passing = passing * samples / SAMPLES;
            tests.push((samples, test));
        }
        // The one that fewest pass first: the others have less to do.
        tests.sort_by_key(|(samples, _)| *samples);
        Some(Narrowed {
            passing: passing.max(1),
            set: self.set,
            tests: tests.into_iter().map(|(_, test)| test).collect(),
        })
    }
}
