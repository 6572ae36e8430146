//! What a process uses.

use std::time::Duration;

use anyhow::{Context, Result};
use rustix::thread::CpuSet;
use rustix::time::{ClockId, clock_gettime};

/// The processor time that this process has used.
pub(crate) fn cpu_time() -> Duration {
    read(ClockId::ProcessCPUTime)
}

/// The processor time that this thread has used.
pub(crate) fn thread_time() -> Duration {
    read(ClockId::ThreadCPUTime)
}

fn read(clock: ClockId) -> Duration {
    let time = clock_gettime(clock);
    let nanoseconds = time.tv_sec * 1_000_000_000 + time.tv_nsec;
    Duration::from_nanos(u64::try_from(nanoseconds).unwrap_or_default())
}

/// The memory that this process has, in bytes.
pub(crate) fn resident_bytes() -> Result<usize> {
    let statm = std::fs::read_to_string("/proc/self/statm").context("reading /proc/self/statm")?;
    let pages = statm.split_whitespace().nth(1).context("an empty statm")?;
    Ok(pages.parse::<usize>()? * rustix::param::page_size())
}

/// Keeps the process, and the threads that it starts from now on, on one core. Does nothing where there is no such core.
pub(crate) fn pin(core: usize) {
    let mut set = CpuSet::new();
    set.set(core);
    let _ = rustix::thread::sched_setaffinity(None, &set);
}
