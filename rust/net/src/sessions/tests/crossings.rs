//! Everything that can cross as a session ends because nobody uses it, in every order: what was sent reliably arrives,
//! once and in order, or who sent it hears that the session is over.

use std::collections::VecDeque;

use super::support::*;
use crate::sessions::{Control, DisconnectReason, Flow, Incoming, SessionEvent, SessionState};

/// How many steps are crossed, before everything that is under way arrives.
const DEPTH: usize = 6;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Step {
    /// A side's time is up.
    Idle(usize),
    /// A side's game sends.
    Send(usize),
    /// A side's endpoint takes what may go.
    Take(usize),
    /// The next control frame of a side arrives.
    Control(usize),
    /// The next message of a side arrives.
    Data(usize),
    /// There is another directory.
    Takeover,
    /// A side's game ends the session.
    Close(usize),
    /// The connection breaks.
    Break,
}

impl Step {
    /// What need not be tried more than once.
    const fn happens_once(self) -> bool {
        !matches!(self, Self::Take(_) | Self::Control(_) | Self::Data(_))
    }
}

/// An open session, unused for so long that it is about to end.
struct World {
    sides: [Side; 2],
    controls: [VecDeque<Control>; 2],
    data: [VecDeque<Incoming>; 2],
    sent: [Vec<String>; 2],
    read: [Vec<String>; 2],
    /// Whether a side knows that a session of its is over.
    knows: [bool; 2],
}

impl World {
    fn new() -> Self {
        let Pair { a, b } = Pair::open(Flow::Messages);
        let mut sides = [a, b];
        for side in &mut sides {
            side.now += secs(180);
        }
        Self {
            sides,
            controls: Default::default(),
            data: Default::default(),
            sent: Default::default(),
            read: Default::default(),
            knows: [false; 2],
        }
    }

    fn id(&self, side: usize) -> samovar_id::SteamId {
        self.sides[side].id
    }

    /// False when there was nothing to do.
    fn run(&mut self, step: Step) -> bool {
        let done = match step {
            Step::Idle(side) => self.idle(side),
            Step::Send(side) => {
                let (peer, number) = (self.id(1 - side), self.sent[side].len());
                let text = format!("{side} {number}");
                let sent = self.sides[side].send(peer, Flow::Messages, RELIABLE, &text);
                match sent {
                    Ok(_) => self.sent[side].push(text),
                    Err(_) => self.knows[side] = true,
                }
                true
            }
            Step::Take(side) => {
                let peer = self.id(1 - side);
                let taken = self.sides[side].outgoing(peer);
                let any = !taken.is_empty();
                self.data[side].extend(taken.into_iter().map(incoming));
                any
            }
            Step::Control(side) => self.control(side),
            Step::Data(side) => {
                let from = self.id(side);
                let next = self.data[side].pop_front();
                let to = &mut self.sides[1 - side];
                next.map(|next| to.sessions.deliver(to.now, from, next))
                    .is_some()
            }
            Step::Takeover => {
                for side in &mut self.sides {
                    side.sessions.retry_requests(side.now);
                }
                true
            }
            Step::Close(side) => {
                let peer = self.id(1 - side);
                self.knows[side] = true;
                self.sides[side].close(peer, Flow::Messages)
            }
            Step::Break => {
                self.controls = Default::default();
                self.data = Default::default();
                for side in 0..2 {
                    let peer = self.id(1 - side);
                    self.sides[side].disconnect(peer, DisconnectReason::TimedOut);
                    self.sides[side].connect(peer);
                }
                true
            }
        };
        for side in 0..2 {
            check(&self.sides[side].sessions);
            let peer = self.id(1 - side);
            let state = self.sides[side].state(peer, Flow::Messages);
            let is_over = [SessionState::ClosedByPeer, SessionState::Failed];
            self.knows[side] |= state.is_some_and(|state| is_over.contains(&state));
        }
        done
    }

    fn idle(&mut self, side: usize) -> bool {
        let side = &mut self.sides[side];
        let is_due = |side: &Side| {
            let due = side.sessions.poll_timeout();
            due.is_some_and(|at| at <= side.now)
        };
        let was_due = is_due(side);
        side.sessions.handle_timeout(side.now);
        assert!(!is_due(side), "a timer stays due");
        was_due
    }

    fn control(&mut self, side: usize) -> bool {
        let new = self.sides[side].controls();
        self.controls[side].extend(new);
        let from = self.id(side);
        let next = self.controls[side].pop_front();
        next.map(|next| self.sides[1 - side].control(from, next))
            .is_some()
    }

    /// Everything arrives, and the games accept and read.
    fn finish(&mut self) {
        for _ in 0..20 {
            for side in 0..2 {
                self.run(Step::Take(side));
                while self.run(Step::Control(side)) || self.run(Step::Data(side)) {}
                for event in self.sides[side].events() {
                    match event {
                        SessionEvent::Requested { peer, flow } => {
                            self.sides[side].accept(peer, flow);
                        }
                        SessionEvent::Failed { .. } => self.knows[side] = true,
                    }
                }
                let texts = self.sides[side].texts(Flow::Messages);
                self.read[side].extend(texts);
                // All in all longer than an unanswered question may take.
                self.sides[side].wait(millis(600));
            }
        }
    }
}

fn steps(also: &[Step]) -> Vec<Step> {
    let of_a_side = |side| {
        [
            Step::Idle(side),
            Step::Send(side),
            Step::Take(side),
            Step::Control(side),
            Step::Data(side),
        ]
    };
    [&of_a_side(0)[..], &of_a_side(1)[..], also].concat()
}

/// Tries every order of steps behind those that were taken already, as long as each has something to do.
fn explore(steps: &[Step], taken: &mut Vec<Step>, tried: &mut usize) {
    for step in steps {
        if step.happens_once() && taken.contains(step) {
            continue;
        }
        let mut world = World::new();
        for earlier in &*taken {
            world.run(*earlier);
        }
        if !world.run(*step) {
            continue;
        }
        taken.push(*step);
        if taken.len() < DEPTH {
            explore(steps, taken, tried);
        } else {
            *tried += 1;
            world.finish();
            for side in 0..2 {
                let (sent, read) = (&world.sent[side], &world.read[1 - side]);
                assert!(
                    sent == read || (world.knows[side] && sent.starts_with(read)),
                    "{sent:?} was sent by {side}, {read:?} read, after {taken:?}"
                );
            }
        }
        taken.pop();
    }
}

fn explore_all(also: &[Step]) {
    let mut tried = 0;
    explore(&steps(also), &mut Vec::new(), &mut tried);
    assert!(tried > 500, "{tried} orders only");
}

#[test]
fn sends_cross_the_end_of_an_unused_session() {
    explore_all(&[]);
}

#[test]
fn with_a_takeover_between() {
    explore_all(&[Step::Takeover]);
}

#[test]
fn with_a_game_that_closes_between() {
    explore_all(&[Step::Close(0)]);
}

#[test]
fn with_a_connection_that_breaks_between() {
    explore_all(&[Step::Break]);
}
