//! Who is told what.

use samovar_id::SteamId;
use samovar_lobby::Notice;

use super::super::User;
use super::{BANNED, KICKED, Reference};

impl Reference {
    pub(super) fn tell(&mut self, user: User, notice: Notice) {
        if self.people[user].online {
            self.told[user].push(notice);
        }
    }

    pub(super) fn tell_all(&mut self, id: SteamId, notice: &Notice) {
        let members = self.lobby(id).map(|lobby| lobby.members.clone());
        for (member, _) in members.unwrap_or_default() {
            self.tell(member, notice.clone());
        }
    }

    pub(super) fn tell_data(&mut self, lobby: SteamId, member: SteamId) {
        self.tell_all(lobby, &data_update(lobby, member));
    }

    pub(super) fn tell_joined(&mut self, user: User, lobby: SteamId, response: u32) {
        let found = self.lobby(lobby);
        let locked = response == 1 && found.is_some_and(|lobby| !lobby.joinable);
        self.tell(
            user,
            Notice::LobbyJoined {
                lobby,
                locked,
                response,
            },
        );
    }

    pub(super) fn tell_kicked(&mut self, user: User, lobby: SteamId, by: User, ban: bool) {
        let state = if ban { BANNED } else { KICKED };
        self.tell(user, self.chat_update(lobby, user, by, state));
        let (admin, due_to_disconnect) = (Some(self.id(by)), false);
        self.tell(
            user,
            Notice::LobbyKicked {
                lobby,
                admin,
                due_to_disconnect,
            },
        );
    }

    pub(super) fn tell_line(&mut self, to: User, lobby: SteamId, from: User, text: &str) {
        let (user, text) = (self.id(from), text.to_owned());
        self.tell(to, Notice::LobbyMessage { lobby, user, text });
    }

    pub(super) fn chat_update(
        &self,
        lobby: SteamId,
        changed: User,
        by: User,
        state: u32,
    ) -> Notice {
        Notice::LobbyChatUpdate {
            lobby,
            changed: self.id(changed),
            making_change: self.id(by),
            state,
        }
    }
}

pub(super) fn data_update(lobby: SteamId, member: SteamId) -> Notice {
    Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member,
    }
}

pub(super) fn server_notice(lobby: SteamId, port: u16) -> Notice {
    Notice::LobbyGameCreated {
        lobby,
        server: 0,
        ip: "0.0.0.0".to_owned(),
        port,
    }
}
