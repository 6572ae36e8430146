//! Lobby data and member data.

use std::net::Ipv4Addr;

use samovar_id::SteamId;
use samovar_lobby::{Change, Command, GameServer, LobbyError, LobbyKind, Notice};

use crate::world::World;

#[test]
fn data_is_seen_by_its_setter_at_once_and_reaches_everybody() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "map", "tea house")
        .expect("owner");
    assert_eq!(world.mirror(0).data(lobby, "map"), Some("tea house"));
    assert_eq!(world.mirror(1).data(lobby, "map"), None);
    world.settle();
    for user in [0, 1] {
        assert_eq!(world.mirror(user).data(lobby, "map"), Some("tea house"));
        assert_eq!(world.notices(user), [updated(lobby, lobby)]);
    }
    world
        .mirror(0)
        .delete_data(now, lobby, "map")
        .expect("owner");
    world.settle();
    for user in [0, 1] {
        assert_eq!(world.mirror(user).data(lobby, "map"), None);
        assert!(world.mirror(user).all_data(lobby).is_empty());
        assert_eq!(world.notices(user), [updated(lobby, lobby)]);
    }
}

#[test]
fn the_newest_of_ones_own_values_is_never_taken_back() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let now = world.now;
    world
        .mirror(0)
        .set_data(now, lobby, "turn", "1")
        .expect("owner");
    assert!(world.step(), "the first is under way");
    world
        .mirror(0)
        .set_data(now, lobby, "turn", "2")
        .expect("owner");
    while world.step() {
        assert_eq!(world.mirror(0).data(lobby, "turn"), Some("2"));
    }
}

#[test]
fn values_set_while_the_last_one_waits_are_sent_as_one() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    for turn in 0..10_000 {
        let turn = turn.to_string();
        world
            .mirror(0)
            .set_data(now, lobby, "turn", &turn)
            .expect("one slot is enough");
        world
            .mirror(0)
            .set_member_data(now, lobby, "dice", &turn)
            .expect("and another");
    }
    assert_eq!(world.mirror(0).pending(), 2);
    world.settle();
    let setter = world.id(0);
    assert_eq!(world.mirror(1).data(lobby, "turn"), Some("9999"));
    assert_eq!(
        world.mirror(1).member_data(lobby, setter, "dice"),
        Some("9999")
    );
}

#[test]
fn all_data_is_sorted_by_key() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let now = world.now;
    for key in ["b", "a", "c"] {
        world
            .mirror(0)
            .set_data(now, lobby, key, key)
            .expect("owner");
    }
    let all = world.mirror(0).all_data(lobby);
    assert_eq!(all, [("a", "a"), ("b", "b"), ("c", "c")]);
}

#[test]
fn members_set_their_own_data_only() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let (now, member) = (world.now, world.id(1));
    world
        .mirror(1)
        .set_member_data(now, lobby, "ready", "yes")
        .expect("member");
    assert_eq!(
        world.mirror(2).set_member_data(now, lobby, "ready", "yes"),
        Err(LobbyError::NotInLobby)
    );
    world.settle();
    for user in [0, 1] {
        assert_eq!(
            world.mirror(user).member_data(lobby, member, "ready"),
            Some("yes")
        );
        assert_eq!(world.notices(user), [updated(lobby, member)]);
    }
    assert_eq!(world.mirror(2).member_data(lobby, member, "ready"), None);
}

#[test]
fn keys_and_values_have_their_limits() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let now = world.now;
    let (key, value) = ("k".repeat(255), "v".repeat(8192));
    let mirror = world.mirror(0);
    mirror
        .set_data(now, lobby, &key, &value)
        .expect("just fits");
    let longer = "k".repeat(256);
    assert_eq!(
        mirror.set_data(now, lobby, &longer, ""),
        Err(LobbyError::KeyTooLong { len: 256 })
    );
    let longer = "ä".repeat(4097);
    assert_eq!(
        mirror.set_member_data(now, lobby, "k", &longer),
        Err(LobbyError::ValueTooLong { len: 8194 })
    );
    assert_eq!(
        mirror.set_data(now, lobby, "", "v"),
        Err(LobbyError::KeyEmpty)
    );
    assert_eq!(
        mirror.data(lobby, &key),
        Some(value.as_str()),
        "nothing half done"
    );
}

#[test]
fn a_lobby_holds_128_keys_and_64_kib() {
    let mut world = World::with_users(1);
    let many = world.party(&[0]);
    let large = world.party_of(LobbyKind::Invisible, &[0]);
    let now = world.now;
    let mirror = world.mirror(0);
    for key in 0..128 {
        mirror
            .set_data(now, many, &key.to_string(), "v")
            .expect("fits");
    }
    assert_eq!(
        mirror.set_data(now, many, "more", "v"),
        Err(LobbyError::TooMuchData)
    );
    mirror
        .set_data(now, many, "0", "w")
        .expect("a known key can be changed");
    let value = "v".repeat(8192);
    let fitting = (0..20)
        .take_while(|key| {
            mirror
                .set_data(now, large, &key.to_string(), &value)
                .is_ok()
        })
        .count();
    assert_eq!(fitting, 7);
}

#[test]
fn the_members_of_a_lobby_share_65_kib() {
    let mut world = World::with_users(12);
    let lobby = world.party(&[0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11]);
    let (now, value) = (world.now, "v".repeat(8000));
    let mut fitting = 0;
    for user in 0..12 {
        for key in ["a", "b", "c"] {
            let result = world.mirror(user).set_member_data(now, lobby, key, &value);
            fitting += usize::from(result.is_ok());
            world.settle();
        }
    }
    assert_eq!(fitting, 8);
}

#[test]
fn what_the_directory_does_not_accept_disappears_again() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let (now, other) = (world.now, world.id(1));
    // The directory hears of a new owner while the old one still sees itself in charge.
    let change = Change::Owner(other);
    world.force(0, Command::Change { lobby, change });
    world
        .mirror(0)
        .set_data(now, lobby, "map", "mine")
        .expect("seen as the owner");
    assert_eq!(world.mirror(0).data(lobby, "map"), Some("mine"));
    world.settle();
    assert_eq!(world.mirror(0).data(lobby, "map"), None);
    assert_eq!(world.mirror(1).data(lobby, "map"), None);
    assert_eq!(world.mirror(0).owner(lobby), Some(other));
}

#[test]
fn a_lobbys_data_can_be_fetched_from_outside() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let (now, unknown, user) = (world.now, SteamId::lobby(1), world.id(0));
    world
        .mirror(0)
        .set_data(now, lobby, "map", "tea house")
        .expect("owner");
    world.settle();
    world
        .mirror(1)
        .request_data(now, lobby)
        .expect("a lobby's ID");
    world
        .mirror(1)
        .request_data(now, unknown)
        .expect("a lobby's ID");
    world.settle();
    let failed = Notice::LobbyDataUpdate {
        success: false,
        lobby: unknown,
        member: unknown,
    };
    assert_eq!(world.notices(1), [updated(lobby, lobby), failed]);
    let mirror = world.mirror(1);
    assert_eq!(mirror.data(lobby, "map"), Some("tea house"));
    assert_eq!(mirror.member_count(lobby), 1);
    assert_eq!(mirror.member(lobby, 0), None, "who is in it is for members");
    assert_eq!(mirror.request_data(now, user), Err(LobbyError::NotALobby));
}

#[test]
fn a_game_server_is_announced_each_time_it_is_named() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    let server = GameServer {
        ip: Ipv4Addr::new(192, 0, 2, 7),
        port: 27015,
        id: 0,
    };
    for _ in 0..2 {
        world
            .mirror(0)
            .set_game_server(now, lobby, server)
            .expect("owner");
        world.settle();
        for user in [0, 1] {
            let notice = Notice::LobbyGameCreated {
                lobby,
                server: 0,
                ip: "192.0.2.7".to_owned(),
                port: 27015,
            };
            assert_eq!(world.notices(user), [notice]);
            assert_eq!(world.mirror(user).game_server(lobby), Some(server));
        }
    }
}

fn updated(lobby: SteamId, member: SteamId) -> Notice {
    Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member,
    }
}
