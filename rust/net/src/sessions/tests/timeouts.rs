//! Giving up on sessions that do not open.

use super::support::*;
use crate::sessions::{FailReason, Flow, SendError, SessionEvent, SessionState};

const TIMEOUTS: [(Flow, u64); 2] = [(Flow::P2p, 20), (Flow::Messages, 10)];

#[test]
fn an_unanswered_session_fails_once_and_drops_its_queue() {
    for (flow, timeout) in TIMEOUTS {
        let mut side = Side::new(1);
        let peer = user(2);
        side.send(peer, flow, RELIABLE, "one").unwrap();
        side.wait(secs(1));
        side.send(peer, flow, RELIABLE, "two").unwrap();
        side.wait(secs(timeout - 1) - millis(1));
        assert!(side.events().is_empty());
        side.wait(millis(1));
        assert_eq!(
            side.events(),
            [SessionEvent::Failed {
                peer,
                flow,
                reason: FailReason::Timeout
            }]
        );
        let info = side.sessions.info(side.now, peer, flow).unwrap();
        assert_eq!(info.state, SessionState::Failed);
        assert_eq!((info.queued_bytes, info.queued_messages), (0, 0));
        assert_eq!(info.error, Some(FailReason::Timeout));
        side.wait(secs(60));
        assert!(side.events().is_empty());
    }
}

#[test]
fn p2p_starts_over_and_messages_only_when_told_to() {
    for (flow, timeout) in TIMEOUTS {
        let mut side = Side::new(1);
        let peer = user(2);
        side.send(peer, flow, RELIABLE, "one").unwrap();
        side.wait(secs(timeout));
        side.events();
        side.controls();
        match flow {
            Flow::P2p => assert_eq!(side.send(peer, flow, RELIABLE, "two"), Ok(1)),
            Flow::Messages | Flow::Connection(_) => {
                assert_eq!(
                    side.send(peer, flow, RELIABLE, "two"),
                    Err(SendError::NoConnection)
                );
                assert!(side.controls().is_empty());
                assert_eq!(side.send(peer, flow, AUTORESTART, "two"), Ok(1));
            }
        }
        assert_eq!(side.state(peer, flow), Some(SessionState::Requesting));
        assert_eq!(side.controls().len(), 1);
        side.wait(secs(timeout));
        assert_eq!(side.events().len(), 1, "and fails again");
    }
}

#[test]
fn closing_a_failed_messages_session_makes_way_for_another() {
    let mut side = Side::new(1);
    let peer = user(2);
    side.send(peer, Flow::Messages, RELIABLE, "one").unwrap();
    side.wait(secs(10));
    assert!(side.close(peer, Flow::Messages));
    assert_eq!(side.send(peer, Flow::Messages, RELIABLE, "two"), Ok(1));
}

#[test]
fn a_request_of_the_peer_revives_a_failed_messages_session() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::Messages, RELIABLE, "one").unwrap();
    pair.a.wait(secs(10));
    pair.a.controls();
    pair.b.send(a, Flow::Messages, RELIABLE, "hello").unwrap();
    pair.run();
    assert_eq!(pair.a.send(b, Flow::Messages, RELIABLE, "two"), Ok(1));
    pair.connect();
    pair.run();
    assert_eq!(pair.a.texts(Flow::Messages), ["hello"]);
    assert_eq!(pair.b.texts(Flow::Messages), ["two"]);
}

#[test]
fn an_accepted_session_without_a_connection_fails_too() {
    for (flow, timeout) in TIMEOUTS {
        let mut pair = Pair::new();
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, flow, RELIABLE, "one").unwrap();
        pair.run();
        pair.b.events();
        pair.wait(secs(5));
        assert!(pair.b.accept(a, flow));
        pair.run();
        pair.wait(secs(timeout - 5));
        assert_eq!(
            pair.a.events(),
            [SessionEvent::Failed {
                peer: b,
                flow,
                reason: FailReason::Timeout
            }]
        );
        assert!(pair.b.events().is_empty());
        pair.wait(secs(5));
        // With P2P nothing of B's has failed to get through.
        let failed = SessionEvent::Failed {
            peer: a,
            flow,
            reason: FailReason::Timeout,
        };
        let expected = if flow == Flow::P2p {
            vec![]
        } else {
            vec![failed]
        };
        assert_eq!(pair.b.events(), expected);
        assert!(!pair.b.sessions.wants_connection(a));
    }
}

#[test]
fn the_time_counts_from_the_first_message_of_who_accepted() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    pair.b.events();
    assert!(pair.b.accept(a, Flow::P2p));
    pair.b.wait(secs(15));
    pair.b.send(a, Flow::P2p, RELIABLE, "two").unwrap();
    pair.b.wait(secs(19));
    assert!(pair.b.events().is_empty());
    pair.b.wait(secs(1));
    assert_eq!(pair.b.events().len(), 1);
}

#[test]
fn an_open_session_does_not_time_out() {
    let mut pair = Pair::open(Flow::P2p);
    pair.wait(secs(1000));
    assert!(pair.a.events().is_empty());
    assert_eq!(
        pair.a.state(pair.b.id, Flow::P2p),
        Some(SessionState::Connected)
    );
    assert!(pair.a.sessions.wants_connection(pair.b.id));
}

#[test]
fn after_a_failure_the_peer_that_goes_on_asking_is_heard() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert!(pair.b.accept(a, Flow::P2p));
    pair.b.controls();
    pair.b.connect(a);
    pair.b.events();
    // B had a connection to an earlier process of A's; A has none and goes on asking.
    pair.b
        .disconnect(a, crate::sessions::DisconnectReason::TimedOut);
    assert_eq!(pair.b.events().len(), 1);
    pair.a.wait(secs(2));
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    assert!(pair.b.accept(a, Flow::P2p));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["one"]);
}
