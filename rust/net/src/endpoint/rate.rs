//! How fast a connection with a peer sends: at least at a configured rate, faster while the path shows that it can.
//!
//! Steam's knobs are `SendRateMin` and `SendRateMax`. Loss alone slows nothing down: on a radio link it says little, and
//! a game's traffic is small. A queue on the way does, since everything behind it is late. [`Bucket`] holds packets back
//! to the rate; the window that QUIC knows only bounds what is on the way.

use std::any::Any;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use quinn_proto::congestion::{Controller, ControllerFactory, ControllerMetrics};
use quinn_proto::{Connection, RttEstimator};

/// After what part of a round trip a packet is lost of which nothing was heard, while later ones have arrived. More than
/// the 9/8 of RFC 9002, so that a packet that is only overtaken is not sent twice.
pub(super) const LOSS_AFTER_ROUND_TRIPS: f32 = 1.75;
/// How many later packets must have arrived for a packet to be lost at once. Practically never: order says nothing.
pub(super) const LOSS_AFTER_PACKETS: u32 = 100_000;
/// The least that may be on the way, in packets.
const MIN_WINDOW_PACKETS: u64 = 10;
/// How long a round, after which the rate is looked at, takes at least.
const MIN_ROUND: Duration = Duration::from_millis(10);
/// How long the shortest round trip is believed; twice that at most.
const MIN_RTT_LIFE: Duration = Duration::from_secs(5);
/// The longest round trip for which the window makes room at the least rate.
const MAX_QUEUED_RTT: Duration = Duration::from_secs(2);
/// For how long nothing may be heard before the window holds up what goes at the least rate: a radio fades for so long, and
/// what is sent meanwhile is lost rather than late.
const MAX_FADE: Duration = Duration::from_millis(250);
/// The most bytes that may be on the way beyond what the shortest round trip needs, where it is faster than the least rate:
/// what the other side's socket keeps while nobody reads it.
const MAX_MORE_BYTES: f64 = 512.0 * 1024.0;
/// A delay by less than this is no queue.
const QUEUE: Duration = Duration::from_millis(5);
/// More than this part of the packets lost is too much to go faster than the least rate.
const MAX_LOSS: f64 = 0.02;
/// How much a round lets the rate grow: at first, and after the first time that it was too much.
const GROWTH_AT_FIRST: f64 = 2.0;
const GROWTH: f64 = 1.125;
/// What remains of the rate that arrived, when there is a queue to be drained.
const DRAIN: f64 = 0.85;

/// The bounds of the rate, which may change at any time.
#[derive(Debug)]
pub(super) struct Rates {
    min: AtomicU64,
    max: AtomicU64,
}

impl Rates {
    pub(super) fn new(min: u32, max: u32) -> Self {
        let rates = Self {
            min: AtomicU64::new(0),
            max: AtomicU64::new(0),
        };
        rates.set(min, max);
        rates
    }

    /// In bytes a second; the larger of the two counts as the most.
    pub(super) fn set(&self, min: u32, max: u32) {
        let min = min.max(1024);
        self.min.store(u64::from(min), Ordering::Relaxed);
        self.max.store(u64::from(max.max(min)), Ordering::Relaxed);
    }

    fn clamp(&self, rate: f64) -> f64 {
        // Rates are of 32 bits.
        #[allow(clippy::cast_precision_loss)]
        let bound = |bound: &AtomicU64| bound.load(Ordering::Relaxed) as f64;
        rate.clamp(bound(&self.min), bound(&self.max))
    }
}

/// Makes a [`RateController`] for each connection.
pub(super) struct RateFactory(pub(super) Arc<Rates>);

impl ControllerFactory for RateFactory {
    fn build(self: Arc<Self>, now: Instant, current_mtu: u16) -> Box<dyn Controller> {
        let mut controller = RateController {
            rates: Arc::clone(&self.0),
            mtu: u64::from(current_mtu),
            rate: 0.0,
            at_first: true,
            rtt: super::INITIAL_RTT,
            rtt_var: super::INITIAL_RTT / 8,
            is_measured: false,
            min_rtt: [super::INITIAL_RTT; 2],
            min_rtt_since: now,
            round: Round::new(now),
            calls: Arc::default(),
            window: 0,
        };
        controller.set_window();
        Box::new(controller)
    }
}

/// The path answers, of which nothing was heard: whatever waits for a time-out, which doubles each time, need not.
pub(super) fn revive(connection: &mut Connection) {
    let controller = connection.congestion_state().clone_box().into_any();
    if let Ok(controller) = controller.downcast::<RateController>() {
        controller.calls.fetch_add(1, Ordering::Relaxed);
    }
    connection.ping();
}

/// What is counted between two looks at the rate.
#[derive(Clone, Copy, Debug)]
struct Round {
    since: Instant,
    acked: u64,
    lost: u64,
    min_rtt: Duration,
    /// Whether the game has at some time had nothing to send.
    app_limited: bool,
}

impl Round {
    fn new(now: Instant) -> Self {
        Self {
            since: now,
            acked: 0,
            lost: 0,
            min_rtt: Duration::MAX,
            app_limited: false,
        }
    }
}

#[derive(Clone, Debug)]
struct RateController {
    rates: Arc<Rates>,
    mtu: u64,
    /// In bytes a second, before it is put between the bounds.
    rate: f64,
    at_first: bool,
    rtt: Duration,
    rtt_var: Duration,
    /// Whether there was a round trip yet.
    is_measured: bool,
    /// The shortest round trip of late, and of the time before that.
    min_rtt: [Duration; 2],
    min_rtt_since: Instant,
    round: Round,
    /// How often the path has answered since a packet was acknowledged: each time the window opens once more. Shared by
    /// all clones.
    calls: Arc<AtomicU64>,
    /// In bytes; as it was when something was last acknowledged, since it is asked for each packet.
    window: u64,
}

impl RateController {
    fn min_rtt(&self) -> Duration {
        self.min_rtt[0].min(self.min_rtt[1])
    }

    fn rate(&self) -> f64 {
        self.rates.clamp(self.rate)
    }

    /// Works out the window anew.
    fn set_window(&mut self) {
        // What is lost counts as on the way until that is known.
        let round_trips =
            |rate: f64, rtt: Duration| rate * rtt.mul_f32(LOSS_AFTER_ROUND_TRIPS).as_secs_f64();
        let more = |rate: f64, more: Duration| {
            round_trips(rate, self.rtt_var * 4) + rate * more.as_secs_f64()
        };
        // The least rate is kept whatever the queue that somebody else makes; what is faster makes none of its own.
        let least = self.rates.clamp(0.0);
        let least = round_trips(least, self.rtt.min(MAX_QUEUED_RTT)) + more(least, MAX_FADE);
        let rate = self.rate();
        let bytes = round_trips(rate, self.min_rtt()) + more(rate, MIN_ROUND).min(MAX_MORE_BYTES);
        let bytes = bytes.max(least);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // Saturates.
        let bytes = bytes as u64;
        self.window = bytes.max(MIN_WINDOW_PACKETS * self.mtu);
    }

    fn end_round(&mut self, now: Instant) {
        let seconds = now
            .saturating_duration_since(self.round.since)
            .as_secs_f64()
            .max(1e-3);
        // Bytes of a round are far below 2^52.
        #[allow(clippy::cast_precision_loss)]
        let (acked, lost) = (self.round.acked as f64, self.round.lost as f64);
        let queue = self.round.min_rtt.saturating_sub(self.min_rtt());
        let is_queued = queue > QUEUE.max(self.min_rtt() / 8);
        let is_lossy = lost > MAX_LOSS * (acked + lost);
        let rate = self.rate();
        // The acknowledgements of single packets are delayed on purpose, as by a queue.
        let is_queued = is_queued && !self.round.app_limited;
        if is_lossy || is_queued {
            let drain = if is_queued { DRAIN } else { 1.0 };
            self.at_first = false;
            self.rate = (acked / seconds * drain).min(rate);
        } else if acked / seconds > rate / 2.0 {
            let growth = if self.at_first {
                GROWTH_AT_FIRST
            } else {
                GROWTH
            };
            self.rate = rate * growth;
        }
        self.rate = self.rate();
        self.round = Round::new(now);
    }
}

impl Controller for RateController {
    fn on_ack(
        &mut self,
        now: Instant,
        sent: Instant,
        bytes: u64,
        app_limited: bool,
        rtt: &RttEstimator,
    ) {
        let sample = now.saturating_duration_since(sent);
        self.rtt_var = (self.rtt_var * 3 + sample.abs_diff(rtt.get())) / 4;
        self.rtt = rtt.get();
        // The smoothed one is without the time for which the peer has held its acknowledgement back: that is no queue.
        let sample = sample.min(self.rtt);
        if !self.is_measured {
            self.is_measured = true;
            self.min_rtt = [sample; 2];
        }
        if now.saturating_duration_since(self.min_rtt_since) > MIN_RTT_LIFE {
            self.min_rtt = [sample, self.min_rtt[0]];
            self.min_rtt_since = now;
        }
        self.min_rtt[0] = self.min_rtt[0].min(sample);
        self.calls.store(0, Ordering::Relaxed);
        self.round.acked += bytes;
        self.round.min_rtt = self.round.min_rtt.min(sample);
        self.round.app_limited |= app_limited;
    }

    fn on_end_acks(
        &mut self,
        now: Instant,
        _in_flight: u64,
        _app_limited: bool,
        _largest_packet_num_acked: Option<u64>,
    ) {
        let is_over = now.saturating_duration_since(self.round.since) >= self.rtt.max(MIN_ROUND);
        // Acknowledgements of acknowledgements alone say nothing.
        if is_over && self.round.acked > 0 {
            self.end_round(now);
        }
        self.set_window();
    }

    fn on_congestion_event(
        &mut self,
        _now: Instant,
        _sent: Instant,
        _is_persistent_congestion: bool,
        lost_bytes: u64,
    ) {
        self.round.lost += lost_bytes;
    }

    fn on_mtu_update(&mut self, new_mtu: u16) {
        self.mtu = u64::from(new_mtu);
        self.set_window();
    }

    fn window(&self) -> u64 {
        let calls = self.calls.load(Ordering::Relaxed);
        self.window.saturating_mul(1 + calls)
    }

    fn metrics(&self) -> ControllerMetrics {
        let mut metrics = ControllerMetrics::default();
        metrics.congestion_window = self.window();
        // In bits, as it is for qlog.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let bits = (self.rate() * 8.0) as u64;
        metrics.pacing_rate = Some(bits);
        metrics
    }

    fn clone_box(&self) -> Box<dyn Controller> {
        Box::new(self.clone())
    }

    fn initial_window(&self) -> u64 {
        self.window()
    }

    fn into_any(self: Box<Self>) -> Box<dyn Any> {
        self
    }
}

/// Lets packets go at the rate of their connection.
#[derive(Debug)]
pub(super) struct Bucket {
    /// Bytes that may go; below 0 after a packet that was larger than what was left.
    tokens: f64,
    at: Instant,
    /// The most room that there was for datagrams.
    most_room: usize,
}

/// What may go at once after a pause: so much time's worth, or a packet.
const BURST: Duration = Duration::from_millis(10);
const MIN_BURST_BYTES: f64 = 1500.0;
/// The most of it: what a socket's buffer takes where nobody has made it larger, and the other side is slow to read.
const MAX_BURST_BYTES: f64 = 96.0 * 1024.0;

impl Bucket {
    pub(super) fn new(now: Instant) -> Self {
        Self {
            tokens: MIN_BURST_BYTES,
            at: now,
            most_room: 0,
        }
    }

    /// Whether there is less room for datagrams than there was at some time: then some wait.
    pub(super) fn is_less_room(&mut self, room: usize) -> bool {
        self.most_room = self.most_room.max(room);
        room < self.most_room
    }

    /// How many packets of the given size may go now, or when the next one may. `urgent` when there is something that
    /// should not wait for what went before: it may go in advance, a burst's worth.
    pub(super) fn packets(
        &mut self,
        now: Instant,
        bytes_per_second: f64,
        packet: u16,
        urgent: bool,
    ) -> Result<usize, Instant> {
        let passed = now.saturating_duration_since(self.at).as_secs_f64();
        self.at = self.at.max(now);
        let most = (bytes_per_second * BURST.as_secs_f64()).clamp(MIN_BURST_BYTES, MAX_BURST_BYTES);
        self.tokens = (self.tokens + passed * bytes_per_second).min(most);
        let in_advance = if urgent { most } else { 0.0 };
        let free = self.tokens + in_advance;
        if free > 0.0 {
            // At most two bursts' worth of packets.
            #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
            let packets = (free / f64::from(packet.max(1))).ceil() as usize;
            return Ok(packets.max(1));
        }
        // A little later, so that it is certain that there is something.
        let wait = (1.0 - free) / bytes_per_second.max(1.0);
        Err(now + Duration::from_secs_f64(wait).max(Duration::from_nanos(1)))
    }

    /// So many bytes have gone.
    pub(super) fn take(&mut self, bytes: usize) {
        // Sizes of packets are exact in an f64.
        #[allow(clippy::cast_precision_loss)]
        let bytes = bytes as f64;
        self.tokens -= bytes;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bucket_lets_through_what_the_rate_allows_in_any_second() {
        for rate in [64_000.0, 256_000.0, 2_000_000.0] {
            let start = Instant::now();
            let mut bucket = Bucket::new(start);
            let mut sent = Vec::new();
            let mut now = start;
            while now < start + Duration::from_secs(3) {
                match bucket.packets(now, rate, 1400, false) {
                    Ok(packets) => {
                        bucket.take(1400);
                        assert!(packets > 0);
                        sent.push((now, 1400.0));
                    }
                    Err(at) => {
                        assert!(at > now);
                        now = at;
                    }
                }
            }
            for (from, _) in &sent {
                let window = sent
                    .iter()
                    .filter(|(at, _)| at >= from && *at < *from + Duration::from_secs(1));
                let bytes: f64 = window.map(|(_, bytes)| bytes).sum();
                assert!(bytes <= rate * 1.05, "{bytes} of {rate}");
            }
            let total: f64 = sent.iter().map(|(_, bytes)| bytes).sum();
            assert!(total >= rate * 3.0 * 0.99, "{total} of {}", rate * 3.0);
        }
    }

    /// As long as nothing is a time that has come: it would be waited for without end.
    #[test]
    fn at_the_highest_rate_there_is_a_wait_too() {
        let (mut now, rate) = (
            Instant::now(),
            f64::from(super::super::DEFAULT_SEND_RATE_MAX),
        );
        let mut bucket = Bucket::new(now);
        for _ in 0..1000 {
            while bucket.packets(now, rate, 1, false).is_ok() {
                bucket.take(1400);
            }
            let at = bucket
                .packets(now, rate, 1, false)
                .expect_err("nothing is left");
            assert!(at > now);
            now = at;
        }
    }

    #[test]
    fn what_is_urgent_goes_in_advance_a_burst_worth() {
        let (now, rate) = (Instant::now(), 256_000.0);
        let mut bucket = Bucket::new(now);
        assert!(bucket.packets(now, rate, 1400, false).is_ok());
        bucket.take(1600);
        assert!(bucket.packets(now, rate, 1400, false).is_err());
        assert_eq!(bucket.packets(now, rate, 1400, true), Ok(2));
        bucket.take(1400);
        assert_eq!(bucket.packets(now, rate, 1400, true), Ok(1));
        bucket.take(1400);
        assert!(bucket.packets(now, rate, 1400, true).is_err());
    }

    #[test]
    fn the_rate_stays_within_its_bounds() {
        let rates = Rates::new(100_000, 50_000);
        assert!((rates.clamp(0.0) - 100_000.0).abs() < 0.5);
        assert!((rates.clamp(1e12) - 100_000.0).abs() < 0.5);
        rates.set(0, 0);
        assert!((rates.clamp(0.0) - 1024.0).abs() < 0.5);
    }
}
