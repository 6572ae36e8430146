//! A bad network at the desk, set by a script and by project settings; and the other values of the network's
//! configuration.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::json;

use crate::bad_input::all_refused;
use crate::common::{P2P_RELIABLE, P2P_UNRELIABLE, p2p, p2p_arrives, until};

/// `Steam.NetworkingConfigValue`.
const LOSS_SEND: i64 = 2;
const LOSS_RECV: i64 = 3;
const LAG_SEND: i64 = 4;
const LAG_RECV: i64 = 5;
const SEND_BUFFER_SIZE: i64 = 9;
const SEND_RATE_MIN: i64 = 10;
const SEND_RATE_MAX: i64 = 11;
const MTU_PACKET_SIZE: i64 = 32;
const MTU_DATA_SIZE: i64 = 33;
const VALUE_NOBODY_KNOWS: i64 = 4711;
/// Nobody reads it.
const TRAFFIC_CHANNEL: i64 = 9;
/// `Steam.NetworkingConfigScope`.
const SCOPE_GLOBAL: i64 = 1;

/// Opens a Messages session, over which the ping is known.
fn meet(ann: &Game, bob: &Game) -> (i64, i64) {
    let ids = (ann.steam_id(), bob.steam_id());
    for game in [ann, bob] {
        game.auto_accept(true);
        game.poll_p2p(&[0]);
    }
    p2p(ann, ids.1, "hello", P2P_RELIABLE, 0);
    p2p_arrives(bob, ids.0, "hello", 0);
    ann.steam(
        "sendMessageToUser",
        json!([ids.1, samovar_e2e::text_bytes("hello"), 8, 0]),
    );
    ids
}

fn ping(game: &Game, peer: i64) -> i64 {
    // It is smoothed over what is sent; where nothing is, it takes half a minute to follow.
    p2p(game, peer, "traffic", P2P_UNRELIABLE, TRAFFIC_CHANNEL);
    let info = game.steam("getSessionConnectionInfo", json!([peer, false, true]));
    info["ping"].as_i64().unwrap_or(-1)
}

fn set(game: &Game, value: i64, to: i64) {
    let set = game.steam("setGlobalConfigValueInt32", json!([value, to]));
    assert_eq!(set, json!(true));
}

#[test]
fn lag_is_felt_at_once_and_ends_when_it_is_taken_back() {
    let scenario = Scenario::new("lag");
    let ann = scenario.player("ann");
    let bob = scenario.game("bob");
    // By a project setting on one side, by a call on the other.
    bob.project_setting(
        "samovar/network_conditions/receive_lag_milliseconds",
        json!(40),
    );
    bob.init(APP_ID);
    let (ann_id, bob_id) = meet(&ann, &bob);
    until("a ping of the setting", samovar_e2e::DEADLINE, || {
        (40..80).contains(&ping(&ann, bob_id))
    });
    set(&ann, LAG_SEND, 150);
    until("a ping of both", samovar_e2e::DEADLINE, || {
        (180..260).contains(&ping(&ann, bob_id))
    });
    set(&ann, LAG_SEND, 0);
    set(&bob, LAG_RECV, 0);
    until("a ping of neither", samovar_e2e::DEADLINE, || {
        (0..40).contains(&ping(&ann, bob_id))
    });
    p2p(&bob, ann_id, "back", P2P_RELIABLE, 0);
    p2p_arrives(&ann, bob_id, "back", 0);

    // The rate of sending can be fixed, as Steam's is, and is told.
    set(&ann, SEND_RATE_MIN, 100_000);
    set(&ann, SEND_RATE_MAX, 100_000);
    until("a rate that is fixed", samovar_e2e::DEADLINE, || {
        let info = ann.steam("getSessionConnectionInfo", json!([bob_id, false, true]));
        info["send_rate"] == 100_000
    });
    scenario.finish([ann, bob]);
}

#[test]
fn reliable_packets_come_through_loss_and_a_dead_line_ends_the_session() {
    let scenario = Scenario::new("loss");
    let start = |name: &str| {
        let game = scenario.game(name);
        game.project_setting("samovar/network/connected_timeout_seconds", json!(3));
        game.project_setting("samovar/network_conditions/send_loss_percent", json!(20));
        game.init(APP_ID);
        game
    };
    let (ann, bob) = (start("ann"), start("bob"));
    let (ann_id, bob_id) = meet(&ann, &bob);
    for number in 0..50 {
        p2p(&ann, bob_id, &format!("packet {number}"), P2P_RELIABLE, 0);
    }
    for number in 0..50 {
        p2p_arrives(&bob, ann_id, &format!("packet {number}"), 0);
    }
    let lost = ann.steam("setGlobalConfigValueFloat", json!([LOSS_SEND, 100.0]));
    assert_eq!(lost, json!(true));
    set(&ann, LOSS_RECV, 100);
    p2p(&ann, bob_id, "into the void", P2P_RELIABLE, 0);
    let data = samovar_e2e::text_bytes("that too");
    let sent = ann.steam("sendMessageToUser", json!([bob_id, data, 8, 0]));
    assert_eq!(sent, json!(1));
    until("a message on the way", samovar_e2e::DEADLINE, || {
        let info = ann.steam("getSessionConnectionInfo", json!([bob_id, false, true]));
        info["sent_unacknowledged_reliable"].as_i64() >= Some(8)
    });
    let failed = ann.signal("p2p_session_connect_fail");
    assert_eq!(failed.args, [json!(bob_id), json!(4)]);
    scenario.finish([ann, bob]);
}

#[test]
fn loss_shows_as_quality() {
    let scenario = Scenario::new("quality");
    let (ann, bob) = (scenario.player("ann"), scenario.player("bob"));
    let (ann_id, bob_id) = meet(&ann, &bob);
    let play = || {
        for (game, peer) in [(&ann, bob_id), (&bob, ann_id)] {
            let _ = game.command(&json!({
                "do": "send_many", "peer": peer, "count": 1, "size": 64, "type": 0, "channel": 0,
            }));
        }
    };
    let quality = |game: &Game, peer: i64, key: &str| {
        let info = game.steam("getSessionConnectionInfo", json!([peer, false, true]));
        info[key].as_f64().expect("a number")
    };
    // What Ann's packets come to, as she and as Bob sees it, and what Bob's do.
    let seen = || {
        let ann_sends = ("remote_quality", "local_quality");
        [
            quality(&ann, bob_id, ann_sends.0),
            quality(&bob, ann_id, ann_sends.1),
            quality(&bob, ann_id, ann_sends.0),
            quality(&ann, bob_id, ann_sends.1),
        ]
    };
    until("a good line", samovar_e2e::DEADLINE, || {
        play();
        seen().iter().all(|quality| *quality == 1.0)
    });
    let lost = ann.steam("setGlobalConfigValueFloat", json!([LOSS_SEND, 30.0]));
    assert_eq!(lost, json!(true));
    // The deadline is for ten seconds' packets to be those of the bad line; chance needs none of it.
    until("a bad line one way", samovar_e2e::DEADLINE, || {
        play();
        let [ann_sends, bob_hears, bob_sends, ann_hears] = seen();
        let bad = 0.6..0.9;
        bad.contains(&ann_sends) && bad.contains(&bob_hears) && bob_sends > 0.95 && ann_hears > 0.95
    });
    scenario.finish([ann, bob]);
}

#[test]
fn values_are_read_listed_and_refused() {
    let scenario = Scenario::new("config_values");
    let game = scenario.player("ann");
    let get = |value: i64, scope: i64| game.steam("getConfigValue", json!([value, scope, 0]));
    let holds = |value: i64, scope: i64, bytes: [u8; 4]| {
        let hex = bytes.map(|byte| format!("{byte:02x}")).concat();
        assert_eq!(get(value, scope)["value"]["hex"], json!(hex));
    };
    set(&game, LAG_SEND, 258);
    let lag = get(LAG_SEND, SCOPE_GLOBAL);
    assert_eq!((&lag["result"], &lag["type"]), (&json!(1), &json!(1)));
    holds(LAG_SEND, SCOPE_GLOBAL, 258_i32.to_le_bytes());
    // A whole number for a value with a fraction, and the other way round.
    set(&game, LOSS_SEND, 3);
    assert_eq!(get(LOSS_SEND, SCOPE_GLOBAL)["type"], 3);
    holds(LOSS_SEND, SCOPE_GLOBAL, 3.0_f32.to_le_bytes());
    game.steam("setGlobalConfigValueFloat", json!([LAG_SEND, 12.9]));
    holds(LAG_SEND, 2, 13_i32.to_le_bytes());
    // Beyond its bounds a value is the bound.
    set(&game, LAG_SEND, -1);
    holds(LAG_SEND, SCOPE_GLOBAL, 0_i32.to_le_bytes());
    set(&game, LOSS_SEND, 1_000_000_000_000);
    holds(LOSS_SEND, SCOPE_GLOBAL, 100.0_f32.to_le_bytes());
    assert_eq!(
        get(LAG_SEND, 2)["result"],
        2,
        "inherited from the global scope"
    );
    assert_eq!(get(VALUE_NOBODY_KNOWS, SCOPE_GLOBAL)["result"], -1);
    assert_eq!(get(LAG_SEND, 99)["result"], -2);
    game.steam("setGlobalConfigValueString", json!([LAG_SEND, "7"]));
    holds(LAG_SEND, SCOPE_GLOBAL, 7_i32.to_le_bytes());

    // The largest packet, and what of it is left for data.
    holds(MTU_PACKET_SIZE, SCOPE_GLOBAL, 1300_i32.to_le_bytes());
    set(&game, MTU_PACKET_SIZE, 1250);
    assert_eq!(get(MTU_DATA_SIZE, SCOPE_GLOBAL)["type"], 1);
    holds(MTU_DATA_SIZE, SCOPE_GLOBAL, 1150_i32.to_le_bytes());
    set(&game, MTU_PACKET_SIZE, 9000);
    holds(MTU_PACKET_SIZE, SCOPE_GLOBAL, 1300_i32.to_le_bytes());

    let info = game.steam("getConfigValueInfo", json!([SEND_BUFFER_SIZE]));
    assert_eq!(
        info,
        json!({ "name": "SendBufferSize", "type": 1, "scope": 4 })
    );
    let mut listed = Vec::new();
    let mut next = 0;
    loop {
        next = game.int("iterateGenericEditableConfigValues", json!([next, false]));
        if next == 0 {
            break;
        }
        assert!(
            !listed.contains(&next) && listed.len() < 100,
            "{listed:?} {next}"
        );
        listed.push(next);
    }
    assert!(listed.contains(&LOSS_SEND) && listed.contains(&SEND_BUFFER_SIZE));

    all_refused(
        &game,
        &[
            (
                "setGlobalConfigValueInt32",
                json!([VALUE_NOBODY_KNOWS, 1]),
                json!(false),
            ),
            (
                "setGlobalConfigValueInt32",
                json!([MTU_DATA_SIZE, 1000]),
                json!(false),
            ),
            (
                "setGlobalConfigValueString",
                json!([LOSS_SEND, "much"]),
                json!(false),
            ),
        ],
    );
    holds(LAG_SEND, SCOPE_GLOBAL, 7_i32.to_le_bytes());
    let nothing = game.steam("getConfigValueInfo", json!([VALUE_NOBODY_KNOWS]));
    assert_eq!(nothing, json!({}));
    scenario.finish([game]);
}
