//! Whose turn it is: what clients have sent waits here, and is carried out a frame of each at a time.

use std::collections::{BTreeSet, HashMap, VecDeque};

use bytes::Bytes;
use samovar_lobby::Millis;

use crate::host::Client;

/// What is carried out in one turn, in bytes that are read and made, before the driver looks at the network again.
pub const TURN_WORK: u64 = 512 * 1024;
/// Who has sent so many bytes that wait is not read from until fewer do.
pub const HOLD_FROM: usize = 64 * 1024;
/// While so many bytes wait on a client's link, what it asks waits too.
pub const MAX_BACKLOG: usize = 512 * 1024;
/// Of so many turns one goes to who has caused much, where there is one: else a few who stay below that have all of them.
const HEAVY_EVERY: u32 = 8;
/// How often a link with a backlog is looked at, in milliseconds.
const BACKLOG_AGAIN_MS: u64 = 20;

/// Why a client's frames wait.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// It has sent none.
    Idle,
    /// For its turn.
    Queued,
    /// For what it owes to be paid.
    Owing(Millis),
    /// For its link to have room.
    Congested,
}

struct Inbox {
    frames: VecDeque<Bytes>,
    bytes: usize,
    held: bool,
    place: Place,
}

#[derive(Default)]
pub(crate) struct Turns {
    inboxes: HashMap<Client, Inbox>,
    /// Who has caused little work, and goes first.
    light: VecDeque<Client>,
    heavy: VecDeque<Client>,
    /// How many turns in a row have gone to the others while one of these waited.
    passed_over: u32,
    owing: BTreeSet<(Millis, Client)>,
    congested: VecDeque<Client>,
}

impl Turns {
    /// Keeps a frame. True when the client should not be read from, which was not said before.
    pub(crate) fn push(&mut self, client: Client, frame: Bytes) -> bool {
        let inbox = self.inboxes.entry(client).or_insert_with(|| Inbox {
            frames: VecDeque::new(),
            bytes: 0,
            held: false,
            place: Place::Idle,
        });
        inbox.bytes += frame.len();
        inbox.frames.push_back(frame);
        let is_news = inbox.bytes >= HOLD_FROM && !inbox.held;
        inbox.held |= is_news;
        is_news
    }

    /// Takes a client's oldest frame. The second is true when the client may be read from again.
    pub(crate) fn pop(&mut self, client: Client) -> Option<(Bytes, bool)> {
        let inbox = self.inboxes.get_mut(&client)?;
        let frame = inbox.frames.pop_front()?;
        inbox.bytes -= frame.len();
        let goes_on = inbox.held && inbox.bytes < HOLD_FROM / 2;
        inbox.held &= !goes_on;
        Some((frame, goes_on))
    }

    pub(crate) fn is_empty(&self, client: Client) -> bool {
        self.inboxes
            .get(&client)
            .is_none_or(|inbox| inbox.frames.is_empty())
    }

    /// Whether a client waits for nothing, and has nothing that waits for its turn.
    pub(crate) fn is_idle(&self, client: Client) -> bool {
        let place = self.inboxes.get(&client).map(|inbox| inbox.place);
        place == Some(Place::Idle) && !self.is_empty(client)
    }

    /// Has a client that is idle wait for its turn, or for what it owes.
    pub(crate) fn queue(&mut self, client: Client, is_light: bool, owes_until: Option<Millis>) {
        let Some(inbox) = self.inboxes.get_mut(&client) else {
            return;
        };
        if let Some(until) = owes_until {
            inbox.place = Place::Owing(until);
            self.owing.insert((until, client));
        } else {
            inbox.place = Place::Queued;
            let queue = if is_light {
                &mut self.light
            } else {
                &mut self.heavy
            };
            queue.push_back(client);
        }
    }

    /// The next client whose turn it is; it is idle from then on.
    pub(crate) fn next(&mut self) -> Option<Client> {
        loop {
            let is_due = self.passed_over + 1 >= HEAVY_EVERY || self.light.is_empty();
            let heavy = is_due.then(|| self.heavy.pop_front()).flatten();
            self.passed_over = if heavy.is_some() || self.heavy.is_empty() {
                0
            } else {
                self.passed_over + 1
            };
            let client = heavy.or_else(|| self.light.pop_front())?;
            if let Some(inbox) = self.inboxes.get_mut(&client) {
                inbox.place = Place::Idle;
                return Some(client);
            }
        }
    }

    /// Has a client wait until its link has room.
    pub(crate) fn congest(&mut self, client: Client) {
        if let Some(inbox) = self.inboxes.get_mut(&client) {
            inbox.place = Place::Congested;
            self.congested.push_back(client);
        }
    }

    /// Those who have waited for something other than their turn, and may do so no more; they are idle from then on.
    pub(crate) fn released(
        &mut self,
        now: Millis,
        mut has_room: impl FnMut(Client) -> bool,
    ) -> Vec<Client> {
        let mut released = Vec::new();
        while let Some((at, client)) = self.owing.first().copied().filter(|(at, _)| *at <= now) {
            self.owing.remove(&(at, client));
            released.push(client);
        }
        self.congested.retain(|client| {
            let goes = has_room(*client);
            if goes {
                released.push(*client);
            }
            !goes
        });
        for client in &released {
            if let Some(inbox) = self.inboxes.get_mut(client) {
                inbox.place = Place::Idle;
            }
        }
        released
    }

    /// Forgets a client, with what it has sent.
    pub(crate) fn forget(&mut self, client: Client) {
        let Some(inbox) = self.inboxes.remove(&client) else {
            return;
        };
        match inbox.place {
            Place::Idle => {}
            Place::Queued => {
                self.light.retain(|other| *other != client);
                self.heavy.retain(|other| *other != client);
            }
            Place::Owing(at) => drop(self.owing.remove(&(at, client))),
            Place::Congested => self.congested.retain(|other| *other != client),
        }
    }

    /// When there is something to do next.
    pub(crate) fn poll_timeout(&self, now: Millis) -> Option<Millis> {
        if !self.light.is_empty() || !self.heavy.is_empty() {
            return Some(now);
        }
        let owing = self.owing.first().map(|(at, _)| *at);
        let congested = (!self.congested.is_empty()).then(|| now.plus(BACKLOG_AGAIN_MS));
        owing.into_iter().chain(congested).min()
    }
}

#[cfg(test)]
mod tests {
    use samovar_net::LinkId;

    use super::*;

    /// Some that are busy and stay light, and a heavy one.
    #[test]
    fn who_has_caused_much_has_a_turn_in_eight_whoever_else_is_busy() {
        let mut turns = Turns::default();
        let [heavy, busy, other] = [0, 1, 2].map(|number| Client::Link(LinkId::numbered(number)));
        for client in [heavy, busy, other] {
            for _ in 0..1000 {
                turns.push(client, Bytes::from_static(b"frame"));
            }
            turns.queue(client, client != heavy, None);
        }
        let mut served = Vec::new();
        for _ in 0..80 {
            let client = turns.next().expect("all wait");
            turns.pop(client).expect("a frame");
            turns.queue(client, client != heavy, None);
            served.push(client);
        }
        let count = |wanted| served.iter().filter(|client| **client == wanted).count();
        assert_eq!([heavy, busy, other].map(count), [10, 35, 35]);
        let every = usize::try_from(HEAVY_EVERY).expect("small");
        let is_late = |window: &[Client]| !window.contains(&heavy);
        assert!(!served.windows(every).any(is_late));
    }

    #[test]
    fn who_has_caused_little_goes_first_and_heavy_ones_have_what_is_left() {
        let mut turns = Turns::default();
        let [heavy, light] = [0, 1].map(|number| Client::Link(LinkId::numbered(number)));
        for client in [heavy, light] {
            turns.push(client, Bytes::from_static(b"frame"));
            turns.queue(client, client == light, None);
        }
        let order: Vec<Client> = std::iter::from_fn(|| turns.next()).collect();
        assert_eq!(order, [light, heavy]);
    }
}
