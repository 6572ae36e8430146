//! What several threads share: games call `Steam` from their threads too.

// Godot's values are not marked as what threads may share.
#![allow(unsafe_code)]

use std::cell::Cell;
use std::ops::Deref;
use std::sync::atomic::{AtomicBool, Ordering};

use parking_lot::Mutex;

/// A small value that is read and written as a whole, from any thread.
#[derive(Default)]
pub(crate) struct Shared<T>(Mutex<T>);

impl<T: Copy> Shared<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(Mutex::new(value))
    }

    pub(crate) fn get(&self) -> T {
        *self.0.lock()
    }

    pub(crate) fn set(&self, value: T) {
        *self.0.lock() = value;
    }
}

/// Whether something is so. Asked in each frame, where a lock would cost more than all the rest.
#[derive(Default)]
pub(crate) struct Flag(AtomicBool);

impl Flag {
    pub(crate) const fn new(value: bool) -> Self {
        Self(AtomicBool::new(value))
    }

    pub(crate) fn get(&self) -> bool {
        self.0.load(Ordering::Acquire)
    }

    pub(crate) fn set(&self, value: bool) {
        self.0.store(value, Ordering::Release);
    }

    /// Returns the earlier value.
    pub(crate) fn replace(&self, value: bool) -> bool {
        self.0.swap(value, Ordering::AcqRel)
    }
}

thread_local! {
    static IS_MAIN: Cell<bool> = const { Cell::new(false) };
}

/// Says that this thread is the main one, where signals are emitted. To be called once, when the library is loaded.
pub(crate) fn this_is_the_main_thread() {
    IS_MAIN.set(true);
}

/// Whether this thread is the main one.
pub(crate) fn is_main_thread() -> bool {
    IS_MAIN.get()
}

/// A value of Godot's that any thread may read, copy and drop. There is no way to change it.
#[derive(Default)]
pub(crate) struct AnyThread<T>(T);

// SAFETY: Godot counts the references to what its values share atomically, and reading one from several threads is what its
// own scripts do. A value that a script shares with its threads, an Array or an Object, is only passed on.
unsafe impl<T> Send for AnyThread<T> {}
// SAFETY: as above.
unsafe impl<T> Sync for AnyThread<T> {}

impl<T> AnyThread<T> {
    pub(crate) const fn new(value: T) -> Self {
        Self(value)
    }

    pub(crate) fn into_inner(self) -> T {
        self.0
    }
}

impl<T> Deref for AnyThread<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.0
    }
}
