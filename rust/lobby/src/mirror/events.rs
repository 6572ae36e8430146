//! What the directory reports.

use std::collections::btree_map::Entry;

use samovar_id::SteamId;

use super::{LobbyCopy, Mirror, Notice};
use crate::limits::{MAX_MEMBERS, RESUME_PATIENCE_MS};
use crate::lobby::{GameServer, LobbySnapshot, MemberSnapshot, Version};
use crate::proof::{ProvedLobby, Seal, Signature};
use crate::protocol::{Command, Event, LobbySummary, Millis};

/// `k_EPersonaChangeName`.
const NAME: u32 = 1;
/// The same and `k_EPersonaChangeAvatar`.
const PERSONA_KNOWN: u32 = NAME | 64;

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
                seal,
            } => self.entered(now, (lobby, version), member, seal),
            Event::Left {
                lobby,
                version,
                user,
                by,
                state,
                owner,
                seal,
            } => self.left(now, (lobby, version), (user, by), state, (owner, seal)),
            Event::Data {
                lobby,
                version,
                pairs,
            } => {
                let learned = self.learn(now, lobby, version, |known| {
                    let _ = known.set_all(&pairs);
                });
                if learned {
                    self.notice_data(lobby, lobby);
                }
            }
            Event::MemberData {
                lobby,
                version,
                user,
                pairs,
            } => {
                let learned = self.learn(now, lobby, version, |known| {
                    let _ = known.set_all_of_member(user, &pairs);
                });
                if learned {
                    self.notice_data(lobby, user);
                }
            }
            Event::Settings {
                lobby,
                version,
                kind,
                joinable,
                limit,
                owner,
                seal,
            } => {
                let learned = self.learn(now, lobby, version, |known| {
                    known.kind = kind;
                    known.joinable = joinable;
                    known.limit = limit.clamp(1, MAX_MEMBERS);
                    if known.member(owner).is_some() {
                        known.owner = owner;
                    }
                });
                if learned {
                    self.sealed(lobby, version, seal);
                    self.notice_data(lobby, lobby);
                }
            }
            Event::GameServer {
                lobby,
                version,
                server,
            } => {
                if self.learn(now, lobby, version, |known| {
                    known.game_server = Some(server);
                }) {
                    self.notice_game_server(lobby, server);
                }
            }
            Event::Chat {
                lobby,
                from,
                instance,
                seq,
                line,
                text,
            } => {
                self.count_line(now, lobby, line);
                self.said(lobby, from, (instance, seq), text);
            }
            Event::Said { lobby, line } => {
                self.resuming.remove(&lobby);
                if let Some(copy) = self.lobbies.get_mut(&lobby) {
                    copy.set_line(line);
                }
            }
            Event::Away { user, left_ms } => self.away(now, user, left_ms),
            Event::Handled => self.handled(now),
            Event::InvitedBy {
                lobby,
                version,
                user,
                instead_of,
            } => {
                self.learn(now, lobby, version, |known| {
                    known.invite(user, instead_of);
                });
            }
            Event::Resumed { lobby } => self.resumed(lobby),
            Event::Kicked { lobby, reason } => self.kicked(lobby, reason),
            Event::Found { request, lobbies } => self.found(request, lobbies),
            Event::Described { lobby, summary } => {
                // Each question has its answer; one that has not is asked of the next directory.
                let describe = Command::Describe { lobby };
                let mut asked = self.asked.iter();
                let number = asked
                    .find_map(|(number, asked)| (asked.command == describe).then_some(*number));
                let Some(number) = number else { return };
                self.asked.remove(&number);
                let success = summary.is_some();
                match summary {
                    Some(summary) if summary.id == lobby && summary.is_sound() => {
                        self.others.insert(lobby, summary);
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
                self.people.learn_name(from, name);
                self.notice(Notice::LobbyInvite {
                    inviter: from,
                    lobby,
                    app_id,
                });
            }
            Event::Persona { user, persona } => self.learned_persona(user, persona),
            Event::Friends(friends) => self.friends_are(friends),
            Event::Friend { friend, news } => {
                self.people.count_news(news);
                self.friend_is(friend);
            }
            Event::FriendGone { user, news } => {
                self.people.count_news(news);
                self.friend_gone(user);
            }
            Event::FriendsTold { news } => self.people.news = Some(news),
            Event::RichPresence {
                user,
                rich_presence,
                news,
            } => {
                self.people.count_news(news);
                self.learned_rich_presence(user, rich_presence);
            }
            Event::Avatar {
                user,
                avatar,
                pixels,
            } => self.learned_avatar(user, avatar, pixels),
            Event::Told { from, name, tell } => self.told(from, name, tell),
            // The endpoint's business.
            Event::Signal { .. } => {}
        }
    }

    /// The directory has handled the oldest command that was sent.
    pub(super) fn handled(&mut self, now: Millis) {
        self.handled = self.handled.saturating_add(1);
        let Some(command) = self.sent.pop_front() else {
            return;
        };
        self.is_handled(now, &command);
        let Command::Change { lobby, change } = command else {
            return;
        };
        if let Some(copy) = self.lobbies.get_mut(&lobby) {
            copy.handled(&[&self.sent, &self.waiting]);
        }
        self.recent.push(now, lobby, change);
    }

    /// A line of this number has come: those before it have to have come, too.
    fn count_line(&mut self, now: Millis, lobby: SteamId, line: u64) {
        let Some(copy) = self.lobbies.get_mut(&lobby).filter(|_| line > 0) else {
            return;
        };
        let next = copy.base().line.saturating_add(1);
        if line == next {
            copy.set_line(line);
        } else if line > next {
            self.ask_again(now, lobby);
        }
    }

    /// Something about a lobby has not come.
    fn ask_again(&mut self, now: Millis, lobby: SteamId) {
        let asked = self.resuming.get(&lobby);
        let is_patient = asked.is_some_and(|at| now < at.plus(RESUME_PATIENCE_MS));
        let Some(copy) = self.lobbies.get(&lobby).filter(|_| !is_patient) else {
            return;
        };
        let line = copy.base().line;
        if self.queue(Command::Resume { lobby, line }).is_ok() {
            self.resuming.insert(lobby, now);
        }
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
        let sound = lobbies.iter().filter(|lobby| lobby.is_sound());
        let ids = sound.map(|lobby| lobby.id).collect();
        for lobby in lobbies.into_iter().filter(LobbySummary::is_sound) {
            self.others.insert(lobby.id, lobby);
        }
        self.notice(Notice::LobbyMatchList { lobbies: ids });
    }

    /// Changes what is known of a lobby, if this version of it is newer. False when it is not, and when the user is not
    /// in it. Where a version is left out, asks how the lobby is.
    pub(super) fn learn(
        &mut self,
        now: Millis,
        lobby: SteamId,
        version: Version,
        change: impl FnOnce(&mut LobbySnapshot),
    ) -> bool {
        let Some(copy) = self
            .lobbies
            .get_mut(&lobby)
            .filter(|copy| version > copy.base().version)
        else {
            return false;
        };
        let (earlier, owner) = (copy.base().version, copy.base().owner);
        copy.learn(|known| {
            known.version = version;
            change(known);
        });
        if owner != self.me && copy.base().owner == self.me {
            self.recent.owns_again(lobby);
        }
        if version.revision > earlier.revision.saturating_add(1) {
            self.ask_again(now, lobby);
        }
        true
    }

    /// Keeps the signature that came with a change.
    pub(super) fn sealed(&mut self, lobby: SteamId, version: Version, signature: Signature) {
        let copy = self.lobbies.get_mut(&lobby);
        if let (Some((directory, term)), Some(copy)) = (self.directory, copy) {
            copy.sealed(Seal {
                directory,
                term,
                revision: version.revision,
                signature,
            });
        }
    }

    /// Takes the directory's state of a lobby, whatever was known before.
    pub(super) fn put(&mut self, lobby: ProvedLobby) {
        let pending = [&self.sent, &self.waiting];
        match self.lobbies.entry(lobby.snapshot.id) {
            Entry::Occupied(copy) => copy.into_mut().replace(lobby, &pending),
            Entry::Vacant(place) => {
                place.insert(LobbyCopy::new(lobby)).do_again(&pending);
            }
        }
    }

    pub(super) fn is_mine(&self, snapshot: &LobbySnapshot) -> bool {
        snapshot.app_id == self.app_id && snapshot.member(self.me).is_some() && snapshot.is_sound()
    }

    pub(super) fn notice_data(&mut self, lobby: SteamId, member: SteamId) {
        self.notice(Notice::LobbyDataUpdate {
            success: true,
            lobby,
            member,
        });
    }

    /// Tells of members' names, as Steam does whenever users meet in a lobby: games fill their lists of members then, also
    /// with those whose names they could have had before. With each user, whether its name was not known.
    pub(super) fn notice_names(&mut self, users: Vec<(SteamId, bool)>) {
        for (user, is_new) in users {
            let flags = if is_new { PERSONA_KNOWN } else { NAME };
            self.notice(Notice::PersonaStateChange { user, flags });
        }
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

    /// Remembers the members' names; returns all members but the local user, each with whether its name was not known.
    pub(super) fn learn_members(&mut self, snapshot: &LobbySnapshot) -> Vec<(SteamId, bool)> {
        let others = snapshot
            .members
            .iter()
            .filter(|member| member.user != self.me);
        let learn = |member: &MemberSnapshot| {
            let is_new = self.people.learn_name(member.user, member.name.clone());
            (member.user, is_new)
        };
        others.map(learn).collect()
    }

    /// Forgets a lobby that the user was in. False when it was not in it.
    pub(super) fn drop_lobby(&mut self, lobby: SteamId) -> bool {
        self.heard.retain(|(other, _), _| *other != lobby);
        self.resuming.remove(&lobby);
        let Some(copy) = self.lobbies.remove(&lobby) else {
            return false;
        };
        // What a search has found stays known, as it was last.
        if self.others.get(lobby).is_some() {
            let mut last = copy.base().summary();
            last.members = last.members.saturating_sub(1);
            self.others.insert(lobby, last);
        }
        true
    }
}
