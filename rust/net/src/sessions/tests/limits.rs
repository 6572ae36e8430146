//! Bounds on what is sent.

use bytes::Bytes;

use super::support::*;
use crate::sessions::config::{MAX_CHANNELS, MAX_QUEUED_MESSAGES, MAX_SESSIONS};
use crate::sessions::{Flow, SendError};

#[test]
fn a_message_may_be_so_large_and_no_larger() {
    for (flow, delivery, max) in [
        (Flow::P2p, UNRELIABLE, 1200),
        (Flow::P2p, RELIABLE, 1024 * 1024),
        (Flow::P2p, BUFFERED, 1024 * 1024),
        (Flow::Messages, UNRELIABLE, 512 * 1024),
        (Flow::Messages, RELIABLE, 512 * 1024),
    ] {
        let mut side = Side::new(1);
        let too_large = Err(SendError::TooLarge { max });
        assert_eq!(
            side.send(user(2), flow, delivery, &"x".repeat(max + 1)),
            too_large
        );
        assert!(side.sessions.peers.is_empty(), "nothing half done");
        assert_eq!(
            side.send(user(2), flow, delivery, &"x".repeat(max)),
            Ok(1),
            "{flow:?} {delivery:?}"
        );
    }
}

#[test]
fn a_send_buffer_holds_so_much() {
    for (flow, limit) in [(Flow::P2p, 2 * 1024 * 1024), (Flow::Messages, 512 * 1024)] {
        let mut pair = Pair::open(flow);
        let b = pair.b.id;
        let piece = "x".repeat(256 * 1024);
        for _ in 0..limit / piece.len() {
            pair.a.send(b, flow, RELIABLE, &piece).unwrap();
        }
        assert_eq!(
            pair.a.send(b, flow, RELIABLE, "x"),
            Err(SendError::LimitExceeded)
        );
        assert_eq!(
            pair.a.send(b, flow, UNRELIABLE, "x"),
            Err(SendError::LimitExceeded)
        );
        if flow == Flow::Messages {
            let empty = pair.a.send(b, flow, RELIABLE, "");
            assert!(empty.is_ok(), "an empty one fits");
        }

        // What the connection has and the peer has not counts as well.
        pair.a.outgoing(b);
        pair.a.sessions.set_in_flight(b, flow, [(0, limit - 10)]);
        assert_eq!(
            pair.a
                .sessions
                .info(pair.a.now, b, flow)
                .unwrap()
                .in_flight_bytes,
            limit - 10
        );
        assert_eq!(
            pair.a.send(b, flow, RELIABLE, "12345678901"),
            Err(SendError::LimitExceeded)
        );
        assert!(pair.a.send(b, flow, RELIABLE, "1234567890").is_ok());
        pair.a.sessions.set_in_flight(b, flow, []);
        assert!(pair.a.send(b, flow, RELIABLE, "12345678901").is_ok());
    }
}

#[test]
fn every_channel_has_room_of_its_own() {
    for (flow, limit) in [(Flow::P2p, 2 * 1024 * 1024), (Flow::Messages, 512 * 1024)] {
        let mut pair = Pair::open(flow);
        let b = pair.b.id;
        let piece = "x".repeat(1024);
        let refused = Err(SendError::LimitExceeded);
        while pair.a.send_on(b, flow, 1, RELIABLE, &piece) != refused {}
        // An eighth of the limit, and in any case a message.
        for _ in 0..limit / 8 / 1024 {
            pair.a.send_on(b, flow, 2, RELIABLE, &piece).unwrap();
        }
        assert_eq!(pair.a.send_on(b, flow, 2, RELIABLE, &piece), refused);
        let largest = "x".repeat(512 * 1024);
        assert!(pair.a.send_on(b, flow, 3, RELIABLE, &largest).is_ok());
        assert_eq!(pair.a.send_on(b, flow, 3, RELIABLE, "x"), refused);
    }
}

#[test]
fn empty_messages_are_bounded_too() {
    let mut side = Side::new(1);
    for _ in 0..MAX_QUEUED_MESSAGES {
        side.send(user(2), Flow::Messages, RELIABLE, "").unwrap();
    }
    assert_eq!(
        side.send(user(2), Flow::Messages, RELIABLE, ""),
        Err(SendError::LimitExceeded)
    );
}

#[test]
fn a_session_has_so_many_channels_to_send_on() {
    let mut side = Side::new(1);
    for channel in 0..u32::try_from(MAX_CHANNELS).unwrap() {
        side.send_on(user(2), Flow::P2p, channel * 1000, RELIABLE, "x")
            .unwrap();
    }
    assert_eq!(
        side.send_on(user(2), Flow::P2p, 1, RELIABLE, "x"),
        Err(SendError::TooMany)
    );
    assert!(side.send_on(user(2), Flow::P2p, 0, RELIABLE, "x").is_ok());
    assert!(
        side.send_on(user(2), Flow::Messages, 1, RELIABLE, "x")
            .is_ok(),
        "each interface has its own"
    );
    assert!(
        side.sessions
            .close_channel(side.now, user(2), Flow::P2p, 1000)
    );
    assert!(side.send_on(user(2), Flow::P2p, 1, RELIABLE, "x").is_ok());
}

#[test]
fn there_are_so_many_sessions() {
    let mut side = Side::new(1);
    let last = MAX_SESSIONS as u64 + 1;
    for number in 2..=last {
        side.send(user(number), Flow::P2p, RELIABLE, "x").unwrap();
    }
    assert_eq!(
        side.send(user(last + 1), Flow::P2p, RELIABLE, "x"),
        Err(SendError::TooMany)
    );
    assert_eq!(
        side.send(user(2), Flow::Messages, RELIABLE, "x"),
        Err(SendError::TooMany)
    );
    check(&side.sessions);
    // One that is over makes room.
    side.wait(secs(20));
    assert!(side.send(user(last + 1), Flow::P2p, RELIABLE, "x").is_ok());
    check(&side.sessions);
    assert_eq!(side.state(user(2), Flow::P2p), None);
}

#[test]
fn a_peer_cannot_send_what_the_interface_cannot() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "x").unwrap();
    let mut large = incoming(pair.a.outgoing(b).remove(0));
    large.data = Bytes::from(vec![0; 1024 * 1024 + 1]);
    pair.b.sessions.deliver(pair.b.now, a, large);
    assert!(pair.b.texts(Flow::P2p).is_empty());
}
