//! What waits for clients that read nothing has a bound over all of them, and who reads is not the one to go.

use std::time::Duration;

use bytes::Bytes;
use samovar_net::{LinkId, MAX_LINKS_BACKLOG, SendFrameError};

use super::harness::{LinkEvent, Net};

const MIB: usize = 1024 * 1024;

/// The host's links with nodes 1 and 2.
fn inbound(net: &Net) -> Vec<LinkId> {
    let opened = net.nodes[0].links.iter().filter_map(|event| match event {
        LinkEvent::Opened { link, .. } => Some(*link),
        _ => None,
    });
    opened.collect()
}

#[test]
fn the_links_end_for_which_most_waits() {
    let mut net = Net::empty(1);
    for identity in 0..3 {
        net.add(identity);
    }
    net.nodes[0].endpoint.set_hosting(true);
    let (addr, key) = (net.nodes[0].addr, net.nodes[0].identity.public_key());
    let honest = net.nodes[2].endpoint.dial(net.now, addr, key).unwrap();
    net.run(Duration::from_millis(100));
    net.nodes[2].endpoint.send_frame(honest, b"hello").unwrap();
    net.run(Duration::from_millis(100));
    let honest_at_host = inbound(&net)[0];
    for _ in 0..40 {
        let link = net.nodes[1].endpoint.dial(net.now, addr, key).unwrap();
        net.run(Duration::from_millis(50));
        net.nodes[1].endpoint.send_frame(link, b"hello").unwrap();
    }
    net.run(Duration::from_millis(500));
    let links = inbound(&net);
    assert_eq!(links.len(), 41);
    // They read nothing more, and nobody knows yet.
    net.crash(1);
    let frame = Bytes::from(vec![7; MIB]);
    let backlog = |net: &Net, links: &[LinkId]| -> usize {
        let backlogs = links
            .iter()
            .map(|link| net.nodes[0].endpoint.link_backlog(*link));
        backlogs.sum()
    };
    let mut full = 0;
    for round in 0..8 {
        for link in &links[1..] {
            let sent = net.nodes[0].endpoint.send_shared_frame(*link, &frame);
            match sent {
                Ok(()) => {}
                Err(SendFrameError::Full | SendFrameError::NotOpen) => full += 1,
                Err(error) => panic!("{error}"),
            }
            assert!(backlog(&net, &links) <= MAX_LINKS_BACKLOG);
        }
        let sent = net.nodes[0]
            .endpoint
            .send_frame(honest_at_host, &[round; 2000]);
        assert_eq!(sent, Ok(()));
    }
    assert!(full > 0, "there is more than the bound");
    assert!(
        backlog(&net, &links) > MAX_LINKS_BACKLOG / 2,
        "and no less than that is kept"
    );
    net.run(Duration::from_millis(500));
    let came = net.nodes[2].links.iter().filter(|event| {
        matches!(event, LinkEvent::Frame { link, frame } if *link == honest && frame.len() == 2000)
    });
    assert_eq!(came.count(), 8);
    let ended = net.nodes[0].links.iter().filter_map(|event| match event {
        LinkEvent::Closed { link, .. } => Some(*link),
        _ => None,
    });
    let ended: Vec<LinkId> = ended.collect();
    assert!(!ended.is_empty() && !ended.contains(&honest_at_host));
    // What waited for links that are gone counts no more.
    net.run(Duration::from_secs(5));
    assert_eq!(backlog(&net, &links), 0);
    for _ in 0..8 {
        let sent = net.nodes[0]
            .endpoint
            .send_shared_frame(honest_at_host, &frame);
        net.run(Duration::from_millis(200));
        assert_eq!(sent, Ok(()));
    }
}
