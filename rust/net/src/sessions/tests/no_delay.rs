//! Messages that must go at once or not at all.

use super::support::*;
use crate::sessions::config::NO_DELAY_BACKLOG;
use crate::sessions::{Api, SendError, SessionState};

#[test]
fn before_the_session_is_open_they_are_dropped() {
    for (api, expected) in [(Api::P2p, Ok(0)), (Api::Messages, Err(SendError::Ignored))] {
        let mut side = Side::new(1);
        assert_eq!(side.send(user(2), api, NO_DELAY, "voice"), expected);
        let info = side.sessions.info(side.now, user(2), api).unwrap();
        assert_eq!(info.queued_messages, 0);
        // Steam asks for the session all the same.
        assert_eq!(info.state, SessionState::Requesting);
        assert_eq!(side.controls().len(), 1);
    }
}

#[test]
fn in_an_open_session_they_go() {
    for api in Api::ALL {
        let mut pair = Pair::open(api);
        pair.a.send(pair.b.id, api, NO_DELAY, "voice").unwrap();
        pair.run();
        assert_eq!(pair.b.texts(api), ["voice"]);
    }
}

#[test]
fn behind_a_backlog_messages_are_refused_and_packets_wait() {
    for (api, expected) in [(Api::P2p, Ok(3)), (Api::Messages, Err(SendError::Ignored))] {
        let mut pair = Pair::open(api);
        let b = pair.b.id;
        pair.a
            .send(b, api, RELIABLE, &"x".repeat(NO_DELAY_BACKLOG + 1))
            .unwrap();
        assert_eq!(pair.a.send(b, api, NO_DELAY, "voice"), expected);
    }
}

#[test]
fn a_reliable_message_waits_in_spite_of_the_flag() {
    let mut side = Side::new(1);
    let delivery = crate::sessions::Delivery {
        no_delay: true,
        ..RELIABLE
    };
    assert_eq!(
        side.send(user(2), Api::Messages, delivery, "important"),
        Ok(1)
    );
}
