//! A game whose main thread stands still, as while a level loads.

use std::time::{Duration, Instant};

use samovar_e2e::{Game, Scenario};
use serde_json::{Value, json};

use crate::common::{
    DISCONNECTED, LEFT, P2P_RELIABLE, RESULT_OK, SEND_RELIABLE, hear, lobby_of, members, p2p,
    p2p_arrives, say,
};

const STALL: Duration = Duration::from_secs(15);
/// Signals that say that something failed or somebody is gone.
const FAILURES: [&str; 6] = [
    "p2p_session_connect_fail",
    "network_messages_session_failed",
    "lobby_kicked",
    "steam_server_connect_failed",
    "steam_server_disconnected",
    "p2p_session_request",
];
/// Lines of chat are fewer than packets: a user may say 50 a second.
const PACKETS_A_LINE: usize = 10;

fn message(game: &Game, to: i64, text: &str) {
    let data = samovar_e2e::text_bytes(text);
    let sent = game.steam("sendMessageToUser", json!([to, data, SEND_RELIABLE, 0]));
    assert_eq!(sent, json!(RESULT_OK), "{text}");
}

/// The texts of all events of a name that begin with a word, in the order in which they came.
fn texts(game: &Game, event: &str, word: &str) -> Vec<String> {
    let lines = game.output().lines();
    let events = lines.iter().filter_map(|line| line.event.as_ref());
    events
        .filter(|found| found.name == event)
        .filter_map(|found| found.data["text"].as_str())
        .filter(|text| text.starts_with(word))
        .map(str::to_owned)
        .collect()
}

fn numbered(word: &str, count: usize) -> Vec<String> {
    (0..count)
        .map(|number| format!("{word} {number}"))
        .collect()
}

/// One of two in a lobby, with a session of each kind, stands still for 15 s while the other goes on talking.
fn stalls(stalled: &Game, busy: &Game, first: &Game, second: &Game) {
    let (lobby, _) = lobby_of(&[first, second], 2);
    let (stalled_id, busy_id) = (stalled.steam_id(), busy.steam_id());
    for game in [stalled, busy] {
        game.auto_accept(true);
        game.poll_p2p(&[0]);
        game.poll_messages(&[0]);
    }
    p2p(busy, stalled_id, "hello", P2P_RELIABLE, 0);
    p2p_arrives(stalled, busy_id, "hello", 0);
    message(busy, stalled_id, "hello");
    stalled.event_where("message", |data| data["text"] == "hello");
    let asked = stalled.all_signals("p2p_session_request").len();

    let began = Instant::now();
    let milliseconds = u64::try_from(STALL.as_millis()).expect("15 s");
    let stall = stalled.send(&json!({ "do": "stall", "ms": milliseconds }));
    stalled.event_where("call", |data| data["id"] == stall);
    // Each call waits for a frame of the busy game, so this is some twenty packets a second.
    let mut packets = 0_usize;
    while began.elapsed() < STALL {
        p2p(
            busy,
            stalled_id,
            &format!("packet {packets}"),
            P2P_RELIABLE,
            0,
        );
        message(busy, stalled_id, &format!("message {packets}"));
        if packets.is_multiple_of(PACKETS_A_LINE) {
            say(busy, lobby, &format!("line {}", packets / PACKETS_A_LINE));
        }
        packets += 1;
    }
    stalled.event_where("result", |data| data["id"] == stall);
    p2p(busy, stalled_id, "packets over", P2P_RELIABLE, 0);
    message(busy, stalled_id, "messages over");
    say(busy, lobby, "lines over");
    p2p_arrives(stalled, busy_id, "packets over", 0);
    stalled.event_where("message", |data| data["text"] == "messages over");
    hear(stalled, lobby, busy_id, "lines over");
    assert_eq!(
        texts(stalled, "p2p", "packet "),
        numbered("packet", packets)
    );
    assert_eq!(
        texts(stalled, "message", "message "),
        numbered("message", packets)
    );
    let lines: Vec<Value> = stalled
        .all_signals("lobby_message")
        .into_iter()
        .map(|signal| signal.args[2].clone())
        .filter(|text| text.as_str().is_some_and(|text| text.starts_with("line ")))
        .collect();
    assert_eq!(lines, numbered("line", packets.div_ceil(PACKETS_A_LINE)));

    // It can answer, and nobody has noticed anything.
    p2p(stalled, busy_id, "loaded", P2P_RELIABLE, 0);
    p2p_arrives(busy, stalled_id, "loaded", 0);
    for (game, other) in [(stalled, busy_id), (busy, stalled_id)] {
        game.barrier();
        for name in FAILURES {
            let before = if name == "p2p_session_request" && game.name() == stalled.name() {
                asked
            } else {
                0
            };
            let came = game.all_signals(name);
            assert_eq!(came.len(), before, "{}: {name} {came:?}", game.name());
        }
        let gone = game
            .all_signals("lobby_chat_update")
            .into_iter()
            .filter(|signal| [LEFT, DISCONNECTED].contains(&signal.int(3)))
            .count();
        assert_eq!(gone, 0, "{}", game.name());
        assert_eq!(members(game, lobby).len(), 2);
        let state = game.steam("getP2PSessionState", json!([other]));
        assert_eq!(state["connection_active"], 1, "{state}");
        let info = game.steam("getSessionConnectionInfo", json!([other, false, false]));
        assert_eq!(info["connection_state"], 3, "{info}");
    }
}

#[test]
fn a_stalled_game_loses_nobody() {
    let scenario = Scenario::new("stalled");
    let (ann, bob) = (scenario.player("ann"), scenario.player("bob"));
    stalls(&bob, &ann, &ann, &bob);
    scenario.finish([ann, bob]);
}

#[test]
fn a_stalled_game_that_hosts_the_directory_loses_nobody() {
    let scenario = Scenario::new("stalled_host");
    let (ann, bob) = (scenario.player("ann"), scenario.player("bob"));
    stalls(&ann, &bob, &ann, &bob);
    scenario.finish([ann, bob]);
}
