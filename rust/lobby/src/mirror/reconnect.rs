//! Losing a directory, and telling the next one what was.

use samovar_id::SteamId;

use super::{Mirror, Notice};
use crate::limits::{MAX_LOBBIES_PER_USER, RECENT_CHAT_MS, SETTLE_MS};
use crate::lobby::LobbySnapshot;
use crate::protocol::{Command, DirectoryId, Millis};

/// `k_EChatMemberStateChangeEntered`.
const STATE_ENTERED: u32 = 1;
/// `k_EChatMemberStateChangeDisconnected`.
const STATE_DISCONNECTED: u32 = 4;

impl Mirror {
    /// What the hello to a directory carries: the lobbies that the user is in, without what no directory has handled.
    pub fn resume(&self) -> Vec<LobbySnapshot> {
        self.lobbies
            .values()
            .take(MAX_LOBBIES_PER_USER)
            .map(|copy| copy.base().clone())
            .collect()
    }

    /// A directory has welcomed this client: what the last one had not handled is sent again, and recent lines of chat
    /// too, since the last one may have ended before everybody had them. Whoever heard a line ignores it.
    pub fn on_welcome(&mut self, now: Millis, directory: DirectoryId, _term: u64) {
        while let Some(command) = self.sent.pop_back() {
            // The hello has said what is so by now.
            if !matches!(
                command,
                Command::SetPersona(_) | Command::SetRichPresence(_)
            ) {
                self.waiting.push_front(command);
            }
        }
        let asked = &self.asked;
        self.waiting.retain(|command| {
            command
                .request()
                .is_none_or(|request| asked.contains_key(&request))
        });
        for (number, asked) in &self.asked {
            // Handled, but the answer is lost.
            if !self
                .waiting
                .iter()
                .any(|command| command.request() == Some(*number))
            {
                self.waiting.push_back(asked.command.clone());
            }
        }
        self.people_welcomed(now, directory);
        let earlier = self.directory.replace(directory);
        if earlier.is_some_and(|earlier| earlier != directory) {
            self.patient_until = Some(now.plus(SETTLE_MS));
            self.be_patient();
            self.speak_again(now);
        }
    }

    /// The directory is gone. What the user knows stays as it is.
    pub fn on_disconnected(&mut self, _now: Millis) {}

    fn be_patient(&mut self) {
        for command in &mut self.waiting {
            if let Command::Join { patient, .. } | Command::Search { patient, .. } = command {
                *patient = true;
            }
        }
    }

    fn speak_again(&mut self, now: Millis) {
        while let Some(line) = self.spoken.pop_back() {
            let is_recent = now < line.at.plus(RECENT_CHAT_MS);
            if is_recent && self.lobbies.contains_key(&line.lobby) {
                self.waiting.push_front(Command::Change {
                    lobby: line.lobby,
                    change: line.change,
                });
            }
        }
    }

    /// The lobby as the directory has it: what differs from what was known is told.
    pub(super) fn resumed(&mut self, snapshot: LobbySnapshot) {
        let lobby = snapshot.id;
        if !self.is_mine(&snapshot) {
            return;
        }
        let Some(copy) = self.lobbies.get(&lobby) else {
            if !self.is_joining(lobby) {
                // Left in the meantime.
                self.queue_leave(lobby);
            }
            return;
        };
        let old = copy.base().clone();
        let names = self.learn_members(&snapshot);
        let new = snapshot.clone();
        self.put(snapshot);
        self.notice_members(&old, &new);
        let settings =
            |lobby: &LobbySnapshot| (lobby.kind, lobby.joinable, lobby.limit, lobby.owner);
        if old.data != new.data || settings(&old) != settings(&new) {
            self.notice_data(lobby, lobby);
        }
        if let Some(server) = new
            .game_server
            .filter(|_| old.game_server != new.game_server)
        {
            self.notice_game_server(lobby, server);
        }
        self.notice_names(names);
    }

    fn notice_members(&mut self, old: &LobbySnapshot, new: &LobbySnapshot) {
        let lobby = new.id;
        let chat_update = |changed: SteamId, state| Notice::LobbyChatUpdate {
            lobby,
            changed,
            making_change: changed,
            state,
        };
        for member in &old.members {
            if new.member(member.user).is_none() {
                self.heard.remove(&(lobby, member.user));
                self.notice(chat_update(member.user, STATE_DISCONNECTED));
            }
        }
        for member in &new.members {
            match old.member(member.user) {
                None => self.notice(chat_update(member.user, STATE_ENTERED)),
                Some(before) if before.data != member.data => {
                    self.notice_data(lobby, member.user);
                }
                Some(_) => {}
            }
        }
    }
}
