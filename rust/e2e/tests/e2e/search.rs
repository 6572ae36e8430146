//! Lobby lists: all six filters, what a list never holds, and the order.

use samovar_e2e::{Game, Scenario};
use serde_json::{Value, json};

use crate::common::{
    FRIENDS_ONLY, INVISIBLE, PRIVATE, PUBLIC, create_lobby, join_lobby, search, search_until,
};

/// `Steam.LobbyComparison`.
const EQUAL_TO_OR_LESS_THAN: i64 = -2;
const LESS_THAN: i64 = -1;
const EQUAL: i64 = 0;
const GREATER_THAN: i64 = 1;
const EQUAL_TO_GREATER_THAN: i64 = 2;
const NOT_EQUAL: i64 = 3;

/// Four public lobbies with levels 1 to 4, of modes a, b, a, b; lobby `n` has room for `2 n`.
fn four_lobbies(scenario: &Scenario) -> (Vec<Game>, Vec<i64>) {
    let mut games = Vec::new();
    let mut lobbies = Vec::new();
    for level in 1..=4_i64 {
        let game = scenario.player(&format!("owner{level}"));
        let lobby = create_lobby(&game, PUBLIC, 2 * level);
        let mode = if level % 2 == 1 { "a" } else { "b" };
        game.steam("setLobbyData", json!([lobby, "level", level.to_string()]));
        game.steam("setLobbyData", json!([lobby, "mode", mode]));
        game.steam(
            "setLobbyData",
            json!([lobby, "name", format!("lobby {level}")]),
        );
        games.push(game);
        lobbies.push(lobby);
    }
    (games, lobbies)
}

fn sorted(mut lobbies: Vec<i64>) -> Vec<i64> {
    lobbies.sort_unstable();
    lobbies
}

#[test]
fn the_six_filters_filter_and_sort() {
    let scenario = Scenario::alone("filters");
    let (mut games, lobbies) = four_lobbies(&scenario);
    let seeker = scenario.player("seeker");
    // Data is sent with a slight delay; wait until all of it is known.
    search_until(&seeker, "data of all four", |found| {
        found.len() == 4
            && found
                .iter()
                .all(|lobby| seeker.steam("getLobbyData", json!([lobby, "name"])) != json!(""))
    });
    let find = |filters: &[(&str, Value)]| {
        for (name, args) in filters {
            seeker.steam(name, args.clone());
        }
        search(&seeker)
    };
    let some = |levels: &[usize]| -> Vec<i64> {
        sorted(levels.iter().map(|level| lobbies[level - 1]).collect())
    };
    let text = |value: &str, comparison: i64| {
        (
            "addRequestLobbyListStringFilter",
            json!(["mode", value, comparison]),
        )
    };
    let number = |value: i64, comparison: i64| {
        (
            "addRequestLobbyListNumericalFilter",
            json!(["level", value, comparison]),
        )
    };

    assert_eq!(sorted(find(&[text("a", EQUAL)])), some(&[1, 3]));
    assert_eq!(sorted(find(&[text("a", NOT_EQUAL)])), some(&[2, 4]));
    assert_eq!(sorted(find(&[text("c", EQUAL)])), some(&[]));
    // Filters last for one search.
    assert_eq!(sorted(find(&[])), some(&[1, 2, 3, 4]));
    assert_eq!(sorted(find(&[number(3, EQUAL)])), some(&[3]));
    assert_eq!(sorted(find(&[number(3, NOT_EQUAL)])), some(&[1, 2, 4]));
    assert_eq!(sorted(find(&[number(3, LESS_THAN)])), some(&[1, 2]));
    assert_eq!(
        sorted(find(&[number(3, EQUAL_TO_OR_LESS_THAN)])),
        some(&[1, 2, 3])
    );
    assert_eq!(sorted(find(&[number(3, GREATER_THAN)])), some(&[4]));
    assert_eq!(
        sorted(find(&[number(3, EQUAL_TO_GREATER_THAN)])),
        some(&[3, 4])
    );
    // All filters must hold.
    assert_eq!(
        sorted(find(&[number(2, GREATER_THAN), text("b", EQUAL)])),
        some(&[4])
    );
    // Near values sort, the first one first, and exclude nothing.
    let near = |value: i64| {
        (
            "addRequestLobbyListNearValueFilter",
            json!(["level", value]),
        )
    };
    assert_eq!(
        find(&[near(4)]),
        [lobbies[3], lobbies[2], lobbies[1], lobbies[0]]
    );
    assert_eq!(find(&[near(1)]), lobbies);
    // Open slots: the owner takes one.
    let slots = |open: i64| ("addRequestLobbyListFilterSlotsAvailable", json!([open]));
    assert_eq!(sorted(find(&[slots(4)])), some(&[3, 4]));
    let count = |most: i64| ("addRequestLobbyListResultCountFilter", json!([most]));
    assert_eq!(find(&[near(3), count(1)]), [lobbies[2]]);
    assert_eq!(find(&[count(3)]).len(), 3);
    for distance in 0..=3 {
        let filter = ("addRequestLobbyListDistanceFilter", json!([distance]));
        assert_eq!(
            sorted(find(&[filter])),
            some(&[1, 2, 3, 4]),
            "distance {distance}"
        );
    }
    // What a list says of a lobby one is not in.
    assert_eq!(
        seeker.steam("getNumLobbyMembers", json!([lobbies[0]])),
        json!(1)
    );
    assert_eq!(
        seeker.steam("getLobbyMemberLimit", json!([lobbies[0]])),
        json!(2)
    );
    assert_eq!(seeker.steam("getLobbyOwner", json!([lobbies[0]])), json!(0));
    let all = seeker.steam("getAllLobbyData", json!([lobbies[0]]));
    let all = all.as_object().cloned().unwrap_or_default();
    assert_eq!(all.len(), 3, "{all:?}");
    assert!(
        all.values()
            .any(|entry| entry["key"] == "mode" && entry["value"] == "a"),
        "{all:?}"
    );
    games.push(seeker);
    scenario.finish_all(games);
}

#[test]
fn a_list_holds_only_what_can_be_joined_by_anybody() {
    let scenario = Scenario::new("listed");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    let public = create_lobby(&ann, PUBLIC, 2);
    let invisible = create_lobby(&ann, INVISIBLE, 4);
    let lists = |wanted: &[i64]| {
        let wanted = sorted(wanted.to_vec());
        search_until(&bob, "the list wanted", |found| {
            sorted(found.to_vec()) == wanted
        });
    };
    lists(&[public, invisible]);
    ann.steam("setLobbyJoinable", json!([public, false]));
    lists(&[invisible]);
    ann.steam("setLobbyJoinable", json!([public, true]));
    for kind in [PRIVATE, FRIENDS_ONLY] {
        ann.steam("setLobbyType", json!([public, kind]));
        lists(&[invisible]);
        ann.steam("setLobbyType", json!([public, PUBLIC]));
        lists(&[public, invisible]);
    }
    // A full lobby is not listed, and a lobby is gone with its last member.
    let cid = scenario.player("cid");
    join_lobby(&cid, public);
    lists(&[invisible]);
    cid.steam("leaveLobby", json!([public]));
    lists(&[public, invisible]);
    ann.steam("leaveLobby", json!([public]));
    ann.steam("leaveLobby", json!([invisible]));
    lists(&[]);
    scenario.finish([ann, bob, cid]);
}
