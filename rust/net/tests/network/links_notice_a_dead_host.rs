//! A directory's host that dies is noticed soon.

use std::time::Duration;

use samovar_net::LinkClosed;

use super::harness::{LinkEvent, Net};
use super::links_carry_frames::link;

#[test]
fn within_about_two_seconds() {
    let mut net = Net::pair(1);
    let (there, _) = link(&mut net);
    net.run(Duration::from_secs(20));
    assert!(
        net.nodes[0].links.is_empty() && net.nodes[1].links.is_empty(),
        "an idle link stays"
    );
    net.crash(1);
    let crashed = net.now;
    assert!(net.run_until(Duration::from_secs(5), |net| !net.nodes[0].links.is_empty()));
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Closed {
            link: there,
            inbound: false,
            reason: LinkClosed::TimedOut
        }]
    );
    let took = net.now - crashed;
    assert!(
        took > Duration::from_secs(1) && took < Duration::from_millis(2300),
        "{took:?}"
    );
}

#[test]
fn when_it_says_goodbye_at_once() {
    let mut net = Net::pair(2);
    let (there, _) = link(&mut net);
    let now = net.now;
    net.nodes[1].endpoint.shutdown(now);
    net.work(1);
    net.crash(1);
    net.run(Duration::from_millis(50));
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Closed {
            link: there,
            inbound: false,
            reason: LinkClosed::Closed(0)
        }]
    );
}

#[test]
fn when_nobody_is_there_a_dial_ends_in_two_seconds() {
    let mut net = Net::pair(3);
    net.crash(1);
    let (now, addr, key) = (
        net.now,
        net.nodes[1].addr,
        net.nodes[1].identity.public_key(),
    );
    let link = net.nodes[0].endpoint.dial(now, addr, key).unwrap();
    assert!(net.run_until(Duration::from_secs(5), |net| !net.nodes[0].links.is_empty()));
    assert_eq!(
        net.nodes[0].links,
        [LinkEvent::Closed {
            link,
            inbound: false,
            reason: LinkClosed::TimedOut
        }]
    );
    let took = net.now - now;
    assert!(took < Duration::from_millis(2300), "{took:?}");
}
