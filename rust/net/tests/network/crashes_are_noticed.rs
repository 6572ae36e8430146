//! A peer that vanishes, one that says goodbye, and a path that dies.

use std::time::Duration;

use samovar_net::{FailReason, Flow, SessionEvent, SessionState};

use super::harness::{Net, reliable};

#[test]
fn a_crash_fails_the_session_in_ten_seconds() {
    let mut net = Net::pair(1);
    net.meet(0, 1, Flow::P2p);
    net.run(Duration::from_secs(30));
    net.crash(1);
    let crashed = net.now;
    let peer = net.nodes[1].id;
    let failed = SessionEvent::Failed {
        peer,
        flow: Flow::P2p,
        reason: FailReason::RemoteTimeout,
    };
    assert!(net.run_until(Duration::from_secs(15), |net| {
        net.nodes[0]
            .events
            .iter()
            .any(|(_, event)| *event == failed)
    }));
    let took = net.now - crashed;
    assert!(
        took > Duration::from_secs(8) && took < Duration::from_millis(11_100),
        "{took:?}"
    );
    assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Failed));
}

#[test]
fn a_goodbye_closes_it_at_once() {
    let mut net = Net::pair(2);
    net.meet(0, 1, Flow::P2p);
    let now = net.now;
    net.nodes[1].endpoint.shutdown(now);
    net.work(1);
    net.crash(1);
    let closed = |net: &mut Net| net.state(0, 1, Flow::P2p) == Some(SessionState::ClosedByPeer);
    assert!(net.run_until(Duration::from_millis(100), closed));
}

#[test]
fn a_short_cut_harms_nothing() {
    let mut net = Net::pair(3);
    net.meet(0, 1, Flow::P2p);
    net.cut(0, 1);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"through the cut");
    net.run(Duration::from_secs(6));
    net.cuts.clear();
    assert!(net.run_until(Duration::from_secs(4), |net| {
        net.receive(1, Flow::P2p, 0).is_some()
    }));
    assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Connected));
}

/// After a cut that outlasts the connection, both sides are back as soon as they want to.
#[test]
fn a_long_cut_is_recovered_from() {
    for asks in [0, 1] {
        let mut net = Net::pair(4);
        net.meet(0, 1, Flow::P2p);
        net.cut(0, 1);
        net.run(Duration::from_secs(20));
        assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Failed));
        assert_eq!(net.state(1, 0, Flow::P2p), Some(SessionState::Failed));
        net.cuts.clear();
        net.meet(asks, 1 - asks, Flow::P2p);
    }
}

/// The peer moves to another address: its probes bind the new one.
#[test]
fn a_peer_whose_address_changes_stays_connected() {
    for moves in [0, 1] {
        let mut net = Net::pair(5);
        net.meet(0, 1, Flow::P2p);
        let new = super::harness::address(moves, 5555);
        net.nodes[moves].addr = new;
        let stays = 1 - moves;
        net.send(stays, moves, Flow::P2p, 0, reliable(), b"where are you?");
        net.send(moves, stays, Flow::P2p, 0, reliable(), b"here");
        assert!(net.run_until(Duration::from_secs(6), |net| {
            net.receive(stays, Flow::P2p, 0).is_some()
        }));
        assert!(net.run_until(Duration::from_secs(6), |net| {
            net.receive(moves, Flow::P2p, 0).is_some()
        }));
        net.run(Duration::from_secs(2));
        let info = net.nodes[stays]
            .sessions
            .lock()
            .info(net.now, net.nodes[moves].id, Flow::P2p)
            .unwrap();
        assert_eq!(info.state, SessionState::Connected);
        assert_eq!(info.link.unwrap().remote, Some(new));
    }
}
