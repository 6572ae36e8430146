//! Saying that a part of Steam is not there.

use std::collections::BTreeSet;

use godot::global::{godot_error, godot_warn};
use parking_lot::Mutex;

use crate::settings::{self, UnavailableCalls};

/// Which methods have said that they are not available. There are as many entries as such methods at most.
#[derive(Default)]
pub(crate) struct Unavailable {
    said: Mutex<BTreeSet<&'static str>>,
}

impl Unavailable {
    /// Says that a method answers that there is nothing, as loudly as the setting `samovar/log/unavailable_calls` wants.
    pub(crate) fn say(&self, method: &'static str) {
        let level = settings::unavailable_calls();
        let is_first = self.said.lock().insert(method);
        match level {
            UnavailableCalls::Silent => {}
            UnavailableCalls::Once if !is_first => {}
            UnavailableCalls::Once | UnavailableCalls::Always => godot_warn!("{}", text(method)),
            UnavailableCalls::Error => godot_error!("{}", text(method)),
        }
    }
}

fn text(method: &str) -> String {
    format!(
        "{method}: not available without Steam. It answers as if that part of Steam were missing; the project setting {} says how often to tell",
        settings::UNAVAILABLE_CALLS
    )
}
