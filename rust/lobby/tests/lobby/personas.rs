//! Names of users.

use samovar_id::SteamId;
use samovar_lobby::Notice;

use crate::world::{World, name};

#[test]
fn an_unknown_name_is_asked_for_once_and_reported() {
    let mut world = World::with_users(2);
    let (now, other) = (world.now, world.id(1));
    for _ in 0..100 {
        assert_eq!(world.mirror(0).persona_name(now, other), None);
    }
    assert_eq!(world.mirror(0).pending(), 1);
    world.settle();
    let notice = Notice::PersonaStateChange {
        user: other,
        flags: 65,
    };
    assert_eq!(world.notices(0), [notice]);
    assert_eq!(
        world.mirror(0).persona_name(now, other),
        Some(name(other).as_str())
    );
}

#[test]
fn a_user_whom_nobody_knows_is_asked_for_again_later() {
    let mut world = World::with_users(1);
    let nobody = SteamId::individual(123_456 << 20);
    let now = world.now;
    assert_eq!(world.mirror(0).persona_name(now, nobody), None);
    world.settle();
    assert!(world.notices(0).is_empty());
    assert_eq!(world.mirror(0).persona_name(now, nobody), None);
    assert_eq!(world.mirror(0).pending(), 0);
    world.pass(5_000);
    let now = world.now;
    assert_eq!(world.mirror(0).persona_name(now, nobody), None);
    assert_eq!(world.mirror(0).pending(), 1);
}

#[test]
fn ones_own_name_and_those_of_fellow_members_are_known() {
    let mut world = World::with_users(2);
    world.party(&[0, 1]);
    for user in [0, 1] {
        for about in [0, 1] {
            let about = world.id(about);
            assert_eq!(
                world.mirror(user).known_name(about),
                Some(name(about).as_str())
            );
        }
    }
}

#[test]
fn an_id_that_is_no_user_is_not_asked_for() {
    let mut world = World::with_users(1);
    let now = world.now;
    assert_eq!(world.mirror(0).persona_name(now, SteamId::lobby(4)), None);
    assert_eq!(world.mirror(0).pending(), 0);
}
