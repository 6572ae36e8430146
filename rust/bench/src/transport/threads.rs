//! samovar-net on a thread of its own, as games have it.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};

use anyhow::Result;
use parking_lot::Mutex;
use samovar_id::SteamId;
use samovar_net::{Sessions, Wake};

use super::Transport;
use super::samovar::{connected, receive, send};
use crate::process::Lines;

pub(super) struct Threads {
    sessions: Arc<Mutex<Sessions>>,
    wake: Arc<Wake>,
    peer: SteamId,
    stop: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Threads {
    pub(super) fn connect(lines: &mut Lines) -> Result<Self> {
        let (runtime, mut user, peer) = connected(lines)?;
        let (sessions, wake) = (Arc::clone(&user.sessions), Arc::clone(&user.wake));
        let stop = Arc::new(AtomicBool::new(false));
        let thread = {
            let stop = Arc::clone(&stop);
            thread::spawn(move || {
                runtime.block_on(async move {
                    while !stop.load(Ordering::Acquire) {
                        user.driver.turn(&user.wake).await;
                    }
                });
            })
        };
        Ok(Self {
            sessions,
            wake,
            peer,
            stop,
            thread: Some(thread),
        })
    }
}

impl Transport for Threads {
    fn send(&mut self, reliable: bool, message: &[u8]) -> bool {
        let sent = send(&self.sessions, self.peer, reliable, message, Instant::now());
        self.wake.notify();
        sent
    }

    fn flush(&mut self) -> Result<()> {
        Ok(())
    }

    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()> {
        let end = Instant::now() + wait;
        loop {
            if receive(&self.sessions, take) {
                self.wake.notify();
                return Ok(());
            }
            if Instant::now() >= end {
                return Ok(());
            }
            // A game looks once in a frame; here it is as good as always.
            thread::yield_now();
        }
    }
}

impl Drop for Threads {
    fn drop(&mut self) {
        self.stop.store(true, Ordering::Release);
        self.wake.notify();
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}
