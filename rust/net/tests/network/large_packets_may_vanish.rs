//! Paths that carry only packets of a certain size, from the start or from some time on.

use std::time::Duration;

use samovar_net::{Conditions, EndpointConfig, Flow};

use super::bad_networks_carry_everything_reliable::{MS, exchange, lag, pair};
use super::harness::{Net, unreliable};
use super::road::Road;

fn largest(bytes: usize) -> Road {
    Road {
        largest: Some(bytes),
        ..Road::default()
    }
}

/// The largest packet that a node has sent since it was asked to keep them.
fn largest_sent(net: &mut Net) -> usize {
    let wire = net.wire.replace(Vec::new()).unwrap();
    wire.iter()
        .map(|(_, _, len)| *len)
        .max()
        .unwrap_or_default()
}

/// Unreliable messages of these sizes, both ways, a hundred of each: how many of each arrive.
fn unreliable_messages(net: &mut Net, sizes: &[usize]) -> Vec<usize> {
    let count = |net: &mut Net, size: usize| {
        for _ in 0..100 {
            net.send(0, 1, Flow::P2p, 5, unreliable(), &vec![1; size]);
            net.run(10 * MS);
        }
        net.run(500 * MS);
        let all = net.receive_all(1, Flow::P2p, 5);
        all.iter().filter(|data| data.len() == size).count()
    };
    sizes.iter().map(|size| count(net, *size)).collect()
}

/// An IP packet of 1280 bytes carries 1252 of UDP (1232 with IPv6).
#[test]
fn a_path_of_1280_bytes_is_used_as_it_is() {
    for bytes in [1252, 1232, 1200] {
        for loss_percent in [0.0, 10.0] {
            let conditions = Conditions {
                loss_percent,
                ..lag(20)
            };
            let mut net = pair(1, largest(bytes), conditions);
            // Until the path was asked how much it carries.
            net.run(Duration::from_secs(2));
            net.wire = Some(Vec::new());
            exchange(&format!("{bytes}, {loss_percent} %"), &mut net, |_, _| {});
            if loss_percent == 0.0 {
                // Discovery halves what it does not know, and ends when that is less than 20 bytes.
                let sent = largest_sent(&mut net);
                assert!((bytes - 30..=bytes).contains(&sent), "{sent} of {bytes}");
                let sizes = [10, 1000, 1100, 1200];
                assert_eq!(unreliable_messages(&mut net, &sizes), [100; 4]);
            }
        }
    }
}

/// The path carried large packets, and carries them no more: nothing reliable is lost, and the connection lives.
#[test]
fn a_black_hole_in_the_middle() {
    for (bytes, loss_percent) in [(1300, 0.0), (1252, 0.0), (1252, 5.0), (1200, 0.0)] {
        let conditions = Conditions {
            loss_percent,
            ..lag(20)
        };
        let mut net = pair(2, Road::default(), conditions);
        // Until the path was asked how much it carries.
        net.run(Duration::from_secs(2));
        net.wire = Some(Vec::new());
        let what = format!("{bytes}, {loss_percent} %");
        let began = net.now;
        exchange(&what, &mut net, |net, number| {
            if number == 30 {
                assert!(largest_sent(net) > 1400, "{what}: large ones were in use");
                net.road = largest(bytes);
            }
        });
        let took = net.now - began;
        println!("black hole over {bytes} bytes, {loss_percent} %: all there after {took:?}");
        assert!(took < Duration::from_secs(10), "{what}: {took:?}");
        if loss_percent == 0.0 {
            assert_eq!(
                unreliable_messages(&mut net, &[10, 1000, 1100, 1200]),
                [100; 4]
            );
        }
    }
}

#[test]
fn no_packet_is_larger_than_is_configured() {
    for (set, most) in [(0, 1200), (1200, 1200), (1300, 1300), (u16::MAX, 1452)] {
        // When the endpoint is made, and afterwards.
        for early in [false, true] {
            let mut net = Net::empty(3);
            net.endpoint_config = EndpointConfig {
                peer_packet_size: if early { set } else { 1452 },
                ..net.endpoint_config
            };
            for node in 0..2 {
                net.add(node);
                net.nodes[node].endpoint.set_peer_packet_size(set);
            }
            net.wire = Some(Vec::new());
            net.meet(0, 1, Flow::P2p);
            exchange("configured", &mut net, |_, _| {});
            net.run(Duration::from_secs(5));
            let sent = largest_sent(&mut net);
            assert!((most - 20..=most).contains(&sent), "{sent} of {most}");
        }
    }
}
