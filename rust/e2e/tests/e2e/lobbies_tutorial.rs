//! The lobbies tutorial, played by three instances with the tutorial's own script.

use samovar_e2e::{Game, Scenario};
use serde_json::{Value, json};

use crate::common::until;

fn tutorial(scenario: &Scenario, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/seeds/lobbies_and_p2p.tscn")
        .without_callbacks()
        .start();
    game.line("Did Steam initialize?");
    game
}

fn names(game: &Game) -> Vec<String> {
    let members = game.get("LOBBY_MEMBERS");
    let members = members.as_array().cloned().unwrap_or_default();
    let name = |member: &Value| member["steam_name"].as_str().unwrap_or_default().to_owned();
    members.iter().map(name).collect()
}

#[test]
fn three_instances_play_the_lobbies_tutorial() {
    let scenario = Scenario::new("lobbies_tutorial");
    let ann = tutorial(&scenario, "ann");
    let bob = tutorial(&scenario, "bob");
    let cid = tutorial(&scenario, "cid");
    let games = [&ann, &bob, &cid];
    let ids = games.map(|game| game.get("STEAM_ID").as_i64().expect("an ID"));
    let persona = games.map(|game| game.get("STEAM_USERNAME").as_str().unwrap_or("").to_owned());
    assert!(ids.iter().all(|id| *id > 0), "{ids:?}");
    assert!(persona.iter().all(|name| !name.is_empty()), "{persona:?}");

    ann.game("_create_Lobby", json!([]));
    ann.line("Created a lobby: ");
    ann.line("Allowing Steam to be relay backup: true");
    let lobby = ann.get("LOBBY_ID").as_i64().expect("a lobby ID");
    ann.signal_where("lobby_joined", |args| args[0] == lobby && args[3] == 1);

    // Both find it, by the button that the tutorial makes for it, and press that button.
    for game in [&bob, &cid] {
        game.game("_on_Open_Lobby_List_pressed", json!([]));
        game.signal_where("lobby_match_list", |args| args[0] == json!([lobby]));
        let text = game.command(&json!({ "do": "press", "name": format!("lobby_{lobby}") }));
        let players = if game.name() == "bob" { 1 } else { 2 };
        assert_eq!(
            text.value,
            json!(format!(
                "Lobby {lobby}: Gramps' Lobby [GodotSteam test] - {players} Player(s)"
            ))
        );
        game.signal_where("lobby_joined", |args| args[0] == lobby && args[3] == 1);
        assert_eq!(game.get("LOBBY_ID"), lobby);
    }
    ann.line(&format!("{} has joined the lobby.", persona[1]));
    ann.line(&format!("{} has joined the lobby.", persona[2]));
    bob.line(&format!("{} has joined the lobby.", persona[2]));
    for game in games {
        until("all three names", samovar_e2e::DEADLINE, || {
            names(game) == persona
        });
        assert_eq!(game.steam("getLobbyOwner", json!([lobby])), ids[0]);
    }

    // Everybody shook hands with everybody, over P2P sessions accepted by the tutorial.
    for game in games {
        for id in ids {
            if game.get("STEAM_ID") != id {
                game.wait("handshake", samovar_e2e::DEADLINE, |line| {
                    let wanted = line.text.starts_with("Packet: ")
                        && line.text.contains("handshake")
                        && line.text.contains(&id.to_string());
                    wanted.then_some(())
                });
            }
        }
    }

    // Chat, through the tutorial's LineEdit; the sender gets its own line as well.
    bob.command(&json!({ "do": "type", "node": "Chat", "text": "Hello from Bob ☕" }));
    bob.game("_on_Send_Chat_pressed", json!([]));
    for game in games {
        game.line(&format!("Chat: {}: Hello from Bob ☕", persona[1]));
    }

    // The owner leaves: somebody else owns the lobby, and the data stays.
    ann.game("_leave_Lobby", json!([]));
    bob.line(&format!("{} has left the lobby.", persona[0]));
    cid.line(&format!("{} has left the lobby.", persona[0]));
    for game in [&bob, &cid] {
        assert_eq!(game.steam("getLobbyOwner", json!([lobby])), ids[1]);
        assert_eq!(names(game), persona[1..]);
        assert_eq!(
            game.steam("getLobbyData", json!([lobby, "name"])),
            json!("Gramps' Lobby")
        );
    }
    assert_eq!(ann.get("LOBBY_ID"), 0);

    // And can come back.
    ann.game("_join_Lobby", json!([lobby]));
    ann.signal_where("lobby_joined", |args| args[0] == lobby && args[3] == 1);
    assert_eq!(ann.steam("getLobbyOwner", json!([lobby])), ids[1]);
    scenario.finish([ann, bob, cid]);
}

#[test]
fn the_tutorial_says_why_a_join_failed() {
    let scenario = Scenario::new("tutorial_no_such_lobby");
    let ann = tutorial(&scenario, "ann");
    ann.game("_join_Lobby", json!([crate::common::NO_LOBBY]));
    ann.line("This lobby no longer exists.");
    // It reopens the list, which is empty.
    ann.signal_where("lobby_match_list", |args| args[0] == json!([]));
    scenario.finish([ann]);
}
