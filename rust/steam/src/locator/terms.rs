//! The folder of terms: the lock and the record of each, and the lock of the election.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use super::record::Record;
use crate::files;
use crate::rank::MAX_TERM;

/// How long to wait until those who are just testing a new term's lock, which takes microseconds, have let go of it.
const TESTER_PATIENCE: Duration = Duration::from_millis(2);

/// Whether the election could be entered.
#[derive(Debug)]
pub(super) enum Election {
    /// By this process, until it drops this.
    Entered { _lease: Lease },
    /// Another process is in it.
    Taken,
    /// There is no lock to be had: one goes on without.
    Unlocked,
}

/// The locked file of a term; dropping it releases the term.
#[derive(Debug)]
pub(super) struct Lease {
    file: File,
}

/// The folder `DATA_DIR/directory/APP_ID`.
#[derive(Clone, Debug)]
pub(super) struct Terms {
    dir: PathBuf,
    /// Whether it was said that there is a file of a term that nobody can have taken.
    disbelieved: Arc<AtomicBool>,
}

impl Terms {
    pub(super) fn open(dir: &Path) -> io::Result<Self> {
        files::create_private_dir(dir)?;
        Ok(Self {
            dir: dir.to_owned(),
            disbelieved: Arc::default(),
        })
    }

    /// The highest term that anybody ever took, or `None`. Files of terms that nobody can have taken do not count.
    pub(super) fn highest(&self) -> io::Result<Option<u64>> {
        let entries = match fs::read_dir(&self.dir) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(error),
        };
        let mut highest = None;
        for entry in entries {
            let name = entry?.file_name();
            let term = name.to_str().and_then(term_of_lock);
            if let Some(term) = term.filter(|term| *term > MAX_TERM) {
                let is_news = !self.disbelieved.swap(true, Ordering::Relaxed);
                if is_news && crate::seldom::may_say("file") {
                    let path = self.lock_path(term);
                    tracing::warn!(path = %path.display(), "no game has made this file, and it does not count");
                }
                continue;
            }
            highest = highest.max(term);
        }
        Ok(highest)
    }

    /// Whether a live process holds `term`.
    pub(super) fn is_held(&self, term: u64) -> io::Result<bool> {
        let file = match OpenOptions::new()
            .read(true)
            .write(true)
            .open(self.lock_path(term))
        {
            Ok(file) => file,
            // Removed by whoever took a later term.
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(error) => return Err(error),
        };
        // Shared, so that those who test do not take one another for the holder.
        match file.try_lock_shared() {
            Ok(()) => Ok(false),
            Err(TryLockError::WouldBlock) => Ok(true),
            Err(TryLockError::Error(error)) => Err(error),
        }
    }

    /// Creates and locks `term`'s file; `None` when somebody else has created it.
    pub(super) fn create(&self, term: u64) -> io::Result<Option<Lease>> {
        files::create_private_dir(&self.dir)?;
        let path = self.lock_path(term);
        let file = match OpenOptions::new()
            .read(true)
            .write(true)
            .create_new(true)
            .open(path)
        {
            Ok(file) => file,
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Ok(None),
            Err(error) => return Err(error),
        };
        Ok(files::lock_within(&file, TESTER_PATIENCE)?.then_some(Lease { file }))
    }

    /// Whether `term`'s lock file is still there.
    pub(super) fn exists(&self, term: u64) -> bool {
        self.lock_path(term).exists()
    }

    /// The record of `term`, or `None` when it is absent, damaged or another term's.
    pub(super) fn read_record(&self, term: u64) -> Option<Record> {
        let text = files::read_bounded(&self.record_path(term)).ok()?;
        Record::from_text(&text).filter(|record| record.term == term)
    }

    pub(super) fn write_record(&self, record: &Record) -> io::Result<()> {
        let text = record.to_text().map_err(io::Error::other)?;
        files::write_atomic(
            &self.record_path(record.term),
            text.as_bytes(),
            files::Access::Private,
        )
    }

    /// Removes the lock file of a term, as far as it can be.
    pub(super) fn remove(&self, term: u64) {
        let _ = fs::remove_file(self.lock_path(term));
    }

    /// Removes the files of all terms before `term`. What cannot be removed stays until the next time.
    pub(super) fn remove_below(&self, term: u64) {
        for entry in fs::read_dir(&self.dir).into_iter().flatten().flatten() {
            let name = entry.file_name();
            if name
                .to_str()
                .and_then(term_of_any)
                .is_some_and(|old| old < term)
            {
                // Only tidying: a stopped holder may still have it open, which Windows can mind.
                let _ = fs::remove_file(entry.path());
            }
        }
    }

    /// Enters the election, if nobody else is in it.
    pub(super) fn enter_election(&self) -> Election {
        // A folder that somebody deleted is created again by the claim; then there is nobody to exclude yet.
        let Ok(file) = files::open_lock(&self.dir.join("election.lock")) else {
            return Election::Unlocked;
        };
        match file.try_lock() {
            Ok(()) => Election::Entered {
                _lease: Lease { file },
            },
            Err(TryLockError::WouldBlock) => Election::Taken,
            Err(TryLockError::Error(error)) => {
                tracing::debug!(%error, "the election lock cannot be used; going on without it");
                Election::Unlocked
            }
        }
    }

    /// The folder.
    pub(super) fn dir(&self) -> &Path {
        &self.dir
    }

    fn lock_path(&self, term: u64) -> PathBuf {
        self.dir.join(format!("term-{term}.lock"))
    }

    fn record_path(&self, term: u64) -> PathBuf {
        self.dir.join(format!("term-{term}.toml"))
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        // A copy of the handle in a child process must not keep the lock.
        let _ = self.file.unlock();
    }
}

/// The term in the name of a lock file.
fn term_of_lock(name: &str) -> Option<u64> {
    let digits = name.strip_prefix("term-")?.strip_suffix(".lock")?;
    digits
        .parse()
        .ok()
        .filter(|term| term_name(*term) == digits)
}

/// The term in the name of any file of a term: its lock, its record, a temporary one.
fn term_of_any(name: &str) -> Option<u64> {
    let (digits, _) = name.strip_prefix("term-")?.split_once('.')?;
    digits
        .parse()
        .ok()
        .filter(|term| term_name(*term) == digits)
}

/// The one spelling of a term: `term-007.lock` is no file of ours.
fn term_name(term: u64) -> String {
    term.to_string()
}
