//! What members change about their lobbies, and who may.

use samovar_id::SteamId;

use super::{Directory, STATE_LEFT};
use crate::limits::MAX_CHAT;
use crate::lobby::{LobbySnapshot, check_limit, count, set};
use crate::protocol::{Change, Event};

impl Directory {
    /// Carries out a member's change. What the rules do not allow changes nothing: the mirror has checked it, so only
    /// a client that is out of date, or lies, gets here with it.
    pub(super) fn change(&mut self, user: SteamId, id: SteamId, change: Change, allowed: bool) {
        if matches!(change, Change::Leave) {
            return self.leave(user, id, STATE_LEFT);
        }
        let Some(lobby) = self
            .lobbies
            .get_mut(&id)
            .filter(|lobby| lobby.member(user).is_some())
        else {
            return;
        };
        let owns = lobby.owner == user;
        match change {
            _ if !allowed => {}
            Change::Leave => {}
            Change::Data { key, value } => {
                if owns && set(&mut lobby.data, &key, &value) == Ok(true) {
                    self.announce(id, |version| Event::Data {
                        lobby: id,
                        version,
                        key,
                        value,
                    });
                }
            }
            Change::MemberData { key, value } => {
                let changed = lobby
                    .member_mut(user)
                    .map(|member| set(&mut member.data, &key, &value));
                if changed == Some(Ok(true)) {
                    self.announce(id, |version| Event::MemberData {
                        lobby: id,
                        version,
                        user,
                        key,
                        value,
                    });
                }
            }
            Change::Chat { seq, text } => {
                if !text.is_empty() && text.len() <= MAX_CHAT {
                    let instance = self
                        .users
                        .get(&user)
                        .map_or(0, |found| found.presence.instance);
                    self.tell_members(
                        id,
                        &Event::Chat {
                            lobby: id,
                            from: user,
                            instance,
                            seq,
                            text,
                        },
                    );
                }
            }
            Change::Invite(invitee) => self.invite(user, id, invitee),
            Change::Kind(kind) if owns => self.settle(id, |lobby| lobby.kind = kind),
            Change::Joinable(joinable) if owns => {
                self.settle(id, |lobby| lobby.joinable = joinable)
            }
            Change::Limit(limit) if owns && check_limit(limit).is_ok() => {
                self.settle(id, |lobby| {
                    lobby.limit = limit.max(count(lobby.members.len()))
                });
            }
            Change::Owner(owner) if owns && lobby.member(owner).is_some() => {
                self.settle(id, |lobby| lobby.owner = owner);
            }
            Change::GameServer(server) if owns => {
                self.settle(id, |lobby| lobby.game_server = Some(server))
            }
            Change::Kind(_)
            | Change::Joinable(_)
            | Change::Limit(_)
            | Change::Owner(_)
            | Change::GameServer(_) => {}
        }
    }

    fn announce(&mut self, id: SteamId, event: impl FnOnce(crate::lobby::Version) -> Event) {
        if let Some(version) = self.touch(id) {
            self.tell_members(id, &event(version));
        }
    }

    fn settle(&mut self, id: SteamId, change: impl FnOnce(&mut LobbySnapshot)) {
        let Some(lobby) = self.lobbies.get_mut(&id) else {
            return;
        };
        change(lobby);
        let Some(version) = self.touch(id) else {
            return;
        };
        let Some(lobby) = self.lobbies.get(&id) else {
            return;
        };
        let event = Event::Settings {
            lobby: id,
            version,
            kind: lobby.kind,
            joinable: lobby.joinable,
            limit: lobby.limit,
            owner: lobby.owner,
            game_server: lobby.game_server,
        };
        self.tell_members(id, &event);
    }

    fn invite(&mut self, from: SteamId, id: SteamId, invitee: SteamId) {
        let Some(lobby) = self.lobbies.get_mut(&id) else {
            return;
        };
        lobby.invite(invitee);
        let app_id = lobby.app_id;
        // Members hold copies of the lobby, and with them who is invited: a new directory must still let them in.
        self.announce(id, |version| Event::InvitedBy {
            lobby: id,
            version,
            user: invitee,
        });
        let reachable = self
            .users
            .get(&invitee)
            .is_some_and(|found| found.presence.app_id == app_id);
        let name = self
            .users
            .get(&from)
            .map(|found| found.presence.name.clone());
        if let Some(name) = name.filter(|_| reachable) {
            self.tell(
                invitee,
                Event::Invited {
                    from,
                    name,
                    lobby: id,
                    app_id,
                },
            );
        }
    }
}
