//! The P2P half of the lobbies tutorial: every send type, plain and compressed.

use samovar_e2e::{DEADLINE, Game, Scenario};
use serde_json::json;

use crate::common::{
    P2P_RELIABLE, P2P_RELIABLE_WITH_BUFFERING, P2P_UNRELIABLE, P2P_UNRELIABLE_NO_DELAY, until,
};

fn play(name: &'static str, scene: &str) {
    let scenario = Scenario::new(name);
    let start = |who: &str| {
        let game = scenario
            .launch(who)
            .scene(scene)
            .without_callbacks()
            .start();
        game.line("Did Steam initialize?");
        game
    };
    let ann = start("ann");
    let bob = start("bob");
    ann.game("_create_Lobby", json!([]));
    ann.line("Created a lobby: ");
    let lobby = ann.get("LOBBY_ID");
    bob.game("_join_Lobby", json!([lobby]));
    let ann_id = ann.get("STEAM_ID").as_i64().expect("an ID");
    let bob_id = bob.get("STEAM_ID").as_i64().expect("an ID");

    // The handshake of the tutorial opens the session both ways.
    packet(&ann, "handshake", bob_id);
    packet(&bob, "handshake", ann_id);
    until("the session's state", DEADLINE, || {
        let state = ann.steam("getP2PSessionState", json!([bob_id]));
        state["connection_active"] == 1 && state["session_error"] == 0 && state["using_relay"] == 0
    });

    for send_type in [
        P2P_RELIABLE,
        P2P_RELIABLE_WITH_BUFFERING,
        P2P_UNRELIABLE,
        P2P_UNRELIABLE_NO_DELAY,
    ] {
        for (from, from_id, to, to_id) in
            [(&ann, ann_id, &bob, bob_id), (&bob, bob_id, &ann, ann_id)]
        {
            from.set("PACKET_SEND_TYPE", json!(send_type));
            // To one member, and to everybody.
            for (target, message) in [(to_id, "to you"), (0, "to all")] {
                let message = format!("{message}, type {send_type}");
                from.game(
                    "_send_P2P_Packet",
                    json!([target, { "message": message, "from": from_id }]),
                );
                packet(to, &message, from_id);
            }
        }
    }
    scenario.finish([ann, bob]);
}

fn packet(game: &Game, message: &str, from: i64) {
    game.wait(&format!("packet {message:?}"), DEADLINE, |line| {
        let wanted = line.text.starts_with("Packet: ")
            && line.text.contains(message)
            && line.text.contains(&from.to_string());
        wanted.then_some(())
    });
}

#[test]
fn the_p2p_tutorial_plain() {
    play("p2p_plain", "res://tests/seeds/lobbies_and_p2p.tscn");
}

#[test]
fn the_p2p_tutorial_gzip() {
    play("p2p_gzip", "res://tests/seeds/lobbies_and_p2p_gzip.tscn");
}
