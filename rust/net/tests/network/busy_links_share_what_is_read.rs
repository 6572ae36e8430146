//! A link on which more comes than is taken holds up no other.

use std::time::Duration;

use super::harness::{LinkEvent, Net};

/// What a host that is slow takes at once.
const TAKES: usize = 10;
const FLOOD: usize = 60_000;

#[test]
fn a_flood_beside_an_honest_one() {
    let mut net = Net::empty(1);
    for identity in 0..3 {
        net.add(identity);
    }
    net.nodes[1].endpoint.set_hosting(true);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let [flooding, honest] =
        [0, 2].map(|node| net.nodes[node].endpoint.dial(now, addr, key).unwrap());
    net.run(Duration::from_millis(500));
    let opened: Vec<_> = net.nodes[1]
        .links
        .iter()
        .filter_map(|event| match event {
            LinkEvent::Opened { link, .. } => Some(*link),
            _ => None,
        })
        .collect();
    assert_eq!(opened.len(), 2);
    net.nodes[1].links.clear();
    net.nodes[1].takes = 0;
    for _ in 0..FLOOD {
        net.nodes[0].endpoint.send_frame(flooding, b"x").unwrap();
    }
    net.run(Duration::from_millis(300));
    net.nodes[2].endpoint.send_frame(honest, b"honest").unwrap();
    net.run(Duration::from_millis(100));
    net.nodes[1].takes = TAKES;
    let arrived = |net: &Net| {
        net.nodes[1]
            .links
            .iter()
            .any(|event| matches!(event, LinkEvent::Frame { frame, .. } if &frame[..] == b"honest"))
    };
    // As long as there is more of the flood than may wait, it does not matter how much.
    for _ in 0..FLOOD / TAKES {
        net.work(1);
        if arrived(&net) {
            break;
        }
    }
    let taken = net.nodes[1].links.len();
    assert!(arrived(&net), "{taken} frames were taken before it");
    assert!(taken < 4096 + 1024, "{taken} frames were taken before it");
}
