//! `Steam`: one running user, and what the game's thread shares with the network's.

use std::collections::BTreeSet;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::mpsc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_lobby::{Millis, Mirror, Persona};
use samovar_net::{SessionConfig, Sessions, Wake};

use crate::callback::{Callback, CallbackQueue};
use crate::files;
use crate::local::Local;
use crate::networking_config::NetworkingConfig;
use crate::networking_sockets::Sockets;
use crate::profile::{self, Profile, ProfileError, ProfileName};
use crate::worker::{self, Setup};

/// How long [`Steam::shutdown`] waits for the goodbyes.
const SHUTDOWN_PATIENCE: Duration = Duration::from_millis(800);

/// What a user is started with.
#[derive(Clone, Debug)]
pub struct StartConfig {
    /// The app, not 0. Each app has directories of its own: its users, lobbies and session requests are seen by nobody else.
    pub app_id: u32,
    /// The profile to be; `None` takes the next one that no process of the app uses.
    pub profile: Option<String>,
    /// Whether other machines on the LAN are looked for. Without it every socket is bound to loopback.
    pub lan: bool,
    /// The data folder; `None` is the user's own, or `SAMOVAR_DATA_DIR`.
    pub data_dir: Option<PathBuf>,
    /// How long a P2P session may take to open. Steam: 20 s.
    pub p2p_timeout: Duration,
    /// What `ISteamNetworkingUtils` configures, to begin with.
    pub networking: NetworkingConfig,
    /// How long a member whose connection is gone still counts as one.
    pub lobby_grace: Duration,
    /// Whether an invitation to a lobby counts as accepted when it arrives.
    pub accept_invites: bool,
}

impl StartConfig {
    /// Steam's values, for an app.
    pub fn new(app_id: u32) -> Self {
        Self {
            app_id,
            profile: None,
            lan: true,
            data_dir: None,
            p2p_timeout: Duration::from_secs(20),
            networking: NetworkingConfig::default(),
            lobby_grace: Duration::from_secs(30),
            accept_invites: false,
        }
    }
}

/// Why a user could not be started.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The profile cannot be claimed.
    #[error(transparent)]
    Profile(#[from] ProfileError),
    /// No UDP socket, no thread, or no folder for the directory's record.
    #[error("the network cannot be started: {0}")]
    Network(#[from] io::Error),
}

/// What both threads see. Each lock is held for a moment only, and never two at once but for those of `sockets` and
/// `sessions`, in this order.
pub(crate) struct Shared {
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    /// Locked before the sessions where both are.
    pub(crate) sockets: Mutex<Sockets>,
    pub(crate) mirror: Mutex<Mirror>,
    /// In use until the network thread has ended.
    pub(crate) profile: Mutex<Profile>,
    pub(crate) callbacks: CallbackQueue,
    pub(crate) networking: Mutex<NetworkingConfig>,
    pub(crate) local: Local,
    reconfigured: AtomicBool,
    pub(crate) wake: Wake,
    pub(crate) logged_on: AtomicBool,
    pub(crate) keeps_directory: AtomicBool,
    /// Creations of lobbies that nobody waits for any more; as many as are asked for at most.
    pub(crate) abandoned: Mutex<BTreeSet<u64>>,
    pub(crate) stop: AtomicBool,
    clock: Clock,
    /// How far the directory's clock is ahead, in milliseconds.
    directory_ahead_ms: AtomicI64,
}

impl Shared {
    pub(crate) fn now_ms(&self) -> Millis {
        self.clock.now()
    }

    /// The time by the directory's clock, or by the local one where there has been no directory.
    pub(crate) fn directory_now_ms(&self) -> Millis {
        let ahead = self.directory_ahead_ms.load(Ordering::Relaxed);
        Millis(self.now_ms().0.saturating_add_signed(ahead))
    }

    pub(crate) fn set_directory_time(&self, time_ms: u64) {
        // A time that differs by ages is nonsense.
        let ahead = time_ms.checked_signed_diff(self.now_ms().0).unwrap_or(0);
        self.directory_ahead_ms.store(ahead, Ordering::Relaxed);
    }

    /// Has the network thread take the configuration anew.
    pub(crate) fn reconfigure(&self) {
        self.reconfigured.store(true, Ordering::Release);
        self.wake.notify();
    }

    /// The configuration, if it has changed since it was last taken.
    pub(crate) fn new_configuration(&self) -> Option<NetworkingConfig> {
        let changed = self.reconfigured.swap(false, Ordering::AcqRel);
        changed.then(|| *self.networking.lock())
    }
}

/// Milliseconds since 1970 that never go back while the process lives.
struct Clock {
    started: Instant,
    unix_ms_at_start: u64,
}

impl Clock {
    fn start() -> Self {
        let since_1970 = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self {
            started: Instant::now(),
            unix_ms_at_start: millis(since_1970),
        }
    }

    fn now(&self) -> Millis {
        Millis(
            self.unix_ms_at_start
                .saturating_add(millis(self.started.elapsed())),
        )
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A running user: a claimed profile and its network thread.
///
/// Every method returns at once. Nothing that happens on the network is waited for: answers come as callbacks.
pub struct Steam {
    pub(crate) shared: Arc<Shared>,
    pub(crate) steam_id: SteamId,
    app_id: u32,
    profile: ProfileName,
    /// Ends when the thread has said its goodbyes; in an `Option`, since shutting down takes it.
    ended: Mutex<Option<(mpsc::Receiver<()>, JoinHandle<()>)>>,
}

impl Steam {
    /// Claims a profile, binds a UDP socket and starts the network thread.
    ///
    /// # Errors
    /// [`StartError::Profile`] when the profile is in use or cannot be read, [`StartError::Network`] when there is no
    /// socket or no thread to be had. Whether others can be reached is not known yet and no error.
    pub fn start(config: StartConfig) -> Result<Self, StartError> {
        let data_dir = match &config.data_dir {
            Some(data_dir) => data_dir.clone(),
            None => profile::data_dir()?,
        };
        let claimed = profile::claim(&data_dir, config.app_id, config.profile.as_deref())?;
        let machine = profile::machine_id(&data_dir)?;
        let identity = Arc::clone(claimed.identity());
        let steam_id = identity.steam_id();
        let mut session_config = SessionConfig {
            p2p_timeout: config.p2p_timeout,
            ..SessionConfig::default()
        };
        config.networking.apply(&mut session_config);
        let sessions = Sessions::new(
            session_config,
            steam_id,
            Clock::start().now().0.saturating_mul(1000),
        );
        let profile = claimed.name().clone();
        let local = Local::load(&claimed, config.app_id);
        let mut mirror = Mirror::new(
            steam_id,
            config.app_id,
            Persona::named(claimed.persona_name()),
        );
        if let Some(picture) = claimed.picture() {
            // It is as large as it has to be.
            let _ = mirror.set_avatar(Some((picture.number(), Arc::clone(picture.pixels()))));
        }
        let shared = Arc::new(Shared {
            sessions: Arc::new(Mutex::new(sessions)),
            sockets: Mutex::new(Sockets::new(steam_id)),
            mirror: Mutex::new(mirror),
            callbacks: CallbackQueue::default(),
            profile: Mutex::new(claimed),
            networking: Mutex::new(config.networking),
            local,
            reconfigured: AtomicBool::new(true),
            wake: Wake::default(),
            logged_on: AtomicBool::new(true),
            keeps_directory: AtomicBool::new(false),
            abandoned: Mutex::default(),
            stop: AtomicBool::new(false),
            clock: Clock::start(),
            directory_ahead_ms: AtomicI64::new(0),
        });
        let app_id = config.app_id;
        let setup = Setup {
            config,
            data_dir,
            identity,
            machine,
            instance: files::random_u64()?,
            shared: Arc::clone(&shared),
        };
        let ended = worker::spawn(setup)?;
        Ok(Self {
            shared,
            steam_id,
            app_id,
            profile,
            ended: Mutex::new(Some(ended)),
        })
    }

    /// Says goodbye to the directory and every peer, and ends the network thread. Waits up to 1.1 s. Calling it again
    /// has no effect.
    pub fn shutdown(&self) {
        self.shared.stop.store(true, Ordering::Release);
        self.shared.wake.notify();
        let Some((ended, thread)) = self.ended.lock().take() else {
            return;
        };
        // A thread that hangs is left behind: the game's exit must not wait for it.
        let has_ended =
            ended.recv_timeout(SHUTDOWN_PATIENCE) != Err(mpsc::RecvTimeoutError::Timeout);
        if has_ended {
            let _ = thread.join();
        }
        self.shared.local.finish();
        if has_ended {
            self.shared.profile.lock().release();
        }
    }

    /// The user's Steam ID.
    pub fn steam_id(&self) -> SteamId {
        self.steam_id
    }

    /// The app that it was started for.
    pub fn app_id(&self) -> u32 {
        self.app_id
    }

    /// The name of the profile that was claimed.
    pub fn profile(&self) -> &ProfileName {
        &self.profile
    }

    /// The next callback, oldest first.
    pub fn next_callback(&self) -> Option<Callback> {
        loop {
            let callback = self.shared.callbacks.pop()?;
            let Callback::LobbyCreated { request, lobby, .. } = &callback else {
                return Some(callback);
            };
            if !self.shared.abandoned.lock().remove(request) {
                return Some(callback);
            }
            if let Some(lobby) = lobby {
                // It may be gone already.
                let _ = self.leave_lobby(*lobby);
            }
        }
    }

    /// Runs `change` on the lobby mirror and wakes the network thread to send what came of it.
    pub(crate) fn with_mirror<R>(&self, change: impl FnOnce(&mut Mirror, Millis) -> R) -> R {
        let now = self.shared.now_ms();
        let result = change(&mut self.shared.mirror.lock(), now);
        self.shared.wake.notify();
        result
    }

    /// Reads from the lobby mirror.
    pub(crate) fn read_mirror<R>(&self, read: impl FnOnce(&Mirror) -> R) -> R {
        read(&self.shared.mirror.lock())
    }

    /// Has what was sent one by one go now: to be called at the end of a frame, and after sending from another thread than
    /// that of the frames. What was sent goes within a millisecond or two without it.
    pub fn hurry(&self) {
        self.shared.wake.notify_if_soon();
    }

    /// Sends in sessions: what is sent one by one goes together.
    pub(crate) fn send_in_sessions<R>(&self, send: impl FnOnce(&mut Sessions, Instant) -> R) -> R {
        let result = send(&mut self.shared.sessions.lock(), Instant::now());
        self.shared.wake.notify_soon();
        result
    }

    /// Runs `change` on the sessions and wakes the network thread to send what came of it.
    pub(crate) fn with_sessions<R>(&self, change: impl FnOnce(&mut Sessions, Instant) -> R) -> R {
        let result = change(&mut self.shared.sessions.lock(), Instant::now());
        self.shared.wake.notify();
        result
    }
}

impl Drop for Steam {
    fn drop(&mut self) {
        self.shutdown();
    }
}
