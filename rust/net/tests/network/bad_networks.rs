//! Messages over bad networks, made by the product's own conditions, which every packet meets where it arrives.

use std::time::{Duration, Instant};

use samovar_net::{Api, Conditions, SendError};

use super::harness::{Net, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);

fn lag(ms: u32) -> Conditions {
    Conditions {
        lag: MS * ms,
        ..Conditions::default()
    }
}

/// A pair whose packets meet the conditions in both directions, in a session.
fn pair(seed: u64, conditions: Conditions) -> Net {
    let mut net = Net::pair(seed);
    net.latency = Duration::ZERO;
    for node in &mut net.nodes {
        node.endpoint
            .set_conditions(Conditions::default(), conditions);
    }
    net.send(0, 1, Api::P2p, 0, reliable(), b"may I?");
    let asked = |net: &mut Net| net.requested(1, 0, Api::P2p) > 0;
    assert!(net.run_until(Duration::from_secs(5), asked));
    assert!(net.accept(1, 0, Api::P2p));
    net.until_connected(0, 1, Api::P2p);
    let arrived = |net: &mut Net| net.receive(1, Api::P2p, 0).is_some();
    assert!(net.run_until(Duration::from_secs(10), arrived));
    net
}

fn message(channel: u32, number: u32) -> Vec<u8> {
    let len = 4 + (number as usize * 131) % 3000;
    let mut data = number.to_be_bytes().to_vec();
    data.resize(len, (channel * 7 + number).to_le_bytes()[0]);
    data
}

/// Every reliable message arrives once, in order, byte for byte, both ways.
fn carries_everything(what: &str, seed: u64, conditions: Conditions) {
    const MESSAGES: u32 = 120;
    let mut net = pair(seed, conditions);
    let mut got: [[Vec<bytes::Bytes>; 2]; 2] = Default::default();
    let collect = |net: &mut Net, got: &mut [[Vec<bytes::Bytes>; 2]; 2]| {
        for (node, got) in got.iter_mut().enumerate() {
            for (channel, got) in (1..).zip(got) {
                got.extend(net.receive_all(node, Api::P2p, channel));
            }
        }
    };
    for number in 0..MESSAGES {
        for (from, to) in [(0, 1), (1, 0)] {
            for channel in [1, 2] {
                let data = message(channel, number);
                net.send(from, to, Api::P2p, channel, reliable(), &data);
            }
        }
        net.run(10 * MS);
        collect(&mut net, &mut got);
    }
    let all = net.run_until(Duration::from_secs(60), |net| {
        collect(net, &mut got);
        got.iter().flatten().map(Vec::len).sum::<usize>() == 4 * MESSAGES as usize
    });
    assert!(all, "{what}: {:?}", got.map(|got| got.map(|got| got.len())));
    net.run(Duration::from_secs(2));
    collect(&mut net, &mut got);
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
fn reliable_messages_come_through_loss_and_lag() {
    for (seed, loss_percent) in (1..).zip([0.0, 1.0, 2.0, 5.0, 10.0, 20.0, 40.0]) {
        for ms in [0, 10, 50, 100, 400] {
            let conditions = Conditions {
                loss_percent,
                ..lag(ms)
            };
            eprintln!("{loss_percent} %, {ms} ms");
            carries_everything(&format!("{loss_percent} %, {ms} ms"), seed, conditions);
        }
    }
}

#[test]
fn reliable_messages_come_through_disorder() {
    let conditions = [
        (
            "jitter",
            Conditions {
                jitter_average: 20 * MS,
                jitter_max: 100 * MS,
                jitter_percent: 50.0,
                ..lag(30)
            },
        ),
        (
            "30 % overtaken",
            Conditions {
                reorder_percent: 30.0,
                reorder_delay: 40 * MS,
                ..lag(20)
            },
        ),
        (
            "50 % twice",
            Conditions {
                duplicate_percent: 50.0,
                duplicate_delay_max: 50 * MS,
                ..lag(20)
            },
        ),
        (
            "all at once",
            Conditions {
                loss_percent: 10.0,
                jitter_average: 10 * MS,
                jitter_max: 50 * MS,
                jitter_percent: 30.0,
                reorder_percent: 10.0,
                duplicate_percent: 10.0,
                ..lag(40)
            },
        ),
        (
            "a narrow line",
            Conditions {
                rate_bytes_per_second: 100_000,
                rate_burst_bytes: 4096,
                ..lag(20)
            },
        ),
    ];
    for (seed, (what, conditions)) in (50..).zip(conditions) {
        carries_everything(what, seed, conditions);
    }
}

/// How much of its rate a sender that always has something to send gets across, and its largest second on the wire, both
/// in parts of the rate.
fn backlogged(rate: u32, conditions: Conditions) -> (f64, f64) {
    const WARM_UP: Duration = Duration::from_secs(3);
    // At 20 % what is missing of a stream holds up what came behind it for about a second, more at some times than at
    // others: over a minute that is a percent.
    let span = Duration::from_secs(if conditions.loss_percent < 20.0 {
        20
    } else {
        60
    });
    let mut net = Net::pair(7);
    net.latency = Duration::ZERO;
    for node in &mut net.nodes {
        node.endpoint
            .set_conditions(Conditions::default(), conditions);
        node.endpoint.set_send_rates(rate, rate);
    }
    net.meet(0, 1, Api::P2p);
    net.wire = Some(Vec::new());
    let start = net.now;
    let mut received = 0;
    while net.now < start + WARM_UP + span {
        loop {
            match net.try_send(0, 1, Api::P2p, 0, reliable(), &[7; 1024]) {
                Ok(()) => {}
                Err(SendError::LimitExceeded) => break,
                Err(error) => panic!("{error}"),
            }
        }
        net.run(10 * MS);
        let bytes: usize = net
            .receive_all(1, Api::P2p, 0)
            .iter()
            .map(bytes::Bytes::len)
            .sum();
        if net.now > start + WARM_UP {
            received += bytes;
        }
    }
    let sender = net.nodes[0].addr;
    let wire: Vec<(Instant, usize)> = net
        .wire
        .take()
        .unwrap()
        .into_iter()
        .filter(|(_, from, _)| *from == sender)
        .map(|(at, _, len)| (at, len))
        .collect();
    let (mut worst, mut sum, mut first) = (0, 0, 0);
    for (at, len) in &wire {
        sum += len;
        while wire[first].0 + Duration::from_secs(1) <= *at {
            sum -= wire[first].1;
            first += 1;
        }
        worst = worst.max(sum);
    }
    let part = |bytes: usize, seconds: f64| {
        f64::from(u32::try_from(bytes).unwrap()) / (f64::from(rate) * seconds)
    };
    (part(received, span.as_secs_f64()), part(worst, 1.0))
}

/// GameNetworkingSockets' own test conditions: bytes a second, loss in percent, one-way lag in ms, overtaken packets in
/// percent and by how many ms.
const GNS: [(u32, u8, u32, u8, u32); 9] = [
    (128_000, 10, 50, 2, 50),
    (1_000_000, 5, 10, 1, 10),
    (2_000_000, 0, 50, 30, 40),
    (64_000, 20, 100, 4, 50),
    (1_000_000, 20, 100, 4, 10),
    (1_000_000, 2, 5, 2, 1),
    (500_000, 20, 100, 4, 30),
    (1_000_000, 1, 25, 1, 10),
    (1_000_000, 5, 50, 2, 50),
];

#[test]
fn a_rate_is_held_and_used() {
    let mut bad = Vec::new();
    for (rate, loss, lag_ms, reordered, reorder_ms) in GNS {
        let conditions = Conditions {
            loss_percent: f32::from(loss),
            reorder_percent: f32::from(reordered),
            reorder_delay: MS * reorder_ms,
            ..lag(lag_ms)
        };
        let (received, worst) = backlogged(rate, conditions);
        let of_possible = received / (1.0 - f64::from(loss) / 100.0);
        let line = format!(
            "{rate} B/s, {loss} %, {lag_ms} ms, {reordered} % @ {reorder_ms} ms: {:.1} % of what is possible, \
             worst second {:.1} % of the rate",
            of_possible * 100.0,
            worst * 100.0
        );
        println!("{line}");
        if of_possible < 0.95 || worst > 1.05 {
            bad.push(line);
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

/// The 99th percentile of how long unreliable messages of one datagram take, 60 a second, among a reliable stream.
fn unreliable_p99(conditions: Conditions, backlog: bool) -> Duration {
    let mut net = pair(11, conditions);
    let start = net.now;
    let mut sent = Vec::new();
    let mut delays = Vec::new();
    for number in 0..1200_u32 {
        sent.push(net.now);
        net.send(0, 1, Api::P2p, 3, unreliable(), &number.to_be_bytes());
        if backlog {
            // About half of the least rate.
            net.send(0, 1, Api::P2p, 4, reliable(), &[1; 2000]);
        }
        let until = start + (number + 1) * Duration::from_micros(16_667);
        while net.now < until {
            net.run(MS.min(until - net.now));
            for data in net.receive_all(1, Api::P2p, 3) {
                let number = u32::from_be_bytes(data[..].try_into().unwrap());
                delays.push(net.now - sent[number as usize]);
            }
            net.receive_all(1, Api::P2p, 4);
        }
    }
    delays.sort_unstable();
    assert!(delays.len() > 700, "{}", delays.len());
    delays[delays.len() * 99 / 100]
}

#[test]
fn unreliable_messages_wait_for_nobody() {
    for loss_percent in [0.0, 5.0, 20.0] {
        for ms in [0, 10, 50, 100] {
            for backlog in [false, true] {
                let conditions = Conditions {
                    loss_percent,
                    ..lag(ms)
                };
                let p99 = unreliable_p99(conditions, backlog);
                // A millisecond of it is the test's own: it looks that often.
                let bar = (MS * ms).mul_f64(1.2).max(MS * (ms + 2)) + MS;
                println!("{loss_percent} %, {ms} ms, backlog {backlog}: p99 {p99:?}");
                assert!(p99 <= bar, "{loss_percent} %, {ms} ms, {backlog}: {p99:?}");
            }
        }
    }
}
