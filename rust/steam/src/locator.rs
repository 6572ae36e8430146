//! Which directory serves an app on this machine, agreed on by locked files, without the network.
//!
//! In `DATA_DIR/directory/APP_ID/`, the process that answers for the machine in term N holds `term-N.lock` until it dies
//! (the kernel releases it then) and says in `term-N.toml` which directory that is: its own, or one elsewhere on the
//! LAN. Whoever finds the highest term's lock free, or its holder unresponsive, may take term N + 1. Terms only grow,
//! and each has its own record, so that a process that was stopped in the middle of anything never writes over its
//! successor's words. `election.lock` is held for the microseconds of a decision.

mod claim;
mod record;
mod terms;

pub use claim::{Claim, Superseded, UpdateError};
pub use record::{Host, MAX_RECORD_ADDRS, Record};

use std::io;
use std::path::Path;
use std::time::{Duration, Instant};

use crate::rank::MAX_TERM;
use terms::{Election, Lease, Terms};

/// How long another process may be in the middle of its claim.
///
/// It needs microseconds; one that needs longer has been stopped, and nobody may wait for that. The exclusive creation
/// of a term's file still gives each term to one process only.
const ELECTION_PATIENCE: Duration = Duration::from_secs(1);

/// What [`Locator::look`] found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Nobody alive answers for this machine: claim it.
    Free,
    /// A live process answers for this machine, and this is the directory to talk to.
    Held(Record),
    /// A live process answers for this machine; its record is not written yet, or cannot be read. Look again.
    HeldUnknown {
        /// The term that it holds.
        term: u64,
    },
}

/// Finds out, and decides, which process of an app answers for this machine.
///
/// No method waits for the network, or for another process. Each takes some tens of microseconds.
#[derive(Debug)]
pub struct Locator {
    terms: Terms,
    /// The highest term known, so that terms grow even if somebody deletes the folder.
    seen: u64,
    /// Since when another process has been in the middle of its own claim.
    election_taken_since: Option<Instant>,
}

impl Locator {
    /// Opens, and creates where needed, `data_dir/directory/APP_ID`.
    ///
    /// # Errors
    /// When the folder cannot be created.
    pub fn open(data_dir: &Path, app_id: u32) -> io::Result<Self> {
        let dir = data_dir.join("directory").join(app_id.to_string());
        Ok(Self {
            terms: Terms::open(&dir)?,
            seen: 0,
            election_taken_since: None,
        })
    }

    /// Whether somebody answers for this machine at this moment. A claim of this same process counts as well.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn look(&mut self) -> io::Result<Seat> {
        let Some(term) = self.terms.highest()? else {
            return Ok(Seat::Free);
        };
        self.seen = self.seen.max(term);
        if !self.terms.is_held(term)? {
            return Ok(Seat::Free);
        }
        Ok(self
            .terms
            .read_record(term)
            .map_or(Seat::HeldUnknown { term }, Seat::Held))
    }

    /// What the process that took the highest term says of the directory, alive or not.
    pub fn last_record(&self) -> Option<Record> {
        let term = self.terms.highest().ok()??;
        self.terms.read_record(term)
    }

    /// Takes the next term and writes its record, in which `term` is always the term taken.
    ///
    /// Allowed when nobody alive holds the current term, and when its holder was found unresponsive in term `beyond`
    /// (or an earlier one). `None`: somebody else answers for the machine, was faster, or is deciding at this moment;
    /// look again. Who has been deciding for a second, by `now`, has been stopped and is passed by. Of any number of
    /// concurrent callers at most one gets each term.
    ///
    /// # Errors
    /// When the folder cannot be read or written, or the terms are used up.
    pub fn claim(
        &mut self,
        now: Instant,
        beyond: Option<u64>,
        record: impl FnOnce(u64) -> Record,
    ) -> io::Result<Option<Claim>> {
        let Some((term, lease)) = self.take_term(now, beyond)? else {
            return Ok(None);
        };
        self.seen = term;
        let claim = Claim::new(self.terms.clone(), term, lease);
        let record = Record {
            term,
            ..record(term)
        };
        if let Err(error) = self.terms.write_record(&record) {
            // Nobody could find this process by it.
            self.terms.remove(term);
            return Err(error);
        }
        self.terms.remove_below(term);
        Ok(Some(claim))
    }

    fn take_term(&mut self, now: Instant, beyond: Option<u64>) -> io::Result<Option<(u64, Lease)>> {
        let election = self.terms.enter_election();
        if matches!(election, Election::Taken) {
            let since = *self.election_taken_since.get_or_insert(now);
            if now.saturating_duration_since(since) < ELECTION_PATIENCE {
                return Ok(None);
            }
            if crate::seldom::may_say("election") {
                tracing::warn!("a stopped process holds the election lock; going on without it");
            }
        }
        self.election_taken_since = None;
        let current = self.terms.highest()?;
        if let Some(current) = current
            && beyond.is_none_or(|beyond| current > beyond)
            && self.terms.is_held(current)?
        {
            return Ok(None);
        }
        let term = current.unwrap_or(0).max(self.seen).saturating_add(1);
        if term > MAX_TERM {
            return Err(io::Error::other(format!(
                "the terms are used up; delete {} while no game runs",
                self.terms.dir().display()
            )));
        }
        let Some(lease) = self.terms.create(term)? else {
            return Ok(None);
        };
        // Only possible where the election was entered without its lock.
        let beaten = self.terms.highest()?.is_some_and(|highest| highest > term);
        Ok((!beaten).then_some((term, lease)))
    }
}

#[cfg(test)]
mod tests;
