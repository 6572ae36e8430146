//! The network thread: owns the socket, the relation to the directory and, where this process hosts it, the
//! directory itself.

mod attention;
mod directories;
mod farewell;
mod home;
mod hosting;
mod losing;
mod people;
mod rivals;
mod seat;
mod standings;
mod traffic;

use std::io;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::sync::mpsc;
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use samovar_net::{Driver, Endpoint, EndpointConfig, Identity};
use samovar_server::Host;
use tracing::{debug, warn};

use crate::client::{Shared, StartConfig};
use crate::discovery::{Discovered, Discovery, local_addresses};
use crate::files;
use crate::locator::{Claim, Locator};
use crate::seldom::{self, Seldom};
use attention::Attention;
use directories::Directories;
use home::Home;
use rivals::Rivals;
use standings::Pause;

/// How often the machine's seat and the time-outs are looked at.
const SURVEY: Duration = Duration::from_millis(100);
/// The same while there is no directory.
const SURVEY_SEARCHING: Duration = Duration::from_millis(20);
/// How often the own addresses are read again, and pictures that have not come asked for.
const REFRESH_ADDRESSES: Duration = Duration::from_secs(5);

/// What the network thread starts with.
pub(crate) struct Setup {
    pub(crate) config: StartConfig,
    pub(crate) data_dir: PathBuf,
    pub(crate) identity: Arc<Identity>,
    pub(crate) machine: u64,
    pub(crate) instance: u64,
    pub(crate) shared: Arc<Shared>,
}

/// The state of the network thread.
pub(crate) struct Worker {
    setup: Setup,
    driver: Driver,
    port: u16,
    locator: Locator,
    claim: Option<Claim>,
    host: Option<Host>,
    home: Home,
    attention: Attention,
    /// The highest directory term heard of: a new directory goes beyond it.
    known_term: u64,
    directories: Directories,
    discovery: Option<Discovery>,
    rivals: Rivals,
    /// Until the seat's folder, which could not be used, is tried again.
    folder_pause: Pause,
    seldom: Seldom<&'static str>,
    next_survey: Instant,
    next_addresses: Instant,
}

/// Starts the network thread and waits until its socket is bound. The receiver is disconnected when it has ended.
pub(crate) fn spawn(setup: Setup) -> io::Result<(mpsc::Receiver<()>, JoinHandle<()>)> {
    let (bound_sender, bound) = mpsc::channel();
    let (ended_sender, ended) = mpsc::channel::<()>();
    let thread = thread::Builder::new()
        .name("samovar-net".to_owned())
        .spawn(move || {
            let _ended = ended_sender;
            let runtime = match tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
            {
                Ok(runtime) => runtime,
                Err(error) => return drop(bound_sender.send(Err(error))),
            };
            runtime.block_on(async move {
                match Worker::bind(setup) {
                    Ok(worker) => {
                        let _ = bound_sender.send(Ok(()));
                        worker.run().await;
                    }
                    Err(error) => drop(bound_sender.send(Err(error))),
                }
            });
        })?;
    match bound.recv() {
        Ok(Ok(())) => Ok((ended, thread)),
        Ok(Err(error)) => Err(error),
        Err(_) => Err(io::Error::other("the network thread ended at its start")),
    }
}

impl Worker {
    fn bind(setup: Setup) -> io::Result<Self> {
        let seed = files::random_seed()?;
        let endpoint = Endpoint::new(
            EndpointConfig {
                app_id: setup.config.app_id,
                peer_idle_timeout: setup.config.networking.timeout_connected(),
                peer_packet_size: setup.config.networking.packet_size(),
                ..EndpointConfig::default()
            },
            Arc::clone(&setup.identity),
            Arc::clone(&setup.shared.sessions),
            seed,
        );
        let address = if setup.config.lan {
            Ipv4Addr::UNSPECIFIED
        } else {
            Ipv4Addr::LOCALHOST
        };
        let driver = Driver::bind(SocketAddr::from((address, 0)), endpoint)?;
        let port = driver.local_addr()?.port();
        let locator = Locator::open(&setup.data_dir, setup.config.app_id)?;
        let now = Instant::now();
        Ok(Self {
            setup,
            driver,
            port,
            locator,
            claim: None,
            host: None,
            home: Home::searching(now),
            attention: Attention::new(now),
            known_term: 0,
            directories: Directories::default(),
            discovery: None,
            rivals: Rivals::default(),
            folder_pause: Pause::default(),
            seldom: Seldom::default(),
            next_survey: now,
            next_addresses: now,
        })
    }

    async fn run(mut self) {
        let mut now = Instant::now();
        while !self.setup.shared.stop.load(Ordering::Acquire) {
            self.step(now);
            let deadline = self.deadline(now);
            tokio::select! {
                () = self.driver.turn(&self.setup.shared.wake) => {}
                found = next_found(self.discovery.as_mut()) => self.discovered(found),
                () = tokio::time::sleep_until(deadline.into()) => {}
            }
            now = Instant::now();
        }
        self.farewell().await;
    }

    fn step(&mut self, now: Instant) {
        if let Some(networking) = self.setup.shared.new_configuration() {
            let (sending, receiving) = networking.conditions();
            let endpoint = self.driver.endpoint();
            let (min, max) = networking.send_rates();
            endpoint.set_conditions(sending, receiving);
            endpoint.set_send_rates(min, max);
            endpoint.set_peer_idle_timeout(networking.timeout_connected());
            endpoint.set_peer_packet_size(networking.packet_size());
        }
        if now >= self.next_addresses {
            self.next_addresses = now + REFRESH_ADDRESSES;
            let addresses = local_addresses(self.port, self.setup.config.lan);
            self.driver.endpoint().set_candidates(addresses);
            self.setup.shared.try_avatars_again();
        }
        if now >= self.next_survey {
            self.survey(now);
            self.next_survey = now
                + if self.home.is_searching() {
                    SURVEY_SEARCHING
                } else {
                    SURVEY
                };
        }
        if let Some(host) = &mut self.host {
            host.begin_turn(self.setup.shared.now_ms());
        }
        self.handle_timeouts();
        self.tell_tickets();
        self.exchange(now);
        self.driver.endpoint().pump(now);
        self.exchange(now);
        self.driver.flush();
    }

    fn deadline(&self, now: Instant) -> Instant {
        let now_ms = self.setup.shared.now_ms();
        let mirror = self.setup.shared.mirror.lock().poll_timeout();
        let host = self.host.as_ref().and_then(Host::poll_timeout);
        [mirror, host]
            .into_iter()
            .flatten()
            .map(|at| now + Duration::from_millis(at.0.saturating_sub(now_ms.0).min(1000)))
            .fold(self.next_survey, Instant::min)
    }

    fn handle_timeouts(&mut self) {
        let now_ms = self.setup.shared.now_ms();
        let mut mirror = self.setup.shared.mirror.lock();
        if mirror.poll_timeout().is_some_and(|at| at <= now_ms) {
            mirror.handle_timeout(now_ms);
        }
        drop(mirror);
        if let Some(host) = &mut self.host
            && host.poll_timeout().is_some_and(|at| at <= now_ms)
        {
            host.handle_timeout(now_ms);
        }
    }

    /// Starts looking for directories on the LAN; only who answers for this machine does.
    fn start_discovery(&mut self) {
        if self.discovery.is_some() || !self.setup.config.lan {
            return;
        }
        match Discovery::start(true, self.setup.config.app_id) {
            Ok(discovery) => self.discovery = Some(discovery),
            Err(error) => {
                if seldom::may_say("discovery") {
                    warn!(%error, "no discovery on the LAN");
                }
            }
        }
    }

    fn discovered(&mut self, found: Discovered) {
        debug!(?found, "discovery");
        self.rivals.note(found);
    }
}

async fn next_found(discovery: Option<&mut Discovery>) -> Discovered {
    match discovery {
        Some(discovery) => discovery.next().await,
        None => std::future::pending().await,
    }
}
