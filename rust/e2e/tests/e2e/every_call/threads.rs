//! Calls of many threads at once.

use samovar_e2e::{APP_ID, DEADLINE, Scenario, text_bytes};
use serde_json::{Value, json};

use super::after_init::all_after;
use super::{call, methods, start};
use crate::api;
use crate::common::{P2P_RELIABLE, p2p, p2p_arrives, until};

#[test]
fn a_crowd_of_threads_leaves_the_main_thread_as_it_was() {
    let surface = api::surface();
    let methods = methods(&surface);
    let entries = all_after(&methods);
    let scenario = Scenario::new("every_call_crowd");
    let ann = start(&scenario, &methods, &entries);
    let id = ann.init(APP_ID);
    let bob = scenario.player("bob");
    for kind in ["zero", "small"] {
        call(&ann, "crowd", &json!([8, kind, 4]));
    }
    assert_eq!(ann.steam_id(), id);
    // A packet arrives, both ways, and is sent and read by threads.
    bob.auto_accept(true);
    bob.poll_p2p(&[3]);
    let hello = text_bytes("hello");
    let from_thread = |name: &str, args: Value| ann.game("steam_elsewhere", json!([name, args]));
    assert_eq!(
        from_thread(
            "sendP2PPacket",
            json!([bob.steam_id(), hello, P2P_RELIABLE, 3])
        ),
        json!(true)
    );
    p2p_arrives(&bob, id, "hello", 3);
    p2p(&bob, id, "back", P2P_RELIABLE, 5);
    until("the packet", DEADLINE, || {
        from_thread("getAvailableP2PPacketSize", json!([5])) == 4
    });
    let read = from_thread("readP2PPacket", json!([4, 5]));
    assert_eq!(read["remote_steam_id"], bob.steam_id());
    // Elsewhere callbacks do not run, which is said once.
    for _ in 0..3 {
        from_thread("run_callbacks", json!([]));
    }
    let lines = ann.output().lines();
    let said = lines.iter().filter(|line| {
        line.text
            .starts_with("WARNING: run_callbacks: called from another thread")
    });
    assert_eq!(said.count(), 1);
    scenario.finish([ann, bob]);
}

#[test]
fn threads_start_and_end_steam() {
    let scenario = Scenario::new("every_call_start");
    let game = start(&scenario, &[], &[]);
    let all_at_once = |name: &str, args: Value| game.game("all_at_once", json!([name, args, 4]));
    let mut ids = Vec::new();
    for _ in 0..3 {
        // One starts it, and the others find it started.
        assert_eq!(
            all_at_once("steamInit", json!([APP_ID])),
            json!([true, true, true, true])
        );
        ids.push(game.steam_id());
        all_at_once("steamShutdown", json!([]));
        assert_eq!(game.bad_steam("getSteamID", json!([])), 0);
    }
    // The same user each time: nobody has taken a second profile.
    ids.dedup();
    assert_eq!(ids.len(), 1);
    game.finish();
}
