//! What one peer says as often as it can takes nothing from the others.

use super::support::*;
use crate::sessions::config::{MAX_CONTROLS, MAX_PENDING_REQUESTS};
use crate::sessions::{Control, Flow, SessionEvent};

fn request(incarnation: u64, repeat: u32) -> Control {
    Control::Request {
        flow: Flow::P2p,
        incarnation,
        repeat,
    }
}

/// Each request of somebody with a session is answered: once for all that came between two looks.
#[test]
fn answers_to_one_do_not_displace_the_end_of_anothers_session() {
    let (mut side, honest, flooding) = (Side::new(1), user(2), user(3));
    for peer in [honest, flooding] {
        side.control(peer, request(7, 0));
        assert!(side.accept(peer, Flow::P2p));
        side.connect(peer);
    }
    side.controls();
    assert!(side.close(honest, Flow::P2p));
    for repeat in 0..2 * u32::try_from(MAX_CONTROLS).unwrap() {
        side.control(flooding, request(7, repeat));
        side.control(flooding, request(8 + u64::from(repeat), 0));
        side.control(
            flooding,
            Control::Idle {
                flow: Flow::Messages,
                incarnation: u64::from(repeat),
                yours: 1,
                sent: 0,
                received: 0,
            },
        );
    }
    check(&side.sessions);
    let said: Vec<_> = std::iter::from_fn(|| side.sessions.poll_control()).collect();
    let closes = |(peer, control): &&(_, Control)| {
        *peer == honest && matches!(control, Control::Close { .. })
    };
    assert_eq!(said.iter().filter(closes).count(), 1);
    assert!(said.len() <= 5, "{said:?}");
}

/// A game that closes and asks again faster than it is looked at is understood all the same.
#[test]
fn many_ends_between_two_looks_are_heard_as_one() {
    for again in [false, true] {
        let mut pair = Pair::open(Flow::P2p);
        let (a, b) = (pair.a.id, pair.b.id);
        for _ in 0..MAX_CONTROLS {
            assert!(pair.a.close(b, Flow::P2p));
            pair.a.send(b, Flow::P2p, RELIABLE, "again").unwrap();
        }
        if !again {
            assert!(pair.a.close(b, Flow::P2p));
        }
        pair.run();
        assert!(pair.b.texts(Flow::P2p).is_empty());
        assert!(!pair.b.sessions.wants_connection(a));
        let asked = vec![requested(a, Flow::P2p)];
        assert_eq!(pair.b.events(), if again { asked } else { vec![] });
        if again {
            assert!(pair.b.accept(a, Flow::P2p));
            pair.run();
            assert_eq!(pair.b.texts(Flow::P2p), ["again"]);
        }
    }
}

#[test]
fn one_who_asks_without_end_takes_no_other_request_away() {
    let (mut side, honest, flooding) = (Side::new(1), user(2), user(3));
    side.control(honest, request(7, 0));
    for incarnation in 1..4 * MAX_PENDING_REQUESTS as u64 {
        side.control(flooding, request(incarnation, 0));
        side.control(flooding, request(incarnation, 1));
    }
    let mut events = side.events();
    events.sort_by_key(|event| match event {
        SessionEvent::Requested { peer, .. } | SessionEvent::Failed { peer, .. } => *peer,
    });
    let asked = [honest, flooding].map(|peer| requested(peer, Flow::P2p));
    assert_eq!(events, asked);
    side.accept(honest, Flow::P2p);
    assert!(side.sessions.wants_connection(honest));
}

/// The honest one's request is asked again when it comes again, although so many others have come since.
#[test]
fn a_request_that_many_strangers_displace_is_news_again() {
    let (mut side, honest) = (Side::new(1), user(2));
    side.control(honest, request(7, 0));
    assert_eq!(side.events().len(), 1);
    for number in 0..MAX_PENDING_REQUESTS as u64 {
        side.control(user(100 + number), request(7, 0));
    }
    side.events();
    side.control(honest, request(7, 0));
    assert_eq!(side.events(), [requested(honest, Flow::P2p)]);
    assert!(side.accept(honest, Flow::P2p));
    assert!(side.sessions.wants_connection(honest));
    check(&side.sessions);
}
