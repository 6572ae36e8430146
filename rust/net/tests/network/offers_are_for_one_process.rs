//! An offer is good for the process that it was made to, and finds that one whatever is lost, comes twice, or starts anew.

use std::time::Duration;

use samovar_net::Flow;
use samovar_net::wire::{Body, Signal};

use super::harness::{DIRECTORY, Net, TERM, reliable};

const MS: Duration = Duration::from_millis(1);

fn body(payload: &[u8]) -> Body {
    Signal::unseal(payload).unwrap().0.body
}

/// The clock of a directory that keeps its ID and term has been set back, so that all times fit.
#[test]
fn what_was_recorded_reaches_nothing_in_the_next_process() {
    let mut net = Net::pair(1);
    let then = net.directory_ms();
    for flow in Flow::BY_USER {
        net.meet(0, 1, flow);
    }
    let recorded = std::mem::take(&mut net.signals);
    net.crash(0);
    net.run(Duration::from_secs(30));
    net.restart(1);
    let (now, user, victim) = (net.now, net.nodes[0].id, net.nodes[1].id);
    net.nodes[1].endpoint = {
        let identity = std::sync::Arc::clone(&net.nodes[1].identity);
        let sessions = std::sync::Arc::clone(&net.nodes[1].sessions);
        let mut endpoint =
            samovar_net::Endpoint::new(net.endpoint_config, identity, sessions, [9; 32]);
        endpoint.set_candidates(vec![net.nodes[1].addr]);
        endpoint.set_directory(now, DIRECTORY, TERM, then);
        endpoint
    };
    for round in 0..5 {
        for (from, to, payload) in &recorded {
            if (*from, *to) == (user, victim) {
                net.nodes[1].endpoint.handle_signal(net.now, user, payload);
                net.work(1);
            }
        }
        // The game wants that user itself meanwhile, and what comes is no answer to that.
        if round == 2 {
            net.send(1, 0, Flow::P2p, 0, reliable(), b"are you there?");
        }
        net.run(100 * MS);
    }
    let victim = &net.nodes[1];
    assert!(victim.events.is_empty(), "{:?}", victim.events);
    assert_eq!(victim.packets_sent, 0);
    assert_eq!(net.state(1, 0, Flow::Messages), None);
    assert!(!net.signals.is_empty());
    for (_, _, payload) in &net.signals {
        match body(payload) {
            Body::Challenge { .. } => {}
            // Its own, to whichever process there is: a replay may have named one, which is not there to hear it.
            Body::Offer(offer) => assert!(offer.recipient != 0 || offer.candidates.is_empty()),
        }
    }
}

#[test]
fn who_asks_without_end_is_answered_seldom_and_briefly() {
    let mut net = Net::pair(2);
    net.directory_up = false;
    net.send(0, 1, Flow::P2p, 0, reliable(), b"hello");
    let ask = net.signals.pop().unwrap().2;
    assert!(matches!(body(&ask), Body::Offer(offer) if offer.recipient == 0));
    let (user, mut asked) = (net.nodes[0].id, 0);
    for _ in 0..10 {
        for _ in 0..200 {
            let now = net.now;
            net.nodes[1].endpoint.handle_signal(now, user, &ask);
            asked += ask.len();
        }
        net.run(100 * MS);
    }
    let mine = net.nodes[1].id;
    let answers = net.signals.iter().filter(|(from, _, _)| *from == mine);
    let sizes: Vec<usize> = answers.map(|(_, _, payload)| payload.len()).collect();
    assert!((1..=8).contains(&sizes.len()), "{} answers", sizes.len());
    assert!(sizes.iter().all(|size| *size <= ask.len()));
    assert!(sizes.iter().sum::<usize>() < asked / 100);
    assert_eq!(net.nodes[1].packets_sent, 0);
}

/// Who is challenged again and again, by whom it wants to reach, answers at a pace of its own.
#[test]
fn challenges_without_end_are_answered_seldom() {
    let mut net = Net::pair(3);
    net.directory_up = false;
    net.send(0, 1, Flow::P2p, 0, reliable(), b"hello");
    let (mine, peer, identity) = (
        net.nodes[0].id,
        net.nodes[1].id,
        net.nodes[1].identity.clone(),
    );
    for process in 1..2000 {
        let own = net
            .signals
            .iter()
            .rfind(|(from, _, _)| *from == mine)
            .unwrap();
        let (mut signal, _) = Signal::unseal(&own.2).unwrap();
        let Body::Offer(offer) = signal.body else {
            panic!("no offer")
        };
        signal.body = Body::Challenge {
            answers: offer.nonce,
        };
        (signal.to, signal.from, signal.process) = (mine, identity.credential(), process);
        let challenge = signal.seal(&identity).unwrap();
        net.nodes[0]
            .endpoint
            .handle_signal(net.now, peer, &challenge);
        net.work(0);
        net.run(MS);
    }
    assert!(net.signals.len() <= 8, "{}", net.signals.len());
}

#[test]
fn whatever_signal_is_lost() {
    for flow in Flow::BY_USER {
        for lost in 0..8 {
            for more in [0, 1, 3] {
                let mut net = Net::pair(4);
                net.lost_signals = (lost..=lost + more).collect();
                let (asks, accepts) = if lost % 2 == 0 { (0, 1) } else { (1, 0) };
                net.send(asks, accepts, flow, 0, reliable(), b"hello");
                let asked = |net: &mut Net| net.requested(accepts, asks, flow) > 0;
                assert!(
                    net.run_until(Duration::from_secs(9), asked),
                    "{lost} {more}"
                );
                assert!(net.accept(accepts, asks, flow));
                let came = |net: &mut Net| net.receive(accepts, flow, 0).is_some();
                assert!(net.run_until(Duration::from_secs(9), came), "{lost} {more}");
                assert_eq!(net.requested(accepts, asks, flow), 1);
            }
        }
    }
}

#[test]
fn whatever_comes_twice() {
    for copies in [2, 3] {
        let mut net = Net::pair(5);
        net.signal_copies = copies;
        for flow in Flow::BY_USER {
            net.meet(1, 0, flow);
            assert_eq!(net.requested(0, 1, flow), 1);
        }
        assert!(net.signals.len() < 30, "{}", net.signals.len());
    }
}

/// Both, at any step of what they say.
#[test]
fn two_restarts_that_cross() {
    for step in 0..8 {
        for apart in [0, 10, 35] {
            let mut net = Net::pair(6);
            net.send(0, 1, Flow::P2p, 0, reliable(), b"hello");
            net.send(1, 0, Flow::P2p, 0, reliable(), b"hello");
            net.run(step * 8 * MS);
            net.restart(0);
            net.run(apart * MS);
            net.restart(1);
            net.meet(0, 1, Flow::P2p);
            net.meet(1, 0, Flow::Messages);
        }
    }
}

/// One more way to and fro over the directory for the first contact, and none after that.
#[test]
fn the_number_is_asked_once() {
    let mut net = Net::pair(7);
    net.meet(0, 1, Flow::P2p);
    assert_eq!(
        net.signals.len(),
        4,
        "an offer, a challenge, an offer, an acceptance"
    );
    net.cut(0, 1);
    net.run(Duration::from_secs(11));
    net.cuts.clear();
    net.signals.clear();
    net.meet(1, 0, Flow::P2p);
    assert_eq!(net.signals.len(), 2, "an offer, an acceptance");
}

/// Each way takes longer than it takes until an offer is made again, also where the number that is known is an old one.
#[test]
fn a_slow_directory_only_makes_it_take_longer() {
    let meet = |net: &mut Net, flow| {
        let before = net.requested(1, 0, flow);
        net.send(0, 1, flow, 0, reliable(), b"may I?");
        let asked = |net: &mut Net| net.requested(1, 0, flow) > before;
        assert!(net.run_until(Duration::from_secs(10), asked), "no request");
        assert!(net.accept(1, 0, flow));
        let came = |net: &mut Net| net.receive(1, flow, 0).is_some();
        assert!(net.run_until(Duration::from_secs(10), came), "no message");
    };
    for flow in Flow::BY_USER {
        let mut net = Net::empty(8);
        net.session_config.p2p_timeout = Duration::from_secs(30);
        net.session_config.messages_timeout = Duration::from_secs(30);
        net.directory_latency = Duration::from_secs(3);
        net.add(0);
        net.add(1);
        meet(&mut net, flow);
        net.restart(1);
        net.run(Duration::from_secs(15));
        meet(&mut net, flow);
        let challenges = net.signals.iter().filter(|(from, _, payload)| {
            *from == net.nodes[1].id && matches!(body(payload), Body::Challenge { .. })
        });
        assert!(challenges.count() <= 10);
    }
}
