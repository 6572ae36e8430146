//! Whatever the order in which things arrive, nothing is lost, nothing comes twice, and both sides agree.

use std::collections::BTreeMap;

use proptest::prelude::*;

use super::support::*;
use crate::sessions::{Control, Flow, SessionEvent, SessionState};

#[derive(Clone, Debug)]
enum Step {
    Send {
        side: usize,
        flow: Flow,
        channel: u32,
        waits: bool,
        reliable: bool,
    },
    Accept {
        side: usize,
        flow: Flow,
    },
    Connect {
        side: usize,
    },
    /// The endpoint takes what may go.
    Take {
        side: usize,
    },
    /// One of the control frames of a side arrives, in any order.
    Control {
        side: usize,
        which: usize,
    },
    /// The next message of one of a side's streams arrives.
    Data {
        side: usize,
        which: usize,
    },
    Read {
        side: usize,
    },
    Wait {
        millis: u64,
    },
}

fn step() -> impl Strategy<Value = Step> {
    let (side, which) = (0..2_usize, 0..8_usize);
    let flow = prop_oneof![Just(Flow::P2p), Just(Flow::Messages)];
    prop_oneof![
        3 => (side.clone(), flow.clone(), 0..3_u32, any::<bool>(), any::<bool>())
            .prop_map(|(side, flow, channel, waits, reliable)| Step::Send { side, flow, channel, waits, reliable }),
        1 => (side.clone(), flow).prop_map(|(side, flow)| Step::Accept { side, flow }),
        1 => side.clone().prop_map(|side| Step::Connect { side }),
        2 => side.clone().prop_map(|side| Step::Take { side }),
        3 => (side.clone(), which.clone()).prop_map(|(side, which)| Step::Control { side, which }),
        3 => (side.clone(), which).prop_map(|(side, which)| Step::Data { side, which }),
        1 => side.prop_map(|side| Step::Read { side }),
        1 => (0..60_u64).prop_map(|millis| Step::Wait { millis }),
    ]
}

type Texts = BTreeMap<(Flow, u32), Vec<String>>;

/// Two users and everything that is under way between them.
struct World {
    sides: [Side; 2],
    controls: [Vec<Control>; 2],
    streams: [Streams; 2],
    sent: [Texts; 2],
    read: [Texts; 2],
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
            sent: Default::default(),
            read: Default::default(),
            count: 0,
        }
    }

    fn id(&self, side: usize) -> samovar_id::SteamId {
        self.sides[side].id
    }

    fn run(&mut self, step: &Step) {
        match *step {
            Step::Send {
                side,
                flow,
                channel,
                waits,
                reliable,
            } => self.send(side, flow, channel, waits, reliable),
            Step::Accept { side, flow } => {
                let peer = self.id(1 - side);
                self.sides[side].accept(peer, flow);
            }
            Step::Connect { side } => {
                let peer = self.id(1 - side);
                self.sides[side].connect(peer);
            }
            Step::Take { side } => {
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
            }
            Step::Control { side, which } => {
                let new = self.sides[side].controls();
                self.controls[side].extend(new);
                if which < self.controls[side].len() {
                    let (from, control) = (self.id(side), self.controls[side].remove(which));
                    self.sides[1 - side].control(from, control);
                }
            }
            Step::Data { side, which } => self.deliver(side, which),
            Step::Read { side } => self.read(side),
            Step::Wait { millis: time } => self
                .sides
                .iter_mut()
                .for_each(|side| side.wait(millis(time))),
        }
        self.sides.iter().for_each(|side| check(&side.sessions));
    }

    fn send(&mut self, side: usize, flow: Flow, channel: u32, waits: bool, reliable: bool) {
        let delivery = match (flow, waits, reliable) {
            (_, false, true) => RELIABLE,
            (_, false, false) => UNRELIABLE,
            (Flow::P2p, true, _) => BUFFERED,
            (_, true, true) => NAGLED,
            (_, true, false) => NAGLED_UNRELIABLE,
        };
        self.count += 1;
        // One that is not, but waits for the session, may come all the same.
        let text = format!(
            "{}{}",
            if delivery.reliable { "reliable" } else { "" },
            self.count
        );
        let peer = self.id(1 - side);
        self.sides[side]
            .send_on(peer, flow, channel, delivery, &text)
            .expect("there is room");
        if delivery.reliable {
            self.sent[side]
                .entry((flow, channel))
                .or_default()
                .push(text);
        }
    }

    fn deliver(&mut self, side: usize, which: usize) {
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
            .flat_map(|flow| (0..3).map(move |channel| (flow, channel)))
        {
            while let Some(message) = self.sides[side].read(flow, channel) {
                let text = String::from_utf8_lossy(&message.data).into_owned();
                if text.starts_with("reliable") {
                    self.read[side]
                        .entry((flow, channel))
                        .or_default()
                        .push(text);
                }
            }
        }
    }

    /// Lets everything arrive, with games that accept.
    fn finish(&mut self) {
        for _ in 0..40 {
            for side in 0..2 {
                for flow in Flow::BY_USER {
                    self.run(&Step::Accept { side, flow });
                }
                self.run(&Step::Connect { side });
                self.run(&Step::Take { side });
                (0..4).for_each(|_| self.run(&Step::Control { side, which: 0 }));
                (0..4).for_each(|_| self.run(&Step::Data { side, which: 0 }));
            }
            self.run(&Step::Wait { millis: 50 });
        }
        while self.controls.iter().any(|controls| !controls.is_empty())
            || self
                .streams
                .iter()
                .flat_map(BTreeMap::values)
                .any(|stream| !stream.is_empty())
        {
            for side in 0..2 {
                self.run(&Step::Control { side, which: 0 });
                self.run(&Step::Data { side, which: 0 });
            }
        }
        (0..2).for_each(|side| self.read(side));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn reliable_messages_arrive_once_and_in_order(steps in prop::collection::vec(step(), 0..70)) {
        let mut world = World::new();
        steps.iter().for_each(|step| world.run(step));
        world.finish();
        for side in 0..2 {
            prop_assert_eq!(&world.read[1 - side], &world.sent[side]);
            let failed = world.sides[side].events().iter().any(|event| matches!(event, SessionEvent::Failed { .. }));
            prop_assert!(!failed);
        }
        for flow in Flow::BY_USER {
            let [one, other] = [0, 1].map(|side| world.sides[side].sessions.live(world.id(1 - side), flow));
            prop_assert_eq!(one.is_some(), other.is_some());
            if let (Some(one), Some(other)) = (one, other) {
                prop_assert_eq!((one.state, other.state), (SessionState::Connected, SessionState::Connected));
                prop_assert_eq!((one.theirs, other.theirs), (Some(other.mine), Some(one.mine)));
            }
        }
    }
}
