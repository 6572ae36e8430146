//! Signals that say that something failed, waiting for the next `run_callbacks`.

use std::collections::VecDeque;

use godot::builtin::Variant;
use godot::global::godot_error;
use parking_lot::Mutex;

use crate::shared::AnyThread;

/// The most answers that wait for `run_callbacks`; a call that would need another one is not answered.
const MAX_ANSWERS: usize = 4096;

/// A signal, and its arguments.
type Waiting = (&'static str, AnyThread<Vec<Variant>>);

/// Answers that wait, the oldest first.
#[derive(Default)]
pub(crate) struct Answers {
    waiting: Mutex<VecDeque<Waiting>>,
}

impl Answers {
    pub(crate) fn push(&self, method: &str, signal: &'static str, arguments: Vec<Variant>) {
        let mut waiting = self.waiting.lock();
        if waiting.len() < MAX_ANSWERS {
            waiting.push_back((signal, AnyThread::new(arguments)));
        } else {
            drop(waiting);
            godot_error!(
                "{method}: {MAX_ANSWERS} answers wait for run_callbacks; this call is not answered"
            );
        }
    }

    /// The next signal, and its arguments.
    pub(crate) fn pop(&self) -> Option<(&'static str, Vec<Variant>)> {
        let (signal, arguments) = self.waiting.lock().pop_front()?;
        Some((signal, arguments.into_inner()))
    }

    /// How many wait.
    pub(crate) fn len(&self) -> usize {
        self.waiting.lock().len()
    }

    /// Forgets what waits.
    pub(crate) fn clear(&self) {
        let forgotten = std::mem::take(&mut *self.waiting.lock());
        drop(forgotten);
    }
}
