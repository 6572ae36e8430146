//! Who opens a link and does not say who it is takes no place from others.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use samovar_net::{LinkClosed, LinkId};

use super::harness::{LinkEvent, Net, identities};
use super::road::Bottleneck;

/// A host that takes nobody's word, and somebody who dials it.
fn pair(seed: u64) -> Net {
    let mut net = Net::pair(seed);
    net.admits = false;
    net.nodes[1].endpoint.set_hosting(true);
    net
}

fn dial(net: &mut Net, from: usize) -> LinkId {
    let (now, host) = (net.now, &net.nodes[1]);
    let (addr, key) = (host.addr, host.identity.public_key());
    let endpoint = &mut net.nodes[from].endpoint;
    endpoint.dial(now, addr, key).unwrap()
}

fn count(net: &Net, node: usize, wanted: impl Fn(&LinkEvent) -> bool) -> usize {
    net.nodes[node].links.iter().filter(|e| wanted(e)).count()
}

fn is_open(event: &LinkEvent) -> bool {
    matches!(event, LinkEvent::Opened { .. })
}

fn is_closed(event: &LinkEvent) -> bool {
    matches!(event, LinkEvent::Closed { .. })
}

fn is_frame(event: &LinkEvent) -> bool {
    matches!(event, LinkEvent::Frame { .. })
}

#[test]
fn a_silent_link_ends_after_two_seconds_on_both_sides() {
    let mut net = pair(1);
    let there = dial(&mut net, 0);
    net.run(Duration::from_millis(1900));
    assert_eq!(count(&net, 1, is_closed), 0);
    net.run(Duration::from_millis(400));
    assert_eq!(count(&net, 1, is_closed), 1, "the host's driver is told");
    let last = net.nodes[0].links.last().cloned();
    let closed = LinkEvent::Closed {
        link: there,
        inbound: false,
        reason: LinkClosed::Closed(0x101),
    };
    assert_eq!(last, Some(closed));
}

#[test]
fn sixty_silent_links_of_one_key_are_four() {
    let mut net = pair(2);
    for _ in 0..60 {
        dial(&mut net, 0);
    }
    net.run(Duration::from_secs(1));
    let (opened, closed) = (count(&net, 1, is_open), count(&net, 1, is_closed));
    assert_eq!((opened, opened - closed), (60, 4));
    let addr: SocketAddr = "192.0.2.1:4999".parse().unwrap();
    let honest = net.add_at(Arc::clone(&identities()[2]), addr);
    dial(&mut net, honest);
    net.run(Duration::from_millis(200));
    assert_eq!(
        count(&net, honest, is_open),
        1,
        "another key of that address"
    );
}

#[test]
fn only_the_first_frame_is_read_until_the_link_is_admitted_and_none_while_it_is_held() {
    let mut net = pair(3);
    let there = dial(&mut net, 0);
    net.run(Duration::from_millis(200));
    let Some(LinkEvent::Opened { link: back, .. }) = net.nodes[1].links.first().cloned() else {
        panic!("{:?}", net.nodes[1].links)
    };
    let send = |net: &mut Net| {
        for number in 0..100_u8 {
            let endpoint = &mut net.nodes[0].endpoint;
            endpoint.send_frame(there, &[number; 2000]).unwrap();
        }
        net.run(Duration::from_millis(500));
    };
    send(&mut net);
    assert_eq!(count(&net, 1, is_frame), 1);
    let now = net.now;
    net.nodes[1].endpoint.admit_link(now, back);
    net.run(Duration::from_secs(3));
    assert_eq!(count(&net, 1, is_frame), 100);
    let now = net.now;
    net.nodes[1].endpoint.hold_link(now, back, true);
    send(&mut net);
    assert_eq!(count(&net, 1, is_frame), 100);
    let now = net.now;
    net.nodes[1].endpoint.hold_link(now, back, false);
    net.run(Duration::from_secs(1));
    assert_eq!(count(&net, 1, is_frame), 200);
    assert_eq!(count(&net, 1, is_closed), 0);
}

/// A first frame as large as it may be, over a path of 50 KB a second.
#[test]
fn a_slow_hello_is_waited_for() {
    let mut net = pair(4);
    net.road.bottleneck = Some(Bottleneck {
        bytes_per_second: 50_000.0,
        buffer: 64_000.0,
    });
    let there = dial(&mut net, 0);
    net.run(Duration::from_millis(500));
    let hello = vec![7; samovar_net::MAX_FIRST_FRAME];
    net.nodes[0].endpoint.send_frame(there, &hello).unwrap();
    let came = net.run_until(Duration::from_secs(40), |net| count(net, 1, is_frame) == 1);
    assert!(came, "{:?}", net.nodes[1].links.last());
    assert_eq!(count(&net, 1, is_closed), 0);
}
