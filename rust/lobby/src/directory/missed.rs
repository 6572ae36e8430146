//! Lines of chat that may not have reached a member: said shortly before its link ended, or while it had none.
//!
//! Where there is no room for more, the oldest of the member who has said most is dropped, and of all lobbies the oldest
//! line of the one that has most: who talks much drowns nobody.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

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
    /// Lobbies by the bytes of their lines.
    by_bytes: BTreeSet<(usize, SteamId)>,
    bytes: usize,
    looked_through_at: Option<Millis>,
}

/// What was said in a lobby lately.
#[derive(Default)]
struct Said {
    lines: VecDeque<Line>,
    bytes: usize,
    /// How many lines each member has here, and their bytes.
    speakers: BTreeMap<SteamId, (usize, usize)>,
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
    fn add(&mut self, line: Line) {
        let bytes = line.bytes();
        self.bytes += bytes;
        if let Some(from) = speaker(&line.event) {
            let of_speaker = self.speakers.entry(from).or_default();
            of_speaker.0 += 1;
            of_speaker.1 += bytes;
        }
        self.lines.push_back(line);
    }

    /// Drops the line at a place.
    fn drop_at(&mut self, place: usize) {
        let Some(line) = self.lines.remove(place) else {
            return;
        };
        let bytes = line.bytes();
        self.bytes -= bytes;
        let from = speaker(&line.event);
        if let Some((from, of_speaker)) =
            from.and_then(|from| Some((from, self.speakers.get_mut(&from)?)))
        {
            of_speaker.0 -= 1;
            of_speaker.1 -= bytes;
            if of_speaker.0 == 0 {
                self.speakers.remove(&from);
            }
        }
    }

    /// Makes room for a line, if there is too little.
    fn make_room(&mut self, bytes: usize) {
        loop {
            let (has_many, is_large) = (
                self.lines.len() >= MAX_MISSED_CHAT,
                self.bytes + bytes > MAX_MISSED_LOBBY_BYTES,
            );
            if self.lines.is_empty() || !(has_many || is_large) {
                return;
            }
            let speakers = self.speakers.iter();
            let most =
                speakers.max_by_key(|(_, (lines, bytes))| if has_many { *lines } else { *bytes });
            let of_most = most.and_then(|(most, _)| {
                let mut lines = self.lines.iter();
                lines.position(|line| speaker(&line.event) == Some(*most))
            });
            self.drop_at(of_most.unwrap_or(0));
        }
    }

    /// Drops what everybody has by now.
    fn drop_past(&mut self, now: Millis) {
        let is_past = |line: &Line| line.at.plus(RECENT_MS) < now;
        while self.lines.front().is_some_and(is_past) {
            self.drop_at(0);
        }
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
        self.change(lobby, |said| *said = Said::default());
        self.lobbies.remove(&lobby);
    }

    /// Changes what is kept of a lobby, and counts it.
    fn change(&mut self, lobby: SteamId, change: impl FnOnce(&mut Said)) {
        let said = self.lobbies.entry(lobby).or_default();
        let before = said.bytes;
        change(said);
        self.bytes = self.bytes - before + said.bytes;
        if said.bytes != before {
            self.by_bytes.remove(&(before, lobby));
            if said.bytes > 0 {
                self.by_bytes.insert((said.bytes, lobby));
            }
        }
    }

    fn keep(&mut self, lobby: SteamId, line: Line, all_are_here: bool) {
        let bytes = line.bytes();
        self.change(lobby, |said| {
            if all_are_here {
                said.drop_past(line.at);
            }
            said.make_room(bytes);
            said.add(line);
        });
        while self.bytes > MAX_MISSED_BYTES
            && let Some((_, most)) = self.by_bytes.last().copied()
        {
            self.change(most, |said| said.drop_at(0));
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
            if self.are_all_here(id) {
                self.missed.change(id, |said| said.drop_past(now));
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
