//! Sessions that nobody uses.

use super::support::*;
use crate::sessions::{Control, Flow, SessionState};

#[test]
fn an_unused_messages_session_ends_silently_on_both_sides() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.wait(secs(179));
    assert_eq!(
        pair.a.state(b, Flow::Messages),
        Some(SessionState::Connected)
    );
    pair.wait(secs(1));
    pair.run();
    assert_eq!(pair.a.state(b, Flow::Messages), None);
    assert_eq!(pair.b.state(a, Flow::Messages), None);
    assert!(pair.a.events().is_empty() && pair.b.events().is_empty());
    assert_eq!(pair.a.send(b, Flow::Messages, RELIABLE, "again"), Ok(1));
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::Messages)]);
}

#[test]
fn use_keeps_it() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    for _ in 0..5 {
        pair.wait(secs(170));
        pair.a.send(b, Flow::Messages, RELIABLE, "x").unwrap();
        pair.run();
    }
    assert_eq!(
        pair.a.state(b, Flow::Messages),
        Some(SessionState::Connected)
    );
    assert_eq!(
        pair.b.state(a, Flow::Messages),
        Some(SessionState::Connected)
    );
    pair.a.sessions.set_in_flight(b, Flow::Messages, [(0, 1)]);
    pair.a.wait(secs(600));
    assert_eq!(
        pair.a.state(b, Flow::Messages),
        Some(SessionState::Connected),
        "something is on its way"
    );
}

#[test]
fn what_is_unread_stays_when_the_other_side_ends_it() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.b.send(a, Flow::Messages, RELIABLE, "unread").unwrap();
    pair.run();
    pair.a.now += secs(179);
    pair.b.wait(secs(180));
    pair.run();
    assert_eq!(pair.b.state(a, Flow::Messages), None);
    assert_eq!(pair.a.texts(Flow::Messages), ["unread"]);
    assert_eq!(
        pair.a.send(b, Flow::Messages, RELIABLE, "again"),
        Ok(1),
        "no reason to refuse"
    );
}

#[test]
fn what_is_sent_at_that_moment_keeps_it() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.wait(secs(179));
    pair.b.wait(secs(1));
    pair.a.now += secs(1);
    pair.a.send(b, Flow::Messages, NAGLED, "late").unwrap();
    pair.run();
    let open = Some(SessionState::Connected);
    assert_eq!(pair.a.state(b, Flow::Messages), open);
    assert_eq!(pair.b.state(a, Flow::Messages), open);
    pair.a.wait(millis(5));
    pair.run();
    assert_eq!(pair.b.texts(Flow::Messages), ["late"]);
    assert!(pair.b.events().is_empty());
}

#[test]
fn what_is_unread_or_unacknowledged_keeps_it() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::Messages, RELIABLE, "unread").unwrap();
    pair.run();
    pair.a.sessions.set_unacknowledged(b, Flow::Messages, 6);
    for side in [&mut pair.a, &mut pair.b] {
        side.wait(secs(600));
        assert!(side.controls().is_empty());
    }
    assert_eq!(pair.b.texts(Flow::Messages), ["unread"]);
    for (side, peer) in [(&mut pair.a, b), (&mut pair.b, a)] {
        side.sessions.set_unacknowledged(peer, Flow::Messages, 0);
        side.wait(secs(180));
        let asked = matches!(side.controls()[..], [Control::Idle { .. }, ..]);
        assert!(asked, "it would end");
    }
}

#[test]
fn a_peer_that_does_not_answer_holds_nothing_for_long() {
    for waits in [false, true] {
        let mut pair = Pair::open(Flow::Messages);
        let b = pair.b.id;
        pair.a.wait(secs(180));
        if waits {
            pair.a.send(b, Flow::Messages, RELIABLE, "held").unwrap();
            assert!(pair.a.outgoing(b).is_empty());
        }
        pair.a.wait(secs(9));
        let open = Some(SessionState::Connected);
        assert_eq!(pair.a.state(b, Flow::Messages), open);
        pair.a.wait(secs(1));
        let failed = waits.then_some(SessionState::Failed);
        assert_eq!(pair.a.state(b, Flow::Messages), failed);
        assert_eq!(pair.a.events().len(), usize::from(waits));
    }
}

#[test]
fn an_end_that_nobody_has_asked_for_is_no_idle_one() {
    let mut pair = Pair::open(Flow::Messages);
    let b = pair.b.id;
    pair.a.send(b, Flow::Messages, RELIABLE, "lost").unwrap();
    pair.a.outgoing(b);
    let close = Control::Close {
        flow: Flow::Messages,
        incarnation: 2_000_000,
        yours: 1_000_000,
        idle: true,
    };
    pair.a.control(b, close);
    let closed = Some(SessionState::ClosedByPeer);
    assert_eq!(pair.a.state(b, Flow::Messages), closed);
}

#[test]
fn sessions_that_are_over_are_forgotten() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, flow, RELIABLE, "never read").unwrap();
        pair.run();
        assert!(pair.a.close(b, flow));
        pair.run();
        pair.disconnect(crate::sessions::DisconnectReason::ClosedByPeer);
        assert_eq!(pair.b.state(a, flow), Some(SessionState::ClosedByPeer));
        pair.b.wait(secs(180));
        assert!(pair.b.sessions.peers.is_empty());
        assert_eq!(pair.b.sessions.available(flow, 0), None);
        assert_eq!(pair.b.sessions.poll_timeout(), None);
    }
}
