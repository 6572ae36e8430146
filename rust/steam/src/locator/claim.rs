//! The claim: to be the process that answers for this machine, in one term.

use std::io;

use super::record::Record;
use super::terms::{Lease, Terms};

/// Held by the process that answers for this machine, until it is dropped or the process dies.
///
/// It can be superseded at any time, when others find the process unresponsive; the holder has to ask.
#[derive(Debug)]
pub struct Claim {
    terms: Terms,
    term: u64,
    _lease: Lease,
}

/// Somebody else has taken a later term: step down.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Superseded {
    /// The later term; `None` when the claim's own file is gone and no other term is in its place.
    pub term: Option<u64>,
    /// Its record, once it is written.
    pub record: Option<Record>,
}

/// Why [`Claim::update`] wrote nothing.
#[derive(Debug, thiserror::Error)]
pub enum UpdateError {
    /// Somebody else has taken a later term.
    #[error("another process answers for this machine by now")]
    Superseded(Superseded),
    /// The record could not be written.
    #[error("the directory's record cannot be written")]
    Io(#[from] io::Error),
}

impl Claim {
    pub(super) fn new(terms: Terms, term: u64, lease: Lease) -> Self {
        Self {
            terms,
            term,
            _lease: lease,
        }
    }

    /// The term that was taken. 1 or more.
    pub fn term(&self) -> u64 {
        self.term
    }

    /// Replaces the record: the machine's directory is another one by now, or its addresses changed.
    ///
    /// The record's term becomes the claim's, whatever it says.
    ///
    /// # Errors
    /// [`UpdateError::Superseded`] when somebody has taken a later term, whose record stays as it is;
    /// [`UpdateError::Io`] when the file cannot be written.
    pub fn update(&self, record: Record) -> Result<(), UpdateError> {
        if let Some(superseded) = self.superseded()? {
            return Err(UpdateError::Superseded(superseded));
        }
        Ok(self.terms.write_record(&Record {
            term: self.term,
            ..record
        })?)
    }

    /// Whether a later term exists, as a host that was stopped finds when it wakes up. Costs a folder's listing.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn superseded(&self) -> io::Result<Option<Superseded>> {
        let highest = self.terms.highest()?.filter(|highest| *highest > self.term);
        if highest.is_none() && self.terms.exists(self.term) {
            return Ok(None);
        }
        // Without its file nobody can see this claim any more, so others will elect anew.
        let term = highest.or(self.terms.highest()?);
        Ok(Some(Superseded {
            term,
            record: term.and_then(|term| self.terms.read_record(term)),
        }))
    }
}
