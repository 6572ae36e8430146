//! Lobbies that outlive the directory they were made in: members bring their copies to the next one.

use std::collections::BTreeSet;

use samovar_id::SteamId;

use super::{Directory, Presence, User};
use crate::limits::{COMMAND_BURST, MAX_LOBBIES, MAX_LOBBIES_PER_USER, MAX_USERS};
use crate::lobby::LobbySnapshot;
use crate::protocol::{Event, Millis};

impl Directory {
    /// Takes over the lobbies that a connecting user brings, where they are newer than what is here, and tells the
    /// user how each of its lobbies stands.
    pub(super) fn resume(&mut self, now: Millis, user: SteamId, resume: Vec<LobbySnapshot>) {
        let Some(found) = self.users.get(&user) else {
            return;
        };
        let app_id = found.presence.app_id;
        let kept = found.lobbies.clone();
        let mut brought = BTreeSet::new();
        for snapshot in resume.into_iter().take(MAX_LOBBIES_PER_USER) {
            if snapshot.app_id == app_id && snapshot.is_sound() && snapshot.member(user).is_some() {
                brought.insert(snapshot.id);
                self.adopt(now, snapshot);
            }
        }
        for id in kept.difference(&brought) {
            // Left while there was no link to say so.
            self.leave(user, *id, super::STATE_LEFT);
        }
        for id in brought {
            self.readmit(user, id);
        }
    }

    fn adopt(&mut self, now: Millis, snapshot: LobbySnapshot) {
        let id = snapshot.id;
        let newer = self.lobbies.get(&id).is_none_or(|lobby| {
            lobby.app_id == snapshot.app_id
                && snapshot.version > lobby.version
                && snapshot.version.term < self.term
        });
        if !newer || self.lobbies.len() >= MAX_LOBBIES {
            return;
        }
        let mut snapshot = snapshot;
        // Whoever is here already and in the copy that is replaced stays in, as far as there is room.
        let earlier = self
            .lobbies
            .remove(&id)
            .map(|lobby| lobby.members)
            .unwrap_or_default();
        for member in earlier {
            if snapshot.member(member.user).is_none() {
                if snapshot.open_slots() > 0 {
                    snapshot.members.push(member);
                } else if let Some(found) = self.users.get_mut(&member.user) {
                    found.lobbies.remove(&id);
                    self.tell(
                        member.user,
                        Event::Kicked {
                            lobby: id,
                            due_to_disconnect: true,
                        },
                    );
                }
            }
        }
        let app_id = snapshot.app_id;
        let users: Vec<(SteamId, String)> = snapshot
            .members
            .iter()
            .map(|member| (member.user, member.name.clone()))
            .collect();
        let mut strangers = Vec::new();
        for (user, name) in users {
            if !self.expect(now, user, app_id, name, id) {
                strangers.push(user);
            }
        }
        let mut empty = false;
        for user in strangers {
            empty = snapshot.remove(user);
        }
        if empty {
            return;
        }
        self.lobbies.insert(id, snapshot.clone());
        for member in &snapshot.members {
            if self
                .users
                .get(&member.user)
                .is_some_and(|found| found.leaves_at.is_none())
            {
                self.tell(
                    member.user,
                    Event::Resumed {
                        snapshot: snapshot.clone(),
                    },
                );
            }
        }
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
        if !self.users.contains_key(&user) && self.users.len() >= MAX_USERS {
            return false;
        }
        let found = self.users.entry(user).or_insert_with(|| User {
            presence: Presence {
                app_id,
                name,
                instance: 0,
                machine: 0,
            },
            leaves_at: Some(leaves_at),
            lobbies: BTreeSet::new(),
            allowance: COMMAND_BURST,
            allowance_at: now,
        });
        if found.presence.app_id != app_id || found.lobbies.len() >= MAX_LOBBIES_PER_USER {
            return found.lobbies.contains(&lobby);
        }
        found.lobbies.insert(lobby);
        true
    }

    /// Lets a user who was in a lobby in again, and tells it how the lobby stands.
    fn readmit(&mut self, user: SteamId, id: SteamId) {
        let lobby = self.lobbies.get(&id);
        let is_member = lobby.is_some_and(|lobby| lobby.member(user).is_some());
        let has_room = lobby.is_some_and(|lobby| lobby.open_slots() > 0) && !self.has_no_room(user);
        if !is_member && has_room {
            self.enter(user, id);
        }
        match self
            .lobbies
            .get(&id)
            .filter(|lobby| lobby.member(user).is_some())
        {
            Some(lobby) => {
                let snapshot = lobby.clone();
                self.tell(user, Event::Resumed { snapshot });
            }
            None => self.tell(
                user,
                Event::Kicked {
                    lobby: id,
                    due_to_disconnect: true,
                },
            ),
        }
    }
}
