//! Floods from addresses that nobody has proved: no state is kept of them, and no more bytes go there than came.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::Duration;

use bytes::BytesMut;
use samovar_net::Flow;
use samovar_net::wire::PROBE_LEN;

use super::harness::{LinkEvent, Net, reliable};
use super::strangers_cost_nothing::Random;

const FLOOD: usize = 20_000;

fn random_address(random: &mut Random) -> SocketAddr {
    let bits = u32::try_from(random.next() >> 32).unwrap();
    let port = u16::try_from(random.next() >> 48).unwrap();
    SocketAddr::from((Ipv4Addr::from_bits(bits), port.max(1)))
}

/// First packets of dials to node 1, by a real endpoint, all different.
fn dials(net: &mut Net, count: usize) -> Vec<Vec<u8>> {
    let (addr, key) = (net.nodes[1].addr, net.nodes[1].identity.public_key());
    let mut now = net.now;
    let dialler = &mut net.nodes[0].endpoint;
    let mut packets = Vec::new();
    while packets.len() < count {
        let link = dialler.dial(now, addr, key).unwrap();
        dialler.pump(now);
        let mut packet = Vec::new();
        let transmit = dialler.poll_transmit(now, 1, &mut packet).unwrap();
        assert_eq!((transmit.destination, packet.len()), (addr, 1200));
        packets.push(packet);
        // So that it is forgotten.
        dialler.close_link(now, link, 0);
        while dialler.poll_transmit(now, 1, &mut Vec::new()).is_some() {}
        now += Duration::from_millis(100);
        dialler.handle_timeout(now);
    }
    packets
}

/// Hands node 1 a packet; what it answers must go back, and be at most as much.
fn answered(net: &mut Net, from: SocketAddr, packet: &[u8]) -> usize {
    let now = net.now;
    let endpoint = &mut net.nodes[1].endpoint;
    endpoint.handle_datagram(now, from, None, BytesMut::from(packet));
    endpoint.pump(now);
    let mut bytes = 0;
    let mut buf = Vec::new();
    while let Some(transmit) = endpoint.poll_transmit(now, 10, &mut buf) {
        assert_eq!(transmit.destination, from);
        bytes += transmit.size;
        buf.clear();
    }
    assert!(bytes <= packet.len(), "{bytes} for {}", packet.len());
    assert!(endpoint.poll_event().is_none());
    bytes
}

#[test]
fn at_a_host_and_at_one_that_hosts_no_more() {
    for hosting in [true, false] {
        let mut net = Net::pair(1);
        net.nodes[1].endpoint.set_hosting(hosting);
        let packets = dials(&mut net, FLOOD / 10);
        let mut random = Random(3);
        let mut answers = 0;
        for packet in packets.iter().cycle().take(FLOOD) {
            let from = random_address(&mut random);
            answers += usize::from(answered(&mut net, from, packet) > 0);
            // Whatever it kept of somebody would have a time at which it gives up.
            assert_eq!(net.nodes[1].endpoint.poll_timeout(), None);
        }
        assert_eq!(answers, FLOOD, "each gets a Retry, or a refusal");
    }
}

/// While the flood goes on, somebody who is there gets in.
#[test]
fn and_keep_nobody_out() {
    let mut net = Net::pair(2);
    net.nodes[1].endpoint.set_hosting(true);
    let packets = dials(&mut net, 500);
    net.run(Duration::from_secs(60));
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let link = net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    let mut random = Random(4);
    for packet in packets {
        let from = random_address(&mut random);
        net.inject(from, addr, packet);
        net.run(Duration::from_millis(1));
    }
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Opened {
            link,
            inbound: false,
            key
        }]
    );
    assert_eq!(net.nodes[1].links.len(), 1);
}

/// The proof of one address is none of another.
#[test]
fn a_proof_that_was_stolen() {
    let mut net = Net::pair(3);
    net.nodes[1].endpoint.set_hosting(true);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    net.record = Some(Vec::new());
    net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    let is_from = |net: &Net, node: usize| {
        let (record, from) = (net.record.as_ref().unwrap(), net.nodes[node].addr);
        record.iter().filter(|packet| packet.0 == from).count()
    };
    assert!(net.run_until(Duration::from_secs(1), |net| is_from(net, 0) == 2));
    assert_eq!(is_from(&net, 1), 1, "there was a Retry");
    let proof = net.record.take().unwrap().pop().unwrap();
    assert_eq!(proof.0, net.nodes[0].addr);
    let mut random = Random(5);
    for _ in 0..1000 {
        let from = random_address(&mut random);
        answered(&mut net, from, &proof.2);
        assert_eq!(net.nodes[1].endpoint.poll_timeout(), None);
    }
    assert!(net.run_until(Duration::from_secs(1), |net| net.nodes[1].links.len() == 1));
}

/// What peers say to each other, said from addresses that are no peer's: only a recorded question is answered, by as
/// many bytes, and nothing follows.
#[test]
fn at_a_peer() {
    let mut net = Net::pair(4);
    net.record = Some(Vec::new());
    net.meet(0, 1, Flow::P2p);
    let me = net.nodes[1].addr;
    let record = net.record.take().unwrap();
    let packets: Vec<Vec<u8>> = record
        .into_iter()
        .filter(|(_, to, _)| *to == me)
        .map(|(_, _, data)| data)
        .collect();
    let is_probe = |packet: &[u8]| packet.len() == PROBE_LEN;
    assert!(packets.iter().any(|packet| is_probe(packet)));
    assert!(packets.iter().any(|packet| packet.len() == 1200));
    net.run(Duration::from_secs(1));
    let before = net.nodes[1].packets_sent;
    net.record = Some(Vec::new());
    let mut random = Random(6);
    let mut came: BTreeMap<SocketAddr, usize> = BTreeMap::new();
    for packet in packets.iter().cycle().take(FLOOD) {
        let from = random_address(&mut random);
        *came.entry(from).or_default() += if is_probe(packet) { packet.len() } else { 0 };
        net.inject(from, me, packet.clone());
    }
    net.run(Duration::from_secs(10));
    assert!(net.nodes[1].packets_sent > before);
    for (from, to, data) in net.record.take().unwrap() {
        if from == me && to != net.nodes[0].addr {
            let left = came.get_mut(&to).unwrap();
            *left = left.checked_sub(data.len()).expect("more than came");
        }
    }
    net.send(0, 1, Flow::P2p, 0, reliable(), b"still");
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.receive(1, Flow::P2p, 0).is_some()
    }));
}
