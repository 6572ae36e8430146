//! Sending to oneself.

use super::support::*;
use crate::sessions::{DisconnectReason, Flow, SendError, SessionState};

#[test]
fn it_arrives_at_once_and_nobody_is_asked() {
    for flow in Flow::BY_USER {
        for delivery in [
            RELIABLE,
            UNRELIABLE,
            NO_DELAY,
            BUFFERED,
            NAGLED,
            AUTORESTART,
        ] {
            let mut side = Side::new(1);
            let me = side.id;
            assert_eq!(side.send(me, flow, delivery, "echo"), Ok(1));
            let message = side.read(flow, 0).unwrap();
            assert_eq!(
                (message.peer, message.number, &message.data[..]),
                (me, 1, &b"echo"[..])
            );
            assert!(side.events().is_empty());
            assert!(side.controls().is_empty());
            assert!(side.outgoing(me).is_empty());
            assert!(!side.sessions.wants_connection(me));
            assert_eq!(side.state(me, flow), Some(SessionState::Connected));
            check(&side.sessions);
        }
    }
}

#[test]
fn it_is_a_session_like_others() {
    for flow in Flow::BY_USER {
        let mut side = Side::new(1);
        let me = side.id;
        assert!(!side.accept(me, flow));
        side.send_on(me, flow, 3, RELIABLE, "one").unwrap();
        assert!(side.accept(me, flow));
        side.send_on(me, flow, 4, RELIABLE, "two").unwrap();
        assert!(side.sessions.close_channel(side.now, me, flow, 3));
        assert_eq!(side.sessions.available(flow, 3), None);
        assert!(side.close(me, flow));
        assert_eq!(side.sessions.available(flow, 4), None);
        assert!(side.sessions.peers.is_empty());
        assert!(side.controls().is_empty());
        assert_eq!(side.send(me, flow, RELIABLE, "three"), Ok(1));
        side.disconnect(me, DisconnectReason::TimedOut);
        side.sessions.retry_requests(side.now);
        side.wait(secs(30));
        assert_eq!(side.texts(flow), ["three"]);
        assert!(side.events().is_empty() && side.controls().is_empty());
        side.wait(secs(600));
        check(&side.sessions);
        assert!(side.events().is_empty() && side.controls().is_empty());
    }
}

#[test]
fn one_who_does_not_read_what_he_says_is_stopped() {
    let mut side = Side::new(1);
    let me = side.id;
    let piece = "x".repeat(512 * 1024);
    let sent = (0..100)
        .take_while(|_| side.send(me, Flow::Messages, RELIABLE, &piece).is_ok())
        .count();
    assert_eq!(sent, 2);
    assert_eq!(
        side.send(me, Flow::Messages, RELIABLE, "x"),
        Err(SendError::LimitExceeded)
    );
    assert!(side.read(Flow::Messages, 0).is_some());
    assert_eq!(side.send(me, Flow::Messages, RELIABLE, "x"), Ok(3));
}
