//! Offers that are truncated, altered, replayed, late, or meant for somebody else.

use std::time::Duration;

use bytes::Bytes;
use samovar_net::wire::Signal;
use samovar_net::{Flow, SessionEvent};

use super::harness::{APP, DIRECTORY, Net, TERM, identities, reliable};

/// An offer of node 0 to node 1 that has not been delivered.
fn offer(net: &mut Net) -> Bytes {
    net.send(0, 1, Flow::P2p, 0, reliable(), b"hello");
    // Until the recipient has said which process it is, and that is on the way.
    assert!(net.run_until(Duration::from_secs(1), |net| net.signals.len() == 2));
    net.directory_up = false;
    assert!(net.run_until(Duration::from_secs(1), |net| net.signals.len() == 3));
    net.signals[2].2.clone()
}

fn hand_over(net: &mut Net, payload: &[u8]) -> Vec<SessionEvent> {
    let (now, from) = (net.now, net.nodes[0].id);
    net.nodes[1].endpoint.handle_signal(now, from, payload);
    net.work(1);
    std::mem::take(&mut net.nodes[1].events)
        .into_iter()
        .map(|(_, event)| event)
        .collect()
}

#[test]
fn every_truncation_and_every_changed_byte() {
    let mut net = Net::pair(1);
    let offer = offer(&mut net);
    for len in 0..offer.len() {
        assert_eq!(hand_over(&mut net, &offer[..len]), [], "cut to {len} bytes");
    }
    for at in 0..offer.len() {
        for flip in [0x01, 0x10, 0x80, 0xff] {
            let mut changed = offer.to_vec();
            changed[at] ^= flip;
            assert_eq!(
                hand_over(&mut net, &changed),
                [],
                "byte {at} changed by {flip:#x}"
            );
        }
    }
    let refused = net.nodes[1].endpoint.ignored_offers();
    assert_eq!(refused, 5 * offer.len() as u64, "all are counted");
    assert_eq!(
        hand_over(&mut net, &offer).len(),
        1,
        "the true one is taken"
    );
}

#[test]
fn a_replay() {
    let mut net = Net::pair(2);
    let offer = offer(&mut net);
    assert_eq!(hand_over(&mut net, &offer).len(), 1);
    net.close(1, 0, Flow::P2p);
    assert_eq!(hand_over(&mut net, &offer), []);
    net.run(Duration::from_secs(59));
    assert_eq!(hand_over(&mut net, &offer), []);
    assert_eq!(net.nodes[1].endpoint.ignored_offers(), 2);
}

#[test]
fn one_that_is_older_than_a_minute_or_from_the_future() {
    let mut net = Net::pair(3);
    let late = offer(&mut net);
    net.run(Duration::from_secs(61));
    assert_eq!(hand_over(&mut net, &late), []);
    assert_eq!(net.nodes[1].endpoint.ignored_offers(), 1);
    let mut net = Net::pair(30);
    offer(&mut net);
    let (now, future) = (net.now, net.directory_ms() + 61_000);
    net.nodes[0]
        .endpoint
        .set_directory(now, DIRECTORY, TERM, future);
    net.nodes[0].endpoint.retry_signals(now);
    net.send(0, 1, Flow::Messages, 0, reliable(), b"hello");
    let early = net.signals.last().unwrap().2.clone();
    assert_eq!(hand_over(&mut net, &early), []);
    assert_eq!(net.nodes[1].endpoint.ignored_offers(), 1);
}

#[test]
fn one_for_somebody_else_or_from_somebody_else() {
    let mut net = Net::pair(4);
    net.add(2);
    let offer = offer(&mut net);
    let (now, me, third) = (net.now, net.nodes[0].id, net.nodes[2].id);
    net.nodes[2].endpoint.handle_signal(now, me, &offer);
    net.nodes[1].endpoint.handle_signal(now, third, &offer);
    net.work(1);
    net.work(2);
    assert!(net.nodes[1].events.is_empty() && net.nodes[2].events.is_empty());
    assert_eq!(
        (
            net.nodes[1].endpoint.ignored_offers(),
            net.nodes[2].endpoint.ignored_offers()
        ),
        (1, 1)
    );
}

#[test]
fn one_of_another_app_or_with_another_ones_credential() {
    let mut net = Net::pair(5);
    let sealed = offer(&mut net);
    let (genuine, _) = Signal::unseal(&sealed).unwrap();
    assert_eq!(genuine.app_id, APP);
    let mut other_app = genuine.clone();
    other_app.app_id += 1;
    let other_app = other_app.seal(&identities()[0]).unwrap();
    assert_eq!(hand_over(&mut net, &other_app), []);
    // Signed by one who pretends to be node 0.
    let stolen = genuine.seal(&identities()[2]).unwrap();
    assert_eq!(hand_over(&mut net, &stolen), []);
    // Honest about who signs, but handed over as node 0's.
    let mut honest = genuine;
    honest.from = identities()[2].credential();
    let honest = honest.seal(&identities()[2]).unwrap();
    assert_eq!(hand_over(&mut net, &honest), []);
}

#[test]
fn one_of_another_directory_or_term() {
    for (directory, term) in [(DIRECTORY + 1, TERM), (DIRECTORY, TERM + 1), (0, 0)] {
        let mut net = Net::pair(6);
        let offer = offer(&mut net);
        let (now, time_ms) = (net.now, net.directory_ms());
        let recipient = &mut net.nodes[1].endpoint;
        recipient.set_directory(now, directory, term, time_ms);
        assert_eq!(hand_over(&mut net, &offer), []);
        // What the sender asks again, when it has come over, is heard.
        let sender = &mut net.nodes[0].endpoint;
        sender.set_directory(now, directory, term, time_ms);
        sender.retry_signals(now);
        net.directory_up = true;
        net.run(Duration::from_millis(100));
        assert_eq!(net.requested(1, 0, Flow::P2p), 1);
    }
}

#[test]
fn one_that_is_new_again_by_a_clock_that_was_set_back() {
    let mut net = Net::pair(7);
    let then = net.directory_ms();
    let offer = offer(&mut net);
    net.run(Duration::from_secs(61));
    let now = net.now;
    let recipient = &mut net.nodes[1].endpoint;
    recipient.set_directory(now, DIRECTORY, TERM, then);
    assert_eq!(hand_over(&mut net, &offer), []);
}

#[test]
fn one_that_was_made_to_an_earlier_process() {
    let mut net = Net::pair(8);
    let offer = offer(&mut net);
    net.run(Duration::from_secs(2));
    net.restart(1);
    assert_eq!(hand_over(&mut net, &offer), []);
    // The sender asks again, in its own time, and is heard.
    net.directory_up = true;
    net.run(Duration::from_secs(3));
    assert_eq!(net.requested(1, 0, Flow::P2p), 1);
}
