//! Matchmaking: lobbies.

use std::net::Ipv4Addr;

use godot::builtin::{Array, GString, VarArray, VarDictionary, vdict};
use godot::global::godot_error;
use godot::register::godot_api;
use samovar_steam::{Comparison, GameServer, LobbyKind};

use super::networking::length;
use super::{Steam, arguments};

const INTERFACE: &str = "Matchmaking";

#[godot_api(secondary)]
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
            return;
        };
        arguments::done(CALL, client.create_lobby(kind, limit));
    }

    /// Asks to join a lobby. [signal lobby_joined] follows.
    #[func]
    #[allow(non_snake_case)]
    fn joinLobby(&self, steam_lobby_id: i64) {
        const CALL: &str = "joinLobby";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) {
            arguments::done(CALL, client.join_lobby(lobby));
        }
    }

    /// Leaves a lobby, at once.
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

    /// Searches lobbies with the filters that were added since the last search. [signal lobby_match_list] follows. Only
    /// public and invisible lobbies that take newcomers and have room are found.
    #[func]
    #[allow(non_snake_case)]
    fn requestLobbyList(&self) {
        const CALL: &str = "requestLobbyList";
        if let Some(client) = self.client(INTERFACE, CALL) {
            arguments::done(CALL, client.request_lobby_list());
        }
    }

    /// For the next search: only lobbies whose value compares so, as text. [param comparison_type] is a
    /// [enum LobbyComparison].
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListStringFilter(
        &self,
        key_to_match: GString,
        value_to_match: GString,
        comparison_type: i64,
    ) {
        const CALL: &str = "addRequestLobbyListStringFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(comparison) = comparison(CALL, comparison_type) {
            let result = client.add_string_filter(
                &key_to_match.to_string(),
                &value_to_match.to_string(),
                comparison,
            );
            arguments::done(CALL, result);
        }
    }

    /// For the next search: only lobbies whose value compares so, as a number. [param comparison_type] is a
    /// [enum LobbyComparison].
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListNumericalFilter(
        &self,
        key_to_match: GString,
        value_to_match: i64,
        comparison_type: i64,
    ) {
        const CALL: &str = "addRequestLobbyListNumericalFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let (Some(comparison), Some(value)) = (
            comparison(CALL, comparison_type),
            value(CALL, value_to_match),
        ) {
            arguments::done(
                CALL,
                client.add_numerical_filter(&key_to_match.to_string(), value, comparison),
            );
        }
    }

    /// For the next search: lobbies whose value comes close to this number first. The filter that was added first
    /// matters most.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListNearValueFilter(&self, key_to_match: GString, value_to_be_close_to: i64) {
        const CALL: &str = "addRequestLobbyListNearValueFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(value) = value(CALL, value_to_be_close_to) {
            arguments::done(
                CALL,
                client.add_near_value_filter(&key_to_match.to_string(), value),
            );
        }
    }

    /// For the next search: only lobbies with at least so many open places.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListFilterSlotsAvailable(&self, slots_available: i64) {
        const CALL: &str = "addRequestLobbyListFilterSlotsAvailable";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(slots) = arguments::number(CALL, "slots_available", slots_available) {
            client.set_slots_filter(slots);
        }
    }

    /// For the next search: how far away, a [enum LobbyDistanceFilter]. All lobbies are near here.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListDistanceFilter(&self, distance_filter: i64) {
        const CALL: &str = "addRequestLobbyListDistanceFilter";
        if self.client(INTERFACE, CALL).is_some() && !(0..=3).contains(&distance_filter) {
            godot_error!("{CALL}: distance_filter {distance_filter} is not 0 to 3");
        }
    }

    /// For the next search: at most so many lobbies, 50 without it.
    #[func]
    #[allow(non_snake_case)]
    fn addRequestLobbyListResultCountFilter(&self, max_results: i64) {
        const CALL: &str = "addRequestLobbyListResultCountFilter";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return;
        };
        if let Some(count) = arguments::number(CALL, "max_results", max_results) {
            client.set_result_count_filter(count);
        }
    }

    /// How many members a lobby has, if you are in it or a search has found it; else 0.
    #[func]
    #[allow(non_snake_case)]
    fn getNumLobbyMembers(&self, steam_lobby_id: i64) -> i64 {
        const CALL: &str = "getNumLobbyMembers";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return 0;
        };
        arguments::lobby(CALL, steam_lobby_id)
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
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
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
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
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
        let Some(lobby) = arguments::lobby(CALL, steam_lobby_id) else {
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
            arguments::lobby(CALL, steam_lobby_id),
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

    /// Says something to everybody in a lobby, at most 4096 bytes; [signal lobby_message] follows, for you as well. The
    /// text ends at its first NUL. Returns whether it was sent.
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
        let text = message_body.to_string();
        let text = text.split('\0').next().unwrap_or_default();
        arguments::done(CALL, client.send_lobby_chat(lobby, text))
    }

    /// Fetches the data of a lobby that you are not in; [signal lobby_data_update] follows. Returns whether it was asked.
    #[func]
    #[allow(non_snake_case)]
    fn requestLobbyData(&self, steam_lobby_id: i64) -> bool {
        const CALL: &str = "requestLobbyData";
        let Some(client) = self.client(INTERFACE, CALL) else {
            return false;
        };
        arguments::lobby(CALL, steam_lobby_id)
            .is_some_and(|lobby| arguments::done(CALL, client.request_lobby_data(lobby)))
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
        let server = arguments::lobby(CALL, steam_lobby_id)
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
        arguments::lobby(CALL, steam_lobby_id)
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
        arguments::lobby(CALL, steam_lobby_id)
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

    /// No favourites yet: empty.
    #[func]
    #[allow(non_snake_case)]
    fn getFavoriteGames(&self) -> VarArray {
        let _ = self.client(INTERFACE, "getFavoriteGames");
        Array::new()
    }

    /// No favourites yet: nothing is added, and 0 is how many there are.
    #[func]
    #[allow(non_snake_case)]
    fn addFavoriteGame(
        &self,
        ip: GString,
        port: i64,
        query_port: i64,
        flags: i64,
        last_played: i64,
    ) -> i64 {
        let _ = (
            self.client(INTERFACE, "addFavoriteGame"),
            ip,
            port,
            query_port,
            flags,
            last_played,
        );
        0
    }

    /// No favourites yet: [code]false[/code], nothing was removed.
    #[func]
    #[allow(non_snake_case)]
    fn removeFavoriteGame(
        &self,
        app_id: i64,
        ip: GString,
        port: i64,
        query_port: i64,
        flags: i64,
    ) -> bool {
        let _ = (
            self.client(INTERFACE, "removeFavoriteGame"),
            app_id,
            ip,
            port,
            query_port,
            flags,
        );
        false
    }
}

fn kind(call: &str, lobby_type: i64) -> Option<LobbyKind> {
    let kind = LobbyKind::from_number(lobby_type);
    if kind.is_none() {
        godot_error!("{call}: lobby_type {lobby_type} is not 0 to 3");
    }
    kind
}

fn comparison(call: &str, comparison_type: i64) -> Option<Comparison> {
    let comparison = Comparison::from_number(comparison_type);
    if comparison.is_none() {
        godot_error!("{call}: comparison_type {comparison_type} is not -2 to 3");
    }
    comparison
}

fn value(call: &str, value: i64) -> Option<i32> {
    let valid = i32::try_from(value).ok();
    if valid.is_none() {
        godot_error!("{call}: {value} does not fit into 32 bits");
    }
    valid
}
