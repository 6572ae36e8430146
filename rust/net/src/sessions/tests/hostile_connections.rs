//! Peers that say what they may not, too much of it, or too late.

use bytes::Bytes;
use samovar_id::SteamId;

use super::connections::end;
use super::support::*;
use crate::sessions::{
    ConnectionId, ConnectionState, Control, END_OVER, END_TOO_MANY, Flow, Incoming,
    MAX_CONNECTIONS, MAX_CONNECTIONS_OF_PEER, MAX_PENDING_CONNECTIONS,
    MAX_PENDING_CONNECTIONS_OF_PEER, SendError,
};

const ME: u64 = 500;

fn me() -> Side {
    Side::new(ME)
}

/// A connection that `by` has dialled to `to`.
fn dialled_by(by: SteamId, to: SteamId, number: u64) -> ConnectionId {
    ConnectionId {
        port: 1,
        number,
        by_lower: by < to,
        symmetric: false,
    }
}

fn request(id: ConnectionId) -> Control {
    Control::Request {
        flow: Flow::Connection(id),
        incarnation: id.number,
        repeat: 0,
    }
}

fn accept(id: ConnectionId) -> Control {
    Control::Accept {
        flow: Flow::Connection(id),
        yours: id.number,
        mine: id.number,
    }
}

fn over(id: ConnectionId, sent: u64) -> Control {
    let end = end(9, "");
    Control::End { id, sent, end }
}

fn data(side: &mut Side, from: SteamId, id: ConnectionId) {
    let incoming = Incoming {
        flow: Flow::Connection(id),
        incarnation: id.number,
        channel: 0,
        reliable: true,
        data: Bytes::from_static(b"data"),
    };
    side.sessions.deliver(side.now, from, incoming);
}

/// With which reasons it is told that connections are over.
fn told(side: &mut Side) -> Vec<i32> {
    let reason = |control| match control {
        Control::End { end, .. } => Some(end.reason),
        _ => None,
    };
    side.controls().into_iter().filter_map(reason).collect()
}

#[test]
fn nobody_dials_or_accepts_in_the_name_of_another() {
    for number in [3, ME + 3] {
        let (mut side, peer, other) = (me(), user(number), user(number + 1));
        let mine = side.dial(peer, 7);
        side.controls();
        let lie = ConnectionId {
            number: mine.number + 1,
            ..mine
        };
        // They ask for what this user would have dialled.
        side.control(peer, request(mine));
        side.control(peer, request(lie));
        side.connect(peer);
        side.connect(other);
        assert_eq!(side.how(peer, mine), Some(ConnectionState::Requesting));
        assert_eq!(side.how(peer, lie), None);
        // Somebody else accepts it, ends it, and sends in it.
        for word in [accept(mine), over(mine, 0)] {
            side.control(other, word);
        }
        data(&mut side, other, mine);
        assert_eq!(side.how(peer, mine), Some(ConnectionState::Requesting));
        assert_eq!(side.how(other, mine), None);
        // They accept what they have dialled themselves, and send before anybody accepts.
        let theirs = dialled_by(peer, side.id, 9);
        side.control(peer, request(theirs));
        side.control(peer, accept(theirs));
        assert_eq!(side.how(peer, theirs), Some(ConnectionState::Asked));
        data(&mut side, peer, theirs);
        assert_eq!(side.how(peer, theirs), None);
        // Another number than that of the connection.
        let word = Control::Accept {
            flow: Flow::Connection(mine),
            yours: mine.number,
            mine: 77,
        };
        side.control(peer, word);
        assert_eq!(side.how(peer, mine), Some(ConnectionState::Requesting));
        side.control(peer, accept(mine));
        assert_eq!(side.how(peer, mine), Some(ConnectionState::Connected));
        check(&side.sessions);
    }
}

#[test]
fn what_is_not_yet_cannot_be_made_over() {
    let (mut side, peer) = (me(), user(3));
    side.connect(peer);
    let next = side.dial(peer, 1).number + 1;
    for number in next..next + 5 {
        let id = dialled_by(side.id, peer, number);
        side.control(peer, over(id, 0));
        data(&mut side, peer, id);
    }
    assert!(told(&mut side).is_empty());
    let id = side.dial(peer, 1);
    side.control(peer, accept(id));
    assert_eq!(side.how(peer, id), Some(ConnectionState::Connected));
}

#[test]
fn a_peer_has_so_many_and_takes_no_others() {
    let (mut side, peer, honest) = (me(), user(3), user(4));
    side.connect(peer);
    let id = |number| dialled_by(peer, user(ME), number);
    for round in 0..4_u64 {
        for number in 0..200 {
            side.control(peer, request(id(1 + round * 200 + number)));
            side.control(peer, request(id(1 + round * 200 + number)));
        }
        check(&side.sessions);
        let (changed, refused) = (side.changed(), told(&mut side));
        let rounds = MAX_CONNECTIONS_OF_PEER / MAX_PENDING_CONNECTIONS_OF_PEER;
        let has_room = round < rounds as u64;
        let expected = if has_room {
            MAX_PENDING_CONNECTIONS_OF_PEER
        } else {
            0
        };
        assert_eq!(changed.len(), expected, "{round}");
        assert_eq!(refused, vec![END_TOO_MANY; 200 - expected], "each once");
        for id in changed {
            assert!(side.accept(peer, Flow::Connection(id)));
        }
        side.changed();
        side.controls();
    }
    assert_eq!(
        side.sessions.dial(side.now, peer, 1, false, secs(1)),
        Err(SendError::TooMany)
    );
    side.control(honest, request(dialled_by(honest, side.id, 1)));
    assert_eq!(side.changed().len(), 1);
    // One that is over makes room again.
    assert!(side.end(peer, id(1), 0));
    side.control(peer, request(id(5000)));
    assert_eq!(side.changed(), [id(5000)]);
}

#[test]
fn whoever_asks_for_most_makes_room() {
    let (mut side, honest) = (me(), user(3));
    side.control(honest, request(dialled_by(honest, side.id, 1)));
    let peers: Vec<SteamId> = (10..10 + 50).map(user).collect();
    for number in 1..100 {
        for peer in &peers {
            side.control(*peer, request(dialled_by(*peer, side.id, number)));
        }
    }
    check(&side.sessions);
    let late: Vec<SteamId> = (100..140).map(user).collect();
    for peer in &late {
        side.control(*peer, request(dialled_by(*peer, side.id, 1)));
    }
    assert_eq!(side.changed().len(), MAX_PENDING_CONNECTIONS);
    check(&side.sessions);
    for peer in late.iter().chain([&honest]) {
        let id = dialled_by(*peer, side.id, 1);
        assert_eq!(side.how(*peer, id), Some(ConnectionState::Asked));
    }
    // They take nothing from P2P and Messages either.
    for flow in Flow::BY_USER {
        side.control(
            honest,
            Control::Request {
                flow,
                incarnation: 5,
                repeat: 0,
            },
        );
        assert!(side.accept(honest, flow));
    }
}

#[test]
fn all_together_have_a_bound_and_other_sessions_their_own() {
    let mut side = me();
    let mut number = 0;
    for peer in (1..)
        .map(user)
        .take(MAX_CONNECTIONS / MAX_CONNECTIONS_OF_PEER)
    {
        for _ in 0..MAX_CONNECTIONS_OF_PEER {
            number += 1;
            side.control(peer, request(dialled_by(peer, side.id, number)));
            for id in side.changed() {
                assert!(side.accept(peer, Flow::Connection(id)));
            }
            side.changed();
        }
    }
    let (late, id) = (user(400), dialled_by(user(400), side.id, 1));
    side.control(late, request(id));
    assert_eq!(side.how(late, id), None);
    assert_eq!(told(&mut side), [END_TOO_MANY]);
    side.send(late, Flow::P2p, RELIABLE, "hello").unwrap();
    check(&side.sessions);
}

#[test]
fn what_is_over_stays_over_and_is_answered_once() {
    for dialled_by_us in [true, false] {
        let (mut pair, id) = Pair::connected();
        let b = pair.b.id;
        let (side, peer) = if dialled_by_us {
            (&mut pair.a, b)
        } else {
            (&mut pair.b, user(1))
        };
        side.end(peer, id, 0);
        assert_eq!(told(side).len(), 1, "the end itself");
        for _ in 0..3 {
            side.control(peer, request(id));
            side.control(peer, accept(id));
            side.control(peer, over(id, 0));
            side.control(peer, over(id, 99));
            data(side, peer, id);
        }
        assert!(told(side).is_empty(), "it has been said");
        assert_eq!((side.how(peer, id), side.changed()), (None, vec![]));
        side.wait(secs(60));
        check(&side.sessions);
    }
}

#[test]
fn a_new_process_knows_nothing_of_it_and_says_so_once() {
    let (pair, id) = Pair::connected();
    let (a, b) = (pair.a.id, pair.b.id);
    for words in [[true, false], [false, true], [true, true]] {
        // Started later than the one that dialled.
        let mut side = Side::new(1);
        side.sessions = crate::sessions::Sessions::new(
            crate::sessions::SessionConfig::default(),
            a,
            id.number + 1000,
        );
        side.connect(b);
        for _ in 0..3 {
            if words[0] {
                side.control(b, accept(id));
            }
            if words[1] {
                data(&mut side, b, id);
            }
            side.control(b, over(id, 0));
        }
        assert_eq!(told(&mut side), [END_OVER]);
        assert_eq!((side.how(b, id), side.changed()), (None, vec![]));
    }
}

#[test]
fn floods_of_words_about_nothing_fill_no_memory() {
    let (mut side, peer) = (me(), user(3));
    side.connect(peer);
    for number in 1..20_000 {
        let id = dialled_by(peer, side.id, number);
        match number % 4 {
            0 => side.control(peer, request(id)),
            1 => side.control(peer, over(id, number)),
            2 => data(&mut side, peer, id),
            _ => {
                side.control(peer, request(id));
                side.control(peer, over(id, 0));
            }
        }
    }
    check(&side.sessions);
    assert!(side.controls().len() <= 512);
    assert!(side.changed().len() <= MAX_PENDING_CONNECTIONS_OF_PEER);
}

/// What lies unread of all connections of a peer has one bound.
#[test]
fn many_connections_leave_no_more_unread_than_one() {
    let (mut side, peer) = (me(), user(3));
    side.connect(peer);
    let total = side.sessions.config().receive_total;
    for number in 1..=30 {
        let id = dialled_by(peer, side.id, number);
        side.control(peer, request(id));
        assert!(side.accept(peer, Flow::Connection(id)));
        for _ in 0..2 {
            let incoming = Incoming {
                flow: Flow::Connection(id),
                incarnation: number,
                channel: 0,
                reliable: true,
                data: Bytes::from(vec![1; 500_000]),
            };
            side.sessions.deliver(side.now, peer, incoming);
        }
    }
    check(&side.sessions);
    let unread = |number| {
        let flow = Flow::Connection(dialled_by(peer, user(ME), number));
        side.sessions.unread(peer, flow, 0)
    };
    let all: usize = (1..=30).map(unread).sum();
    assert!(all <= total + 500_000, "{all}");
    let mut messages = Vec::new();
    let first = dialled_by(peer, side.id, 1);
    side.sessions.receive_from(peer, first, 9, &mut messages);
    assert_eq!(messages.len(), 2);
    let last = dialled_by(peer, side.id, 30);
    assert!(side.sessions.receive_room(peer, Flow::Connection(last), 0));
}
