//! Who is in a lobby: joining and leaving it.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::Directory;
use crate::limits::MAX_LOBBIES_PER_USER;
use crate::lobby::{LobbyKind, MemberSnapshot};
use crate::protocol::{Event, JoinResponse};

impl Directory {
    pub(super) fn join(&mut self, user: SteamId, request: u64, id: SteamId, allowed: bool) {
        let response = self.join_response(user, id, allowed);
        let already = self
            .lobbies
            .get(id)
            .is_some_and(|lobby| lobby.member(user).is_some());
        if response == JoinResponse::Success
            && !already
            && let Some(member) = self.new_member(user)
        {
            self.enter(id, member);
        }
        let snapshot = self
            .lobbies
            .get(id)
            .filter(|_| response == JoinResponse::Success)
            .cloned();
        self.tell(
            user,
            Event::Joined {
                request,
                lobby: id,
                response,
                snapshot,
            },
        );
    }

    fn join_response(&self, user: SteamId, id: SteamId, allowed: bool) -> JoinResponse {
        let Some(found) = self.users.get(&user) else {
            return JoinResponse::Error;
        };
        let Some(lobby) = self.visible(found.presence.app_id, id) else {
            return JoinResponse::DoesntExist;
        };
        let uninvited = lobby.kind == LobbyKind::Private && !lobby.invited.contains(&user);
        if lobby.member(user).is_some() {
            JoinResponse::Success
        } else if !allowed || self.has_no_room(user) {
            JoinResponse::RateLimitExceeded
        } else if !lobby.joinable || uninvited {
            JoinResponse::NotAllowed
        } else if lobby.open_slots() == 0 {
            JoinResponse::Full
        } else {
            JoinResponse::Success
        }
    }

    /// Makes a user a member and tells the others. The caller has checked that there is room.
    pub(super) fn enter(&mut self, id: SteamId, member: MemberSnapshot) {
        let user = member.user;
        let Some(version) = self.touch(id) else {
            return;
        };
        self.lobbies.update(id, |lobby| lobby.push_member(member));
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let (Some(member), Some(found)) = (lobby.members.last(), self.users.get_mut(&user)) else {
            return;
        };
        found.lobbies.insert(id);
        let event = Event::Entered {
            lobby: id,
            version,
            member: member.clone(),
        };
        let others: Vec<SteamId> = lobby
            .members
            .iter()
            .map(|member| member.user)
            .filter(|other| *other != user)
            .collect();
        for other in others {
            self.tell(other, event.clone());
        }
    }

    /// Takes a member out and tells the others.
    pub(super) fn leave(&mut self, user: SteamId, id: SteamId, state: u32) {
        if let Some(found) = self.users.get_mut(&user) {
            found.lobbies.remove(&id);
        }
        let left = self.lobbies.update(id, |lobby| {
            let was_member = lobby.member(user).is_some();
            was_member.then(|| (lobby.remove(user), lobby.owner))
        });
        let Some((is_empty, owner)) = left.flatten() else {
            return;
        };
        if is_empty {
            self.lobbies.remove(id);
            return;
        }
        if let Some(version) = self.touch(id) {
            self.tell_members(
                id,
                &Event::Left {
                    lobby: id,
                    version,
                    user,
                    state,
                    owner,
                },
            );
        }
    }

    pub(super) fn new_member(&self, user: SteamId) -> Option<MemberSnapshot> {
        let name = self.users.get(&user)?.presence.name.clone();
        Some(MemberSnapshot {
            user,
            name,
            data: BTreeMap::new(),
        })
    }

    pub(super) fn has_no_room(&self, user: SteamId) -> bool {
        self.users
            .get(&user)
            .is_none_or(|found| found.lobbies.len() >= MAX_LOBBIES_PER_USER)
    }
}
