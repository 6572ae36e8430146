//! Users who come back to a lobby that they were in.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::{Directory, STATE_DISCONNECTED};
use crate::limits::MAX_MEMBERS;
use crate::lobby::{LobbySnapshot, MemberSnapshot};
use crate::proof::ProvedLobby;
use crate::protocol::{Change, Event, KickReason};

/// What a user brings of its own, in a lobby that it was in.
pub(super) struct Own {
    pub(super) data: BTreeMap<String, String>,
    /// Whether from another directory than this one.
    pub(super) is_foreign: bool,
    /// Whether it is let in because nothing shows who is right.
    pub(super) in_doubt: bool,
}

impl Directory {
    /// Lets a user who was in a lobby in again, and tells it how the lobby stands.
    pub(super) fn readmit(&mut self, user: SteamId, app_id: u32, id: SteamId, own: Option<Own>) {
        let kicked = self
            .users
            .get_mut(&user)
            .and_then(|found| found.kicked.remove(&id));
        let in_doubt = own.as_ref().is_some_and(|own| own.in_doubt);
        if in_doubt {
            self.make_room(user, id);
        }
        let lobby = self.lobbies.get(id);
        // Also when it was long ago, or in another directory: whoever is the owner now keeps it out.
        let banned = lobby
            .filter(|lobby| lobby.app_id == app_id && lobby.member(user).is_none())
            .filter(|lobby| lobby.banned.contains(&user) && !in_doubt)
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
            } else if may_enter
                && lobby.open_slots() > 0
                && (in_doubt || self.custodies.may_return(id, user))
            {
                member.data = own.data;
                self.enter(id, member);
            }
        }
        let is_member = |lobby: &ProvedLobby| lobby.snapshot.member(user).is_some();
        match self.proved(id).filter(is_member) {
            Some(lobby) => self.tell(user, Event::Resumed { lobby }),
            None => self.drop_member(user, id),
        }
    }

    /// A single claim does not keep out whoever makes another one, until somebody else says which is true: there is a place for
    /// it, if need be that of a member who has not come.
    fn make_room(&mut self, user: SteamId, id: SteamId) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        if lobby.member(user).is_some() || lobby.open_slots() > 0 {
            return;
        }
        if lobby.limit < MAX_MEMBERS {
            self.lobbies.update(id, |lobby| lobby.limit += 1);
            return;
        }
        let is_here = |other: SteamId| self.users.get(&other).is_some_and(|found| found.is_here());
        let members = lobby.members.iter().map(|member| member.user);
        let absent = members.rev().find(|other| !is_here(*other));
        if let Some(absent) = absent {
            self.leave(absent, id, STATE_DISCONNECTED);
        }
    }

    /// A member's own data as it brings them from another directory: nobody knows them better.
    fn refresh_data(&mut self, user: SteamId, id: SteamId, data: BTreeMap<String, String>) {
        let Some(known) = self.lobbies.get(id).and_then(|lobby| lobby.member(user)) else {
            return;
        };
        let gone = known.data.keys().filter(|key| !data.contains_key(*key));
        let gone: Vec<(String, String)> = gone.map(|key| (key.clone(), String::new())).collect();
        self.make_room_for_data(user, id, &data);
        let pairs: BTreeMap<String, String> = gone.into_iter().chain(data).collect();
        self.change(user, id, Change::MemberData(pairs));
    }

    /// What others say of members who have not come takes no room from what one says of itself.
    fn make_room_for_data(&mut self, user: SteamId, id: SteamId, data: &BTreeMap<String, String>) {
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let is_claim = |member: &MemberSnapshot| {
            let found = self.users.get(&member.user);
            !member.data.is_empty() && !found.is_some_and(|found| found.is_here())
        };
        let claims = lobby.members.iter().filter(|member| is_claim(member));
        let claims: Vec<SteamId> = claims.map(|member| member.user).collect();
        if claims.is_empty() || lobby.has_room_for_data_of(user, data) {
            return;
        }
        self.lobbies.update(id, |lobby| {
            for member in &mut lobby.members {
                if claims.contains(&member.user) {
                    member.data.clear();
                }
            }
        });
        self.touch(id);
        let _ = self.sign(id);
        self.tell_others_how_it_stands(user, id);
    }

    /// Tells a user that it is not in a lobby any more.
    pub(super) fn drop_member(&mut self, user: SteamId, lobby: SteamId) {
        let reason = KickReason::Disconnected;
        self.tell(user, Event::Kicked { lobby, reason });
    }
}

/// The owner may be another than the one who did it.
pub(super) fn banned_by_owner(lobby: &LobbySnapshot) -> KickReason {
    KickReason::Kicked {
        by: lobby.owner,
        ban: true,
    }
}
