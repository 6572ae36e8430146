//! The loss of the connection.

use super::support::*;
use crate::sessions::{DisconnectReason, FailReason, Flow, SendError, SessionEvent, SessionState};

#[test]
fn open_sessions_fail_or_are_closed() {
    for (flow, reason, expected) in [
        (
            Flow::P2p,
            DisconnectReason::TimedOut,
            Some(FailReason::RemoteTimeout),
        ),
        (Flow::P2p, DisconnectReason::Error, Some(FailReason::Error)),
        (Flow::P2p, DisconnectReason::ClosedByPeer, None),
        (
            Flow::Messages,
            DisconnectReason::TimedOut,
            Some(FailReason::RemoteTimeout),
        ),
        (
            Flow::Messages,
            DisconnectReason::Error,
            Some(FailReason::Error),
        ),
        (Flow::Messages, DisconnectReason::ClosedByPeer, None),
    ] {
        let mut pair = Pair::open(flow);
        let b = pair.b.id;
        pair.b.send(pair.a.id, flow, RELIABLE, "arrived").unwrap();
        pair.run();
        pair.a.send(b, flow, RELIABLE, "queued").unwrap();
        pair.a.disconnect(b, reason);
        let events = expected.map(|reason| SessionEvent::Failed {
            peer: b,
            flow,
            reason,
        });
        assert_eq!(
            pair.a.events(),
            events.into_iter().collect::<Vec<_>>(),
            "{flow:?} {reason:?}"
        );
        let info = pair.a.sessions.info(pair.a.now, b, flow).unwrap();
        let state = if expected.is_some() {
            SessionState::Failed
        } else {
            SessionState::ClosedByPeer
        };
        assert_eq!(
            (info.state, info.error, info.queued_bytes),
            (state, expected, 0)
        );
        assert!(!pair.a.sessions.wants_connection(b));
        assert_eq!(pair.a.texts(flow), ["arrived"], "what has arrived stays");
        if flow == Flow::Messages {
            assert_eq!(
                pair.a.send(b, flow, RELIABLE, "no"),
                Err(SendError::NoConnection)
            );
        }
        // Once more: nothing is left to fail.
        pair.a.disconnect(b, reason);
        assert!(pair.a.events().is_empty());
    }
}

#[test]
fn sessions_that_are_not_open_go_on_waiting() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.connect();
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.a.disconnect(b, DisconnectReason::TimedOut);
    assert!(pair.a.events().is_empty());
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::Requesting));
    pair.run();
    assert!(pair.b.accept(a, Flow::P2p));
    pair.run();
    // An attempt to connect has failed; there may be another.
    pair.a.disconnect(b, DisconnectReason::Error);
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::Connecting));
    assert!(pair.a.sessions.wants_connection(b));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["one"]);
}

#[test]
fn after_the_loss_both_can_begin_again() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.disconnect(DisconnectReason::TimedOut);
        pair.a.events();
        pair.b.events();
        pair.a.send(b, flow, AUTORESTART, "again").unwrap();
        pair.run();
        assert_eq!(pair.b.events(), [requested(a, flow)]);
        assert!(pair.b.accept(a, flow));
        pair.connect();
        pair.run();
        assert_eq!(pair.b.texts(flow), ["again"]);
    }
}

#[test]
fn a_peer_that_has_not_noticed_the_loss_accepts_by_itself() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.disconnect(b, DisconnectReason::TimedOut);
    pair.a.send(b, Flow::P2p, RELIABLE, "again").unwrap();
    pair.a.connect(b);
    pair.run();
    assert!(pair.b.events().is_empty());
    assert_eq!(pair.b.texts(Flow::P2p), ["again"]);
    pair.b.send(a, Flow::P2p, RELIABLE, "back").unwrap();
    pair.run();
    assert_eq!(pair.a.texts(Flow::P2p), ["back"]);
}

#[test]
fn a_request_goes_again_on_a_new_connection() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.a.controls();
    pair.connect();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
}
