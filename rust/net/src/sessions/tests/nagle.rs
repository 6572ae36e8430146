//! Messages that wait for others.

use super::support::*;
use crate::sessions::{Delivery, Flow};

/// Messages sent in an open session; what goes at once; after how many milliseconds the rest goes.
struct Case {
    name: &'static str,
    flow: Flow,
    sent: &'static [(Delivery, &'static str)],
    at_once: &'static [&'static str],
    later: Option<(u64, &'static [&'static str])>,
}

const LONG: &str = match std::str::from_utf8(&[b'x'; 1190]) {
    Ok(text) => text,
    Err(_) => "",
};

const CASES: &[Case] = &[
    Case {
        name: "nothing waits by itself",
        flow: Flow::P2p,
        sent: &[(RELIABLE, "a"), (UNRELIABLE, "b")],
        at_once: &["a", "b"],
        later: None,
    },
    Case {
        name: "buffered packets wait 200 ms from the first",
        flow: Flow::P2p,
        sent: &[(BUFFERED, "a"), (BUFFERED, "b")],
        at_once: &[],
        later: Some((200, &["a", "b"])),
    },
    Case {
        name: "a reliable packet takes them along",
        flow: Flow::P2p,
        sent: &[(BUFFERED, "a"), (RELIABLE, "b"), (BUFFERED, "c")],
        at_once: &["a", "b"],
        later: Some((200, &["c"])),
    },
    Case {
        name: "an unreliable packet does not",
        flow: Flow::P2p,
        sent: &[(BUFFERED, "a"), (UNRELIABLE, "b")],
        at_once: &["b"],
        later: Some((200, &["a"])),
    },
    Case {
        name: "a packet's worth goes",
        flow: Flow::P2p,
        sent: &[(BUFFERED, LONG), (BUFFERED, "0123456789"), (BUFFERED, "c")],
        at_once: &[LONG, "0123456789"],
        later: Some((200, &["c"])),
    },
    Case {
        name: "messages wait 5 ms, of either kind",
        flow: Flow::Messages,
        sent: &[(NAGLED, "a"), (NAGLED_UNRELIABLE, "b")],
        at_once: &[],
        later: Some((5, &["a", "b"])),
    },
    Case {
        name: "a message that does not wait takes them along",
        flow: Flow::Messages,
        sent: &[(NAGLED, "a"), (UNRELIABLE, "b"), (NAGLED, "c")],
        at_once: &["a", "b"],
        later: Some((5, &["c"])),
    },
];

#[test]
fn messages_wait_as_they_should() {
    for case in CASES {
        let mut pair = Pair::open(case.flow);
        let b = pair.b.id;
        for (delivery, text) in case.sent {
            pair.a.send(b, case.flow, *delivery, text).unwrap();
        }
        assert_eq!(pair.a.goes_out(b), case.at_once, "{}", case.name);
        let Some((after, rest)) = case.later else {
            continue;
        };
        assert_eq!(
            pair.a.sessions.poll_timeout(),
            Some(pair.a.now + millis(after)),
            "{}",
            case.name
        );
        pair.a.wait(millis(after - 1));
        assert!(pair.a.goes_out(b).is_empty(), "{}", case.name);
        pair.a.wait(millis(1));
        assert_eq!(pair.a.goes_out(b), rest, "{}", case.name);
    }
}

#[test]
fn a_late_look_is_enough_to_let_them_go() {
    let mut pair = Pair::open(Flow::Messages);
    let b = pair.b.id;
    pair.a.send(b, Flow::Messages, NAGLED, "a").unwrap();
    pair.a.now += millis(5);
    assert_eq!(pair.a.goes_out(b), ["a"]);
}

#[test]
fn what_was_sent_before_the_session_is_open_does_not_wait_longer() {
    let mut pair = Pair::new();
    let (a, b) = (pair.a.id, pair.b.id);
    let sent = [
        (UNRELIABLE, "a"),
        (BUFFERED, "b"),
        (RELIABLE, "c"),
        (UNRELIABLE, "d"),
    ];
    for (delivery, text) in sent {
        pair.a.send(b, Flow::P2p, delivery, text).unwrap();
    }
    pair.run();
    pair.b.accept(a, Flow::P2p);
    pair.run();
    assert!(pair.a.goes_out(b).is_empty(), "there is no connection");
    pair.connect();
    assert_eq!(pair.a.goes_out(b), ["a", "b", "c", "d"]);
}

#[test]
fn the_interfaces_take_turns() {
    let mut pair = Pair::open(Flow::P2p);
    let (a, b) = (pair.a.id, pair.b.id);
    pair.a.send(b, Flow::Messages, RELIABLE, "m1").unwrap();
    pair.run();
    pair.b.accept(a, Flow::Messages);
    pair.run();
    for (flow, text) in [
        (Flow::P2p, "p1"),
        (Flow::P2p, "p2"),
        (Flow::P2p, "p3"),
        (Flow::Messages, "m2"),
    ] {
        pair.a.send(b, flow, RELIABLE, text).unwrap();
    }
    let order = pair.a.goes_out(b);
    assert_eq!(order.len(), 4);
    assert!(
        order.iter().position(|text| text == "m2") < Some(2),
        "{order:?}"
    );
}

#[test]
fn what_the_connection_does_not_take_holds_up_nothing_else() {
    let mut pair = Pair::open(Flow::P2p);
    let b = pair.b.id;
    for text in ["r0", "r0 again"] {
        pair.a.send_on(b, Flow::P2p, 0, RELIABLE, text).unwrap();
    }
    pair.a.send_on(b, Flow::P2p, 0, UNRELIABLE, "u0").unwrap();
    pair.a.send_on(b, Flow::P2p, 1, RELIABLE, "r1").unwrap();
    let now = pair.a.now;
    let not_r0 = |_: Flow, incarnation: u64, channel: u32, reliable: bool| {
        assert_eq!(incarnation, 1_000_000);
        channel != 0 || !reliable
    };
    let free = std::iter::from_fn(|| pair.a.sessions.poll_outgoing(now, b, not_r0));
    let free: Vec<_> = free
        .map(|outgoing| (outgoing.channel, outgoing.reliable))
        .collect();
    assert_eq!(free, [(0, false), (1, true)]);
    assert_eq!(pair.a.goes_out(b), ["r0", "r0 again"]);
}
