//! Other directories on the LAN: of two, the one with the lower rank stands down.

use std::cmp::Reverse;
use std::collections::HashMap;
use std::time::{Duration, Instant};

use samovar_net::LinkId;
use tracing::debug;

use super::Worker;
use super::home::Target;
use crate::discovery::{Discovered, MAX_NEIGHBOURS, Neighbour};

/// How often a directory of higher rank that does not answer is tried again.
const PROBE_EVERY: Duration = Duration::from_secs(1);

/// The directories that were heard of, and the links being opened to one of them.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    known: HashMap<u64, Neighbour>,
    probe: Option<Probe>,
}

#[derive(Debug)]
struct Probe {
    links: Vec<LinkId>,
    target: Target,
    term: u64,
    until: Instant,
}

/// Of two directories the one with the later term stays, and of two with the same term the one with the lower ID.
fn rank(term: u64, directory: u64) -> (u64, Reverse<u64>) {
    (term, Reverse(directory))
}

impl Rivals {
    pub(super) fn note(&mut self, found: Discovered) {
        match found {
            Discovered::Found(neighbour) => {
                let directory = neighbour.announcement.directory;
                if self.known.len() < MAX_NEIGHBOURS || self.known.contains_key(&directory) {
                    self.known.insert(directory, neighbour);
                }
            }
            Discovered::Lost(neighbour) => {
                drop(self.known.remove(&neighbour.announcement.directory));
            }
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId) {
        if let Some(probe) = &mut self.probe {
            probe.links.retain(|other| *other != link);
        }
    }

    pub(super) fn forget_probes(&mut self) {
        self.probe = None;
    }

    fn best(&self, term: u64, directory: u64) -> Option<&Neighbour> {
        self.known
            .values()
            .filter(|neighbour| {
                let other = &neighbour.announcement;
                other.directory != directory
                    && rank(other.term, other.directory) > rank(term, directory)
            })
            .max_by_key(|neighbour| {
                rank(
                    neighbour.announcement.term,
                    neighbour.announcement.directory,
                )
            })
    }
}

impl Worker {
    /// Calls the best directory that outranks the own one. If it answers, this one stands down.
    pub(super) fn challenge_rivals(&mut self, now: Instant) {
        let Some(host) = &self.host else { return };
        if let Some(probe) = &self.rivals.probe {
            if now < probe.until {
                return;
            }
            let links = self
                .rivals
                .probe
                .take()
                .map(|probe| probe.links)
                .unwrap_or_default();
            for link in links {
                self.driver.endpoint().close_link(now, link, 0);
            }
        }
        let Some(neighbour) = self.rivals.best(host.term(), host.id().0) else {
            return;
        };
        let announcement = neighbour.announcement;
        let target = Target {
            directory: announcement.directory,
            addrs: neighbour.addrs.clone(),
            key: announcement.key,
            local: false,
            seat: None,
        };
        debug!(?target, "calling a directory that outranks this one");
        let links = self.dial_all(now, &target.addrs, target.key);
        self.rivals.probe = Some(Probe {
            links,
            target,
            term: announcement.term,
            until: now + PROBE_EVERY,
        });
    }

    /// A directory that outranks this one is alive.
    pub(super) fn rival_answered(&mut self, now: Instant, link: LinkId) {
        let ours = self
            .rivals
            .probe
            .as_ref()
            .is_some_and(|probe| probe.links.contains(&link));
        if !ours || self.host.is_none() {
            self.driver.endpoint().close_link(now, link, 0);
            return;
        }
        let Some(probe) = self.rivals.probe.take() else {
            return;
        };
        for other in probe.links.into_iter().filter(|other| *other != link) {
            self.driver.endpoint().close_link(now, other, 0);
        }
        let target = Target {
            seat: self.claim.as_ref().map(crate::locator::Claim::term),
            ..probe.target
        };
        self.known_term = self.known_term.max(probe.term);
        self.stand_down(now, &target, probe.term);
        self.search(now);
        self.greet(now, link, target);
    }
}
