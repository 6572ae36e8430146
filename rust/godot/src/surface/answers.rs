//! Signals that say that something failed, waiting for the next `run_callbacks`.

use std::cell::RefCell;
use std::collections::VecDeque;

use godot::builtin::Variant;
use godot::global::godot_error;

/// The most answers that wait for `run_callbacks`; a call that would need another one is not answered.
const MAX_ANSWERS: usize = 4096;

/// Answers that wait, the oldest first.
#[derive(Default)]
pub(crate) struct Answers {
    waiting: RefCell<VecDeque<(&'static str, Vec<Variant>)>>,
}

impl Answers {
    pub(crate) fn push(&self, method: &str, signal: &'static str, arguments: Vec<Variant>) {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.len() < MAX_ANSWERS {
            waiting.push_back((signal, arguments));
        } else {
            drop(waiting);
            godot_error!(
                "{method}: {MAX_ANSWERS} answers wait for run_callbacks; this call is not answered"
            );
        }
    }

    /// The next signal, and its arguments.
    pub(crate) fn pop(&self) -> Option<(&'static str, Vec<Variant>)> {
        self.waiting.borrow_mut().pop_front()
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.borrow().len()
    }

    /// Forgets what waits.
    pub(crate) fn clear(&self) {
        let forgotten = std::mem::take(&mut *self.waiting.borrow_mut());
        drop(forgotten);
    }
}
