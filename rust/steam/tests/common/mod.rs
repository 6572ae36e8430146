//! Running users, and waiting for what they are told.

// Each test binary uses a part of this.
#![allow(dead_code)]

pub(crate) mod players;

use std::cell::RefCell;
use std::path::Path;
use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use samovar_steam::{Callback, StartConfig, Steam, SteamId};

/// Far longer than anything here takes on an idle machine.
const PATIENCE: Duration = Duration::from_secs(15);
const POLL: Duration = Duration::from_millis(2);

/// A user, and the callbacks that it got so far.
pub(crate) struct Game {
    pub(crate) steam: Arc<Steam>,
    seen: RefCell<Vec<Callback>>,
}

/// As many users as are asked for, on one machine.
pub(crate) fn games<const N: usize>(data_dir: &Path) -> [Game; N] {
    std::array::from_fn(|_| Game::start(data_dir))
}

impl Game {
    pub(crate) fn start(data_dir: &Path) -> Self {
        Self::start_with(data_dir, StartConfig::new(480))
    }

    pub(crate) fn start_with(data_dir: &Path, config: StartConfig) -> Self {
        let steam = Steam::start(StartConfig {
            lan: false,
            data_dir: Some(data_dir.to_owned()),
            p2p_timeout: Duration::from_secs(3),
            ..config
        });
        Self {
            steam: Arc::new(steam.expect("a started Steam")),
            seen: RefCell::default(),
        }
    }

    pub(crate) fn id(&self) -> SteamId {
        self.steam.steam_id()
    }

    /// Waits for a callback, which it takes out of those that were seen.
    pub(crate) fn wait<R>(&self, what: &str, wanted: impl FnMut(&Callback) -> Option<R>) -> R {
        self.wait_for(PATIENCE, what, wanted)
    }

    pub(crate) fn wait_for<R>(
        &self,
        patience: Duration,
        what: &str,
        mut wanted: impl FnMut(&Callback) -> Option<R>,
    ) -> R {
        let until = Instant::now() + patience;
        loop {
            while let Some(callback) = self.steam.next_callback() {
                self.seen.borrow_mut().push(callback);
            }
            let found = self
                .seen
                .borrow()
                .iter()
                .enumerate()
                .find_map(|(at, callback)| Some((at, wanted(callback)?)));
            if let Some((at, result)) = found {
                self.seen.borrow_mut().remove(at);
                return result;
            }
            assert!(
                Instant::now() < until,
                "no {what}; there were {:?}",
                self.seen.borrow()
            );
            thread::sleep(POLL);
        }
    }

    /// Waits until something is so.
    pub(crate) fn until(&self, what: &str, is_so: impl Fn() -> bool) {
        let until = Instant::now() + PATIENCE;
        while !is_so() {
            assert!(Instant::now() < until, "never: {what}");
            thread::sleep(POLL);
        }
    }

    /// Waits for a packet.
    pub(crate) fn packet(&self, channel: u32) -> Vec<u8> {
        let until = Instant::now() + PATIENCE;
        loop {
            if let Some(message) = self.steam.p2p_read(channel) {
                return message.data.to_vec();
            }
            assert!(Instant::now() < until, "no packet on channel {channel}");
            thread::sleep(POLL);
        }
    }

    /// Joins a lobby.
    pub(crate) fn join(&self, lobby: SteamId) {
        self.steam.join_lobby(lobby).expect("a join that is sent");
        self.wait("lobby_joined", |callback| match callback {
            Callback::LobbyJoined {
                lobby: joined,
                response,
                ..
            } if *joined == lobby => Some(*response),
            _ => None,
        });
    }
}
