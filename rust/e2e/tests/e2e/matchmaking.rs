//! Lobbies beyond the tutorial: join responses, invitations, member data, ownership.

use samovar_e2e::Scenario;
use serde_json::json;

use crate::common::{
    DOESNT_EXIST, ENTERED, FRIENDS_ONLY, FULL, LEFT, NOT_ALLOWED, PRIVATE, PUBLIC, SUCCESS,
    create_lobby, hear, join_lobby, join_response, lobby_of, members, owner, say, wait_change,
};

#[test]
fn a_join_is_answered_with_the_reason() {
    let scenario = Scenario::new("join_responses");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let cid = scenario.player("cid");
    let small = create_lobby(&ann, PUBLIC, 2);
    assert_eq!(join_response(&bob, small), SUCCESS);
    assert_eq!(join_response(&cid, small), FULL);
    bob.steam("leaveLobby", json!([small]));
    wait_change(&ann, small, bob.steam_id(), LEFT);
    assert_eq!(join_response(&cid, small), SUCCESS);
    cid.steam("leaveLobby", json!([small]));
    ann.steam("leaveLobby", json!([small]));
    assert_eq!(join_response(&cid, small), DOESNT_EXIST);

    for kind in [PRIVATE, FRIENDS_ONLY] {
        let closed = create_lobby(&ann, kind, 4);
        if kind == PRIVATE {
            assert_eq!(join_response(&bob, closed), NOT_ALLOWED);
        }
        // An invitation opens it, for the invited one only.
        assert_eq!(
            ann.steam("inviteUserToLobby", json!([closed, bob.steam_id()])),
            json!(true)
        );
        let invited = bob.signal_where("lobby_invite", |args| args[1] == closed);
        assert_eq!(
            invited.args,
            [
                json!(ann.steam_id()),
                json!(closed),
                json!(samovar_e2e::APP_ID)
            ]
        );
        assert_eq!(join_response(&bob, closed), SUCCESS);
        if kind == PRIVATE {
            assert_eq!(join_response(&cid, closed), NOT_ALLOWED);
        }
        for game in [&bob, &ann] {
            game.steam("leaveLobby", json!([closed]));
        }
    }

    // Not joinable means nobody, invited or not.
    let shut = create_lobby(&ann, PUBLIC, 4);
    assert_eq!(
        ann.steam("setLobbyJoinable", json!([shut, false])),
        json!(true)
    );
    ann.steam("inviteUserToLobby", json!([shut, bob.steam_id()]));
    bob.signal_where("lobby_invite", |args| args[1] == shut);
    assert_eq!(join_response(&bob, shut), NOT_ALLOWED);
    assert_eq!(
        ann.steam("setLobbyJoinable", json!([shut, true])),
        json!(true)
    );
    assert_eq!(join_response(&bob, shut), SUCCESS);
    // Joining where one already is changes nothing.
    assert_eq!(join_response(&bob, shut), SUCCESS);
    assert_eq!(members(&ann, shut).len(), 2);
    scenario.finish([ann, bob, cid]);
}

#[test]
fn lobby_and_member_data_reach_every_member() {
    let scenario = Scenario::new("lobby_data");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let outsider = scenario.player("outsider");
    let (lobby, ids) = lobby_of(&[&ann, &bob], 4);
    assert_eq!(
        ann.steam("setLobbyData", json!([lobby, "map", "harbour"])),
        json!(true)
    );
    // One's own getter sees it at once.
    assert_eq!(
        ann.steam("getLobbyData", json!([lobby, "map"])),
        json!("harbour")
    );
    for game in [&ann, &bob] {
        let update = game.signal_where("lobby_data_update", |args| args[2] == lobby);
        assert!(
            update.args[0] == json!(true) || update.args[0] == json!(1),
            "{:?}",
            update.args
        );
        assert_eq!(update.args[1], lobby);
    }
    assert_eq!(
        bob.steam("getLobbyData", json!([lobby, "map"])),
        json!("harbour")
    );

    bob.steam("setLobbyMemberData", json!([lobby, "colour", "red"]));
    ann.signal_where("lobby_data_update", |args| args[2] == ids[1]);
    let colour = json!([lobby, ids[1], "colour"]);
    assert_eq!(
        ann.steam("getLobbyMemberData", colour.clone()),
        json!("red")
    );
    assert_eq!(
        ann.steam("getLobbyMemberData", json!([lobby, ids[0], "colour"])),
        json!("")
    );

    // One who is not in the lobby may ask for its data, but learns nothing of its members.
    assert_eq!(
        outsider.steam("requestLobbyData", json!([lobby])),
        json!(true)
    );
    let update = outsider.signal_where("lobby_data_update", |args| args[1] == lobby);
    assert_eq!(update.args[0], json!(1), "an int: {:?}", update.args);
    assert_eq!(
        outsider.steam("getLobbyData", json!([lobby, "map"])),
        json!("harbour")
    );
    assert_eq!(outsider.steam("getLobbyOwner", json!([lobby])), json!(0));
    assert_eq!(
        outsider.steam("getLobbyMemberByIndex", json!([lobby, 0])),
        json!(0)
    );
    assert_eq!(
        outsider.steam("getLobbyMemberData", colour.clone()),
        json!("")
    );

    // Deleted, and emptied, data is gone.
    assert_eq!(
        ann.steam("deleteLobbyData", json!([lobby, "map"])),
        json!(true)
    );
    bob.signal_where("lobby_data_update", |args| args[2] == lobby);
    assert_eq!(bob.steam("getLobbyData", json!([lobby, "map"])), json!(""));
    assert_eq!(bob.steam("getAllLobbyData", json!([lobby])), json!({}));
    // A member's data goes with the member.
    bob.steam("leaveLobby", json!([lobby]));
    wait_change(&ann, lobby, ids[1], LEFT);
    assert_eq!(ann.steam("getLobbyMemberData", colour), json!(""));
    scenario.finish([ann, bob, outsider]);
}

#[test]
fn a_lobby_always_has_one_owner() {
    let scenario = Scenario::new("ownership");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let cid = scenario.player("cid");
    let (lobby, ids) = lobby_of(&[&ann, &bob, &cid], 5);
    assert_eq!(
        ann.steam("setLobbyOwner", json!([lobby, ids[2]])),
        json!(true)
    );
    // There is no signal of its own for it; a change of data from the new owner proves it.
    crate::common::until("Cid owns it", samovar_e2e::DEADLINE, || {
        owner(&cid, lobby) == ids[2]
    });
    assert_eq!(
        cid.steam("setLobbyData", json!([lobby, "by", "cid"])),
        json!(true)
    );
    for game in [&ann, &bob] {
        // Not while the harness waits for a line: a call waits for lines too.
        crate::common::until("Cid's data", samovar_e2e::DEADLINE, || {
            game.steam("getLobbyData", json!([lobby, "by"])) == json!("cid")
        });
        assert_eq!(owner(game, lobby), ids[2]);
    }
    // An owner who leaves is followed by another member; who leaves hears nothing more.
    cid.steam("leaveLobby", json!([lobby]));
    assert_eq!(members(&cid, lobby), [0_i64; 0]);
    for game in [&ann, &bob] {
        let change = game.signal_where("lobby_chat_update", |args| args[3] == LEFT);
        assert_eq!(
            change.args,
            [json!(lobby), json!(ids[2]), json!(ids[2]), json!(LEFT)]
        );
        assert_eq!(owner(game, lobby), ids[0]);
    }
    say(&ann, lobby, "without Cid");
    hear(&bob, lobby, ids[0], "without Cid");
    cid.barrier();
    assert!(cid.pending_signals("lobby_message").is_empty());
    join_lobby(&cid, lobby);
    wait_change(&ann, lobby, ids[2], ENTERED);
    assert_eq!(owner(&cid, lobby), ids[0]);
    scenario.finish([ann, bob, cid]);
}

#[test]
fn chat_reaches_everyone_in_the_same_order() {
    let scenario = Scenario::new("chat_order");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let cid = scenario.player("cid");
    let (lobby, ids) = lobby_of(&[&ann, &bob, &cid], 3);
    let games = [&ann, &bob, &cid];
    for line in 0..10 {
        for game in games {
            say(game, lobby, &format!("line {line} of {}", game.name()));
        }
    }
    let heard: Vec<Vec<(i64, String)>> = games
        .iter()
        .map(|game| {
            let lines = (0..30).map(|_| game.signal("lobby_message"));
            let line = |signal: samovar_e2e::Signal| {
                assert_eq!(signal.int(0), lobby);
                assert_eq!(signal.int(3), 1, "CHAT_ENTRY_TYPE_CHAT_MSG");
                (
                    signal.int(1),
                    signal.args[2].as_str().unwrap_or_default().to_owned(),
                )
            };
            lines.map(line).collect()
        })
        .collect();
    for user in ids {
        let own: Vec<&String> = heard[0]
            .iter()
            .filter(|(from, _)| *from == user)
            .map(|(_, text)| text)
            .collect();
        assert_eq!(own.len(), 10);
        assert!(own.is_sorted(), "{own:?}");
    }
    assert_eq!(heard[1], heard[0]);
    assert_eq!(heard[2], heard[0]);
    scenario.finish([ann, bob, cid]);
}
