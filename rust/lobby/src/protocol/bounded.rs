//! Reading texts, lists and maps no larger than they may be: what is too large is refused before anything is kept of it.
//!
//! For `#[serde(deserialize_with = "...")]`, so that the fields keep the plain types.

use std::collections::BTreeMap;
use std::fmt;
use std::marker::PhantomData;

use serde::de::{DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::{Deserialize, Deserializer};

use crate::limits::PAIR_BYTES;

/// A text of at most `MAX` bytes.
pub(crate) fn string<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<String, D::Error> {
    Text { max: MAX }.deserialize(deserializer)
}

/// At most `MAX` bytes.
pub(crate) fn bytes<'de, D: Deserializer<'de>, const MAX: usize>(
    deserializer: D,
) -> Result<Vec<u8>, D::Error> {
    vec::<D, u8, MAX>(deserializer)
}

/// A list of at most `MAX`.
pub(crate) fn vec<'de, D, T, const MAX: usize>(deserializer: D) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    weighed::<D, T, MAX, { usize::MAX }>(deserializer, |_| 0)
}

/// A list of at most `MAX`, which together weigh at most `WEIGHT`.
pub(crate) fn weighed<'de, D, T, const MAX: usize, const WEIGHT: usize>(
    deserializer: D,
    weigh: fn(&T) -> usize,
) -> Result<Vec<T>, D::Error>
where
    D: Deserializer<'de>,
    T: Deserialize<'de>,
{
    deserializer.deserialize_seq(List {
        max: MAX,
        most: WEIGHT,
        weigh,
        items: PhantomData,
    })
}

/// At most `PAIRS` pairs, with keys and values of at most `KEY` and `VALUE` bytes, and `TOTAL` bytes together. A pair counts
/// as its key, its value and [`PAIR_BYTES`].
pub(crate) fn pairs<
    'de,
    D: Deserializer<'de>,
    const PAIRS: usize,
    const KEY: usize,
    const VALUE: usize,
    const TOTAL: usize,
>(
    deserializer: D,
) -> Result<BTreeMap<String, String>, D::Error> {
    deserializer.deserialize_map(Pairs {
        pairs: PAIRS,
        key: KEY,
        value: VALUE,
        total: TOTAL,
    })
}

/// A text of at most so many bytes.
#[derive(Clone, Copy)]
struct Text {
    max: usize,
}

impl<'de> DeserializeSeed<'de> for Text {
    type Value = String;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<String, D::Error> {
        deserializer.deserialize_str(self)
    }
}

impl Visitor<'_> for Text {
    type Value = String;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a text of at most {} bytes", self.max)
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<String, E> {
        if text.len() > self.max {
            return Err(E::invalid_length(text.len(), &self));
        }
        Ok(text.to_owned())
    }
}

struct List<T> {
    max: usize,
    most: usize,
    weigh: fn(&T) -> usize,
    items: PhantomData<T>,
}

impl<'de, T: Deserialize<'de>> Visitor<'de> for List<T> {
    type Value = Vec<T>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "a list of at most {}", self.max)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Vec<T>, A::Error> {
        // What the length claims to be is only believed as far as it may be true.
        let claimed = access.size_hint().unwrap_or(0);
        if claimed > self.max {
            return Err(A::Error::invalid_length(claimed, &self));
        }
        let mut items = Vec::with_capacity(claimed.min(16));
        let mut weight = 0_usize;
        while let Some(item) = access.next_element()? {
            weight = weight.saturating_add((self.weigh)(&item));
            if items.len() >= self.max || weight > self.most {
                return Err(A::Error::invalid_length(items.len() + 1, &self));
            }
            items.push(item);
        }
        Ok(items)
    }
}

struct Pairs {
    pairs: usize,
    key: usize,
    value: usize,
    total: usize,
}

impl<'de> Visitor<'de> for Pairs {
    type Value = BTreeMap<String, String>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "at most {} pairs", self.pairs)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Self::Value, A::Error> {
        let claimed = access.size_hint().unwrap_or(0);
        if claimed > self.pairs {
            return Err(A::Error::invalid_length(claimed, &self));
        }
        let (key, value) = (Text { max: self.key }, Text { max: self.value });
        let mut pairs = BTreeMap::new();
        let (mut read, mut total) = (0, 0);
        while let Some((key, value)) = access.next_entry_seed(key, value)? {
            // The same key again is one more as well.
            read += 1;
            total += key.len() + value.len() + PAIR_BYTES;
            if read > self.pairs || total > self.total {
                return Err(A::Error::invalid_length(read, &self));
            }
            pairs.insert(key, value);
        }
        Ok(pairs)
    }
}

#[cfg(test)]
mod tests {
    use serde::Serialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Bounded {
        #[serde(deserialize_with = "string::<_, 4>")]
        text: String,
        #[serde(deserialize_with = "bytes::<_, 3>")]
        bytes: Vec<u8>,
        #[serde(deserialize_with = "pairs::<_, 2, 3, 4, 20>")]
        pairs: BTreeMap<String, String>,
    }

    fn bounded(text: &str, bytes: &[u8], pairs: &[(&str, &str)]) -> Bounded {
        let pair = |(key, value): &(&str, &str)| ((*key).to_owned(), (*value).to_owned());
        Bounded {
            text: text.to_owned(),
            bytes: bytes.to_vec(),
            pairs: pairs.iter().map(pair).collect(),
        }
    }

    #[test]
    fn what_fits_is_read_and_what_does_not_is_refused() {
        let read = |value: &Bounded| {
            let bytes = postcard::to_stdvec(value).expect("serializes");
            postcard::from_bytes::<Bounded>(&bytes)
        };
        for fits in [
            bounded("", b"", &[]),
            bounded("1234", b"123", &[("abc", ""), ("a", "1234")]),
        ] {
            assert_eq!(read(&fits).as_ref(), Ok(&fits));
        }
        for too_large in [
            bounded("12345", b"", &[]),
            bounded("", b"1234", &[]),
            bounded("", b"", &[("a", ""), ("b", ""), ("c", "")]),
            bounded("", b"", &[("abcd", "")]),
            bounded("", b"", &[("a", "12345")]),
            bounded("", b"", &[("abc", "1234"), ("b", "1234")]),
        ] {
            assert!(read(&too_large).is_err(), "{too_large:?}");
        }
    }

    #[test]
    fn a_list_is_read_until_it_weighs_too_much() {
        fn list<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<u32>, D::Error> {
            weighed::<D, u32, 10, 5>(deserializer, |item| *item as usize)
        }
        #[derive(Serialize, Deserialize)]
        struct Listed(#[serde(deserialize_with = "list")] Vec<u32>);
        let read = |list: &[u32]| {
            let bytes = postcard::to_stdvec(&Listed(list.to_vec())).expect("serializes");
            postcard::from_bytes::<Listed>(&bytes).is_ok()
        };
        assert!(read(&[2, 3]) && read(&[0; 10]));
        assert!(!read(&[2, 4]) && !read(&[0; 11]));
    }

    /// One key, 100 times, is 100 pairs.
    #[test]
    fn a_key_that_comes_again_counts_again() {
        let mut frame = vec![0, 0, 100];
        frame.extend([1, b'k', 0].repeat(100));
        assert!(postcard::from_bytes::<Bounded>(&frame).is_err());
    }
}
