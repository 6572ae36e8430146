//! The rules of lobbies as tables: each row names its rule.

use samovar_id::SteamId;
use samovar_lobby::{GameServer, LobbyError, LobbyKind, Millis, Mirror, Notice};

use crate::world::{GRACE_MS, User, World};

const SUCCESS: u32 = 1;
const NOT_ALLOWED: u32 = 3;
const FULL: u32 = 4;
const BANNED: u32 = 6;

/// What is special about the newcomer, user 1, or about the lobby.
#[derive(Clone, Copy, PartialEq)]
enum With {
    Stranger,
    Friend,
    Invited,
    InvitedAndClosed,
    FriendAndClosed,
    FriendAndFull,
    InvitedAndBanned,
}

#[test]
fn who_finds_and_who_joins() {
    use LobbyKind::{FriendsOnly, Invisible, Private, Public};
    use With::*;
    let rows = [
        ("public: found and joined", Public, Stranger, true, SUCCESS),
        ("public: by friends too", Public, Friend, true, SUCCESS),
        (
            "invisible: found by all",
            Invisible,
            Stranger,
            true,
            SUCCESS,
        ),
        ("invisible: joined by all", Invisible, Friend, true, SUCCESS),
        (
            "friends only: not found",
            FriendsOnly,
            Friend,
            false,
            SUCCESS,
        ),
        (
            "friends only: not by others",
            FriendsOnly,
            Stranger,
            false,
            NOT_ALLOWED,
        ),
        (
            "friends only: by who is invited",
            FriendsOnly,
            Invited,
            false,
            SUCCESS,
        ),
        (
            "private: not by strangers",
            Private,
            Stranger,
            false,
            NOT_ALLOWED,
        ),
        (
            "private: nor by friends",
            Private,
            Friend,
            false,
            NOT_ALLOWED,
        ),
        (
            "private: by who is invited",
            Private,
            Invited,
            false,
            SUCCESS,
        ),
        (
            "not joinable: not found",
            Public,
            FriendAndClosed,
            false,
            NOT_ALLOWED,
        ),
        (
            "not joinable: nobody",
            Invisible,
            InvitedAndClosed,
            false,
            NOT_ALLOWED,
        ),
        (
            "not joinable: not even friends",
            FriendsOnly,
            FriendAndClosed,
            false,
            NOT_ALLOWED,
        ),
        (
            "not joinable: not even invited",
            Private,
            InvitedAndClosed,
            false,
            NOT_ALLOWED,
        ),
        ("full: not found", Public, FriendAndFull, false, FULL),
        ("full: nobody", Invisible, FriendAndFull, false, FULL),
        (
            "full: not even friends",
            FriendsOnly,
            FriendAndFull,
            false,
            FULL,
        ),
        (
            "banned: found, not joined",
            Public,
            InvitedAndBanned,
            true,
            BANNED,
        ),
        (
            "banned: not even invited",
            Private,
            InvitedAndBanned,
            false,
            BANNED,
        ),
    ];
    for (rule, kind, with, found, response) in rows {
        let is_friend = matches!(with, Friend | FriendAndClosed | FriendAndFull);
        let mut world = if is_friend {
            World::with_friends(2)
        } else {
            World::with_users(2)
        };
        let lobby = world.lobby(0, kind, 2);
        let (now, guest) = (world.now, world.id(1));
        if matches!(with, Invited | InvitedAndClosed | InvitedAndBanned) {
            world.mirror(0).invite(now, lobby, guest).expect("member");
            world.settle();
        }
        if with == InvitedAndBanned {
            assert_eq!(world.join(1, lobby), SUCCESS, "{rule}");
            world.mirror(0).kick(lobby, guest, true).expect("owner");
            world.mirror(0).invite(now, lobby, guest).expect("member");
        }
        let mirror = world.mirror(0);
        if matches!(with, InvitedAndClosed | FriendAndClosed) {
            mirror.set_joinable(now, lobby, false).expect("owner");
        }
        if with == FriendAndFull {
            mirror.set_member_limit(now, lobby, 1).expect("owner");
        }
        world.settle();
        let list = world.search(1);
        assert_eq!(list.contains(&lobby), found, "{rule}");
        assert_eq!(world.join(1, lobby), response, "{rule}");
        let is_in = world.members(0, lobby).contains(&guest);
        assert_eq!(is_in, response == SUCCESS, "{rule}");
    }
}

type Call = fn(&mut Mirror, Millis, SteamId, SteamId) -> Result<(), LobbyError>;

#[test]
fn who_may_do_what() {
    use LobbyError::{NotInLobby, NotOwner};
    let owners: [(&str, Call); 9] = [
        ("data", |me, now, lobby, _| {
            me.set_data(now, lobby, "k", "w")
        }),
        ("no data", |me, now, lobby, _| {
            me.delete_data(now, lobby, "k")
        }),
        ("kind", |me, now, lobby, _| {
            me.set_kind(now, lobby, LobbyKind::Private)
        }),
        ("joinable", |me, now, lobby, _| {
            me.set_joinable(now, lobby, false)
        }),
        ("limit", |me, now, lobby, _| {
            me.set_member_limit(now, lobby, 9)
        }),
        ("owner", |me, now, lobby, other| {
            me.set_owner(now, lobby, other)
        }),
        ("kick", |me, _, lobby, other| me.kick(lobby, other, false)),
        ("ban", |me, _, lobby, other| me.kick(lobby, other, true)),
        ("game server", |me, now, lobby, _| {
            let (ip, port, id) = (GameServer::NO_IP, 1, 0);
            me.set_game_server(now, lobby, GameServer { ip, port, id })
        }),
    ];
    let members: [(&str, Call); 4] = [
        ("own data", |me, now, lobby, _| {
            me.set_member_data(now, lobby, "k", "v")
        }),
        ("chat", |me, now, lobby, _| me.chat(now, lobby, "tea?")),
        ("invite", |me, now, lobby, other| {
            me.invite(now, lobby, other)
        }),
        ("leave", |me, now, lobby, _| me.leave(now, lobby)),
    ];
    let owners = owners.map(|row| (row, [Ok(()), Err(NotOwner), Err(NotInLobby)]));
    let members = members.map(|row| (row, [Ok(()), Ok(()), Err(NotInLobby)]));
    for ((what, call), expected) in owners.into_iter().chain(members) {
        for (user, expected) in expected.into_iter().enumerate() {
            let mut world = World::with_users(4);
            let lobby = world.party(&[0, 1, 3]);
            let now = world.now;
            let mirror = world.mirror(0);
            mirror.set_data(now, lobby, "k", "v").expect("owner");
            world.settle();
            world.forget_notices();
            let other = world.id(3);
            let result = call(world.mirror(user), now, lobby, other);
            assert_eq!(result, expected, "{what} by {user}");
            world.settle();
            // Whoever may not does not disturb the others either.
            let heard = !world.notices(3).is_empty();
            assert_eq!(heard, result.is_ok(), "{what} by {user}");
        }
    }
}

#[test]
fn member_limits_are_1_to_250() {
    for (rule, limit, is_one) in [
        ("none is no limit", 0, false),
        ("one is the least", 1, true),
        ("250 is the most", 250, true),
        ("251 is too many", 251, false),
        ("nor is anything beyond", u32::MAX, false),
    ] {
        let expected = is_one
            .then_some(())
            .ok_or(LobbyError::MemberLimit { limit });
        let mut world = World::with_users(1);
        let now = world.now;
        let created = world.mirror(0).create(now, LobbyKind::Public, limit);
        assert_eq!(created, expected, "{rule}: created");
        world.settle();
        world.notices(0);
        let lobby = world.lobby(0, LobbyKind::Invisible, 7);
        let mirror = world.mirror(0);
        let set = mirror.set_member_limit(now, lobby, limit);
        assert_eq!(set, expected, "{rule}: set");
        world.settle();
        let expected = if is_one { limit } else { 7 };
        assert_eq!(
            world.mirror(0).member_limit(lobby),
            Some(expected),
            "{rule}"
        );
    }
}

#[test]
fn there_is_always_an_owner_who_is_a_member() {
    type Departure = fn(&mut World, SteamId);
    let rows: [(&str, Departure, Option<u32>, User); 9] = [
        (
            "the owner leaves: who joined next",
            |world, lobby| {
                let now = world.now;
                world.mirror(0).leave(now, lobby).expect("in");
            },
            Some(2),
            1,
        ),
        (
            "the owner's game ends: who joined next",
            |world, _| world.bye(0),
            Some(2),
            1,
        ),
        (
            "the owner's link is gone for less than the grace time: the owner",
            |world, _| {
                world.cut(0);
                world.pass(GRACE_MS - 1);
            },
            None,
            0,
        ),
        (
            "the owner's link is gone for the grace time: who joined next",
            |world, _| {
                world.cut(0);
                world.pass(GRACE_MS);
            },
            Some(4),
            1,
        ),
        (
            "the owner's game starts again: who joined next",
            |world, _| {
                world.restart(0);
                world.connect(0, 0).expect("let in");
            },
            Some(4),
            1,
        ),
        (
            "the owner names a member: that one, and it stays in",
            |world, lobby| {
                let (now, heir) = (world.now, world.id(2));
                world.mirror(0).set_owner(now, lobby, heir).expect("member");
            },
            None,
            2,
        ),
        (
            "another leaves: the owner",
            |world, lobby| {
                let now = world.now;
                world.mirror(1).leave(now, lobby).expect("in");
            },
            Some(2),
            0,
        ),
        (
            "the owner and the next leave in one moment: who joined third",
            |world, lobby| {
                let now = world.now;
                for user in [0, 1] {
                    world.mirror(user).leave(now, lobby).expect("in");
                }
            },
            Some(2),
            2,
        ),
        (
            "the new owner leaves: who has been there longest, so the old one",
            |world, lobby| {
                let (now, heir) = (world.now, world.id(1));
                world.mirror(0).set_owner(now, lobby, heir).expect("member");
                world.settle();
                world.mirror(1).leave(now, lobby).expect("in");
            },
            Some(2),
            0,
        ),
    ];
    for (rule, departure, state, owner) in rows {
        let mut world = World::with_users(3);
        let lobby = world.party(&[0, 1, 2]);
        departure(&mut world, lobby);
        world.settle();
        let owner = world.id(owner);
        let found = world.at(0).lobby(lobby).expect("it lives");
        assert_eq!(found.owner, owner, "{rule}");
        assert!(found.member(owner).is_some(), "{rule}");
        assert_eq!(world.mirror(2).owner(lobby), Some(owner), "{rule}");
        let told = world
            .notices(2)
            .into_iter()
            .find_map(|notice| match notice {
                Notice::LobbyChatUpdate { state, .. } => Some(state),
                _ => None,
            });
        assert_eq!(told, state, "{rule}");
    }
}

#[test]
fn what_outsiders_see_of_a_lobby() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_data(now, lobby, "map", "garden").expect("owner");
    mirror
        .set_member_data(now, lobby, "k", "v")
        .expect("member");
    world.settle();
    let owner = world.id(0);
    let mirror = world.mirror(2);
    assert_eq!(
        mirror.member_count(lobby),
        0,
        "nothing before it is asked for"
    );
    assert_eq!(mirror.data(lobby, "map"), None);
    mirror.request_data(now, lobby).expect("a lobby's ID");
    world.settle();
    let mirror = world.mirror(2);
    assert_eq!(mirror.member_count(lobby), 2, "how many");
    assert_eq!(mirror.member_limit(lobby), Some(250), "of how many");
    assert_eq!(mirror.data(lobby, "map"), Some("garden"), "its data");
    assert_eq!(mirror.owner(lobby), None, "not whose it is");
    assert_eq!(mirror.member(lobby, 0), None, "not who is in it");
    assert_eq!(mirror.member_data(lobby, owner, "k"), None, "nor of them");
    assert!(
        world
            .notices(0)
            .iter()
            .all(|notice| !matches!(notice, Notice::LobbyChatUpdate { .. }))
    );
}

#[test]
fn a_lobby_may_be_described_to_who_cannot_find_it() {
    use LobbyKind::{FriendsOnly, Invisible, Private, Public};
    for kind in [Private, FriendsOnly, Public, Invisible] {
        let mut world = World::with_users(2);
        let lobby = world.lobby(0, kind, 4);
        let now = world.now;
        let mirror = world.mirror(1);
        mirror.request_data(now, lobby).expect("a lobby's ID");
        world.settle();
        let update = Notice::LobbyDataUpdate {
            success: true,
            lobby,
            member: lobby,
        };
        assert_eq!(
            world.notices(1),
            [update],
            "{kind:?}: who has its ID was told it"
        );
    }
}
