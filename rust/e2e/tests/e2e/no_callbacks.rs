//! A game that never calls `run_callbacks`.

use samovar_e2e::Scenario;
use serde_json::json;

use crate::common::{P2P_RELIABLE, P2P_UNRELIABLE, PUBLIC, create_lobby, p2p, p2p_arrives, say};

/// Resident memory of a process in KiB.
#[cfg(target_os = "linux")]
fn resident_kib(pid: u32) -> u64 {
    let status = std::fs::read_to_string(format!("/proc/{pid}/status")).expect("it runs");
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let number = line.and_then(|line| line.split_whitespace().nth(1));
    number
        .and_then(|number| number.parse().ok())
        .expect("VmRSS in KiB")
}

/// How much a flooded game may grow, in KiB.
#[cfg(target_os = "linux")]
const MAY_GROW_KIB: u64 = 96 * 1024;

#[test]
fn without_run_callbacks_no_signal_comes_but_packets_do() {
    let scenario = Scenario::new("no_callbacks");
    let mute = scenario.launch("mute").without_callbacks().start();
    mute.init(samovar_e2e::APP_ID);
    let mute_id = mute.steam_id();
    let bob = scenario.player("bob");
    let bob_id = bob.steam_id();
    bob.auto_accept(true);
    bob.poll_p2p(&[0]);

    // Sending and reading work.
    p2p(&mute, bob_id, "can you hear me?", P2P_RELIABLE, 0);
    p2p_arrives(&bob, mute_id, "can you hear me?", 0);
    mute.poll_p2p(&[0]);
    p2p(&bob, mute_id, "yes", P2P_RELIABLE, 0);
    p2p_arrives(&mute, bob_id, "yes", 0);
    // So do calls whose answers come as signals, and what getters know of them.
    let lobby = create_lobby(&bob, PUBLIC, 4);
    mute.steam("joinLobby", json!([lobby]));
    bob.signal_where("lobby_chat_update", |args| {
        args[1] == mute_id && args[3] == 1
    });
    mute.steam("requestLobbyList", json!([]));

    // Flooded with packets that it does not read and signals that it does not fetch.
    #[cfg(target_os = "linux")]
    let before = resident_kib(mute.pid());
    for round in 0..30 {
        for (kind, size) in [(P2P_RELIABLE, 60_000), (P2P_UNRELIABLE, 1100)] {
            let _ = bob.command(&json!({
                "do": "send_many", "peer": mute_id, "count": 200, "size": size,
                "type": kind, "channel": 9,
            }));
        }
        for line in 0..20 {
            let text = format!("{round} {line} {}", "x".repeat(3000));
            say(&bob, lobby, &text);
        }
        bob.steam("setLobbyData", json!([lobby, "round", round.to_string()]));
    }
    #[cfg(target_os = "linux")]
    {
        let after = resident_kib(mute.pid());
        let grown = after.saturating_sub(before);
        samovar_e2e::measured(
            "growth of a flooded game that runs no callbacks",
            &format!("{grown} KiB"),
        );
        assert!(grown < MAY_GROW_KIB, "from {before} to {after} KiB");
    }
    // Other channels still work beside the full one.
    p2p(&bob, mute_id, "still there?", P2P_RELIABLE, 0);
    p2p_arrives(&mute, bob_id, "still there?", 0);
    let signals = mute.output().lines();
    let signals: Vec<&str> = signals
        .iter()
        .filter(|line| line.text.starts_with("TEST signal"))
        .map(|line| line.text.as_str())
        .collect();
    assert!(signals.is_empty(), "{signals:?}");

    // It may start late: then everything that was kept arrives at once.
    let _ = mute.command(&json!({ "do": "callbacks", "on": true }));
    mute.signal("lobby_message");
    // One warning about callbacks that were dropped is fine; errors are not.
    scenario.finish([mute, bob]);
}
