//! Both sides ask in the same instant: that is consent on both sides.

use std::time::Duration;

use samovar_net::{Flow, SessionEvent, SessionState};

use super::harness::{Net, reliable};

#[test]
fn nobody_needs_to_accept() {
    let mut net = Net::pair(1);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"from 0");
    net.send(1, 0, Flow::P2p, 0, reliable(), b"from 1");
    net.run(Duration::from_secs(1));
    assert_eq!(net.receive_all(0, Flow::P2p, 0), ["from 1"]);
    assert_eq!(net.receive_all(1, Flow::P2p, 0), ["from 0"]);
    assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Connected));
    for node in [0, 1] {
        let failed = net.nodes[node]
            .events
            .iter()
            .any(|(_, event)| matches!(event, SessionEvent::Failed { .. }));
        assert!(!failed);
    }
}

#[test]
fn over_different_interfaces_each_is_asked_for() {
    let mut net = Net::pair(2);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"p2p");
    net.send(1, 0, Flow::Messages, 0, reliable(), b"messages");
    net.run(Duration::from_secs(1));
    assert_eq!(
        (
            net.requested(1, 0, Flow::P2p),
            net.requested(0, 1, Flow::Messages)
        ),
        (1, 1)
    );
    net.accept(1, 0, Flow::P2p);
    net.accept(0, 1, Flow::Messages);
    net.run(Duration::from_secs(1));
    assert_eq!(net.receive_all(1, Flow::P2p, 0), ["p2p"]);
    assert_eq!(net.receive_all(0, Flow::Messages, 0), ["messages"]);
}
