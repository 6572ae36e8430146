//! Random bytes, altered packets and replayed packets, from strangers and under a peer's address.

use std::net::SocketAddr;
use std::time::Duration;

use samovar_net::wire::PROBE_LEN;
use samovar_net::{Flow, SessionState};

use super::harness::{Net, address, reliable};

pub(crate) struct Random(pub(crate) u64);

impl Random {
    pub(crate) fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }

    fn bytes(&mut self) -> Vec<u8> {
        let len = usize::try_from(self.next() % 1400).unwrap();
        (0..len).map(|_| self.next().to_le_bytes()[0]).collect()
    }
}

fn still_works(net: &mut Net) {
    assert_eq!(net.state(0, 1, Flow::P2p), Some(SessionState::Connected));
    assert_eq!(net.state(1, 0, Flow::P2p), Some(SessionState::Connected));
    net.receive_all(1, Flow::P2p, 0);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"still");
    assert!(net.run_until(Duration::from_secs(3), |net| {
        net.receive(1, Flow::P2p, 0)
            .is_some_and(|m| m.data[..] == b"still"[..])
    }));
}

#[test]
fn random_datagrams_from_strangers_and_in_a_peers_name() {
    let mut net = Net::pair(1);
    net.meet(0, 1, Flow::P2p);
    let (peer, me) = (net.nodes[0].addr, net.nodes[1].addr);
    let stranger = address(9, 1234);
    let mut random = Random(99);
    for first in 0..=255_u8 {
        for _ in 0..8 {
            let mut data = random.bytes();
            if let Some(byte) = data.first_mut() {
                *byte = first;
            }
            net.inject(stranger, me, data.clone());
            net.inject(peer, me, data);
        }
        net.run(Duration::from_millis(1));
    }
    net.run(Duration::from_secs(1));
    still_works(&mut net);
}

/// A stranger who sends nothing that the process understands gets no answer.
#[test]
fn a_process_that_does_not_host_answers_no_stranger_but_dials() {
    let mut net = Net::pair(2);
    let (stranger, me) = (address(9, 1234), net.nodes[1].addr);
    let mut random = Random(7);
    for _ in 0..2000 {
        let data = random.bytes();
        net.inject(stranger, me, data);
    }
    net.run(Duration::from_secs(1));
    assert!(
        net.nodes[1].packets_sent < 1000,
        "{}",
        net.nodes[1].packets_sent
    );
}

fn recorded(net: &mut Net) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
    net.record = Some(Vec::new());
    net.meet(0, 1, Flow::P2p);
    for number in 0..20 {
        net.send(0, 1, Flow::P2p, 0, reliable(), &[number; 300]);
        net.run(Duration::from_millis(5));
    }
    net.record.take().unwrap()
}

#[test]
fn replays_and_altered_copies() {
    let mut net = Net::pair(3);
    let packets = recorded(&mut net);
    let stranger = address(9, 1234);
    let mut random = Random(5);
    for (from, to, data) in &packets {
        net.inject(*from, *to, data.clone());
        net.inject(stranger, *to, data.clone());
        for _ in 0..4 {
            let mut changed = data.clone();
            let at = usize::try_from(random.next()).unwrap() % changed.len();
            changed[at] ^= 1 << (random.next() % 8);
            net.inject(*from, *to, changed);
            let cut = usize::try_from(random.next()).unwrap() % data.len();
            net.inject(*from, *to, data[..cut].to_vec());
        }
        net.run(Duration::from_millis(1));
    }
    net.run(Duration::from_secs(1));
    still_works(&mut net);
}

/// Captured probes of one peer, sent under the address of another, do not cut that other one off.
#[test]
fn replayed_probes_take_no_address_away() {
    let mut net = Net::pair(4);
    net.add(2);
    let packets = recorded(&mut net);
    net.meet(2, 1, Flow::P2p);
    let (victim, me) = (net.nodes[2].addr, net.nodes[1].addr);
    net.receive_all(1, Flow::P2p, 0);
    for _ in 0..30 {
        for (_, to, data) in packets
            .iter()
            .filter(|(_, to, data)| *to == me && data.len() == PROBE_LEN)
        {
            net.inject(victim, *to, data.clone());
        }
        net.send(2, 1, Flow::P2p, 0, reliable(), b"tick");
        net.run(Duration::from_millis(100));
    }
    net.run(Duration::from_millis(100));
    let arrived = net.receive_all(1, Flow::P2p, 0);
    assert_eq!(
        arrived
            .iter()
            .filter(|data| data[..] == b"tick"[..])
            .count(),
        30
    );
}
