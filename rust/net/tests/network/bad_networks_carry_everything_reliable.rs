//! Every reliable message arrives once, in order, byte for byte, whatever the network does short of failing.

use std::time::Duration;

use bytes::Bytes;
use samovar_net::{Conditions, Flow};

use super::harness::{Net, reliable};
use super::road::{Bottleneck, Bursts, Road};

pub(crate) const MS: Duration = Duration::from_millis(1);
/// One-way lags in milliseconds.
const LAGS: [u32; 5] = [0, 10, 50, 100, 400];

pub(crate) fn lag(ms: u32) -> Conditions {
    Conditions {
        lag: MS * ms,
        ..Conditions::default()
    }
}

/// A pair in a session, on this road and then, where packets arrive, under these conditions, both ways.
pub(crate) fn pair(seed: u64, road: Road, conditions: Conditions) -> Net {
    let mut net = Net::pair(seed);
    net.latency = Duration::ZERO;
    net.road = road;
    for node in &mut net.nodes {
        node.endpoint
            .set_conditions(Conditions::default(), conditions);
    }
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    let asked = |net: &mut Net| net.requested(1, 0, Flow::P2p) > 0;
    assert!(net.run_until(Duration::from_secs(5), asked));
    assert!(net.accept(1, 0, Flow::P2p));
    let arrived = |net: &mut Net| net.receive(1, Flow::P2p, 0).is_some();
    assert!(net.run_until(Duration::from_secs(20), arrived));
    net
}

fn message(channel: u32, number: u32) -> Vec<u8> {
    let len = 4 + (number as usize * 131) % 3000;
    let mut data = number.to_be_bytes().to_vec();
    data.resize(len, (channel * 7 + number).to_le_bytes()[0]);
    data
}

/// Sends both ways on two channels, and looks at what arrives.
fn carries_everything(what: &str, seed: u64, road: Road, conditions: Conditions) {
    let mut net = pair(seed, road, conditions);
    exchange(what, &mut net, |_, _| {});
}

/// 120 messages each way on each of two channels, about 1.5 kB each, in 1.2 s; `meanwhile` is called before each.
pub(crate) fn exchange(what: &str, net: &mut Net, mut meanwhile: impl FnMut(&mut Net, u32)) {
    const MESSAGES: u32 = 120;
    let mut got: [[Vec<Bytes>; 2]; 2] = Default::default();
    let collect = |net: &mut Net, got: &mut [[Vec<Bytes>; 2]; 2]| {
        for (node, got) in got.iter_mut().enumerate() {
            for (channel, got) in (1..).zip(got) {
                got.extend(net.receive_all(node, Flow::P2p, channel));
            }
        }
    };
    for number in 0..MESSAGES {
        meanwhile(net, number);
        for (from, to) in [(0, 1), (1, 0)] {
            for channel in [1, 2] {
                let data = message(channel, number);
                net.send(from, to, Flow::P2p, channel, reliable(), &data);
            }
        }
        net.run(10 * MS);
        collect(net, &mut got);
    }
    let all = net.run_until(Duration::from_secs(60), |net| {
        collect(net, &mut got);
        got.iter().flatten().map(Vec::len).sum::<usize>() == 4 * MESSAGES as usize
    });
    assert!(all, "{what}: {:?}", got.map(|got| got.map(|got| got.len())));
    net.run(Duration::from_secs(2));
    collect(net, &mut got);
    for got in &got {
        for (channel, got) in (1..).zip(got) {
            let wanted: Vec<Vec<u8>> = (0..MESSAGES)
                .map(|number| message(channel, number))
                .collect();
            assert!(got == &wanted, "{what}: channel {channel}");
        }
    }
}

#[test]
fn through_loss_and_lag() {
    for (seed, loss_percent) in (1..).zip([0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0]) {
        for ms in LAGS {
            let conditions = Conditions {
                loss_percent,
                ..lag(ms)
            };
            let what = format!("{loss_percent} %, {ms} ms");
            carries_everything(&what, seed, Road::default(), conditions);
        }
    }
}

#[test]
fn through_bursts_of_loss_and_lag() {
    for (seed, loss) in (20..).zip([0.01, 0.02, 0.05, 0.1, 0.2, 0.4]) {
        for ms in LAGS {
            for mean in [20 * MS, 100 * MS] {
                let road = Road {
                    bursts: Some(Bursts { loss, mean }),
                    ..Road::default()
                };
                let what = format!("{loss} in bursts of {mean:?}, {ms} ms");
                carries_everything(&what, seed, road, lag(ms));
            }
        }
    }
}

/// Where QUIC's time-outs, each twice the one before, are longer than the good times, the path's answers to probes tell it
/// when to go on. Without them some of these connections end.
#[test]
fn through_bursts_that_leave_no_time() {
    for seed in (0..40).map(|number| 25 + 1000 * number) {
        let road = Road {
            bursts: Some(Bursts {
                loss: 0.4,
                mean: 100 * MS,
            }),
            ..Road::default()
        };
        carries_everything(&format!("seed {seed}"), seed, road, lag(0));
    }
}

#[test]
fn through_jitter() {
    for (seed, loss_percent) in (40..).zip([0.0, 5.0]) {
        for (average, max) in [(2, 10), (20, 100), (50, 300)] {
            for jitter_percent in [10.0, 75.0] {
                let conditions = Conditions {
                    loss_percent,
                    jitter_average: MS * average,
                    jitter_max: MS * max,
                    jitter_percent,
                    ..lag(30)
                };
                let what = format!("{loss_percent} %, {jitter_percent} % by {average} to {max} ms");
                carries_everything(&what, seed, Road::default(), conditions);
            }
        }
    }
}

#[test]
fn overtaken_and_twice() {
    for (seed, loss_percent) in (50..).zip([0.0, 10.0]) {
        for (reorder_percent, duplicate_percent) in
            [(5.0, 0.0), (30.0, 0.0), (0.0, 50.0), (30.0, 50.0)]
        {
            for ms in [0, 20, 100] {
                let conditions = Conditions {
                    loss_percent,
                    reorder_percent,
                    reorder_delay: 40 * MS,
                    duplicate_percent,
                    duplicate_delay_max: 50 * MS,
                    ..lag(ms)
                };
                let what = format!(
                    "{loss_percent} %, {reorder_percent} % overtaken, {duplicate_percent} % twice, {ms} ms"
                );
                carries_everything(&what, seed, Road::default(), conditions);
            }
        }
    }
}

/// About 300 kB/s are offered in each direction: the two slower lines carry less than that, and less than the least rate.
#[test]
fn through_narrow_lines() {
    for bytes_per_second in [64_000.0, 200_000.0, 1_000_000.0] {
        for buffer in [8_000.0, 64_000.0, 1_000_000.0] {
            for loss_percent in [0.0, 5.0] {
                let road = Road {
                    bottleneck: Some(Bottleneck {
                        bytes_per_second,
                        buffer,
                    }),
                    ..Road::default()
                };
                let conditions = Conditions {
                    loss_percent,
                    ..lag(30)
                };
                let what = format!("{bytes_per_second} B/s, buffer {buffer}, {loss_percent} %");
                carries_everything(&what, 70, road, conditions);
            }
        }
    }
    // One that lets through what it can at once, and nothing later.
    let policed = Conditions {
        rate_bytes_per_second: 100_000,
        rate_burst_bytes: 4096,
        ..lag(20)
    };
    carries_everything("policed", 71, Road::default(), policed);
}

#[test]
fn through_everything_at_once() {
    for seed in 80..84 {
        let road = Road {
            bursts: Some(Bursts {
                loss: 0.05,
                mean: 50 * MS,
            }),
            bottleneck: Some(Bottleneck {
                bytes_per_second: 400_000.0,
                buffer: 40_000.0,
            }),
            largest: Some(1252),
        };
        let conditions = Conditions {
            loss_percent: 5.0,
            jitter_average: 10 * MS,
            jitter_max: 50 * MS,
            jitter_percent: 30.0,
            reorder_percent: 10.0,
            duplicate_percent: 10.0,
            ..lag(40)
        };
        carries_everything("all at once", seed, road, conditions);
    }
}
