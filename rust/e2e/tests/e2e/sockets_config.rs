//! NetworkingSockets: lanes, and what is configured of one connection, of a listen socket, or of all.

use samovar_e2e::{Game, Scenario};
use serde_json::{Value, json};

use crate::bad_input::all_refused;
use crate::common::RESULT_OK;
use crate::sockets::{
    CONNECTED, INVALID_PARAM, NO_CONNECTION, NO_HANDLE, SYMMETRIC_CONNECT, TIMEOUT_INITIAL,
    USER_DATA, change, hex, open, player, receive, send,
};

/// `Steam.NetworkingConfigValue`.
const NAGLE_TIME: i64 = 12;
const LAG_SEND: i64 = 4;
/// `Steam.NetworkingConfigScope`.
const LISTEN_SOCKET: i64 = 3;
const CONNECTION: i64 = 4;

#[test]
fn lanes_are_configured_and_each_has_a_status() {
    let scenario = Scenario::new("sockets_lanes");
    let (ann, bob) = (player(&scenario, "ann"), player(&scenario, "bob"));
    bob.int("createListenSocketP2P", json!([1, {}]));
    let (one, asked) = open(&ann, &bob, 1);
    let lanes = |lanes: Value| ann.int("configureConnectionLanes", lanes);
    assert_eq!(lanes(json!([one, 3, [0, 1, 1], [1, 3, 1]])), RESULT_OK);
    let status = ann.steam("getConnectionRealTimeStatus", json!([one, 3, true]));
    assert_eq!(status["lanes_status"].as_array().map(Vec::len), Some(3));
    let more = ann.steam("getConnectionRealTimeStatus", json!([one, 4, true]));
    assert_eq!(more["response"], INVALID_PARAM);
    let detail = ann.steam("getDetailedConnectionStatus", json!([one]));
    assert!(
        detail["status"]
            .as_str()
            .unwrap_or_default()
            .contains("Lane 2:")
    );
    // As many as there are or more, all alike.
    assert_eq!(lanes(json!([one, 2, [], []])), INVALID_PARAM);
    assert_eq!(lanes(json!([one, 4, [], []])), RESULT_OK);
    // Arrays that a script has typed are as good.
    assert_eq!(
        ann.game("typed_lanes", json!([one, [2, 1, 1, 1]])),
        RESULT_OK
    );
    let refused = ann.command(&json!({
        "do": "game", "name": "typed_lanes", "args": [one, [0, 1, 1, 1]],
    }));
    assert_eq!(refused.value, INVALID_PARAM);
    for error in &refused.errors {
        ann.expect_error(error);
    }
    assert_eq!(lanes(json!([NO_HANDLE, 4, [], []])), NO_CONNECTION);
    send(&ann, one, "still");
    assert_eq!(receive(&bob, asked)["payload"]["hex"], hex("still"));
    all_refused(
        &ann,
        &[
            (
                "configureConnectionLanes",
                json!([one, 64, [], []]),
                json!(INVALID_PARAM),
            ),
            (
                "configureConnectionLanes",
                json!([one, 4, [1, 2], []]),
                json!(INVALID_PARAM),
            ),
            (
                "configureConnectionLanes",
                json!([one, 4, [], [1, 1, 0, 1]]),
                json!(INVALID_PARAM),
            ),
            (
                "configureConnectionLanes",
                json!([one, 4, ["first", 1, 1, 1], []]),
                json!(INVALID_PARAM),
            ),
        ],
    );
    scenario.finish([ann, bob]);
}

#[test]
fn a_value_is_of_one_connection_of_a_listen_socket_or_of_all() {
    let scenario = Scenario::new("sockets_config");
    let (ann, bob) = (player(&scenario, "ann"), player(&scenario, "bob"));
    let listen = bob
        .game("serve", json!([]))
        .as_i64()
        .expect("a listen socket");
    let one = ann
        .game("connect_with", json!([bob.steam_id(), 7, 2500, 9, false]))
        .as_i64()
        .expect("a handle");
    let asked = change(&bob, CONNECTED).int(0);
    let get = |game: &Game, value: i64, scope: i64, of: i64| {
        let got = game.steam("getConfigValue", json!([value, scope, of]));
        let hex = got["value"]["hex"].as_str().unwrap_or_default().to_owned();
        (
            got["result"].as_i64().unwrap_or(0),
            got["type"].as_i64().unwrap_or(0),
            hex,
        )
    };
    let whole = |value: i32| {
        value
            .to_le_bytes()
            .map(|byte| format!("{byte:02x}"))
            .concat()
    };
    let long = |value: i64| {
        value
            .to_le_bytes()
            .map(|byte| format!("{byte:02x}"))
            .concat()
    };
    assert_eq!(
        get(&ann, TIMEOUT_INITIAL, CONNECTION, one),
        (1, 1, whole(2500))
    );
    assert_eq!(get(&ann, USER_DATA, CONNECTION, one), (1, 2, long(9)));
    assert_eq!(
        get(&ann, SYMMETRIC_CONNECT, CONNECTION, one),
        (1, 1, whole(0))
    );
    assert_eq!(get(&ann, NAGLE_TIME, CONNECTION, one), (2, 1, whole(5000)));
    let set = |game: &Game, of: i64, value: i64, to: i64| {
        game.steam("setConnectionConfigValueInt32", json!([of, value, to]))
    };
    assert_eq!(set(&ann, one, NAGLE_TIME, 1000), json!(true));
    assert_eq!(get(&ann, NAGLE_TIME, CONNECTION, one), (1, 1, whole(1000)));
    assert_eq!(get(&ann, NAGLE_TIME, 1, 0), (1, 1, whole(5000)));
    let by_text = ann.steam(
        "setConnectionConfigValueString",
        json!([one, USER_DATA, "12"]),
    );
    assert_eq!(by_text, json!(true));
    assert_eq!(ann.int("getConnectionUserData", json!([one])), 12);
    assert_eq!(
        get(&bob, NAGLE_TIME, LISTEN_SOCKET, listen),
        (2, 1, whole(5000))
    );
    assert_eq!(get(&bob, USER_DATA, CONNECTION, asked), (1, 2, long(-1)));
    let info = ann.steam("getConfigValueInfo", json!([NAGLE_TIME]));
    assert_eq!(info["scope"], CONNECTION);
    let info = ann.steam("getConfigValueInfo", json!([LAG_SEND]));
    assert_eq!(info["scope"], 1);
    // What is not there is silently not there.
    assert_eq!(get(&ann, NAGLE_TIME, CONNECTION, NO_HANDLE).0, -2);
    assert_eq!(get(&ann, NAGLE_TIME, LISTEN_SOCKET, one).0, -2);
    assert_eq!(get(&ann, 4711, CONNECTION, one).0, -1);
    assert_eq!(set(&ann, NO_HANDLE, NAGLE_TIME, 1), json!(false));
    all_refused(
        &ann,
        &[
            (
                "setConnectionConfigValueInt32",
                json!([one, LAG_SEND, 1]),
                json!(false),
            ),
            (
                "setConnectionConfigValueInt32",
                json!([one, SYMMETRIC_CONNECT, 1]),
                json!(false),
            ),
            (
                "setConnectionConfigValueString",
                json!([one, NAGLE_TIME, "soon"]),
                json!(false),
            ),
        ],
    );
    scenario.finish([ann, bob]);
}
