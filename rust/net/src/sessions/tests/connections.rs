//! Connections between two users: dialled, accepted, used, ended.

use super::support::*;
use crate::sessions::{
    ConnectionEnd, ConnectionId, ConnectionState, ConnectionStatus, Control, DisconnectReason,
    END_OVER, FailReason, Flow, Incoming, SendError,
};

pub(super) fn end(reason: i32, debug: &str) -> ConnectionEnd {
    ConnectionEnd {
        reason,
        debug: debug.to_owned(),
    }
}

impl Side {
    pub(super) fn dial(&mut self, peer: samovar_id::SteamId, port: u32) -> ConnectionId {
        let dialled = self.sessions.dial(self.now, peer, port, false, secs(10));
        dialled.unwrap()
    }

    pub(super) fn how(
        &self,
        peer: samovar_id::SteamId,
        id: ConnectionId,
    ) -> Option<ConnectionState> {
        self.sessions
            .connection(peer, id)
            .map(|status| status.state)
    }

    pub(super) fn end(&mut self, peer: samovar_id::SteamId, id: ConnectionId, reason: i32) -> bool {
        let why = end(reason, "bye");
        self.sessions
            .close_connection(self.now, peer, id, why, None)
    }

    /// Those that have changed.
    pub(super) fn changed(&mut self) -> Vec<ConnectionId> {
        std::iter::from_fn(|| self.sessions.take_changed_connection())
            .map(|(_, id)| id)
            .collect()
    }

    pub(super) fn says(&mut self, peer: samovar_id::SteamId, id: ConnectionId, text: &str) {
        self.send(peer, Flow::Connection(id), RELIABLE, text)
            .unwrap();
    }

    pub(super) fn hears(&mut self, peer: samovar_id::SteamId, id: ConnectionId) -> Vec<String> {
        let mut messages = Vec::new();
        self.sessions.receive_from(peer, id, 1000, &mut messages);
        let text =
            |message: crate::sessions::Message| String::from_utf8_lossy(&message.data).into_owned();
        messages.into_iter().map(text).collect()
    }
}

impl Pair {
    /// An open connection that A has dialled to port 7 of B's.
    pub(super) fn connected() -> (Self, ConnectionId) {
        let mut pair = Self::new();
        let id = pair.dialled();
        (pair, id)
    }

    pub(super) fn dialled(&mut self) -> ConnectionId {
        let (a, b) = (self.a.id, self.b.id);
        let id = self.a.dial(b, 7);
        self.run();
        assert_eq!(self.b.how(a, id), Some(ConnectionState::Asked));
        assert!(self.b.accept(a, Flow::Connection(id)));
        self.run();
        self.connect();
        self.run();
        assert_eq!(self.a.how(b, id), Some(ConnectionState::Connected));
        assert_eq!(self.b.how(a, id), Some(ConnectionState::Connected));
        self.a.changed();
        self.b.changed();
        id
    }
}

#[test]
fn a_connection_is_asked_for_accepted_and_used() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let id = pair.a.dial(b, 7);
    assert_eq!((id.port, id.by_lower, id.symmetric), (7, true, false));
    assert_eq!(pair.a.changed(), [id]);
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::Requesting));
    pair.a.says(b, id, "early");
    pair.run();
    assert_eq!(pair.b.changed(), [id]);
    assert!(pair.b.changed().is_empty(), "each change once");
    assert_eq!(
        pair.b.sessions.connection(a, id),
        Some(ConnectionStatus {
            state: ConnectionState::Asked,
            end: None
        })
    );
    assert!(pair.b.events().is_empty());
    assert_eq!(
        pair.b.send(a, Flow::Connection(id), RELIABLE, "no"),
        Err(SendError::NoConnection),
        "sending does not accept"
    );
    assert!(pair.b.accept(a, Flow::Connection(id)));
    pair.run();
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::Connecting));
    pair.connect();
    pair.b.says(a, id, "");
    pair.b.says(a, id, "hello");
    pair.run();
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::Connected));
    assert_eq!((pair.a.changed(), pair.b.changed()), (vec![id], vec![id]));
    assert_eq!(pair.a.hears(b, id), ["", "hello"]);
    assert_eq!(pair.b.hears(a, id), ["early"]);
    assert!(pair.b.accept(a, Flow::Connection(id)), "it is");
}

#[test]
fn connections_of_a_pair_are_independent() {
    let (mut pair, first) = Pair::connected();
    let second = pair.dialled();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.says(b, first, "first");
    pair.a.says(b, second, "second");
    pair.b.send(a, Flow::P2p, RELIABLE, "packet").unwrap();
    pair.run();
    assert_eq!(pair.b.hears(a, second), ["second"]);
    assert!(pair.b.end(a, second, 1000));
    pair.run();
    assert_eq!(pair.a.how(b, second), Some(ConnectionState::ClosedByPeer));
    assert_eq!(pair.a.how(b, first), Some(ConnectionState::Connected));
    pair.b.says(a, first, "still");
    pair.run();
    assert_eq!(pair.a.hears(b, first), ["still"]);
    assert_eq!(pair.b.hears(a, first), ["first"]);
    assert!(pair.a.state(b, Flow::P2p).is_none(), "it was not accepted");
}

#[test]
fn the_end_comes_once_with_its_reason_and_what_had_come_stays_readable() {
    let (mut pair, id) = Pair::connected();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.says(b, id, "one");
    pair.run();
    assert!(pair.a.end(b, id, 1042));
    assert!(!pair.a.end(b, id, 1043));
    assert_eq!(pair.a.how(b, id), None);
    pair.run();
    assert_eq!(pair.b.changed(), [id]);
    let status = pair.b.sessions.connection(a, id).unwrap();
    assert_eq!(status.state, ConnectionState::ClosedByPeer);
    assert_eq!(status.end, Some(end(1042, "bye")));
    let sent = pair.b.send(a, Flow::Connection(id), RELIABLE, "no");
    assert_eq!(sent, Err(SendError::NoConnection));
    pair.wait(secs(400));
    assert!(pair.b.changed().is_empty());
    assert_eq!(pair.b.hears(a, id), ["one"]);
    assert!(pair.b.end(a, id, 0));
    assert_eq!((pair.b.how(a, id), pair.b.controls()), (None, vec![]));
}

#[test]
fn a_long_text_is_cut_between_letters() {
    let (mut pair, id) = Pair::connected();
    let b = pair.b.id;
    let long = end(1, &"\u{e4}".repeat(200));
    pair.a
        .sessions
        .close_connection(pair.a.now, b, id, long, None);
    pair.run();
    let a = pair.a.id;
    let status = pair.b.sessions.connection(a, id).unwrap();
    assert_eq!(status.end, Some(end(1, &"\u{e4}".repeat(64))));
    // Whatever comes from the wire, no more is kept.
    let (mut pair, id) = Pair::connected();
    let word = Control::End {
        id,
        sent: 0,
        end: end(1, &"x".repeat(2000)),
    };
    let b = pair.b.id;
    pair.a.control(b, word);
    let status = pair.a.sessions.connection(b, id).unwrap();
    assert_eq!(status.end, Some(end(1, &"x".repeat(128))));
}

#[test]
fn a_refusal_has_its_reason() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let id = pair.a.dial(b, 7);
    pair.run();
    assert!(pair.b.end(a, id, 1007));
    pair.run();
    let status = pair.a.sessions.connection(b, id).unwrap();
    assert_eq!(status.state, ConnectionState::ClosedByPeer);
    assert_eq!(status.end, Some(end(1007, "bye")));
    assert_eq!(pair.b.how(a, id), None);
}

#[test]
fn what_nobody_accepts_fails_in_its_time_and_goes_silently() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let id = pair
        .a
        .sessions
        .dial(pair.a.now, b, 7, false, secs(4))
        .unwrap();
    pair.run();
    pair.a.changed();
    pair.b.changed();
    pair.wait(millis(3999));
    pair.run();
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::Requesting));
    pair.wait(millis(1));
    assert_eq!(
        pair.a.how(b, id),
        Some(ConnectionState::Failed(FailReason::Timeout))
    );
    assert_eq!(pair.a.changed(), [id]);
    pair.wait(secs(20));
    assert_eq!(pair.b.how(a, id), None);
    assert_eq!(pair.b.changed(), [id]);
    assert!(!pair.b.accept(a, Flow::Connection(id)));
    assert!(pair.a.events().is_empty() && pair.b.events().is_empty());
}

#[test]
fn a_late_acceptance_of_what_has_failed_is_answered() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let id = pair.a.dial(b, 7);
    pair.run();
    pair.a.wait(secs(11));
    pair.a.controls();
    pair.connect();
    assert!(pair.b.accept(a, Flow::Connection(id)));
    pair.run();
    let status = pair.b.sessions.connection(a, id).unwrap();
    assert_eq!(status.state, ConnectionState::ClosedByPeer);
    assert_eq!(status.end, Some(end(END_OVER, "")));
}

#[test]
fn a_peer_that_is_gone_fails_the_connection() {
    for (reason, expected) in [
        (
            DisconnectReason::TimedOut,
            ConnectionState::Failed(FailReason::RemoteTimeout),
        ),
        (
            DisconnectReason::Error,
            ConnectionState::Failed(FailReason::Error),
        ),
        (
            DisconnectReason::ClosedByPeer,
            ConnectionState::ClosedByPeer,
        ),
    ] {
        let (mut pair, id) = Pair::connected();
        let b = pair.b.id;
        pair.a.disconnect(b, reason);
        assert_eq!(pair.a.how(b, id), Some(expected));
        assert_eq!(pair.a.changed(), [id]);
        pair.a.connect(b);
        assert_eq!(pair.a.how(b, id), Some(expected), "it does not come back");
    }
}

#[test]
fn groups_are_read_together_and_what_waits_goes_along() {
    let (mut pair, first) = Pair::connected();
    let second = pair.dialled();
    let (a, b) = (pair.a.id, pair.b.id);
    let mut say = |id, text: &str| {
        pair.a.says(b, id, text);
        pair.run();
        pair.wait(millis(1));
    };
    say(first, "1");
    say(second, "2");
    say(first, "3");
    pair.b.sessions.set_group(a, second, Some(9));
    pair.b.sessions.set_group(a, first, Some(9));
    pair.a.says(b, second, "4");
    pair.run();
    assert!(pair.b.hears(a, first).is_empty());
    let mut messages = Vec::new();
    pair.b.sessions.receive_from_group(9, 3, &mut messages);
    let texts: Vec<&[u8]> = messages.iter().map(|message| &message.data[..]).collect();
    assert_eq!(texts, [b"1", b"2", b"3"]);
    assert_eq!(messages[1].flow, Flow::Connection(second));
    pair.b.sessions.set_group(a, second, None);
    assert_eq!(pair.b.hears(a, second), ["4"]);
    pair.b.sessions.set_group(a, second, Some(9));
    pair.a.says(b, second, "5");
    pair.a.says(b, first, "6");
    pair.run();
    pair.b.end(a, second, 0);
    messages.clear();
    pair.b.sessions.receive_from_group(9, 10, &mut messages);
    assert_eq!(messages.len(), 1, "what waited of it is dropped");
    pair.b.sessions.set_group(a, second, Some(9));
    check(&pair.b.sessions);
}

/// The end waits for what was sent before, as long as that comes, and 10 s.
#[test]
fn an_end_comes_after_what_was_sent_before_it() {
    let (mut pair, id) = Pair::connected();
    let (a, b) = (pair.a.id, pair.b.id);
    let deliver = |side: &mut Side, text: &'static str, reliable| {
        let incoming = Incoming {
            flow: Flow::Connection(id),
            incarnation: id.number,
            channel: 0,
            reliable,
            data: bytes::Bytes::from_static(text.as_bytes()),
        };
        side.sessions.deliver(side.now, a, incoming);
    };
    let word = |sent, reason| Control::End {
        id,
        sent,
        end: end(reason, ""),
    };
    pair.b.control(a, word(3, 1001));
    for (text, reliable) in [("1", true), ("x", false), ("2", true)] {
        pair.b.wait(secs(4));
        deliver(&mut pair.b, text, reliable);
        assert_eq!(pair.b.how(a, id), Some(ConnectionState::Connected));
        assert!(pair.b.sessions.connection(a, id).unwrap().end.is_none());
    }
    // The first end counts.
    pair.b.control(a, word(0, 1002));
    assert!(pair.b.changed().is_empty());
    deliver(&mut pair.b, "3", true);
    let status = pair.b.sessions.connection(a, id).unwrap();
    assert_eq!(status.state, ConnectionState::ClosedByPeer);
    assert_eq!(status.end, Some(end(1001, "")));
    assert_eq!(pair.b.changed(), [id]);
    assert_eq!(pair.b.hears(a, id), ["1", "x", "2", "3"]);
    // What never comes is waited for in vain.
    pair.a.control(b, word(u64::MAX, 1003));
    pair.a.wait(millis(9999));
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::Connected));
    pair.a.wait(millis(1));
    assert_eq!(pair.a.how(b, id), Some(ConnectionState::ClosedByPeer));
    assert_eq!(pair.a.changed(), [id]);
}

#[test]
fn a_connection_that_is_not_used_stays() {
    let (mut pair, id) = Pair::connected();
    pair.wait(secs(4000));
    pair.run();
    assert_eq!(pair.b.how(pair.a.id, id), Some(ConnectionState::Connected));
    assert_eq!(pair.a.how(pair.b.id, id), Some(ConnectionState::Connected));
    assert!(pair.a.changed().is_empty() && pair.b.changed().is_empty());
}

#[test]
fn a_request_that_is_taken_back_is_gone() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let first = pair.a.dial(b, 1);
    pair.run();
    assert_eq!(pair.b.changed(), [first]);
    let second = pair.a.dial(b, 1);
    pair.run();
    for id in [first, second] {
        assert!(pair.a.end(b, id, 0));
    }
    pair.run();
    assert_eq!(pair.b.changed(), [first], "the second was never seen");
    assert_eq!((pair.b.how(a, first), pair.b.how(a, second)), (None, None));
    assert!(!pair.b.accept(a, Flow::Connection(second)));
}
