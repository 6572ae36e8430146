//! Sessions that nobody uses.

use super::support::*;
use crate::sessions::{Api, SessionState};

#[test]
fn an_unused_messages_session_ends_silently_on_both_sides() {
    let mut pair = Pair::open(Api::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.wait(secs(179));
    assert_eq!(
        pair.a.state(b, Api::Messages),
        Some(SessionState::Connected)
    );
    pair.wait(secs(1));
    pair.run();
    assert_eq!(pair.a.state(b, Api::Messages), None);
    assert_eq!(pair.b.state(a, Api::Messages), None);
    assert!(pair.a.events().is_empty() && pair.b.events().is_empty());
    assert_eq!(pair.a.send(b, Api::Messages, RELIABLE, "again"), Ok(1));
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::Messages)]);
}

#[test]
fn use_keeps_it() {
    let mut pair = Pair::open(Api::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    for _ in 0..5 {
        pair.wait(secs(170));
        pair.a.send(b, Api::Messages, RELIABLE, "x").unwrap();
        pair.run();
    }
    assert_eq!(
        pair.a.state(b, Api::Messages),
        Some(SessionState::Connected)
    );
    assert_eq!(
        pair.b.state(a, Api::Messages),
        Some(SessionState::Connected)
    );
    pair.a.sessions.set_in_flight(b, Api::Messages, [(0, 1)]);
    pair.a.wait(secs(600));
    assert_eq!(
        pair.a.state(b, Api::Messages),
        Some(SessionState::Connected),
        "something is on its way"
    );
}

#[test]
fn one_side_that_found_it_idle_does_not_break_the_other() {
    let mut pair = Pair::open(Api::Messages);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.b.send(a, Api::Messages, RELIABLE, "unread").unwrap();
    pair.run();
    pair.b.wait(secs(180));
    pair.run();
    assert_eq!(pair.a.texts(Api::Messages), ["unread"]);
    assert_eq!(
        pair.a.send(b, Api::Messages, RELIABLE, "again"),
        Ok(1),
        "no reason to refuse"
    );

    let mut pair = Pair::open(Api::Messages);
    pair.b.wait(secs(180));
    pair.a.send(b, Api::Messages, NAGLED, "queued").unwrap();
    pair.run();
    assert_eq!(pair.b.events(), [requested(a, Api::Messages)]);
    assert!(pair.b.accept(a, Api::Messages));
    pair.run();
    assert_eq!(pair.b.texts(Api::Messages), ["queued"]);
}

#[test]
fn sessions_that_are_over_are_forgotten() {
    for api in Api::ALL {
        let mut pair = Pair::open(api);
        let (a, b) = (pair.a.id, pair.b.id);
        pair.a.send(b, api, RELIABLE, "never read").unwrap();
        pair.run();
        assert!(pair.a.close(b, api));
        pair.run();
        pair.disconnect(crate::sessions::DisconnectReason::ClosedByPeer);
        assert_eq!(pair.b.state(a, api), Some(SessionState::ClosedByPeer));
        pair.b.wait(secs(180));
        assert!(pair.b.sessions.peers.is_empty());
        assert_eq!(pair.b.sessions.available(api, 0), None);
        assert_eq!(pair.b.sessions.poll_timeout(), None);
    }
}
