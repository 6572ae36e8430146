//! Messages that must go at once or not at all.

use super::support::*;
use crate::sessions::config::{MAX_UNRELIABLE, NO_DELAY_BACKLOG};
use crate::sessions::{Flow, SendError, SessionState};

#[test]
fn before_the_session_is_open_packets_are_dropped_and_messages_wait() {
    for (flow, expected) in [(Flow::P2p, 0), (Flow::Messages, 1)] {
        let mut side = Side::new(1);
        assert_eq!(side.send(user(2), flow, NO_DELAY, "voice"), Ok(expected));
        let info = side.sessions.info(side.now, user(2), flow).unwrap();
        assert_eq!(info.queued_messages as u64, expected);
        // Steam asks for the session all the same.
        assert_eq!(info.state, SessionState::Requesting);
        assert_eq!(side.controls().len(), 1);
    }
}

/// As GameNetworkingSockets: a game that says hello without flags, or with those for voice, is heard.
#[test]
fn what_waits_for_the_session_goes_reliably() {
    for (flow, delivery) in [
        (Flow::P2p, UNRELIABLE),
        (Flow::Messages, UNRELIABLE),
        (Flow::Messages, NO_DELAY),
        (Flow::Messages, NAGLED_UNRELIABLE),
    ] {
        let mut pair = Pair::new();
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, flow, delivery, "first").unwrap();
        pair.run();
        assert!(pair.b.accept(a, flow));
        pair.run();
        pair.a.send(b, flow, UNRELIABLE, "before").unwrap();
        pair.connect();
        pair.a.send(b, flow, UNRELIABLE, "after").unwrap();
        let sent = pair.a.outgoing(b);
        let reliable: Vec<bool> = sent.iter().map(|message| message.reliable).collect();
        assert_eq!(reliable, [true, true, false], "{flow:?} {delivery:?}");
    }
}

/// What is cut into too many pieces goes reliably, whatever the size of packets.
#[test]
fn large_unreliable_messages_go_reliably() {
    let mut pair = Pair::open(Flow::Messages);
    let b = pair.b.id;
    for (size, reliable) in [(MAX_UNRELIABLE, false), (MAX_UNRELIABLE + 1, true)] {
        let text = "x".repeat(size);
        pair.a.send(b, Flow::Messages, UNRELIABLE, &text).unwrap();
        assert_eq!(pair.a.outgoing(b)[0].reliable, reliable);
    }
}

#[test]
fn in_an_open_session_they_go() {
    for flow in Flow::BY_USER {
        let mut pair = Pair::open(flow);
        pair.a.send(pair.b.id, flow, NO_DELAY, "voice").unwrap();
        pair.run();
        assert_eq!(pair.b.texts(flow), ["voice"]);
    }
}

#[test]
fn behind_a_backlog_messages_are_refused_and_packets_wait() {
    for (flow, expected) in [
        (Flow::P2p, Ok(3)),
        (Flow::Messages, Err(SendError::Ignored)),
    ] {
        let mut pair = Pair::open(flow);
        let b = pair.b.id;
        pair.a
            .send(b, flow, RELIABLE, &"x".repeat(NO_DELAY_BACKLOG + 1))
            .unwrap();
        assert_eq!(pair.a.send(b, flow, NO_DELAY, "voice"), expected);
    }
}

#[test]
fn a_reliable_message_waits_in_spite_of_the_flag() {
    let mut side = Side::new(1);
    let delivery = crate::sessions::Delivery {
        no_delay: true,
        ..RELIABLE
    };
    assert_eq!(
        side.send(user(2), Flow::Messages, delivery, "important"),
        Ok(1)
    );
}
