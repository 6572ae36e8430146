//! What a game sends without flags before its session is open arrives, whatever the network loses.

use std::time::Duration;

use samovar_net::{Delivery, Flow, Nagle};

use super::harness::{Net, unreliable};

fn plain(flow: Flow) -> Delivery {
    match flow {
        Flow::P2p => unreliable(),
        Flow::Messages | Flow::Connection(_) => Delivery {
            nagle: Nagle::Messages,
            ..unreliable()
        },
    }
}

#[test]
fn where_packets_are_lost_and_overtake_each_other() {
    for seed in 0..60 {
        for flow in Flow::BY_USER {
            let mut net = Net::pair(seed);
            net.loss = 150;
            net.jitter = Duration::from_millis(20);
            let (asks, accepts) = if seed % 2 == 0 { (0, 1) } else { (1, 0) };
            net.send(asks, accepts, flow, 0, plain(flow), b"first");
            let asked = |net: &mut Net| net.requested(accepts, asks, flow) > 0;
            assert!(net.run_until(Duration::from_secs(9), asked), "seed {seed}");
            // By accepting it, or by an answer, which waits for the connection as well.
            let answers = seed % 4 < 2;
            if answers {
                net.send(accepts, asks, flow, 0, plain(flow), b"answer");
            } else {
                assert!(net.accept(accepts, asks, flow));
            }
            for (at, wanted) in [(accepts, true), (asks, answers)] {
                let came = net.run_until(Duration::from_secs(9), |net| {
                    !wanted || net.receive(at, flow, 0).is_some()
                });
                assert!(came, "seed {seed}, {flow:?}, at {at}");
            }
        }
    }
}
