//! When the game was last in front, and its player last touched something.

use std::time::Instant;

use godot::builtin::Vector2;
use godot::classes::Input;
use godot::obj::Singleton;

use super::Steam;
use crate::godot_classes;
use crate::shared::Shared;

/// What was seen last; `None` before the first frame.
#[derive(Default)]
pub(super) struct Activity {
    in_front: Shared<Option<Instant>>,
    touched: Shared<Option<Instant>>,
}

impl Activity {
    /// Whole seconds since the game's window was in front.
    pub(super) fn seconds_since_in_front(&self) -> i64 {
        seconds_since(self.in_front.get())
    }

    /// Whole seconds since the game saw a key, a button or the mouse move.
    pub(super) fn seconds_since_touched(&self) -> i64 {
        seconds_since(self.touched.get())
    }
}

fn seconds_since(moment: Option<Instant>) -> i64 {
    let seconds = moment.map_or(0, |moment| moment.elapsed().as_secs());
    i64::try_from(seconds).unwrap_or(i64::MAX)
}

impl Steam {
    /// Looks whether the game is in front and its player does something. To be called in each frame.
    pub(super) fn note_activity(&self) {
        let activity = &self.state.activity;
        let now = Instant::now();
        if godot_classes::window_is_focused() || activity.in_front.get().is_none() {
            activity.in_front.set(Some(now));
        }
        let input = Input::singleton();
        let touches = input.is_anything_pressed()
            || input.get_last_mouse_velocity() != Vector2::ZERO
            || activity.touched.get().is_none();
        if touches {
            activity.touched.set(Some(now));
        }
    }
}
