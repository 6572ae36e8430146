//! Lines of chat that may not have reached a member: said shortly before its link ended, or while it had none.

use std::collections::{BTreeMap, HashMap, VecDeque};

use samovar_id::SteamId;

use super::Directory;
use crate::limits::{MAX_MISSED_BYTES, MAX_MISSED_CHAT, MAX_MISSED_LOBBY_BYTES, RECENT_MS};
use crate::proof::ProvedLobby;
use crate::protocol::{Event, KickReason, Millis};

/// How often all lobbies are looked through for lines that nobody needs, while there is no room, in milliseconds.
const LOOK_THROUGH_MS: u64 = 1_000;

#[derive(Default)]
pub(super) struct Missed {
    lobbies: HashMap<SteamId, Said>,
    bytes: usize,
    looked_through_at: Option<Millis>,
}

/// What was said in a lobby lately.
#[derive(Default)]
struct Said {
    lines: VecDeque<Line>,
    bytes: usize,
    /// The number of the latest line when a member entered, of those who entered after the first.
    entered: BTreeMap<SteamId, u64>,
}

struct Line {
    at: Millis,
    number: u64,
    event: Event,
}

impl Line {
    fn bytes(&self) -> usize {
        let text = match &self.event {
            Event::Chat { text, .. } => text.len(),
            _ => 0,
        };
        size_of::<Self>() + text
    }
}

impl Said {
    /// Drops the oldest line; what that frees.
    fn drop_oldest(&mut self) -> usize {
        let freed = self.lines.pop_front().map_or(0, |line| line.bytes());
        self.bytes -= freed;
        freed
    }

    /// Drops what everybody has by now; what that frees.
    fn drop_past(&mut self, now: Millis) -> usize {
        let mut freed = 0;
        while self
            .lines
            .front()
            .is_some_and(|line| line.at.plus(RECENT_MS) < now)
        {
            freed += self.drop_oldest();
        }
        freed
    }
}

impl Missed {
    pub(super) fn entered(&mut self, lobby: SteamId, user: SteamId, line: u64) {
        if line > 0 {
            let said = self.lobbies.entry(lobby).or_default();
            said.entered.insert(user, line);
        }
    }

    pub(super) fn left(&mut self, lobby: SteamId, user: SteamId) {
        if let Some(said) = self.lobbies.get_mut(&lobby) {
            said.entered.remove(&user);
        }
    }

    /// The lobby is gone.
    pub(super) fn forget(&mut self, lobby: SteamId) {
        if let Some(said) = self.lobbies.remove(&lobby) {
            self.bytes -= said.bytes;
        }
    }

    fn keep(&mut self, lobby: SteamId, line: Line, all_are_here: bool) {
        let said = self.lobbies.entry(lobby).or_default();
        let mut freed = 0;
        if all_are_here {
            freed += said.drop_past(line.at);
        }
        let bytes = line.bytes();
        while said.lines.len() >= MAX_MISSED_CHAT || said.bytes + bytes > MAX_MISSED_LOBBY_BYTES {
            freed += said.drop_oldest();
        }
        self.bytes -= freed;
        if self.bytes + bytes <= MAX_MISSED_BYTES {
            self.bytes += bytes;
            said.bytes += bytes;
            said.lines.push_back(line);
        }
    }

    /// Lines after one of this number that a user was a member for.
    fn after(&self, lobby: SteamId, user: SteamId, number: u64) -> impl Iterator<Item = &Event> {
        let said = self.lobbies.get(&lobby);
        let entered = said.and_then(|said| said.entered.get(&user).copied());
        let number = number.max(entered.unwrap_or(0));
        let lines = said.into_iter().flat_map(|said| &said.lines);
        let lines = lines.filter(move |line| line.number > number);
        lines.map(|line| &line.event)
    }
}

impl Directory {
    /// Keeps a line for members whom it does not reach.
    pub(super) fn keep(&mut self, id: SteamId, number: u64, event: Event) {
        let at = self.now;
        if self.missed.bytes + size_of::<Line>() > MAX_MISSED_BYTES / 2 {
            self.look_through(at);
        }
        let all_are_here = self.are_all_here(id);
        let line = Line { at, number, event };
        self.missed.keep(id, line, all_are_here);
    }

    fn are_all_here(&self, id: SteamId) -> bool {
        let is_here = |user| self.users.get(&user).is_none_or(|user| user.is_here());
        let lobby = self.lobbies.get(id);
        lobby.is_none_or(|lobby| lobby.members.iter().all(|member| is_here(member.user)))
    }

    /// Drops what everybody has by now, in all lobbies.
    fn look_through(&mut self, now: Millis) {
        let looked_through_at = self.missed.looked_through_at;
        if looked_through_at.is_some_and(|at| now < at.plus(LOOK_THROUGH_MS)) {
            return;
        }
        self.missed.looked_through_at = Some(now);
        let ids: Vec<SteamId> = self.missed.lobbies.keys().copied().collect();
        for id in ids {
            if self.are_all_here(id)
                && let Some(said) = self.missed.lobbies.get_mut(&id)
            {
                self.missed.bytes -= said.drop_past(now);
            }
        }
    }

    /// Of what a user who is back may have missed, tells what members said who have left since: as long as it takes them
    /// for members. The rest is for [`Directory::tell_missed`], once it knows better. Returns up to which line of each lobby
    /// that it is in it has heard all.
    pub(super) fn tell_missed_of_the_gone(
        &mut self,
        user: SteamId,
        resume: &[ProvedLobby],
    ) -> BTreeMap<SteamId, u64> {
        let mut heard = BTreeMap::new();
        for ProvedLobby {
            snapshot: copy,
            proof,
        } in resume
        {
            let Some(lobby) = self.lobbies.get(copy.id) else {
                // Whatever is said of it here is said after this.
                heard.insert(copy.id, 0);
                continue;
            };
            if lobby.member(user).is_none() {
                continue;
            }
            // Another directory has counted otherwise.
            let is_foreign = proof.seal.directory != self.id;
            let line = if is_foreign { 0 } else { copy.line };
            heard.insert(copy.id, line);
            let is_gone = |from: SteamId| lobby.member(from).is_none();
            let lines = self.missed.after(copy.id, user, line);
            let lines = lines.filter(|line| speaker(line).is_some_and(is_gone));
            let lines: Vec<Event> = lines.map(told_again).collect();
            for line in lines {
                self.tell(user, line);
            }
        }
        heard
    }

    /// Tells a user who is back what was said in the lobbies that it is still in. `heard`: up to which line of each it has
    /// heard all; in one that is not there it has entered just now.
    pub(super) fn tell_missed(&mut self, user: SteamId, heard: &BTreeMap<SteamId, u64>) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        for id in found.lobbies.clone() {
            let last = self.lobbies.get(id).map_or(0, |lobby| lobby.line);
            let line = heard.get(&id).copied().unwrap_or(last);
            self.tell_lines_after(user, id, line);
            self.tell_who_is_away(user, id);
        }
    }

    /// Tells a member that has missed something how its lobby is, and what was said after a line.
    pub(super) fn tell_again(&mut self, user: SteamId, id: SteamId, line: u64) {
        match self.proved(id) {
            Some(lobby) if lobby.snapshot.member(user).is_some() => {
                self.tell(user, Event::Resumed { lobby });
                self.tell_lines_after(user, id, line);
            }
            _ => {
                let reason = KickReason::Disconnected;
                self.tell(user, Event::Kicked { lobby: id, reason });
            }
        }
    }

    fn tell_lines_after(&mut self, user: SteamId, id: SteamId, line: u64) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let last = lobby.line;
        let is_there = |from: SteamId| lobby.member(from).is_some();
        let lines = self.missed.after(id, user, line);
        let lines = lines.filter(|line| speaker(line).is_some_and(is_there));
        let lines: Vec<Event> = lines.map(told_again).collect();
        for line in lines {
            self.tell(user, line);
        }
        let said = Event::Said {
            lobby: id,
            line: last,
        };
        self.tell(user, said);
    }
}

fn speaker(line: &Event) -> Option<SteamId> {
    match line {
        Event::Chat { from, .. } => Some(*from),
        _ => None,
    }
}

fn told_again(line: &Event) -> Event {
    let mut again = line.clone();
    if let Event::Chat { line, .. } = &mut again {
        *line = 0;
    }
    again
}
