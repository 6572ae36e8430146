//! Frames over links, both ways, up to their bounds.

use std::time::Duration;

use samovar_net::{LinkClosed, LinkId, MAX_LINKS, SendFrameError};

use super::harness::{LinkEvent, Net};

/// Node 0 dials node 1, which hosts. The link at each.
pub(crate) fn link(net: &mut Net) -> (LinkId, LinkId) {
    net.nodes[1].endpoint.set_hosting(true);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let dialled = net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    assert!(
        net.run_until(Duration::from_secs(2), |net| !net.nodes[0].links.is_empty()
            && !net.nodes[1].links.is_empty())
    );
    let client_key = net.nodes[0].identity.public_key();
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Opened {
            link: dialled,
            inbound: false,
            key
        }]
    );
    let LinkEvent::Opened {
        link,
        inbound: true,
        key,
    } = net.nodes[1].links[0]
    else {
        panic!("{:?}", net.nodes[1].links)
    };
    assert_eq!(key, client_key);
    net.nodes[0].links.clear();
    net.nodes[1].links.clear();
    (dialled, link)
}

fn frames(net: &Net, node: usize) -> Vec<Vec<u8>> {
    let frame = |event: &LinkEvent| match event {
        LinkEvent::Frame { frame, .. } => Some(frame.to_vec()),
        _ => None,
    };
    net.nodes[node].links.iter().filter_map(frame).collect()
}

#[test]
fn both_ways_in_order() {
    for loss in [0, 100] {
        let mut net = Net::pair(1);
        let (there, back) = link(&mut net);
        net.loss = loss;
        let large = vec![9; 1024 * 1024];
        for number in 0..200_u8 {
            net.nodes[0].endpoint.send_frame(there, &[number]).unwrap();
            net.nodes[1]
                .endpoint
                .send_frame(back, &[number, 1])
                .unwrap();
        }
        net.nodes[0].endpoint.send_frame(there, &large).unwrap();
        let arrived = |net: &mut Net| frames(net, 1).len() == 201 && frames(net, 0).len() == 200;
        assert!(
            net.run_until(Duration::from_secs(60), arrived),
            "loss {loss}"
        );
        let mut sent: Vec<Vec<u8>> = (0..200).map(|number| vec![number]).collect();
        sent.push(large);
        assert_eq!(frames(&net, 1), sent);
        assert_eq!(
            frames(&net, 0),
            (0..200).map(|number| vec![number, 1]).collect::<Vec<_>>()
        );
    }
}

#[test]
fn too_large_too_much_and_after_the_end() {
    let mut net = Net::pair(2);
    let (there, back) = link(&mut net);
    let endpoint = &mut net.nodes[0].endpoint;
    assert_eq!(
        endpoint.send_frame(there, &vec![0; 1024 * 1024 + 2]),
        Err(SendFrameError::TooLarge)
    );
    net.cut(0, 1);
    let endpoint = &mut net.nodes[0].endpoint;
    let full = (0..64).find_map(|_| endpoint.send_frame(there, &vec![0; 1024 * 1024]).err());
    assert_eq!(full, Some(SendFrameError::Full));
    let now = net.now;
    net.nodes[1].endpoint.close_link(now, back, 5);
    assert_eq!(
        net.nodes[1].endpoint.send_frame(back, b"late"),
        Err(SendFrameError::NotOpen)
    );
}

/// What was sent before closing arrives, then the code.
#[test]
fn closing_lets_what_was_sent_before_arrive() {
    for loss in [0, 200] {
        let mut net = Net::pair(3);
        let (there, back) = link(&mut net);
        net.loss = loss;
        net.nodes[0].endpoint.send_frame(there, b"hello").unwrap();
        assert!(net.run_until(Duration::from_secs(5), |net| !net.nodes[1].links.is_empty()));
        net.nodes[1].links.clear();
        let now = net.now;
        net.nodes[1]
            .endpoint
            .send_frame(back, b"you are refused")
            .unwrap();
        net.nodes[1].endpoint.close_link(now, back, 77);
        net.run(Duration::from_secs(8));
        let frame = LinkEvent::Frame {
            link: there,
            frame: b"you are refused"[..].into(),
        };
        let closed = LinkEvent::Closed {
            link: there,
            inbound: false,
            reason: LinkClosed::Closed(77),
        };
        assert_eq!(net.nodes[0].links[0], frame);
        // With losses the word of the closing itself may be lost; then it is a time-out.
        assert!(
            net.nodes[0].links[1] == closed || loss > 0,
            "{:?}",
            net.nodes[0].links
        );
        assert!(net.nodes[1].links.is_empty(), "who closes is not told");
    }
}

#[test]
fn a_host_that_does_not_host_refuses_at_once() {
    let mut net = Net::pair(4);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let link = net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    net.run(Duration::from_millis(100));
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Closed {
            link,
            inbound: false,
            reason: LinkClosed::Failed
        }]
    );
    assert!(net.nodes[1].links.is_empty());
}

/// A host that is full of strangers' links can still dial.
#[test]
fn strangers_take_no_place_from_dials() {
    let mut net = Net::pair(5);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    net.nodes[1].endpoint.set_hosting(true);
    let mut dialled = 0;
    while net.nodes[0].endpoint.dial(now, addr, key).is_ok() {
        dialled += 1;
    }
    assert!((16..MAX_LINKS).contains(&dialled));
    net.run(Duration::from_secs(3));
    assert_eq!(net.nodes[1].links.len(), dialled);
    let (now, addr, key) = (
        net.now,
        net.nodes[0].addr,
        net.nodes[0].identity.public_key(),
    );
    assert!(net.nodes[1].endpoint.dial(now, addr, key).is_ok());
}

/// A flood of tiny frames is taken a part at a time, and nothing else is lost for it.
#[test]
fn floods_of_tiny_frames_are_read_in_parts() {
    let mut net = Net::pair(6);
    let (there, _) = link(&mut net);
    for number in 0..30_000_u32 {
        net.nodes[0]
            .endpoint
            .send_frame(there, &number.to_be_bytes())
            .unwrap();
    }
    assert!(
        net.run_until(Duration::from_secs(10), |net| net.nodes[1].links.len()
            == 30_000)
    );
    assert_eq!(
        frames(&net, 1),
        (0..30_000_u32)
            .map(|number| number.to_be_bytes().to_vec())
            .collect::<Vec<_>>()
    );
}
