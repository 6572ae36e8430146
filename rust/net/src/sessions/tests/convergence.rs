//! Two sides that ask at once, and sides that have lost sight of each other, end up in one session.

use super::support::*;
use crate::sessions::{Flow, SessionState};

/// Which side's control frames arrive, in which order.
#[test]
fn both_asking_at_once_is_one_session_in_any_order() {
    for order in ["ab", "ba", "aabb", "bbaa", "abab", "baab"] {
        let mut pair = Pair::new();
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, Flow::P2p, RELIABLE, "from a").unwrap();
        pair.b.send(a, Flow::P2p, RELIABLE, "from b").unwrap();
        for step in order.chars() {
            let (from, to) = if step == 'a' {
                (&mut pair.a, &mut pair.b)
            } else {
                (&mut pair.b, &mut pair.a)
            };
            if let Some((_, control)) = from.sessions.poll_control() {
                to.control(from.id, control);
            }
        }
        pair.connect();
        pair.run();
        assert_eq!(
            pair.a.state(b, Flow::P2p),
            Some(SessionState::Connected),
            "{order}"
        );
        assert_eq!(
            pair.b.state(a, Flow::P2p),
            Some(SessionState::Connected),
            "{order}"
        );
        assert_eq!(pair.a.texts(Flow::P2p), ["from b"], "{order}");
        assert_eq!(pair.b.texts(Flow::P2p), ["from a"], "{order}");
        assert!(
            pair.a.events().is_empty() && pair.b.events().is_empty(),
            "nobody has to be asked: {order}"
        );
    }
}

#[test]
fn data_may_come_before_the_acceptance() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "ping").unwrap();
    pair.run();
    pair.b.send(a, Flow::P2p, RELIABLE, "pong").unwrap();
    pair.connect();
    for outgoing in pair.b.outgoing(a) {
        pair.a.sessions.deliver(pair.a.now, b, incoming(outgoing));
    }
    assert_eq!(pair.a.texts(Flow::P2p), ["pong"]);
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::Connected));
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["ping"]);
}

#[test]
fn a_new_request_renews_an_open_session() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        // A loses its session and B does not hear of it.
        assert!(pair.a.close(b, flow));
        pair.a.controls();
        pair.b.send(a, flow, NAGLED, "queued").unwrap();
        pair.a.send(b, flow, RELIABLE, "again").unwrap();
        pair.run();
        pair.wait(millis(5));
        pair.run();
        assert!(pair.b.events().is_empty(), "{flow:?}: B has a session");
        assert_eq!(pair.b.texts(flow), ["again"]);
        assert_eq!(pair.a.texts(flow), ["queued"]);
    }
}

#[test]
fn a_late_request_of_a_closed_session_is_nothing_new() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    let late = &pair.a.controls()[0];
    pair.b.control(a, late);
    assert!(pair.b.accept(a, Flow::P2p));
    pair.connect();
    pair.run();
    pair.b.events();
    assert!(pair.a.close(b, Flow::P2p));
    pair.run();
    assert_eq!(pair.b.state(a, Flow::P2p), Some(SessionState::ClosedByPeer));
    pair.b.control(a, late);
    assert!(pair.b.events().is_empty());
    assert!(pair.b.controls().is_empty());
    // Nor does it answer a request of one's own.
    pair.b.send(a, Flow::P2p, RELIABLE, "two").unwrap();
    pair.b.control(a, late);
    assert_eq!(pair.b.state(a, Flow::P2p), Some(SessionState::Requesting));
}

#[test]
fn an_acceptance_that_comes_too_late_is_turned_down() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    let request = &pair.a.controls()[0];
    pair.b.control(a, request);
    assert!(pair.a.close(b, Flow::P2p));
    pair.a.controls();
    assert!(pair.b.accept(a, Flow::P2p));
    pair.connect();
    assert_eq!(pair.b.state(a, Flow::P2p), Some(SessionState::Connected));
    pair.run();
    assert_eq!(pair.b.state(a, Flow::P2p), Some(SessionState::ClosedByPeer));
}

#[test]
fn one_who_believes_in_a_session_that_is_over_learns_better() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    // B forgets the session without a word.
    pair.b
        .disconnect(a, crate::sessions::DisconnectReason::TimedOut);
    pair.b.connect(a);
    pair.a.send(b, Flow::P2p, RELIABLE, "lost").unwrap();
    pair.run();
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::ClosedByPeer));
    assert!(pair.b.texts(Flow::P2p).is_empty());
    pair.b.events();
    pair.a.send(b, Flow::P2p, RELIABLE, "found").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    assert!(pair.b.accept(a, Flow::P2p));
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["found"]);
}
