//! What does not come from who it should changes nothing.

mod common;

use std::time::Duration;

use bytes::Bytes;
use common::{Net, RELIABLE, open};
use samovar_net::{Api, EndpointEvent, LinkClosed};

#[test]
fn offers_that_are_replayed_or_of_another_sender_are_ignored() {
    let mut net = Net::new(3, 1);
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"hello");
    net.session_event(1);
    let (from, _, payload) = net.signals[0].clone();
    net.close(1, 0, Api::P2p);
    net.signal(1, from, &payload);
    let other = net.id(2);
    net.signal(1, other, &payload);
    net.signal(2, from, &payload);
    net.run(Duration::from_millis(50));
    assert!(!net.has_session_event(1) && !net.has_session_event(2));
}

#[test]
fn every_datagram_of_a_session_cut_changed_or_repeated_disturbs_nobody() {
    let mut net = Net::new(2, 2);
    open(&mut net, Api::P2p);
    let (a, b) = (net.nodes[0].addr, net.nodes[1].addr);
    for round in 0..2000_u64 {
        let len = usize::try_from(net.random() % 1400).unwrap();
        let mut data: Vec<u8> = (0..len).map(|_| net.random().to_le_bytes()[0]).collect();
        if let Some(first) = data.first_mut() {
            *first = round.to_le_bytes()[0];
        }
        let from = if round % 2 == 0 {
            a
        } else {
            "10.9.9.9:9".parse().unwrap()
        };
        net.inject(from, b, data);
    }
    net.run(Duration::from_millis(100));
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"still here");
    assert_eq!(&net.message(1, Api::P2p, 0).data[..], b"still here");
    assert!(!net.has_session_event(0) && !net.has_session_event(1));
}

#[test]
fn links_prove_both_keys_and_carry_frames() {
    let mut net = Net::new(2, 3);
    net.nodes[1].endpoint.set_hosting(true);
    let (addr, now) = (net.nodes[1].addr, net.now);
    let keys: Vec<_> = [0, 1].map(common::identity).into_iter().collect();
    let key = |id| {
        keys.iter()
            .find(|identity| identity.steam_id() == id)
            .unwrap()
            .public_key()
    };
    let (mine, theirs) = (key(net.id(0)), key(net.id(1)));
    let link = net.nodes[0].endpoint.dial(now, addr, theirs).unwrap();
    net.event(0, |event| {
        matches!(event, EndpointEvent::LinkOpened { inbound: false, .. }).then_some(())
    });
    net.nodes[0]
        .endpoint
        .send_frame(link, &Bytes::from(vec![5; 900_000]))
        .unwrap();
    let (inbound, proved) = net.event(1, |event| match event {
        EndpointEvent::LinkOpened {
            link,
            inbound: true,
            key,
            ..
        } => Some((*link, *key)),
        _ => None,
    });
    assert_eq!(proved, mine);
    let frame = net.event(1, |event| match event {
        EndpointEvent::LinkFrame { frame, .. } => Some(frame.clone()),
        _ => None,
    });
    assert_eq!(frame.len(), 900_000);
    net.nodes[1]
        .endpoint
        .send_frame(inbound, &Bytes::from_static(b"answer"))
        .unwrap();
    net.event(0, |event| {
        matches!(event, EndpointEvent::LinkFrame { .. }).then_some(())
    });

    // Whoever hosts dies: noticed within two seconds.
    net.nodes[1].is_dead = true;
    net.run(Duration::from_millis(2000));
    let reason = net.event(0, |event| match event {
        EndpointEvent::LinkClosed { reason, .. } => Some(*reason),
        _ => None,
    });
    assert_eq!(reason, LinkClosed::TimedOut);
}

#[test]
fn a_link_to_another_key_than_asked_for_does_not_open() {
    let mut net = Net::new(2, 4);
    net.nodes[1].endpoint.set_hosting(true);
    let (addr, now) = (net.nodes[1].addr, net.now);
    let keys = [0, 1].map(common::identity);
    let wrong = keys
        .iter()
        .find(|identity| identity.steam_id() == net.id(0))
        .unwrap()
        .public_key();
    net.nodes[0].endpoint.dial(now, addr, wrong).unwrap();
    let reason = net.event(0, |event| match event {
        EndpointEvent::LinkClosed { reason, .. } => Some(*reason),
        EndpointEvent::LinkOpened { .. } => panic!("opened"),
        _ => None,
    });
    assert_eq!(reason, LinkClosed::Failed);
}
