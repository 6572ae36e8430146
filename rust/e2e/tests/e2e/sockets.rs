//! NetworkingSockets: connections as games have them, with their signals and dictionaries.

use std::collections::BTreeSet;

use samovar_e2e::{DEADLINE, Game, Scenario, Signal, text_bytes};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::{NOBODY, RESULT_OK, SEND_RELIABLE, until};

/// `Steam.NetworkingConnectionState`.
const NONE: i64 = 0;
const CONNECTING: i64 = 1;
const FINDING_ROUTE: i64 = 2;
pub(crate) const CONNECTED: i64 = 3;
const CLOSED_BY_PEER: i64 = 4;
const PROBLEM: i64 = 5;
/// `Steam.Result`.
pub(crate) const NO_CONNECTION: i64 = 3;
pub(crate) const INVALID_PARAM: i64 = 8;
const INVALID_STATE: i64 = 11;
/// `Steam.NetworkingConfigValue`.
pub(crate) const TIMEOUT_INITIAL: i64 = 24;
pub(crate) const USER_DATA: i64 = 40;
pub(crate) const SYMMETRIC_CONNECT: i64 = 37;
/// `Steam.NETWORKING_CONNECTION_INFO_FLAG_LOOPBACK_BUFFERS`.
const LOOPBACK_BUFFERS: i64 = 4;
pub(crate) const NO_HANDLE: i64 = 4_000_000;

const CHANGED: &str = "network_connection_status_changed";

pub(crate) fn player(scenario: &Scenario, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/sockets.gd")
        .start();
    game.init(samovar_e2e::APP_ID);
    game
}

/// The next change of a connection to this state.
pub(crate) fn change(game: &Game, state: i64) -> Signal {
    game.signal_where(CHANGED, |args| args[1]["connection_state"] == state)
}

fn keys(value: &Value) -> BTreeSet<&str> {
    let value = value.as_object().expect("a Dictionary");
    value.keys().map(String::as_str).collect()
}

fn set<const N: usize>(keys: [&'static str; N]) -> BTreeSet<&'static str> {
    keys.into_iter().collect()
}

/// Asks for a connection, which the other accepts by hand. Both handles.
pub(crate) fn open(from: &Game, to: &Game, port: i64) -> (i64, i64) {
    let one = from.int("connectP2P", json!([to.steam_id(), port, {}]));
    let asked = change(to, CONNECTING).int(0);
    assert_eq!(to.int("acceptConnection", json!([asked])), RESULT_OK);
    assert_eq!(change(from, CONNECTED).int(0), one);
    assert_eq!(change(to, CONNECTED).int(0), asked);
    (one, asked)
}

pub(crate) fn send(game: &Game, connection: i64, text: &str) -> Value {
    let message = text_bytes(text);
    game.steam(
        "sendMessageToConnection",
        json!([connection, message, SEND_RELIABLE]),
    )
}

/// The next message of a connection.
pub(crate) fn receive(game: &Game, connection: i64) -> Value {
    let mut found = Value::Null;
    until("a message", DEADLINE, || {
        let got = game.steam("receiveMessagesOnConnection", json!([connection, 1]));
        found = got[0].clone();
        !found.is_null()
    });
    found
}

pub(crate) fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

#[test]
fn a_connection_is_made_used_and_closed_with_a_reason() {
    let scenario = Scenario::new("sockets");
    let (ann, bob) = (player(&scenario, "ann"), player(&scenario, "bob"));
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    let listen = bob.int("createListenSocketP2P", json!([3, {}]));
    assert!(listen > 0);
    assert_eq!(bob.steam("getListenSocketAddress", json!([listen])), "");
    let (one, asked) = {
        let one = ann.int("connectP2P", json!([bob_id, 3, {}]));
        let begun = change(&ann, CONNECTING);
        assert_eq!((begun.int(0), begun.int(2)), (one, NONE));
        assert_eq!(begun.args[1]["identity"], bob_id);
        assert_eq!(begun.args[1]["listen_socket"], 0);
        let asked = change(&bob, CONNECTING);
        assert_eq!(asked.int(2), NONE);
        assert_eq!(asked.args[1]["identity"], ann_id);
        assert_eq!(asked.args[1]["listen_socket"], listen);
        assert_eq!(asked.args[1]["user_data"], -1);
        let wanted = set([
            "identity",
            "user_data",
            "listen_socket",
            "remote_address",
            "remote_pop",
            "pop_relay",
            "connection_state",
            "end_reason",
            "end_debug",
            "debug_description",
        ]);
        assert_eq!(keys(&asked.args[1]), wanted);
        (one, asked.int(0))
    };
    // What is sent early goes when it is open; who is asked has to answer first.
    assert_eq!(
        send(&ann, one, "early"),
        json!({ "result": RESULT_OK, "message_number": 1 })
    );
    assert_eq!(send(&bob, asked, "x")["result"], INVALID_STATE);
    assert_eq!(bob.int("acceptConnection", json!([asked])), RESULT_OK);
    assert_eq!(bob.int("acceptConnection", json!([asked])), INVALID_STATE);
    for (game, handle) in [(&ann, one), (&bob, asked)] {
        for (state, old) in [(FINDING_ROUTE, CONNECTING), (CONNECTED, FINDING_ROUTE)] {
            let change = change(game, state);
            assert_eq!((change.int(0), change.int(2)), (handle, old));
        }
    }
    assert_eq!(
        bob.steam("setConnectionUserData", json!([asked, 1_i64 << 40])),
        json!(true)
    );
    assert_eq!(bob.int("getConnectionUserData", json!([asked])), 1 << 40);
    let early = receive(&bob, asked);
    assert_eq!(early["payload"]["hex"], hex("early"));
    for (key, wanted) in [
        ("size", json!(5)),
        ("connection", json!(asked)),
        ("identity", json!(ann_id)),
        ("receiver_user_data", json!(1_i64 << 40)),
        ("message_number", json!(1)),
        ("flags", json!(SEND_RELIABLE)),
        ("channel", json!(0)),
        ("sender_user_data", json!(0)),
        ("user_data", json!(1_i64 << 40)),
    ] {
        assert_eq!(early[key], wanted, "{key}");
    }
    assert!(early["time_received"].as_i64() > Some(0));

    ann.steam("setConnectionName", json!([one, "the server"]));
    assert_eq!(ann.steam("getConnectionName", json!([one])), "the server");
    let info = ann.steam("getConnectionInfo", json!([one]));
    assert_eq!(info["connection_state"], CONNECTED);
    assert_eq!(info["remote_address"], "127.0.0.1");
    assert_eq!(info["info_flags"], 0);
    let description = info["debug_description"].as_str().unwrap_or_default();
    assert!(description.contains("the server"), "{description}");
    let detail = ann.steam("getDetailedConnectionStatus", json!([one]));
    assert_eq!(detail["success"], 0);
    let detail = detail["status"].as_str().unwrap_or_default();
    for wanted in ["State: connected", "Current rates:", "Ping:", "Pending:"] {
        assert!(detail.contains(wanted), "{detail}");
    }
    let status = ann.steam("getConnectionRealTimeStatus", json!([one, 1]));
    assert_eq!(status["response"], RESULT_OK);
    let wanted = set([
        "state",
        "ping",
        "local_quality",
        "remote_quality",
        "packets_out_per_second",
        "bytes_out_per_second",
        "packets_in_per_second",
        "bytes_in_per_second",
        "send_rate",
        "pending_unreliable",
        "pending_reliable",
        "sent_unacknowledged_reliable",
        "queue_time",
    ]);
    assert_eq!(keys(&status["connection_status"]), wanted);
    assert_eq!(status["connection_status"]["state"], CONNECTED);
    let wanted = set([
        "pending_unreliable",
        "pending_reliable",
        "sent_unacknowledged_reliable",
        "queue_time",
    ]);
    assert_eq!(keys(&status["lanes_status"][0]), wanted);
    let status = ann.steam("getConnectionRealTimeStatus", json!([one, 0, false]));
    assert_eq!(
        status,
        json!({ "response": RESULT_OK, "connection_status": {}, "lanes_status": [] })
    );
    assert_eq!(
        ann.int("flushMessagesOnConnection", json!([one])),
        RESULT_OK
    );

    // The last word arrives ahead of the end, which says why.
    send(&ann, one, "bye");
    let closed = ann.steam("closeConnection", json!([one, 1007, "done", true]));
    assert_eq!(closed, json!(true));
    assert_eq!(ann.steam("getConnectionInfo", json!([one])), json!({}));
    let ended = change(&bob, CLOSED_BY_PEER);
    assert_eq!((ended.int(0), ended.int(2)), (asked, CONNECTED));
    assert_eq!(ended.args[1]["end_reason"], 1007);
    assert_eq!(ended.args[1]["end_debug"], "done");
    assert_eq!(receive(&bob, asked)["payload"]["hex"], hex("bye"));
    assert_eq!(send(&bob, asked, "x")["result"], NO_CONNECTION);
    let closed = bob.steam("closeConnection", json!([asked, 0, "", false]));
    assert_eq!(closed, json!(true));
    assert_eq!(bob.steam("closeListenSocket", json!([listen])), json!(true));
    scenario.finish([ann, bob]);
}

#[test]
fn a_server_lets_clients_in_and_answers_by_its_poll_group() {
    let scenario = Scenario::new("sockets_server");
    let (server, ann, bob) = (
        player(&scenario, "server"),
        player(&scenario, "ann"),
        player(&scenario, "bob"),
    );
    let id = server.steam_id();
    assert!(server.game("serve", json!([])).as_i64() > Some(0));
    for (game, text) in [(&ann, "I am Ann"), (&bob, "I am Bob")] {
        let one = game
            .game("connect_to", json!([id]))
            .as_i64()
            .expect("a handle");
        assert_eq!(change(game, CONNECTED).int(0), one);
        // Several at once; each has its number.
        let numbers = game.game("send_all", json!([one, [text, "and more"]]));
        assert_eq!(numbers, json!([1, 2]));
        assert_eq!(
            receive(game, one)["payload"]["hex"],
            hex(&format!("echo {text}"))
        );
        assert_eq!(receive(game, one)["payload"]["hex"], hex("echo and more"));
        game.steam("closeConnection", json!([one, 1000, "", true]));
        change(&server, CLOSED_BY_PEER);
        // The server's handler has closed its end too.
        change(&server, NONE);
    }
    let heard = server
        .command(&json!({ "do": "get", "name": "heard" }))
        .value;
    assert_eq!(heard.as_array().map(Vec::len), Some(4));
    scenario.finish([server, ann, bob]);
}

#[test]
fn a_connection_is_refused_with_a_reason_or_fails_in_time() {
    let scenario = Scenario::new("sockets_refused");
    let (ann, bob) = (player(&scenario, "ann"), player(&scenario, "bob"));
    let bob_id = bob.steam_id();
    let listen = bob.int("createListenSocketP2P", json!([0, {}]));
    let one = ann.int("connectP2P", json!([bob_id, 0, {}]));
    let asked = change(&bob, CONNECTING).int(0);
    bob.steam("closeConnection", json!([asked, 2001, "full", false]));
    let refused = change(&ann, CLOSED_BY_PEER);
    assert_eq!((refused.int(0), refused.int(2)), (one, CONNECTING));
    assert_eq!(refused.args[1]["end_reason"], 2001);
    assert_eq!(refused.args[1]["end_debug"], "full");

    // A reason that no game has.
    ann.int("connectP2P", json!([bob_id, 0, {}]));
    let asked = change(&bob, CONNECTING).int(0);
    bob.steam("closeConnection", json!([asked, 5, "x", false]));
    assert_eq!(change(&ann, CLOSED_BY_PEER).args[1]["end_reason"], 1999);

    // The end of a listen socket ends what came by it.
    let (one, _) = open(&ann, &bob, 0);
    bob.steam("closeListenSocket", json!([listen]));
    assert_eq!(change(&ann, CLOSED_BY_PEER).int(0), one);

    // Nobody listens: it fails after the time that it was given, in both forms.
    for (older, user_data) in [(false, 1_i64 << 50), (true, -7)] {
        let started = samovar_e2e::unix_time();
        let one = ann
            .game("connect_with", json!([bob_id, 99, 1500, user_data, older]))
            .as_i64()
            .expect("a handle");
        assert_eq!(ann.int("getConnectionUserData", json!([one])), user_data);
        let failed = change(&ann, PROBLEM);
        assert_eq!(failed.int(0), one);
        assert_eq!(failed.args[1]["end_reason"], 5003);
        assert_eq!(failed.args[1]["user_data"], user_data);
        let took = failed.at - started;
        assert!((1.4..8.0).contains(&took), "{took} s");
    }
    scenario.finish([ann, bob]);
}

#[test]
fn both_may_ask_and_get_one_connection() {
    let scenario = Scenario::new("sockets_symmetric");
    let (ann, bob) = (player(&scenario, "ann"), player(&scenario, "bob"));
    let both = [(&ann, bob.steam_id()), (&bob, ann.steam_id())];
    let handles = both.map(|(game, other)| {
        let handle = game.game("meet", json!([other]));
        handle.as_i64().expect("a handle")
    });
    for ((game, _), handle) in both.iter().zip(handles) {
        assert_eq!(change(game, CONNECTED).int(0), handle);
        send(game, handle, "hello");
    }
    for ((game, _), handle) in both.iter().zip(handles) {
        assert_eq!(receive(game, handle)["payload"]["hex"], hex("hello"));
        let states = game
            .command(&json!({ "do": "get", "name": "states" }))
            .value;
        let of: BTreeSet<i64> = states
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(|state| state[0].as_i64())
            .collect();
        assert_eq!(of, BTreeSet::from([handle]), "one connection alone");
    }
    scenario.finish([ann, bob]);
}

#[test]
fn a_pair_is_connected_within_the_game() {
    let scenario = Scenario::new("sockets_pair");
    let game = player(&scenario, "ann");
    let pair = game.steam("createSocketPair", json!([false, 0, NOBODY]));
    assert_eq!(pair["success"], json!(true));
    let [one, two] = ["connection1", "connection2"].map(|key| pair[key].as_i64().unwrap_or(0));
    assert!(one > 0 && two > 0 && one != two);
    for (handle, with) in [(one, NOBODY), (two, game.steam_id())] {
        let info = game.steam("getConnectionInfo", json!([handle]));
        assert_eq!(info["connection_state"], CONNECTED);
        assert_eq!(info["identity"], with);
        assert_eq!(info["info_flags"], LOOPBACK_BUFFERS);
    }
    send(&game, one, "there");
    send(&game, two, "and back");
    assert_eq!(receive(&game, two)["payload"]["hex"], hex("there"));
    assert_eq!(receive(&game, one)["payload"]["hex"], hex("and back"));
    game.steam("closeConnection", json!([one, 1000, "enough", false]));
    assert_eq!(change(&game, CLOSED_BY_PEER).int(0), two);
    game.finish();
}

#[test]
fn what_is_no_connection_is_silently_none_and_mistakes_are_named() {
    let scenario = Scenario::new("sockets_wrong");
    let game = player(&scenario, "ann");
    for handle in [0, -1, NO_HANDLE, i64::MAX] {
        for (name, args, wanted) in [
            ("acceptConnection", json!([handle]), json!(INVALID_PARAM)),
            (
                "closeConnection",
                json!([handle, 0, "", false]),
                json!(false),
            ),
            ("closeListenSocket", json!([handle]), json!(false)),
            ("destroyPollGroup", json!([handle]), json!(false)),
            (
                "flushMessagesOnConnection",
                json!([handle]),
                json!(INVALID_PARAM),
            ),
            ("getConnectionInfo", json!([handle]), json!({})),
            ("getConnectionName", json!([handle]), json!("")),
            ("getConnectionUserData", json!([handle]), json!(-1)),
            ("getListenSocketAddress", json!([handle]), json!("")),
            ("receiveMessagesOnConnection", json!([handle, 1]), json!([])),
            ("receiveMessagesOnPollGroup", json!([handle, 1]), json!([])),
            ("setConnectionPollGroup", json!([handle, 0]), json!(false)),
            ("setConnectionUserData", json!([handle, 1]), json!(false)),
            (
                "getConnectionRealTimeStatus",
                json!([handle, 0]),
                json!({ "response": NO_CONNECTION, "connection_status": {}, "lanes_status": [] }),
            ),
            (
                "getDetailedConnectionStatus",
                json!([handle]),
                json!({ "success": -1, "status": "" }),
            ),
            (
                "sendMessageToConnection",
                json!([handle, text_bytes("x"), 8]),
                json!({ "result": INVALID_PARAM, "message_number": 0 }),
            ),
            (
                "sendMessages",
                json!([handle, [text_bytes("x"), text_bytes("y")], 8]),
                json!([-INVALID_PARAM, -INVALID_PARAM]),
            ),
            // As it was ordered up to 4.11.
            (
                "sendMessages",
                json!([[text_bytes("x")], handle, 8]),
                json!([-INVALID_PARAM]),
            ),
        ] {
            assert_eq!(game.steam(name, args), wanted, "{name} {handle}");
        }
    }
    let me = game.steam_id();
    assert!(game.int("createListenSocketP2P", json!([5, {}])) > 0);
    let pair = game.steam("createSocketPair", json!([false, 0, 0]));
    let one = pair["connection1"].as_i64().unwrap_or(0);
    all_refused(
        &game,
        &[
            ("createListenSocketP2P", json!([5, {}]), json!(0)),
            ("createListenSocketP2P", json!([-1, {}]), json!(0)),
            ("createListenSocketP2P", json!([6, [[24, 1]]]), json!(0)),
            (
                "createListenSocketP2P",
                json!([6, [[4711, 1, 1]]]),
                json!(0),
            ),
            ("createListenSocketP2P", json!([6, [[24, 1, []]]]), json!(0)),
            ("createListenSocketP2P", json!([6, "none"]), json!(0)),
            ("connectP2P", json!([12, 0, {}]), json!(0)),
            ("connectP2P", json!([NOBODY, -5, {}]), json!(0)),
            ("connectP2P", json!([me, 1, {}]), json!(0)),
            ("receiveMessagesOnConnection", json!([one, -1]), json!([])),
            (
                "sendMessages",
                json!([one, ["text", 3], 8]),
                json!([-INVALID_PARAM, -INVALID_PARAM]),
            ),
            (
                "sendMessageToConnection",
                json!([one, samovar_e2e::bytes(524_289, 1), 8]),
                json!({ "result": INVALID_PARAM, "message_number": 0 }),
            ),
            (
                "createSocketPair",
                json!([false, 12, 0]),
                json!({ "success": false, "connection1": 0, "connection2": 0 }),
            ),
            ("resetIdentity", json!([NOBODY]), Value::Null),
        ],
    );
    for (key, value) in [
        (json!(4711), json!(1)),
        (json!("37"), json!(1)),
        (json!(24), json!([])),
    ] {
        let reply = game.command(&json!({
            "do": "game", "name": "connect_wrongly", "args": [NOBODY, key, value],
        }));
        assert_eq!(reply.value, json!(0), "{key}");
        assert_eq!(reply.errors.len(), 1, "{key}: {:?}", reply.errors);
        game.expect_error(&reply.errors[0]);
    }
    game.steam("resetIdentity", json!([me]));

    // Nothing is to be waited for.
    assert_eq!(game.int("initAuthentication", json!([])), 100);
    let status = game.signal("network_authentication_status");
    assert_eq!(status.args, [json!(100), json!("OK")]);
    assert_eq!(game.int("getAuthenticationStatus", json!([])), 100);
    game.steam("beginAsyncRequestFakeIP", json!([1]));
    let none = game.signal("fake_ip_result");
    assert_eq!(none.args, [json!(2), json!(0), json!(""), json!([])]);
    game.finish();
}
