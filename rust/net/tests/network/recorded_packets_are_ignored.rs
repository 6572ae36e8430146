//! Somebody on the way has recorded everything and sends it again: from where it came, from elsewhere, back to who sent
//! it, backwards, and altered. Each message still arrives once, sessions live, and no address becomes a peer's.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use samovar_net::{Flow, SessionState};

use super::harness::{Net, address, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);

type Packets = Vec<(SocketAddr, SocketAddr, Vec<u8>)>;

/// Twenty messages of each kind, both ways, from `first` on.
fn talk(net: &mut Net, first: u32) {
    for number in first..first + 20 {
        for (from, to) in [(0, 1), (1, 0)] {
            let data = number.to_be_bytes();
            net.send(from, to, Flow::P2p, 1, reliable(), &data);
            net.send(from, to, Flow::P2p, 2, unreliable(), &data);
        }
        net.run(5 * MS);
    }
    net.run(500 * MS);
}

/// A session, from its first probe on, and what was sent.
fn recorded(seed: u64) -> (Net, Packets) {
    let mut net = Net::pair(seed);
    net.record = Some(Vec::new());
    net.meet(0, 1, Flow::P2p);
    talk(&mut net, 0);
    let packets = net.record.take().unwrap();
    (net, packets)
}

/// All that was said arrives once: while the packets come again, and afterwards.
fn nothing_happens(what: &str, seed: u64, again: impl Fn(&Net, &Packets) -> Packets) {
    let (mut net, packets) = recorded(seed);
    let again = again(&net, &packets);
    assert!(again.len() >= packets.len());
    let events = |net: &Net| {
        net.nodes
            .iter()
            .map(|node| node.events.len())
            .sum::<usize>()
    };
    let before = events(&net);
    // In between what is said meanwhile.
    let (early, late) = again.split_at(again.len() / 2);
    for (from, to, data) in early {
        net.inject(*from, *to, data.clone());
    }
    talk(&mut net, 20);
    for (from, to, data) in late {
        net.inject(*from, *to, data.clone());
        net.run(MS / 10);
    }
    talk(&mut net, 40);
    let expected: Vec<Bytes> = (0..60_u32)
        .map(|number| Bytes::copy_from_slice(&number.to_be_bytes()))
        .collect();
    for node in [0, 1] {
        for channel in [1, 2] {
            let got = net.receive_all(node, Flow::P2p, channel);
            assert_eq!(got, expected, "{what}: node {node}, channel {channel}");
        }
        let state = net.state(node, 1 - node, Flow::P2p);
        assert_eq!(state, Some(SessionState::Connected), "{what}");
    }
    assert_eq!(events(&net), before, "{what}");
}

#[test]
fn from_where_they_came() {
    nothing_happens("once more", 1, |_, packets| packets.clone());
    nothing_happens("three times", 2, |_, packets| [&packets[..]; 3].concat());
    nothing_happens("backwards", 3, |_, packets| {
        packets.iter().rev().cloned().collect()
    });
}

#[test]
fn from_elsewhere() {
    nothing_happens("a stranger's address", 4, |_, packets| {
        let away = |(_, to, data): &(_, SocketAddr, Vec<u8>)| (address(9, 9), *to, data.clone());
        packets.iter().map(away).collect()
    });
    nothing_happens("another port", 5, |net, packets| {
        let port = |from: SocketAddr| SocketAddr::new(from.ip(), from.port() + 7);
        assert!(net.nodes.iter().all(|node| node.addr.port() == 4000));
        let moved = |(from, to, data): &(_, SocketAddr, Vec<u8>)| (port(*from), *to, data.clone());
        packets.iter().map(moved).collect()
    });
}

#[test]
fn back_to_who_sent_them() {
    nothing_happens("from the recipient's address", 6, |_, packets| {
        let back =
            |(from, to, data): &(SocketAddr, SocketAddr, Vec<u8>)| (*to, *from, data.clone());
        packets.iter().map(back).collect()
    });
    nothing_happens("from the sender's own address", 7, |_, packets| {
        let own =
            |(from, _, data): &(SocketAddr, SocketAddr, Vec<u8>)| (*from, *from, data.clone());
        packets.iter().map(own).collect()
    });
}

#[test]
fn altered() {
    nothing_happens("a byte changed, and cut", 8, |_, packets| {
        let mut all = Packets::new();
        for (number, (from, to, data)) in packets.iter().enumerate() {
            for step in 0..8 {
                let mut changed = data.clone();
                let at = (number * 31 + step * 97) % data.len();
                changed[at] ^= 1 << step;
                all.push((*from, *to, changed));
                all.push((*from, *to, data[..at].to_vec()));
            }
        }
        all
    });
}

/// Recorded probes and packets of the first peer, sent from the address of a second one, whose session lives on.
#[test]
fn from_the_address_of_somebody_else() {
    let (mut net, packets) = recorded(9);
    net.add(2);
    net.meet(2, 1, Flow::P2p);
    let (other, me) = (net.nodes[2].addr, net.nodes[1].addr);
    for (_, to, data) in packets.iter().filter(|(_, to, _)| *to == me) {
        net.inject(other, *to, data.clone());
        net.run(MS);
    }
    for (from, to) in [(0, 1), (2, 1), (1, 0), (1, 2)] {
        net.receive_all(to, Flow::P2p, 0);
        net.send(from, to, Flow::P2p, 0, reliable(), b"still");
        net.run(100 * MS);
        assert_eq!(
            net.receive_all(to, Flow::P2p, 0),
            ["still"],
            "{from} to {to}"
        );
    }
}
