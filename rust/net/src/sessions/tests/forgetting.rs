//! Peers with whom there is nothing leave nothing behind, but for a bounded record.

use super::support::*;
use crate::sessions::config::{MAX_CONTROLS, MAX_EVENTS, MAX_RECORDS};
use crate::sessions::{Control, DisconnectReason, Flow};

#[test]
fn peers_come_and_go() {
    let mut side = Side::new(1);
    for number in 2..2 * MAX_RECORDS as u64 {
        let peer = user(number);
        side.control(
            peer,
            Control::Request {
                flow: Flow::P2p,
                incarnation: 7,
                repeat: 0,
            },
        );
        side.accept(peer, Flow::P2p);
        side.connect(peer);
        side.send(peer, Flow::P2p, RELIABLE, "hello").unwrap();
        side.close(peer, Flow::P2p);
        side.disconnect(peer, DisconnectReason::ClosedByPeer);
        side.control(
            peer,
            Control::Close {
                flow: Flow::Messages,
                incarnation: 9,
                yours: 3,
                idle: false,
            },
        );
        side.control(
            peer,
            Control::Accept {
                flow: Flow::Messages,
                yours: 1_000_003,
                mine: 11,
            },
        );
    }
    check(&side.sessions);
    assert!(side.sessions.peers.is_empty());
    assert_eq!(side.sessions.poll_timeout(), None);
    assert!(side.events().len() <= MAX_EVENTS);
    assert!(side.controls().len() <= 2 * MAX_CONTROLS);
}

#[test]
fn a_request_is_heard_even_if_earlier_events_were_lost() {
    let mut side = Side::new(1);
    let first = user(2);
    side.control(
        first,
        Control::Request {
            flow: Flow::P2p,
            incarnation: 7,
            repeat: 0,
        },
    );
    side.accept(first, Flow::P2p);
    for number in 0..MAX_EVENTS as u64 {
        side.control(
            user(3 + number),
            Control::Request {
                flow: Flow::P2p,
                incarnation: 7,
                repeat: 0,
            },
        );
    }
    side.close(first, Flow::P2p);
    side.events();
    side.control(
        first,
        Control::Request {
            flow: Flow::P2p,
            incarnation: 8,
            repeat: 0,
        },
    );
    assert_eq!(side.events(), [requested(first, Flow::P2p)]);
}

#[test]
fn a_user_whose_clock_was_set_back_is_heard_after_a_while() {
    let mut side = Side::new(1);
    let peer = user(2);
    side.control(
        peer,
        Control::Request {
            flow: Flow::P2p,
            incarnation: 1000,
            repeat: 0,
        },
    );
    side.accept(peer, Flow::P2p);
    side.close(peer, Flow::P2p);
    side.events();
    let earlier = Control::Request {
        flow: Flow::P2p,
        incarnation: 10,
        repeat: 0,
    };
    side.control(peer, &earlier);
    assert!(side.events().is_empty());
    side.wait(secs(600));
    side.control(peer, &earlier);
    assert_eq!(side.events(), [requested(peer, Flow::P2p)]);
}
