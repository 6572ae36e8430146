//! What the network does, all of it together: for a graph.

use std::sync::atomic::Ordering;
use std::time::Duration;

use crate::client::Steam;

/// What is measured over all peers that there is a connection with.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct NetworkTotals {
    /// How many peers those are.
    pub peers: usize,
    /// How many sessions and connections there are, with those that are over and not forgotten.
    pub sessions: usize,
    /// The longest of the round trips, smoothed, in milliseconds; 0 where there is none.
    pub round_trip_ms: f64,
    /// How many of a hundred packets to the peer with the worst connection have been lost in the last seconds.
    pub loss_percent: f64,
    /// Bytes sent a second.
    pub bytes_out_per_second: f64,
    /// Bytes received a second.
    pub bytes_in_per_second: f64,
    /// Whether this process keeps the directory of lobbies.
    pub keeps_directory: bool,
}

impl Steam {
    /// What the network does now. It is measured anew a few times a second.
    pub fn network_totals(&self) -> NetworkTotals {
        let sessions = self.shared.sessions.lock();
        let mut totals = NetworkTotals {
            sessions: sessions.session_count(),
            keeps_directory: self.shared.keeps_directory.load(Ordering::Relaxed),
            ..NetworkTotals::default()
        };
        let mut longest = Duration::ZERO;
        for (_, link) in sessions.links() {
            totals.peers += 1;
            let Some(link) = link else { continue };
            longest = longest.max(link.rtt.unwrap_or_default());
            let quality = link.remote_quality.unwrap_or(100).min(100);
            totals.loss_percent = totals.loss_percent.max(f64::from(100 - quality));
            totals.bytes_out_per_second += link.bytes_out_per_second;
            totals.bytes_in_per_second += link.bytes_in_per_second;
        }
        totals.round_trip_ms = longest.as_secs_f64() * 1000.0;
        totals
    }
}
