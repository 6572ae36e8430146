//! What one connection has of its own, and not all.

use super::support::*;
use crate::sessions::{ConnectionState, FailReason, Flow, Lane, LaneInfo};

#[test]
fn small_messages_of_a_connection_wait_as_long_as_is_set_of_it() {
    let (mut pair, id) = Pair::connected();
    let (b, other) = (pair.b.id, pair.dialled());
    pair.a.sessions.set_nagle(b, id, millis(40));
    for id in [id, other] {
        let text = format!("{}", id.number);
        let sent = pair.a.send(b, Flow::Connection(id), NAGLED, &text);
        sent.unwrap();
    }
    let (own, as_all) = (id.number.to_string(), other.number.to_string());
    pair.a.wait(millis(6));
    assert_eq!(pair.a.goes_out(b), [as_all]);
    pair.a.wait(millis(33));
    assert_eq!(pair.a.goes_out(b), [""; 0]);
    pair.a.wait(millis(2));
    assert_eq!(pair.a.goes_out(b), [own]);
}

#[test]
fn a_connection_that_is_asked_for_fails_after_the_time_that_is_set_of_it() {
    let mut pair = Pair::new();
    let b = pair.b.id;
    let (short, long) = (pair.a.dial(b, 7), pair.a.dial(b, 7));
    pair.a.sessions.set_timeout(b, short, secs(3));
    pair.a.wait(millis(2_900));
    assert_eq!(pair.a.how(b, short), Some(ConnectionState::Requesting));
    pair.a.wait(millis(200));
    let failed = ConnectionState::Failed(FailReason::Timeout);
    assert_eq!(pair.a.how(b, short), Some(failed));
    assert_eq!(pair.a.how(b, long), Some(ConnectionState::Requesting));
}

#[test]
fn what_waits_is_known_of_each_lane() {
    let (mut pair, id) = Pair::connected();
    let (b, flow) = (pair.b.id, Flow::Connection(id));
    let lane = |priority| Lane {
        priority,
        weight: 1,
    };
    assert!(pair.a.sessions.set_lanes(b, id, &[lane(0), lane(1)]));
    for (lane, delivery, text) in [
        (0, RELIABLE, "reliable"),
        (1, UNRELIABLE, "unreliable"),
        (1, NAGLED, "later"),
    ] {
        pair.a.send_on(b, flow, lane, delivery, text).unwrap();
    }
    let info = |pair: &Pair, lane| pair.a.sessions.lane_info(b, id, lane);
    let waits = |unreliable_bytes, reliable_bytes| LaneInfo {
        unreliable_bytes,
        reliable_bytes,
        unacknowledged_bytes: 0,
    };
    assert_eq!(info(&pair, 0), waits(0, 8));
    assert_eq!(info(&pair, 1), waits(10, 5));
    assert_eq!(info(&pair, 2), LaneInfo::default());
    pair.a.sessions.flush(b, flow);
    assert_eq!(info(&pair, 1), waits(10, 5));
    assert_eq!(pair.a.goes_out(b).len(), 3);
    // Taken, and not acknowledged yet.
    let sent = info(&pair, 0);
    assert_eq!((sent.reliable_bytes, sent.unacknowledged_bytes), (0, 8));
}
