//! What a session tells of reliable messages that are sent, and may not have arrived.

use std::time::Duration;

use samovar_net::{Conditions, Flow, SessionInfo};

use super::harness::{Net, reliable};

/// How much too high the count may be on a channel: QUIC keeps whole pieces.
const PIECE: usize = 16 * 1024;
const MESSAGE: usize = 1000;

fn info(net: &Net) -> SessionInfo {
    let peer = net.nodes[1].id;
    let sessions = net.nodes[0].sessions.lock();
    sessions.info(net.now, peer, Flow::P2p).unwrap()
}

/// All that is somewhere between the game and its acknowledgement.
fn outstanding(net: &Net) -> usize {
    let info = info(net);
    info.queued_bytes + info.in_flight_bytes + info.unacknowledged_bytes
}

#[test]
fn each_byte_is_in_one_place_until_it_is_acknowledged() {
    let mut net = Net::pair(3);
    net.latency = Duration::from_millis(50);
    net.meet(0, 1, Flow::P2p);
    net.run(Duration::from_secs(1));
    assert_eq!(outstanding(&net), 0);

    let dead = Conditions {
        loss_percent: 100.0,
        ..Conditions::default()
    };
    let endpoint = &mut net.nodes[0].endpoint;
    endpoint.set_conditions(dead, Conditions::default());
    let mut sent = 0;
    for number in 1..=300 {
        net.send(0, 1, Flow::P2p, 1, reliable(), &[9; MESSAGE]);
        // With its length, where the connection has taken it.
        sent += MESSAGE + 4;
        let counted = outstanding(&net);
        assert!(
            (number * MESSAGE..sent + PIECE).contains(&counted),
            "{counted} bytes of {sent}"
        );
    }
    net.run(Duration::from_secs(2));
    let taken = info(&net).unacknowledged_bytes;
    assert!(taken > PIECE, "{taken} bytes of what may be on the way");
    assert!(outstanding(&net) >= 300 * MESSAGE, "nobody heard any");

    let endpoint = &mut net.nodes[0].endpoint;
    endpoint.set_conditions(Conditions::default(), Conditions::default());
    let mut arrived = 0;
    let all = net.run_until(Duration::from_secs(20), |net| {
        arrived += net.receive_all(1, Flow::P2p, 1).len();
        arrived == 300
    });
    assert!(all, "{arrived} of 300");
    net.run(Duration::from_secs(1));
    assert_eq!(outstanding(&net), 0);
}
