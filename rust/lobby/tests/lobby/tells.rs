//! What users tell each other by way of the directory: invitations to a game, and of tickets.

use samovar_id::SteamId;
use samovar_lobby::limits::{MAX_CONNECT, OWN_SPEECH_RATE, SPEECH_RATE};
use samovar_lobby::{Command, LobbyError, Notice, Tell};

use crate::world::{APP, User, World, name};

fn invitation(connect: &str) -> Tell {
    Tell::GameInvite {
        connect: connect.to_owned(),
    }
}

/// What a user has been told by others since the last time.
fn told(world: &mut World, user: User) -> Vec<(SteamId, Tell)> {
    let notices = world.notices(user).into_iter();
    let told = notices.filter_map(|notice| match notice {
        Notice::Told { from, tell } => Some((from, tell)),
        _ => None,
    });
    told.collect()
}

#[test]
fn it_reaches_the_user_and_nobody_else() {
    let mut world = World::with_users(3);
    let (now, from, to) = (world.now, world.id(0), world.id(1));
    let all = [
        invitation("+connect 192.0.2.7"),
        invitation(""),
        invitation(&"c".repeat(MAX_CONNECT)),
        Tell::TicketUsed { ticket: 7 },
        Tell::TicketCancelled { ticket: u64::MAX },
    ];
    for tell in &all {
        let mirror = world.mirror(0);
        mirror.tell(now, to, tell.clone()).expect("a user");
    }
    world.settle();
    let expected: Vec<(SteamId, Tell)> = all.map(|tell| (from, tell)).into();
    assert_eq!(told(&mut world, 1), expected, "in order");
    let known = world.mirror(1).known_name(from).map(str::to_owned);
    assert_eq!(known, Some(name(from)), "and who it is");
    assert!(world.notices(0).is_empty());
    assert!(world.notices(2).is_empty());
}

#[test]
fn what_is_refused_on_the_spot() {
    let mut world = World::with_users(2);
    let (now, to) = (world.now, world.id(1));
    let long = invitation(&"c".repeat(MAX_CONNECT + 1));
    let mirror = world.mirror(0);
    assert_eq!(
        mirror.tell(now, SteamId::lobby(1), invitation("")),
        Err(LobbyError::NotAUser)
    );
    assert_eq!(
        mirror.tell(now, to, long.clone()),
        Err(LobbyError::ConnectTooLong { len: 257 })
    );
    assert_eq!(mirror.pending(), 0);
    world.force(0, Command::Tell { to, tell: long });
    world.settle();
    assert!(
        world.notices(1).is_empty(),
        "nor does a directory pass it on"
    );
}

#[test]
fn who_is_not_there_is_not_told_later() {
    let mut world = World::with_users(2);
    world.party(&[0, 1]);
    let (now, to) = (world.now, world.id(1));
    world.cut(1);
    world
        .mirror(0)
        .tell(now, to, invitation("x"))
        .expect("room");
    world.settle();
    world.connect(1, 0).expect("let in");
    world.settle();
    assert!(told(&mut world, 1).is_empty());
}

#[test]
fn users_of_another_app_are_not_told() {
    let mut world = World::with_users(1);
    let other = world.user(APP + 1);
    world.connect(other, 0).expect("let in");
    let (now, to) = (world.now, world.id(other));
    world
        .mirror(0)
        .tell(now, to, invitation("x"))
        .expect("room");
    world.settle();
    assert!(world.notices(other).is_empty());
}

#[test]
fn who_tells_too_much_hears_so_and_all_that_was_accepted_arrives() {
    let mut world = World::with_users(2);
    let (now, to) = (world.now, world.id(1));
    let mut accepted = 0;
    let refused = loop {
        match world.mirror(0).tell(now, to, invitation("x")) {
            Ok(()) => accepted += 1,
            Err(error) => break error,
        }
        world.settle();
    };
    assert_eq!(refused, LobbyError::TooOften);
    assert_eq!(accepted, OWN_SPEECH_RATE.burst as usize);
    assert_eq!(told(&mut world, 1).len(), accepted);
}

#[test]
fn a_client_that_floods_nevertheless_is_cut_short() {
    let mut world = World::with_users(2);
    let to = world.id(1);
    for _ in 0..2_000 {
        let tell = invitation("x");
        world.force(0, Command::Tell { to, tell });
    }
    world.settle();
    assert_eq!(told(&mut world, 1).len(), SPEECH_RATE.burst as usize);
}

#[test]
fn tickets_do_not_use_up_what_the_game_says() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, to) = (world.now, world.id(1));
    let mirror = world.mirror(0);
    let mut ticket = 0;
    while mirror.tell(now, to, Tell::TicketUsed { ticket }).is_ok() {
        ticket += 1;
    }
    assert!(ticket > 0);
    assert_eq!(mirror.chat(now, lobby, "still here"), Ok(()));
    assert_eq!(mirror.tell(now, to, invitation("come")), Ok(()));
}
