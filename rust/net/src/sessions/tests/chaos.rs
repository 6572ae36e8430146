//! Sessions that are never accepted, closed at any time, over a network that loses and repeats what is said about
//! them, with peers that lie: nothing panics, the bounds hold, and those who are honest find together again.

use std::collections::BTreeMap;

use bytes::Bytes;
use proptest::prelude::*;
use samovar_id::SteamId;

use super::support::*;
use crate::sessions::{
    ConnectionEnd, ConnectionId, Control, DisconnectReason, Flow, Incoming, SessionEvent,
};

#[derive(Clone, Debug)]
enum Step {
    Send {
        side: usize,
        flow: Flow,
        channel: u32,
        delivery: usize,
        size: usize,
    },
    Accept {
        side: usize,
        flow: Flow,
    },
    Close {
        side: usize,
        flow: Flow,
    },
    CloseChannel {
        side: usize,
        flow: Flow,
        channel: u32,
    },
    Connect {
        side: usize,
    },
    Disconnect {
        side: usize,
        reason: DisconnectReason,
    },
    /// The control frames of a side: one arrives, stays under way too, or gets lost.
    Control {
        side: usize,
        which: usize,
        fate: usize,
    },
    Data {
        side: usize,
        which: usize,
    },
    Read {
        side: usize,
    },
    Retry {
        side: usize,
    },
    Wait {
        millis: u64,
    },
    /// A connection: dialled, or the one of this number accepted, ended, ended later, or read.
    Connection {
        side: usize,
        what: usize,
        which: usize,
    },
    Lie {
        side: usize,
        control: Control,
    },
    LieData {
        side: usize,
        incoming: Incoming,
    },
}

fn flow() -> impl Strategy<Value = Flow> + Clone {
    prop_oneof![Just(Flow::P2p), Just(Flow::Messages)]
}

fn any_flow() -> impl Strategy<Value = Flow> + Clone {
    let connection =
        (incarnation(), any::<bool>(), 0..2_u32).prop_map(|(number, by_lower, port)| {
            Flow::Connection(ConnectionId {
                port,
                number,
                by_lower,
                symmetric: false,
            })
        });
    prop_oneof![1 => flow(), 2 => connection]
}

/// Numbers that sessions have, and others.
fn incarnation() -> impl Strategy<Value = u64> + Clone {
    prop_oneof![
        Just(0),
        1_000_000..1_000_006_u64,
        2_000_000..2_000_006_u64,
        Just(u64::MAX)
    ]
}

fn control() -> impl Strategy<Value = Control> {
    let repeat = prop_oneof![0..3_u32, Just(u32::MAX)];
    prop_oneof![
        (any_flow(), incarnation(), repeat).prop_map(|(flow, incarnation, repeat)| {
            Control::Request {
                flow,
                incarnation,
                repeat,
            }
        }),
        (any_flow(), 0..50_u64, any::<i32>()).prop_filter_map(
            "a connection",
            |(flow, sent, reason)| {
                let end = ConnectionEnd {
                    reason,
                    debug: String::new(),
                };
                flow.connection().map(|id| Control::End { id, sent, end })
            }
        ),
        (any_flow(), incarnation(), incarnation())
            .prop_map(|(flow, yours, mine)| Control::Accept { flow, yours, mine }),
        (flow(), incarnation(), incarnation(), any::<bool>()).prop_map(
            |(flow, incarnation, yours, idle)| Control::Close {
                flow,
                incarnation,
                yours,
                idle
            }
        ),
    ]
}

fn honest_step() -> impl Strategy<Value = Step> {
    let (side, which) = (0..2_usize, 0..6_usize);
    let reason = prop_oneof![
        Just(DisconnectReason::TimedOut),
        Just(DisconnectReason::ClosedByPeer),
        Just(DisconnectReason::Error)
    ];
    prop_oneof![
        4 => (side.clone(), flow(), 0..3_u32, 0..6_usize, 0..700_usize).prop_map(|(side, flow, channel, delivery, size)| {
            Step::Send { side, flow, channel, delivery, size }
        }),
        2 => (side.clone(), flow()).prop_map(|(side, flow)| Step::Accept { side, flow }),
        1 => (side.clone(), flow()).prop_map(|(side, flow)| Step::Close { side, flow }),
        1 => (side.clone(), flow(), 0..3_u32)
            .prop_map(|(side, flow, channel)| Step::CloseChannel { side, flow, channel }),
        2 => side.clone().prop_map(|side| Step::Connect { side }),
        1 => (side.clone(), reason).prop_map(|(side, reason)| Step::Disconnect { side, reason }),
        4 => (side.clone(), which.clone(), 0..6_usize)
            .prop_map(|(side, which, fate)| Step::Control { side, which, fate }),
        4 => (side.clone(), which).prop_map(|(side, which)| Step::Data { side, which }),
        1 => side.clone().prop_map(|side| Step::Read { side }),
        1 => side.prop_map(|side| Step::Retry { side }),
        1 => prop_oneof![0..50_u64, 0..7000_u64, 0..200_000_u64].prop_map(|millis| Step::Wait { millis }),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let lie = (0..2_usize, control()).prop_map(|(side, control)| Step::Lie { side, control });
    let data = (
        0..2_usize,
        any_flow(),
        incarnation(),
        0..100_u32,
        any::<bool>(),
    )
        .prop_map(|(side, flow, incarnation, channel, reliable)| {
            let data = Bytes::from_static(b"0");
            Step::LieData {
                side,
                incoming: Incoming {
                    flow,
                    incarnation,
                    channel,
                    reliable,
                    data,
                },
            }
        });
    let connection = (0..2_usize, 0..6_usize, 0..6_usize)
        .prop_map(|(side, what, which)| Step::Connection { side, what, which });
    prop_oneof![6 => honest_step(), 3 => connection, 2 => lie, 1 => data]
}

const DELIVERIES: [crate::sessions::Delivery; 6] = [
    RELIABLE,
    UNRELIABLE,
    NO_DELAY,
    AUTORESTART,
    BUFFERED,
    NAGLED_UNRELIABLE,
];

struct World {
    sides: [Side; 2],
    controls: [Vec<Control>; 2],
    streams: [Streams; 2],
    /// The number of the last reliable message that was read.
    last: [BTreeMap<(Flow, u32), u64>; 2],
    count: u64,
}

impl World {
    fn new() -> Self {
        let (one, mut other) = (Side::new(1), Side::new(2));
        other.now = one.now;
        Self {
            sides: [one, other],
            controls: Default::default(),
            streams: Default::default(),
            last: Default::default(),
            count: 1,
        }
    }

    fn id(&self, side: usize) -> SteamId {
        self.sides[side].id
    }

    fn run(&mut self, step: Step) {
        match step {
            Step::Send {
                side,
                flow,
                channel,
                delivery,
                size,
            } => {
                self.count += 1;
                let text = format!("{} {}", self.count, "x".repeat(size));
                let peer = self.id(1 - side);
                let _ = self.sides[side].send_on(peer, flow, channel, DELIVERIES[delivery], &text);
            }
            Step::Accept { side, flow } => {
                let peer = self.id(1 - side);
                self.sides[side].accept(peer, flow);
            }
            Step::Close { side, flow } => {
                let peer = self.id(1 - side);
                self.sides[side].close(peer, flow);
            }
            Step::CloseChannel {
                side,
                flow,
                channel,
            } => {
                let peer = self.id(1 - side);
                let side = &mut self.sides[side];
                side.sessions.close_channel(side.now, peer, flow, channel);
            }
            Step::Connect { side } => {
                let peer = self.id(1 - side);
                self.sides[side].connect(peer);
            }
            Step::Disconnect { side, reason } => {
                self.streams = Default::default();
                let peer = self.id(1 - side);
                self.sides[side].disconnect(peer, reason);
            }
            Step::Control { side, which, fate } => self.control(side, which, fate),
            Step::Data { side, which } => self.data(side, which),
            Step::Read { side } => self.read(side),
            Step::Retry { side } => {
                let side = &mut self.sides[side];
                side.sessions.retry_requests(side.now);
            }
            Step::Wait { millis: time } => self
                .sides
                .iter_mut()
                .for_each(|side| side.wait(millis(time))),
            Step::Connection { side, what, which } => self.connection(side, what, which),
            Step::Lie { side, control } => {
                let from = self.id(1 - side);
                self.sides[side].control(from, control);
            }
            Step::LieData { side, incoming } => {
                let from = self.id(1 - side);
                let side = &mut self.sides[side];
                side.sessions.deliver(side.now, from, incoming);
            }
        }
        self.sides.iter().for_each(|side| check(&side.sessions));
    }

    fn connection(&mut self, side: usize, what: usize, which: usize) {
        let peer = self.id(1 - side);
        let side = &mut self.sides[side];
        let known = side.sessions.flows(peer);
        let mut known = known.into_iter().filter_map(Flow::connection);
        let (id, now) = (known.nth(which), side.now);
        let id = match (what, id) {
            (0, _) | (_, None) => {
                let _ = side.sessions.dial(now, peer, 1, false, secs(3));
                return;
            }
            (_, Some(id)) => id,
        };
        let why = ConnectionEnd::default();
        match what {
            1 => drop(side.accept(peer, Flow::Connection(id))),
            2 => drop(side.sessions.close_connection(now, peer, id, why, None)),
            3 => {
                let later = Some(secs(2));
                side.sessions.close_connection(now, peer, id, why, later);
            }
            4 => {
                let flow = Flow::Connection(id);
                let _ = side.send(peer, flow, NAGLED, "0");
                side.sessions.set_group(peer, id, Some(1));
            }
            _ => {
                side.sessions.receive_from(peer, id, 9, &mut Vec::new());
                side.sessions.receive_from_group(1, 9, &mut Vec::new());
                side.sessions.set_waiting(now, peer, |_| std::iter::empty());
                while side.sessions.take_changed_connection().is_some() {}
            }
        }
    }

    fn control(&mut self, side: usize, which: usize, fate: usize) {
        let new = self.sides[side].controls();
        self.controls[side].extend(new);
        let Some(control) = self.controls[side].get(which).cloned() else {
            return;
        };
        if fate != 1 {
            self.controls[side].remove(which);
        }
        if fate != 0 {
            let from = self.id(side);
            self.sides[1 - side].control(from, control);
        }
    }

    fn data(&mut self, side: usize, which: usize) {
        let peer = self.id(1 - side);
        for outgoing in self.sides[side].outgoing(peer) {
            let key = (
                outgoing.flow,
                outgoing.incarnation,
                outgoing.channel,
                outgoing.reliable,
            );
            self.streams[side]
                .entry(key)
                .or_default()
                .push_back(outgoing);
        }
        let from = self.id(side);
        let Some(stream) = self.streams[side]
            .values_mut()
            .filter(|stream| !stream.is_empty())
            .nth(which)
        else {
            return;
        };
        let Some(outgoing) = stream.pop_front() else {
            return;
        };
        let to = &mut self.sides[1 - side];
        to.sessions.deliver(to.now, from, incoming(outgoing));
    }

    fn read(&mut self, side: usize) {
        for (flow, channel) in Flow::BY_USER
            .into_iter()
            .flat_map(|flow| (0..100).map(move |channel| (flow, channel)))
        {
            while let Some(message) = self.sides[side].read(flow, channel) {
                let text = String::from_utf8_lossy(&message.data).into_owned();
                let number: u64 = text
                    .split(' ')
                    .next()
                    .and_then(|word| word.parse().ok())
                    .expect("a number");
                if message.reliable && number > 0 {
                    let last = self.last[side].entry((flow, channel)).or_default();
                    assert!(
                        number > *last,
                        "{number} after {last} on {channel} of {flow:?}"
                    );
                    *last = number;
                }
            }
        }
    }

    /// The network works again, and the games behave: a message gets through within the time that it may take.
    fn recover(&mut self, flow: Flow) -> bool {
        self.controls = Default::default();
        for side in 0..2 {
            self.run(Step::Disconnect {
                side,
                reason: DisconnectReason::TimedOut,
            });
            self.run(Step::Read { side });
            self.sides[side].controls();
            self.sides[side].events();
            self.run(Step::Connect { side });
        }
        for second in 0..25 {
            self.run(Step::Send {
                side: 0,
                flow,
                channel: 0,
                delivery: 3,
                size: 1,
            });
            for _ in 0..20 {
                for side in 0..2 {
                    self.run(Step::Control {
                        side,
                        which: 0,
                        fate: 2,
                    });
                    self.run(Step::Data { side, which: 0 });
                }
            }
            let peer = self.id(0);
            if self.sides[1]
                .events()
                .contains(&SessionEvent::Requested { peer, flow })
            {
                self.run(Step::Accept { side: 1, flow });
            }
            if self.sides[1].sessions.available(flow, 0).is_some() {
                return second <= 7;
            }
            self.run(Step::Wait { millis: 1000 });
        }
        false
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn nothing_breaks(steps in prop::collection::vec(any_step(), 0..120)) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.run(step));
        (0..2).for_each(|side| world.read(side));
    }

    #[test]
    fn the_honest_find_together_again(steps in prop::collection::vec(honest_step(), 0..80), flow in flow()) {
        let mut world = World::new();
        steps.into_iter().for_each(|step| world.run(step));
        prop_assert!(world.recover(flow), "nothing arrives");
    }
}
