//! Stop and Play in the editor: a killed game is started again at once and never meets its ghost.

use std::time::Duration;

use samovar_e2e::{APP_ID, Game, Scenario};

use crate::common::{
    ENTERED, INVISIBLE, P2P_RELIABLE, PUBLIC, create_lobby, join_lobby, lobby_of, members, owner,
    p2p, p2p_arrives, wait_change,
};

fn bee(scenario: &Scenario) -> Game {
    let bee = scenario.launch("bee").env("SAMOVAR_PROFILE", "bee").start();
    bee.init(APP_ID);
    bee
}

/// The others hear that the earlier membership ended, long before the grace of a lost link.
fn wait_gone(game: &Game, lobby: i64, who: i64) {
    game.signal_within(Duration::from_secs(15), "lobby_chat_update", |args| {
        args[0] == lobby && args[1] == who && (args[3] == 2 || args[3] == 4)
    });
}

#[test]
fn a_killed_game_that_starts_again_ends_its_earlier_membership() {
    let scenario = Scenario::new("restart");
    let ann = scenario.player("ann");
    let cid = scenario.player("cid");
    let first = bee(&scenario);
    let bee_id = first.steam_id();
    let (lobby, ids) = lobby_of(&[&ann, &first, &cid], 3);
    first.kill();

    let second = bee(&scenario);
    assert_eq!(second.steam_id(), bee_id);
    for game in [&ann, &cid] {
        wait_gone(game, lobby, bee_id);
        assert_eq!(members(game, lobby), [ids[0], ids[2]]);
    }
    // Its place is free again, although the lobby was full.
    join_lobby(&second, lobby);
    for game in [&ann, &cid] {
        wait_change(game, lobby, bee_id, ENTERED);
        assert_eq!(members(game, lobby), [ids[0], ids[2], bee_id]);
    }
    // Sessions start anew as well.
    ann.auto_accept(true);
    ann.poll_p2p(&[0]);
    second.poll_p2p(&[0]);
    p2p(&second, ids[0], "again", P2P_RELIABLE, 0);
    p2p_arrives(&ann, bee_id, "again", 0);
    p2p(&ann, bee_id, "hello again", P2P_RELIABLE, 0);
    p2p_arrives(&second, ids[0], "hello again", 0);
    scenario.finish([ann, cid, second]);
}

#[test]
fn an_owner_who_restarts_has_handed_its_lobby_over() {
    let scenario = Scenario::new("restart_owner");
    let ann = scenario.player("ann");
    let first = bee(&scenario);
    let bee_id = first.steam_id();
    let lobby = create_lobby(&first, PUBLIC, 4);
    join_lobby(&ann, lobby);
    first.kill();
    let second = bee(&scenario);
    wait_gone(&ann, lobby, bee_id);
    assert_eq!(owner(&ann, lobby), ann.steam_id());
    join_lobby(&second, lobby);
    assert_eq!(owner(&second, lobby), ann.steam_id());
    scenario.finish([ann, second]);
}

#[test]
fn the_host_of_the_directory_restarts() {
    let scenario = Scenario::new("restart_host");
    let first = bee(&scenario);
    let bee_id = first.steam_id();
    let _ = create_lobby(&first, INVISIBLE, 4);
    let ann = scenario.player("ann");
    let cid = scenario.player("cid");
    let lobby = create_lobby(&ann, PUBLIC, 4);
    join_lobby(&first, lobby);
    join_lobby(&cid, lobby);
    first.kill();
    let second = bee(&scenario);
    assert_eq!(second.steam_id(), bee_id);
    for game in [&ann, &cid] {
        wait_gone(game, lobby, bee_id);
    }
    join_lobby(&second, lobby);
    wait_change(&ann, lobby, bee_id, ENTERED);
    assert_eq!(members(&second, lobby).len(), 3);
    scenario.finish([ann, cid, second]);
}
