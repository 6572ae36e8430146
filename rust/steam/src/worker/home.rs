//! The relation to the directory: looking for it, dialling it, being its client, losing it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bytes::Bytes;
use samovar_lobby::{
    DirectoryId, FromDirectory, Hello, PROTOCOL_VERSION, ProvedLobby, ToDirectory, Welcome, frame,
};
use samovar_net::{LinkId, PublicKey};
use tracing::{debug, error, info, warn};

use super::Worker;
use super::attention::ANSWER_PATIENCE;
use super::standings::{Pause, Place, Standings};
use crate::callback::Callback;
use crate::locator::{Host as RecordHost, Record};
use crate::rank::{self, MAX_TERM};
use crate::seldom;

/// How long a dialled directory may take to answer before it counts as gone.
const DIAL_PATIENCE: Duration = Duration::from_millis(700);
/// How long a directory that accepted the link may take to welcome.
pub(super) const WELCOME_PATIENCE: Duration = Duration::from_secs(2);
/// How long a directory has to be one before its failures are forgotten. By then it has answered, or is left.
const SETTLED: Duration = Duration::from_secs(15);
const _: () = assert!(SETTLED.as_millis() > ANSWER_PATIENCE.as_millis());
/// How often in a row directories may send this process on. It is that of machines that find each other one by one.
const MAX_MOVES: u32 = 8;
/// Most addresses of one directory that are dialled at once.
const MAX_DIALS: usize = 4;
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

impl Target {
    pub(super) fn place(&self) -> Place {
        Place {
            key: self.key,
            addrs: self.addrs.clone(),
        }
    }
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
}

#[derive(Debug)]
pub(super) struct Home {
    pub(super) state: State,
    /// Since when there has been no directory.
    pub(super) since: Option<Instant>,
    /// When the present search began.
    pub(super) searching_since: Instant,
    /// The seat and directory that did not answer: not to be dialled again.
    pub(super) suspect: Option<(Option<u64>, u64)>,
    /// Who failed or refused, and when that may be tried again.
    pub(super) standings: Standings,
    /// The machine's directory that is to be joined, while this process hosts one of its own beside it.
    pub(super) seat_to_join: Option<Target>,
    /// The first link to the directory that this process's own one stood down for.
    pub(super) stepping_stone: Option<LinkId>,
    /// Whether the last directory refused this user, and is there.
    pub(super) is_refused: bool,
    /// How often in a row this process was sent on to another directory.
    moves: u32,
    /// When a directory welcomed this process last; `None` once it has settled there.
    pub(super) welcomed_at: Option<Instant>,
    /// Until the directory in this process may be asked again, which has refused this user.
    pub(super) own_refusal: Pause,
}

impl Home {
    pub(super) fn searching(now: Instant) -> Self {
        Self {
            state: State::Searching,
            since: Some(now),
            searching_since: now,
            suspect: None,
            standings: Standings::default(),
            seat_to_join: None,
            stepping_stone: None,
            is_refused: false,
            moves: 0,
            welcomed_at: None,
            own_refusal: Pause::default(),
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
            State::Local => {
                self.mind_seat(now);
                self.greet_own(now);
                self.challenge_rivals(now);
            }
            State::Client { target, until, .. } => {
                let (local, directory, seat) = (target.local, target.directory, target.seat);
                if until.is_some_and(|until| now >= until) {
                    self.lost(now, "no welcome");
                } else if until.is_some() || !self.doubt(now) {
                    self.settle(now);
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
        let links = links.into_iter().chain(self.home.stepping_stone.take());
        self.rivals.ends_following(now);
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
        self.attention.concerns(Some(target.place()));
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
            _ => self.rival_opened(now, link),
        }
    }

    /// Says hello over an open link.
    pub(super) fn greet(&mut self, now: Instant, link: LinkId, target: Target) {
        self.home.state = State::Client {
            link,
            target,
            until: Some(now + WELCOME_PATIENCE),
        };
        let now_ms = self.setup.shared.now_ms();
        let resume = self.setup.shared.mirror.lock().resume(now_ms);
        if let Some(hello) = self.hello(Some(resume)) {
            let _ = self.driver.endpoint().send_frame(link, &hello);
        }
    }

    /// The hello, with what this process knows of its lobbies; `None` where it only asks to be taken.
    pub(super) fn hello(&self, resume: Option<Vec<ProvedLobby>>) -> Option<Bytes> {
        let mirror = self.setup.shared.mirror.lock();
        let persona = mirror.persona().clone();
        let rich_presence = mirror.my_rich_presence().clone();
        let is_returning = mirror.was_welcomed();
        let news = mirror.news();
        drop(mirror);
        let hello = Hello {
            protocol: PROTOCOL_VERSION,
            modifier: self.setup.identity.modifier(),
            app_id: self.setup.config.app_id,
            persona,
            rich_presence,
            instance: self.setup.instance,
            machine: self.setup.machine,
            is_returning,
            is_asking: resume.is_none(),
            news,
            resume: resume.unwrap_or_default(),
        };
        match frame::encode(&ToDirectory::Hello(hello)) {
            Ok(bytes) => Some(Bytes::from(bytes)),
            Err(error) => {
                if seldom::may_say("hello") {
                    error!(%error, "the hello does not fit into a frame");
                }
                None
            }
        }
    }

    /// A link that this process dialled is closed; `is_strain` where a bad or slow network explains it.
    pub(super) fn link_closed(&mut self, now: Instant, link: LinkId, is_strain: bool) {
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
                let target = target.clone();
                self.home_closed(now, target, is_strain);
            }
            _ => self.rivals.link_closed(link),
        }
    }

    /// The directory said something.
    pub(super) fn heard(&mut self, now: Instant, bytes: &[u8]) {
        self.attention.heard(now);
        let message = match frame::decode::<FromDirectory>(bytes) {
            Ok(message) => message,
            Err(error) => {
                if self.seldom.may_say("malformed", now) {
                    warn!(%error, "the directory sent a malformed frame");
                }
                return self.lost(now, "malformed frame");
            }
        };
        match message {
            FromDirectory::Welcome { .. } if self.home.is_welcomed() => {
                self.lost(now, "a second welcome");
            }
            FromDirectory::Welcome {
                directory,
                term,
                time_ms,
                age_ms,
                handled,
                ..
            } => {
                if !self.believes(term) {
                    if self.seldom.may_say("term", now) {
                        warn!(term, "the directory has a term that it cannot have");
                    }
                    return self.lost(now, "a term that it cannot have");
                }
                info!(?directory, term, "welcomed by a directory");
                self.known_term = rank::latest(self.known_term, term);
                if let State::Client { target, .. } = &self.home.state {
                    let key = PublicKey(target.key);
                    self.directories.note(directory, Some(term), key);
                }
                self.welcomed(now, directory, term, time_ms);
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
                ..
            } => {
                let target = Target {
                    directory: directory.0,
                    addrs,
                    key,
                    local: false,
                    seat: self.seat(),
                };
                self.moved(now, target);
            }
            FromDirectory::Event(event) => self.event(now, event),
        }
    }

    /// What it has been a client of for a while counts as a directory like any other.
    fn settle(&mut self, now: Instant) {
        let State::Client {
            target,
            until: None,
            ..
        } = &self.home.state
        else {
            return;
        };
        let settled = |at: Instant| now.saturating_duration_since(at) >= SETTLED;
        if self.home.welcomed_at.is_some_and(settled) && !self.attention.is_owed() {
            self.home.standings.proved(&target.place());
            self.home.welcomed_at = None;
            self.home.is_refused = false;
            self.home.moves = 0;
            self.attention.settled();
        }
    }

    /// Whether a directory that welcomes this process can have this term.
    fn believes(&self, term: u64) -> bool {
        let is_near = match &self.home.state {
            State::Client { target, .. } if !target.local => {
                self.known_term == 0 || !rank::is_leap(self.known_term, term)
            }
            _ => true,
        };
        is_near && term <= MAX_TERM
    }

    /// The directory stands down and sends its users on.
    fn moved(&mut self, now: Instant, target: Target) {
        self.home.moves += 1;
        let follows =
            self.home.moves <= MAX_MOVES && self.home.standings.may_try(now, &target.place());
        if !follows {
            return self.lost(now, "it sends its users round");
        }
        let moves = self.home.moves;
        self.search(now);
        self.home.moves = moves;
        self.dial(now, target);
    }

    fn welcomed(&mut self, now: Instant, directory: DirectoryId, term: u64, time_ms: u64) {
        if let State::Client { until, .. } = &mut self.home.state {
            *until = None;
        }
        self.home.welcomed_at = Some(now);
        self.attention.welcomed(now);
        self.home.own_refusal = Pause::default();
        if let Some(link) = self.home.stepping_stone.take() {
            self.driver.endpoint().close_link(now, link, 0);
        }
        self.home.since = None;
        self.home.suspect = None;
        if !self.setup.shared.logged_on.swap(true, Ordering::AcqRel) {
            self.setup.shared.callbacks.push(Callback::ServersConnected);
        }
        self.setup.shared.set_directory_time(time_ms);
        let endpoint = self.driver.endpoint();
        endpoint.set_directory(now, directory.0, term, time_ms);
        endpoint.retry_signals(now);
    }

    /// Where others on this machine reach this process.
    pub(super) fn loopback(&self) -> SocketAddr {
        SocketAddr::from((Ipv4Addr::LOCALHOST, self.port))
    }
}
