//! What is to be told to peers about their sessions.

use std::collections::{BTreeMap, VecDeque};
use std::mem::discriminant;

use samovar_id::SteamId;

use super::config::{MAX_CONTROLS, MAX_WORDS_OF_PEER};
use super::control::{Control, Flow};

/// The latest word of each kind for each peer, in the order of saying; the peers take turns. So whatever is asked by one
/// takes no other's place.
#[derive(Default)]
pub(super) struct Words {
    peers: BTreeMap<SteamId, VecDeque<Control>>,
    /// Each peer with words, once.
    turns: VecDeque<SteamId>,
}

impl Words {
    /// Adds a word, in place of an earlier one that it makes needless. Beyond [`MAX_CONTROLS`] peers, those who have waited
    /// longest are told nothing.
    pub(super) fn push(&mut self, peer: SteamId, mut control: Control) {
        let words = self.peers.entry(peer).or_default();
        if words.is_empty() {
            self.turns.push_back(peer);
        }
        if let Some(at) = words.iter().position(|word| kind(word) == kind(&control))
            && let Some(earlier) = words.remove(at)
        {
            control = merged(earlier, control);
        }
        words.push_back(control);
        if words.len() > MAX_WORDS_OF_PEER {
            words.pop_front();
        }
        if self.turns.len() > MAX_CONTROLS
            && let Some(first) = self.turns.pop_front()
        {
            self.peers.remove(&first);
        }
    }

    /// How many words wait for a peer.
    pub(super) fn waiting(&self, peer: SteamId) -> usize {
        self.peers.get(&peer).map_or(0, VecDeque::len)
    }

    /// The next word, and whom it is for.
    pub(super) fn pop(&mut self) -> Option<(SteamId, Control)> {
        let peer = self.turns.pop_front()?;
        let words = self.peers.get_mut(&peer)?;
        let word = words.pop_front()?;
        if words.is_empty() {
            self.peers.remove(&peer);
        } else {
            self.turns.push_back(peer);
        }
        Some((peer, word))
    }

    #[cfg(test)]
    pub(super) fn check(&self) {
        assert!(self.peers.len() <= MAX_CONTROLS);
        assert_eq!(self.peers.len(), self.turns.len());
        let most = self.peers.values().map(VecDeque::len).max();
        assert!(most.is_none_or(|most| (1..=MAX_WORDS_OF_PEER).contains(&most)));
    }
}

/// Words of the same kind are about the same thing.
fn kind(control: &Control) -> (std::mem::Discriminant<Control>, Option<Flow>, bool) {
    let (flow, idle) = match *control {
        Control::Request { flow, .. }
        | Control::Accept { flow, .. }
        | Control::Idle { flow, .. }
        | Control::Busy { flow, .. } => (Some(flow), false),
        Control::Close { flow, idle, .. } => (Some(flow), idle),
        Control::End { id, .. } => (Some(Flow::Connection(id)), false),
        Control::Quality { .. } | Control::Room { .. } => (None, false),
    };
    (discriminant(control), flow, idle)
}

/// The end of a later session is that of all before.
fn merged(earlier: Control, later: Control) -> Control {
    match (earlier, later) {
        (
            Control::Close {
                incarnation, yours, ..
            },
            Control::Close {
                flow,
                incarnation: last,
                yours: last_of_yours,
                idle,
            },
        ) => Control::Close {
            flow,
            incarnation: incarnation.max(last),
            yours: yours.max(last_of_yours),
            idle,
        },
        (_, later) => later,
    }
}
