//! Rich presence, and invitations to a game.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::json;

use crate::common::{NOBODY, befriend};

fn presence(game: &Game, user: i64, key: &str) -> String {
    let value = game.steam("getFriendRichPresence", json!([user, key]));
    value.as_str().unwrap_or("no text").to_owned()
}

#[test]
fn friends_see_it_and_hear_of_changes() {
    let scenario = Scenario::new("rich_presence");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let ids = befriend(&[&ann, &bob]);
    for (key, value) in [("status", "at tea"), ("score", "7")] {
        assert_eq!(
            ann.steam("setRichPresence", json!([key, value])),
            json!(true)
        );
    }
    let updated = bob.signal_where("friend_rich_presence_update", |args| args[0] == ids[0]);
    assert_eq!(updated.args, [json!(ids[0]), json!(APP_ID)]);
    crate::common::until("both keys", samovar_e2e::DEADLINE, || {
        presence(&bob, ids[0], "score") == "7"
    });
    assert_eq!(presence(&bob, ids[0], "status"), "at tea");
    assert_eq!(presence(&ann, ids[0], "status"), "at tea", "one's own");
    assert_eq!(presence(&bob, ids[0], "nothing"), "");
    assert_eq!(bob.int("getFriendRichPresenceKeyCount", json!([ids[0]])), 2);
    let keys: Vec<_> = (0..3)
        .map(|index| bob.steam("getFriendRichPresenceKeyByIndex", json!([ids[0], index])))
        .collect();
    assert_eq!(keys, [json!("score"), json!("status"), json!("")]);
    // Who comes later knows it as well.
    let cid = scenario.player("cid");
    cid.signal_where("friend_rich_presence_update", |args| args[0] == ids[0]);
    assert_eq!(presence(&cid, ids[0], "status"), "at tea");
    // What was asked for is answered, also when nothing is new.
    cid.steam("requestFriendRichPresence", json!([ids[0]]));
    cid.signal_where("friend_rich_presence_update", |args| args[0] == ids[0]);
    ann.steam("setRichPresence", json!(["score", ""]));
    crate::common::until("the key removed", samovar_e2e::DEADLINE, || {
        bob.int("getFriendRichPresenceKeyCount", json!([ids[0]])) == 1
    });
    ann.steam("clearRichPresence", json!([]));
    crate::common::until("all keys removed", samovar_e2e::DEADLINE, || {
        bob.int("getFriendRichPresenceKeyCount", json!([ids[0]])) == 0
    });
    scenario.finish([ann, bob, cid]);
}

#[test]
fn its_limits_are_steams() {
    let scenario = Scenario::new("rich_presence_limits");
    let ann = scenario.player("ann");
    let id = ann.steam_id();
    for number in 0..30 {
        let key = format!("{number:0>64}");
        let set = ann.steam("setRichPresence", json!([key, "v".repeat(256)]));
        assert_eq!(set, json!(true));
    }
    for (key, value) in [
        ("one more".to_owned(), "v".to_owned()),
        ("k".repeat(65), "v".to_owned()),
        (format!("{:0>64}", 0), "v".repeat(257)),
        (String::new(), "v".to_owned()),
    ] {
        let set = ann.bad_steam("setRichPresence", json!([key, value]));
        assert_eq!(set, json!(false));
    }
    assert_eq!(ann.int("getFriendRichPresenceKeyCount", json!([id])), 30);
    ann.finish();
}

#[test]
fn an_invitation_to_a_game_is_accepted() {
    let scenario = Scenario::new("game_invitation");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let ids = befriend(&[&ann, &bob]);
    assert_eq!(
        ann.steam("inviteUserToGame", json!([ids[1], "--room 7"])),
        json!(true)
    );
    let invited = bob.signal("game_invited");
    assert_eq!(invited.args, [json!(ids[0]), json!("--room 7")]);
    bob.samovar("accept_game_invite", json!([ids[0], "--room 7"]));
    let requested = bob.signal("join_game_requested");
    assert_eq!(requested.args, [json!(ids[0]), json!("--room 7")]);
    // Nobody is there: it is lost. Too long, or no user: an error.
    assert_eq!(
        ann.steam("inviteUserToGame", json!([NOBODY, "x"])),
        json!(true)
    );
    for (user, connect) in [(ids[1], "x".repeat(257)), (0, "x".to_owned())] {
        assert_eq!(
            ann.bad_steam("inviteUserToGame", json!([user, connect])),
            json!(false)
        );
    }
    scenario.finish([ann, bob]);
}

#[test]
fn invitations_that_count_as_accepted_ask_to_join_at_once() {
    let options =
        samovar_e2e::ProjectOptions::default().setting("samovar/lobby/accept_invites", "true");
    let scenario = Scenario::with("invitations_accepted", &options);
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let ids = befriend(&[&ann, &bob]);
    ann.steam("inviteUserToGame", json!([ids[1], "+connect 1"]));
    let invited = bob.signal("game_invited");
    let requested = bob.signal("join_game_requested");
    assert_eq!(requested.args, [json!(ids[0]), json!("+connect 1")]);
    assert!(invited.line < requested.line);
    scenario.finish([ann, bob]);
}
