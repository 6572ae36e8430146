//! The relation to the directory: looking for it, dialling it, being its client, losing it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_lobby::{FromDirectory, Hello, PROTOCOL_VERSION, Refusal, ToDirectory, Welcome, frame};
use samovar_net::{LinkId, PublicKey};
use tracing::{debug, error, info, warn};

use super::Worker;
use crate::callback::Callback;
use crate::locator::{Host as RecordHost, Record, Seat};

/// How long a dialled directory may take to answer before it counts as gone.
const DIAL_PATIENCE: Duration = Duration::from_millis(700);
/// How long a directory that accepted the link may take to welcome.
const WELCOME_PATIENCE: Duration = Duration::from_secs(2);
/// How long a seat may stay without a record.
const RECORD_PATIENCE: Duration = Duration::from_millis(1500);
/// How long others get to replace a directory on this machine that does not answer, before this process does.
const TAKEOVER_PATIENCE: Duration = Duration::from_millis(50);
/// The same for one on another machine: whoever answers for this machine goes first.
const TAKEOVER_PATIENCE_REMOTE: Duration = Duration::from_secs(1);
/// How long there may be no directory before the game is told.
const OFFLINE_AFTER: Duration = Duration::from_secs(5);
/// Most addresses of one directory that are dialled at once.
const MAX_DIALS: usize = 4;
/// `k_EResultNoConnection`.
const RESULT_NO_CONNECTION: i32 = 3;
/// `k_EResultLoggedInElsewhere`.
const RESULT_LOGGED_IN_ELSEWHERE: i32 = 6;
/// `k_EResultFail`.
const RESULT_FAIL: i32 = 2;

/// A directory to be a client of.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) directory: u64,
    pub(super) addrs: Vec<SocketAddr>,
    pub(super) key: [u8; 32],
    /// Whether a process of this machine hosts it.
    pub(super) local: bool,
    /// The machine's term under which it was found.
    pub(super) seat: Option<u64>,
}

impl From<Record> for Target {
    fn from(record: Record) -> Self {
        Self {
            directory: record.directory,
            addrs: record.addrs,
            key: record.key,
            local: record.host == RecordHost::Local,
            seat: Some(record.term),
        }
    }
}

/// Where the process stands towards a directory.
#[derive(Debug)]
pub(super) enum State {
    /// There is none.
    Searching,
    /// Links to its addresses are being opened; the first to open is kept.
    Dialing {
        links: Vec<LinkId>,
        target: Target,
        until: Instant,
    },
    /// It is a client over this link. Not welcomed yet while `until` is set.
    Client {
        link: LinkId,
        target: Target,
        until: Option<Instant>,
    },
    /// It hosts the directory itself.
    Local,
    /// The directory refused this user; nothing more is tried.
    Refused,
}

#[derive(Debug)]
pub(super) struct Home {
    pub(super) state: State,
    /// Since when there has been no directory.
    since: Option<Instant>,
    /// When the present search began.
    searching_since: Instant,
    /// The seat and directory that did not answer: not to be dialled again.
    suspect: Option<(Option<u64>, u64)>,
}

impl Home {
    pub(super) fn searching(now: Instant) -> Self {
        Self {
            state: State::Searching,
            since: Some(now),
            searching_since: now,
            suspect: None,
        }
    }

    pub(super) fn is_searching(&self) -> bool {
        matches!(self.state, State::Searching | State::Dialing { .. })
    }

    /// Whether the directory has welcomed this process, so that commands may go.
    pub(super) fn is_welcomed(&self) -> bool {
        self.since.is_none() && matches!(self.state, State::Local | State::Client { .. })
    }
}

impl Worker {
    /// Looks at the machine's seat and at what has taken too long.
    pub(super) fn survey(&mut self, now: Instant) {
        self.heed_supersession(now);
        match &self.home.state {
            State::Refused => {}
            State::Local => self.challenge_rivals(now),
            State::Client { target, until, .. } => {
                let (local, directory, seat) = (target.local, target.directory, target.seat);
                if until.is_some_and(|until| now >= until) {
                    self.lost(now, "no welcome");
                } else {
                    self.watch_seat(now, local, directory, seat);
                }
            }
            State::Dialing { until, .. } if now >= *until => self.dial_failed(now),
            State::Dialing { target, .. } => {
                let (local, directory, seat) = (target.local, target.directory, target.seat);
                self.watch_seat(now, local, directory, seat);
            }
            State::Searching => self.seek(now),
        }
        self.report_offline(now);
    }

    /// Whether the process is a client of, or hosts, a directory; after this there is none.
    pub(super) fn search(&mut self, now: Instant) {
        let links = match std::mem::replace(&mut self.home.state, State::Searching) {
            State::Dialing { links, .. } => links,
            State::Client { link, .. } => vec![link],
            _ => Vec::new(),
        };
        for link in links {
            self.driver.endpoint().close_link(now, link, 0);
        }
        self.home.searching_since = now;
        if self.home.since.is_none() {
            self.home.since = Some(now);
            let now_ms = self.setup.shared.now_ms();
            self.setup.shared.mirror.lock().on_disconnected(now_ms);
        }
        self.next_survey = now;
    }

    /// Opens links to a directory's addresses.
    pub(super) fn dial(&mut self, now: Instant, target: Target) {
        let links = self.dial_all(now, &target.addrs, target.key);
        debug!(?target, "dialling a directory");
        self.home.state = State::Dialing {
            links,
            target,
            until: now + DIAL_PATIENCE,
        };
    }

    pub(super) fn dial_all(
        &mut self,
        now: Instant,
        addrs: &[SocketAddr],
        key: [u8; 32],
    ) -> Vec<LinkId> {
        let endpoint = self.driver.endpoint();
        addrs
            .iter()
            .filter(|addr| self.setup.config.lan || addr.ip().is_loopback())
            .take(MAX_DIALS)
            .filter_map(|addr| endpoint.dial(now, *addr, PublicKey(key)).ok())
            .collect()
    }

    /// One of the links being opened is open: greet, and let the others go.
    pub(super) fn link_opened(&mut self, now: Instant, link: LinkId) {
        match &self.home.state {
            State::Dialing { links, target, .. } if links.contains(&link) => {
                let others: Vec<LinkId> = links
                    .iter()
                    .copied()
                    .filter(|other| *other != link)
                    .collect();
                let target = target.clone();
                for other in others {
                    self.driver.endpoint().close_link(now, other, 0);
                }
                self.greet(now, link, target);
            }
            _ => self.rival_answered(now, link),
        }
    }

    /// Says hello over an open link.
    pub(super) fn greet(&mut self, now: Instant, link: LinkId, target: Target) {
        self.home.state = State::Client {
            link,
            target,
            until: Some(now + WELCOME_PATIENCE),
        };
        if let Some(hello) = self.hello() {
            let _ = self.driver.endpoint().send_frame(link, &hello);
        }
    }

    /// The hello, with all that this process knows of its lobbies.
    pub(super) fn hello(&mut self) -> Option<Bytes> {
        let mirror = self.setup.shared.mirror.lock();
        let (resume, persona) = (mirror.resume(), mirror.persona().clone());
        let rich_presence = mirror.my_rich_presence().clone();
        drop(mirror);
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            modifier: self.setup.identity.modifier(),
            app_id: self.setup.config.app_id,
            persona,
            rich_presence,
            instance: self.setup.instance,
            machine: self.setup.machine,
            resume,
        };
        match frame::encode(&ToDirectory::Hello(hello)) {
            Ok(bytes) => Some(Bytes::from(bytes)),
            Err(error) => {
                error!(%error, "the hello does not fit into a frame");
                None
            }
        }
    }

    /// A link that this process dialled is closed.
    pub(super) fn link_closed(&mut self, now: Instant, link: LinkId) {
        match &mut self.home.state {
            State::Dialing { links, .. } => {
                links.retain(|other| *other != link);
                if links.is_empty() {
                    self.dial_failed(now);
                }
            }
            State::Client {
                link: home, target, ..
            } if *home == link => {
                // It may be this process that was stopped for a while: dial once more before calling it dead.
                let target = target.clone();
                self.search(now);
                self.dial(now, target);
            }
            _ => self.rivals.link_closed(link),
        }
    }

    /// The directory said something.
    pub(super) fn heard(&mut self, now: Instant, bytes: &[u8]) {
        let message = match frame::decode::<FromDirectory>(bytes) {
            Ok(message) => message,
            Err(error) => {
                warn!(%error, "the directory sent a malformed frame");
                return self.lost(now, "malformed frame");
            }
        };
        match message {
            FromDirectory::Welcome {
                directory,
                term,
                time_ms,
                age_ms,
                handled,
                ..
            } => {
                info!(?directory, term, "welcomed by a directory");
                self.known_term = self.known_term.max(term);
                if let State::Client { target, .. } = &self.home.state {
                    let key = PublicKey(target.key);
                    self.directories.note(directory, Some(term), key);
                }
                self.welcomed(now, time_ms);
                let now_ms = self.setup.shared.now_ms();
                let welcome = Welcome {
                    directory,
                    term,
                    age_ms,
                    handled,
                };
                self.setup.shared.mirror.lock().on_welcome(now_ms, welcome);
            }
            FromDirectory::Refused(refusal) => self.refused(now, &refusal),
            FromDirectory::Moved {
                addrs,
                key,
                directory,
                term,
            } => {
                self.known_term = self.known_term.max(term);
                let target = Target {
                    directory: directory.0,
                    addrs,
                    key,
                    local: false,
                    seat: self.seat(),
                };
                self.search(now);
                self.dial(now, target);
            }
            FromDirectory::Event(event) => self.event(now, event),
        }
    }

    fn welcomed(&mut self, now: Instant, time_ms: u64) {
        if let State::Client { until, .. } = &mut self.home.state {
            *until = None;
        }
        self.home.since = None;
        self.home.suspect = None;
        if !self.setup.shared.logged_on.swap(true, Ordering::AcqRel) {
            self.setup.shared.callbacks.push(Callback::ServersConnected);
        }
        self.setup.shared.set_directory_time(time_ms);
        let endpoint = self.driver.endpoint();
        endpoint.set_directory_time(now, time_ms);
        endpoint.retry_signals(now);
    }

    fn refused(&mut self, now: Instant, refusal: &Refusal) {
        let result = match refusal {
            Refusal::ElsewhereOnline => RESULT_LOGGED_IN_ELSEWHERE,
            _ => RESULT_FAIL,
        };
        error!("the directory refuses this user: {refusal}");
        self.search(now);
        self.home.state = State::Refused;
        self.setup.shared.logged_on.store(false, Ordering::Release);
        self.setup
            .shared
            .callbacks
            .push(Callback::ServerConnectFailure {
                result,
                retrying: false,
            });
    }

    fn lost(&mut self, now: Instant, why: &str) {
        debug!(why, "the directory is lost");
        if let State::Client { target, .. } = &self.home.state {
            self.home.suspect = Some((target.seat, target.directory));
        }
        self.search(now);
    }

    fn dial_failed(&mut self, now: Instant) {
        if let State::Dialing { target, .. } = &self.home.state {
            debug!(?target, "a directory does not answer");
            self.home.suspect = Some((target.seat, target.directory));
        }
        self.search(now);
    }

    fn seek(&mut self, now: Instant) {
        let waited = now.saturating_duration_since(self.home.searching_since);
        match self.locator.look() {
            Ok(Seat::Free) => self.take_seat(now, None),
            Ok(Seat::Held(record)) => {
                let own = self
                    .claim
                    .as_ref()
                    .is_some_and(|claim| claim.term() == record.term);
                if own {
                    // The directory that this process vouched for is gone.
                    self.host_here(now);
                } else if self.home.suspect == Some((Some(record.term), record.directory)) {
                    let local = record.host == RecordHost::Local;
                    if waited
                        >= if local {
                            TAKEOVER_PATIENCE
                        } else {
                            TAKEOVER_PATIENCE_REMOTE
                        }
                    {
                        self.take_seat(now, Some(record.term));
                    }
                } else {
                    self.dial(now, Target::from(record));
                }
            }
            Ok(Seat::HeldUnknown { term }) if waited >= RECORD_PATIENCE => {
                self.take_seat(now, Some(term));
            }
            Ok(Seat::HeldUnknown { .. }) => {}
            Err(error) => warn!(%error, "the directory's record cannot be read"),
        }
    }

    /// Whoever answers for this machine may have died, or may vouch for another directory by now.
    fn watch_seat(&mut self, now: Instant, local: bool, directory: u64, seat: Option<u64>) {
        match self.locator.look() {
            Ok(Seat::Free) if local => {
                debug!("the process that hosts the directory has ended");
                self.search(now);
            }
            Ok(Seat::Free) => self.vouch(now),
            Ok(Seat::Held(record)) if record.directory != directory && Some(record.term) > seat => {
                debug!(?record, "another directory serves this machine by now");
                self.search(now);
            }
            _ => {}
        }
    }

    fn report_offline(&mut self, now: Instant) {
        let offline = self
            .home
            .since
            .is_some_and(|since| now.saturating_duration_since(since) >= OFFLINE_AFTER);
        if offline
            && !matches!(self.home.state, State::Refused)
            && self.setup.shared.logged_on.swap(false, Ordering::AcqRel)
        {
            self.setup
                .shared
                .callbacks
                .push(Callback::ServersDisconnected {
                    result: RESULT_NO_CONNECTION,
                });
        }
    }

    fn seat(&mut self) -> Option<u64> {
        match self.locator.look() {
            Ok(Seat::Held(record)) => Some(record.term),
            Ok(Seat::HeldUnknown { term }) => Some(term),
            _ => None,
        }
    }

    /// Where others on this machine reach this process.
    pub(super) fn loopback(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }
}
