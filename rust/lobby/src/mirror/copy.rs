//! A lobby that the user is in: as the directory has it, and as the game sees it.

use std::collections::VecDeque;

use samovar_id::SteamId;

use crate::lobby::LobbySnapshot;
use crate::proof::{LobbyProof, ProvedLobby, Seal};
use crate::protocol::{Change, Command};

/// The directory's state of a lobby, and that with the user's own changes which the directory has not handled.
///
/// What the directory does not accept disappears from the second once nothing is pending any more.
pub(super) struct LobbyCopy {
    base: LobbySnapshot,
    proof: LobbyProof,
    shown: Option<LobbySnapshot>,
}

impl LobbyCopy {
    pub(super) fn new(lobby: ProvedLobby) -> Self {
        Self {
            base: lobby.snapshot,
            proof: *lobby.proof,
            shown: None,
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
    pub(super) fn shown(&self) -> &LobbySnapshot {
        self.shown.as_ref().unwrap_or(&self.base)
    }

    /// Notes up to which line of chat all have come.
    pub(super) fn set_line(&mut self, line: u64) {
        self.base.line = line;
        if let Some(shown) = &mut self.shown {
            shown.line = line;
        }
    }

    /// Shows the result of a change that is pending from now on.
    pub(super) fn show(&mut self, next: LobbySnapshot) {
        self.shown = Some(next);
    }

    /// Takes in what the directory reports.
    pub(super) fn learn(
        &mut self,
        me: SteamId,
        pending: &[&VecDeque<Command>; 2],
        mut change: impl FnMut(&mut LobbySnapshot),
    ) {
        change(&mut self.base);
        if let Some(shown) = &mut self.shown {
            change(shown);
            apply_pending(shown, me, pending);
        }
    }

    /// Takes the directory's state, whatever was known before.
    pub(super) fn replace(
        &mut self,
        lobby: ProvedLobby,
        me: SteamId,
        pending: &[&VecDeque<Command>; 2],
    ) {
        self.base = lobby.snapshot;
        self.proof = *lobby.proof;
        let mut shown = self.base.clone();
        self.shown = apply_pending(&mut shown, me, pending).then_some(shown);
    }

    /// Changes that a directory has handled are pending again.
    pub(super) fn do_again(&mut self, me: SteamId, pending: &[&VecDeque<Command>; 2]) {
        let lobby = self.proved();
        self.replace(lobby, me, pending);
    }

    /// The directory has handled one of the user's changes.
    pub(super) fn handled(&mut self, pending: &[&VecDeque<Command>; 2]) {
        if self.shown.is_some() && changes(self.base.id, pending).next().is_none() {
            self.shown = None;
        }
    }
}

/// True when there is something pending.
fn apply_pending(
    lobby: &mut LobbySnapshot,
    me: SteamId,
    pending: &[&VecDeque<Command>; 2],
) -> bool {
    let mut any = false;
    for change in changes(lobby.id, pending) {
        any = true;
        let _ = lobby.apply(me, change);
    }
    any
}

fn changes<'a>(
    id: SteamId,
    pending: &'a [&VecDeque<Command>; 2],
) -> impl Iterator<Item = &'a Change> {
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
