//! What a thread allocates: each test runs on one.
#![allow(unsafe_code)]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;

struct Counted;

/// How much was allocated, whether or not it was freed again.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Allocated {
    pub(crate) bytes: usize,
    pub(crate) times: usize,
}

thread_local! {
    static ALLOCATED: Cell<Allocated> = const { Cell::new(Allocated { bytes: 0, times: 0 }) };
}

// SAFETY: everything is done by the system's allocator; counting allocates nothing. What grows is allocated anew.
unsafe impl GlobalAlloc for Counted {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        // While a thread ends, nobody counts any more.
        let _ = ALLOCATED.try_with(|count| {
            let Allocated { bytes, times } = count.get();
            count.set(Allocated {
                bytes: bytes + layout.size(),
                times: times + 1,
            });
        });
        // SAFETY: the caller's promise is passed on.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        // SAFETY: the caller's promise is passed on.
        unsafe { System.dealloc(memory, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counted = Counted;

/// What this does, and what it allocates meanwhile.
pub(crate) fn counted<T>(work: impl FnOnce() -> T) -> (T, Allocated) {
    let before = ALLOCATED.get();
    let result = work();
    let after = ALLOCATED.get();
    let allocated = Allocated {
        bytes: after.bytes - before.bytes,
        times: after.times - before.times,
    };
    (result, allocated)
}
