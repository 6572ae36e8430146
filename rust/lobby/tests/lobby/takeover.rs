//! The directory ends, and another takes over.

use samovar_id::SteamId;
use samovar_lobby::{LobbyKind, Notice, limits};

use crate::chat::lines;
use crate::world::{GRACE_MS, Place, World};

/// Kills the directory and starts the next one.
fn replace(world: &mut World, place: Place) -> Place {
    world.kill(place);
    world.directory(place as u64 + 2)
}

fn furnish(world: &mut World, lobby: SteamId) {
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "map", "tea house")
        .expect("owner");
    for user in [0, 1, 2] {
        world
            .mirror(user)
            .set_member_data(now, lobby, "team", &user.to_string())
            .expect("member");
    }
    world.settle();
    world.forget_notices();
}

#[test]
fn everything_is_as_it_was_in_whatever_order_they_come() {
    for order in [[0, 1, 2], [2, 1, 0], [1, 2, 0], [1, 0, 2]] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        furnish(&mut world, lobby);
        let mut before = world.at(0).lobby(lobby).cloned().expect("exists");
        let next = replace(&mut world, 0);
        for user in order {
            world.connect(user, next).expect("let in");
            world.pass(300);
        }
        let after = world.at(next).lobby(lobby).cloned().expect("taken over");
        before.version = after.version;
        assert_eq!(after, before, "{order:?}");
        for user in order {
            assert_eq!(world.notices(user), [], "nothing has happened: {order:?}");
            assert_eq!(world.mirror(user).lobby(lobby), Some(&after));
        }
        world.pass(2 * GRACE_MS);
        assert_eq!(world.members(0, lobby).len(), 3);
        assert_eq!(world.mirror(1).owner(lobby), Some(world.users[0].id));
    }
}

#[test]
fn it_works_many_times_in_a_row() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let mut place = 0;
    for round in 0..10 {
        place = replace(&mut world, place);
        for user in 0..3 {
            world.connect((user + round) % 3, place).expect("let in");
        }
        world.settle();
        let now = world.now;
        world
            .mirror(0)
            .set_data(now, lobby, "round", &round.to_string())
            .expect("owner");
        world.settle();
        for user in 0..3 {
            assert_eq!(
                world.mirror(user).data(lobby, "round"),
                Some(round.to_string().as_str())
            );
            assert_eq!(world.members(user, lobby).len(), 3);
        }
    }
}

#[test]
fn the_owner_stays_the_owner_for_the_grace_time() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (owner, heir) = (world.id(0), world.id(1));
    let next = replace(&mut world, 0);
    world.connect(1, next).expect("let in");
    world.pass(GRACE_MS - 1);
    assert_eq!(world.mirror(1).owner(lobby), Some(owner));
    world.pass(1);
    assert_eq!(world.mirror(1).owner(lobby), Some(heir));
    let notices = world.notices(1);
    assert!(
        matches!(notices[..], [Notice::LobbyChatUpdate { changed, state: 4, .. }] if changed == owner),
        "{notices:?}"
    );
}

#[test]
fn the_newest_copy_wins() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        // The owner hears of its own change; for the other it comes too late.
        world.users[1].at = None;
        let now = world.now;
        world
            .mirror(0)
            .set_data(now, lobby, "map", "tea house")
            .expect("owner");
        world.settle();
        world.forget_notices();
        let next = replace(&mut world, 0);
        for user in order {
            world.connect(user, next).expect("let in");
        }
        world.settle();
        assert_eq!(
            world.mirror(1).data(lobby, "map"),
            Some("tea house"),
            "{order:?}"
        );
        let update = Notice::LobbyDataUpdate {
            success: true,
            lobby,
            member: lobby,
        };
        assert_eq!(world.notices(1), [update], "{order:?}");
        assert!(world.notices(0).is_empty(), "{order:?}");
    }
}

#[test]
fn a_member_brings_its_own_data_even_if_its_copy_is_not_the_newest() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    // User 2's copy is older than what user 1 and the directory know, then user 1 adds something that 0 misses.
    world.users[0].at = None;
    let now = world.now;
    world
        .mirror(1)
        .set_member_data(now, lobby, "team", "red")
        .expect("member");
    world.settle();
    world.forget_notices();
    let next = replace(&mut world, 0);
    world.connect(0, next).expect("let in");
    world.settle();
    world
        .mirror(0)
        .set_data(now, lobby, "map", "moved on")
        .expect("owner");
    world.settle();
    for user in [1, 2] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    let member = world.id(1);
    for user in 0..3 {
        assert_eq!(
            world.mirror(user).member_data(lobby, member, "team"),
            Some("red"),
            "{user}"
        );
        assert_eq!(
            world.mirror(user).data(lobby, "map"),
            Some("moved on"),
            "{user}"
        );
    }
}

#[test]
fn a_line_said_as_the_directory_dies_is_heard_once_by_everybody() {
    // However far it has come: not sent, at the directory, at some of the members, acknowledged.
    for steps in 0..8 {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let now = world.now;
        world.mirror(0).chat(now, lobby, "one").expect("member");
        world.mirror(0).chat(now, lobby, "two").expect("member");
        for _ in 0..steps {
            world.step();
        }
        let next = replace(&mut world, 0);
        for user in [2, 0, 1] {
            world.connect(user, next).expect("let in");
        }
        world.settle();
        for user in 0..3 {
            let heard: Vec<String> = lines(&mut world, user)
                .into_iter()
                .map(|(_, text)| text)
                .collect();
            assert_eq!(heard, ["one", "two"], "{steps} {user}");
        }
    }
}

#[test]
fn a_line_is_said_again_when_only_some_had_heard_it() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    // The line is acknowledged to the speaker, and dies on its way to the other.
    world.users[1].at = None;
    let now = world.now;
    world.mirror(0).chat(now, lobby, "tea?").expect("member");
    world.settle();
    assert_eq!(lines(&mut world, 0).len(), 1);
    let next = replace(&mut world, 0);
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(lines(&mut world, 1).len(), 1);
    assert!(lines(&mut world, 0).is_empty(), "heard already");
}

#[test]
fn a_new_process_speaks_from_the_start_again() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    for _ in 0..5 {
        world.mirror(1).chat(now, lobby, "old").expect("member");
    }
    world.settle();
    world.restart(1);
    world.connect(1, 0).expect("let in");
    assert_eq!(world.join(1, lobby), 1);
    world.forget_notices();
    world.mirror(1).chat(now, lobby, "new").expect("member");
    world.settle();
    assert_eq!(lines(&mut world, 0).len(), 1);
}

#[test]
fn searches_and_joins_wait_until_the_lobbies_have_come() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0]);
    let next = replace(&mut world, 0);
    let now = world.now;
    for user in [1, 2] {
        world.connect(user, next).expect("let in");
    }
    world.mirror(1).join(now, lobby).expect("room");
    world.mirror(2).request_list(now).expect("room");
    world.pass(700);
    assert_eq!(world.response(1), None, "not: there is no such lobby");
    world.connect(0, next).expect("let in");
    world.settle();
    assert_eq!(world.response(1), Some(1));
    world.pass(1_300);
    assert_eq!(world.match_list(2), Some(vec![lobby]));
    assert_eq!(
        world.join(1, SteamId::lobby(1)),
        2,
        "and later nothing waits any more"
    );
}

#[test]
fn in_a_directory_that_takes_over_from_none_searches_do_not_wait() {
    let mut world = World::with_users(0);
    let user = world.user(crate::world::APP);
    world.connect(user, 0).expect("let in");
    assert!(world.search(user).is_empty());
    // Whoever asks for a lobby by its ID may have it from a directory that has just ended.
    let now = world.now;
    let mirror = world.mirror(user);
    mirror.join(now, SteamId::lobby(1)).expect("room");
    world.settle();
    assert_eq!(world.response(user), None);
    world.pass(limits::SETTLE_MS);
    assert_eq!(world.response(user), Some(2));
}

#[test]
fn who_joins_by_id_while_a_directory_is_taken_over_waits_for_the_members() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let newcomer = world.user(crate::world::APP);
    world.kill(0);
    let next = world.directory(2);
    world.connect(newcomer, next).expect("let in");
    let now = world.now;
    world.mirror(newcomer).join(now, lobby).expect("room");
    world.pass(300);
    assert_eq!(world.response(newcomer), None);
    world.connect(0, next).expect("let in");
    world.settle();
    assert_eq!(world.response(newcomer), Some(1));
}

#[test]
fn a_request_under_way_is_answered_by_the_next_directory() {
    for steps in 0..6 {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0]);
        let now = world.now;
        world.mirror(1).join(now, lobby).expect("room");
        world
            .mirror(1)
            .create(now, LobbyKind::Invisible, 3)
            .expect("room");
        for _ in 0..steps {
            world.step();
        }
        let next = replace(&mut world, 0);
        for user in [1, 0] {
            world.connect(user, next).expect("let in");
            world.pass(100);
        }
        let notices = world.notices(1);
        let joined = |notice: &&Notice| matches!(notice, Notice::LobbyJoined { response: 1, .. });
        assert_eq!(
            notices.iter().filter(joined).count(),
            2,
            "{steps}: {notices:?}"
        );
        assert_eq!(world.members(0, lobby), world.members(1, lobby), "{steps}");
        assert_eq!(world.members(0, lobby).len(), 2, "{steps}");
        assert_eq!(world.at(next).lobbies().count(), 2, "{steps}");
    }
}

#[test]
fn whoever_started_again_meanwhile_is_no_member() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        world.kill(0);
        world.restart(1);
        let next = world.directory(2);
        for user in order {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        assert_eq!(world.members(0, lobby), [world.id(0)], "{order:?}");
        assert_eq!(world.mirror(1).member_count(lobby), 0);
    }
}

#[test]
fn who_crashes_with_the_directory_and_starts_again_has_not_left_of_its_own_will() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        world.kill(0);
        world.restart(0);
        let next = world.directory(2);
        world.forget_notices();
        for user in order {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        assert_eq!(gone(&mut world, lobby), [(0, DISCONNECTED)], "{order:?}");
    }
}

#[test]
fn who_leaves_while_there_is_no_directory_has_left() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.kill(0);
    world.cut(0);
    let now = world.now;
    world.mirror(0).leave(now, lobby).expect("member");
    let next = world.directory(2);
    world.forget_notices();
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
        world.settle();
    }
    assert_eq!(gone(&mut world, lobby), [(0, LEFT)]);
}

/// `k_EChatMemberStateChangeLeft`.
const LEFT: u32 = 2;
/// `k_EChatMemberStateChangeDisconnected`.
const DISCONNECTED: u32 = 4;

/// Which users the second one has heard of that they went, and how.
fn gone(world: &mut World, lobby: SteamId) -> Vec<(usize, u32)> {
    let ids = [world.id(0), world.id(1)];
    let went = |notice: Notice| match notice {
        Notice::LobbyChatUpdate {
            lobby: of,
            changed,
            state,
            ..
        } if of == lobby => Some((ids.iter().position(|id| *id == changed)?, state)),
        _ => None,
    };
    world.notices(1).into_iter().filter_map(went).collect()
}

#[test]
fn who_only_asks_to_be_taken_has_left_nothing() {
    for asks_first in [false, true] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let next = replace(&mut world, 0);
        world.forget_notices();
        if asks_first {
            world.ask(0, next).expect("taken");
            world.connect(1, next).expect("let in");
        } else {
            world.connect(1, next).expect("let in");
            world.settle();
            world.ask(0, next).expect("taken");
        }
        world.settle();
        assert_eq!(world.members(1, lobby).len(), 2);
        world.connect(0, next).expect("let in");
        world.settle();
        for user in [0, 1] {
            assert_eq!(world.notices(user), [], "nothing has happened");
            assert_eq!(world.members(user, lobby).len(), 2);
        }
    }
}
