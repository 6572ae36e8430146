//! Somebody on the way hands over, before each packet, every truncation of it and every change of a byte: nothing panics,
//! nothing of it is taken for the truth, and the packet itself still does what it should.
//!
//! Of the first [`WHOLE`] bytes of a packet, where its headers are, every byte is made every other value; of the rest each
//! byte is changed in three ways, since it is all under one authentication tag. One change is left out: to version 0, which
//! makes a version negotiation of a packet. QUIC does not authenticate those, and who has no packet yet that it could
//! decrypt believes them: that attempt to connect is over, and another follows.

use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::time::Duration;

use bytes::BytesMut;
use samovar_net::{Flow, SessionState};

use super::harness::{LinkEvent, Net, address, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);
const WHOLE: usize = 48;

/// RFC 9000, 17.2.1.
fn is_negotiation(packet: &[u8]) -> bool {
    packet[0] & 0x80 != 0 && packet.get(1..5) == Some(&[0; 4])
}

fn each_change(packet: &[u8], mut take: impl FnMut(&[u8])) {
    for len in 0..packet.len() {
        take(&packet[..len]);
    }
    let mut changed = packet.to_vec();
    for (at, value) in packet.iter().enumerate() {
        if at < WHOLE {
            for other in (0..=u8::MAX).filter(|other| other != value) {
                changed[at] = other;
                if !is_negotiation(&changed) {
                    take(&changed);
                }
            }
        } else {
            for flip in [0x01, 0x80, 0xff] {
                changed[at] = value ^ flip;
                take(&changed);
            }
        }
        changed[at] = *value;
    }
}

/// A pair between whom everything goes through somebody.
struct Tampered {
    net: Net,
    /// What is handed over as it is: copies of what was changed already, and answers to changed packets.
    known: BTreeSet<Vec<u8>>,
    changes: u64,
}

impl Tampered {
    fn new(mut net: Net) -> Self {
        net.cut(0, 1);
        net.record = Some(Vec::new());
        Self {
            net,
            known: BTreeSet::new(),
            changes: 0,
        }
    }

    /// Runs until the condition holds, at most for `span`.
    fn run_until(&mut self, span: Duration, mut done: impl FnMut(&mut Net) -> bool) -> bool {
        let end = self.net.now + span;
        while !done(&mut self.net) {
            if self.net.now >= end {
                return false;
            }
            self.net.run(MS);
            for (from, to, packet) in self.net.record.replace(Vec::new()).unwrap() {
                self.hand_over(from, to, &packet);
            }
        }
        true
    }

    fn hand_over(&mut self, from: SocketAddr, to: SocketAddr, packet: &[u8]) {
        let now = self.net.now;
        let Some(node) = self.net.nodes.iter().position(|node| node.addr == to) else {
            panic!("a packet to {to}");
        };
        if self.known.insert(packet.to_owned()) {
            let mut count = 0;
            let endpoint = &mut self.net.nodes[node].endpoint;
            each_change(packet, |changed| {
                endpoint.handle_datagram(now, from, None, BytesMut::from(changed));
                count += 1;
            });
            self.changes += count;
            self.net.work(node);
            // What was answered arrives as it is.
            let answers = self.net.record.iter().flatten();
            self.known
                .extend(answers.map(|(_, _, answer)| answer.clone()));
        }
        let endpoint = &mut self.net.nodes[node].endpoint;
        endpoint.handle_datagram(now, from, None, BytesMut::from(packet));
        self.net.work(node);
    }
}

#[test]
fn of_probes_and_of_the_handshake_of_peers() {
    let mut net = Net::pair(1);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.requested(1, 0, Flow::P2p) > 0
    }));
    let mut tampered = Tampered::new(net);
    assert!(tampered.net.accept(1, 0, Flow::P2p));
    assert!(tampered.run_until(Duration::from_secs(20), |net| {
        net.receive(1, Flow::P2p, 0).is_some()
    }));
    println!("{} changed packets", tampered.changes);
    assert!(tampered.changes > 50_000, "{}", tampered.changes);
}

#[test]
fn a_forged_version_negotiation_costs_one_attempt() {
    let mut net = Net::pair(6);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"may I?");
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.requested(1, 0, Flow::P2p) > 0
    }));
    net.record = Some(Vec::new());
    net.accept(1, 0, Flow::P2p);
    // The first packet that node 1 answers a dial with, and before it a negotiation under its connection IDs.
    let is_answer = |net: &Net, packet: &(SocketAddr, SocketAddr, Vec<u8>)| {
        packet.0 == net.nodes[1].addr && packet.2[0] & 0x80 != 0
    };
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.record
            .as_ref()
            .unwrap()
            .iter()
            .any(|packet| is_answer(net, packet))
    }));
    let record = net.record.take().unwrap();
    let (from, to, mut data) = record
        .into_iter()
        .find(|packet| is_answer(&net, packet))
        .unwrap();
    data[1..5].fill(0);
    let now = net.now;
    let endpoint = &mut net.nodes[0].endpoint;
    assert_eq!(to, address(0, 4000));
    endpoint.handle_datagram(now, from, None, BytesMut::from(&data[..]));
    net.work(0);
    assert!(net.run_until(Duration::from_secs(2), |net| {
        net.receive(1, Flow::P2p, 0).is_some()
    }));
}

/// In a session that is open, the same connection goes on.
#[test]
fn of_messages() {
    let mut net = Net::pair(2);
    net.meet(0, 1, Flow::P2p);
    net.run(Duration::from_secs(2));
    let events: Vec<usize> = net.nodes.iter().map(|node| node.events.len()).collect();
    let mut tampered = Tampered::new(net);
    for number in 0..4_u8 {
        for (from, to) in [(0, 1), (1, 0)] {
            let net = &mut tampered.net;
            net.send(from, to, Flow::P2p, 1, reliable(), &[number; 100]);
            net.send(from, to, Flow::P2p, 2, unreliable(), &[number; 100]);
            net.send(from, to, Flow::P2p, 3, reliable(), &vec![number; 3000]);
            tampered.run_until(50 * MS, |_| false);
            let net = &mut tampered.net;
            for (channel, len) in [(1, 100), (2, 100), (3, 3000)] {
                let got = net.receive_all(to, Flow::P2p, channel);
                assert_eq!(got, [vec![number; len]], "channel {channel}");
            }
        }
    }
    println!("{} changed packets", tampered.changes);
    assert!(tampered.changes > 50_000, "{}", tampered.changes);
    for node in [0, 1] {
        let state = tampered.net.state(node, 1 - node, Flow::P2p);
        assert_eq!(state, Some(SessionState::Connected));
        assert_eq!(tampered.net.nodes[node].events.len(), events[node]);
    }
}

#[test]
fn of_links() {
    let mut net = Net::pair(3);
    net.nodes[1].endpoint.set_hosting(true);
    let mut tampered = Tampered::new(net);
    let net = &mut tampered.net;
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let link = net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    assert!(tampered.run_until(Duration::from_secs(1), |net| !net.nodes[1].links.is_empty()));
    let net = &mut tampered.net;
    net.nodes[0].endpoint.send_frame(link, b"hello").unwrap();
    let arrived = |net: &mut Net| net.nodes[1].links.len() == 2;
    assert!(tampered.run_until(Duration::from_secs(1), arrived));
    assert!(matches!(
        &tampered.net.nodes[1].links[..],
        [LinkEvent::Opened { .. }, LinkEvent::Frame { frame, .. }] if frame[..] == b"hello"[..]
    ));
    assert_eq!(tampered.net.nodes[0].links.len(), 1);
    println!("{} changed packets", tampered.changes);
    assert!(tampered.changes > 50_000, "{}", tampered.changes);
}

/// From an address that is nobody's, whatever it is: no state, and no more bytes back than came.
#[test]
fn from_strangers() {
    let mut net = Net::pair(4);
    net.record = Some(Vec::new());
    net.meet(0, 1, Flow::P2p);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    net.nodes[1].endpoint.set_hosting(true);
    net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    assert!(net.run_until(Duration::from_secs(1), |net| !net.nodes[1].links.is_empty()));
    let record = net.record.take().unwrap();
    let packets: BTreeSet<Vec<u8>> = record
        .into_iter()
        .filter(|(_, to, _)| *to == addr)
        .map(|(_, _, data)| data)
        .collect();
    // One that knows neither of them, and one that knows the peer.
    let mut stranger = Net::empty(5);
    stranger.add(1);
    stranger.nodes[0].endpoint.set_hosting(true);
    for (net, node) in [(&mut stranger, 0), (&mut net, 1)] {
        let knows_nobody = node == 0;
        let (now, from) = (net.now, address(9, 9));
        let mut changes = 0;
        for packet in &packets {
            let endpoint = &mut net.nodes[node].endpoint;
            let mut buf = Vec::new();
            each_change(packet, |changed| {
                changes += 1;
                endpoint.handle_datagram(now, from, None, BytesMut::from(changed));
                let mut answered = 0;
                while let Some(transmit) = endpoint.poll_transmit(now, 10, &mut buf) {
                    if transmit.destination == from {
                        answered += transmit.size;
                    }
                    buf.clear();
                }
                assert!(
                    answered <= changed.len(),
                    "{answered} for {}",
                    changed.len()
                );
            });
            net.work(node);
            if knows_nobody {
                assert_eq!(net.nodes[node].endpoint.poll_timeout(), None);
            }
        }
        println!("{changes} changed packets");
        assert!(changes > 100_000, "{changes}");
    }
    net.receive_all(1, Flow::P2p, 0);
    net.send(0, 1, Flow::P2p, 0, reliable(), b"still");
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.receive(1, Flow::P2p, 0).is_some()
    }));
}
