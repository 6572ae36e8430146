//! samovar-net on the thread of the game.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_net::{
    Delivery, Driver, Endpoint, EndpointConfig, EndpointEvent, Flow, Identity, Nagle, SendError,
    SessionConfig, SessionEvent, SessionState, Sessions, Wake,
};
use tokio::runtime::Runtime;

use super::{PATIENCE, Transport, wait_for};
use crate::process::Lines;

const FLOW: Flow = Flow::P2p;
const CHANNEL: u32 = 0;
/// How long the driver is left alone at most after something was sent.
const AT_LEAST_EVERY: Duration = Duration::from_millis(5);
/// What the directory's clock would say; nobody looks at it.
const EPOCH_MS: u64 = 1_700_000_000_000;

fn delivery(reliable: bool) -> Delivery {
    Delivery {
        reliable,
        nagle: Nagle::None,
        no_delay: false,
        autorestart: true,
    }
}

/// One user on one socket.
pub(crate) struct User {
    pub(crate) driver: Driver,
    pub(crate) sessions: Arc<Mutex<Sessions>>,
    pub(crate) wake: Arc<Wake>,
    pub(crate) id: SteamId,
}

impl User {
    /// Has to be called within a runtime.
    pub(crate) fn new(identity: Identity) -> Result<Self> {
        let id = identity.steam_id();
        let sessions = Arc::new(Mutex::new(Sessions::new(SessionConfig::default(), id, 1)));
        let [seed, ..] = id.raw().to_le_bytes();
        let endpoint = Endpoint::new(
            EndpointConfig::default(),
            Arc::new(identity),
            Arc::clone(&sessions),
            [seed; 32],
        );
        let mut driver = Driver::bind(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)), endpoint)?;
        let address = driver.local_addr()?;
        driver.endpoint().set_candidates(vec![address]);
        driver
            .endpoint()
            .set_directory(Instant::now(), 1, 1, EPOCH_MS);
        Ok(Self {
            driver,
            sessions,
            wake: Arc::new(Wake::default()),
            id,
        })
    }

    pub(crate) fn send(&self, peer: SteamId, reliable: bool, message: &[u8]) -> bool {
        send(&self.sessions, peer, reliable, message, Instant::now())
    }

    /// Accepts whoever asks, and gives what the directory should carry.
    pub(crate) fn signals(&mut self) -> Vec<(SteamId, Bytes)> {
        let mut signals = Vec::new();
        while let Some(event) = self.driver.endpoint().poll_event() {
            match event {
                EndpointEvent::Signal { to, payload } => signals.push((to, payload)),
                EndpointEvent::Session(SessionEvent::Requested { peer, flow }) => {
                    self.sessions.lock().accept(Instant::now(), peer, flow);
                }
                _ => {}
            }
        }
        signals
    }

    /// The directory brings something.
    pub(crate) fn signal(&mut self, from: SteamId, payload: &[u8]) {
        self.driver
            .endpoint()
            .handle_signal(Instant::now(), from, payload);
    }

    /// Does what there is to do, and waits for so long at most where there is nothing.
    pub(crate) async fn turn(&mut self, wait: Duration) {
        self.driver.endpoint().pump(Instant::now());
        if wait.is_zero() {
            self.wake.notify();
            return self.driver.turn(&self.wake).await;
        }
        tokio::select! {
            () = self.driver.turn(&self.wake) => {}
            () = tokio::time::sleep(wait) => {}
        }
    }

    pub(crate) fn is_connected(&self, peer: SteamId) -> bool {
        let info = self.sessions.lock().info(Instant::now(), peer, FLOW);
        info.is_some_and(|info| info.state == SessionState::Connected)
    }
}

/// Sends a message, if there is room for it.
pub(super) fn send(
    sessions: &Mutex<Sessions>,
    peer: SteamId,
    reliable: bool,
    message: &[u8],
    now: Instant,
) -> bool {
    let sent = sessions
        .lock()
        .send(now, peer, FLOW, CHANNEL, delivery(reliable), message);
    !matches!(sent, Err(SendError::LimitExceeded))
}

/// Hands over what has come; whether there was something.
pub(crate) fn receive(sessions: &Mutex<Sessions>, take: &mut dyn FnMut(&[u8])) -> bool {
    let mut any = false;
    loop {
        let Some(message) = sessions.lock().receive(FLOW, CHANNEL) else {
            return any;
        };
        any = true;
        take(&message.data);
    }
}

/// Hands a user's signals to the other process, and the other's to the user.
pub(crate) fn introduce(user: &mut User, lines: &mut Lines) -> Result<()> {
    for (to, payload) in user.signals() {
        let payload: String = payload.iter().map(|byte| format!("{byte:02x}")).collect();
        lines.say(&format!("signal {} {} {payload}", user.id.raw(), to.raw()))?;
    }
    Ok(())
}

/// The next signal that the other process sends, if it is there: from whom, to whom, and what.
pub(crate) fn next_signal(lines: &mut Lines) -> Result<Option<(SteamId, SteamId, Vec<u8>)>> {
    let Some(rest) = lines.next_after("signal ") else {
        return Ok(None);
    };
    let mut words = rest.split(' ');
    let mut word = || words.next().context("a short signal");
    let from = SteamId::from_raw(word()?.parse()?);
    let to = SteamId::from_raw(word()?.parse()?);
    let hex = word()?;
    let payload = (0..hex.len() / 2)
        .map(|at| u8::from_str_radix(&hex[2 * at..2 * at + 2], 16))
        .collect::<Result<_, _>>()?;
    Ok(Some((from, to, payload)))
}

/// A user that is connected to the other process's.
pub(super) fn connected(lines: &mut Lines) -> Result<(Runtime, User, SteamId)> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let mut user = {
        let _inside = runtime.enter();
        User::new(Identity::generate())?
    };
    lines.say(&format!("id {}", user.id.raw()))?;
    let peer = SteamId::from_raw(lines.wait("id")?.parse()?);
    user.send(peer, true, b"hello");
    let end = Instant::now() + PATIENCE;
    let mut greeted = false;
    while !(greeted && user.is_connected(peer)) {
        introduce(&mut user, lines)?;
        while let Some((from, _, payload)) = next_signal(lines)? {
            user.signal(from, &payload);
        }
        runtime.block_on(user.turn(Duration::from_millis(1)));
        greeted |= receive(&user.sessions, &mut |_| {});
        if Instant::now() > end {
            bail!("the two users do not connect");
        }
    }
    Ok((runtime, user, peer))
}

pub(super) struct Samovar {
    /// For its registration of the socket.
    _runtime: Runtime,
    user: User,
    peer: SteamId,
    /// The time of the tick, as games and ENet have it.
    now: Instant,
    /// When the driver is due again.
    due: Option<Instant>,
}

impl Samovar {
    pub(super) fn connect(lines: &mut Lines) -> Result<Self> {
        let (runtime, user, peer) = connected(lines)?;
        Ok(Self {
            _runtime: runtime,
            user,
            peer,
            now: Instant::now(),
            due: None,
        })
    }
}

impl Transport for Samovar {
    fn send(&mut self, reliable: bool, message: &[u8]) -> bool {
        send(&self.user.sessions, self.peer, reliable, message, self.now)
    }

    fn flush(&mut self) -> Result<()> {
        let now = Instant::now();
        self.user.driver.endpoint().pump(now);
        self.user.driver.flush();
        // What was sent may have to be sent again sooner than what was due before.
        self.due = self.due.map(|due| due.min(now + AT_LEAST_EVERY));
        Ok(())
    }

    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        self.now = Instant::now();
        if !wait.is_zero() {
            let due = self.due.map(|due| due.saturating_duration_since(self.now));
            wait_for(
                self.user.driver.socket(),
                false,
                due.map_or(wait, |due| wait.min(due)),
            )?;
        }
        self.due = self.user.driver.work();
        receive(&self.user.sessions, take);
        Ok(())
    }
}
