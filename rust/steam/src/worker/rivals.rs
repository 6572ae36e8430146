//! Other directories that may be better than the own one: they are called in turn, and the own one stands down only for
//! one that holds the key it announces, welcomes this user, and outranks it.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use samovar_lobby::{FromDirectory, PROTOCOL_VERSION, frame};
use samovar_net::LinkId;
use tracing::{debug, warn};

use super::Worker;
use super::home::{Target, WELCOME_PATIENCE};
use super::standings::{LONGEST_PAUSE, Pause, Standings};
use crate::discovery::{Discovered, MAX_NEIGHBOURS, Neighbour};
use crate::rank::{self, MAX_TERM, Rank};
use crate::seldom;

/// How long a directory that is called has to open a link.
const PROBE_PATIENCE: Duration = Duration::from_secs(1);
/// Most directories that are called at once.
const MAX_PROBES: usize = 8;
/// A directory that this one stood down for and that is lost sooner counts as one that should not have been followed.
const TRIED: Duration = LONGEST_PAUSE;

/// The directories that were heard of, and those that are being called.
#[derive(Debug, Default)]
pub(super) struct Rivals {
    /// By announcer.
    known: BTreeMap<u64, Neighbour>,
    probes: Vec<Probe>,
    /// Announcers whose term is not believed, so that it is said once.
    disbelieved: BTreeSet<u64>,
    /// When this process's directory stood down last, while it follows the other one.
    followed_at: Option<Instant>,
    /// Whom one follows in vain, others suffer for: it is waited for longer each time, whoever announces.
    reluctance: Pause,
}

/// A directory that is being called.
#[derive(Debug)]
struct Probe {
    target: Target,
    links: Vec<LinkId>,
    is_greeted: bool,
    until: Instant,
}

impl Rivals {
    pub(super) fn note(&mut self, found: Discovered) {
        match found {
            Discovered::Found(neighbour) => {
                let announcer = neighbour.announcer;
                if self.known.len() < MAX_NEIGHBOURS || self.known.contains_key(&announcer) {
                    self.known.insert(announcer, neighbour);
                }
            }
            Discovered::Lost(neighbour) => {
                self.known.remove(&neighbour.announcer);
                self.disbelieved.remove(&neighbour.announcer);
            }
        }
    }

    pub(super) fn link_closed(&mut self, link: LinkId) {
        for probe in &mut self.probes {
            probe.links.retain(|other| *other != link);
        }
    }

    /// Whether a directory that is being called answers over `link`.
    pub(super) fn is_probe(&self, link: LinkId) -> bool {
        self.probes.iter().any(|probe| probe.links.contains(&link))
    }

    fn take_probe(&mut self, link: LinkId) -> Option<Probe> {
        let at = self
            .probes
            .iter()
            .position(|probe| probe.links.contains(&link))?;
        Some(self.probes.swap_remove(at))
    }

    /// Another directory than the one that was followed, or none: it was in vain if that was soon.
    pub(super) fn ends_following(&mut self, now: Instant) {
        let Some(at) = self.followed_at.take() else {
            return;
        };
        if now.saturating_duration_since(at) < TRIED {
            self.reluctance.failed(now);
        } else {
            self.reluctance = Pause::default();
        }
    }

    /// What to call next, of those that would outrank `own` if they are what they say: who has failed least, then by
    /// announcer, so that each gets its turn.
    fn candidate(&self, now: Instant, own: Rank, standings: &Standings) -> Option<Target> {
        self.known
            .values()
            .filter(|neighbour| {
                let announcement = neighbour.announcement;
                announcement.protocol == PROTOCOL_VERSION
                    && announcement.term <= MAX_TERM
                    && announced(neighbour).outranks(own)
            })
            .map(Target::from)
            .filter(|target| {
                let place = target.place();
                let is_called = |probe: &Probe| probe.target.place() == place;
                standings.may_try(now, &place) && !self.probes.iter().any(is_called)
            })
            .min_by_key(|target| standings.failures(&target.place()))
    }

    /// Says of an announcer, once and not of many at a time, that its term is not believed.
    fn disbelieve(&mut self, own: Rank) {
        for (announcer, neighbour) in &self.known {
            let term = neighbour.announcement.term;
            let is_believed = term <= MAX_TERM && !rank::is_leap(own.term, term);
            let is_news = !is_believed && self.disbelieved.insert(*announcer);
            if is_news && seldom::may_say("disbelieved") {
                let addrs = &neighbour.addrs;
                warn!(
                    term,
                    ?addrs,
                    "a directory announces a term that it cannot have, and is not followed"
                );
            }
        }
    }
}

fn announced(neighbour: &Neighbour) -> Rank {
    Rank {
        term: neighbour.announcement.term,
        directory: neighbour.announcement.directory,
    }
}

impl From<&Neighbour> for Target {
    fn from(neighbour: &Neighbour) -> Self {
        Self {
            directory: neighbour.announcement.directory,
            addrs: neighbour.addrs.clone(),
            key: neighbour.announcement.key,
            local: false,
            seat: None,
        }
    }
}

impl Worker {
    fn own_rank(&self) -> Option<Rank> {
        let host = self.host.as_ref()?;
        Some(Rank {
            term: host.term(),
            directory: host.id().0,
        })
    }

    /// Calls the directories that may be better than the own one, some at a time.
    pub(super) fn challenge_rivals(&mut self, now: Instant) {
        let Some(own) = self.own_rank() else { return };
        for probe in std::mem::take(&mut self.rivals.probes) {
            if now < probe.until && !probe.links.is_empty() {
                self.rivals.probes.push(probe);
            } else {
                debug!(target = ?probe.target, "a directory does not answer");
                self.probe_failed(now, probe);
            }
        }
        self.rivals.disbelieve(own);
        if !self.rivals.reluctance.is_over(now) {
            return;
        }
        // After one was followed in vain they are called one by one, and who has failed least first.
        let at_once = match self.rivals.reluctance.failures() {
            0 => MAX_PROBES,
            _ => 1,
        };
        while self.rivals.probes.len() < at_once {
            let standings = &self.home.standings;
            let seat = self.seat_to_join(now);
            let Some(target) = seat.or_else(|| self.rivals.candidate(now, own, standings)) else {
                return;
            };
            debug!(?target, "calling a directory that may outrank this one");
            let links = self.dial_all(now, &target.addrs, target.key);
            self.rivals.probes.push(Probe {
                target,
                links,
                is_greeted: false,
                until: now + PROBE_PATIENCE,
            });
        }
    }

    /// The machine's directory, where this process hosts one although somebody else answers for the machine: to be
    /// joined as soon as it takes this user.
    fn seat_to_join(&self, now: Instant) -> Option<Target> {
        let target = self.home.seat_to_join.clone()?;
        let place = target.place();
        let is_called = |probe: &Probe| probe.target.place() == place;
        let may_try = self.home.standings.may_try(now, &place);
        (may_try && !self.rivals.probes.iter().any(is_called)).then_some(target)
    }

    /// A directory that is called holds the key that it announces: does it take this user?
    pub(super) fn rival_opened(&mut self, now: Instant, link: LinkId) {
        let hello = self.hello(None);
        let mut others = Vec::new();
        let probe = self
            .rivals
            .probes
            .iter_mut()
            .find(|probe| probe.links.contains(&link) && !probe.is_greeted);
        let Some((probe, hello)) = probe.zip(hello) else {
            return self.driver.endpoint().close_link(now, link, 0);
        };
        others.extend(probe.links.iter().copied().filter(|other| *other != link));
        probe.links = vec![link];
        probe.is_greeted = true;
        probe.until = now + WELCOME_PATIENCE;
        let endpoint = self.driver.endpoint();
        let _ = endpoint.send_frame(link, &hello);
        for other in others {
            endpoint.close_link(now, other, 0);
        }
    }

    /// What a directory that is called says to the hello.
    pub(super) fn rival_answered(&mut self, now: Instant, link: LinkId, bytes: &[u8]) {
        let Some(probe) = self.rivals.take_probe(link) else {
            return;
        };
        match frame::decode::<FromDirectory>(bytes) {
            Ok(FromDirectory::Welcome {
                directory, term, ..
            }) if directory.0 == probe.target.directory && self.would_follow(&probe, term) => {
                self.follow(now, link, probe.target, term);
            }
            Ok(FromDirectory::Refused(refusal)) => {
                let failures = self.home.standings.failures(&probe.target.place());
                if failures == 0 && self.seldom.may_say("rival", now) {
                    warn!("another directory refuses this user: {refusal}");
                }
                self.probe_failed(now, probe);
            }
            answer => {
                debug!(?answer, target = ?probe.target, "not what was announced");
                self.probe_failed(now, probe);
            }
        }
    }

    fn would_follow(&self, probe: &Probe, term: u64) -> bool {
        let directory = probe.target.directory;
        let theirs = Rank { term, directory };
        let is_seat = probe.target.seat.is_some();
        self.own_rank()
            .is_some_and(|own| term <= MAX_TERM && (is_seat || theirs.outranks(own)))
    }

    /// Stands down for a directory that has welcomed this user.
    fn follow(&mut self, now: Instant, link: LinkId, target: Target, term: u64) {
        self.forget_probes(now);
        // What it did wrong before is forgotten once it has been a directory for a while, not for a word.
        self.attention.follows(target.place());
        let target = Target {
            seat: self
                .claim
                .as_ref()
                .map(crate::locator::Claim::term)
                .or(target.seat),
            ..target
        };
        self.stand_down(now, &target, term);
        self.search(now);
        // What has changed since the hello of the probe is in the next one. The directory closes the first link then.
        self.home.stepping_stone = Some(link);
        self.rivals.followed_at = Some(now);
        self.dial(now, target);
    }

    fn probe_failed(&mut self, now: Instant, probe: Probe) {
        self.home.standings.failed(now, &probe.target.place());
        for link in probe.links {
            self.driver.endpoint().close_link(now, link, 0);
        }
    }

    /// Calls nobody any more.
    pub(super) fn forget_probes(&mut self, now: Instant) {
        for probe in std::mem::take(&mut self.rivals.probes) {
            for link in probe.links {
                self.driver.endpoint().close_link(now, link, 0);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::discovery::Announcement;

    const OWN: Rank = Rank {
        term: 5,
        directory: 1000,
    };

    fn neighbour(announcer: u64, term: u64) -> Neighbour {
        let port = u16::try_from(announcer).unwrap();
        Neighbour {
            announcer,
            announcement: Announcement {
                app_id: 480,
                directory: announcer,
                term,
                key: [3; 32],
                protocol: PROTOCOL_VERSION,
                port,
            },
            addrs: vec![std::net::SocketAddr::from(([10, 0, 0, 1], port))],
        }
    }

    fn rivals(neighbours: impl IntoIterator<Item = Neighbour>) -> Rivals {
        let mut rivals = Rivals::default();
        for neighbour in neighbours {
            rivals.note(Discovered::Found(neighbour));
        }
        rivals
    }

    /// Calls whoever is next until `wanted` is called; the others do not answer. How many were called, and for how long.
    fn until_called(rivals: &Rivals, wanted: u64) -> (usize, Duration) {
        let mut standings = Standings::default();
        let start = Instant::now();
        let mut now = start;
        let mut calls = 0;
        while now < start + Duration::from_secs(600) {
            while let Some(target) = rivals.candidate(now, OWN, &standings) {
                calls += 1;
                if target.directory == wanted {
                    return (calls, now - start);
                }
                standings.failed(now, &target.place());
                if calls % MAX_PROBES == 0 {
                    break;
                }
            }
            now += PROBE_PATIENCE;
        }
        panic!("never called");
    }

    #[test]
    fn an_announcement_with_a_dead_port_keeps_nobody_apart() {
        for term in [6, 1 << 31, MAX_TERM, u64::MAX] {
            let rivals = rivals([neighbour(1, term), neighbour(2, 6)]);
            assert!(until_called(&rivals, 2).0 <= 2, "{term}");
        }
    }

    #[test]
    fn a_hundred_announcements_with_dead_ports_delay_an_honest_one_by_seconds() {
        for term in [6, 1 << 31, MAX_TERM, u64::MAX] {
            let dead = (1..=100).map(|announcer| neighbour(announcer, term));
            let rivals = rivals(dead.chain([neighbour(200, 6)]));
            let (calls, after) = until_called(&rivals, 200);
            assert!(
                calls <= 101 && after <= Duration::from_secs(15),
                "{calls} {after:?}"
            );
        }
    }

    #[test]
    fn who_announces_as_somebody_else_does_not_take_its_place() {
        // The same directory and key, at a port where nobody is.
        let mut copy = neighbour(1, 6);
        copy.announcement.directory = 2;
        let rivals = rivals([neighbour(2, 6), copy]);
        let start = Instant::now();
        let mut standings = Standings::default();
        let first = rivals.candidate(start, OWN, &standings).unwrap();
        standings.failed(start, &first.place());
        let second = rivals.candidate(start, OWN, &standings).unwrap();
        assert_ne!(first.addrs, second.addrs);
    }

    #[test]
    fn who_is_not_better_or_speaks_another_version_is_not_called() {
        let standings = Standings::default();
        let mut other = neighbour(1, 6);
        other.announcement.protocol = PROTOCOL_VERSION + 1;
        let rivals = rivals([neighbour(2, 4), other]);
        assert!(rivals.candidate(Instant::now(), OWN, &standings).is_none());
    }

    #[test]
    fn following_in_vain_is_done_ever_less_often() {
        let mut rivals = Rivals::default();
        let mut now = Instant::now();
        let mut followed = 0;
        let end = now + Duration::from_secs(3600);
        while now < end {
            if rivals.reluctance.is_over(now) {
                followed += 1;
                rivals.followed_at = Some(now);
                rivals.ends_following(now + Duration::from_millis(100));
            }
            now += Duration::from_millis(100);
        }
        assert!((55..=66).contains(&followed), "{followed}");
    }
}
