//! Rich presence.

use samovar_id::SteamId;
use samovar_lobby::limits::GATHER_MS;
use samovar_lobby::{
    Command, LobbyError, Notice, Persona, PersonaError, Presence, Refusal, RichPresence,
};

use crate::world::{APP, GRACE_MS, User, World};

fn set(world: &mut World, user: User, pairs: &[(&str, &str)]) {
    let now = world.now;
    for (key, value) in pairs {
        let mirror = world.mirror(user);
        let set = mirror.set_rich_presence(now, key, value);
        set.expect("it fits");
    }
}

fn seen(world: &mut World, user: User, about: SteamId) -> Vec<(String, String)> {
    let presence = world.mirror(user).rich_presence(about);
    presence.cloned().unwrap_or_default().into_iter().collect()
}

fn news(user: SteamId) -> [Notice; 2] {
    [
        Notice::PersonaStateChange {
            user,
            flags: 0x4000,
        },
        Notice::FriendRichPresenceUpdate { user, app_id: APP },
    ]
}

fn at_tea() -> Vec<(String, String)> {
    vec![("status".to_owned(), "at tea".to_owned())]
}

#[test]
fn bounds_are_told_on_the_spot_and_nothing_is_half_done() {
    let mut world = World::with_friends(1);
    let now = world.now;
    let mirror = world.mirror(0);
    for key in 0..30 {
        let set = mirror.set_rich_presence(now, &key.to_string(), "v");
        set.expect("it fits");
    }
    let (key, value) = ("k".repeat(65), "v".repeat(257));
    for (rule, key, value, error) in [
        ("30 keys", "more", "v", PersonaError::TooManyKeys),
        ("a key has a name", "", "v", PersonaError::KeyEmpty),
        (
            "64 bytes a key",
            &key,
            "v",
            PersonaError::KeyTooLong { len: 65 },
        ),
        (
            "256 a value",
            "0",
            &value,
            PersonaError::ValueTooLong { len: 257 },
        ),
    ] {
        let refused = mirror.set_rich_presence(now, key, value);
        assert_eq!(refused, Err(error), "{rule}");
    }
    assert_eq!(mirror.my_rich_presence().len(), 30);
    let removed = mirror.set_rich_presence(now, "0", "");
    assert_eq!((removed, mirror.my_rich_presence().len()), (Ok(()), 29));
    mirror.clear_rich_presence(now);
    assert!(mirror.my_rich_presence().is_empty());
}

#[test]
fn keys_set_in_one_moment_are_one_piece_of_news_to_friends() {
    let mut world = World::with_friends(3);
    world.gathers = true;
    let user = world.id(0);
    set(&mut world, 0, &[("status", "at tea"), ("map", "garden")]);
    set(&mut world, 0, &[("map", "")]);
    world.pass(GATHER_MS - 1);
    assert!(world.notices(1).is_empty());
    world.pass(1);
    for other in [1, 2] {
        assert_eq!(world.notices(other), news(user));
        assert_eq!(seen(&mut world, other, user), at_tea());
    }
    assert!(world.notices(0).is_empty(), "not to oneself");
    set(&mut world, 0, &[("status", "in bed"), ("status", "at tea")]);
    world.pass(GATHER_MS);
    assert!(world.notices(1).is_empty(), "as it was");
}

#[test]
fn others_ask_for_it() {
    let mut world = World::with_users(2);
    let (user, nobody) = (world.id(0), SteamId::individual(99 << 32));
    set(&mut world, 0, &[("status", "at tea")]);
    world.settle();
    assert!(world.notices(1).is_empty(), "no friend");
    let now = world.now;
    let mirror = world.mirror(1);
    assert_eq!(mirror.rich_presence(user), None);
    assert_eq!(
        mirror.request_rich_presence(now, SteamId::lobby(1)),
        Err(LobbyError::NotAUser)
    );
    for about in [user, nobody] {
        mirror.request_rich_presence(now, about).expect("room");
    }
    world.settle();
    assert_eq!(world.notices(1), news(user));
    assert_eq!(seen(&mut world, 1, user), at_tea());
    let now = world.now;
    let mirror = world.mirror(1);
    mirror.request_rich_presence(now, user).expect("room");
    world.settle();
    let [_, answer] = news(user);
    assert_eq!(world.notices(1), [answer], "answered, though as it was");
}

#[test]
fn it_does_not_cross_apps() {
    let mut world = World::with_friends(1);
    let other = world.user(APP + 1);
    world.connect(other, 0).expect("let in");
    let user = world.id(0);
    set(&mut world, 0, &[("status", "at tea")]);
    world.settle();
    let now = world.now;
    let mirror = world.mirror(other);
    mirror.request_rich_presence(now, user).expect("room");
    world.settle();
    assert!(world.notices(other).is_empty());
    assert_eq!(world.mirror(other).rich_presence(user), None);
}

#[test]
fn it_is_the_same_in_the_next_directory_and_after_a_lost_link() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_friends(2);
        world.party(&[0, 1]);
        let user = world.id(0);
        set(&mut world, 0, &[("status", "at tea")]);
        world.settle();
        world.forget_notices();
        world.kill(0);
        let next = world.directory(2);
        for user in order {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        world.cut(0);
        world.pass(GRACE_MS / 2);
        world.connect(0, next).expect("let in");
        world.pass(GRACE_MS);
        assert!(world.notices(1).is_empty(), "{order:?}: nothing happened");
        assert_eq!(seen(&mut world, 1, user), at_tea(), "{order:?}");
    }
}

#[test]
fn what_was_set_without_a_directory_is_seen_by_the_next() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    world.kill(0);
    set(&mut world, 0, &[("status", "at tea")]);
    let next = world.directory(2);
    for user in [0, 1] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(world.notices(1), news(user));
    assert_eq!(seen(&mut world, 1, user), at_tea());
}

#[test]
fn a_new_process_begins_with_none() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    set(&mut world, 0, &[("status", "at tea")]);
    world.settle();
    world.restart(0);
    world.connect(0, 0).expect("let in");
    world.settle();
    assert!(seen(&mut world, 1, user).is_empty());
}

#[test]
fn what_is_out_of_bounds_changes_nothing_and_lets_nobody_in() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    set(&mut world, 0, &[("status", "at tea")]);
    world.settle();
    world.forget_notices();
    let one = |key: String, value: String| RichPresence::from([(key, value)]);
    let x = || "x".to_owned();
    let forged = [
        one("k".repeat(65), x()),
        one(x(), "v".repeat(257)),
        one(String::new(), x()),
        one(x(), String::new()),
        (0..31).map(|key| (key.to_string(), x())).collect(),
    ];
    for rich_presence in forged {
        world.force(0, Command::SetRichPresence(rich_presence.clone()));
        world.settle();
        assert!(world.notices(1).is_empty());
        assert_eq!(seen(&mut world, 1, user), at_tea());
        let presence = Presence {
            app_id: APP,
            persona: Persona::named("Eve"),
            rich_presence,
            instance: 1,
            machine: 1,
            is_returning: false,
            is_asking: false,
        };
        let (now, eve) = (world.now, SteamId::individual(66 << 32));
        let directory = world.directories[0].as_mut().expect("lives");
        let refused = directory.connect(now, eve, presence, Vec::new());
        assert_eq!(refused, Err(Refusal::Protocol));
    }
}

#[test]
fn of_many_changes_the_last_one_is_seen() {
    let mut world = World::with_friends(2);
    world.gathers = true;
    let user = world.id(0);
    // Sixty times a second for ten seconds, as a game may that shows a score.
    for score in 0..600 {
        set(&mut world, 0, &[("score", &score.to_string())]);
        world.pass(1000 / 60);
    }
    world.pass(1_000);
    let last = vec![("score".to_owned(), "599".to_owned())];
    assert_eq!(seen(&mut world, 1, user), last);
}
