//! Asking for a session and answering.

use super::support::*;
use crate::sessions::config::{MAX_ACCEPTED, MAX_PENDING_REQUESTS};
use crate::sessions::{Api, Control, SessionState};

#[test]
fn a_first_message_asks_and_waits() {
    for api in Api::ALL {
        let mut pair = Pair::new();
        let (a, b) = (pair.a.id, pair.b.id);
        assert_eq!(pair.a.send(b, api, RELIABLE, "one"), Ok(1));
        assert_eq!(pair.a.send(b, api, UNRELIABLE, "two"), Ok(2));
        assert_eq!(
            pair.a.controls(),
            [Control::Request {
                api,
                incarnation: 1_000_000,
                repeat: 0
            }]
        );
        assert!(!pair.a.sessions.wants_connection(b));

        pair.b.control(
            a,
            Control::Request {
                api,
                incarnation: 1_000_000,
                repeat: 0,
            },
        );
        assert_eq!(pair.b.events(), [requested(a, api)]);
        assert_eq!(pair.b.state(a, api), None);
        assert!(!pair.b.sessions.wants_connection(a));

        assert!(pair.b.accept(a, api));
        assert!(pair.b.accept(a, api), "again is no harm");
        assert!(pair.b.sessions.wants_connection(a));
        pair.run();
        assert!(pair.a.sessions.wants_connection(b));
        assert_eq!(pair.a.state(b, api), Some(SessionState::Connecting));
        pair.connect();
        pair.run();
        assert_eq!(pair.b.texts(api), ["one", "two"]);
        assert_eq!(pair.a.state(b, api), Some(SessionState::Connected));
    }
}

#[test]
fn nobody_is_accepted_who_has_not_asked() {
    let mut side = Side::new(1);
    for api in Api::ALL {
        assert!(!side.close(user(2), api));
        assert_eq!(side.accept(user(2), api), api == Api::P2p);
        assert_eq!(side.close(user(2), api), api == Api::P2p);
    }
    assert!(side.controls().is_empty());
}

/// `ISteamNetworking` alone: the user may talk from then on, once, until that is taken back.
#[test]
fn a_packet_of_one_who_was_accepted_before_asks_nobody() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    assert!(pair.b.accept(a, Api::P2p));
    assert!(pair.b.accept(a, Api::P2p));
    assert!(pair.b.controls().is_empty() && !pair.b.sessions.wants_connection(a));
    pair.a.send(b, Api::P2p, UNRELIABLE, "hello").unwrap();
    pair.run();
    pair.connect();
    pair.run();
    assert!(pair.b.events().is_empty());
    assert_eq!(pair.b.texts(Api::P2p), ["hello"]);

    assert!(pair.b.close(a, Api::P2p));
    pair.run();
    pair.a.send(b, Api::P2p, RELIABLE, "again").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::P2p)]);
    assert!(pair.b.close(a, Api::P2p), "that one is ignored");

    assert!(pair.b.accept(a, Api::P2p));
    assert!(pair.b.close(a, Api::P2p), "taken back");
    pair.a.wait(secs(5));
    pair.a.send(b, Api::P2p, RELIABLE, "and again").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::P2p)]);
}

#[test]
fn so_many_are_accepted_before_they_ask() {
    let mut side = Side::new(1);
    let last = MAX_ACCEPTED as u64 + 2;
    for number in 2..=last {
        assert!(side.accept(user(number), Api::P2p));
        check(&side.sessions);
    }
    for number in [2, 3, last] {
        let request = Control::Request {
            api: Api::P2p,
            incarnation: 7,
            repeat: 0,
        };
        side.control(user(number), request);
    }
    assert_eq!(side.events(), [requested(user(2), Api::P2p)]);
}

#[test]
fn the_interfaces_are_independent() {
    let mut pair = Pair::open(Api::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    assert_eq!(pair.a.state(b, Api::Messages), None);
    pair.a.send(b, Api::Messages, RELIABLE, "other").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::Messages)]);
    assert!(pair.b.texts(Api::Messages).is_empty());
    assert!(pair.b.accept(a, Api::Messages));
    pair.run();
    assert_eq!(pair.b.texts(Api::Messages), ["other"]);
    assert!(pair.b.close(a, Api::P2p));
    assert_eq!(
        pair.b.state(a, Api::Messages),
        Some(SessionState::Connected)
    );
}

#[test]
fn a_request_is_sent_again_and_posted_once() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Api::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::P2p)]);
    let request = Control::Request {
        api: Api::P2p,
        incarnation: 1_000_000,
        repeat: 0,
    };
    for again in ["after 2 s", "after 4 s"] {
        pair.a.wait(secs(2));
        let controls = pair.a.controls();
        assert_eq!(controls, [request], "{again}");
        controls
            .into_iter()
            .for_each(|control| pair.b.control(a, control));
    }
    pair.a.sessions.retry_requests(pair.a.now);
    assert_eq!(
        pair.a.controls(),
        [request],
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
        pair.a.send(b, Api::P2p, RELIABLE, "are you there").unwrap();
        pair.run();
        if !pair.b.events().is_empty() {
            posted.push(second);
        }
        pair.wait(secs(1));
    }
    assert_eq!(posted, [0, 5, 10]);
    assert!(pair.b.accept(a, Api::P2p));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Api::P2p).len(), 12);
}

#[test]
fn a_request_that_was_turned_down_is_posted_again_by_new_messages_only() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Api::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert_eq!(pair.b.events().len(), 1);
    assert!(pair.b.close(a, Api::P2p));
    assert!(!pair.b.close(a, Api::P2p));
    pair.wait(secs(6));
    pair.run();
    assert!(pair.b.events().is_empty());
    pair.a.send(b, Api::P2p, RELIABLE, "two").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::P2p)]);
    assert!(pair.b.accept(a, Api::P2p));
    pair.connect();
    pair.run();
    assert_eq!(pair.b.texts(Api::P2p), ["one", "two"]);
}

#[test]
fn sending_to_somebody_who_asks_accepts() {
    for api in Api::ALL {
        for delivery in [RELIABLE, UNRELIABLE, NO_DELAY] {
            let mut pair = Pair::new();
            let (a, b) = (pair.a.id, pair.b.id);
            pair.a.send(b, api, RELIABLE, "ping").unwrap();
            pair.run();
            let _ = pair.b.send(a, api, delivery, "pong");
            assert!(pair.b.sessions.wants_connection(a), "{api:?} {delivery:?}");
            pair.connect();
            pair.run();
            assert_eq!(pair.b.texts(api), ["ping"]);
            assert_eq!(
                pair.a.texts(api),
                if delivery == NO_DELAY && api == Api::P2p {
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
    pair.a.send(b, Api::P2p, RELIABLE, "one").unwrap();
    pair.run();
    assert!(pair.b.accept(a, Api::P2p));
    assert_eq!(pair.b.controls().len(), 1);
    pair.wait(secs(2));
    pair.run();
    assert_eq!(pair.a.state(b, Api::P2p), Some(SessionState::Connecting));
}

#[test]
fn the_oldest_of_too_many_requests_is_forgotten() {
    let mut side = Side::new(1);
    let last = MAX_PENDING_REQUESTS as u64 + 2;
    for number in 2..=last {
        side.control(
            user(number),
            Control::Request {
                api: Api::Messages,
                incarnation: 7,
                repeat: 0,
            },
        );
        check(&side.sessions);
    }
    assert!(!side.accept(user(2), Api::Messages));
    assert!(side.accept(user(3), Api::Messages));
    assert!(side.accept(user(last), Api::Messages));
}

#[test]
fn a_request_expires_when_its_sender_has_given_up() {
    for (api, after) in [(Api::P2p, 25), (Api::Messages, 15)] {
        let mut side = Side::new(1);
        side.control(
            user(2),
            Control::Request {
                api,
                incarnation: 7,
                repeat: 0,
            },
        );
        side.wait(secs(after - 1));
        // The sender is still there: that counts from now.
        side.control(
            user(2),
            Control::Request {
                api,
                incarnation: 7,
                repeat: 0,
            },
        );
        side.wait(secs(after - 1));
        assert_eq!(side.sessions.pending.len(), 1);
        side.wait(secs(1));
        assert!(side.sessions.peers.is_empty());
        assert_eq!(side.accept(user(2), api), api == Api::P2p);
    }
}

#[test]
fn many_repeats_between_two_looks_are_one_event() {
    let mut side = Side::new(1);
    for repeat in 0..100 {
        side.control(
            user(2),
            Control::Request {
                api: Api::P2p,
                incarnation: 7,
                repeat,
            },
        );
    }
    assert_eq!(side.events(), [requested(user(2), Api::P2p)]);
    side.control(
        user(2),
        Control::Request {
            api: Api::P2p,
            incarnation: 7,
            repeat: 100,
        },
    );
    assert_eq!(side.events(), [requested(user(2), Api::P2p)]);
}

#[test]
fn one_who_says_to_be_oneself_is_not_listened_to() {
    let mut side = Side::new(1);
    side.control(
        side.id,
        Control::Request {
            api: Api::P2p,
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
        api: Api::Messages,
        incarnation: 1,
        repeat: 2,
    };
    assert_eq!(postcard::to_stdvec(&request).unwrap(), [0, 1, 1, 2]);
    let close = Control::Close {
        api: Api::P2p,
        incarnation: 300,
        yours: 0,
        idle: true,
    };
    let bytes = postcard::to_stdvec(&close).unwrap();
    assert_eq!(bytes, [2, 0, 0xac, 2, 0, 1]);
    assert_eq!(postcard::from_bytes::<Control>(&bytes).unwrap(), close);
}
