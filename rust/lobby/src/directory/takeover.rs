//! Lobbies that outlive the directory they were made in: members bring their copies to the next one.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::{Directory, Presence, STATE_LEFT, User};
use crate::limits::MAX_LOBBIES_PER_USER;
use crate::lobby::LobbySnapshot;
use crate::persona::{Persona, RichPresence};
use crate::protocol::{Change, Event, KickReason, Millis};

/// What a user brings of its own, in a lobby that it was in.
struct Own {
    data: BTreeMap<String, String>,
    /// Whether from another directory than this one.
    is_foreign: bool,
}

impl Directory {
    /// Takes over the lobbies that a connecting user brings, where they are newer than what is here, and tells the
    /// user how each of its lobbies stands. What the user brings is all that it is in: it has left the rest.
    pub(super) fn resume(&mut self, now: Millis, user: SteamId, resume: Vec<LobbySnapshot>) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let app_id = found.presence.app_id;
        let kept = found.lobbies.clone();
        let kicked_from = |id: SteamId| found.kicked.contains_key(&id);
        let (out, resume): (Vec<LobbySnapshot>, Vec<LobbySnapshot>) = resume
            .into_iter()
            .take(MAX_LOBBIES_PER_USER)
            .partition(|snapshot| kicked_from(snapshot.id));
        // What it brings of a lobby that it has been taken out of counts for nothing.
        let mut brought: BTreeMap<SteamId, Option<Own>> =
            out.iter().map(|snapshot| (snapshot.id, None)).collect();
        for snapshot in resume {
            let id = snapshot.id;
            let Some(own) = snapshot
                .member(user)
                .filter(|_| snapshot.is_sound() && snapshot.app_id == app_id)
            else {
                // Nothing is believed, and it is told that it is out unless it is known to be in.
                brought.entry(id).or_insert(None);
                continue;
            };
            let own = Own {
                data: own.data.clone(),
                is_foreign: snapshot.version.term != self.term,
            };
            if snapshot.version.term < self.term {
                self.settling.takes_over();
            }
            self.adopt(now, user, snapshot);
            brought.insert(id, Some(own));
        }
        for id in kept.iter().filter(|id| !brought.contains_key(id)) {
            // Left while there was no link to say so.
            self.leave(user, *id, STATE_LEFT);
        }
        for (id, own) in brought {
            self.readmit(user, app_id, id, own);
        }
        if let Some(found) = self.users.get_mut(&user) {
            // What it does not bring it has left before it could hear of this.
            found.kicked.clear();
        }
    }

    /// Makes a copy that a user brings the lobby, unless the lobby here is as new or was changed here already.
    fn adopt(&mut self, now: Millis, user: SteamId, mut snapshot: LobbySnapshot) {
        let id = snapshot.id;
        let earlier = match self.lobbies.get(id) {
            Some(lobby) => {
                let is_newer = snapshot.version > lobby.version
                    && snapshot.version.term < self.term
                    && snapshot.app_id == lobby.app_id;
                if !is_newer {
                    return;
                }
                snapshot.line = snapshot.line.max(lobby.line);
                lobby.members.clone()
            }
            None if self.lobbies.len() >= self.config.max_lobbies => return,
            None => Vec::new(),
        };
        // A term from the future would make every change here older than the copy that the members have.
        snapshot.version.term = snapshot.version.term.min(self.term);
        let was_member = |other: SteamId| earlier.iter().any(|member| member.user == other);
        let claimed: Vec<(SteamId, String)> = snapshot
            .members
            .iter()
            .map(|member| (member.user, member.name.clone()))
            .collect();
        for (other, name) in claimed {
            let here = self.users.get(&other).is_some_and(|user| user.is_here());
            // Whoever is here has said which lobbies it is in.
            let has_left = here && other != user && !was_member(other);
            if has_left || !self.expect(now, other, snapshot.app_id, name, id) {
                snapshot.remove(other);
            }
        }
        for member in earlier {
            let other = member.user;
            if snapshot.member(other).is_some() {
                continue;
            }
            // Whoever is in the lobby here stays in, as far as there is room.
            if snapshot.banned.contains(&other) {
                self.forget_membership(other, id);
                let reason = banned_by_owner(&snapshot);
                self.tell(other, Event::Kicked { lobby: id, reason });
            } else if snapshot.open_slots() > 0 {
                snapshot.push_member(member);
            } else {
                self.forget_membership(other, id);
                self.drop_member(other, id);
            }
        }
        if snapshot.members.is_empty() {
            self.lobbies.remove(id);
            self.missed.forget(id);
            return;
        }
        let others: Vec<SteamId> = snapshot
            .members
            .iter()
            .map(|member| member.user)
            .filter(|other| {
                *other != user && self.users.get(other).is_some_and(|user| user.is_here())
            })
            .collect();
        for other in others {
            let (line, snapshot) = (snapshot.line, snapshot.clone());
            self.tell(other, Event::Resumed { snapshot });
            self.tell(other, Event::Said { lobby: id, line });
        }
        self.lobbies.put(snapshot);
        // Kind and joinability may be others than those of the copy that was here.
        self.show_lobby_of_members(id);
    }

    /// Counts a user who has not come over yet as a member who is gone for a while. False when it cannot be one.
    fn expect(
        &mut self,
        now: Millis,
        user: SteamId,
        app_id: u32,
        name: String,
        lobby: SteamId,
    ) -> bool {
        let leaves_at = now.plus(self.config.grace_ms);
        if !self.users.contains_key(&user) && self.users.len() >= self.config.max_users {
            return false;
        }
        let is_new = !self.users.contains_key(&user);
        let found = self.users.entry(user).or_insert_with(|| {
            let presence = Presence {
                app_id,
                persona: Persona::named(name),
                rich_presence: RichPresence::new(),
                instance: 0,
                machine: 0,
            };
            Box::new(User {
                expected: true,
                leaves_at: Some(leaves_at),
                ..User::new(presence, now)
            })
        });
        if is_new {
            self.leaving.insert((leaves_at, user));
        }
        if found.presence.app_id != app_id
            || (found.lobbies.len() >= MAX_LOBBIES_PER_USER && !found.lobbies.contains(&lobby))
        {
            return false;
        }
        found.lobbies.insert(lobby);
        found.kicked.remove(&lobby);
        true
    }

    /// Lets a user who was in a lobby in again, and tells it how the lobby stands.
    fn readmit(&mut self, user: SteamId, app_id: u32, id: SteamId, own: Option<Own>) {
        let kicked = self
            .users
            .get_mut(&user)
            .and_then(|found| found.kicked.remove(&id));
        let lobby = self.lobbies.get(id);
        // Also when it was long ago, or in another directory: whoever is the owner now keeps it out.
        let banned = lobby
            .filter(|lobby| lobby.app_id == app_id && lobby.member(user).is_none())
            .filter(|lobby| lobby.banned.contains(&user))
            .map(banned_by_owner);
        if let Some(reason) = kicked.or(banned) {
            return self.tell(user, Event::Kicked { lobby: id, reason });
        }
        let may_enter = lobby.is_some_and(|lobby| !self.has_no_room(user, lobby.kind));
        let member = self.new_member(user);
        if let (Some(lobby), Some(own), Some(mut member)) = (lobby, own, member)
            && lobby.app_id == app_id
        {
            if lobby.member(user).is_some() {
                if own.is_foreign {
                    self.refresh_data(user, id, own.data);
                }
            } else if may_enter && lobby.open_slots() > 0 {
                member.data = own.data;
                self.enter(id, member);
            }
        }
        match self.lobbies.get(id) {
            Some(lobby) if lobby.member(user).is_some() => {
                let snapshot = lobby.clone();
                self.tell(user, Event::Resumed { snapshot });
            }
            _ => self.drop_member(user, id),
        }
    }

    /// A member's own data as it brings them from another directory: nobody knows them better.
    fn refresh_data(&mut self, user: SteamId, id: SteamId, data: BTreeMap<String, String>) {
        let Some(known) = self.lobbies.get(id).and_then(|lobby| lobby.member(user)) else {
            return;
        };
        let gone = known.data.keys().filter(|key| !data.contains_key(*key));
        let gone: Vec<(String, String)> = gone.map(|key| (key.clone(), String::new())).collect();
        let pairs: BTreeMap<String, String> = gone.into_iter().chain(data).collect();
        self.change(user, id, Change::MemberData(pairs));
    }

    /// Tells a user that it is not in a lobby any more.
    fn drop_member(&mut self, user: SteamId, lobby: SteamId) {
        let reason = KickReason::Disconnected;
        self.tell(user, Event::Kicked { lobby, reason });
    }
}

/// The owner may be another than the one who did it.
fn banned_by_owner(lobby: &LobbySnapshot) -> KickReason {
    KickReason::Kicked {
        by: lobby.owner,
        ban: true,
    }
}
