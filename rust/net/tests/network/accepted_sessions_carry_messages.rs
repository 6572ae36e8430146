//! Request, acceptance, and messages of every kind both ways.

use std::time::Duration;

use samovar_net::Flow;

use super::harness::{Net, reliable, unreliable};

/// Which side asks must not matter: the lower Steam ID dials anyway.
#[test]
fn whoever_asks() {
    for (asks, accepts) in [(0, 1), (1, 0)] {
        let mut net = Net::pair(1);
        net.meet(asks, accepts, Flow::P2p);
        net.send(accepts, asks, Flow::P2p, 0, reliable(), b"yes");
        assert!(net.run_until(Duration::from_secs(1), |net| {
            net.receive(asks, Flow::P2p, 0)
                .is_some_and(|message| message.data[..] == b"yes"[..] && message.reliable)
        }));
    }
}

#[test]
fn both_interfaces_many_channels_both_ways_and_in_order() {
    let mut net = Net::pair(2);
    net.meet(0, 1, Flow::P2p);
    net.meet(1, 0, Flow::Messages);
    for number in 0..50_u8 {
        for channel in 0..4 {
            for (from, to) in [(0, 1), (1, 0)] {
                net.send(from, to, Flow::P2p, channel, reliable(), &[1, number]);
                net.send(from, to, Flow::Messages, channel, reliable(), &[2, number]);
                net.send(
                    from,
                    to,
                    Flow::Messages,
                    channel + 10,
                    unreliable(),
                    &[3, number],
                );
            }
        }
        net.run(Duration::from_millis(5));
    }
    net.run(Duration::from_secs(1));
    for node in [0, 1] {
        for channel in 0..4 {
            for (flow, channel, mark) in [
                (Flow::P2p, channel, 1),
                (Flow::Messages, channel, 2),
                (Flow::Messages, channel + 10, 3),
            ] {
                let got = net.receive_all(node, flow, channel);
                let expected: Vec<_> = (0..50).map(|number| vec![mark, number]).collect();
                assert_eq!(got, expected, "node {node}, {flow:?}, channel {channel}");
            }
        }
    }
}

#[test]
fn large_messages_arrive_whole() {
    let mut net = Net::pair(3);
    net.meet(0, 1, Flow::P2p);
    net.meet(0, 1, Flow::Messages);
    let large: Vec<u8> = (0..1024 * 1024_u32)
        .map(|number| number.wrapping_mul(2_654_435_761).to_be_bytes()[0])
        .collect();
    net.send(0, 1, Flow::P2p, 7, reliable(), &large);
    // In pieces; too large for pieces; the largest unreliable packet.
    net.send(0, 1, Flow::Messages, 1, unreliable(), &large[..12_000]);
    net.send(0, 1, Flow::Messages, 2, unreliable(), &large[..200_000]);
    net.send(0, 1, Flow::P2p, 3, unreliable(), &large[..1200]);
    net.send(0, 1, Flow::Messages, 4, unreliable(), b"");
    net.send(0, 1, Flow::Messages, 5, reliable(), b"");
    net.run(Duration::from_secs(10));
    assert_eq!(
        net.receive_all(1, Flow::P2p, 7),
        std::slice::from_ref(&large)
    );
    assert_eq!(
        net.receive_all(1, Flow::Messages, 1),
        [large[..12_000].to_vec()]
    );
    assert_eq!(
        net.receive_all(1, Flow::Messages, 2),
        [large[..200_000].to_vec()]
    );
    assert_eq!(net.receive_all(1, Flow::P2p, 3), [large[..1200].to_vec()]);
    assert_eq!(net.receive_all(1, Flow::Messages, 4), [Vec::<u8>::new()]);
    assert_eq!(net.receive_all(1, Flow::Messages, 5), [Vec::<u8>::new()]);
}

#[test]
fn the_link_is_described() {
    let mut net = Net::pair(4);
    net.meet(0, 1, Flow::P2p);
    net.run(Duration::from_secs(3));
    for (node, peer) in [(0, 1), (1, 0)] {
        let info = net.nodes[node]
            .sessions
            .lock()
            .info(net.now, net.nodes[peer].id, Flow::P2p)
            .unwrap();
        let link = info.link.expect("it is connected");
        assert_eq!(link.remote, Some(net.nodes[peer].addr));
        let rtt = link.rtt.expect("it was measured");
        assert!(
            rtt >= Duration::from_millis(18) && rtt < Duration::from_millis(60),
            "{rtt:?}"
        );
    }
}
