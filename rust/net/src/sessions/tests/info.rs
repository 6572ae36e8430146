//! What is told about sessions.

use std::time::Duration;

use super::support::*;
use crate::sessions::{Control, DisconnectReason, FailReason, Flow, LinkStats, SessionState};

#[test]
fn it_counts_what_waits() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, BUFFERED, "12345").unwrap();
    pair.a.send(b, Flow::P2p, UNRELIABLE, "123").unwrap();
    let info = pair.a.sessions.info(pair.a.now, b, Flow::P2p).unwrap();
    assert_eq!(
        (
            info.queued_bytes,
            info.queued_reliable_bytes,
            info.queued_messages
        ),
        (8, 5, 2)
    );
    assert_eq!((info.state, info.error), (SessionState::Connected, None));
    assert_eq!(pair.a.sessions.info(pair.a.now, b, Flow::Messages), None);
    assert_eq!(pair.a.sessions.info(pair.a.now, a, Flow::P2p), None);
    pair.a.wait(millis(200));
    pair.a.outgoing(b);
    let info = pair.a.sessions.info(pair.a.now, b, Flow::P2p).unwrap();
    assert_eq!(
        (
            info.queued_bytes,
            info.queued_reliable_bytes,
            info.queued_messages
        ),
        (0, 0, 0)
    );
}

#[test]
fn the_last_error_stays_until_the_session_is_open() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::P2p, RELIABLE, "one").unwrap();
    pair.a.wait(secs(20));
    pair.a.send(b, Flow::P2p, RELIABLE, "two").unwrap();
    let error = |pair: &Pair| {
        pair.a
            .sessions
            .info(pair.a.now, b, Flow::P2p)
            .unwrap()
            .error
    };
    assert_eq!(error(&pair), Some(FailReason::Timeout));
    pair.run();
    pair.b.accept(a, Flow::P2p);
    pair.connect();
    pair.run();
    assert_eq!(error(&pair), None);
}

#[test]
fn the_connection_is_told_of_while_there_is_one() {
    let mut pair = Pair::open(Flow::P2p);
    let b = pair.b.id;
    let link = |pair: &Pair| pair.a.sessions.info(pair.a.now, b, Flow::P2p).unwrap().link;
    assert_eq!(link(&pair), None);
    let stats = LinkStats {
        rtt: Some(Duration::from_millis(30)),
        ..LinkStats::default()
    };
    pair.a.sessions.set_link_stats(b, stats.clone());
    assert_eq!(link(&pair), Some(stats.clone()));
    pair.a.control(b, Control::Quality { percent: 200 });
    let quality = |pair: &Pair| link(pair).and_then(|link| link.local_quality);
    assert_eq!(quality(&pair), Some(100));
    pair.a.control(b, Control::Quality { percent: 93 });
    assert_eq!(quality(&pair), Some(93));
    pair.a.disconnect(b, DisconnectReason::TimedOut);
    assert_eq!(link(&pair), None);
    pair.a.control(b, Control::Quality { percent: 93 });
    pair.a.connect(b);
    pair.a.sessions.set_link_stats(b, stats.clone());
    pair.a.send(b, Flow::P2p, RELIABLE, "again").unwrap();
    assert_eq!(quality(&pair), None, "of the connection before");
    pair.a.disconnect(b, DisconnectReason::TimedOut);
    pair.a.sessions.set_link_stats(b, stats);
    assert_eq!(link(&pair), None);
    pair.a
        .sessions
        .set_link_stats(user(9), LinkStats::default());
    check(&pair.a.sessions);
}
