//! A session that is accepted opens in the time that P2P gives it, though packets of the handshake are lost.

use std::time::Duration;

use samovar_net::{Conditions, Flow};

use super::bad_networks_carry_everything_reliable::{MS, lag};
use super::harness::{Net, reliable};
use super::road::{Bursts, Road};

const SEEDS: u64 = 20;
const P2P_TIMEOUT: Duration = Duration::from_secs(20);

/// How long it takes from the acceptance until the first message arrives, sorted.
fn times(road: Road, conditions: Conditions) -> Vec<Duration> {
    let mut times: Vec<Duration> = (0..SEEDS)
        .map(|seed| {
            let mut net = Net::pair(13 + seed * 7919);
            net.latency = Duration::ZERO;
            net.road = road;
            for node in &mut net.nodes {
                node.endpoint
                    .set_conditions(Conditions::default(), conditions);
            }
            net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
            assert!(net.run_until(Duration::from_secs(5), |net| {
                net.requested(1, 0, Flow::P2p) > 0
            }));
            assert!(net.accept(1, 0, Flow::P2p));
            let accepted = net.now;
            net.run_until(2 * P2P_TIMEOUT, |net| {
                net.receive(1, Flow::P2p, 0).is_some()
            });
            net.now - accepted
        })
        .collect();
    times.sort_unstable();
    times
}

/// All in time, and half of them in the five round trips that it takes without losses, and what the directory takes.
fn open_in_time(what: &str, road: Road, conditions: Conditions) {
    let times = times(road, conditions);
    let (half, last) = (times[times.len() / 2], times[times.len() - 1]);
    println!("{what}: p50 {half:?}, last {last:?}");
    assert!(last < P2P_TIMEOUT, "{what}: {last:?}");
    let most = conditions.lag * 10 + 600 * MS;
    assert!(half < most, "{what}: {half:?} of {most:?}");
}

#[test]
fn while_packets_are_lost() {
    for loss_percent in [0.0, 20.0] {
        for ms in [10, 100, 400] {
            let conditions = Conditions {
                loss_percent,
                ..lag(ms)
            };
            let what = format!("{loss_percent} %, {ms} ms");
            open_in_time(&what, Road::default(), conditions);
        }
    }
}

#[test]
fn while_packets_are_lost_in_bursts() {
    for loss in [0.1, 0.2, 0.4] {
        for mean in [20 * MS, 100 * MS] {
            for ms in [10, 100, 400] {
                let road = Road {
                    bursts: Some(Bursts { loss, mean }),
                    ..Road::default()
                };
                let what = format!("{loss} in bursts of {mean:?}, {ms} ms");
                open_in_time(&what, road, lag(ms));
            }
        }
    }
}
