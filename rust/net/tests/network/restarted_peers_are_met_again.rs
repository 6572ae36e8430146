//! A process that ends without a word and comes back, with or without the other side noticing in between.

use std::time::Duration;

use samovar_net::{Flow, SessionState};

use super::harness::{Net, reliable};

#[test]
fn the_new_process_asks_while_the_old_connection_seems_alive() {
    for restarts in [0, 1] {
        let mut net = Net::pair(1);
        net.meet(0, 1, Flow::P2p);
        net.restart(restarts);
        let other = 1 - restarts;
        net.send(restarts, other, Flow::P2p, 0, reliable(), b"it is me");
        let before = net.requested(other, restarts, Flow::P2p);
        let asked = |net: &mut Net| net.requested(other, restarts, Flow::P2p) > before;
        assert!(
            net.run_until(Duration::from_millis(500), asked),
            "a new process must ask again"
        );
        assert!(net.accept(other, restarts, Flow::P2p));
        net.until_connected(restarts, other, Flow::P2p);
        assert!(net.run_until(Duration::from_secs(1), |net| {
            net.receive(other, Flow::P2p, 0).is_some()
        }));
    }
}

#[test]
fn the_other_one_writes_to_the_new_process() {
    for restarts in [0, 1] {
        let mut net = Net::pair(2);
        net.meet(0, 1, Flow::P2p);
        net.restart(restarts);
        let other = 1 - restarts;
        // Until the time-out it goes nowhere; afterwards a new request goes to the new process.
        net.run(Duration::from_secs(14));
        assert_eq!(
            net.state(other, restarts, Flow::P2p),
            Some(SessionState::Failed)
        );
        net.meet(other, restarts, Flow::P2p);
    }
}

/// One side's state of the connection is lost, the process and its relation are not.
#[test]
fn a_connection_that_only_one_side_has_is_replaced() {
    for forgets in [0, 1] {
        let mut net = Net::pair(3);
        net.meet(0, 1, Flow::P2p);
        let keeps = 1 - forgets;
        // Nothing reaches the one that forgets, so that only it times out.
        let cut = (net.nodes[keeps].addr, net.nodes[forgets].addr);
        net.cuts.insert(cut);
        let failed =
            |net: &mut Net| net.state(forgets, keeps, Flow::P2p) == Some(SessionState::Failed);
        assert!(net.run_until(Duration::from_secs(12), failed));
        net.cuts.clear();
        net.send(forgets, keeps, Flow::P2p, 0, reliable(), b"again");
        let start = net.now;
        assert!(net.run_until(Duration::from_secs(12), |net| {
            net.accept(keeps, forgets, Flow::P2p);
            net.receive_all(keeps, Flow::P2p, 0)
                .iter()
                .any(|data| data[..] == b"again"[..])
        }));
        assert!(
            net.now - start < Duration::from_secs(5),
            "{:?}",
            net.now - start
        );
    }
}

#[test]
fn again_and_again() {
    let mut net = Net::pair(4);
    for round in 0..12 {
        let restarts = round % 2;
        net.restart(restarts);
        net.meet(restarts, 1 - restarts, Flow::P2p);
    }
}
