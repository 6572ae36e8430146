//! A lobby that the user is in: as the directory has it, and as the game sees it.

use std::cell::OnceCell;
use std::collections::VecDeque;

use samovar_id::SteamId;

use crate::lobby::LobbySnapshot;
use crate::proof::{LobbyProof, ProvedLobby, Seal};
use crate::protocol::{Change, Command};

/// The directory's state of a lobby, and that with the user's own changes which the directory has not handled.
///
/// What the directory does not accept disappears from the second at the latest once nothing is pending any more.
pub(super) struct LobbyCopy {
    base: LobbySnapshot,
    proof: LobbyProof,
    has_pending: bool,
    /// Made when it is asked for: many changes may be pending whenever a directory says something.
    shown: OnceCell<LobbySnapshot>,
}

/// Changes that are pending, oldest first.
pub(super) type Pending<'a> = [&'a VecDeque<Command>; 2];

impl LobbyCopy {
    pub(super) fn new(lobby: ProvedLobby) -> Self {
        Self {
            base: lobby.snapshot,
            proof: *lobby.proof,
            has_pending: false,
            shown: OnceCell::new(),
        }
    }

    /// As the directory has it.
    pub(super) fn base(&self) -> &LobbySnapshot {
        &self.base
    }

    /// As the directory has it, with what shows to another directory that it is so.
    pub(super) fn proved(&self) -> ProvedLobby {
        ProvedLobby {
            snapshot: self.base.clone(),
            proof: Box::new(self.proof),
        }
    }

    /// Keeps the directory's newest signature.
    pub(super) fn sealed(&mut self, seal: Seal) {
        self.proof.seal = seal;
    }

    /// As the game sees it.
    pub(super) fn shown(&self, me: SteamId, pending: &Pending<'_>) -> &LobbySnapshot {
        if !self.has_pending {
            return &self.base;
        }
        self.shown.get_or_init(|| {
            let mut shown = self.base.clone();
            for change in changes(shown.id, pending) {
                let _ = shown.apply(me, change);
            }
            shown
        })
    }

    /// The same, where the copy is replaced.
    pub(super) fn into_shown(mut self, me: SteamId, pending: &Pending<'_>) -> LobbySnapshot {
        self.shown(me, pending);
        self.shown.take().unwrap_or(self.base)
    }

    /// Notes up to which line of chat all have come.
    pub(super) fn set_line(&mut self, line: u64) {
        self.base.line = line;
        if let Some(shown) = self.shown.get_mut() {
            shown.line = line;
        }
    }

    /// Shows the result of a change that is pending from now on.
    pub(super) fn show(&mut self, next: LobbySnapshot) {
        self.has_pending = true;
        self.shown = OnceCell::from(next);
    }

    /// Takes in what the directory reports.
    pub(super) fn learn(&mut self, change: impl FnOnce(&mut LobbySnapshot)) {
        change(&mut self.base);
        self.shown.take();
    }

    /// Takes the directory's state, whatever was known before.
    pub(super) fn replace(&mut self, lobby: ProvedLobby, pending: &Pending<'_>) {
        self.base = lobby.snapshot;
        self.proof = *lobby.proof;
        self.do_again(pending);
    }

    /// Changes that a directory has handled are pending again.
    pub(super) fn do_again(&mut self, pending: &Pending<'_>) {
        self.has_pending = changes(self.base.id, pending).next().is_some();
        self.shown.take();
    }

    /// The directory has handled one of the user's changes.
    pub(super) fn handled(&mut self, pending: &Pending<'_>) {
        if self.has_pending && changes(self.base.id, pending).next().is_none() {
            self.has_pending = false;
            self.shown.take();
        }
    }
}

fn changes<'a>(id: SteamId, pending: &'a Pending<'_>) -> impl Iterator<Item = &'a Change> {
    pending
        .iter()
        .flat_map(|commands| commands.iter())
        .filter_map(move |command| match command {
            Command::Change { lobby, change } if *lobby == id && change.is_visible() => {
                Some(change)
            }
            _ => None,
        })
}
