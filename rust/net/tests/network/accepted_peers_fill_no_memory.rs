//! Peers whom the game has accepted, and who send what nobody reads, cost no more memory than is written down, and hold up
//! nobody.

use std::sync::Arc;
use std::time::Duration;

use samovar_net::{Flow, Identity, PEER_RECEIVE_BUDGET, RECEIVE_BUDGET, SendError};

use super::counted;
use super::harness::{Net, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);
const MIB: isize = 1024 * 1024;
/// Every channel of both interfaces, filled with messages of a size until nothing more is taken.
fn fill(net: &mut Net, from: usize, to: usize, size: usize, kind: samovar_net::Delivery) {
    let data = vec![7; size];
    for _ in 0..60 {
        for flow in Flow::BY_USER {
            for channel in 10..70 {
                match net.try_send(from, to, flow, channel, kind, &data) {
                    Ok(()) | Err(SendError::LimitExceeded) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
        net.run(20 * MS);
    }
}

#[test]
fn on_any_channel_with_any_size() {
    let budget = isize::try_from(PEER_RECEIVE_BUDGET).unwrap();
    for (size, kind) in [
        (500_000, reliable()),
        (50_000, reliable()),
        (1, reliable()),
        (1000, unreliable()),
    ] {
        let mut net = Net::pair(1);
        net.latency = 5 * MS;
        net.meet(0, 1, Flow::P2p);
        net.meet(0, 1, Flow::Messages);
        let before = counted::bytes();
        fill(&mut net, 0, 1, size, kind);
        // The channels that are read go on, in both directions.
        for flow in Flow::BY_USER {
            for number in 0..20 {
                net.send(0, 1, flow, 1, reliable(), &[number; 100]);
                net.send(1, 0, flow, 1, reliable(), &[number; 100]);
                net.run(10 * MS);
            }
            net.run(200 * MS);
            assert_eq!(net.receive_all(1, flow, 1).len(), 20, "{size}, {flow:?}");
            assert_eq!(net.receive_all(0, flow, 1).len(), 20, "{size}, {flow:?}");
        }
        // Without what waits at the sender.
        net.restart(0);
        let grown = counted::bytes() - before;
        let reliable = kind.reliable;
        println!("{size} bytes, reliable {reliable}: {} KiB", grown / 1024);
        assert!(grown < budget, "{size}: {} MiB", grown / MIB);
    }
}

/// Together they stay far under what a process has for all.
#[test]
fn three_at_once() {
    let most = 3 * isize::try_from(PEER_RECEIVE_BUDGET).unwrap();
    assert!(most < isize::try_from(RECEIVE_BUDGET).unwrap());
    let mut net = Net::empty(4);
    for identity in 0..3 {
        net.add(identity);
    }
    net.add_user(Arc::new(Identity::generate()));
    let hostile = [0, 2, 3];
    for peer in hostile {
        net.meet(peer, 1, Flow::P2p);
        net.meet(peer, 1, Flow::Messages);
    }
    let before = counted::bytes();
    let data = vec![7; 100_000];
    for _ in 0..30 {
        for (peer, channel) in hostile
            .into_iter()
            .flat_map(|peer| (10..70).map(move |at| (peer, at)))
        {
            for flow in Flow::BY_USER {
                let _ = net.try_send(peer, 1, flow, channel, reliable(), &data);
                let _ = net.try_send(peer, 1, flow, channel, unreliable(), &data[..1000]);
            }
        }
        net.run(20 * MS);
    }
    for peer in hostile {
        net.restart(peer);
    }
    let grown = counted::bytes() - before;
    println!("{} KiB", grown / 1024);
    assert!(grown > MIB, "something has come");
    assert!(grown < most, "{} MiB", grown / MIB);
}

/// Two fill, and an honest one gets its messages through, the largest too, which are read.
#[test]
fn beside_an_honest_peer() {
    let budget = isize::try_from(PEER_RECEIVE_BUDGET).unwrap();
    let mut net = Net::empty(2);
    for identity in 0..3 {
        net.add(identity);
    }
    for (one, other) in [(0, 1), (2, 1)] {
        net.meet(one, other, Flow::P2p);
    }
    net.meet(0, 1, Flow::Messages);
    let before = counted::bytes();
    fill_p2p(&mut net);
    let large = vec![9; 1024 * 1024];
    for number in 0..5_u8 {
        net.send(2, 1, Flow::P2p, 3, reliable(), &large);
        net.send(2, 1, Flow::P2p, 4, reliable(), &[number]);
        let mut got = 0;
        let came = net.run_until(Duration::from_secs(5), |net| {
            got += net.receive_all(1, Flow::P2p, 3).len() + net.receive_all(1, Flow::P2p, 4).len();
            got == 2
        });
        assert!(came, "{number}");
    }
    net.restart(0);
    let grown = counted::bytes() - before;
    println!("{} KiB", grown / 1024);
    assert!(grown < budget, "{} MiB", grown / MIB);
}

fn fill_p2p(net: &mut Net) {
    let data = vec![7; 100_000];
    for _ in 0..60 {
        for channel in 10..70 {
            for flow in Flow::BY_USER {
                let _ = net.try_send(0, 1, flow, channel, reliable(), &data);
            }
        }
        net.run(20 * MS);
    }
}

/// Whatever others leave unread, a large message on a channel that the game reads comes through, from the same peer too.
#[test]
fn large_messages_come_through_beside_full_channels() {
    let mut net = Net::pair(3);
    net.meet(0, 1, Flow::P2p);
    net.meet(0, 1, Flow::Messages);
    fill_p2p(&mut net);
    for channel in 1..4 {
        let large = vec![9; 400 * 1024];
        // The other interface has its own limit of what may wait.
        let sent = net.run_until(Duration::from_secs(5), |net| {
            net.receive_all(1, Flow::Messages, channel);
            net.try_send(0, 1, Flow::Messages, channel, reliable(), &large) == Ok(())
        });
        assert!(sent, "{channel}");
        let came = net.run_until(Duration::from_secs(5), |net| {
            net.receive(1, Flow::Messages, channel).is_some()
        });
        assert!(came, "{channel}");
    }
}
