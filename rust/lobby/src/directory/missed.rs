//! Lines of chat for members who are gone for a while: said between the end of one link and the next.

use std::collections::{HashMap, VecDeque};

use samovar_id::SteamId;

use super::Directory;
use crate::limits::{MAX_MISSED_BYTES, MAX_MISSED_CHAT, MAX_MISSED_LOBBY_BYTES};
use crate::protocol::Event;

#[derive(Default)]
pub(super) struct Missed {
    lines: HashMap<SteamId, VecDeque<Event>>,
    bytes: usize,
    /// What of it was said in each lobby that has any.
    lobby_bytes: HashMap<SteamId, usize>,
}

impl Missed {
    /// Keeps a line for a user. The user's oldest makes room for it; one beyond the bound of the lobby, or of the
    /// directory, is dropped.
    fn keep(&mut self, user: SteamId, lobby: SteamId, line: Event) {
        let lines = self.lines.entry(user).or_default();
        let oldest = (lines.len() >= MAX_MISSED_CHAT).then(|| lines.pop_front());
        if let Some(oldest) = oldest.flatten() {
            self.forget(&oldest);
        }
        let bytes = size(&line);
        let of_lobby = self.lobby_bytes.get(&lobby).copied().unwrap_or(0);
        if self.bytes + bytes <= MAX_MISSED_BYTES && of_lobby + bytes <= MAX_MISSED_LOBBY_BYTES {
            self.bytes += bytes;
            self.lobby_bytes.insert(lobby, of_lobby + bytes);
            self.lines.entry(user).or_default().push_back(line);
        }
    }

    fn forget(&mut self, line: &Event) {
        let bytes = size(line);
        self.bytes -= bytes;
        if let Event::Chat { lobby, .. } = line
            && let Some(of_lobby) = self.lobby_bytes.get_mut(lobby)
        {
            *of_lobby -= bytes;
            if *of_lobby == 0 {
                self.lobby_bytes.remove(lobby);
            }
        }
    }

    /// What a user has missed, oldest first; it is kept no longer.
    pub(super) fn take(&mut self, user: SteamId) -> VecDeque<Event> {
        let lines = self.lines.remove(&user).unwrap_or_default();
        for line in &lines {
            self.forget(line);
        }
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
    pub(super) fn keep_for_absent(&mut self, id: SteamId, line: &Event) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        for member in &lobby.members {
            let is_here = self
                .users
                .get(&member.user)
                .is_none_or(|user| user.is_here());
            if !is_here {
                self.missed.keep(member.user, id, line.clone());
            }
        }
    }

    /// Of what was said meanwhile, tells a user who is back what members said who have left since: as long as it takes
    /// them for members. The rest is for [`Directory::tell_missed`], once it knows better.
    pub(super) fn tell_missed_of_the_gone(&mut self, user: SteamId) -> VecDeque<Event> {
        let mut rest = VecDeque::new();
        for line in self.missed.take(user) {
            let Event::Chat { lobby, from, .. } = &line else {
                continue;
            };
            let is_gone = |lobby: &crate::lobby::LobbySnapshot| {
                lobby.member(user).is_some() && lobby.member(*from).is_none()
            };
            if self.lobbies.get(*lobby).is_some_and(is_gone) {
                self.tell(user, line);
            } else {
                rest.push_back(line);
            }
        }
        rest
    }

    /// Tells a user who is back what was said in the lobbies that it is still in.
    pub(super) fn tell_missed(&mut self, user: SteamId, lines: VecDeque<Event>) {
        for line in lines {
            let found = self.users.get(&user);
            let is_member = |lobby| found.is_some_and(|found| found.lobbies.contains(lobby));
            if matches!(&line, Event::Chat { lobby, .. } if is_member(lobby)) {
                self.tell(user, line);
            }
        }
    }
}
