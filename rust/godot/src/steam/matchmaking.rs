//! Matchmaking: lobbies.

use std::net::Ipv4Addr;

use godot::builtin::{GString, VarDictionary, vdict};
use godot::global::godot_error;
use godot::meta::ToGodot;
use samovar_macros::api;
use samovar_steam::{GameServer, LobbyKind, refusal};

use super::networking::length;
use super::{Steam, arguments};

const INTERFACE: &str = "Matchmaking";

#[api]
impl Steam {
    /// Asks for a lobby with you in it. [param lobby_type] is a [enum LobbyType], [param max_members] 1 to 250.
    /// [signal lobby_created] follows, and then [signal lobby_joined].
    #[func]
    #[allow(non_snake_case)]
    fn createLobby(&self, lobby_type: i64, #[opt(default = 2)] max_members: i64) {
        const CALL: &str = "createLobby";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        let (Some(kind), Some(limit)) = (
            kind(CALL, lobby_type),
            arguments::number(CALL, "max_members", max_members),
        ) else {
            return self.refuse(CALL, &[]);
        };
        if let Err(error) = client.create_lobby(kind, limit) {
            godot_error!("{CALL}: {error}");
            let answer =
                [i64::from(refusal::lobby_created(error)), 0].map(|value| value.to_variant());
            self.answers().push(CALL, "lobby_created", answer.into());
        }
    }

    /// Asks to join a lobby. [signal lobby_joined] follows.
    #[func]
    #[allow(non_snake_case)]
    fn joinLobby(&self, steam_lobby_id: i64) {
        const CALL: &str = "joinLobby";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return self.refuse(CALL, &[steam_lobby_id.to_variant()]);
        };
        if let Err(error) = client.join_lobby(lobby) {
            godot_error!("{CALL}: {error}");
            let response = i64::from(refusal::lobby_joined(error));
            let answer = vec![
                steam_lobby_id.to_variant(),
                0_i64.to_variant(),
                false.to_variant(),
                response.to_variant(),
            ];
            self.answers().push(CALL, "lobby_joined", answer);
        }
    }

    /// Leaves a lobby, at once. A join of it that is not answered is called off, and answered with
    /// [constant CHAT_ROOM_ENTER_RESPONSE_ERROR].
    #[func]
    #[allow(non_snake_case)]
    fn leaveLobby(&self, steam_lobby_id: i64) {
        const CALL: &str = "leaveLobby";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) {
            arguments::done(CALL, client.leave_lobby(lobby));
        }
    }

    /// Invites a user to a lobby that you are in; [signal lobby_invite] reaches that user. Returns whether it was sent.
    #[func]
    #[allow(non_snake_case)]
    fn inviteUserToLobby(&self, steam_lobby_id: i64, steam_id_invitee: i64) -> bool {
        const CALL: &str = "inviteUserToLobby";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let (Some(lobby), Some(user)) = (
            arguments::lobby(CALL, steam_lobby_id),
            arguments::user(CALL, steam_id_invitee),
        ) else {
            return false;
        };
        arguments::done(CALL, client.invite_to_lobby(lobby, user))
    }

    /// How many members a lobby has, if you are in it or a search has found it; else 0.
    #[func]
    #[allow(non_snake_case)]
    fn getNumLobbyMembers(&self, steam_lobby_id: i64) -> i64 {
        const CALL: &str = "getNumLobbyMembers";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::known_lobby(CALL, steam_lobby_id)
            .map_or(0, |lobby| length(client.lobby_member_count(lobby)))
    }

    /// A member of a lobby that you are in, by index from 0; 0 when there is none.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyMemberByIndex(&self, steam_lobby_id: i64, member: i64) -> i64 {
        const CALL: &str = "getLobbyMemberByIndex";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        let Some(lobby) = arguments::known_lobby(CALL, steam_lobby_id) else {
            return 0;
        };
        usize::try_from(member)
            .ok()
            .and_then(|index| client.lobby_member(lobby, index))
            .map_or(0, |user| user.to_godot())
    }

    /// The value of a lobby's key, if you are in it or a search has found it; else empty.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyData(&self, steam_lobby_id: i64, key: GString) -> GString {
        const CALL: &str = "getLobbyData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return GString::new();
        };
        let Some(lobby) = arguments::known_lobby(CALL, steam_lobby_id) else {
            return GString::new();
        };
        GString::from(&client.lobby_data(lobby, &key.to_string()))
    }

    /// Sets a key of a lobby that you own, of at most 255 bytes, to a value of at most 8192; an empty value removes it.
    /// [signal lobby_data_update] follows for everybody in the lobby.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyData(&self, steam_lobby_id: i64, key: GString, value: GString) -> bool {
        const CALL: &str = "setLobbyData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return false;
        };
        arguments::done(
            CALL,
            client.set_lobby_data(lobby, &key.to_string(), &value.to_string()),
        )
    }

    /// All data of a lobby: a dictionary of 0, 1, 2, ... with index, key and value.
    #[func]
    #[allow(non_snake_case)]
    fn getAllLobbyData(&self, steam_lobby_id: i64) -> VarDictionary {
        const CALL: &str = "getAllLobbyData";
        let mut all = VarDictionary::new();
        let Some(client) = self.client(INTERFACE, CALL) else {
            return all;
        };
        let Some(lobby) = arguments::known_lobby(CALL, steam_lobby_id) else {
            return all;
        };
        for (index, (key, value)) in (0_i64..).zip(client.all_lobby_data(lobby)) {
            all.set(
                index,
                &vdict! { "index" => index, "key" => key.as_str(), "value" => value.as_str() },
            );
        }
        all
    }

    /// Removes a key of a lobby that you own.
    #[func]
    #[allow(non_snake_case)]
    fn deleteLobbyData(&self, steam_lobby_id: i64, key: GString) -> bool {
        const CALL: &str = "deleteLobbyData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return false;
        };
        arguments::done(CALL, client.delete_lobby_data(lobby, &key.to_string()))
    }

    /// The value of a member's key in a lobby that you are in; else empty.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyMemberData(&self, steam_lobby_id: i64, steam_id_user: i64, key: GString) -> GString {
        const CALL: &str = "getLobbyMemberData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return GString::new();
        };
        let (Some(lobby), Some(user)) = (
            arguments::known_lobby(CALL, steam_lobby_id),
            arguments::user(CALL, steam_id_user),
        ) else {
            return GString::new();
        };
        GString::from(&client.lobby_member_data(lobby, user, &key.to_string()))
    }

    /// Sets a key of your own in a lobby that you are in. [signal lobby_data_update] follows for everybody in it.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyMemberData(&self, steam_lobby_id: i64, key: GString, value: GString) {
        const CALL: &str = "setLobbyMemberData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) {
            arguments::done(
                CALL,
                client.set_lobby_member_data(lobby, &key.to_string(), &value.to_string()),
            );
        }
    }

    /// Says something to everybody in a lobby, at most 4096 bytes; [signal lobby_message] follows, for you as well.
    /// Returns whether it was sent.
    #[func]
    #[allow(non_snake_case)]
    fn sendLobbyChatMsg(&self, steam_lobby_id: i64, message_body: GString) -> bool {
        const CALL: &str = "sendLobbyChatMsg";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return false;
        };
        arguments::done(
            CALL,
            client.send_lobby_chat(lobby, &message_body.to_string()),
        )
    }

    /// Fetches the data of a lobby that you are not in; [signal lobby_data_update] follows. Returns whether it was asked.
    #[func]
    #[allow(non_snake_case)]
    fn requestLobbyData(&self, steam_lobby_id: i64) -> bool {
        const CALL: &str = "requestLobbyData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let is_asked = arguments::lobby(CALL, steam_lobby_id)
            .is_some_and(|lobby| arguments::done(CALL, client.request_lobby_data(lobby)));
        if !is_asked {
            self.refuse(CALL, &[steam_lobby_id.to_variant()]);
        }
        is_asked
    }

    /// Names the game server of a lobby that you own; [signal lobby_game_created] follows for everybody in it.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyGameServer(
        &self,
        steam_lobby_id: i64,
        #[opt(default = "0")] server_ip: GString,
        #[opt(default = 0)] server_port: i64,
        #[opt(default = 0)] steam_id_game_server: i64,
    ) {
        const CALL: &str = "setLobbyGameServer";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return;
        };
        let text = server_ip.to_string();
        let ip = if text.is_empty() || text == "0" {
            Ok(Ipv4Addr::UNSPECIFIED)
        } else {
            text.parse()
        };
        let (Ok(ip), Ok(port)) = (ip, u16::try_from(server_port)) else {
            let text = arguments::shown(&text);
            godot_error!("{CALL}: {text}:{server_port} is not an IPv4 address and a port");
            return;
        };
        let id = steam_id_game_server.cast_unsigned();
        arguments::done(
            CALL,
            client.set_lobby_game_server(lobby, GameServer { ip, port, id }),
        );
    }

    /// The game server of a lobby: ret, and when it is [code]true[/code] ip, port and id.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyGameServer(&self, steam_lobby_id: i64) -> VarDictionary {
        const CALL: &str = "getLobbyGameServer";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return VarDictionary::new();
        };
        let server = arguments::known_lobby(CALL, steam_lobby_id)
            .and_then(|lobby| client.lobby_game_server(lobby));
        match server {
            Some(server) => vdict! {
                "ret" => true,
                "ip" => &GString::from(&server.ip.to_string()),
                "port" => i64::from(server.port),
                "id" => server.id.cast_signed(),
            },
            None => vdict! { "ret" => false },
        }
    }

    /// Changes the most members of a lobby that you own, 1 to 250.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyMemberLimit(&self, steam_lobby_id: i64, max_members: i64) -> bool {
        const CALL: &str = "setLobbyMemberLimit";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
            return false;
        };
        let Some(limit) = arguments::number(CALL, "max_members", max_members) else {
            return false;
        };
        arguments::done(CALL, client.set_lobby_member_limit(lobby, limit))
    }

    /// The most members of a lobby, if you are in it or a search has found it; else 0.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyMemberLimit(&self, steam_lobby_id: i64) -> i64 {
        const CALL: &str = "getLobbyMemberLimit";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::known_lobby(CALL, steam_lobby_id)
            .map_or(0, |lobby| i64::from(client.lobby_member_limit(lobby)))
    }

    /// Changes who finds and joins a lobby that you own. [param lobby_type] is a [enum LobbyType].
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyType(&self, steam_lobby_id: i64, lobby_type: i64) -> bool {
        const CALL: &str = "setLobbyType";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let (Some(lobby), Some(kind)) = (
            arguments::lobby(CALL, steam_lobby_id),
            kind(CALL, lobby_type),
        ) else {
            return false;
        };
        arguments::done(CALL, client.set_lobby_type(lobby, kind))
    }

    /// Opens a lobby that you own to newcomers, or closes it, even to those who are invited.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyJoinable(&self, steam_lobby_id: i64, joinable: bool) -> bool {
        const CALL: &str = "setLobbyJoinable";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::lobby(CALL, steam_lobby_id)
            .is_some_and(|lobby| arguments::done(CALL, client.set_lobby_joinable(lobby, joinable)))
    }

    /// The owner of a lobby that you are in; else 0.
    #[func]
    #[allow(non_snake_case)]
    fn getLobbyOwner(&self, steam_lobby_id: i64) -> i64 {
        const CALL: &str = "getLobbyOwner";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::known_lobby(CALL, steam_lobby_id)
            .and_then(|lobby| client.lobby_owner(lobby))
            .map_or(0, |user| user.to_godot())
    }

    /// Makes another member the owner of a lobby that you own.
    #[func]
    #[allow(non_snake_case)]
    fn setLobbyOwner(&self, steam_lobby_id: i64, steam_id_new_owner: i64) -> bool {
        const CALL: &str = "setLobbyOwner";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        let (Some(lobby), Some(owner)) = (
            arguments::lobby(CALL, steam_lobby_id),
            arguments::user(CALL, steam_id_new_owner),
        ) else {
            return false;
        };
        arguments::done(CALL, client.set_lobby_owner(lobby, owner))
    }
}

fn kind(call: &str, lobby_type: i64) -> Option<LobbyKind> {
    let kind = LobbyKind::from_number(lobby_type);
    if kind.is_none() {
        godot_error!("{call}: lobby_type {lobby_type} is not 0 to 3");
    }
    kind
}
