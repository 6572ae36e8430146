//! A sender that always has something to send uses its rate, and no more.

use std::time::{Duration, Instant};

use samovar_net::{Conditions, Flow, SendError};

use super::bad_networks_carry_everything_reliable::{MS, lag};
use super::harness::{Net, reliable};

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
    net.meet(0, 1, Flow::P2p);
    net.wire = Some(Vec::new());
    let start = net.now;
    let mut received = 0;
    while net.now < start + WARM_UP + span {
        loop {
            match net.try_send(0, 1, Flow::P2p, 0, reliable(), &[7; 1024]) {
                Ok(()) => {}
                Err(SendError::LimitExceeded) => break,
                Err(error) => panic!("{error}"),
            }
        }
        net.run(10 * MS);
        let bytes: usize = net
            .receive_all(1, Flow::P2p, 0)
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
fn under_the_conditions_of_gamenetworkingsockets() {
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
