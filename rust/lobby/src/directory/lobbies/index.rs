//! What searches look at instead of at every lobby. It is kept true at each change of a lobby.

use std::borrow::Cow;
use std::collections::HashMap;

use roaring::RoaringBitmap;
use slab::Slab;

use super::postings::Postings;
use super::values::Values;
use crate::lobby::LobbySnapshot;

/// From so many lobbies on that have a key, its values are in the index; searches look at fewer lobbies themselves. So
/// keys that hardly anybody has cost hardly any memory.
const MIN_VALUES: u64 = 32;
/// Below so many they are taken out again.
const MIN_KEPT_VALUES: u64 = 16;

/// The lobbies of a directory by their slots.
pub(in crate::directory) type Slots = Slab<LobbySnapshot>;

/// The index of all lobbies, each app for itself.
#[derive(Default)]
pub(in crate::directory) struct Index {
    apps: HashMap<u32, AppIndex>,
    /// For each slot how many newcomers a search may bring.
    places: Vec<u8>,
}

/// The index of an app's lobbies.
#[derive(Default)]
pub(in crate::directory) struct AppIndex {
    lobbies: usize,
    /// The lobbies that searches find.
    open: RoaringBitmap,
    keys: HashMap<Box<str>, Key>,
}

#[derive(Default)]
struct Key {
    /// Who has it.
    slots: Postings,
    /// With what values, if that are enough.
    values: Option<Box<Values>>,
}

impl Index {
    pub(in crate::directory) fn app(&self, app_id: u32) -> Option<&AppIndex> {
        self.apps.get(&app_id)
    }

    /// How many newcomers the lobby in a slot takes that come by a search: none if searches do not find it.
    pub(in crate::directory) fn places(&self, slot: u32) -> u32 {
        self.places.get(slot as usize).copied().unwrap_or(0).into()
    }

    /// Adds the lobby in a slot that was free.
    pub(super) fn add(&mut self, slot: u32, slots: &Slots) {
        let Some(lobby) = slots.get(slot as usize) else {
            return;
        };
        self.apps.entry(lobby.app_id).or_default().lobbies += 1;
        self.set_places(slot, lobby);
        for (key, value) in &lobby.data {
            self.set_value(slot, slots, key, None, Some(value));
        }
    }

    /// Takes out the lobby that was in a slot, which is free now.
    pub(super) fn remove(&mut self, slot: u32, lobby: &LobbySnapshot) {
        let Some(app) = self.apps.get_mut(&lobby.app_id) else {
            return;
        };
        for (key, value) in &lobby.data {
            app.remove_value(slot, key, value);
        }
        app.open.remove(slot);
        if let Some(places) = self.places.get_mut(slot as usize) {
            *places = 0;
        }
        app.lobbies -= 1;
        if app.lobbies == 0 {
            self.apps.remove(&lobby.app_id);
        }
    }

    /// Takes note of whether searches find the lobby in a slot, and for how many.
    pub(super) fn set_places(&mut self, slot: u32, lobby: &LobbySnapshot) {
        let places = if lobby.kind.is_listed() && lobby.joinable {
            u8::try_from(lobby.open_slots()).unwrap_or(u8::MAX)
        } else {
            0
        };
        let at = slot as usize;
        if self.places.len() <= at {
            self.places.resize(at + 1, 0);
        }
        let before = std::mem::replace(&mut self.places[at], places);
        if (before == 0) == (places == 0) {
            return;
        }
        if let Some(app) = self.apps.get_mut(&lobby.app_id) {
            if places == 0 {
                app.open.remove(slot);
            } else {
                app.open.insert(slot);
            }
        }
    }

    /// Takes note of a key that was set, changed or removed in the lobby in a slot, which has the new value already.
    pub(super) fn set_value(
        &mut self,
        slot: u32,
        slots: &Slots,
        key: &str,
        before: Option<&str>,
        after: Option<&str>,
    ) {
        let Some(lobby) = slots.get(slot as usize) else {
            return;
        };
        let Some(app) = self.apps.get_mut(&lobby.app_id) else {
            return;
        };
        match (before, after) {
            (None, None) => {}
            (Some(before), None) => app.remove_value(slot, key, before),
            (None, Some(after)) => app.add_value(slot, slots, key, after),
            (Some(before), Some(after)) => {
                let values = app.keys.get_mut(key).and_then(|key| key.values.as_mut());
                if let Some(values) = values {
                    values.remove(slot, before);
                    values.insert(slot, after);
                }
            }
        }
    }
}

impl AppIndex {
    /// The lobbies that searches find, whatever they are for.
    pub(in crate::directory) fn open(&self) -> &RoaringBitmap {
        &self.open
    }

    /// The lobbies that have a key, and its values; `None` when no lobby has it.
    pub(in crate::directory) fn key(
        &self,
        slots: &Slots,
        name: &str,
    ) -> Option<(&Postings, Cow<'_, Values>)> {
        let key = self.keys.get(name)?;
        let values = match &key.values {
            Some(values) => Cow::Borrowed(&**values),
            None => Cow::Owned(key.values_of_all(slots, name)),
        };
        Some((&key.slots, values))
    }

    fn add_value(&mut self, slot: u32, slots: &Slots, name: &str, value: &str) {
        if !self.keys.contains_key(name) {
            self.keys.insert(name.into(), Key::default());
        }
        let Some(key) = self.keys.get_mut(name) else {
            return;
        };
        key.slots.insert(slot);
        match &mut key.values {
            Some(values) => values.insert(slot, value),
            None if key.slots.len() < MIN_VALUES => {}
            None => key.values = Some(Box::new(key.values_of_all(slots, name))),
        }
    }

    fn remove_value(&mut self, slot: u32, name: &str, value: &str) {
        let Some(key) = self.keys.get_mut(name) else {
            return;
        };
        key.slots.remove(slot);
        if key.slots.is_empty() {
            self.keys.remove(name);
        } else if key.slots.len() < MIN_KEPT_VALUES {
            key.values = None;
        } else if let Some(values) = &mut key.values {
            values.remove(slot, value);
        }
    }
}

impl Key {
    /// The values as the lobbies themselves have them.
    fn values_of_all(&self, slots: &Slots, name: &str) -> Values {
        let mut values = Values::default();
        for slot in self.slots.iter() {
            let lobby = slots.get(slot as usize);
            if let Some(value) = lobby.and_then(|lobby| lobby.data.get(name)) {
                values.insert(slot, value);
            }
        }
        values
    }
}
