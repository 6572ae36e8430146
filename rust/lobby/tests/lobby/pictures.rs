//! Pictures of users.

use std::sync::Arc;

use samovar_id::SteamId;
use samovar_lobby::limits::{AVATAR_BYTES, AVATAR_RATE, SETTLE_MS};
use samovar_lobby::{Avatar, Command, Notice, PersonaError};

use crate::world::{APP, User, World};

const AVATAR: u32 = 64;

fn pixels(shade: u8) -> Arc<[u8]> {
    vec![shade; AVATAR_BYTES].into()
}

fn set(world: &mut World, user: User, number: u64, shade: u8) {
    let mirror = world.mirror(user);
    let set = mirror.set_avatar(Some((number, pixels(shade))));
    set.expect("a picture");
    world.settle();
}

/// The picture as another sees it, asking if it must.
fn seen(world: &mut World, user: User, about: SteamId) -> Avatar {
    let now = world.now;
    world.mirror(user).avatar(now, about);
    world.settle();
    world.mirror(user).avatar(now, about)
}

fn changed(user: SteamId) -> Notice {
    Notice::PersonaStateChange {
        user,
        flags: AVATAR,
    }
}

#[test]
fn a_picture_has_a_number_and_its_size() {
    let mut world = World::with_friends(1);
    let mirror = world.mirror(0);
    for (number, len) in [
        (7, 0),
        (7, AVATAR_BYTES - 1),
        (7, AVATAR_BYTES + 1),
        (0, AVATAR_BYTES),
    ] {
        let refused = mirror.set_avatar(Some((number, vec![0; len].into())));
        assert_eq!(refused, Err(PersonaError::NotAnAvatar), "{number} {len}");
    }
    assert_eq!(mirror.persona().avatar, 0);
    assert_eq!(mirror.pending(), 0);
}

#[test]
fn it_is_announced_then_asked_for_then_there() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    assert_eq!(seen(&mut world, 1, user), Avatar::Generated);
    set(&mut world, 0, 7, 200);
    assert_eq!(world.notices(0), [changed(user)], "oneself hears of it too");
    assert_eq!(world.notices(1), [changed(user)]);
    let now = world.now;
    for _ in 0..100 {
        assert_eq!(world.mirror(1).avatar(now, user), Avatar::Asked);
    }
    assert_eq!(world.mirror(1).pending(), 1, "asked once");
    world.settle();
    assert_eq!(world.notices(1), [changed(user)]);
    let picture = Avatar::Own(7, pixels(200));
    assert_eq!(world.mirror(1).avatar(now, user), picture);
    assert_eq!(world.mirror(1).pending(), 0, "and known from now on");
}

#[test]
fn a_new_one_replaces_it_and_none_takes_it_away() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    for number in [7, 8] {
        set(&mut world, 0, number, 1);
        let picture = Avatar::Own(number, pixels(1));
        assert_eq!(seen(&mut world, 1, user), picture);
    }
    world.mirror(0).set_avatar(None).expect("none");
    world.settle();
    assert_eq!(seen(&mut world, 1, user), Avatar::Generated);
}

#[test]
fn an_answer_that_is_too_late_for_its_number_is_not_shown() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    set(&mut world, 0, 7, 1);
    let now = world.now;
    world.mirror(1).avatar(now, user);
    set(&mut world, 0, 8, 2);
    assert_eq!(seen(&mut world, 1, user), Avatar::Own(8, pixels(2)));
}

#[test]
fn what_is_no_picture_is_kept_by_no_directory() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    for (avatar, len) in [(7, 0), (7, 5), (7, AVATAR_BYTES + 1), (0, AVATAR_BYTES)] {
        let pixels = vec![0; len];
        world.force(0, Command::SetAvatar { avatar, pixels });
        world.settle();
        assert!(world.notices(1).is_empty(), "{avatar} {len}");
        assert_eq!(seen(&mut world, 1, user), Avatar::Generated);
    }
}

#[test]
fn it_is_shown_to_fellow_members_who_are_no_friends_and_not_to_other_apps() {
    let mut world = World::with_users(2);
    world.party(&[0, 1]);
    let stranger = world.user(APP + 1);
    world.connect(stranger, 0).expect("let in");
    let user = world.id(0);
    set(&mut world, 0, 7, 1);
    assert_eq!(seen(&mut world, 1, user), Avatar::Own(7, pixels(1)));
    world.force(stranger, Command::Avatar { user });
    world.settle();
    assert!(world.notices(stranger).is_empty());
}

#[test]
fn it_outlives_the_directory_and_nobody_hears_of_it() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_friends(2);
        let user = world.id(0);
        set(&mut world, 0, 7, 1);
        let picture = Avatar::Own(7, pixels(1));
        assert_eq!(seen(&mut world, 1, user), picture);
        world.forget_notices();
        world.kill(0);
        let next = world.directory(2);
        for user in order {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        world.pass(2 * SETTLE_MS);
        assert_eq!(world.notices(1), [], "{order:?}");
        assert_eq!(seen(&mut world, 1, user), picture, "{order:?}");
        let late = world.user(APP);
        world.connect(late, next).expect("let in");
        world.settle();
        assert_eq!(seen(&mut world, late, user), picture, "asked of the next");
    }
}

#[test]
fn one_taken_away_without_a_directory_is_gone_in_the_next() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    set(&mut world, 0, 7, 1);
    seen(&mut world, 1, user);
    world.forget_notices();
    world.kill(0);
    world.mirror(0).set_avatar(None).expect("none");
    let next = world.directory(2);
    for user in [0, 1] {
        world.connect(user, next).expect("let in");
    }
    world.pass(2 * SETTLE_MS);
    assert_eq!(world.notices(1), [changed(user)]);
    assert_eq!(seen(&mut world, 1, user), Avatar::Generated);
}

#[test]
fn who_asks_too_often_is_not_answered() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    set(&mut world, 0, 7, 1);
    let (now, asker) = (world.now, world.id(1));
    let directory = world.directories[0].as_mut().expect("lives");
    for _ in 0..2_000 {
        directory.handle(now, asker, Command::Avatar { user });
    }
    let answers = std::iter::from_fn(|| directory.poll_output());
    let answers = answers.filter(|(_, event)| matches!(event, samovar_lobby::Event::Avatar { .. }));
    assert_eq!(answers.count(), AVATAR_RATE.burst as usize);
}
