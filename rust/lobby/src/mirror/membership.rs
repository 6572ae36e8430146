//! Who comes to a lobby and goes, the user too.

use samovar_id::SteamId;

use super::{LobbyCopy, Mirror, Notice};
use crate::limits::MAX_MEMBERS;
use crate::lobby::{MemberSnapshot, Version};
use crate::proof::{ProvedLobby, Signature};
use crate::protocol::{JoinResponse, KickReason, Millis};

/// `k_EChatMemberStateChangeEntered`.
const STATE_ENTERED: u32 = 1;
/// `k_EChatMemberStateChangeKicked`.
const STATE_KICKED: u32 = 8;
/// `k_EChatMemberStateChangeBanned`.
const STATE_BANNED: u32 = 16;
impl Mirror {
    pub(super) fn created(&mut self, request: u64, result: i32, lobby: Option<ProvedLobby>) {
        let lobby = lobby.filter(|lobby| self.is_mine(&lobby.snapshot));
        if self.asked.remove(&request).is_none() {
            // Timed out already, and the game told so: nobody would ever leave it.
            let id = lobby.map(|lobby| lobby.snapshot.id);
            if let Some(id) = id.filter(|id| !self.lobbies.contains_key(id)) {
                self.queue_leave(id);
            }
            return;
        }
        let id = lobby.as_ref().map(|lobby| lobby.snapshot.id);
        if let Some(lobby) = lobby {
            self.lobbies
                .insert(lobby.snapshot.id, LobbyCopy::new(lobby));
        }
        self.notice_created(request, result, id);
        if let Some(lobby) = id {
            let response = JoinResponse::Success as u32;
            self.notice(Notice::LobbyJoined {
                lobby,
                locked: false,
                response,
            });
        }
    }

    pub(super) fn joined(
        &mut self,
        request: u64,
        lobby: SteamId,
        response: JoinResponse,
        proved: Option<ProvedLobby>,
    ) {
        let proved =
            proved.filter(|proved| proved.snapshot.id == lobby && self.is_mine(&proved.snapshot));
        if self.asked.remove(&request).is_none() {
            let is_wanted = self.lobbies.contains_key(&lobby) || self.is_joining(lobby);
            if proved.is_some() && !is_wanted {
                self.queue_leave(lobby);
            }
            return;
        }
        let response = if response == JoinResponse::Success && proved.is_none() {
            JoinResponse::Error
        } else {
            response
        };
        let locked = proved
            .as_ref()
            .is_some_and(|proved| !proved.snapshot.joinable);
        let mut members = Vec::new();
        if let Some(proved) = proved {
            members = self.learn_members(&proved.snapshot);
            self.put(proved);
        }
        self.notice(Notice::LobbyJoined {
            lobby,
            locked,
            response: response as u32,
        });
        self.notice_names(members);
    }

    pub(super) fn entered(
        &mut self,
        now: Millis,
        (lobby, version): (SteamId, Version),
        member: MemberSnapshot,
        seal: Signature,
    ) {
        let (user, name) = (member.user, member.name.clone());
        let learned = self.learn(now, lobby, version, |known| {
            if let Some(there) = known.member_mut(user) {
                there.data = member.data;
            } else if known.members.len() < MAX_MEMBERS as usize {
                known.push_member(member);
            }
        });
        if !learned {
            return;
        }
        self.recent.entered(lobby, user);
        self.sealed(lobby, version, seal);
        let is_new = self.people.learn_name(user, name);
        self.notice(Notice::LobbyChatUpdate {
            lobby,
            changed: user,
            making_change: user,
            state: STATE_ENTERED,
        });
        if user != self.me {
            self.notice_names(vec![(user, is_new)]);
        }
    }

    pub(super) fn left(
        &mut self,
        now: Millis,
        (lobby, version): (SteamId, Version),
        (user, by): (SteamId, SteamId),
        state: u32,
        (owner, seal): (SteamId, Signature),
    ) {
        if user == self.me || !self.is_member(lobby, user) {
            return;
        }
        let learned = self.learn(now, lobby, version, |known| {
            if state & STATE_BANNED == 0 {
                known.remove(user);
            } else {
                known.ban(user);
            }
            if known.member(owner).is_some() {
                known.owner = owner;
            }
        });
        if learned {
            self.sealed(lobby, version, seal);
            self.heard.remove(&(lobby, user));
            self.notice(Notice::LobbyChatUpdate {
                lobby,
                changed: user,
                making_change: by,
                state,
            });
        }
    }

    /// The user is out, as far as it does not know that already.
    pub(super) fn kicked(&mut self, lobby: SteamId, reason: KickReason) {
        if !self.drop_lobby(lobby) {
            return;
        }
        let admin = match reason {
            KickReason::Disconnected => None,
            KickReason::Kicked { by, ban } => {
                let state = if ban { STATE_BANNED } else { STATE_KICKED };
                self.notice(Notice::LobbyChatUpdate {
                    lobby,
                    changed: self.me,
                    making_change: by,
                    state,
                });
                Some(by)
            }
        };
        self.notice(Notice::LobbyKicked {
            lobby,
            admin,
            due_to_disconnect: admin.is_none(),
        });
    }
}
