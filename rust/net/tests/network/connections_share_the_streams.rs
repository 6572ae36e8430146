//! Lanes and channels of all sessions of a pair together have more streams than the peer allows at once: what has none
//! waits, and holds up nothing that has one. What is over gives its streams back.

use std::time::Duration;

use samovar_net::{ConnectionState, Flow};

use super::harness::{Net, reliable};

const LANES: u32 = 40;

#[test]
fn who_gets_none_waits_alone() {
    let mut net = Net::pair(1);
    net.meet(0, 1, Flow::P2p);
    let ids: Vec<_> = (0..5).map(|_| net.connection(0, 1)).collect();
    for id in &ids {
        for lane in 0..LANES {
            net.say_in(0, 1, *id, lane, &[1; 100]);
        }
        net.run(Duration::from_millis(300));
    }
    net.run(Duration::from_secs(2));
    let read: Vec<usize> = ids
        .iter()
        .map(|id| net.read_connection(1, 0, *id).len())
        .collect();
    let all: usize = read.iter().sum();
    assert!(
        read[..3].iter().all(|count| *count == LANES as usize),
        "{read:?}"
    );
    assert!(all < 5 * LANES as usize, "there are too few: {read:?}");
    // Those that have one go on.
    net.send(0, 1, Flow::P2p, 0, reliable(), b"packet");
    net.say_in(0, 1, ids[0], 0, b"first");
    net.run(Duration::from_millis(500));
    assert_eq!(net.receive_all(1, Flow::P2p, 0), [&b"packet"[..]]);
    assert_eq!(net.read_connection(1, 0, ids[0]), [&b"first"[..]]);
    // What waited goes in the streams of those that end.
    for id in &ids[..2] {
        assert!(net.end_connection(0, 1, *id, 1000, None));
    }
    net.run(Duration::from_secs(2));
    let late: usize = ids[2..]
        .iter()
        .map(|id| net.read_connection(1, 0, *id).len())
        .sum();
    assert_eq!(all + late, 5 * LANES as usize);
}

#[test]
fn connections_one_after_the_other_use_none_up() {
    let mut net = Net::pair(2);
    for round in 0..60_u32 {
        let id = net.connection(round as usize % 2, 1 - round as usize % 2);
        for lane in 0..8 {
            net.say_in(0, 1, id, lane, &round.to_be_bytes());
        }
        net.run(Duration::from_millis(100));
        let read = net.read_connection(1, 0, id);
        assert_eq!(read.len(), 8, "round {round}");
        let (ends, hears) = if round % 3 == 0 { (0, 1) } else { (1, 0) };
        net.end_connection(ends, hears, id, 1000, None);
        net.run(Duration::from_millis(100));
        assert_eq!(
            net.how(hears, ends, id),
            Some(ConnectionState::ClosedByPeer)
        );
        net.end_connection(hears, ends, id, 0, None);
    }
}
