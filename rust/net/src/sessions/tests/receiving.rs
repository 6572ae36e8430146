//! Reading what has arrived.

use bytes::Bytes;

use super::support::*;
use crate::sessions::config::MAX_CHANNELS;
use crate::sessions::{Control, Flow, Incoming, SendError};

/// A user with an open session with each of some peers, whose incarnation is 7.
fn reader(peers: u64) -> Side {
    let mut side = Side::new(1);
    for peer in (2..).take(usize::try_from(peers).unwrap()).map(user) {
        for flow in Flow::BY_USER {
            side.control(
                peer,
                Control::Request {
                    flow,
                    incarnation: 7,
                    repeat: 0,
                },
            );
            assert!(side.accept(peer, flow));
        }
        side.connect(peer);
    }
    side.events();
    side.controls();
    side
}

fn deliver(side: &mut Side, from: u64, flow: Flow, channel: u32, reliable: bool, data: &[u8]) {
    let data = Bytes::copy_from_slice(data);
    side.sessions.deliver(
        side.now,
        user(from),
        Incoming {
            flow,
            incarnation: 7,
            channel,
            reliable,
            data,
        },
    );
}

fn text(side: &mut Side, flow: Flow, channel: u32) -> Option<String> {
    side.read(flow, channel)
        .map(|message| String::from_utf8_lossy(&message.data).into_owned())
}

#[test]
fn a_channel_is_one_queue_over_all_peers() {
    let mut side = reader(2);
    for (from, words) in [(2, "a"), (3, "bb"), (2, "ccc")] {
        deliver(&mut side, from, Flow::P2p, 4, true, words.as_bytes());
    }
    deliver(&mut side, 3, Flow::P2p, 5, true, b"other channel");
    deliver(&mut side, 3, Flow::Messages, 4, true, b"other interface");
    for words in ["a", "bb", "ccc"] {
        assert_eq!(side.sessions.available(Flow::P2p, 4), Some(words.len()));
        assert_eq!(text(&mut side, Flow::P2p, 4).as_deref(), Some(words));
    }
    assert_eq!(side.sessions.available(Flow::P2p, 4), None);
    assert_eq!(text(&mut side, Flow::P2p, 4), None);
    assert_eq!(
        text(&mut side, Flow::P2p, 5).as_deref(),
        Some("other channel")
    );
    assert_eq!(
        text(&mut side, Flow::Messages, 4).as_deref(),
        Some("other interface")
    );
}

#[test]
fn an_empty_message_is_a_message_and_an_empty_packet_is_nothing() {
    let mut side = reader(1);
    deliver(&mut side, 2, Flow::Messages, 0, true, b"");
    deliver(&mut side, 2, Flow::Messages, 0, true, b"behind");
    assert_eq!(side.sessions.available(Flow::Messages, 0), Some(0));
    assert_eq!(side.texts(Flow::Messages), ["", "behind"]);

    for reliable in [true, false] {
        deliver(&mut side, 2, Flow::P2p, 0, reliable, b"");
        assert_eq!(side.sessions.available(Flow::P2p, 0), None);
        deliver(&mut side, 2, Flow::P2p, 0, reliable, b"behind");
        assert_eq!(side.sessions.available(Flow::P2p, 0), Some(6));
        assert_eq!(side.texts(Flow::P2p), ["behind"]);
    }
}

#[test]
fn an_empty_packet_is_refused() {
    let mut side = Side::new(1);
    for to in [user(2), side.id] {
        for delivery in [RELIABLE, UNRELIABLE, BUFFERED, NO_DELAY] {
            let sent = side.send(to, Flow::P2p, delivery, "");
            assert_eq!(sent, Err(SendError::Empty));
        }
    }
    assert!(side.sessions.peers.is_empty(), "nobody is asked");
}

#[test]
fn messages_are_numbered_by_peer_and_interface() {
    let mut side = reader(2);
    for (from, flow) in [
        (2, Flow::P2p),
        (3, Flow::P2p),
        (2, Flow::P2p),
        (2, Flow::Messages),
        (2, Flow::P2p),
    ] {
        deliver(&mut side, from, flow, 0, true, b"x");
    }
    let numbers: Vec<_> = std::iter::from_fn(|| side.read(Flow::P2p, 0))
        .map(|message| (message.peer, message.number))
        .collect();
    assert_eq!(
        numbers,
        [(user(2), 1), (user(3), 1), (user(2), 2), (user(2), 3)]
    );
    let message = side.read(Flow::Messages, 0).unwrap();
    assert_eq!(
        (message.number, message.received, message.reliable),
        (1, side.now, true)
    );
}

#[test]
fn a_channel_that_nobody_reads_is_closed_to_more() {
    let mut side = reader(2);
    let limit = side.sessions.config.receive_limit;
    let piece = vec![0; limit / 2 - 1];
    for _ in 0..3 {
        assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
        deliver(&mut side, 2, Flow::P2p, 0, true, &piece);
    }
    assert!(!side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert!(
        side.sessions.receive_room(user(2), Flow::P2p, 1),
        "another channel goes on"
    );
    assert!(side.sessions.receive_room(user(2), Flow::Messages, 0));
    assert!(
        side.sessions.receive_room(user(3), Flow::P2p, 0),
        "another peer goes on"
    );
    deliver(&mut side, 2, Flow::P2p, 0, false, b"dropped");
    deliver(&mut side, 2, Flow::P2p, 1, false, b"kept");
    check(&side.sessions);
    assert!(side.read(Flow::P2p, 0).is_some());
    assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert_eq!(std::iter::from_fn(|| side.read(Flow::P2p, 0)).count(), 2);
    assert_eq!(std::iter::from_fn(|| side.read(Flow::P2p, 1)).count(), 1);
}

#[test]
fn the_endpoint_is_woken_by_reading_when_it_waits_for_room() {
    let mut side = reader(1);
    let piece = vec![0; side.sessions.config.receive_limit / 2];
    deliver(&mut side, 2, Flow::P2p, 0, true, &piece);
    assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert!(!side.sessions.take_waits_for_room(), "there was room");
    deliver(&mut side, 2, Flow::P2p, 0, true, &piece);
    assert!(!side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert!(side.read(Flow::P2p, 0).is_some());
    assert!(side.sessions.take_waits_for_room());
    assert!(!side.sessions.take_waits_for_room(), "told once");
    assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert!(!side.sessions.take_waits_for_room());
}

#[test]
fn the_number_of_unread_messages_is_bounded() {
    let mut side = reader(1);
    for _ in 0..side.sessions.config.receive_messages + 5 {
        deliver(&mut side, 2, Flow::Messages, 0, false, b"");
    }
    assert!(!side.sessions.receive_room(user(2), Flow::Messages, 0));
    let count = std::iter::from_fn(|| side.read(Flow::Messages, 0)).count();
    assert_eq!(count, side.sessions.config.receive_messages);
}

#[test]
fn what_a_peer_leaves_unread_is_bounded_over_its_channels() {
    let mut side = reader(1);
    let piece = vec![0; 512 * 1024];
    let mut channel = 0;
    while side.sessions.receive_room(user(2), Flow::P2p, channel) {
        deliver(&mut side, 2, Flow::P2p, channel, true, &piece);
        channel += 1;
        assert!(channel < 40);
    }
    assert_eq!(channel, 16);
    assert!(!side.sessions.receive_room(user(2), Flow::P2p, 0));
    assert!(side.read(Flow::P2p, 3).is_some());
    assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
}

#[test]
fn a_peer_has_so_many_channels_that_are_unread() {
    let mut side = reader(1);
    let last = u32::try_from(MAX_CHANNELS).unwrap();
    for channel in 0..last {
        deliver(&mut side, 2, Flow::P2p, channel, true, b"x");
    }
    assert!(!side.sessions.receive_room(user(2), Flow::P2p, last));
    assert!(side.sessions.receive_room(user(2), Flow::P2p, 0));
    deliver(&mut side, 2, Flow::P2p, last, false, b"dropped");
    assert_eq!(side.sessions.available(Flow::P2p, last), None);
    // One that has been read makes room.
    assert!(side.read(Flow::P2p, 9).is_some());
    assert!(side.sessions.receive_room(user(2), Flow::P2p, last));
    deliver(&mut side, 2, Flow::P2p, last, true, b"x");
    assert!(side.sessions.available(Flow::P2p, last).is_some());
    check(&side.sessions);
}

#[test]
fn strangers_are_not_delivered_and_do_not_block() {
    let mut side = reader(1);
    assert!(side.sessions.receive_room(user(9), Flow::P2p, 0));
    deliver(&mut side, 9, Flow::P2p, 0, true, b"who am I");
    assert_eq!(side.sessions.available(Flow::P2p, 0), None);
    assert_eq!(side.sessions.peers.len(), 1);
}

#[test]
fn memory_of_many_channels_is_given_back() {
    let mut side = reader(1);
    for channel in 0..10_000 {
        deliver(&mut side, 2, Flow::P2p, channel, true, b"x");
        assert!(side.read(Flow::P2p, channel).is_some());
    }
    check(&side.sessions);
}
