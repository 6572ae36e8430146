//! The user's own changes that a directory has handled lately: it may have ended before everybody had heard of them, or have
//! been replaced already, and not known.

use std::collections::{HashSet, VecDeque};
use std::mem::{Discriminant, discriminant};

use samovar_id::SteamId;

use crate::limits::{MAX_RECENT_BYTES, MAX_RECENT_CHANGES, RECENT_MS};
use crate::protocol::{Change, Command, Millis};

#[derive(Default)]
pub(super) struct Recent {
    changes: VecDeque<Handled>,
    bytes: usize,
}

struct Handled {
    at: Millis,
    lobby: SteamId,
    change: Change,
}

/// A setting of a lobby, or a key of its data or of the member's.
type Slot = (SteamId, Discriminant<Change>, String);

impl Recent {
    pub(super) fn push(&mut self, at: Millis, lobby: SteamId, change: Change) {
        self.bytes += size(&change);
        self.changes.push_back(Handled { at, lobby, change });
        while self.changes.len() > MAX_RECENT_CHANGES || self.bytes > MAX_RECENT_BYTES {
            let oldest = self.changes.pop_front();
            self.bytes -= oldest.map_or(0, |oldest| size(&oldest.change));
        }
    }

    /// Somebody is in a lobby again who was taken out of it.
    pub(super) fn entered(&mut self, lobby: SteamId, newcomer: SteamId) {
        let is_over = |handled: &Handled| {
            handled.lobby == lobby
                && matches!(handled.change, Change::Kick { user, .. } if user == newcomer)
        };
        self.forget(is_over);
    }

    /// The user is the owner of a lobby again: what it did when it was before is past.
    pub(super) fn owns_again(&mut self, lobby: SteamId) {
        self.forget(|handled| handled.lobby == lobby && handled.change.is_owners());
    }

    fn forget(&mut self, is_over: impl Fn(&Handled) -> bool) {
        self.changes.retain(|handled| !is_over(handled));
        self.bytes = self
            .changes
            .iter()
            .map(|handled| size(&handled.change))
            .sum();
    }

    /// What has to be done again at a directory that has begun at `began`, in order. `since`: what was handled before that
    /// has reached everybody. `unhandled`: what is done after it, newest first.
    pub(super) fn take<'a>(
        &mut self,
        (since, began): (Millis, Millis),
        unhandled: impl Iterator<Item = &'a Command>,
    ) -> Vec<Command> {
        let mut later = HashSet::new();
        for command in unhandled {
            if let Command::Change { lobby, change } = command {
                later.extend(slots(*lobby, change));
            }
        }
        self.bytes = 0;
        let mut again = Vec::new();
        for Handled { at, lobby, change } in std::mem::take(&mut self.changes).into_iter().rev() {
            let is_due = match change {
                // Nobody hears of these twice: a line has its number, and what is so already changes nothing.
                Change::Chat { .. }
                | Change::Data(_)
                | Change::MemberData(_)
                | Change::Kind(_)
                | Change::Joinable(_)
                | Change::Limit(_) => since <= at,
                Change::Kick { .. }
                | Change::Invite(_)
                | Change::Owner(_)
                | Change::GameServer(_) => began < at,
                Change::Leave => false,
            };
            let change = without(lobby, change, &later);
            let Some(change) = change.filter(|_| is_due) else {
                continue;
            };
            later.extend(slots(lobby, &change));
            again.push(Command::Change { lobby, change });
        }
        again.reverse();
        again
    }
}

/// From when on what a directory has handled may not have reached everybody, when another one has begun at `began`: its
/// direct successor, or a later one.
pub(super) fn doubtful_since(began: Millis, is_successor: bool) -> Millis {
    if is_successor {
        Millis(began.0.saturating_sub(RECENT_MS))
    } else {
        // When those between began is not known.
        Millis::default()
    }
}

/// What a change sets.
fn slots(lobby: SteamId, change: &Change) -> Vec<Slot> {
    let slot = |key: &String| (lobby, discriminant(change), key.clone());
    match change {
        Change::Data(pairs) | Change::MemberData(pairs) => pairs.keys().map(slot).collect(),
        Change::Kind(_) | Change::Joinable(_) | Change::Limit(_) | Change::Owner(_) => {
            vec![slot(&String::new())]
        }
        Change::Leave
        | Change::Kick { .. }
        | Change::GameServer(_)
        | Change::Chat { .. }
        | Change::Invite(_) => Vec::new(),
    }
}

/// A change without what is set otherwise later: only the outcome counts.
fn without(lobby: SteamId, mut change: Change, later: &HashSet<Slot>) -> Option<Change> {
    let kind = discriminant(&change);
    let is_last = |key: &String| !later.contains(&(lobby, kind, key.clone()));
    let is_wanted = match &mut change {
        Change::Data(pairs) | Change::MemberData(pairs) => {
            pairs.retain(|key, _| is_last(key));
            !pairs.is_empty()
        }
        Change::Kind(_) | Change::Joinable(_) | Change::Limit(_) | Change::Owner(_) => {
            is_last(&String::new())
        }
        _ => true,
    };
    is_wanted.then_some(change)
}

fn size(change: &Change) -> usize {
    let more = match change {
        Change::Data(pairs) | Change::MemberData(pairs) => {
            let pair = |(key, value): (&String, &String)| key.len() + value.len();
            pairs.iter().map(pair).sum()
        }
        Change::Chat { text, .. } => text.len(),
        _ => 0,
    };
    size_of::<Handled>() + more
}
