//! What a directory says, and to whom: what many hear is there once.

use std::collections::VecDeque;

use samovar_id::SteamId;

use super::Directory;
use crate::protocol::Event;

/// Who is told of an event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Recipients {
    /// One user.
    One(SteamId),
    /// Several, each once.
    Many(VecDeque<SteamId>),
}

impl Recipients {
    /// The users.
    pub fn iter(&self) -> impl Iterator<Item = SteamId> {
        let (one, many) = match self {
            Self::One(user) => (Some(*user), None),
            Self::Many(users) => (None, Some(users)),
        };
        one.into_iter().chain(many.into_iter().flatten().copied())
    }
}

impl Directory {
    /// The next event and whom it is for, in order.
    pub fn poll_shared_output(&mut self) -> Option<(Recipients, Event)> {
        self.outputs.pop_front()
    }

    /// The same for one user at a time, with an event of its own for each.
    pub fn poll_output(&mut self) -> Option<(SteamId, Event)> {
        let (recipients, event) = self.outputs.pop_front()?;
        let mut users = match recipients {
            Recipients::One(user) => return Some((user, event)),
            Recipients::Many(users) => users,
        };
        let user = users.pop_front()?;
        if !users.is_empty() {
            let rest = (Recipients::Many(users), event.clone());
            self.outputs.push_front(rest);
        }
        Some((user, event))
    }

    pub(super) fn tell(&mut self, user: SteamId, event: Event) {
        self.outputs.push_back((Recipients::One(user), event));
    }

    pub(super) fn tell_all(&mut self, users: impl IntoIterator<Item = SteamId>, event: Event) {
        let users: VecDeque<SteamId> = users.into_iter().collect();
        if !users.is_empty() {
            self.outputs.push_back((Recipients::Many(users), event));
        }
    }

    pub(super) fn tell_members(&mut self, id: SteamId, event: &Event) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let members = lobby.members.iter().map(|member| member.user);
        let members: VecDeque<SteamId> = members.collect();
        self.tell_all(members, event.clone());
    }
}
