//! Who joins what, and what the others hear of it.

use samovar_id::SteamId;
use samovar_lobby::{Command, Event, LobbyError, LobbyKind, Notice};

use crate::abuse::outputs;
use crate::world::World;

const SUCCESS: u32 = 1;
const DOESNT_EXIST: u32 = 2;
const NOT_ALLOWED: u32 = 3;
const FULL: u32 = 4;
const RATE_LIMIT_EXCEEDED: u32 = 15;

#[test]
fn the_kind_decides_who_joins_uninvited() {
    for (kind, response) in [
        (LobbyKind::Private, NOT_ALLOWED),
        (LobbyKind::FriendsOnly, SUCCESS),
        (LobbyKind::Public, SUCCESS),
        (LobbyKind::Invisible, SUCCESS),
    ] {
        let mut world = World::with_friends(2);
        let lobby = world.lobby(0, kind, 4);
        assert_eq!(world.join(1, lobby), response, "{kind:?}");
    }
    let mut strangers = World::with_users(2);
    let lobby = strangers.lobby(0, LobbyKind::FriendsOnly, 4);
    assert_eq!(strangers.join(1, lobby), NOT_ALLOWED, "nobody's friend");
}

#[test]
fn the_creator_hears_of_the_creation_and_then_of_joining() {
    let mut world = World::with_users(1);
    let now = world.now;
    world
        .mirror(0)
        .create(now, LobbyKind::Public, 2)
        .expect("fits");
    world.settle();
    let notices = world.notices(0);
    let [
        Notice::LobbyCreated {
            result: 1,
            lobby: Some(lobby),
        },
        Notice::LobbyJoined {
            lobby: joined,
            locked: false,
            response: SUCCESS,
        },
    ] = notices.as_slice()
    else {
        panic!("{notices:?}");
    };
    assert_eq!(lobby, joined);
    assert!(lobby.is_lobby());
    assert_eq!(world.mirror(0).owner(*lobby), Some(world.id(0)));
}

#[test]
fn a_newcomer_has_everything_when_it_hears_that_it_is_in() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(0, LobbyKind::Public, 4);
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "mode", "duel")
        .expect("owner");
    world
        .mirror(0)
        .set_member_data(now, lobby, "team", "red")
        .expect("member");
    world.settle();
    world.forget_notices();
    world.mirror(1).join(now, lobby).expect("a lobby's ID");
    world.settle();
    let notices = world.notices(1);
    assert!(
        matches!(
            notices[0],
            Notice::LobbyJoined {
                response: SUCCESS,
                ..
            }
        ),
        "{notices:?}"
    );
    let owner = world.id(0);
    assert!(
        notices.contains(&Notice::PersonaStateChange {
            user: owner,
            flags: 65
        }),
        "{notices:?}"
    );
    let mirror = world.mirror(1);
    assert_eq!(mirror.data(lobby, "mode"), Some("duel"));
    assert_eq!(mirror.member_data(lobby, owner, "team"), Some("red"));
    assert_eq!(mirror.member_limit(lobby), Some(4));
    assert_eq!(mirror.owner(lobby), Some(owner));
    assert_eq!(world.members(1, lobby), [world.id(0), world.id(1)]);
}

#[test]
fn the_others_hear_who_came_and_who_went() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    assert_eq!(world.join(2, lobby), SUCCESS);
    let newcomer = world.id(2);
    for user in [0, 1] {
        let notices = world.notices(user);
        assert_eq!(notices[0], update(lobby, newcomer, 1), "{user}");
        assert_eq!(world.members(user, lobby).len(), 3);
    }
    let now = world.now;
    world.mirror(2).leave(now, lobby).expect("in");
    assert_eq!(world.mirror(2).member_count(lobby), 0, "at once");
    assert_eq!(
        world.mirror(2).leave(now, lobby),
        Err(LobbyError::NotInLobby)
    );
    world.settle();
    for user in [0, 1] {
        assert_eq!(world.notices(user), [update(lobby, newcomer, 2)]);
        assert_eq!(world.members(user, lobby).len(), 2);
    }
    assert!(
        world.notices(2).is_empty(),
        "leaving is not reported to oneself"
    );
}

#[test]
fn an_unknown_lobby_does_not_exist() {
    let mut world = World::with_users(1);
    assert_eq!(world.join(0, SteamId::lobby(99)), DOESNT_EXIST);
}

#[test]
fn an_id_that_is_no_lobby_is_an_error_and_answered_all_the_same() {
    let mut world = World::with_users(2);
    let (now, user) = (world.now, world.id(1));
    assert_eq!(world.mirror(0).join(now, user), Err(LobbyError::NotALobby));
    assert_eq!(world.response(0), Some(DOESNT_EXIST));
}

#[test]
fn an_empty_lobby_is_gone_at_once() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    for user in [0, 1] {
        world.mirror(user).leave(now, lobby).expect("in");
    }
    world.settle();
    assert!(world.at(0).lobby(lobby).is_none());
    assert_eq!(world.join(0, lobby), DOESNT_EXIST);
}

#[test]
fn nobody_joins_what_is_not_joinable_not_even_invited() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(0, LobbyKind::Public, 4);
    let (now, guest) = (world.now, world.id(1));
    world
        .mirror(0)
        .set_joinable(now, lobby, false)
        .expect("owner");
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.settle();
    assert_eq!(world.join(1, lobby), NOT_ALLOWED);
    world
        .mirror(0)
        .set_joinable(now, lobby, true)
        .expect("owner");
    world.settle();
    assert_eq!(world.join(1, lobby), SUCCESS);
}

#[test]
fn a_full_lobby_takes_nobody() {
    let mut world = World::with_users(3);
    let lobby = world.lobby(0, LobbyKind::Public, 2);
    assert_eq!(world.join(1, lobby), SUCCESS);
    assert_eq!(world.join(2, lobby), FULL);
    let now = world.now;
    world.mirror(1).leave(now, lobby).expect("in");
    world.settle();
    assert_eq!(world.join(2, lobby), SUCCESS);
}

#[test]
fn joining_again_is_a_success_that_nobody_else_hears_of() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    assert_eq!(world.join(1, lobby), SUCCESS);
    assert!(world.notices(0).is_empty());
    assert_eq!(world.members(0, lobby).len(), 2);
}

#[test]
fn leaving_and_joining_in_one_breath_ends_inside() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    world.mirror(1).leave(now, lobby).expect("in");
    world.mirror(1).join(now, lobby).expect("a lobby's ID");
    world.settle();
    assert_eq!(world.response(1), Some(SUCCESS));
    assert_eq!(world.members(1, lobby), world.members(0, lobby));
    assert_eq!(world.members(0, lobby).len(), 2);
}

#[test]
fn leaving_while_a_second_join_is_under_way_ends_outside() {
    for steps in 0..6 {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let now = world.now;
        world.mirror(1).join(now, lobby).expect("a lobby's ID");
        for _ in 0..steps {
            world.step();
        }
        world.mirror(1).leave(now, lobby).expect("in");
        world.settle();
        assert_eq!(world.mirror(1).member_count(lobby), 0, "{steps}");
        assert_eq!(world.members(0, lobby).len(), 1, "{steps}");
    }
}

#[test]
fn limits_are_1_to_250() {
    let mut world = World::with_users(1);
    let now = world.now;
    for limit in [0, 251, u32::MAX] {
        assert_eq!(
            world.mirror(0).create(now, LobbyKind::Public, limit),
            Err(LobbyError::MemberLimit { limit })
        );
    }
    let lobby = world.lobby(0, LobbyKind::Public, 250);
    assert_eq!(world.mirror(0).member_limit(lobby), Some(250));
    let lobby = world.lobby(0, LobbyKind::Invisible, 1);
    assert_eq!(world.mirror(0).member_limit(lobby), Some(1));
}

#[test]
fn a_limit_below_the_members_keeps_them_all() {
    let mut world = World::with_users(4);
    let lobby = world.party(&[0, 1, 2]);
    let now = world.now;
    world
        .mirror(0)
        .set_member_limit(now, lobby, 1)
        .expect("owner");
    world.settle();
    assert_eq!(world.mirror(0).member_limit(lobby), Some(3));
    assert_eq!(world.mirror(1).member_limit(lobby), Some(3));
    assert_eq!(world.join(3, lobby), FULL);
}

#[test]
fn a_user_is_in_one_regular_lobby_and_two_invisible_ones() {
    const REGULAR: [LobbyKind; 3] = [
        LobbyKind::Private,
        LobbyKind::FriendsOnly,
        LobbyKind::Public,
    ];
    for kind in REGULAR {
        let mut world = World::with_friends(2);
        let [regular, invisible] = [LobbyKind::Public, LobbyKind::Invisible];
        let other = world.lobby(1, regular, 4);
        let hidden = world.lobby(1, invisible, 4);
        let mine = world.lobby(0, kind, 4);
        assert_eq!(world.join(0, other), RATE_LIMIT_EXCEEDED, "{kind:?}");
        for second in REGULAR {
            assert_eq!(created(&mut world, second), 25, "{kind:?}, {second:?}");
        }
        world.lobby(0, invisible, 4);
        assert_eq!(world.join(0, hidden), SUCCESS, "{kind:?}");
        assert_eq!(created(&mut world, invisible), 25, "a third invisible one");
        assert_eq!(world.mirror(0).lobbies().count(), 3);
        let now = world.now;
        world.mirror(0).leave(now, mine).expect("in it");
        assert_eq!(world.join(0, other), SUCCESS, "{kind:?}, after leaving");
    }
}

#[test]
fn a_lobby_that_is_made_regular_stays_and_counts_as_one() {
    let mut world = World::with_users(1);
    let lobbies = [LobbyKind::Invisible; 2].map(|kind| world.lobby(0, kind, 4));
    let now = world.now;
    for lobby in lobbies {
        let mirror = world.mirror(0);
        mirror
            .set_kind(now, lobby, LobbyKind::Public)
            .expect("owner");
        world.settle();
    }
    assert_eq!(created(&mut world, LobbyKind::Private), 25);
    world.lobby(0, LobbyKind::Invisible, 4);
    assert_eq!(
        created(&mut world, LobbyKind::Invisible),
        25,
        "three in all"
    );
}

/// The result of a creation by the first user.
fn created(world: &mut World, kind: LobbyKind) -> i32 {
    let now = world.now;
    world.forget_notices();
    world.mirror(0).create(now, kind, 4).expect("room");
    world.settle();
    let notices = world.notices(0);
    let [Notice::LobbyCreated { result, .. }, ..] = notices.as_slice() else {
        panic!("a creation is answered first: {notices:?}");
    };
    *result
}

#[test]
fn the_largest_lobby_takes_250() {
    let mut world = World::with_users(251);
    let lobby = world.lobby(0, LobbyKind::Public, 250);
    for user in 1..250 {
        assert_eq!(world.join(user, lobby), SUCCESS, "{user}");
    }
    assert_eq!(world.join(250, lobby), FULL);
    assert_eq!(world.members(0, lobby), world.members(249, lobby));
}

fn update(lobby: SteamId, changed: SteamId, state: u32) -> Notice {
    Notice::LobbyChatUpdate {
        lobby,
        changed,
        making_change: changed,
        state,
    }
}

/// A member that joins again is told all of the lobby again.
#[test]
fn joining_a_lobby_that_one_is_in_counts_as_any_join() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let join = |request| Command::Join {
        request,
        lobby,
        patient: false,
    };
    let told = outputs(&mut world, 1, (0..1_000).map(join));
    let is_copy = |(_, event): &&(SteamId, Event)| {
        matches!(
            event,
            Event::Joined {
                snapshot: Some(_),
                ..
            }
        )
    };
    let copies = told.iter().filter(is_copy).count();
    assert!((300..=400).contains(&copies), "{copies}");
    assert_eq!(told.len(), 1_000, "each is answered");
    let member = world.id(1);
    let here = world.at(0).lobby(lobby).expect("lives");
    assert!(here.member(member).is_some(), "and it stays a member");
}
