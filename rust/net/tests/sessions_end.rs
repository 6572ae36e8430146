//! Sessions that are refused, closed, or whose other side is gone.

mod common;

use std::time::Duration;

use common::{Net, RELIABLE, identity, open};
use samovar_net::{Api, FailReason, SendError, SessionEvent};

#[test]
fn a_request_that_nobody_accepts_fails_after_20_seconds() {
    let mut net = Net::new(2, 1);
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"hello");
    net.run(Duration::from_millis(19_900));
    assert!(!net.has_session_event(0));
    net.run(Duration::from_millis(200));
    let failed = SessionEvent::Failed {
        peer: net.id(1),
        api: Api::P2p,
        reason: FailReason::Timeout,
    };
    assert_eq!(net.session_event(0), failed);
    // The address of who did not accept is known to nobody.
    assert_eq!(net.datagrams, 0);
}

#[test]
fn a_request_is_posted_again_only_while_the_sender_keeps_sending() {
    let mut net = Net::new(2, 2);
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"hello");
    net.session_event(1);
    net.run(Duration::from_secs(6));
    assert!(
        !net.has_session_event(1),
        "what is repeated for safety is not posted"
    );
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"hello?");
    assert_eq!(
        net.session_event(1),
        SessionEvent::Requested {
            peer: net.id(0),
            api: Api::P2p
        }
    );
}

#[test]
fn after_closing_a_new_request_comes() {
    let mut net = Net::new(2, 3);
    open(&mut net, Api::P2p);
    assert!(net.close(1, 0, Api::P2p));
    assert!(!net.close(1, 0, Api::P2p));
    net.run(Duration::from_millis(100));
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"again");
    assert_eq!(
        net.session_event(1),
        SessionEvent::Requested {
            peer: net.id(0),
            api: Api::P2p
        }
    );
    assert_eq!(net.receive(1, Api::P2p, 0), None);
    net.accept(1, 0, Api::P2p);
    assert_eq!(&net.message(1, Api::P2p, 0).data[..], b"again");
}

#[test]
fn messages_to_who_has_closed_are_refused_until_restarted() {
    let mut net = Net::new(2, 4);
    open(&mut net, Api::Messages);
    net.close(1, 0, Api::Messages);
    net.run(Duration::from_millis(100));
    assert_eq!(
        net.try_send(0, 1, Api::Messages, 0, RELIABLE, b"x"),
        Err(SendError::NoConnection)
    );
    let mut restart = RELIABLE;
    restart.autorestart = true;
    net.send(0, 1, Api::Messages, 0, restart, b"x");
    assert_eq!(
        net.session_event(1),
        SessionEvent::Requested {
            peer: net.id(0),
            api: Api::Messages
        }
    );
}

#[test]
fn a_peer_that_crashes_is_noticed_within_the_connected_timeout() {
    let mut net = Net::new(2, 5);
    open(&mut net, Api::P2p);
    net.nodes[1].is_dead = true;
    net.send(0, 1, Api::P2p, 0, RELIABLE, b"anybody?");
    net.run(Duration::from_millis(10_500));
    let failed = SessionEvent::Failed {
        peer: net.id(1),
        api: Api::P2p,
        reason: FailReason::RemoteTimeout,
    };
    assert_eq!(net.session_event(0), failed);
}

#[test]
fn a_process_that_starts_anew_is_talked_to_anew() {
    let mut net = Net::new(2, 6);
    open(&mut net, Api::P2p);
    net.nodes[1].is_dead = true;
    let numbers = [identity(0), identity(1)];
    let same = numbers
        .into_iter()
        .find(|identity| identity.steam_id() == net.id(1))
        .unwrap();
    let anew = net.add(same, 1000);
    net.send(anew, 0, Api::P2p, 0, RELIABLE, b"back");
    assert_eq!(
        net.session_event(0),
        SessionEvent::Requested {
            peer: net.id(anew),
            api: Api::P2p
        }
    );
    assert!(net.accept(0, anew, Api::P2p));
    assert_eq!(&net.message(0, Api::P2p, 0).data[..], b"back");
    net.send(0, anew, Api::P2p, 0, RELIABLE, b"welcome");
    assert_eq!(&net.message(anew, Api::P2p, 0).data[..], b"welcome");
}
