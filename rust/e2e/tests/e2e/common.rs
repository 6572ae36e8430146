//! What many scenarios do: lobbies made, joined and looked at.

use std::time::{Duration, Instant};

use samovar_e2e::{DEADLINE, Game, patience};
use serde_json::{Value, json};

/// `Steam.LobbyType`.
pub(crate) const PRIVATE: i64 = 0;
pub(crate) const FRIENDS_ONLY: i64 = 1;
pub(crate) const PUBLIC: i64 = 2;
pub(crate) const INVISIBLE: i64 = 3;

/// `Steam.ChatRoomEnterResponse`.
pub(crate) const SUCCESS: i64 = 1;
pub(crate) const DOESNT_EXIST: i64 = 2;
pub(crate) const NOT_ALLOWED: i64 = 3;
pub(crate) const FULL: i64 = 4;
pub(crate) const BANNED_FROM: i64 = 6;
pub(crate) const RATE_LIMIT_EXCEEDED: i64 = 15;

/// `Steam.ChatMemberStateChange`.
pub(crate) const ENTERED: i64 = 1;
pub(crate) const LEFT: i64 = 2;
pub(crate) const DISCONNECTED: i64 = 4;
pub(crate) const KICKED: i64 = 8;
pub(crate) const BANNED: i64 = 16;

/// `Steam.P2PSend`.
pub(crate) const P2P_UNRELIABLE: i64 = 0;
pub(crate) const P2P_UNRELIABLE_NO_DELAY: i64 = 1;
pub(crate) const P2P_RELIABLE: i64 = 2;
pub(crate) const P2P_RELIABLE_WITH_BUFFERING: i64 = 3;

/// `Steam.NETWORKING_SEND_RELIABLE`.
pub(crate) const SEND_RELIABLE: i64 = 8;

/// `Steam.Result`.
pub(crate) const RESULT_OK: i64 = 1;

/// The Steam ID of a user who is nobody here: an individual of the public universe, with an
/// instance that IDs of this network can have.
pub(crate) const NOBODY: i64 = (1 << 56) | (1 << 52) | (777 << 32) | 12_345;

/// A lobby ID that nobody made: type chat, with the lobby flag.
pub(crate) const NO_LOBBY: i64 = (1 << 56) | (8 << 52) | (0x40000 << 32) | 12_345;

/// Creates a lobby and waits until its creator is in it, in Steam's order.
pub(crate) fn create_lobby(game: &Game, kind: i64, max_members: i64) -> i64 {
    game.steam("createLobby", json!([kind, max_members]));
    let created = game.signal("lobby_created");
    assert_eq!(
        created.int(0),
        RESULT_OK,
        "lobby_created {:?}",
        created.args
    );
    let lobby = created.int(1);
    let joined = game.signal_where("lobby_joined", |args| args[0] == lobby);
    assert_eq!(
        joined.args,
        [json!(lobby), json!(0), json!(false), json!(SUCCESS)]
    );
    assert!(
        created.line < joined.line,
        "lobby_joined came before lobby_created"
    );
    lobby
}

/// Asks to join and returns the response.
pub(crate) fn join_response(game: &Game, lobby: i64) -> i64 {
    game.steam("joinLobby", json!([lobby]));
    game.signal_where("lobby_joined", |args| args[0] == lobby)
        .int(3)
}

/// Joins a lobby; it must work.
pub(crate) fn join_lobby(game: &Game, lobby: i64) {
    assert_eq!(join_response(game, lobby), SUCCESS, "{} joins", game.name());
}

/// The members that a game sees, in their order.
pub(crate) fn members(game: &Game, lobby: i64) -> Vec<i64> {
    let count = game.int("getNumLobbyMembers", json!([lobby]));
    (0..count)
        .map(|index| game.int("getLobbyMemberByIndex", json!([lobby, index])))
        .collect()
}

/// `Steam.PERSONA_CHANGE_COME_ONLINE`.
const CAME_ONLINE: i64 = 4;

/// Waits until a game knows of all of these friends, and takes the signals that tell it: they carry
/// nearly every flag, so that a later wait for a change of a name would be content with them.
pub(crate) fn befriend(games: &[&Game]) -> Vec<i64> {
    let ids: Vec<i64> = games.iter().map(|game| game.steam_id()).collect();
    for game in games {
        let me = game.steam_id();
        for id in ids.iter().filter(|id| **id != me) {
            until("a friend", DEADLINE, || {
                game.int("getFriendPersonaState", json!([id])) != 0
            });
            game.signal_where("persona_state_change", |args| {
                args[0] == *id
                    && args[1]
                        .as_i64()
                        .is_some_and(|flags| flags & CAME_ONLINE != 0)
            });
        }
    }
    ids
}

/// Waits until a game hears that `who` changed state in the lobby.
pub(crate) fn wait_change(game: &Game, lobby: i64, who: i64, state: i64) {
    game.signal_where("lobby_chat_update", |args| {
        args[0] == lobby && args[1] == who && args[3] == state
    });
}

/// The owner that a game sees.
pub(crate) fn owner(game: &Game, lobby: i64) -> i64 {
    game.int("getLobbyOwner", json!([lobby]))
}

/// One search with the filters set before; the lobbies found.
pub(crate) fn search(game: &Game) -> Vec<i64> {
    game.steam("requestLobbyList", json!([]));
    let list = game.signal("lobby_match_list");
    let lobbies = list.args[0].as_array().cloned().unwrap_or_default();
    lobbies.iter().filter_map(Value::as_i64).collect()
}

/// Searches again and again until `enough` is true of the lobbies found.
pub(crate) fn search_until(game: &Game, what: &str, enough: impl Fn(&[i64]) -> bool) -> Vec<i64> {
    let until = Instant::now() + patience(DEADLINE);
    loop {
        game.steam("addRequestLobbyListDistanceFilter", json!([3]));
        let found = search(game);
        if enough(&found) {
            return found;
        }
        assert!(
            Instant::now() < until,
            "{}: no {what}: {found:?}",
            game.name()
        );
    }
}

/// Asks again and again until `done`; for states that no signal announces.
pub(crate) fn until(what: &str, deadline: Duration, mut done: impl FnMut() -> bool) {
    let until = Instant::now() + patience(deadline);
    while !done() {
        assert!(Instant::now() < until, "never came: {what}");
    }
}

/// Sends one line of chat; it must be accepted.
pub(crate) fn say(game: &Game, lobby: i64, text: &str) {
    assert_eq!(
        game.steam("sendLobbyChatMsg", json!([lobby, text])),
        json!(true)
    );
}

/// Waits for a line of chat from `user`.
pub(crate) fn hear(game: &Game, lobby: i64, user: i64, text: &str) {
    game.signal_where("lobby_message", |args| {
        args[0] == lobby && args[1] == user && args[2] == text
    });
}

/// A lobby of `games[0]` with all the others in it, known to everyone.
pub(crate) fn lobby_of(games: &[&Game], max_members: i64) -> (i64, Vec<i64>) {
    let ids: Vec<i64> = games.iter().map(|game| game.steam_id()).collect();
    let lobby = create_lobby(games[0], PUBLIC, max_members);
    for (index, game) in games.iter().enumerate().skip(1) {
        join_lobby(game, lobby);
        for earlier in &games[..index] {
            wait_change(earlier, lobby, ids[index], ENTERED);
        }
    }
    for game in games {
        assert_eq!(members(game, lobby), ids, "as {} sees it", game.name());
    }
    (lobby, ids)
}

/// Sends one P2P packet with text; it must be accepted.
pub(crate) fn p2p(game: &Game, to: i64, text: &str, send_type: i64, channel: i64) {
    let data = samovar_e2e::text_bytes(text);
    assert_eq!(
        game.steam("sendP2PPacket", json!([to, data, send_type, channel])),
        json!(true),
        "sendP2PPacket({text:?})"
    );
}

/// Waits for a P2P packet with this text (the game must poll that channel) and checks its sender.
pub(crate) fn p2p_arrives(game: &Game, from: i64, text: &str, channel: i64) {
    let event = game.event_where("p2p", |data| {
        data["text"] == text && data["channel"] == channel
    });
    assert_eq!(event.data["remote_steam_id"], from);
    assert_eq!(event.data["steam_id_remote"], from);
}
