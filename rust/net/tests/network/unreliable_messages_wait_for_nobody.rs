//! Unreliable messages without Nagle, each of one datagram, arrive about as soon as the network can bring them.

use std::time::Duration;

use samovar_net::{Conditions, Flow};

use super::bad_networks_carry_everything_reliable::{MS, lag, pair};
use super::harness::{reliable, unreliable};
use super::road::{Bottleneck, Bursts, Road};

/// The bytes a second of a reliable stream beside them: nothing, and half of the least rate.
const BESIDE: [u32; 2] = [0, 128 * 1024];

/// The 99th percentile of how long they take, 60 a second for 20 s.
fn p99(road: Road, conditions: Conditions, beside: u32) -> Duration {
    const MESSAGES: u32 = 1200;
    let mut net = pair(11, road, conditions);
    let start = net.now;
    let mut sent = Vec::new();
    let mut delays = Vec::new();
    let chunk = vec![1; beside as usize / 60];
    for number in 0..MESSAGES {
        sent.push(net.now);
        net.send(0, 1, Flow::P2p, 3, unreliable(), &number.to_be_bytes());
        if beside > 0 {
            // What is not taken any more makes the stream no less full.
            let _ = net.try_send(0, 1, Flow::P2p, 4, reliable(), &chunk);
        }
        let until = start + (number + 1) * Duration::from_micros(16_667);
        net.run_until(until.saturating_duration_since(net.now), |net| {
            for data in net.receive_all(1, Flow::P2p, 3) {
                let number = u32::from_be_bytes(data[..].try_into().unwrap());
                delays.push(net.now - sent[number as usize]);
            }
            net.receive_all(1, Flow::P2p, 4);
            false
        });
    }
    delays.sort_unstable();
    let least = MESSAGES as usize / 3;
    assert!(
        delays.len() > least,
        "{} of {MESSAGES} arrived",
        delays.len()
    );
    delays[delays.len() * 99 / 100]
}

/// What they may take on a network on which a packet takes so long at most.
fn bar(lag_and_jitter: Duration) -> Duration {
    lag_and_jitter.mul_f64(1.2).max(lag_and_jitter + 2 * MS)
}

fn is_soon(what: &str, road: Road, conditions: Conditions, jitter: Duration) {
    for beside in BESIDE {
        let p99 = p99(road, conditions, beside);
        let bar = bar(conditions.lag + jitter);
        println!("{what}, {beside} B/s beside: p99 {p99:?} of {bar:?}");
        assert!(p99 <= bar, "{what}, {beside} B/s beside: {p99:?}");
    }
}

#[test]
fn through_loss_and_lag() {
    for loss_percent in [0.0, 1.0, 2.0, 5.0, 10.0, 20.0] {
        for ms in [0, 10, 50, 100, 400] {
            let conditions = Conditions {
                loss_percent,
                ..lag(ms)
            };
            let what = format!("{loss_percent} %, {ms} ms");
            is_soon(&what, Road::default(), conditions, Duration::ZERO);
        }
    }
}

#[test]
fn through_bursts_of_loss_and_lag() {
    for loss in [0.02, 0.1, 0.2] {
        for ms in [10, 100] {
            let road = Road {
                bursts: Some(Bursts {
                    loss,
                    mean: 50 * MS,
                }),
                ..Road::default()
            };
            let what = format!("{loss} in bursts, {ms} ms");
            is_soon(&what, road, lag(ms), Duration::ZERO);
        }
    }
}

#[test]
fn through_jitter_and_disorder() {
    for (loss_percent, ms) in [(0.0, 10), (0.0, 50), (10.0, 50)] {
        let jitter = Conditions {
            loss_percent,
            jitter_average: 5 * MS,
            jitter_max: 20 * MS,
            jitter_percent: 50.0,
            ..lag(ms)
        };
        let what = format!("jitter, {loss_percent} %, {ms} ms");
        is_soon(&what, Road::default(), jitter, 20 * MS);
        let disorder = Conditions {
            loss_percent,
            reorder_percent: 30.0,
            reorder_delay: 15 * MS,
            duplicate_percent: 50.0,
            duplicate_delay_max: 20 * MS,
            ..lag(ms)
        };
        let what = format!("disorder, {loss_percent} %, {ms} ms");
        is_soon(&what, Road::default(), disorder, 35 * MS);
    }
}

fn line(bytes_per_second: f64, buffer: f64) -> Road {
    Road {
        bottleneck: Some(Bottleneck {
            bytes_per_second,
            buffer,
        }),
        ..Road::default()
    }
}

/// What is offered and the least rate are below what the line carries: then nothing waits there, however large its
/// buffer is.
#[test]
fn on_lines_that_carry_what_is_offered() {
    for bytes_per_second in [320_000.0, 1_000_000.0] {
        for buffer in [16_000.0, 1_000_000.0] {
            for ms in [10, 50] {
                let what = format!("{bytes_per_second} B/s, buffer {buffer}, {ms} ms");
                is_soon(
                    &what,
                    line(bytes_per_second, buffer),
                    lag(ms),
                    Duration::ZERO,
                );
            }
        }
    }
}

/// Where more is offered, or must be sent, than the line carries, the figure is what it is; the messages still come.
#[test]
fn on_lines_that_do_not() {
    for (bytes_per_second, beside) in [
        (128_000.0, 0),
        (128_000.0, 128 * 1024),
        (512_000.0, 600_000),
    ] {
        for buffer in [16_000.0, 1_000_000.0] {
            let p99 = p99(line(bytes_per_second, buffer), lag(30), beside);
            println!(
                "{bytes_per_second} B/s, buffer {buffer}, 30 ms, {beside} B/s beside: p99 {p99:?}"
            );
            // A full buffer, and no more.
            let most = bar(30 * MS) + Duration::from_secs_f64(buffer / bytes_per_second);
            assert!(
                p99 <= most + 20 * MS,
                "{bytes_per_second} B/s, {beside} B/s beside: {p99:?}"
            );
        }
    }
}
