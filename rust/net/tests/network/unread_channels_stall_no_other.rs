//! A channel that nobody reads, filled until it takes no more, leaves the others alone.

use std::time::Duration;

use samovar_net::{Flow, SendError, SessionState};

use super::harness::{Net, reliable, unreliable};

fn fill(net: &mut Net, flow: Flow, channel: u32) {
    let chunk = vec![1; 100 * 1024];
    let mut refused = 0;
    for _ in 0..200 {
        match net.try_send(0, 1, flow, channel, reliable(), &chunk) {
            Ok(()) => {}
            Err(SendError::LimitExceeded) => refused += 1,
            Err(error) => panic!("{error}"),
        }
        net.run(Duration::from_millis(20));
    }
    assert!(refused > 0, "there is a bound");
    // To the last byte.
    for size in [10_000, 1000, 100, 10, 1] {
        while net
            .try_send(0, 1, flow, channel, reliable(), &vec![1; size])
            .is_ok()
        {}
    }
}

fn passes(net: &mut Net, flow: Flow, channel: u32) {
    for number in 0..50_u8 {
        net.send(0, 1, flow, channel, reliable(), &[number]);
        net.send(0, 1, flow, channel + 1, unreliable(), &[number]);
        net.run(Duration::from_millis(10));
    }
    net.run(Duration::from_millis(100));
    let all: Vec<_> = (0..50).map(|number| vec![number]).collect();
    assert_eq!(net.receive_all(1, flow, channel), all, "reliable, {flow:?}");
    assert_eq!(
        net.receive_all(1, flow, channel + 1),
        all,
        "unreliable, {flow:?}"
    );
}

#[test]
fn of_the_same_session_and_of_another() {
    for full in [Flow::P2p, Flow::Messages] {
        let mut net = Net::pair(1);
        net.meet(0, 1, Flow::P2p);
        net.meet(0, 1, Flow::Messages);
        fill(&mut net, full, 5);
        fill(&mut net, full, 6);
        passes(&mut net, Flow::P2p, 1);
        passes(&mut net, Flow::Messages, 1);
    }
}

/// When it is read at last, everything is there.
#[test]
fn and_loses_nothing() {
    let mut net = Net::pair(2);
    net.meet(0, 1, Flow::P2p);
    let mut sent = 0_u32;
    for number in 0..200_u32 {
        let mut chunk = vec![1; 100 * 1024];
        chunk[..4].copy_from_slice(&number.to_be_bytes());
        if net.try_send(0, 1, Flow::P2p, 5, reliable(), &chunk) == Ok(()) {
            sent += 1;
        }
        net.run(Duration::from_millis(20));
    }
    let mut got = 0;
    net.run_until(Duration::from_secs(10), |net| {
        got += u32::try_from(net.receive_all(1, Flow::P2p, 5).len()).unwrap();
        got == sent
    });
    assert_eq!(got, sent);
    net.send(0, 1, Flow::P2p, 5, reliable(), b"after");
    assert!(net.run_until(Duration::from_secs(1), |net| {
        net.receive(1, Flow::P2p, 5).is_some()
    }));
}

/// A session can be closed while a channel is full, and the next one starts empty.
#[test]
fn and_can_be_closed() {
    for closes in [0, 1] {
        let mut net = Net::pair(3);
        net.meet(0, 1, Flow::P2p);
        fill(&mut net, Flow::P2p, 5);
        assert!(net.close(closes, 1 - closes, Flow::P2p));
        net.run(Duration::from_millis(200));
        assert_ne!(
            net.state(1 - closes, closes, Flow::P2p),
            Some(SessionState::Connected)
        );
        net.receive_all(1, Flow::P2p, 5);
        net.meet(0, 1, Flow::P2p);
        net.send(0, 1, Flow::P2p, 5, reliable(), b"new");
        net.run(Duration::from_millis(500));
        assert_eq!(net.receive_all(1, Flow::P2p, 5), ["new"]);
    }
}
