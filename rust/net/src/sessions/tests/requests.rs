//! Asking for a session and answering.

use super::support::*;
use crate::sessions::config::{MAX_ACCEPTED, MAX_PENDING_REQUESTS};
use crate::sessions::{Control, Flow, SessionState};

#[test]
fn a_first_message_asks_and_waits() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::new();
        let (a, b) = (pair.a.id, pair.b.id);
        assert_eq!(pair.a.send(b, flow, RELIABLE, "one"), Ok(1));
        assert_eq!(pair.a.send(b, flow, UNRELIABLE, "two"), Ok(2));
        assert_eq!(
            pair.a.controls(),
            [Control::Request {
                flow,
                incarnation: 1_000_000,
                repeat: 0
            }]
        );
        assert!(!pair.a.sessions.wants_connection(b));

        pair.b.control(
            a,
            Control::Request {
                flow,
                incarnation: 1_000_000,
                repeat: 0,
            },
        );
        assert_eq!(pair.b.events(), [requested(a, flow)]);
        assert_eq!(pair.b.state(a, flow), None);
        assert!(!pair.b.sessions.wants_connection(a));

        assert!(pair.b.accept(a, flow));
        assert!(pair.b.accept(a, flow), "again is no harm");
        assert!(pair.b.sessions.wants_connection(a));
        pair.run();
        assert!(pair.a.sessions.wants_connection(b));
        assert_eq!(pair.a.state(b, flow), Some(SessionState::Connecting));
        pair.connect();
        pair.run();
        assert_eq!(pair.b.texts(flow), ["one", "two"]);
        assert_eq!(pair.a.state(b, flow), Some(SessionState::Connected));
    }
}

#[test]
fn nobody_is_accepted_who_has_not_asked() {
    let mut side = Side::new(1);
    for flow in Flow::BY_USER {
        assert!(!side.close(user(2), flow));
        assert_eq!(side.accept(user(2), flow), flow == Flow::P2p);
        assert_eq!(side.close(user(2), flow), flow == Flow::P2p);
    }
    assert!(side.controls().is_empty());
}

/// `ISteamNetworking` alone: the user may talk from then on, once, until that is taken back.
#[test]
fn a_packet_of_one_who_was_accepted_before_asks_nobody() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    assert!(pair.b.accept(a, Flow::P2p));
    assert!(pair.b.accept(a, Flow::P2p));
    assert!(pair.b.controls().is_empty() && !pair.b.sessions.wants_connection(a));
    pair.a.send(b, Flow::P2p, UNRELIABLE, "hello").unwrap();
    pair.run();
    pair.connect();
    pair.run();
    assert!(pair.b.events().is_empty());
    assert_eq!(pair.b.texts(Flow::P2p), ["hello"]);

    assert!(pair.b.close(a, Flow::P2p));
    pair.run();
    pair.a.send(b, Flow::P2p, RELIABLE, "again").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    assert!(pair.b.close(a, Flow::P2p), "that one is ignored");

    assert!(pair.b.accept(a, Flow::P2p));
    assert!(pair.b.close(a, Flow::P2p), "taken back");
    pair.a.wait(secs(5));
    pair.a.send(b, Flow::P2p, RELIABLE, "and again").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
}

#[test]
fn so_many_are_accepted_before_they_ask() {
    let mut side = Side::new(1);
    let last = MAX_ACCEPTED as u64 + 2;
    for number in 2..=last {
        assert!(side.accept(user(number), Flow::P2p));
        check(&side.sessions);
    }
    for number in [2, 3, last] {
        let request = Control::Request {
            flow: Flow::P2p,
            incarnation: 7,
            repeat: 0,
        };
        side.control(user(number), request);
    }
    assert_eq!(side.events(), [requested(user(2), Flow::P2p)]);
}

#[test]
fn the_interfaces_are_independent() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    assert_eq!(pair.a.state(b, Flow::Messages), None);
    pair.a.send(b, Flow::Messages, RELIABLE, "other").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::Messages)]);
    assert!(pair.b.texts(Flow::Messages).is_empty());
    assert!(pair.b.accept(a, Flow::Messages));
    pair.run();
    assert_eq!(pair.b.texts(Flow::Messages), ["other"]);
    assert!(pair.b.close(a, Flow::P2p));
    assert_eq!(
        pair.b.state(a, Flow::Messages),
        Some(SessionState::Connected)
    );
}

#[test]
fn a_request_is_sent_again_and_posted_once() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    let request = Control::Request {
        flow: Flow::P2p,
        incarnation: 1_000_000,
        repeat: 0,
    };
    for again in ["after 2 s", "after 4 s"] {
        pair.a.wait(secs(2));
        let controls = pair.a.controls();
        assert_eq!(controls, std::slice::from_ref(&request), "{again}");
        controls
            .into_iter()
            .for_each(|control| pair.b.control(a, control));
    }
    pair.a.sessions.retry_requests(pair.a.now);
    assert_eq!(
        pair.a.controls(),
        std::slice::from_ref(&request),
        "when the directory has changed"
    );
    pair.b.control(a, request);
    assert!(pair.b.events().is_empty());
}

#[test]
fn a_request_is_posted_again_while_the_game_keeps_sending() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let mut posted = Vec::new();
    for second in 0..12 {
        pair.a
            .send(b, Flow::P2p, RELIABLE, "are you there")
            .unwrap();
        pair.run();
        if !pair.b.events().is_empty() {
            posted.push(second);
        }
        pair.wait(secs(1));
    }
    assert_eq!(posted, [0, 5, 10]);
    assert!(pair.b.accept(a, Flow::P2p));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p).len(), 12);
}

#[test]
fn a_request_that_was_turned_down_is_posted_again_by_new_messages_only() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert_eq!(pair.b.events().len(), 1);
    assert!(pair.b.close(a, Flow::P2p));
    assert!(!pair.b.close(a, Flow::P2p));
    pair.wait(secs(6));
    pair.run();
    assert!(pair.b.events().is_empty());
    pair.a.send(b, Flow::P2p, RELIABLE, "two").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Flow::P2p)]);
    assert!(pair.b.accept(a, Flow::P2p));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Flow::P2p), ["one", "two"]);
}

#[test]
fn sending_to_somebody_who_asks_accepts() {
    for flow in Flow::BY_USER {
        for delivery in [RELIABLE, UNRELIABLE, NO_DELAY] {
            let mut pair = Pair::new();
            let (a, b) = (pair.a.id, pair.b.id);
            pair.a.send(b, flow, RELIABLE, "ping").unwrap();
            pair.run();
            let _ = pair.b.send(a, flow, delivery, "pong");
            assert!(pair.b.sessions.wants_connection(a), "{flow:?} {delivery:?}");
            pair.connect();
            pair.run();
            assert_eq!(pair.b.texts(flow), ["ping"]);
            assert_eq!(
                pair.a.texts(flow),
                if delivery == NO_DELAY && flow == Flow::P2p {
                    vec![]
                } else {
                    vec!["pong"]
                }
            );
            assert!(pair.a.events().is_empty());
        }
    }
}

#[test]
fn an_acceptance_that_was_lost_is_given_again() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert!(pair.b.accept(a, Flow::P2p));
    assert_eq!(pair.b.controls().len(), 1);
    pair.wait(secs(2));
    pair.run();
    assert_eq!(pair.a.state(b, Flow::P2p), Some(SessionState::Connecting));
}

#[test]
fn the_oldest_of_too_many_requests_is_forgotten() {
    let mut side = Side::new(1);
    let last = MAX_PENDING_REQUESTS as u64 + 2;
    for number in 2..=last {
        side.control(
            user(number),
            Control::Request {
                flow: Flow::Messages,
                incarnation: 7,
                repeat: 0,
            },
        );
        check(&side.sessions);
    }
    assert!(!side.accept(user(2), Flow::Messages));
    assert!(side.accept(user(3), Flow::Messages));
    assert!(side.accept(user(last), Flow::Messages));
}

#[test]
fn a_request_expires_when_its_sender_has_given_up() {
    for (flow, after) in [(Flow::P2p, 25), (Flow::Messages, 15)] {
        let mut side = Side::new(1);
        side.control(
            user(2),
            Control::Request {
                flow,
                incarnation: 7,
                repeat: 0,
            },
        );
        side.wait(secs(after - 1));
        // The sender is still there: that counts from now.
        side.control(
            user(2),
            Control::Request {
                flow,
                incarnation: 7,
                repeat: 0,
            },
        );
        side.wait(secs(after - 1));
        assert_eq!(side.sessions.pending.len(), 1);
        side.wait(secs(1));
        assert!(side.sessions.peers.is_empty());
        assert_eq!(side.accept(user(2), flow), flow == Flow::P2p);
    }
}

#[test]
fn many_repeats_between_two_looks_are_one_event() {
    let mut side = Side::new(1);
    for repeat in 0..100 {
        side.control(
            user(2),
            Control::Request {
                flow: Flow::P2p,
                incarnation: 7,
                repeat,
            },
        );
    }
    assert_eq!(side.events(), [requested(user(2), Flow::P2p)]);
    side.control(
        user(2),
        Control::Request {
            flow: Flow::P2p,
            incarnation: 7,
            repeat: 100,
        },
    );
    assert_eq!(side.events(), [requested(user(2), Flow::P2p)]);
}

#[test]
fn one_who_says_to_be_oneself_is_not_listened_to() {
    let mut side = Side::new(1);
    side.control(
        side.id,
        Control::Request {
            flow: Flow::P2p,
            incarnation: 7,
            repeat: 0,
        },
    );
    side.connect(side.id);
    assert!(side.events().is_empty());
    assert!(side.sessions.peers.is_empty());
}

#[test]
fn controls_are_small_on_the_wire() {
    let request = Control::Request {
        flow: Flow::Messages,
        incarnation: 1,
        repeat: 2,
    };
    assert_eq!(postcard::to_stdvec(&request).unwrap(), [0, 1, 1, 2]);
    let close = Control::Close {
        flow: Flow::P2p,
        incarnation: 300,
        yours: 0,
        idle: true,
    };
    let bytes = postcard::to_stdvec(&close).unwrap();
    assert_eq!(bytes, [2, 0, 0xac, 2, 0, 1]);
    assert_eq!(postcard::from_bytes::<Control>(&bytes).unwrap(), close);
}
