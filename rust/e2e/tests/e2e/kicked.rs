//! Kicking and banning members of a lobby.

use samovar_e2e::Scenario;
use serde_json::json;

use crate::common::{
    BANNED, BANNED_FROM, DISCONNECTED, ENTERED, KICKED, SUCCESS, join_response, lobby_of, members,
    wait_change,
};

#[test]
fn a_kicked_member_is_out_and_a_banned_one_stays_out() {
    let scenario = Scenario::new("kicked");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let cid = scenario.player("cid");
    let (lobby, ids) = lobby_of(&[&ann, &bob, &cid], 4);
    for (call, state, answer) in [
        ("kick_lobby_member", KICKED, SUCCESS),
        ("ban_lobby_member", BANNED, BANNED_FROM),
    ] {
        assert_eq!(ann.samovar(call, json!([lobby, ids[1]])), json!(true));
        for game in [&ann, &bob, &cid] {
            let update = game.signal_where("lobby_chat_update", |args| args[3] == state);
            assert_eq!(
                update.args,
                [json!(lobby), json!(ids[1]), json!(ids[0]), json!(state)],
                "{call}, as {} hears it",
                game.name()
            );
        }
        let kicked = bob.signal("lobby_kicked");
        assert_eq!(kicked.args, [json!(lobby), json!(ids[0]), json!(0)]);
        assert_eq!(bob.int("getNumLobbyMembers", json!([lobby])), 0);
        assert_eq!(bob.int("getLobbyOwner", json!([lobby])), 0);
        assert_eq!(members(&cid, lobby), [ids[0], ids[2]]);
        assert_eq!(join_response(&bob, lobby), answer, "{call}");
        if answer == SUCCESS {
            wait_change(&ann, lobby, ids[1], ENTERED);
            wait_change(&cid, lobby, ids[1], ENTERED);
        }
    }
    // An invitation does not help who is banned.
    ann.steam("inviteUserToLobby", json!([lobby, ids[1]]));
    bob.signal("lobby_invite");
    assert_eq!(join_response(&bob, lobby), BANNED_FROM);
    scenario.finish([ann, bob, cid]);
}

#[test]
fn only_the_owner_kicks_and_nobody_himself() {
    let scenario = Scenario::new("kick_errors");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (lobby, ids) = lobby_of(&[&ann, &bob], 4);
    for (game, user) in [
        (&bob, ids[0]),
        (&bob, ids[1]),
        (&ann, ids[0]),
        (&ann, crate::common::NOBODY),
        (&ann, 0),
        (&ann, lobby),
    ] {
        for call in ["kick_lobby_member", "ban_lobby_member"] {
            assert_eq!(game.bad_samovar(call, json!([lobby, user])), json!(false));
        }
    }
    assert_eq!(members(&ann, lobby), ids);
    // The next owner may.
    ann.steam("setLobbyOwner", json!([lobby, ids[1]]));
    crate::common::until("the new owner", samovar_e2e::DEADLINE, || {
        crate::common::owner(&bob, lobby) == ids[1]
    });
    assert_eq!(
        bob.samovar("kick_lobby_member", json!([lobby, ids[0]])),
        json!(true)
    );
    ann.signal("lobby_kicked");
    scenario.finish([ann, bob]);
}

#[test]
fn a_member_whose_connection_is_gone_has_not_left_before_the_grace_time() {
    let options =
        samovar_e2e::ProjectOptions::default().setting("samovar/lobby/grace_seconds", "4.0");
    let scenario = Scenario::with("grace", &options);
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let (lobby, ids) = lobby_of(&[&ann, &bob], 4);
    let killed = std::time::Instant::now();
    bob.kill();
    wait_change(&ann, lobby, ids[1], DISCONNECTED);
    assert!(killed.elapsed() >= std::time::Duration::from_secs(4));
    assert_eq!(members(&ann, lobby), [ids[0]]);
    ann.finish();
}
