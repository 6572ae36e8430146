//! A bad network at the desk: packets lost, late, out of order, doubled and too many, as configured.
//!
//! What Steamworks calls `FakePacketLoss`, `FakePacketLag`, `FakePacketJitter`, `FakePacketReorder`, `FakePacketDup` and
//! `FakeRateLimit` (`steamnetworkingtypes.h`), for all packets of the process, links to directories and probes included.
//! Each direction has its own; with both sides on one computer, both apply to each packet.

mod line;

use std::time::Duration;

pub(crate) use line::Line;

/// What happens to the packets of one direction. The default changes nothing.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Conditions {
    /// Of 100 packets, how many are lost.
    pub loss_percent: f32,
    /// How much later each packet comes.
    pub lag: Duration,
    /// How much later on average, beyond that, the packets come which [`Conditions::jitter_percent`] are: the mean of an
    /// exponential distribution. Those behind them wait for them, so that this does not change the order.
    pub jitter_average: Duration,
    /// The most that one of them comes later. Without it there is no jitter.
    pub jitter_max: Duration,
    /// Of 100 packets, how many have a jitter of their own.
    pub jitter_percent: f32,
    /// Of 100 packets, how many come later than those behind them.
    pub reorder_percent: f32,
    /// How much later.
    pub reorder_delay: Duration,
    /// Of 100 packets, how many come twice.
    pub duplicate_percent: f32,
    /// The longest time between the two.
    pub duplicate_delay_max: Duration,
    /// How many bytes a second get through; what is more is lost. 0: all.
    pub rate_bytes_per_second: u32,
    /// How many bytes get through at once after a pause.
    pub rate_burst_bytes: u32,
}

impl Default for Conditions {
    fn default() -> Self {
        Self {
            loss_percent: 0.0,
            lag: Duration::ZERO,
            jitter_average: Duration::ZERO,
            // Here and below the defaults of GameNetworkingSockets.
            jitter_max: Duration::from_millis(100),
            jitter_percent: 75.0,
            reorder_percent: 0.0,
            reorder_delay: Duration::from_millis(15),
            duplicate_percent: 0.0,
            duplicate_delay_max: Duration::from_millis(10),
            rate_bytes_per_second: 0,
            rate_burst_bytes: 16 * 1024,
        }
    }
}

impl Conditions {
    /// Whether they change nothing.
    pub fn is_perfect(&self) -> bool {
        let jitter = self.jitter_percent > 0.0
            && !self.jitter_average.is_zero()
            && !self.jitter_max.is_zero();
        !jitter
            && self.loss_percent <= 0.0
            && self.lag.is_zero()
            && self.reorder_percent <= 0.0
            && self.duplicate_percent <= 0.0
            && self.rate_bytes_per_second == 0
    }
}
