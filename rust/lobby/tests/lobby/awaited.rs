//! A member who is gone is waited for once, however many directories follow each other meanwhile.

use samovar_lobby::{Command, LobbyKind, Notice, limits::MIN_AWAITED_MS};

use crate::world::{GRACE_MS, World};

/// When a member was told gone, in milliseconds after it was cut off, if it was.
fn told_gone(world: &mut World, since: u64, user: usize) -> Option<u64> {
    let told = world.notices(user);
    let is_gone = |notice: &Notice| matches!(notice, Notice::LobbyChatUpdate { state: 4, .. });
    told.iter().any(is_gone).then_some(world.now.0 - since)
}

#[test]
fn three_takeovers_do_not_lengthen_the_grace_time() {
    for first in [0, 1, 2] {
        let mut world = World::with_users(4);
        world.party(&[0, 1, 2, 3]);
        world.cut(3);
        let since = world.now.0;
        for place in 0..3 {
            world.pass(7_000);
            world.kill(place);
            let next = world.directory(place as u64 + 2);
            for user in 0..3 {
                world.connect((first + user) % 3, next).expect("let in");
            }
            world.settle();
        }
        world.pass(GRACE_MS - 21_000 - 1);
        assert_eq!(told_gone(&mut world, since, 0), None, "not too early");
        world.pass(1);
        assert_eq!(told_gone(&mut world, since, 0), Some(GRACE_MS));
    }
}

#[test]
fn who_comes_in_meanwhile_knows_it_too() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    world.cut(1);
    world.pass(20_000);
    assert_eq!(world.join(2, lobby), 1);
    world.pass(1_000);
    world.kill(0);
    let next = world.directory(2);
    world.connect(2, next).expect("let in");
    world.settle();
    world.forget_notices();
    world.pass(GRACE_MS - 21_000 - 1);
    assert_eq!(world.members(2, lobby).len(), 3);
    world.pass(1);
    // The owner was here a moment ago, and has all its time.
    assert_eq!(world.members(2, lobby).len(), 2);
}

#[test]
fn who_is_back_is_waited_for_anew() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.cut(1);
    world.pass(GRACE_MS - 1_000);
    world.connect(1, 0).expect("let in");
    world.settle();
    world.kill(0);
    let next = world.directory(2);
    world.connect(0, next).expect("let in");
    world.pass(GRACE_MS - 1);
    assert_eq!(world.members(0, lobby).len(), 2);
    world.connect(1, next).expect("let in");
    world.pass(2 * GRACE_MS);
    assert_eq!(world.members(0, lobby).len(), 2);
}

#[test]
fn a_member_cannot_shorten_the_time_of_another() {
    // A liar comes first and says that the others have been away for long; one who knows better follows.
    for honest_comes in [false, true] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        world.kill(0);
        let next = world.directory(2);
        world.lie_about_who_is_away(0, next);
        world.settle();
        if honest_comes {
            world.connect(1, next).expect("let in");
        }
        let awaited = if honest_comes {
            GRACE_MS
        } else {
            MIN_AWAITED_MS
        };
        world.pass(awaited - 1);
        assert!(world.members(0, lobby).contains(&world.id(2)));
        world.connect(2, next).expect("let in");
        world.settle();
        world.pass(2 * GRACE_MS);
        assert!(world.members(0, lobby).contains(&world.id(2)));
    }
}

#[test]
fn nobody_hears_of_it_who_is_not_in_a_lobby_with_the_member() {
    let mut world = World::with_users(3);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    world.force(2, Command::Describe { lobby });
    world.settle();
    world.forget_notices();
    let mut told = 0;
    world.cut(0);
    world.leave_out(2, |_| {
        told += 1;
        false
    });
    assert_eq!(told, 0);
}
