//! A connection that is ended in time for what was sent before: the peer reads all of that before it sees the end.

use std::time::Duration;

use samovar_net::{ConnectionId, ConnectionState};

use super::harness::Net;

const MESSAGES: u32 = 400;

/// Sends much and ends at once; what the other side has read when it sees the end.
fn read_before_the_end(net: &mut Net, id: ConnectionId, linger: Option<Duration>) -> Vec<u32> {
    assert!(net.set_lanes(0, 1, id, &[(0, 1), (0, 2), (1, 1)]));
    for number in 0..MESSAGES {
        let mut data = vec![0; 1000];
        data[..4].copy_from_slice(&number.to_be_bytes());
        net.say_in(0, 1, id, number % 3, &data);
    }
    assert!(net.end_connection(0, 1, id, 1000, linger));
    assert_eq!(net.how(0, 1, id), None);
    let mut read = Vec::new();
    let ended = net.run_until(Duration::from_secs(60), |net| {
        for data in net.read_connection(1, 0, id) {
            read.push(u32::from_be_bytes(data[..4].try_into().unwrap()));
        }
        net.how(1, 0, id) == Some(ConnectionState::ClosedByPeer)
    });
    assert!(ended, "the end is seen");
    for data in net.read_connection(1, 0, id) {
        read.push(u32::from_be_bytes(data[..4].try_into().unwrap()));
    }
    read.sort_unstable();
    read
}

#[test]
fn all_of_it_is_read() {
    let all: Vec<u32> = (0..MESSAGES).collect();
    for (seed, loss) in [(1, 0), (2, 100), (3, 300)] {
        let mut net = Net::pair(seed);
        let id = net.connection(0, 1);
        net.loss = loss;
        let read = read_before_the_end(&mut net, id, Some(Duration::from_secs(60)));
        assert!(read == all, "{} of {MESSAGES} at {loss}", read.len());
    }
}

#[test]
fn no_longer_than_it_may() {
    let mut net = Net::empty(4);
    net.endpoint_config.send_rate_min = 20_000;
    net.endpoint_config.send_rate_max = 20_000;
    net.add(0);
    net.add(1);
    let id = net.connection(0, 1);
    let began = net.now;
    let read = read_before_the_end(&mut net, id, Some(Duration::from_secs(2)));
    assert!(
        net.now - began < Duration::from_secs(4),
        "{:?}",
        net.now - began
    );
    assert!(read.len() > 10 && read.len() < 200, "{}", read.len());
}

#[test]
fn without_that_the_end_comes_at_once() {
    let mut net = Net::pair(5);
    let id = net.connection(0, 1);
    let began = net.now;
    let read = read_before_the_end(&mut net, id, None);
    assert!(read.len() < MESSAGES as usize);
    assert!(net.now - began < Duration::from_millis(500));
}

/// While it waits for that, it takes nothing more and gives nothing more.
#[test]
fn who_lingers_neither_sends_nor_reads() {
    let mut net = Net::pair(6);
    let id = net.connection(0, 1);
    net.say_in(1, 0, id, 0, b"unread");
    net.run(Duration::from_millis(100));
    for _ in 0..300 {
        net.say_in(0, 1, id, 0, &[1; 1000]);
    }
    net.end_connection(0, 1, id, 1000, Some(Duration::from_secs(9)));
    assert_eq!(net.how(0, 1, id), None);
    assert!(net.read_connection(0, 1, id).is_empty());
    net.say_in(1, 0, id, 0, b"late");
    let (now, peer) = (net.now, net.nodes[1].id);
    let flow = samovar_net::Flow::Connection(id);
    let sent =
        net.nodes[0]
            .sessions
            .lock()
            .send(now, peer, flow, 0, super::harness::reliable(), b"no");
    assert_eq!(sent, Err(samovar_net::SendError::NoConnection));
    net.run(Duration::from_secs(3));
    assert!(net.read_connection(0, 1, id).is_empty());
    assert_eq!(net.read_connection(1, 0, id).len(), 300);
    assert_eq!(net.how(1, 0, id), Some(ConnectionState::ClosedByPeer));
    // Both at once come to rest.
    let id = net.connection(1, 0);
    for (from, to) in [(0, 1), (1, 0)] {
        net.say_in(from, to, id, 0, &[1; 100_000]);
        net.end_connection(from, to, id, 1000, Some(Duration::from_secs(9)));
    }
    net.run(Duration::from_secs(10));
    for node in [0, 1] {
        assert_eq!(net.how(node, 1 - node, id), None);
        let peer = net.nodes[1 - node].id;
        let sessions = net.nodes[node].sessions.lock();
        assert_eq!(sessions.live_incarnation(peer, flow), None);
    }
}
