//! What the directory reports.

use samovar_id::SteamId;

use super::{Mirror, Notice};
use crate::limits::{MAX_MEMBERS, MAX_NAME};
use crate::lobby::{GameServer, LobbySnapshot, MemberSnapshot, Version};
use crate::protocol::{Event, JoinResponse, LobbySummary, Millis};

/// `k_EChatMemberStateChangeEntered`.
const STATE_ENTERED: u32 = 1;
/// `k_EPersonaChangeName` and `k_EPersonaChangeAvatar`.
const PERSONA_KNOWN: u32 = 1 | 64;

impl Mirror {
    /// Takes in what the directory reports. What does not fit to what is known is ignored.
    pub fn handle_event(&mut self, now: Millis, event: Event) {
        match event {
            Event::Created {
                request,
                result,
                lobby,
            } => self.created(request, result, lobby),
            Event::Joined {
                request,
                lobby,
                response,
                snapshot,
            } => self.joined(request, lobby, response, snapshot),
            Event::Entered {
                lobby,
                version,
                member,
            } => self.entered(lobby, version, member),
            Event::Left {
                lobby,
                version,
                user,
                state,
                owner,
            } => self.left(lobby, version, user, state, owner),
            Event::Data {
                lobby,
                version,
                key,
                value,
            } => {
                if let Some(found) = self.newer(lobby, version) {
                    let _ = crate::lobby::set(&mut found.data, &key, &value);
                    self.apply_pending(lobby);
                    self.notice(Notice::LobbyDataUpdate {
                        success: true,
                        lobby,
                        member: lobby,
                    });
                }
            }
            Event::MemberData {
                lobby,
                version,
                user,
                key,
                value,
            } => {
                if let Some(member) = self
                    .newer(lobby, version)
                    .and_then(|found| found.member_mut(user))
                {
                    let _ = crate::lobby::set(&mut member.data, &key, &value);
                    self.apply_pending(lobby);
                    self.notice(Notice::LobbyDataUpdate {
                        success: true,
                        lobby,
                        member: user,
                    });
                }
            }
            Event::Settings {
                lobby,
                version,
                kind,
                joinable,
                limit,
                owner,
                game_server,
            } => {
                let Some(found) = self.newer(lobby, version) else {
                    return;
                };
                found.kind = kind;
                found.joinable = joinable;
                found.limit = limit.clamp(1, MAX_MEMBERS);
                found.owner = owner;
                let changed = found.game_server != game_server;
                found.game_server = game_server;
                self.apply_pending(lobby);
                self.notice(Notice::LobbyDataUpdate {
                    success: true,
                    lobby,
                    member: lobby,
                });
                if let Some(server) = game_server.filter(|_| changed) {
                    self.notice_game_server(lobby, server);
                }
            }
            Event::Chat {
                lobby,
                from,
                instance,
                seq,
                text,
            } => self.said(lobby, from, (instance, seq), text),
            Event::Handled => drop(self.sent.pop_front()),
            Event::InvitedBy {
                lobby,
                version,
                user,
            } => {
                if let Some(found) = self.newer(lobby, version) {
                    found.invite(user);
                }
            }
            Event::Resumed { snapshot } => self.resumed(snapshot),
            Event::Kicked {
                lobby,
                due_to_disconnect,
            } => {
                if self.drop_lobby(lobby) {
                    self.notice(Notice::LobbyKicked {
                        lobby,
                        admin: None,
                        due_to_disconnect,
                    });
                }
            }
            Event::Found { request, lobbies } => self.found(request, lobbies),
            Event::Described { lobby, summary } => {
                let success = summary.is_some();
                match summary {
                    Some(summary) if summary.id == lobby => {
                        drop(self.others.insert(lobby, summary))
                    }
                    _ => self.others.remove(lobby),
                }
                self.notice(Notice::LobbyDataUpdate {
                    success,
                    lobby,
                    member: lobby,
                });
            }
            Event::Invited {
                from,
                name,
                lobby,
                app_id,
            } => {
                self.learn_name(from, name);
                self.notice(Notice::LobbyInvite {
                    inviter: from,
                    lobby,
                    app_id,
                });
            }
            Event::Persona { user, name } => {
                if self.learn_name(user, name) {
                    self.notice(Notice::PersonaStateChange {
                        user,
                        flags: PERSONA_KNOWN,
                    });
                }
            }
            // The endpoint's business.
            Event::Signal { .. } => {}
        }
        let _ = now;
    }

    fn created(&mut self, request: u64, result: i32, lobby: Option<LobbySnapshot>) {
        if self.asked.remove(&request).is_none() {
            // Timed out already, and the game told so: nobody would ever leave it.
            if let Some(lobby) = lobby {
                self.abandon(lobby.id);
            }
            return;
        }
        let id = lobby.as_ref().map(|lobby| lobby.id);
        if let Some(lobby) = lobby {
            self.lobbies.insert(lobby.id, lobby);
        }
        self.notice(Notice::LobbyCreated { result, lobby: id });
        if let Some(lobby) = id {
            let response = JoinResponse::Success as u32;
            self.notice(Notice::LobbyJoined {
                lobby,
                locked: false,
                response,
            });
        }
    }

    fn joined(
        &mut self,
        request: u64,
        lobby: SteamId,
        response: JoinResponse,
        snapshot: Option<LobbySnapshot>,
    ) {
        if self.asked.remove(&request).is_none() {
            if response == JoinResponse::Success && !self.lobbies.contains_key(&lobby) {
                self.abandon(lobby);
            }
            return;
        }
        let snapshot =
            snapshot.filter(|snapshot| snapshot.id == lobby && snapshot.member(self.me).is_some());
        let response = if response == JoinResponse::Success && snapshot.is_none() {
            JoinResponse::Error
        } else {
            response
        };
        let locked = snapshot.as_ref().is_some_and(|snapshot| !snapshot.joinable);
        let mut members = Vec::new();
        if let Some(snapshot) = snapshot {
            members = self.learn_members(&snapshot);
            self.others.remove(lobby);
            self.lobbies.insert(lobby, snapshot);
        }
        self.notice(Notice::LobbyJoined {
            lobby,
            locked,
            response: response as u32,
        });
        for user in members {
            self.notice(Notice::PersonaStateChange {
                user,
                flags: PERSONA_KNOWN,
            });
        }
    }

    fn entered(&mut self, lobby: SteamId, version: Version, member: MemberSnapshot) {
        let user = member.user;
        let Some(found) = self.newer(lobby, version) else {
            return;
        };
        if found.member(user).is_some() || found.members.len() >= MAX_MEMBERS as usize {
            return;
        }
        let name = member.name.clone();
        found.members.push(member);
        self.learn_name(user, name);
        self.notice(Notice::LobbyChatUpdate {
            lobby,
            changed: user,
            making_change: user,
            state: STATE_ENTERED,
        });
        self.notice(Notice::PersonaStateChange {
            user,
            flags: PERSONA_KNOWN,
        });
    }

    fn left(
        &mut self,
        lobby: SteamId,
        version: Version,
        user: SteamId,
        state: u32,
        owner: SteamId,
    ) {
        let me = self.me;
        let Some(found) = self.newer(lobby, version) else {
            return;
        };
        if user == me || found.member(user).is_none() {
            return;
        }
        found.remove(user);
        if found.member(owner).is_some() {
            found.owner = owner;
        }
        self.heard.remove(&(lobby, user));
        self.notice(Notice::LobbyChatUpdate {
            lobby,
            changed: user,
            making_change: user,
            state,
        });
    }

    fn said(&mut self, lobby: SteamId, from: SteamId, line: (u64, u64), text: String) {
        if !self.is_member(lobby, from) {
            return;
        }
        let heard = self.heard.entry((lobby, from)).or_insert((line.0, 0));
        // A line that a directory passed on before it ended comes a second time from the next one.
        if heard.0 == line.0 && line.1 <= heard.1 {
            return;
        }
        *heard = line;
        self.notice(Notice::LobbyMessage {
            lobby,
            user: from,
            text,
        });
    }

    fn found(&mut self, request: u64, lobbies: Vec<LobbySummary>) {
        self.asked.remove(&request);
        if self.newest_search != Some(request) {
            return;
        }
        self.newest_search = None;
        let ids = lobbies.iter().map(|lobby| lobby.id).collect();
        for lobby in lobbies {
            self.others.insert(lobby.id, lobby);
        }
        self.notice(Notice::LobbyMatchList { lobbies: ids });
    }

    /// The lobby, if this version of it is newer than the one known. Notes the version.
    fn newer(&mut self, lobby: SteamId, version: Version) -> Option<&mut LobbySnapshot> {
        let found = self.lobbies.get_mut(&lobby)?;
        if version <= found.version {
            return None;
        }
        found.version = version;
        Some(found)
    }

    pub(super) fn notice_game_server(&mut self, lobby: SteamId, server: GameServer) {
        let GameServer { ip, port, id } = server;
        self.notice(Notice::LobbyGameCreated {
            lobby,
            server: id,
            ip: ip.to_string(),
            port,
        });
    }

    /// Remembers the members' names; returns those who were not known, apart from the local user.
    pub(super) fn learn_members(&mut self, snapshot: &LobbySnapshot) -> Vec<SteamId> {
        let mut fresh = Vec::new();
        for member in &snapshot.members {
            if member.user != self.me && self.learn_name(member.user, member.name.clone()) {
                fresh.push(member.user);
            }
        }
        fresh
    }

    /// True when the name was not known, or was another.
    pub(super) fn learn_name(&mut self, user: SteamId, mut name: String) -> bool {
        if name.len() > MAX_NAME {
            name.truncate(name.floor_char_boundary(MAX_NAME));
        }
        let same = self.names.get(user).is_some_and(|known| *known == name);
        self.names.insert(user, name);
        !same
    }

    /// Forgets a lobby that the user was in. False when it was not in it.
    pub(super) fn drop_lobby(&mut self, lobby: SteamId) -> bool {
        self.heard.retain(|(other, _), _| *other != lobby);
        self.lobbies.remove(&lobby).is_some()
    }

    fn abandon(&mut self, lobby: SteamId) {
        let _ = self.queue_change(lobby, crate::protocol::Change::Leave);
    }
}
