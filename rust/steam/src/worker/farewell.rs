//! The polite end: others are told, so that nobody waits for a time-out.

use std::time::{Duration, Instant};

use samovar_lobby::ToDirectory;

use super::Worker;

/// How long what was said last gets to arrive.
const LINGER: Duration = Duration::from_millis(120);
/// How long the closing of connections gets to leave.
const CLOSE_LINGER: Duration = Duration::from_millis(20);

impl Worker {
    /// Leaves the lobbies, gives the machine's seat away and closes every connection.
    pub(super) async fn farewell(mut self) {
        let now = Instant::now();
        self.setup.shared.mirror.lock().hurry();
        self.exchange(now);
        if self.home.is_welcomed() {
            self.tell_directory(now, &ToDirectory::Bye);
        }
        self.exchange(now);
        self.linger(LINGER).await;
        // Freed before the links close: whoever loses its link finds the seat free.
        self.claim = None;
        self.driver.endpoint().shutdown(Instant::now());
        self.driver.flush();
        self.linger(CLOSE_LINGER).await;
    }

    async fn linger(&mut self, how_long: Duration) {
        let until = Instant::now() + how_long;
        // Who is alone has nobody to wait for.
        while Instant::now() < until && !self.driver.endpoint().is_alone() {
            let now = Instant::now();
            self.driver.endpoint().pump(now);
            self.driver.flush();
            tokio::select! {
                () = self.driver.turn(&self.setup.shared.wake) => {}
                () = tokio::time::sleep_until(until.into()) => {}
            }
            while self.driver.endpoint().poll_event().is_some() {}
        }
    }
}
