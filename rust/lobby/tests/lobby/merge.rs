//! Two directories that could not see each other served the same lobbies; then one stands down.

use samovar_lobby::LobbyKind;

use crate::world::{GRACE_MS, World};

/// Users 0 and 1 on one side, 2 and 3 on the other of a cut through one lobby; the second side has the newer directory.
fn cut() -> (World, samovar_id::SteamId) {
    let mut world = World::with_users(4);
    let lobby = world.party(&[0, 1, 2, 3]);
    let other = world.directory(2);
    for user in [2, 3] {
        world.connect(user, other).expect("let in");
    }
    world.settle();
    (world, lobby)
}

fn merge(world: &mut World, order: &[usize]) {
    for user in order {
        world.connect(*user, 1).expect("let in");
        world.settle();
    }
    world.directories[0] = None;
    world.settle();
}

#[test]
fn a_short_cut_is_not_noticed() {
    for order in [[0, 1], [1, 0]] {
        let (mut world, lobby) = cut();
        world.pass(GRACE_MS / 2);
        merge(&mut world, &order);
        world.pass(2 * GRACE_MS);
        for user in 0..4 {
            assert_eq!(world.members(user, lobby).len(), 4, "{user}");
            assert_eq!(
                world.mirror(user).owner(lobby),
                Some(world.users[0].id),
                "{user}"
            );
        }
        world.forget_notices();
    }
}

#[test]
fn after_a_long_cut_all_are_members_of_one_lobby_with_one_owner() {
    let (mut world, lobby) = cut();
    world.pass(2 * GRACE_MS);
    assert_eq!(world.members(0, lobby).len(), 2);
    assert_eq!(world.members(2, lobby).len(), 2);
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "side", "one")
        .expect("owner on its side");
    world
        .mirror(2)
        .set_data(now, lobby, "side", "two")
        .expect("owner on its side");
    world.settle();
    merge(&mut world, &[0, 1]);
    world.pass(2 * GRACE_MS);
    for user in 0..4 {
        assert_eq!(world.members(user, lobby).len(), 4, "{user}");
        assert_eq!(
            world.mirror(user).owner(lobby),
            Some(world.users[2].id),
            "{user}"
        );
        assert_eq!(
            world.mirror(user).data(lobby, "side"),
            Some("two"),
            "{user}"
        );
        let copy = world.mirror(user).lobby(lobby).cloned();
        assert_eq!(copy.as_ref(), world.at(1).lobby(lobby));
    }
}

#[test]
fn there_is_not_room_for_everybody_after_a_cut() {
    let (mut world, lobby) = cut();
    world.pass(2 * GRACE_MS);
    let now = world.now;
    world
        .mirror(2)
        .set_member_limit(now, lobby, 3)
        .expect("owner on its side");
    world.settle();
    merge(&mut world, &[0, 1]);
    let inside: Vec<usize> = (0..4)
        .filter(|user| world.mirror(*user).member_count(lobby) > 0)
        .collect();
    assert_eq!(inside, [0, 2, 3]);
    assert_eq!(world.members(0, lobby).len(), 3);
    let notices = world.notices(1);
    assert!(
        matches!(
            notices.last(),
            Some(samovar_lobby::Notice::LobbyKicked {
                due_to_disconnect: true,
                ..
            })
        ),
        "{notices:?}"
    );
}

#[test]
fn lobbies_of_either_side_live_on() {
    let (mut world, _) = cut();
    let one = world.party_of(LobbyKind::Invisible, &[0, 1]);
    let two = world.party_of(LobbyKind::Invisible, &[2, 3]);
    merge(&mut world, &[0, 1]);
    let late = world.user(crate::world::APP);
    world.connect(late, 1).expect("let in");
    world.settle();
    assert_eq!(world.members(0, one).len(), 2);
    assert_eq!(world.members(2, two).len(), 2);
    let now = world.now;
    world.mirror(late).request_list(now).expect("room");
    world.pass(3_000);
    let found = world.match_list(late).expect("answered");
    assert!(found.contains(&one) && found.contains(&two));
}

#[test]
fn coming_from_a_newer_directory_to_an_older_one_works_too() {
    let (mut world, lobby) = cut();
    world.pass(2 * GRACE_MS);
    for user in [2, 3] {
        world.connect(user, 0).expect("let in");
        world.settle();
    }
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "k", "v")
        .expect("owner");
    world.settle();
    for user in 0..4 {
        assert_eq!(world.members(user, lobby).len(), 4, "{user}");
        assert_eq!(world.mirror(user).data(lobby, "k"), Some("v"), "{user}");
    }
}
