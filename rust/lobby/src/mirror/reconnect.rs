//! Losing a directory, and telling the next one what was.

use samovar_id::SteamId;

use super::recent::doubtful_since;
use super::{Mirror, Notice, Welcome};
use crate::limits::{MAX_LOBBIES_PER_USER, SETTLE_MS};
use crate::lobby::LobbySnapshot;
use crate::proof::ProvedLobby;
use crate::protocol::{Command, Millis};

/// `k_EChatMemberStateChangeEntered`.
const STATE_ENTERED: u32 = 1;
/// `k_EChatMemberStateChangeDisconnected`.
const STATE_DISCONNECTED: u32 = 4;

impl Mirror {
    /// What the hello to a directory carries: the lobbies that the user is in, without what no directory has handled.
    pub fn resume(&self, now: Millis) -> Vec<ProvedLobby> {
        let copies = self.lobbies.values().take(MAX_LOBBIES_PER_USER);
        let mut lobbies: Vec<ProvedLobby> = copies.map(super::LobbyCopy::proved).collect();
        for member in lobbies
            .iter_mut()
            .flat_map(|lobby| &mut lobby.snapshot.members)
        {
            let until = self.away.get(&member.user);
            let left = until.map(|until| until.0.saturating_sub(now.0));
            member.away_ms = left.map(|left| u32::try_from(left).unwrap_or(u32::MAX));
        }
        lobbies
    }

    /// Whether a directory has welcomed this client: see [`crate::Hello::is_returning`].
    pub fn was_welcomed(&self) -> bool {
        self.directory.is_some()
    }

    /// A fellow member has no link, or has one again.
    pub(super) fn away(&mut self, now: Millis, user: SteamId, left_ms: Option<u32>) {
        let is_fellow = |user: &SteamId| {
            let mut lobbies = self.lobbies.values();
            lobbies.any(|copy| copy.base().member(*user).is_some())
        };
        match left_ms.filter(|_| is_fellow(&user)) {
            Some(left_ms) => {
                // So that there are never more than members.
                self.away.retain(|user, _| is_fellow(user));
                self.away.insert(user, now.plus(left_ms.into()));
            }
            None => drop(self.away.remove(&user)),
        }
    }

    /// A directory has welcomed this client. What the last one had not handled is sent again; to another one also what the
    /// last one has handled lately, since it may have ended before everybody had heard of that, or have been replaced
    /// without knowing it. Whoever has heard of it ignores it.
    pub fn on_welcome(&mut self, now: Millis, welcome: Welcome) {
        let earlier = self.directory.replace((welcome.directory, welcome.term));
        let is_same = earlier.is_some_and(|(directory, _)| directory == welcome.directory);
        let questions = if is_same {
            self.handled_before_the_end(now, welcome.handled)
        } else {
            Vec::new()
        };
        self.handled = welcome.handled;
        self.resuming.clear();
        while let Some(command) = self.sent.pop_back() {
            // The hello has said what is so by now.
            if !matches!(
                command,
                Command::SetPersona(_) | Command::SetRichPresence(_) | Command::Resume { .. }
            ) {
                self.waiting.push_front(command);
            }
        }
        for question in questions.into_iter().rev() {
            self.waiting.push_front(question);
        }
        let asked = &self.asked;
        self.waiting.retain(|command| {
            command
                .request()
                .is_none_or(|request| asked.contains_key(&request))
        });
        // What is not there has been handled, but the answer is lost.
        self.waiting
            .retain(|command| !matches!(command, Command::Describe { .. }));
        for (number, asked) in &self.asked {
            if !self
                .waiting
                .iter()
                .any(|command| command.request() == Some(*number))
            {
                self.waiting.push_back(asked.command.clone());
            }
        }
        self.nothing_is_due();
        self.people_welcomed(now, welcome.directory);
        if let Some((_, term)) = earlier.filter(|_| !is_same) {
            self.patient_until = Some(now.plus(SETTLE_MS));
            self.be_patient();
            let is_successor = term.checked_add(1) == Some(welcome.term);
            let began = Millis(now.0.saturating_sub(welcome.age_ms));
            self.do_again(began, is_successor);
        }
    }

    /// The same directory as before has handled more than it could say. Returns questions whose answers are lost.
    fn handled_before_the_end(&mut self, now: Millis, handled: u64) -> Vec<Command> {
        let mut questions = Vec::new();
        let unknown = handled.saturating_sub(self.handled);
        for _ in 0..unknown {
            let Some(command) = self.sent.front() else {
                break;
            };
            if let Command::Persona { .. } | Command::RichPresence { .. } | Command::Avatar { .. } =
                command
            {
                questions.push(command.clone());
            }
            self.handled(now);
        }
        questions
    }

    /// The directory is gone. What the user knows stays as it is.
    pub fn on_disconnected(&mut self, _now: Millis) {
        self.nothing_is_due();
    }

    fn be_patient(&mut self) {
        for command in &mut self.waiting {
            if let Command::Join { patient, .. } | Command::Search { patient, .. } = command {
                *patient = true;
            }
        }
    }

    fn do_again(&mut self, began: Millis, is_successor: bool) {
        let since = doubtful_since(began, is_successor);
        let again = self.recent.take((since, began), self.waiting.iter().rev());
        for command in again.into_iter().rev() {
            if matches!(&command, Command::Change { lobby, .. } if self.lobbies.contains_key(lobby))
            {
                self.waiting.push_front(command);
            }
        }
        for copy in self.lobbies.values_mut() {
            copy.do_again(&[&self.sent, &self.waiting]);
        }
    }

    /// The lobby as the directory has it: what differs from what was known is told.
    pub(super) fn resumed(&mut self, mut proved: ProvedLobby) {
        // Until it is said that all lines have come.
        proved.snapshot.line = 0;
        let snapshot = &proved.snapshot;
        let lobby = snapshot.id;
        if !self.is_mine(snapshot) {
            return;
        }
        let Some(copy) = self.lobbies.remove(&lobby) else {
            if !self.is_joining(lobby) {
                // Left in the meantime.
                self.queue_leave(lobby);
            }
            return;
        };
        let was_owner = copy.base().owner == self.me;
        let old = copy.into_shown(self.me, &self.unhandled());
        let mut names = self.learn_members(snapshot);
        names.retain(|(user, is_new)| *is_new || old.member(*user).is_none());
        self.put(proved);
        let Some(copy) = self.lobbies.get(&lobby) else {
            return;
        };
        let is_owner = copy.base().owner == self.me;
        let new = copy.shown(self.me, &self.unhandled());
        let news = differences(&old, new);
        let members = old.members.iter().map(|member| member.user);
        let gone: Vec<SteamId> = members.filter(|user| new.member(*user).is_none()).collect();
        let server = new
            .game_server
            .filter(|_| old.game_server != new.game_server);
        if !was_owner && is_owner {
            self.recent.owns_again(lobby);
        }
        for user in gone {
            self.heard.remove(&(lobby, user));
        }
        for notice in news {
            self.notice(notice);
        }
        if let Some(server) = server {
            self.notice_game_server(lobby, server);
        }
        self.notice_names(names);
    }
}

/// What members hear of a lobby that is otherwise by now.
fn differences(old: &LobbySnapshot, new: &LobbySnapshot) -> Vec<Notice> {
    let lobby = new.id;
    let chat_update = |changed: SteamId, state| Notice::LobbyChatUpdate {
        lobby,
        changed,
        making_change: changed,
        state,
    };
    let data_update = |member| Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member,
    };
    let mut notices = Vec::new();
    for member in &old.members {
        if new.member(member.user).is_none() {
            notices.push(chat_update(member.user, STATE_DISCONNECTED));
        }
    }
    for member in &new.members {
        match old.member(member.user) {
            None => notices.push(chat_update(member.user, STATE_ENTERED)),
            Some(before) if before.data != member.data => {
                notices.push(data_update(member.user));
            }
            Some(_) => {}
        }
    }
    let settings = |lobby: &LobbySnapshot| (lobby.kind, lobby.joinable, lobby.limit, lobby.owner);
    if old.data != new.data || settings(old) != settings(new) {
        notices.push(data_update(lobby));
    }
    notices
}
