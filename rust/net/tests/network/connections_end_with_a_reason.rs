//! Connections open, are refused and end, and the other side hears why.

use std::time::Duration;

use samovar_net::wire::{Body, Signal};
use samovar_net::{ConnectionState, FailReason, Flow};

use super::connections::end;
use super::counted;
use super::harness::Net;

const CLOSED: Option<ConnectionState> = Some(ConnectionState::ClosedByPeer);

fn closed_for(net: &Net, node: usize, peer: usize, id: samovar_net::ConnectionId, reason: i32) {
    let status = net.status(node, peer, id).expect("it is known");
    assert_eq!(status.state, ConnectionState::ClosedByPeer);
    assert_eq!(status.end, Some(end(reason)));
}

#[test]
fn from_either_side() {
    for (seed, dialler) in [(1, 0), (2, 1)] {
        let mut net = Net::pair(seed);
        let other = 1 - dialler;
        let id = net.connection(dialler, other);
        assert_eq!(id.by_lower, dialler == 0);
        net.say_in(dialler, other, id, 0, b"hello");
        net.say_in(other, dialler, id, 5, b"");
        net.run(Duration::from_millis(200));
        assert_eq!(net.read_connection(other, dialler, id), [&b"hello"[..]]);
        assert_eq!(net.read_connection(dialler, other, id), [&b""[..]]);
        assert!(net.end_connection(other, dialler, id, 1001, None));
        net.run(Duration::from_millis(200));
        closed_for(&net, dialler, other, id, 1001);
        assert_eq!(net.how(other, dialler, id), None);
    }
}

/// Who refuses has not consented to be connected: no address of theirs is told.
#[test]
fn before_there_is_any_connection() {
    let mut net = Net::pair(3);
    let id = net.dial_port(0, 1, 9);
    let asked = |net: &mut Net| net.how(1, 0, id) == Some(ConnectionState::Asked);
    assert!(net.run_until(Duration::from_secs(2), asked));
    assert!(net.end_connection(1, 0, id, 1044, None));
    let refused = |net: &mut Net| net.how(0, 1, id) == CLOSED;
    assert!(net.run_until(Duration::from_secs(1), refused));
    closed_for(&net, 0, 1, id, 1044);
    let (_, to, refusal) = net.signals.last().unwrap();
    assert_eq!(*to, net.nodes[0].id);
    let (refusal, _) = Signal::unseal(refusal).unwrap();
    assert!(matches!(refusal.body, Body::Offer(offer) if offer.candidates.is_empty()));
    let sent = net.nodes[1].packets_sent;
    net.run(Duration::from_secs(15));
    assert_eq!(net.nodes[1].packets_sent, sent, "nothing goes to them");
    assert_eq!(net.how(1, 0, id), None, "nothing comes back to life");
}

/// And who asked and takes it back is not waited for.
#[test]
fn by_who_asked_before_it_was_accepted() {
    let mut net = Net::pair(7);
    let id = net.dial_port(1, 0, 9);
    let asked = |net: &mut Net| net.how(0, 1, id) == Some(ConnectionState::Asked);
    assert!(net.run_until(Duration::from_secs(2), asked));
    assert!(net.end_connection(1, 0, id, 1000, None));
    net.run(Duration::from_millis(200));
    assert_eq!(net.how(0, 1, id), None);
    assert!(!net.accept(0, 1, Flow::Connection(id)));
}

#[test]
fn a_peer_whose_process_dies_is_noticed() {
    let mut net = Net::pair(4);
    let id = net.connection(0, 1);
    let second = net.connection(1, 0);
    net.crash(1);
    net.run(Duration::from_secs(12));
    for id in [id, second] {
        let failed = Some(ConnectionState::Failed(FailReason::RemoteTimeout));
        assert_eq!(net.how(0, 1, id), failed);
    }
}

/// The process that comes after it knows nothing of it, and says so.
#[test]
fn a_peer_that_starts_anew_ends_it() {
    let mut net = Net::pair(5);
    let id = net.connection(0, 1);
    net.restart(1);
    let other = net.connection(1, 0);
    assert_eq!(net.how(0, 1, id), CLOSED);
    net.run(Duration::from_secs(1));
    assert_eq!(net.how(1, 0, id), None);
    assert_eq!(net.how(0, 1, other), Some(ConnectionState::Connected));
}

#[test]
fn many_of_a_pair_do_not_disturb_each_other() {
    let mut net = Net::pair(6);
    let first = net.connection(0, 1);
    let ids: Vec<_> = (0..20).map(|_| net.connection(1, 0)).collect();
    for (id, lane) in ids.iter().zip(0..) {
        net.say_in(1, 0, *id, lane, &lane.to_be_bytes());
    }
    net.run(Duration::from_millis(300));
    for (id, lane) in ids.iter().zip(0_u32..) {
        if lane % 2 == 0 {
            net.end_connection(0, 1, *id, 1000, None);
        } else {
            let read = net.read_connection(0, 1, *id);
            assert_eq!(read, [&lane.to_be_bytes()[..]]);
        }
    }
    net.run(Duration::from_millis(300));
    for (id, lane) in ids.iter().zip(0..) {
        let expected = if lane % 2 == 0 {
            ConnectionState::ClosedByPeer
        } else {
            ConnectionState::Connected
        };
        assert_eq!(net.how(1, 0, *id), Some(expected));
    }
    net.say_in(0, 1, first, 0, b"still");
    net.run(Duration::from_millis(300));
    assert_eq!(net.read_connection(1, 0, first), [&b"still"[..]]);
    assert!(net.accept(1, 0, Flow::Connection(first)));
}

/// Beside what QUIC keeps for the pair, an idle connection costs little, and one that is over nothing.
#[test]
fn idle_ones_cost_little_memory() {
    let mut net = Net::pair(8);
    let first = net.connection(0, 1);
    let round = |net: &mut Net| {
        let ids: Vec<_> = (0..50)
            .map(|number| {
                let id = net.connection(0, 1);
                net.say_in(0, 1, id, 0, &[number; 20]);
                id
            })
            .collect();
        net.run(Duration::from_secs(2));
        for id in &ids {
            assert_eq!(net.read_connection(1, 0, *id).len(), 1);
        }
        net.run(Duration::from_secs(20));
        let most = counted::bytes();
        for id in ids {
            net.end_connection(0, 1, id, 0, None);
            net.run(Duration::from_millis(50));
            net.end_connection(1, 0, id, 0, None);
        }
        net.run(Duration::from_secs(20));
        most
    };
    round(&mut net);
    let before = counted::bytes();
    let most = round(&mut net);
    let after = counted::bytes();
    assert_eq!(net.how(0, 1, first), Some(ConnectionState::Connected));
    // Of both ends together.
    let each = (most - before) / 50;
    assert!(each < 10_000, "{each}");
    // Each is remembered to be over, and signals are kept by the test.
    let left = (after - before) / 50;
    assert!(left < 500, "{left}");
    eprintln!("an idle connection: {each} bytes at both ends; one that is over: {left}");
}
