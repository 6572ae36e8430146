//! One user in several lobbies at once: one regular, two invisible.

use samovar_e2e::Scenario;
use serde_json::json;

use crate::common::{
    INVISIBLE, PUBLIC, RATE_LIMIT_EXCEEDED, SUCCESS, create_lobby, hear, join_lobby, join_response,
    members, say,
};

#[test]
fn a_regular_lobby_and_two_invisible_ones_do_not_mix() {
    let scenario = Scenario::new("two_lobbies");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let lobbies = [
        create_lobby(&ann, PUBLIC, 4),
        create_lobby(&ann, INVISIBLE, 4),
        create_lobby(&ann, INVISIBLE, 4),
    ];
    for (number, lobby) in lobbies.iter().enumerate() {
        join_lobby(&bob, *lobby);
        ann.steam("setLobbyData", json!([lobby, "number", number.to_string()]));
    }
    for (number, lobby) in lobbies.iter().enumerate() {
        bob.signal_where("lobby_data_update", |args| args[1] == *lobby);
        assert_eq!(
            bob.steam("getLobbyData", json!([lobby, "number"])),
            json!(number.to_string())
        );
        say(&bob, *lobby, &format!("in {number}"));
        hear(&ann, *lobby, bob.steam_id(), &format!("in {number}"));
        assert_eq!(members(&ann, *lobby).len(), 2);
    }
    // No more than that.
    for kind in [PUBLIC, INVISIBLE] {
        ann.steam("createLobby", json!([kind, 2]));
        let created = ann.signal("lobby_created");
        assert_eq!(created.args, [json!(25), json!(0)], "RESULT_LIMIT_EXCEEDED");
    }
    let cid = scenario.player("cid");
    let regular = create_lobby(&cid, PUBLIC, 4);
    assert_eq!(join_response(&bob, regular), RATE_LIMIT_EXCEEDED);
    bob.steam("leaveLobby", json!([lobbies[0]]));
    assert_eq!(join_response(&bob, regular), SUCCESS);
    assert_eq!(members(&bob, lobbies[1]).len(), 2);
    scenario.finish([ann, bob, cid]);
}
