//! Friends: who sees whom, and what of it.

use samovar_id::SteamId;
use samovar_lobby::limits::{
    AVATAR_BYTES, MAX_FRIENDS, PERSONA_RATE, PRESENCE_GRACE_MS, SETTLE_MS,
};
use samovar_lobby::{LobbyKind, Notice, PersonaState};

use crate::world::{APP, GRACE_MS, User, World};

const NAME: u32 = 1;
const STATUS: u32 = 2;
const COME_ONLINE: u32 = 4;
const GONE_OFFLINE: u32 = 8;
const GAME_PLAYED: u32 = 16;
const AVATAR: u32 = 64;
const RICH_PRESENCE: u32 = 0x4000;
const ALL: u32 = NAME | STATUS | COME_ONLINE | GAME_PLAYED | AVATAR;
const GONE: u32 = STATUS | GONE_OFFLINE | GAME_PLAYED;

/// The flags of what a user was told of another since the last time.
fn flags(world: &mut World, user: User, about: SteamId) -> Vec<u32> {
    let notices = world.notices(user);
    let flags = notices.into_iter().filter_map(|notice| match notice {
        Notice::PersonaStateChange { user, flags } if user == about => Some(flags),
        _ => None,
    });
    flags.collect()
}

#[test]
fn what_a_friend_does_has_its_flags() {
    type Act = fn(&mut World);
    let rows: [(&str, Act, &[u32]); 11] = [
        (
            "another name",
            |world| {
                let now = world.now;
                let mirror = world.mirror(0);
                mirror.set_persona(now, "Ada", PersonaState::Online);
            },
            &[NAME],
        ),
        (
            "another state",
            |world| {
                let now = world.now;
                let name = world.mirror(0).persona().name.clone();
                let mirror = world.mirror(0);
                mirror.set_persona(now, &name, PersonaState::Busy);
            },
            &[STATUS],
        ),
        (
            "both at once",
            |world| {
                let now = world.now;
                let mirror = world.mirror(0);
                mirror.set_persona(now, "Ada", PersonaState::Away);
            },
            &[NAME | STATUS],
        ),
        (
            "the same again",
            |world| {
                let now = world.now;
                let name = world.mirror(0).persona().name.clone();
                let mirror = world.mirror(0);
                mirror.set_persona(now, &name, PersonaState::Online);
            },
            &[],
        ),
        (
            "a picture",
            |world| {
                let picture = (7, vec![1; AVATAR_BYTES].into());
                let mirror = world.mirror(0);
                mirror.set_avatar(Some(picture)).expect("a picture");
            },
            &[AVATAR],
        ),
        (
            "rich presence",
            |world| {
                let now = world.now;
                let mirror = world.mirror(0);
                let set = mirror.set_rich_presence(now, "status", "at tea");
                set.expect("it fits");
            },
            &[RICH_PRESENCE],
        ),
        (
            "enters a public lobby",
            |world| {
                let now = world.now;
                let mirror = world.mirror(0);
                mirror.create(now, LobbyKind::Public, 4).expect("room");
            },
            &[GAME_PLAYED],
        ),
        (
            "enters an invisible lobby",
            |world| {
                let now = world.now;
                let mirror = world.mirror(0);
                mirror.create(now, LobbyKind::Invisible, 4).expect("room");
            },
            &[],
        ),
        ("ends", |world| world.bye(0), &[GONE]),
        ("loses its link", |world| world.cut(0), &[GONE]),
        (
            "loses its link and is back at once",
            |world| {
                world.cut(0);
                world.connect(0, 0).expect("let in");
            },
            &[],
        ),
    ];
    for (what, act, expected) in rows {
        let mut world = World::with_friends(3);
        let user = world.id(0);
        act(&mut world);
        world.pass(PRESENCE_GRACE_MS + 1_000);
        for other in [1, 2] {
            assert_eq!(flags(&mut world, other, user), expected, "{what}");
        }
    }
}

#[test]
fn who_comes_sees_who_is_there_and_is_seen() {
    let mut world = World::with_friends(2);
    let user = world.user(APP);
    world.connect(user, 0).expect("let in");
    world.settle();
    let (id, others) = (world.id(user), [world.id(0), world.id(1)]);
    for other in [0, 1] {
        assert_eq!(flags(&mut world, other, id), [ALL]);
        assert!(world.mirror(other).is_friend(id));
    }
    let told: Vec<Notice> = world.notices(user);
    let online = others.map(|user| Notice::PersonaStateChange { user, flags: ALL });
    assert_eq!(told, online);
    assert_eq!(world.mirror(user).friends(), others);
    let states = others.map(|other| world.mirror(user).persona_state(other));
    assert_eq!(states, [Some(PersonaState::Online); 2]);
}

#[test]
fn who_has_gone_stays_a_friend_and_in_its_place() {
    let mut world = World::with_friends(3);
    let (first, second) = (world.id(0), world.id(1));
    world.bye(0);
    world.settle();
    let told = world.notices(2);
    let gone = Notice::PersonaStateChange {
        user: first,
        flags: GONE,
    };
    assert_eq!(told, [gone, Notice::UserGone { user: first }]);
    assert_eq!(world.mirror(2).friends(), [first, second]);
    assert!(world.mirror(2).is_friend(first));
    assert_eq!(world.mirror(2).persona_state(first), None, "offline");
    world.connect(0, 0).expect("let in");
    world.settle();
    assert_eq!(flags(&mut world, 2, first), [ALL]);
    assert_eq!(world.mirror(2).friends(), [first, second]);
}

#[test]
fn users_of_another_app_and_users_of_a_directory_without_friends_are_none() {
    let mut strangers = World::with_users(2);
    let mut apart = World::with_friends(1);
    let other = apart.user(APP + 1);
    apart.connect(other, 0).expect("let in");
    apart.settle();
    for world in [&mut strangers, &mut apart] {
        let now = world.now;
        let mirror = world.mirror(0);
        mirror.set_persona(now, "Ada", PersonaState::Busy);
        let set = mirror.set_rich_presence(now, "status", "at tea");
        set.expect("it fits");
        world.settle();
        assert!(world.notices(1).is_empty());
        assert!(world.mirror(1).friends().is_empty());
        world.bye(0);
        world.settle();
        assert!(world.notices(1).is_empty());
    }
}

#[test]
fn in_a_lobby_a_friend_is_there_until_its_grace_time_is_over() {
    let mut world = World::with_friends(2);
    world.party(&[0, 1]);
    let user = world.id(0);
    world.cut(0);
    world.pass(GRACE_MS - 1);
    assert!(flags(&mut world, 1, user).is_empty());
    assert_eq!(
        world.mirror(1).persona_state(user),
        Some(PersonaState::Online)
    );
    world.pass(1);
    assert_eq!(flags(&mut world, 1, user), [GAME_PLAYED, GONE]);
}

#[test]
fn friends_see_the_lobby_of_a_friend_if_they_may_join_it() {
    use LobbyKind::{FriendsOnly, Invisible, Private, Public};
    for (kind, joinable, seen) in [
        (Public, true, true),
        (FriendsOnly, true, true),
        (Private, true, false),
        (Invisible, true, false),
        (Public, false, false),
        (FriendsOnly, false, false),
    ] {
        let mut world = World::with_friends(2);
        let user = world.id(0);
        let lobby = world.lobby(0, kind, 4);
        let now = world.now;
        let mirror = world.mirror(0);
        mirror.set_joinable(now, lobby, joinable).expect("owner");
        world.settle();
        let shown = world.mirror(1).friend_lobby(user);
        assert_eq!(shown, seen.then_some(lobby), "{kind:?} {joinable}");
        world.forget_notices();
        world.mirror(0).leave(now, lobby).expect("in");
        world.settle();
        assert_eq!(world.mirror(1).friend_lobby(user), None);
        let expected: &[u32] = if seen { &[GAME_PLAYED] } else { &[] };
        assert_eq!(flags(&mut world, 1, user), expected, "{kind:?} {joinable}");
    }
}

#[test]
fn every_member_is_seen_in_a_lobby_that_opens_or_closes() {
    let mut world = World::with_friends(3);
    let lobby = world.party_of(LobbyKind::Invisible, &[0, 1]);
    let members = [world.id(0), world.id(1)];
    for (kind, joinable, shown) in [
        (LobbyKind::FriendsOnly, true, Some(lobby)),
        (LobbyKind::FriendsOnly, false, None),
        (LobbyKind::Private, false, None),
        (LobbyKind::Public, false, None),
        (LobbyKind::Public, true, Some(lobby)),
        (LobbyKind::Private, true, None),
    ] {
        let now = world.now;
        let mirror = world.mirror(0);
        mirror.set_kind(now, lobby, kind).expect("owner");
        mirror.set_joinable(now, lobby, joinable).expect("owner");
        world.settle();
        for member in members {
            assert_eq!(world.mirror(2).friend_lobby(member), shown, "{kind:?}");
        }
    }
}

/// Kills the directory; the users come over to the next one one after another.
fn take_over(world: &mut World, users: &[User], ms_between: u64) {
    world.kill(0);
    let next = world.directory(2);
    for user in users {
        world.connect(*user, next).expect("let in");
        world.pass(ms_between);
    }
}

#[test]
fn nobody_who_comes_over_in_time_is_reported_gone() {
    for order in [[0, 1, 2], [2, 0, 1]] {
        let mut world = World::with_friends(3);
        world.party(&[0, 1]);
        let now = world.now;
        let mirror = world.mirror(2);
        let set = mirror.set_rich_presence(now, "status", "at tea");
        set.expect("it fits");
        world.settle();
        world.forget_notices();
        take_over(&mut world, &order, SETTLE_MS / 3);
        world.pass(2 * GRACE_MS);
        for user in 0..3 {
            assert_eq!(world.notices(user), [], "{order:?}");
            let ids: Vec<SteamId> = world.mirror(user).friends().to_vec();
            for id in ids {
                let state = world.mirror(user).persona_state(id);
                assert_eq!(state, Some(PersonaState::Online));
            }
        }
    }
}

#[test]
fn who_does_not_come_over_is_reported_gone_after_two_seconds() {
    let mut world = World::with_friends(3);
    let late = world.id(2);
    take_over(&mut world, &[0, 1], 0);
    world.pass(SETTLE_MS - 1);
    for user in [0, 1] {
        assert!(flags(&mut world, user, late).is_empty());
    }
    world.pass(1);
    for user in [0, 1] {
        assert_eq!(flags(&mut world, user, late), [GONE]);
    }
    world.connect(2, 1).expect("let in");
    world.settle();
    for user in [0, 1] {
        assert_eq!(flags(&mut world, user, late), [ALL]);
    }
}

#[test]
fn what_changed_meanwhile_is_told_after_a_takeover_and_nothing_else() {
    let mut world = World::with_friends(2);
    let lobby = world.party(&[0]);
    let (now, user) = (world.now, world.id(0));
    world.kill(0);
    let mirror = world.mirror(0);
    mirror.set_persona(now, "Ada", PersonaState::Online);
    mirror.leave(now, lobby).expect("in");
    let next = world.directory(2);
    for other in [1, 0] {
        world.connect(other, next).expect("let in");
        world.settle();
    }
    assert_eq!(flags(&mut world, 1, user), [NAME | GAME_PLAYED]);
    assert_eq!(world.mirror(1).known_name(user), Some("Ada"));
    assert_eq!(world.mirror(1).friend_lobby(user), None);
}

#[test]
fn a_lobby_that_was_closed_stays_unseen_whoever_comes_over_first() {
    let mut world = World::with_friends(3);
    let lobby = world.party(&[0, 1]);
    // The news that the lobby is private does not reach user 1.
    world.users[1].at = None;
    let (now, member) = (world.now, world.id(1));
    let mirror = world.mirror(0);
    mirror
        .set_kind(now, lobby, LobbyKind::Private)
        .expect("owner");
    world.settle();
    take_over(&mut world, &[1, 2, 0], 100);
    assert_eq!(world.mirror(2).friend_lobby(member), None);
}

#[test]
fn a_name_that_changed_while_nobody_heard_it_is_corrected() {
    let mut world = World::with_friends(2);
    let lobby = world.party(&[0, 1]);
    world.kill(0);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_persona(now, "Ada", PersonaState::Online);
    let next = world.directory(2);
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
        world.settle();
    }
    let late = world.user(APP);
    world.connect(late, next).expect("let in");
    world.settle();
    assert_eq!(world.join(late, lobby), 1);
    let renamed = world.id(0);
    for user in [1, late] {
        assert_eq!(
            world.mirror(user).known_name(renamed),
            Some("Ada"),
            "{user}"
        );
    }
}

#[test]
fn who_comes_back_with_another_app_leaves_no_ghost() {
    let mut world = World::with_friends(2);
    let lobby = world.party(&[0, 1]);
    let (wanderer, lobby_of) = (world.id(1), world.id(0));
    world.users[1].app_id = APP + 1;
    world.connect(1, 0).expect("let in");
    world.settle();
    assert_eq!(world.mirror(0).persona_state(wanderer), None);
    assert_eq!(world.members(0, lobby), [lobby_of]);
    world.forget_notices();
    let now = world.now;
    world.mirror(0).set_persona(now, "Ada", PersonaState::Busy);
    world.pass(1_000);
    assert_eq!(flags(&mut world, 1, lobby_of), [0_u32; 0]);
}

#[test]
fn of_a_friend_who_is_back_at_once_nobody_hears_and_of_one_who_is_not_everybody() {
    let mut world = World::with_friends(3);
    let (gone, now) = (world.id(0), world.now);
    for _ in 0..10 {
        world.cut(0);
        world.pass(PRESENCE_GRACE_MS - 1);
        world.connect(0, 0).expect("let in");
        assert_eq!([1, 2].map(|other| world.under_way(other)), [0, 0]);
        world.settle();
        assert_eq!(flags(&mut world, 1, gone), []);
    }
    assert!(world.now > now);
    // What has changed meanwhile is told.
    world.cut(0);
    let now = world.now;
    world
        .mirror(0)
        .set_persona(now, "Ada", PersonaState::Online);
    world.connect(0, 0).expect("let in");
    world.settle();
    assert_eq!(flags(&mut world, 1, gone), [NAME]);
    world.cut(0);
    world.pass(PRESENCE_GRACE_MS - 1);
    assert_eq!(flags(&mut world, 1, gone), []);
    world.pass(1);
    assert_eq!(flags(&mut world, 1, gone), [GONE]);
    assert_eq!(flags(&mut world, 2, gone), [NAME, GONE]);
}

#[test]
fn who_comes_back_when_there_is_no_room_for_one_more_friend_has_none() {
    let mut world = World::with_friends(MAX_FRIENDS);
    let gone = world.id(1);
    world.cut(0);
    world.pass(PRESENCE_GRACE_MS);
    let newcomer = world.user(APP);
    world.connect(newcomer, 0).expect("let in");
    world.settle();
    assert!(world.mirror(newcomer).is_friend(gone));
    world.forget_notices();
    world.connect(0, 0).expect("let in");
    world.settle();
    assert_eq!(flags(&mut world, 0, gone), [GONE], "it hears no more of it");
}

#[test]
fn coming_again_and_again_changes_no_name_more_often_than_it_may_be() {
    let mut world = World::with_friends(2);
    let user = world.id(0);
    for number in 0..500 {
        world.cut(0);
        let (now, name) = (world.now, format!("Ada {number}"));
        let mirror = world.mirror(0);
        mirror.set_persona(now, &name, PersonaState::Online);
        world.connect(0, 0).expect("let in");
        world.settle();
    }
    let heard = flags(&mut world, 1, user).len();
    assert!(heard <= PERSONA_RATE.burst.into(), "{heard}");
}
