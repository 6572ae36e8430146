//! Signals that say that something failed, waiting for the next `run_callbacks`.

use std::collections::VecDeque;

use godot::builtin::Variant;
use godot::global::godot_error;
use parking_lot::Mutex;

use super::{Answer, refusal};
use crate::shared::AnyThread;
use crate::steam::Steam;

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

impl Answer {
    /// The signal's arguments, for a call with these.
    pub(super) fn values(&self, steam: &Steam, arguments: &[&Variant]) -> Vec<Variant> {
        let values = self.arguments.iter();
        values
            .map(|value| value.variant(Some(steam), arguments))
            .collect()
    }
}

impl Steam {
    /// Answers a call that was refused as the API's texts say, in the next `run_callbacks`: a game that waits for it goes on.
    pub(crate) fn refuse(&self, method: &str, arguments: &[Variant]) {
        if let Some(answer) = refusal(method) {
            let arguments: Vec<&Variant> = arguments.iter().collect();
            let values = answer.values(self, &arguments);
            self.answers().push(method, answer.signal, values);
        }
    }
}
