//! There is exactly one owner, and only it changes the lobby.

use samovar_id::SteamId;
use samovar_lobby::{Change, Command, LobbyError, LobbyKind, Notice};

use crate::world::World;

#[test]
fn whoever_joined_next_inherits() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let now = world.now;
    world.mirror(0).leave(now, lobby).expect("in");
    world.settle();
    assert_eq!(world.mirror(0).owner(lobby), None, "not for non-members");
    for user in [1, 2] {
        assert_eq!(world.mirror(user).owner(lobby), Some(world.id(1)));
    }
}

#[test]
fn the_owner_hands_over_to_a_member() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let (now, member, stranger) = (world.now, world.id(1), world.id(2));
    let mirror = world.mirror(0);
    assert_eq!(
        mirror.set_owner(now, lobby, stranger),
        Err(LobbyError::NotAMember)
    );
    mirror.set_owner(now, lobby, member).expect("a member");
    assert_eq!(mirror.owner(lobby), Some(member), "seen at once");
    assert_eq!(
        mirror.set_data(now, lobby, "a", "b"),
        Err(LobbyError::NotOwner)
    );
    world.settle();
    for user in [0, 1] {
        assert_eq!(world.mirror(user).owner(lobby), Some(member));
        assert_eq!(world.notices(user), [data_update(lobby)]);
    }
}

#[test]
fn others_are_told_that_they_may_not() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let (now, own) = (world.now, world.id(1));
    for (user, error) in [(1, LobbyError::NotOwner), (2, LobbyError::NotInLobby)] {
        let mirror = world.mirror(user);
        let results = [
            mirror.set_data(now, lobby, "key", "value"),
            mirror.delete_data(now, lobby, "key"),
            mirror.set_kind(now, lobby, LobbyKind::Private),
            mirror.set_joinable(now, lobby, false),
            mirror.set_member_limit(now, lobby, 5),
            mirror.set_owner(now, lobby, own),
        ];
        assert_eq!(results, [Err(error); 6]);
        assert_eq!(mirror.pending(), 0, "nothing is sent");
    }
}

#[test]
fn a_client_that_tries_nevertheless_changes_nothing() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let before = world.at(0).lobby(lobby).cloned();
    let (own, other) = (world.id(1), world.id(0));
    let key = || "key".to_owned();
    for user in [1, 2] {
        for change in [
            Change::Data([(key(), key())].into()),
            Change::Kick {
                user: other,
                ban: true,
            },
            Change::Kind(LobbyKind::Private),
            Change::Joinable(false),
            Change::Limit(2),
            Change::Owner(own),
        ] {
            world.force(user, Command::Change { lobby, change });
        }
    }
    assert_eq!(world.at(0).lobby(lobby).cloned(), before);
    world.settle();
    assert!(world.notices(0).is_empty());
}

#[test]
fn settings_reach_everybody() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror.set_member_limit(now, lobby, 7).expect("owner");
    mirror
        .set_kind(now, lobby, LobbyKind::Invisible)
        .expect("owner");
    world.settle();
    for user in [0, 1] {
        assert_eq!(world.mirror(user).member_limit(lobby), Some(7));
        assert_eq!(
            world.mirror(user).lobby(lobby).map(|lobby| lobby.kind),
            Some(LobbyKind::Invisible)
        );
        assert_eq!(
            world.notices(user),
            [data_update(lobby), data_update(lobby)]
        );
    }
}

#[test]
fn what_changes_nothing_is_not_sent() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let (now, own) = (world.now, world.id(0));
    let mirror = world.mirror(0);
    mirror.set_joinable(now, lobby, true).expect("owner");
    mirror
        .set_kind(now, lobby, LobbyKind::Public)
        .expect("owner");
    mirror.set_member_limit(now, lobby, 250).expect("owner");
    mirror.set_owner(now, lobby, own).expect("owner");
    mirror.set_data(now, lobby, "absent", "").expect("owner");
    assert_eq!(mirror.pending(), 0);
}

fn data_update(lobby: SteamId) -> Notice {
    Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member: lobby,
    }
}
