//! Accept, close, and a new request after closing.

use std::time::Duration;

use samovar_net::{Delivery, Flow, SendError, SessionState};

use super::harness::{Net, reliable};

#[test]
fn after_closing_the_peer_must_ask_again() {
    for (closes, other) in [(0, 1), (1, 0)] {
        let mut net = Net::pair(1);
        net.meet(0, 1, Flow::P2p);
        assert!(net.close(closes, other, Flow::P2p));
        net.run(Duration::from_millis(200));
        assert_eq!(
            net.state(other, closes, Flow::P2p),
            Some(SessionState::ClosedByPeer)
        );
        let before = net.requested(closes, other, Flow::P2p);
        net.send(other, closes, Flow::P2p, 0, reliable(), b"again?");
        let asked = |net: &mut Net| net.requested(closes, other, Flow::P2p) == before + 1;
        assert!(net.run_until(Duration::from_secs(2), asked));
        assert_eq!(
            net.receive(closes, Flow::P2p, 0),
            None,
            "not before it is accepted"
        );
        assert!(net.accept(closes, other, Flow::P2p));
        assert!(net.run_until(Duration::from_secs(2), |net| {
            net.receive(closes, Flow::P2p, 0)
                .is_some_and(|message| message.data[..] == b"again?"[..])
        }));
    }
}

/// Streams of old sessions are given back, however often.
#[test]
fn hundreds_of_times_with_channels_that_nobody_reads() {
    let mut net = Net::pair(2);
    for round in 0..60_u32 {
        for channel in 0..5 {
            net.send(0, 1, Flow::P2p, channel, reliable(), &round.to_be_bytes());
        }
        net.run(Duration::from_millis(100));
        assert!(net.accept(1, 0, Flow::P2p), "round {round}");
        let last = net.run_until(Duration::from_secs(3), |net| {
            net.receive(1, Flow::P2p, 4)
                .is_some_and(|message| message.data[..] == round.to_be_bytes()[..])
        });
        assert!(last, "round {round}: {:?}", net.state(0, 1, Flow::P2p));
        assert!(net.close(round as usize % 2, 1 - round as usize % 2, Flow::P2p));
        net.run(Duration::from_millis(100));
    }
}

/// With a flood that is not read in each session, so that streams are stalled when it is closed.
#[test]
fn with_stalled_streams() {
    let mut net = Net::pair(3);
    let chunk = vec![1; 512 * 1024];
    for round in 0..50_u32 {
        for channel in 0..4 {
            net.send(0, 1, Flow::P2p, channel, reliable(), &chunk[..400 * 1024]);
        }
        net.run(Duration::from_millis(100));
        assert!(net.accept(1, 0, Flow::P2p), "round {round}");
        net.until_connected(0, 1, Flow::P2p);
        for _ in 0..4 {
            for channel in 0..4 {
                let _ = net.try_send(0, 1, Flow::P2p, channel, reliable(), &chunk);
            }
            net.run(Duration::from_millis(300));
        }
        assert!(net.close(round as usize % 2, 1 - round as usize % 2, Flow::P2p));
        net.run(Duration::from_millis(100));
    }
    net.send(0, 1, Flow::P2p, 0, reliable(), b"still there");
    net.run(Duration::from_millis(100));
    assert!(net.accept(1, 0, Flow::P2p));
    assert!(net.run_until(Duration::from_secs(3), |net| {
        net.receive(1, Flow::P2p, 0)
            .is_some_and(|message| message.data[..] == b"still there"[..])
    }));
}

/// The connection ends when nobody has a session for a while, and comes back when needed.
#[test]
fn unused_connections_end_and_come_back() {
    let mut net = Net::pair(4);
    net.meet(0, 1, Flow::P2p);
    net.close(0, 1, Flow::P2p);
    net.run(Duration::from_secs(60));
    let (sent_0, sent_1) = (net.nodes[0].packets_sent, net.nodes[1].packets_sent);
    net.run(Duration::from_secs(60));
    assert_eq!(
        (net.nodes[0].packets_sent, net.nodes[1].packets_sent),
        (sent_0, sent_1),
        "nothing is sent any more"
    );
    net.meet(1, 0, Flow::P2p);
}

#[test]
fn without_autorestart_messages_to_who_has_closed_are_refused() {
    let mut net = Net::pair(24);
    net.meet(0, 1, Flow::Messages);
    net.close(1, 0, Flow::Messages);
    net.run(Duration::from_millis(100));
    let delivery = Delivery {
        autorestart: false,
        ..reliable()
    };
    let refused = net.try_send(0, 1, Flow::Messages, 0, delivery, b"x");
    assert_eq!(refused, Err(SendError::NoConnection));
    let asked = net.requested(1, 0, Flow::Messages);
    net.send(0, 1, Flow::Messages, 0, reliable(), b"x");
    net.run(Duration::from_secs(1));
    assert_eq!(net.requested(1, 0, Flow::Messages), asked + 1);
}
