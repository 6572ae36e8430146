//! Lines of chat for members who are gone for a while: said between the end of one link and the next.

use std::collections::{HashMap, VecDeque};

use samovar_id::SteamId;

use super::Directory;
use crate::limits::{MAX_MISSED_BYTES, MAX_MISSED_CHAT};
use crate::protocol::Event;

#[derive(Default)]
pub(super) struct Missed {
    lines: HashMap<SteamId, VecDeque<Event>>,
    bytes: usize,
}

impl Missed {
    /// Keeps a line for a user. The user's oldest makes room for it; one beyond the directory's own bound is dropped.
    fn keep(&mut self, user: SteamId, line: Event) {
        let bytes = size(&line);
        let lines = self.lines.entry(user).or_default();
        if lines.len() >= MAX_MISSED_CHAT
            && let Some(oldest) = lines.pop_front()
        {
            self.bytes -= size(&oldest);
        }
        if self.bytes + bytes <= MAX_MISSED_BYTES {
            self.bytes += bytes;
            lines.push_back(line);
        }
    }

    /// What a user has missed, oldest first; it is kept no longer.
    pub(super) fn take(&mut self, user: SteamId) -> VecDeque<Event> {
        let lines = self.lines.remove(&user).unwrap_or_default();
        self.bytes -= lines.iter().map(size).sum::<usize>();
        lines
    }
}

fn size(line: &Event) -> usize {
    let text = match line {
        Event::Chat { text, .. } => text.len(),
        _ => 0,
    };
    size_of::<Event>() + text
}

impl Directory {
    /// Keeps a line for the members of its lobby who are not here.
    pub(super) fn keep_for_absent(&mut self, lobby: SteamId, line: &Event) {
        let Some(lobby) = self.lobbies.get(&lobby) else {
            return;
        };
        for member in &lobby.members {
            let is_here = self
                .users
                .get(&member.user)
                .is_none_or(super::User::is_here);
            if !is_here {
                self.missed.keep(member.user, line.clone());
            }
        }
    }

    /// Tells a user who is back what was said in the lobbies that it is still in.
    pub(super) fn tell_missed(&mut self, user: SteamId) {
        for line in self.missed.take(user) {
            let is_member = match &line {
                Event::Chat { lobby, .. } => self
                    .users
                    .get(&user)
                    .is_some_and(|found| found.lobbies.contains(lobby)),
                _ => false,
            };
            if is_member {
                self.tell(user, line);
            }
        }
    }
}
