//! The tutorial of the Messages API, plain and compressed, with every way to send.

use samovar_e2e::{DEADLINE, Game, Scenario};
use serde_json::json;

use crate::common::{NOBODY, PUBLIC, RESULT_OK, SEND_RELIABLE, create_lobby};

/// `NETWORKING_SEND_UNRELIABLE`, `..._NO_NAGLE`, `..._NO_DELAY`, `RELIABLE`, `RELIABLE_NO_NAGLE`.
const FLAGS: [i64; 5] = [0, 1, 5, 8, 9];

fn play(name: &'static str, script: &str) {
    let scenario = Scenario::new(name);
    let ann = scenario
        .launch("ann")
        .scene(script)
        .without_callbacks()
        .start();
    let bob = scenario
        .launch("bob")
        .scene(script)
        .without_callbacks()
        .start();
    let ann_id = ann.get("steam_id").as_i64().expect("an ID");
    let bob_id = bob.get("steam_id").as_i64().expect("an ID");
    assert!(ann_id > 0 && bob_id > 0 && ann_id != bob_id);
    let lobby = create_lobby(&ann, PUBLIC, 4);
    bob.steam("joinLobby", json!([lobby]));

    // Bob's handshake asks for a session, Ann's tutorial accepts and shakes back.
    ann.line("is requesting a P2P session");
    message(&ann, "handshake", bob_id);
    message(&bob, "handshake", ann_id);

    for flags in FLAGS {
        for (from, from_id, to) in [(&ann, ann_id, &bob), (&bob, bob_id, &ann)] {
            from.set("message_send_type", json!(flags));
            let text = format!("with flags {flags}");
            from.game(
                "send_message",
                json!([0, { "message": text, "from": from_id }]),
            );
            message(to, &text, from_id);
        }
    }
    scenario.finish([ann, bob]);
}

fn message(game: &Game, text: &str, from: i64) {
    game.wait(&format!("message {text:?}"), DEADLINE, |line| {
        let wanted = line.text.starts_with("Message: ")
            && line.text.contains(text)
            && line.text.contains(&from.to_string());
        wanted.then_some(())
    });
}

#[test]
fn the_messages_tutorial_plain() {
    play(
        "messages_plain",
        "res://tests/seeds/p2p_networking_messages.gd",
    );
}

#[test]
fn the_messages_tutorial_gzip() {
    play(
        "messages_gzip",
        "res://tests/seeds/p2p_networking_messages_gzip.gd",
    );
}

#[test]
fn a_message_carries_every_key_and_its_channel() {
    let scenario = Scenario::new("message_keys");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (ann_id, bob_id) = (ann.steam_id(), bob.steam_id());
    bob.auto_accept(true);
    bob.poll_messages(&[0, 5]);
    let before = ann.steam("getSessionConnectionInfo", json!([bob_id, true, true]));
    assert_eq!(before["connection_state"], 0, "no session yet: {before}");
    for (channel, size) in [(5, 1), (0, 512 * 1024), (5, 70_000)] {
        let data = samovar_e2e::bytes(size, 9);
        let sent = ann.command(&json!({ "do": "describe", "value": data }));
        let result = ann.steam(
            "sendMessageToUser",
            json!([bob_id, data, SEND_RELIABLE, channel]),
        );
        assert_eq!(result, RESULT_OK);
        let got = bob.event_where("message", |got| got["size"] == size).data;
        assert_eq!(got["payload"], sent.value);
        assert_eq!(got["channel"], channel);
        assert_eq!(got["identity"], ann_id);
        assert_eq!(got["remote_steam_id"], ann_id);
        assert_eq!(got["flags"], SEND_RELIABLE);
        for key in [
            "connection",
            "receiver_user_data",
            "time_received",
            "message_number",
        ] {
            assert!(got[key].is_i64(), "{key}: {}", got[key]);
        }
    }
    let info = ann.steam("getSessionConnectionInfo", json!([bob_id, true, true]));
    assert_eq!(info["connection_state"], 3, "connected: {info}");
    assert_eq!(info["identity"], bob_id);
    assert!(
        info["ping"]
            .as_i64()
            .is_some_and(|ping| (0..2000).contains(&ping)),
        "{info}"
    );

    // Closing frees the session; the peer hears nothing, and sending again asks again.
    assert_eq!(
        bob.steam("closeSessionWithUser", json!([ann_id])),
        json!(true)
    );
    assert_eq!(
        bob.steam("closeSessionWithUser", json!([ann_id])),
        json!(false)
    );
    assert_eq!(
        bob.steam("acceptSessionWithUser", json!([NOBODY])),
        json!(false)
    );
    scenario.finish([ann, bob]);
}
