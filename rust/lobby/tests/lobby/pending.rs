//! What waits for a directory.

use samovar_lobby::{LobbyError, LobbyKind, limits::MAX_PENDING_COMMANDS};

use crate::chat::lines;
use crate::world::World;

#[test]
fn calls_made_without_a_directory_are_carried_out_by_the_next_one() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.kill(0);
    let (now, other) = (world.now, world.id(1));
    let mirror = world.mirror(0);
    mirror
        .set_data(now, lobby, "map", "tea house")
        .expect("owner");
    mirror.chat(now, lobby, "still there?").expect("member");
    mirror.set_owner(now, lobby, other).expect("owner");
    assert_eq!(mirror.data(lobby, "map"), Some("tea house"));
    let next = world.directory(2);
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(world.mirror(1).data(lobby, "map"), Some("tea house"));
    assert_eq!(world.mirror(1).owner(lobby), Some(other));
    assert_eq!(lines(&mut world, 1).len(), 1);
}

#[test]
fn the_queue_is_bounded_and_says_so() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    world.kill(0);
    let now = world.now;
    let mirror = world.mirror(0);
    let mut taken = 0;
    let error = loop {
        match mirror.request_data(now, lobby) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(taken, MAX_PENDING_COMMANDS);
    assert_eq!(error, LobbyError::TooManyPending);
    assert_eq!(mirror.create(now, LobbyKind::Public, 4), Err(error));
    assert_eq!(mirror.request_list(now), Err(error));
    assert_eq!(mirror.chat(now, lobby, "hm"), Err(error));
    assert_eq!(mirror.set_data(now, lobby, "k", "v"), Err(error));
    assert_eq!(
        mirror.data(lobby, "k"),
        None,
        "a call that fails changes nothing"
    );
    mirror.leave(now, lobby).expect("always possible");
    mirror.leave(now, lobby).expect_err("left already");
    let pending = usize::try_from(mirror.pending()).expect("a count");
    assert_eq!(
        pending,
        MAX_PENDING_COMMANDS + 1,
        "the leave, and what was before it"
    );
}
