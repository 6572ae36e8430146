//! Dictionaries that are made for each message.

use godot::builtin::{GString, VarDictionary, Variant};
use godot::meta::ToGodot;

use crate::shared::AnyThread;

/// The keys of a dictionary, made once: to make them anew costs more than all the rest of it.
pub(super) struct Keys<const N: usize>(AnyThread<[Variant; N]>);

impl<const N: usize> Keys<N> {
    pub(super) fn new(names: [&str; N]) -> Self {
        Self(AnyThread::new(
            names.map(|name| GString::from(name).to_variant()),
        ))
    }

    /// A dictionary of these keys, in their order.
    pub(super) fn dictionary(&self, values: [Variant; N]) -> VarDictionary {
        let mut dictionary = VarDictionary::new();
        for (key, value) in self.0.iter().zip(&values) {
            dictionary.set(key, value);
        }
        dictionary
    }
}
