//! The lobby of a `SteamMultiplayerPeer`'s own, as the earlier GodotSteam MultiplayerPeer has it.

use samovar_e2e::{DEADLINE, Event, Game, text_bytes};
use serde_json::{Value, json};

use crate::common::{NO_LOBBY, until};
use crate::peer_common::{How, Play};

/// `SteamMultiplayerPeer.LobbyState`.
const NOT_CONNECTED: i64 = 0;
const HOSTING: i64 = 2;
const CLIENT: i64 = 4;

#[allow(clippy::needless_pass_by_value)] // call sites read better with json!([..]) inline
fn ask(game: &Game, method: &str, arguments: Value) -> Value {
    game.game("ask", json!([method, arguments]))
}

fn own(game: &Game, signal: &str) -> Event {
    game.event_where("own", |data| data["name"] == signal)
}

#[test]
fn a_peer_has_its_lobbys_signals_data_and_chat() {
    let mut play = Play::new("peer_own_lobby", How::Own, 2);
    play.everybody_joins();
    let lobby = play.what;
    let [host, client] = &play.games[..] else {
        unreachable!("there are two");
    };
    let joined = json!([lobby, 0, false, 1]);
    for (game, state) in [(host, HOSTING), (client, CLIENT)] {
        assert_eq!(own(game, "lobby_joined").data["args"], joined);
        assert_eq!(ask(game, "get_lobby_id", json!([])), lobby);
        assert_eq!(ask(game, "get_state", json!([])), state);
    }
    assert_eq!(ask(host, "set_lobby_data", json!(["mode", "duel"])), true);
    until("the data", DEADLINE, || {
        ask(client, "get_lobby_data", json!(["mode"])) == "duel"
    });
    let all = ask(client, "get_all_lobby_data", json!([]));
    assert_eq!(all, json!({ "mode": "duel" }));
    let text = text_bytes("hello");
    assert_eq!(ask(client, "send_direct_message", json!([text])), true);
    for game in [host, client] {
        let mut messages = Value::Null;
        until("the message", DEADLINE, || {
            messages = ask(game, "get_direct_messages", json!([]));
            messages.as_array().is_some_and(|all| !all.is_empty())
        });
        assert_eq!(messages[0]["steam_id"], client.steam_id());
        assert_eq!(messages[0]["message"]["size"], 5);
        assert_eq!(ask(game, "get_direct_messages", json!([])), json!([]));
    }
    // Nobody else gets in while it is closed to them.
    ask(host, "set_lobby_joinable", json!([false]));
    play.finish();
}

#[test]
fn a_second_lobby_is_there_at_once_after_the_first_is_closed() {
    let mut play = Play::new("peer_second_lobby", How::Own, 2);
    let first = play.what;
    for again in 0..3 {
        play.join(1, again > 0);
        play.games[1].game("close", json!([]));
        play.hears_of(0, "peer_disconnected", 1);
        play.ids[1] = 0;
        play.games[0].game("close", json!([]));
        assert_eq!(ask(&play.games[0], "get_state", json!([])), NOT_CONNECTED);
        assert_eq!(ask(&play.games[0], "get_lobby_id", json!([])), 0);
        // In the same frame as it were: nothing is waited for.
        play.host(true);
        assert_ne!(play.what, first);
    }
    play.finish();
}

#[test]
fn who_cannot_join_hears_why() {
    let play = Play::new("peer_no_lobby", How::Own, 2);
    let opened = play.games[1].game("open", json!(["own", false, NO_LOBBY, false]));
    assert_eq!(opened, 0);
    let joined = own(&play.games[1], "lobby_joined");
    assert_eq!(joined.data["args"][0], NO_LOBBY);
    assert_ne!(joined.data["args"][3], 1);
    play.hears(1, "connection_failed");
    assert_eq!(ask(&play.games[1], "get_state", json!([])), NOT_CONNECTED);
    play.finish();
}
