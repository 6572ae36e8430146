//! Losing a directory, and telling the next one what was.

use samovar_id::SteamId;

use super::{Mirror, Notice};
use crate::limits::MAX_LOBBIES_PER_USER;
use crate::lobby::LobbySnapshot;
use crate::protocol::{Change, Command, DirectoryId, Millis};

/// `k_EChatMemberStateChangeEntered`.
const STATE_ENTERED: u32 = 1;
/// `k_EChatMemberStateChangeDisconnected`.
const STATE_DISCONNECTED: u32 = 4;

impl Mirror {
    /// What the hello to a directory carries: the lobbies that the user is in.
    pub fn resume(&self) -> Vec<LobbySnapshot> {
        self.lobbies
            .values()
            .take(MAX_LOBBIES_PER_USER)
            .cloned()
            .collect()
    }

    /// A directory has welcomed this client: what the last one had not handled is sent again.
    pub fn on_welcome(&mut self, _now: Millis, _directory: DirectoryId, _term: u64) {
        while let Some(command) = self.sent.pop_back() {
            self.waiting.push_front(command);
        }
    }

    /// The directory is gone. What the user knows stays as it is.
    pub fn on_disconnected(&mut self, _now: Millis) {}

    /// The lobby as the new directory has it: what differs is told.
    pub(super) fn resumed(&mut self, snapshot: LobbySnapshot) {
        let lobby = snapshot.id;
        if snapshot.app_id != self.app_id || snapshot.member(self.me).is_none() {
            return;
        }
        let Some(old) = self.lobbies.get(&lobby).cloned() else {
            // Left in the meantime.
            let _ = self.queue_change(lobby, Change::Leave);
            return;
        };
        self.learn_members(&snapshot);
        let new = snapshot.clone();
        self.lobbies.insert(lobby, snapshot);
        self.apply_pending(lobby);
        let chat_update = |changed: SteamId, state| Notice::LobbyChatUpdate {
            lobby,
            changed,
            making_change: changed,
            state,
        };
        for member in &old.members {
            if new.member(member.user).is_none() && member.user != self.me {
                self.heard.remove(&(lobby, member.user));
                self.notice(chat_update(member.user, STATE_DISCONNECTED));
            }
        }
        for member in &new.members {
            match old.member(member.user) {
                None => self.notice(chat_update(member.user, STATE_ENTERED)),
                Some(before) if before.data != member.data => {
                    self.notice(Notice::LobbyDataUpdate {
                        success: true,
                        lobby,
                        member: member.user,
                    });
                }
                Some(_) => {}
            }
        }
        let settings =
            |lobby: &LobbySnapshot| (lobby.kind, lobby.joinable, lobby.limit, lobby.owner);
        if old.data != new.data || settings(&old) != settings(&new) {
            self.notice(Notice::LobbyDataUpdate {
                success: true,
                lobby,
                member: lobby,
            });
        }
        if let Some(server) = new
            .game_server
            .filter(|_| old.game_server != new.game_server)
        {
            self.notice_game_server(lobby, server);
        }
    }

    /// The user's own changes that the directory has not handled yet stay visible here.
    pub(super) fn apply_pending(&mut self, lobby: SteamId) {
        let me = self.me;
        let Some(found) = self.lobbies.get_mut(&lobby) else {
            return;
        };
        for command in self.sent.iter().chain(&self.waiting) {
            let Command::Change {
                lobby: other,
                change,
            } = command
            else {
                continue;
            };
            if *other != lobby {
                continue;
            }
            match change {
                Change::MemberData { key, value } => {
                    if let Some(member) = found.member_mut(me) {
                        let _ = crate::lobby::set(&mut member.data, key, value);
                    }
                }
                _ if found.owner != me => {}
                Change::Data { key, value } => drop(crate::lobby::set(&mut found.data, key, value)),
                Change::Kind(kind) => found.kind = *kind,
                Change::Joinable(joinable) => found.joinable = *joinable,
                _ => {}
            }
        }
    }
}
