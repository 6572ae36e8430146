//! A request that nobody accepts fails after 20 s (P2P) or 10 s (Messages), and gives no address away.

use std::time::Duration;

use samovar_net::wire::{Body, Signal};
use samovar_net::{FailReason, Flow, SessionEvent, SessionState};

use super::harness::{Net, reliable};

#[test]
fn after_the_time_of_the_interface() {
    for (flow, seconds) in [(Flow::P2p, 20), (Flow::Messages, 10)] {
        let mut net = Net::pair(1);
        net.send(0, 1, flow, 0, reliable(), b"may I?");
        let start = net.now;
        let failed = SessionEvent::Failed {
            peer: net.nodes[1].id,
            flow,
            reason: FailReason::Timeout,
        };
        assert!(net.run_until(Duration::from_secs(30), |net| {
            net.nodes[0]
                .events
                .iter()
                .any(|(_, event)| *event == failed)
        }));
        assert_eq!((net.now - start).as_secs(), seconds);
        assert_eq!(net.state(0, 1, flow), Some(SessionState::Failed));
        assert_eq!(net.requested(1, 0, flow), 1);
    }
}

#[test]
fn who_has_not_accepted_sends_nothing() {
    let mut net = Net::pair(2);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    net.run(Duration::from_secs(15));
    let from_the_asked = net.nodes[1].id;
    assert_eq!(net.nodes[1].packets_sent, 0);
    // But which process it is, so that offers can be made to that alone.
    for (from, _, payload) in &net.signals {
        let (signal, _) = Signal::unseal(payload).unwrap();
        let is_challenge = matches!(signal.body, Body::Challenge { .. });
        assert_eq!(is_challenge, *from == from_the_asked);
    }
}

#[test]
fn without_a_directory_it_is_asked_when_there_is_one() {
    let mut net = Net::pair(3);
    net.directory_up = false;
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    net.run(Duration::from_millis(4900));
    net.directory_up = true;
    let now = net.now;
    net.nodes[0].endpoint.retry_signals(now);
    assert!(
        net.run_until(Duration::from_millis(100), |net| net.requested(
            1,
            0,
            Flow::P2p
        ) == 1)
    );
}

#[test]
fn it_is_posted_again_only_while_the_sender_keeps_sending() {
    let mut net = Net::pair(23);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    net.run(Duration::from_secs(6));
    assert_eq!(
        net.requested(1, 0, Flow::P2p),
        1,
        "repeated for safety only"
    );
    net.send(0, 1, Flow::P2p, 0, reliable(), b"well?");
    net.run(Duration::from_secs(1));
    assert_eq!(net.requested(1, 0, Flow::P2p), 2);
}
