//! Owners who take members out, for now or for good.

use samovar_id::SteamId;
use samovar_lobby::{Change, Command, LobbyError, LobbyKind, Notice};

use crate::chat::lines;
use crate::world::{GRACE_MS, User, World};

const SUCCESS: u32 = 1;
const BANNED_RESPONSE: u32 = 6;
const LEFT: u32 = 2;
const KICKED: u32 = 8;
const BANNED: u32 = 16;

fn state(ban: bool) -> u32 {
    if ban { BANNED } else { KICKED }
}

fn update(lobby: SteamId, changed: SteamId, by: SteamId, state: u32) -> Notice {
    Notice::LobbyChatUpdate {
        lobby,
        changed,
        making_change: by,
        state,
    }
}

/// What somebody hears who has been taken out by `owner`.
fn farewell(lobby: SteamId, own: SteamId, owner: SteamId, ban: bool) -> [Notice; 2] {
    let kicked = Notice::LobbyKicked {
        lobby,
        admin: Some(owner),
        due_to_disconnect: false,
    };
    [update(lobby, own, owner, state(ban)), kicked]
}

fn kick(world: &mut World, lobby: SteamId, other: User, ban: bool) {
    let other = world.id(other);
    world.mirror(0).kick(lobby, other, ban).expect("the owner");
    world.settle();
}

#[test]
fn everybody_hears_who_was_taken_out_by_whom() {
    for ban in [false, true] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let [owner, out] = [world.id(0), world.id(1)];
        kick(&mut world, lobby, 1, ban);
        for user in [0, 2] {
            let news = update(lobby, out, owner, state(ban));
            assert_eq!(world.notices(user), [news], "{ban} {user}");
            assert_eq!(world.members(user, lobby), [owner, world.id(2)]);
        }
        assert_eq!(world.notices(1), farewell(lobby, out, owner, ban));
        assert_eq!(world.mirror(1).member_count(lobby), 0);
        assert_eq!(world.mirror(1).owner(lobby), None);
    }
}

#[test]
fn whoever_is_out_hears_nothing_more_of_the_lobby() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    kick(&mut world, lobby, 1, false);
    world.forget_notices();
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.chat(now, lobby, "gone?").expect("member");
    mirror.set_data(now, lobby, "k", "v").expect("owner");
    world.settle();
    assert!(world.notices(1).is_empty());
    let mirror = world.mirror(1);
    assert_eq!(
        mirror.chat(now, lobby, "hey"),
        Err(LobbyError::NotInLobby),
        "and says nothing"
    );
}

#[test]
fn a_kicked_one_may_join_again_and_a_banned_one_not() {
    for (ban, response) in [(false, SUCCESS), (true, BANNED_RESPONSE)] {
        for kind in [LobbyKind::Public, LobbyKind::Invisible] {
            let mut world = World::with_friends(2);
            let lobby = world.party_of(kind, &[0, 1]);
            kick(&mut world, lobby, 1, ban);
            assert_eq!(world.join(1, lobby), response, "{ban} {kind:?}");
        }
    }
}

#[test]
fn an_invitation_does_not_lift_a_ban() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let guest = world.id(1);
    let now = world.now;
    world.mirror(0).invite(now, lobby, guest).expect("member");
    kick(&mut world, lobby, 1, true);
    assert_eq!(world.join(1, lobby), BANNED_RESPONSE, "invited before");
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.settle();
    assert_eq!(world.join(1, lobby), BANNED_RESPONSE, "invited after");
}

#[test]
fn an_invitation_outlives_a_kick() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let (now, guest) = (world.now, world.id(1));
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.settle();
    assert_eq!(world.join(1, lobby), SUCCESS);
    kick(&mut world, lobby, 1, false);
    assert_eq!(world.join(1, lobby), SUCCESS);
}

#[test]
fn a_ban_survives_a_new_owner_and_a_new_process() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    kick(&mut world, lobby, 1, true);
    let now = world.now;
    world.mirror(0).leave(now, lobby).expect("in");
    world.settle();
    assert_eq!(world.join(1, lobby), BANNED_RESPONSE);
    world.restart(1);
    world.connect(1, 0).expect("let in");
    assert_eq!(world.join(1, lobby), BANNED_RESPONSE);
}

#[test]
fn a_ban_survives_the_directory() {
    for order in [[0, 1, 2], [1, 2, 0]] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        kick(&mut world, lobby, 1, true);
        world.kill(0);
        let next = world.directory(2);
        for user in order {
            world.connect(user, next).expect("let in");
        }
        world.settle();
        assert_eq!(world.join(1, lobby), BANNED_RESPONSE, "{order:?}");
        assert_eq!(world.members(0, lobby), [world.id(0), world.id(2)]);
    }
}

#[test]
fn who_may_kick_whom() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let [owner, member, stranger] = [0, 1, 2].map(|user| world.id(user));
    for (rule, user, whom, error) in [
        (
            "a member does not kick the owner",
            1,
            owner,
            LobbyError::NotOwner,
        ),
        (
            "a member does not kick itself",
            1,
            member,
            LobbyError::NotOwner,
        ),
        ("outsiders kick nobody", 2, member, LobbyError::NotInLobby),
        ("nobody kicks himself", 0, owner, LobbyError::OneselfKicked),
        (
            "only members are kicked",
            0,
            stranger,
            LobbyError::NotAMember,
        ),
        ("nor is what is no user", 0, lobby, LobbyError::NotAMember),
    ] {
        for ban in [false, true] {
            let refused = world.mirror(user).kick(lobby, whom, ban);
            assert_eq!(refused, Err(error), "{rule}");
            assert_eq!(world.mirror(user).pending(), 0, "{rule}: nothing is sent");
            let change = Change::Kick { user: whom, ban };
            world.force(user, Command::Change { lobby, change });
            world.settle();
            assert_eq!(world.members(0, lobby), [owner, member], "{rule}");
            let banned = &world.at(0).lobby(lobby).expect("exists").banned;
            assert!(banned.is_empty(), "{rule}");
        }
    }
    for user in 0..3 {
        assert!(world.notices(user).is_empty());
    }
}

#[test]
fn kicked_while_the_link_is_gone() {
    for ban in [false, true] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let [owner, out] = [world.id(0), world.id(1)];
        world.cut(1);
        kick(&mut world, lobby, 1, ban);
        let news = update(lobby, out, owner, state(ban));
        assert_eq!(world.notices(2), [news], "{ban}: at once");
        world.pass(GRACE_MS / 2);
        world.connect(1, 0).expect("let in");
        world.settle();
        assert_eq!(world.notices(1), farewell(lobby, out, owner, ban));
        assert_eq!(world.mirror(1).member_count(lobby), 0);
        world.pass(2 * GRACE_MS);
        assert!(world.notices(2).is_empty(), "nobody hears of it twice");
        let response = if ban { BANNED_RESPONSE } else { SUCCESS };
        assert_eq!(world.join(1, lobby), response);
    }
}

#[test]
fn a_banned_one_who_comes_back_late_hears_that_it_is_banned() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let [owner, out] = [world.id(0), world.id(1)];
    world.cut(1);
    kick(&mut world, lobby, 1, true);
    world.pass(2 * GRACE_MS);
    world.connect(1, 0).expect("let in");
    world.settle();
    assert_eq!(world.notices(1), farewell(lobby, out, owner, true));
    assert_eq!(world.members(0, lobby), [owner]);
}

#[test]
fn a_kick_that_one_has_not_heard_of_counts_after_the_grace_time_and_in_the_next_directory() {
    for (dies, order) in [(false, [0, 1]), (true, [0, 1]), (true, [1, 0])] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        world.cut(1);
        kick(&mut world, lobby, 1, false);
        if dies {
            world.kill(0);
            let place = world.directory(2);
            for user in order {
                world.connect(user, place).expect("let in");
                world.settle();
            }
        } else {
            world.pass(GRACE_MS);
            world.connect(1, 0).expect("let in");
            world.settle();
        }
        let told = world.notices(1);
        let out = Notice::LobbyKicked {
            lobby,
            admin: None,
            due_to_disconnect: true,
        };
        assert_eq!(told.last(), Some(&out), "{dies} {order:?}");
        assert_eq!(world.members(0, lobby), [world.id(0)], "{dies} {order:?}");
        assert_eq!(world.mirror(1).member_count(lobby), 0, "{dies} {order:?}");
        assert_eq!(world.join(1, lobby), SUCCESS, "it may join again");
    }
}

#[test]
fn a_ban_that_one_has_not_heard_of_counts_in_the_next_directory_too() {
    for order in [[0, 1], [1, 0]] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let [owner, out] = [world.id(0), world.id(1)];
        world.cut(1);
        kick(&mut world, lobby, 1, true);
        world.kill(0);
        let next = world.directory(2);
        for user in order {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        assert_eq!(world.notices(1), farewell(lobby, out, owner, true));
        assert_eq!(world.mirror(1).member_count(lobby), 0, "{order:?}");
        assert_eq!(world.members(0, lobby), [owner], "{order:?}");
        assert_eq!(world.join(1, lobby), BANNED_RESPONSE, "{order:?}");
    }
}

#[test]
fn whoever_left_before_it_heard_of_its_kick_never_hears_of_it() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    world.cut(1);
    kick(&mut world, lobby, 1, false);
    world
        .mirror(1)
        .leave(now, lobby)
        .expect("as far as it knows");
    world.connect(1, 0).expect("let in");
    world.settle();
    assert!(world.notices(1).is_empty());
    assert_eq!(world.join(1, lobby), SUCCESS);
    world.cut(1);
    world.connect(1, 0).expect("let in");
    world.settle();
    assert!(world.notices(1).is_empty(), "nor later");
    assert_eq!(world.members(1, lobby), world.members(0, lobby));
}

#[test]
fn nobody_brings_a_lobby_back_that_it_has_been_taken_out_of() {
    for ban in [false, true] {
        let mut world = World::with_users(2);
        let lobby = world.party(&[0, 1]);
        let [owner, out] = [world.id(0), world.id(1)];
        world.cut(1);
        kick(&mut world, lobby, 1, ban);
        let now = world.now;
        world.mirror(0).leave(now, lobby).expect("in");
        world.settle();
        world.connect(1, 0).expect("let in");
        world.settle();
        assert_eq!(world.notices(1), farewell(lobby, out, owner, ban));
        assert!(world.at(0).lobby(lobby).is_none(), "nobody is in it");
    }
}

#[test]
fn whoever_was_kicked_while_away_does_not_hear_what_was_said_meanwhile() {
    for speaker_stays in [true, false] {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        world.cut(1);
        let now = world.now;
        world.mirror(2).chat(now, lobby, "psst").expect("member");
        world.settle();
        kick(&mut world, lobby, 1, false);
        if !speaker_stays {
            world.mirror(2).leave(now, lobby).expect("in");
            world.settle();
        }
        world.connect(1, 0).expect("let in");
        world.settle();
        assert!(lines(&mut world, 1).is_empty(), "{speaker_stays}");
    }
}

#[test]
fn a_kick_and_a_leave_that_cross_are_one_departure() {
    for steps in 0..5 {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        let (now, out) = (world.now, world.id(1));
        world.mirror(0).kick(lobby, out, false).expect("the owner");
        for _ in 0..steps {
            world.step();
        }
        let left = world.mirror(1).leave(now, lobby);
        world.settle();
        let told = world.notices(1);
        assert_eq!(told.is_empty(), left.is_ok(), "{steps}: {told:?}");
        let told = world.notices(2);
        let [Notice::LobbyChatUpdate { changed, state, .. }] = told[..] else {
            panic!("{steps}: {told:?}");
        };
        assert_eq!(changed, out);
        assert!([LEFT, KICKED].contains(&state));
    }
}
