//! Lists of members that games fill when `persona_state_change` comes, as tutorials do.

use samovar_e2e::{APP_ID, Game, Scenario};
use serde_json::json;

use crate::common::{
    ENTERED, FRIENDS_ONLY, INVISIBLE, LEFT, PRIVATE, PUBLIC, SUCCESS, befriend, create_lobby,
    until, wait_change,
};

/// `Steam.PERSONA_CHANGE_NAME`.
const NAME: i64 = 1;

fn player(scenario: &Scenario, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .scene("res://tests/games/member_list.gd")
        .start();
    game.init(APP_ID);
    game
}

/// How many lines the game has printed by now.
fn mark(game: &Game) -> usize {
    game.barrier();
    game.output().lines().len()
}

/// The lines since `from` on which the game hears of the name of `user`.
fn names(game: &Game, from: usize, user: i64) -> Vec<usize> {
    let all = game.all_signals("persona_state_change");
    let of_user = all
        .iter()
        .filter(|signal| signal.line >= from && signal.int(0) == user && signal.int(1) & NAME != 0);
    of_user.map(|signal| signal.line).collect()
}

/// `guest` joins; both sides hear of the other's name once, after they heard of the join.
fn meet(guest: &Game, lobby: i64, inside: &[&Game]) {
    let guest_id = guest.steam_id();
    let inside_ids: Vec<i64> = inside.iter().map(|game| game.steam_id()).collect();
    if let Some(owner) = inside.first() {
        owner.steam("inviteUserToLobby", json!([lobby, guest_id]));
        guest.signal_where("lobby_invite", |args| args[1] == lobby);
    }
    let before = mark(guest);
    let before_inside: Vec<usize> = inside.iter().map(|game| mark(game)).collect();
    guest.steam("joinLobby", json!([lobby]));
    let joined = guest.signal_where("lobby_joined", |args| args[0] == lobby);
    assert_eq!(joined.int(3), SUCCESS);
    until("the guest's list", samovar_e2e::DEADLINE, || {
        guest
            .get("list")
            .as_array()
            .is_some_and(|list| list.len() == inside.len())
    });
    guest.barrier();
    for id in &inside_ids {
        let heard = names(guest, before, *id);
        assert_eq!(heard.len(), 1, "{}: {id}", guest.name());
        assert!(heard[0] > joined.line, "{}: {heard:?}", guest.name());
    }
    for (game, before) in inside.iter().zip(before_inside) {
        let entered = game.signal_where("lobby_chat_update", |args| {
            args[0] == lobby && args[1] == guest_id && args[3] == ENTERED
        });
        until("a member's list", samovar_e2e::DEADLINE, || {
            game.get("list")
                .as_array()
                .is_some_and(|list| list.contains(&json!(guest_id)))
        });
        game.barrier();
        let heard = names(game, before, guest_id);
        assert_eq!(heard.len(), 1, "{}: {heard:?}", game.name());
        assert!(heard[0] > entered.line, "{}: {heard:?}", game.name());
    }
}

#[test]
fn lists_that_are_filled_at_persona_state_change_are_complete() {
    let scenario = Scenario::new("member_list");
    let ann = player(&scenario, "ann");
    let bob = player(&scenario, "bob");
    let cid = player(&scenario, "cid");
    for (round, kind) in [PUBLIC, PRIVATE, FRIENDS_ONLY, INVISIBLE]
        .into_iter()
        .enumerate()
    {
        let lobby = create_lobby(&ann, kind, 4);
        if round == 0 {
            // From here on everybody knows everybody's name.
            befriend(&[&ann, &bob, &cid]);
        }
        for _ in 0..2 {
            meet(&bob, lobby, &[&ann]);
            meet(&cid, lobby, &[&ann, &bob]);
            for guest in [&bob, &cid] {
                let id = guest.steam_id();
                guest.game("leave", json!([]));
                wait_change(&ann, lobby, id, LEFT);
            }
            ann.set("list", json!([]));
        }
        ann.game("leave", json!([]));
    }
    scenario.finish([ann, bob, cid]);
}
