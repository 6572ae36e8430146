//! Requests that nobody answers, or answers late.

use samovar_id::SteamId;
use samovar_lobby::{LobbyKind, Notice, limits};

use crate::world::{APP, World};

const PATIENCE_MS: u64 = 20_000;

/// A user who has no directory.
fn alone() -> World {
    let mut world = World::with_users(0);
    world.user(APP);
    world
}

#[test]
fn without_a_directory_requests_run_out_with_steams_codes() {
    let mut world = alone();
    let (now, lobby) = (world.now, SteamId::lobby(5));
    let mirror = world.mirror(0);
    mirror.create(now, LobbyKind::Public, 4).expect("room");
    mirror.join(now, lobby).expect("room");
    mirror.request_list(now).expect("room");
    world.pass(PATIENCE_MS - 1);
    assert!(world.notices(0).is_empty());
    world.pass(1);
    assert_eq!(
        world.notices(0),
        [
            Notice::LobbyCreated {
                result: 16,
                lobby: None
            },
            Notice::LobbyJoined {
                lobby,
                locked: false,
                response: 5
            },
            Notice::LobbyMatchList {
                lobbies: Vec::new()
            },
        ]
    );
    assert_eq!(world.mirror(0).pending(), 0, "and are not sent later");
    assert_eq!(world.mirror(0).poll_timeout(), None);
}

#[test]
fn a_directory_found_in_time_answers() {
    let mut world = alone();
    let now = world.now;
    world
        .mirror(0)
        .create(now, LobbyKind::Public, 4)
        .expect("room");
    world.pass(PATIENCE_MS - 1);
    world.connect(0, 0).expect("let in");
    world.settle();
    let notices = world.notices(0);
    assert!(
        matches!(notices[0], Notice::LobbyCreated { result: 1, .. }),
        "{notices:?}"
    );
}

#[test]
fn a_search_that_another_replaced_runs_out_silently() {
    let mut world = alone();
    for _ in 0..1000 {
        let now = world.now;
        world
            .mirror(0)
            .request_list(now)
            .expect("it replaces the last one");
    }
    world.pass(PATIENCE_MS);
    assert_eq!(world.notices(0).len(), 1);
}

#[test]
fn a_lobby_that_comes_too_late_is_left_again() {
    let mut world = World::with_users(1);
    let now = world.now;
    world
        .mirror(0)
        .create(now, LobbyKind::Public, 4)
        .expect("room");
    while world.at(0).lobbies().count() == 0 {
        assert!(world.step());
    }
    // The answer is on its way for longer than the game was made to wait.
    world.now = now.plus(PATIENCE_MS);
    let late = world.now;
    world.mirror(0).handle_timeout(late);
    world.settle();
    let timed_out = Notice::LobbyCreated {
        result: 16,
        lobby: None,
    };
    assert_eq!(world.notices(0), [timed_out]);
    assert_eq!(world.at(0).lobbies().count(), 0);
}

#[test]
fn a_request_that_ran_out_after_it_was_sent_is_not_sent_again() {
    let mut world = World::with_users(1);
    let now = world.now;
    world
        .mirror(0)
        .create(now, LobbyKind::Public, 4)
        .expect("room");
    assert!(world.step(), "it is under way");
    world.cut(0);
    world.pass(PATIENCE_MS);
    world.connect(0, 0).expect("let in");
    while world.step() {
        assert_eq!(world.at(0).lobbies().count(), 0);
    }
    assert_eq!(world.mirror(0).pending(), 0);
}

#[test]
fn a_lost_answer_is_asked_for_again_and_leaves_no_ghost() {
    for steps in 0..12 {
        let mut world = World::with_users(2);
        let lobby = world.lobby(1, LobbyKind::Public, 4);
        let now = world.now;
        world
            .mirror(0)
            .create(now, LobbyKind::Invisible, 2)
            .expect("room");
        world.mirror(0).join(now, lobby).expect("room");
        world.mirror(0).request_list(now).expect("room");
        for _ in 0..steps {
            world.step();
        }
        world.connect(0, 0).expect("let in");
        world.settle();
        let notices = world.notices(0);
        let created = notices
            .iter()
            .filter(|notice| matches!(notice, Notice::LobbyCreated { result: 1, .. }));
        assert_eq!(created.count(), 1, "{steps}: {notices:?}");
        let joined = notices
            .iter()
            .filter(|notice| matches!(notice, Notice::LobbyJoined { response: 1, .. }));
        assert_eq!(joined.count(), 2, "{steps}: {notices:?}");
        let found = notices
            .iter()
            .filter(|notice| matches!(notice, Notice::LobbyMatchList { .. }));
        assert_eq!(found.count(), 1, "{steps}: {notices:?}");
        assert_eq!(world.at(0).lobbies().count(), 2, "{steps}");
        assert_eq!(world.mirror(0).lobbies().count(), 2, "{steps}");
    }
}

#[test]
fn every_question_for_a_lobby_is_answered_however_many_there_are() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let now = world.now;
    for _ in 0..limits::MAX_PENDING_COMMANDS {
        world.mirror(1).request_data(now, lobby).expect("room");
    }
    world.settle();
    assert_eq!(world.mirror(1).unanswered_since(), None, "it owes nothing");
}
