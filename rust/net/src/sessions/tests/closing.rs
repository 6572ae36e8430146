//! The end of sessions and of channels.

use super::support::*;
use crate::sessions::{Control, Flow, SendError, SessionState};

#[test]
fn closing_drops_what_is_queued_and_what_is_unread() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, flow, RELIABLE, "unread").unwrap();
        pair.run();
        pair.b.send(a, flow, RELIABLE, "queued").unwrap();
        assert!(pair.b.close(a, flow));
        assert_eq!(pair.b.sessions.available(flow, 0), None);
        assert!(pair.b.outgoing(a).is_empty());
        assert_eq!(pair.b.state(a, flow), None);
        assert!(!pair.b.sessions.wants_connection(a));
        assert!(!pair.b.close(a, flow));
        let close = Control::Close {
            flow,
            incarnation: 2_000_000,
            yours: 1_000_000,
            idle: false,
        };
        assert_eq!(pair.b.controls(), [close]);
    }
}

#[test]
fn one_who_is_closed_keeps_what_has_arrived() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.b.send(a, flow, RELIABLE, "arrived").unwrap();
        pair.run();
        pair.a.send(b, flow, NAGLED, "queued").unwrap();
        assert!(pair.b.close(a, flow));
        pair.run();
        assert_eq!(pair.a.state(b, flow), Some(SessionState::ClosedByPeer));
        assert_eq!(
            pair.a
                .sessions
                .info(pair.a.now, b, flow)
                .unwrap()
                .queued_messages,
            0
        );
        assert!(!pair.a.sessions.wants_connection(b));
        assert!(pair.a.events().is_empty(), "nobody is told");
        assert_eq!(pair.a.texts(flow), ["arrived"]);
        let is_accepted = pair.a.accept(b, flow);
        assert_eq!(is_accepted, flow == Flow::P2p, "before it asks, P2P only");
    }
}

#[test]
fn after_the_peer_has_closed_p2p_asks_again() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    assert!(pair.b.close(a, Flow::P2p));
    pair.run();
    assert_eq!(pair.a.send(b, Flow::P2p, RELIABLE, "again"), Ok(1));
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    assert!(pair.b.texts(Flow::P2p).is_empty());
    assert!(pair.b.accept(a, Flow::P2p));
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["again"]);
}

#[test]
fn after_the_peer_has_closed_messages_are_refused() {
    let mut pair = Pair::open(Flow::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    assert!(pair.b.close(a, Flow::Messages));
    pair.run();
    for _ in 0..2 {
        assert_eq!(
            pair.a.send(b, Flow::Messages, RELIABLE, "no"),
            Err(SendError::NoConnection)
        );
    }
    assert_eq!(pair.a.send(b, Flow::Messages, AUTORESTART, "again"), Ok(1));
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::Messages)]);
    assert!(pair.b.accept(a, Flow::Messages));
    pair.run();
    assert_eq!(pair.b.texts(Flow::Messages), ["again"]);

    assert!(pair.b.close(a, Flow::Messages));
    pair.run();
    assert!(pair.a.close(b, Flow::Messages));
    assert_eq!(
        pair.a.send(b, Flow::Messages, RELIABLE, "after closing"),
        Ok(1)
    );
}

#[test]
fn what_was_under_way_when_the_session_closed_is_not_delivered() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    assert!(!pair.b.sessions.is_over(a, Flow::P2p, 1_000_000));
    assert_eq!(
        pair.b.sessions.live_incarnation(a, Flow::P2p),
        Some(2_000_000)
    );
    pair.a.send(b, Flow::P2p, RELIABLE, "late").unwrap();
    let under_way = pair.a.outgoing(b);
    assert!(pair.b.close(a, Flow::P2p));
    pair.b.send(a, Flow::P2p, RELIABLE, "new").unwrap();
    assert!(pair.b.sessions.is_over(a, Flow::P2p, 1_000_000));
    assert!(!pair.b.sessions.is_over(a, Flow::P2p, 1_000_001));
    assert_eq!(
        pair.b.sessions.live_incarnation(a, Flow::P2p),
        Some(2_000_001)
    );
    for outgoing in under_way {
        pair.b.sessions.deliver(pair.b.now, a, incoming(outgoing));
    }
    assert_eq!(
        pair.b.state(a, Flow::P2p),
        Some(SessionState::Requesting),
        "it does not answer the new request"
    );
    pair.run();
    assert!(pair.b.texts(Flow::P2p).is_empty());
    assert_eq!(pair.a.events(), [requested(b, Flow::P2p)]);
}

#[test]
fn closing_while_asking_takes_the_question_back() {
    let mut pair = Pair::new();
    let b = pair.b.id;
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert!(pair.a.close(b, Flow::P2p));
    pair.run();
    assert!(pair.b.sessions.peers.is_empty());
    pair.wait(secs(60));
    assert!(pair.a.events().is_empty(), "nothing fails that was closed");
}

#[test]
fn a_closing_of_an_earlier_session_does_not_end_the_next() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.b.close(a, Flow::P2p);
    let late = &pair.b.controls()[0];
    pair.a.close(b, Flow::P2p);
    pair.a.send(b, Flow::P2p, RELIABLE, "again").unwrap();
    pair.run();
    assert!(pair.b.accept(a, Flow::P2p));
    pair.run();
    pair.a.control(b, late);
    pair.run();
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::Connected));
    assert_eq!(pair.b.texts(Flow::P2p), ["again"]);
}

#[test]
fn closing_a_channel_drops_its_messages_only() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    for channel in [1, 2] {
        pair.a
            .send_on(b, Flow::P2p, channel, RELIABLE, "unread")
            .unwrap();
    }
    pair.run();
    for channel in [1, 2] {
        pair.b
            .send_on(a, Flow::P2p, channel, BUFFERED, "queued")
            .unwrap();
    }
    assert!(pair.b.sessions.close_channel(pair.b.now, a, Flow::P2p, 1));
    assert!(!pair.b.sessions.close_channel(pair.b.now, a, Flow::P2p, 1));
    assert!(!pair.b.sessions.close_channel(pair.b.now, a, Flow::P2p, 77));
    assert!(
        !pair
            .b
            .sessions
            .close_channel(pair.b.now, user(9), Flow::P2p, 1)
    );
    assert_eq!(pair.b.sessions.available(Flow::P2p, 1), None);
    assert_eq!(pair.b.sessions.available(Flow::P2p, 2), Some(6));
    assert_eq!(
        pair.b
            .sessions
            .info(pair.b.now, a, Flow::P2p)
            .unwrap()
            .queued_bytes,
        6
    );
    check(&pair.b.sessions);
    pair.b.wait(millis(200));
    assert_eq!(
        pair.b
            .outgoing(a)
            .iter()
            .map(|outgoing| outgoing.channel)
            .collect::<Vec<_>>(),
        [2]
    );
}

#[test]
fn closing_the_last_channel_closes_the_session() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.b.send_on(a, flow, 5, RELIABLE, "x").unwrap();
        pair.run();
        assert!(pair.b.sessions.close_channel(pair.b.now, a, flow, 5));
        assert_eq!(pair.b.state(a, flow), Some(SessionState::Connected));
        assert!(
            pair.b.sessions.close_channel(pair.b.now, a, flow, 0),
            "the one on which A has sent"
        );
        assert_eq!(pair.b.state(a, flow), None);
        pair.run();
        assert_eq!(pair.a.state(b, flow), Some(SessionState::ClosedByPeer));
        pair.a.send(b, flow, AUTORESTART, "again").unwrap();
        pair.run();
        assert_eq!(pair.b.events(), [requested(a, flow)]);
    }
}
