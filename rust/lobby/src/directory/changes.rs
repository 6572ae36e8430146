//! What members change about their lobbies, and who may.

use std::collections::BTreeMap;

use samovar_id::SteamId;

use super::{Directory, STATE_BANNED, STATE_KICKED, STATE_LEFT};
use crate::limits::{MAX_CHAT, MAX_KICKED};
use crate::lobby::LobbySnapshot;
use crate::protocol::{Change, Event, KickReason};

impl Directory {
    /// Carries out a member's change. What the rules do not allow changes nothing: the mirror has checked it, so only
    /// a client that is out of date, or lies, gets here with it.
    pub(super) fn change(&mut self, user: SteamId, id: SteamId, change: Change) {
        let lobby = self.lobbies.get(id);
        if lobby.is_none_or(|lobby| lobby.member(user).is_none()) {
            return;
        }
        match change {
            Change::Leave => self.leave(user, id, STATE_LEFT),
            Change::Chat { seq, text } => self.chat(user, id, seq, text),
            Change::Invite(invitee) => self.invite(user, id, invitee),
            Change::Kick { user: member, ban } => self.kick(user, id, member, ban),
            mut change => {
                if let Some(lobby) = lobby {
                    leave_out_what_is_so(&mut change, lobby, user);
                }
                if self.lobbies.apply(id, user, &change) == Ok(true) {
                    self.announce(user, id, change);
                }
            }
        }
    }

    fn announce(&mut self, user: SteamId, id: SteamId, change: Change) {
        let Some(version) = self.touch(id) else {
            return;
        };
        let Some(lobby) = self.lobbies.get(id) else {
            return;
        };
        let event = match change {
            Change::Data(mut pairs) => {
                pairs.retain(|key, value| is_so(&lobby.data, key, value));
                Event::Data {
                    lobby: id,
                    version,
                    pairs,
                }
            }
            Change::MemberData(mut pairs) => {
                if let Some(member) = lobby.member(user) {
                    pairs.retain(|key, value| is_so(&member.data, key, value));
                }
                Event::MemberData {
                    lobby: id,
                    version,
                    user,
                    pairs,
                }
            }
            Change::GameServer(server) => Event::GameServer {
                lobby: id,
                version,
                server,
            },
            _ => {
                let Some(seal) = self.sign(id) else { return };
                let Some(lobby) = self.lobbies.get(id) else {
                    return;
                };
                Event::Settings {
                    lobby: id,
                    version,
                    kind: lobby.kind,
                    joinable: lobby.joinable,
                    limit: lobby.limit,
                    owner: lobby.owner,
                    seal,
                }
            }
        };
        if !matches!(event, Event::MemberData { .. }) {
            self.custodies.changed(id);
        }
        let is_shown = matches!(event, Event::Settings { .. });
        self.tell_members(id, &event);
        if is_shown {
            self.show_lobby_of_members(id);
        }
    }

    /// Takes a member out for its owner, and tells everybody.
    fn kick(&mut self, owner: SteamId, id: SteamId, member: SteamId, ban: bool) {
        let change = Change::Kick { user: member, ban };
        if self.lobbies.apply(id, owner, &change) != Ok(true) {
            return;
        }
        if let Some(inviters) = self.inviters.get_mut(&id).filter(|_| ban) {
            inviters.banned(member);
        }
        let state = if ban { STATE_BANNED } else { STATE_KICKED };
        let reason = KickReason::Kicked { by: owner, ban };
        self.left(member, id, owner, state);
        let Some(found) = self.users.get_mut(&member) else {
            return;
        };
        // Also of who is here: the news may be lost with its link.
        if found.kicked.len() >= MAX_KICKED {
            found.kicked.pop_first();
        }
        found.kicked.insert(id, reason);
        if found.is_here() {
            self.tell(member, Event::Kicked { lobby: id, reason });
        }
    }

    fn chat(&mut self, from: SteamId, id: SteamId, seq: u64, text: String) {
        let Some(found) = self.users.get(&from) else {
            return;
        };
        if text.is_empty() || text.len() > MAX_CHAT {
            return;
        }
        let instance = found.presence.instance;
        let line = self.lobbies.update(id, |lobby| {
            lobby.line = lobby.line.saturating_add(1);
            lobby.line
        });
        let Some(line) = line else {
            return;
        };
        let event = Event::Chat {
            lobby: id,
            from,
            instance,
            seq,
            line,
            text,
        };
        self.tell_members(id, &event);
        self.keep(id, line, event);
    }

    fn invite(&mut self, from: SteamId, id: SteamId, invitee: SteamId) {
        if !invitee.is_individual() {
            return;
        }
        let inviters = self.inviters.entry(id).or_default();
        let invited = self.lobbies.update(id, |lobby| {
            let instead_of = inviters.invite(from, invitee, &lobby.invited);
            let is_news = lobby.invite(invitee, instead_of);
            (lobby.app_id, is_news.then_some(instead_of))
        });
        let Some((app_id, news)) = invited else {
            return;
        };
        if let Some(instead_of) = news
            && let Some(version) = self.touch(id)
        {
            // Members hold copies of the lobby, and with them who is invited: a new directory must still let them in.
            let event = Event::InvitedBy {
                lobby: id,
                version,
                user: invitee,
                instead_of,
            };
            self.tell_members(id, &event);
        }
        let reachable = self
            .users
            .get(&invitee)
            .is_some_and(|found| found.presence.app_id == app_id);
        let name = self
            .users
            .get(&from)
            .map(|found| found.presence.persona.name.clone());
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

/// Leaves out pairs that change nothing: nobody has to hear of them. What is no key is always missing.
fn leave_out_what_is_so(change: &mut Change, lobby: &LobbySnapshot, user: SteamId) {
    match change {
        Change::Data(pairs) => pairs.retain(|key, value| !is_so(&lobby.data, key, value)),
        Change::MemberData(pairs) => {
            if let Some(member) = lobby.member(user) {
                pairs.retain(|key, value| !is_so(&member.data, key, value));
            }
        }
        _ => {}
    }
}

/// Whether a key has this value, or is missing where the value is empty.
fn is_so(data: &BTreeMap<String, String>, key: &str, value: &str) -> bool {
    data.get(key).map_or("", String::as_str) == value
}
