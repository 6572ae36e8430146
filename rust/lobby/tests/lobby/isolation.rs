//! Users of different apps do not see each other.

use samovar_lobby::{Command, LobbyKind, limits};

use crate::world::{APP, World};

fn strangers() -> World {
    let mut world = World::with_users(1);
    let other = world.user(APP + 1);
    world.connect(other, 0).expect("let in");
    world.settle();
    world
}

#[test]
fn a_lobby_of_another_app_does_not_exist() {
    let mut world = strangers();
    let lobby = world.lobby(0, LobbyKind::Public, 4);
    assert_eq!(world.join(1, lobby), 2);
    assert!(world.search(1).is_empty());
    let now = world.now;
    world
        .mirror(1)
        .request_data(now, lobby)
        .expect("a lobby's ID");
    world.settle();
    let notices = world.notices(1);
    assert!(
        matches!(
            notices[0],
            samovar_lobby::Notice::LobbyDataUpdate { success: false, .. }
        ),
        "{notices:?}"
    );
}

#[test]
fn neither_invitations_nor_names_nor_signals_cross() {
    let mut world = strangers();
    let lobby = world.lobby(0, LobbyKind::Public, 4);
    let (now, own, other) = (world.now, world.id(0), world.id(1));
    world.mirror(0).invite(now, lobby, other).expect("member");
    world.mirror(1).persona_name(now, own);
    world.settle();
    assert!(world.notices(1).is_empty());
    assert_eq!(world.mirror(1).known_name(own), None);
    assert_eq!(signals(&mut world, 0, 1, 1, 8), 0);
}

#[test]
fn signals_pass_within_an_app() {
    let mut world = World::with_users(2);
    assert_eq!(signals(&mut world, 0, 1, 1, limits::MAX_SIGNAL), 1);
    assert_eq!(
        signals(&mut world, 0, 1, 1, limits::MAX_SIGNAL + 1),
        0,
        "too long"
    );
    world.cut(1);
    assert_eq!(signals(&mut world, 0, 1, 1, 8), 0, "nobody there");
}

#[test]
fn signals_are_limited_for_each_sender_and_each_target() {
    let mut world = World::with_users(4);
    assert_eq!(signals(&mut world, 0, 3, 2000, 8), 1000);
    // Of what anybody may send, its share and what the one before has left of the common part.
    assert_eq!(signals(&mut world, 1, 3, 2000, 8), 24);
    assert_eq!(
        signals(&mut world, 2, 3, 2000, 8),
        12,
        "the target has had enough, but for each sender's share"
    );
}

/// How many of these signals arrive.
fn signals(world: &mut World, from: usize, to: usize, count: usize, len: usize) -> usize {
    let target = world.id(to);
    let (now, sender) = (world.now, world.id(from));
    let directory = world.directories[0].as_mut().expect("lives");
    for _ in 0..count {
        let command = Command::Signal {
            to: target,
            payload: vec![7; len],
        };
        directory.handle(now, sender, command);
    }
    std::iter::from_fn(|| directory.poll_output())
        .filter(|(user, event)| {
            *user == target
                && matches!(event, samovar_lobby::Event::Signal { from, .. } if *from == sender)
        })
        .count()
}
