//! Who is in a lobby: joining and leaving it.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::{Directory, STATE_DISCONNECTED};
use crate::limits::{MAX_INVISIBLE_LOBBIES, MAX_LOBBIES_PER_USER, MAX_REGULAR_LOBBIES};
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
        let snapshot = (response == JoinResponse::Success)
            .then(|| self.proved(id))
            .flatten();
        self.tell(
            user,
            Event::Joined {
                request,
                lobby: id,
                response,
                snapshot,
            },
        );
        if response == JoinResponse::Success {
            self.tell_who_is_away(user, id);
        }
    }

    fn join_response(&self, user: SteamId, id: SteamId, allowed: bool) -> JoinResponse {
        let Some(found) = self.users.get(&user) else {
            return JoinResponse::Error;
        };
        let Some(lobby) = self.visible(found.presence.app_id, id) else {
            return JoinResponse::DoesntExist;
        };
        let lets_in = match lobby.kind {
            LobbyKind::Public | LobbyKind::Invisible => true,
            LobbyKind::FriendsOnly => {
                let is_friend = |member: &MemberSnapshot| self.are_friends(user, member.user);
                lobby.invited.contains(&user) || lobby.members.iter().any(is_friend)
            }
            LobbyKind::Private => lobby.invited.contains(&user),
        };
        if lobby.member(user).is_some() {
            // It is told all of the lobby once more.
            if allowed {
                JoinResponse::Success
            } else {
                JoinResponse::RateLimitExceeded
            }
        } else if lobby.banned.contains(&user) {
            JoinResponse::Banned
        } else if !allowed || self.has_no_room(user, lobby.kind) {
            JoinResponse::RateLimitExceeded
        } else if !lobby.joinable || !lets_in {
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
        self.custodies.entered(id, user);
        let Some(seal) = self.sign(id) else { return };
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let (Some(member), Some(found)) = (lobby.members.last(), self.users.get_mut(&user)) else {
            return;
        };
        found.is_in(id);
        found.kicked.remove(&id);
        self.missed.entered(id, user, lobby.line);
        let event = Event::Entered {
            lobby: id,
            version,
            member: member.clone(),
            seal,
        };
        let others: Vec<SteamId> = lobby
            .members
            .iter()
            .map(|member| member.user)
            .filter(|other| *other != user)
            .collect();
        self.tell_all(others, event);
        self.show_lobby(user);
    }

    /// Takes a member out and tells the others.
    pub(super) fn leave(&mut self, user: SteamId, id: SteamId, state: u32) {
        let left = self.lobbies.update(id, |lobby| {
            let was_member = lobby.member(user).is_some();
            was_member.then(|| lobby.remove(user))
        });
        match left.flatten() {
            Some(_) => self.left(user, id, user, state),
            None => self.forget_membership(user, id),
        }
    }

    /// A user is no member any more: tells those who are.
    pub(super) fn left(&mut self, user: SteamId, id: SteamId, by: SteamId, state: u32) {
        self.forget_membership(user, id);
        if let Some(inviters) = self.inviters.get_mut(&id) {
            inviters.left(user);
        }
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        self.missed.left(id, user);
        self.custodies.left(id, user, state == STATE_DISCONNECTED);
        if lobby.members.is_empty() {
            self.remove_lobby(id);
            return;
        }
        let owner = lobby.owner;
        if let Some(version) = self.touch(id)
            && let Some(seal) = self.sign(id)
        {
            self.tell_members(
                id,
                &Event::Left {
                    lobby: id,
                    version,
                    user,
                    by,
                    state,
                    owner,
                    seal,
                },
            );
        }
    }

    pub(super) fn forget_membership(&mut self, user: SteamId, id: SteamId) {
        if let Some(found) = self.users.get_mut(&user) {
            found.is_out(id);
            self.show_lobby(user);
        }
    }

    pub(super) fn new_member(&self, user: SteamId) -> Option<MemberSnapshot> {
        let name = self.users.get(&user)?.presence.persona.name.clone();
        Some(MemberSnapshot {
            user,
            name,
            data: BTreeMap::new(),
            away_ms: None,
        })
    }

    /// Whether a user is in as many lobbies of this sort as it may be.
    pub(super) fn has_no_room(&self, user: SteamId, kind: LobbyKind) -> bool {
        let Some(found) = self.users.get(&user) else {
            return true;
        };
        let is_invisible = |kind: LobbyKind| kind == LobbyKind::Invisible;
        let alike = found
            .lobbies
            .iter()
            .filter_map(|id| self.lobbies.get(*id))
            .filter(|lobby| is_invisible(lobby.kind) == is_invisible(kind))
            .count();
        let most = if is_invisible(kind) {
            MAX_INVISIBLE_LOBBIES
        } else {
            MAX_REGULAR_LOBBIES
        };
        alike >= most || found.lobbies.len() >= MAX_LOBBIES_PER_USER
    }
}
