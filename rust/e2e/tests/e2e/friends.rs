//! Names and pictures of other users.

use samovar_e2e::Scenario;
use serde_json::json;

use crate::common::{NOBODY, lobby_of, until};

#[test]
fn persona_names_are_learned_from_the_lobby() {
    let scenario = Scenario::new("personas");
    let ann = scenario.launch("ann").env("SAMOVAR_PROFILE", "ann").start();
    ann.init(samovar_e2e::APP_ID);
    let bob = scenario.launch("bob").env("SAMOVAR_PROFILE", "bob").start();
    bob.init(samovar_e2e::APP_ID);
    let (_, ids) = lobby_of(&[&ann, &bob], 2);
    let bobs_name = bob.steam("getPersonaName", json!([]));
    let seen = || ann.steam("getFriendPersonaName", json!([ids[1]]));
    if seen() != bobs_name {
        // Still loading: an empty name now, the signal when it is there.
        assert_eq!(seen(), json!(""));
        ann.signal_where("persona_state_change", |args| args[0] == ids[1]);
    }
    assert_eq!(seen(), bobs_name);
    assert_eq!(
        ann.steam("getFriendPersonaName", json!([ids[0]])),
        ann.steam("getPersonaName", json!([]))
    );
    scenario.finish([ann, bob]);
}

#[test]
fn a_user_outside_the_lobby_is_looked_up() {
    let scenario = Scenario::new("persona_lookup");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let bob_id = bob.steam_id();
    let name = bob.steam("getPersonaName", json!([]));
    let seen = ann.steam("getFriendPersonaName", json!([bob_id]));
    if seen != name {
        assert_eq!(seen, json!(""));
        until("Bob's name", samovar_e2e::DEADLINE, || {
            ann.steam("getFriendPersonaName", json!([bob_id])) == name
        });
        ann.signal_where("persona_state_change", |args| args[0] == bob_id);
    }
    // Nobody has no name; no user at all is an error.
    assert_eq!(
        ann.steam("getFriendPersonaName", json!([NOBODY])),
        json!("")
    );
    for wrong in [0, -1] {
        assert_eq!(
            ann.bad_steam("getFriendPersonaName", json!([wrong])),
            json!("")
        );
    }
    scenario.finish([ann, bob]);
}

#[test]
fn every_user_has_a_picture_in_three_sizes() {
    let scenario = Scenario::new("avatars");
    let ann = scenario.player("ann");
    let id = ann.steam_id();
    let picture = |user: i64, size: i64| {
        ann.steam("getPlayerAvatar", json!([size, user]));
        let loaded = ann.signal("avatar_loaded");
        assert_eq!(loaded.int(0), user);
        (loaded.int(1), loaded.args[2].clone())
    };
    for (size, pixels) in [(1, 32), (2, 64), (3, 184)] {
        let (loaded, data) = picture(id, size);
        assert_eq!(loaded, pixels);
        assert_eq!(data["size"], pixels * pixels * 4);
    }
    // The same user looks the same again, another one differently; 0 is oneself.
    assert_eq!(picture(id, 2), picture(id, 2));
    assert_ne!(picture(NOBODY, 2), picture(id, 2));
    ann.steam("getPlayerAvatar", json!([]));
    let own = ann.signal("avatar_loaded");
    assert_eq!(own.int(0), id);
    assert_eq!((own.int(1), own.args[2].clone()), picture(id, 2));
    ann.finish();
}

#[test]
fn ids_are_of_the_kind_that_they_claim() {
    let scenario = Scenario::new("id_kinds");
    let ann = scenario.player("ann");
    let id = ann.steam_id();
    let lobby = crate::common::create_lobby(&ann, crate::common::PUBLIC, 2);
    assert!(id > 0 && lobby > 0);
    assert_eq!(ann.steam("isIndividualAccount", json!([id])), json!(true));
    assert_eq!(
        ann.steam("isIndividualAccount", json!([lobby])),
        json!(false)
    );
    assert_eq!(ann.steam("isLobby", json!([lobby])), json!(true));
    assert_eq!(ann.steam("isLobby", json!([id])), json!(false));
    assert_eq!(ann.int("get_current_steam_id", json!([])), id);
    // Instances 0 to 4 are real accounts'.
    assert!((id >> 32) & 0xf_ffff > 4, "{id:#x}");
    ann.finish();
}
