//! Lanes of a connection: those of a better priority go first, the others share by weight. After GameNetworkingSockets' own
//! tests of lanes, in virtual time.

use std::time::Duration;

use samovar_net::{ConnectionId, Flow, SendError};

use super::harness::{Net, reliable, unreliable};

const RATE: u32 = 200_000;
const MS: Duration = Duration::from_millis(1);

fn limited(seed: u64, lanes: &[(i32, u16)]) -> (Net, ConnectionId) {
    let mut net = Net::empty(seed);
    net.endpoint_config.send_rate_min = RATE;
    net.endpoint_config.send_rate_max = RATE;
    net.add(0);
    net.add(1);
    let id = net.connection(0, 1);
    assert!(net.set_lanes(0, 1, id, lanes));
    (net, id)
}

/// Fills the send buffer of a lane.
fn fill(net: &mut Net, id: ConnectionId, lane: u32, size: usize, is_reliable: bool) {
    let delivery = if is_reliable {
        reliable()
    } else {
        unreliable()
    };
    let mut data = vec![0; size];
    data[0] = u8::try_from(lane).unwrap();
    while let Ok(()) = net.try_send(0, 1, Flow::Connection(id), lane, delivery, &data) {}
}

/// What arrives of each lane, in bytes, while both always have something to send.
fn shares(weights: [u16; 2], sizes: [usize; 2]) -> [usize; 2] {
    let (mut net, id) = limited(1, &weights.map(|weight| (0, weight)));
    let mut bytes = [0; 2];
    let start = net.now;
    while net.now < start + Duration::from_secs(20) {
        for lane in [0, 1] {
            fill(&mut net, id, lane, sizes[lane as usize], true);
        }
        net.run(20 * MS);
        for data in net.read_connection(1, 0, id) {
            if net.now > start + Duration::from_secs(5) {
                bytes[usize::from(data[0])] += data.len();
            }
        }
    }
    bytes
}

#[test]
fn by_weight() {
    for sizes in [[1000, 1000], [300, 2000], [5000, 500]] {
        let [three, one] = shares([3, 1], sizes);
        let sum = three + one;
        assert!(
            three * 100 / sum >= 68 && three * 100 / sum <= 82,
            "{three} {one}"
        );
        // All of the rate is used: 15 s of it, less what packets need.
        assert!(sum > 15 * RATE as usize * 85 / 100, "{sum}");
    }
}

/// How long a message on the lane of the better priority takes while the other one has more than it can send.
fn behind_a_backlog(size: usize, is_reliable: bool) -> Duration {
    let (mut net, id) = limited(2, &[(10, 1), (2, 1)]);
    fill(&mut net, id, 0, size, is_reliable);
    let mut worst = Duration::ZERO;
    for _ in 0..10 {
        net.run(150 * MS);
        fill(&mut net, id, 0, size, is_reliable);
        net.read_connection(1, 0, id);
        let sent = net.now;
        net.say_in(0, 1, id, 1, &[1; 200]);
        let came = net.run_until(Duration::from_secs(9), |net| {
            let read = net.read_connection(1, 0, id);
            read.iter().any(|data| data[0] == 1)
        });
        assert!(came, "it never comes");
        worst = worst.max(net.now - sent);
    }
    worst
}

#[test]
fn a_backlog_delays_nothing_of_a_better_priority() {
    // 10 ms of it are the way. The other lane has about 2.5 s to send.
    for (size, is_reliable) in [(1000, true), (100_000, true), (1000, false)] {
        let worst = behind_a_backlog(size, is_reliable);
        assert!(worst < 100 * MS, "{size} {is_reliable}: {worst:?}");
    }
}

/// What is of a worse priority goes only when there is nothing better, and then all of it.
#[test]
fn the_better_is_drained_first() {
    let (mut net, id) = limited(3, &[(1, 1), (0, 1)]);
    for _ in 0..150 {
        net.say_in(0, 1, id, 0, &[0; 1000]);
        net.say_in(0, 1, id, 1, &[1; 1000]);
    }
    let mut order = Vec::new();
    net.run_until(Duration::from_secs(10), |net| {
        order.extend(net.read_connection(1, 0, id).iter().map(|data| data[0]));
        order.len() == 300
    });
    assert_eq!(order.len(), 300);
    let last = order.iter().rposition(|lane| *lane == 1).unwrap();
    let earlier = order[..last].iter().filter(|lane| **lane == 0).count();
    assert!(earlier < 40, "{earlier} of the worse lane came before");
}

#[test]
fn only_what_can_be_is_configured() {
    let (mut net, id) = limited(4, &[(0, 1), (0, 1)]);
    let (now, peer) = (net.now, net.nodes[1].id);
    for wrong in [&[(0, 1)][..], &[], &[(0, 1), (0, 0)], &[(0, 1); 65]] {
        assert!(!net.set_lanes(0, 1, id, wrong), "{wrong:?}");
    }
    let mut sessions = net.nodes[0].sessions.lock();
    let flow = Flow::Connection(id);
    let sent = sessions.send(now, peer, flow, 2, reliable(), b"no");
    assert_eq!(sent, Err(SendError::TooMany));
    let other = ConnectionId { port: 77, ..id };
    assert!(!sessions.set_lanes(peer, other, &[]));
}
