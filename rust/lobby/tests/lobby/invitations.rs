//! Invitations.

use samovar_id::SteamId;
use samovar_lobby::{Change, Command, LobbyError, LobbyKind, Notice};

use crate::world::{APP, World, name};

#[test]
fn whoever_is_invited_hears_of_it_and_joins_a_private_lobby() {
    let mut world = World::with_users(3);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let (now, guest, host) = (world.now, world.id(1), world.id(0));
    assert_eq!(world.join(1, lobby), 3);
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.settle();
    let notice = Notice::LobbyInvite {
        inviter: host,
        lobby,
        app_id: APP,
    };
    assert_eq!(world.notices(1), [notice]);
    assert_eq!(world.mirror(1).known_name(host), Some(name(host).as_str()));
    assert_eq!(world.join(1, lobby), 1);
    assert_eq!(world.join(2, lobby), 3, "the others still need one");
}

#[test]
fn any_member_invites() {
    let mut world = World::with_users(3);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let (now, second, third) = (world.now, world.id(1), world.id(2));
    world.mirror(0).invite(now, lobby, second).expect("member");
    world.settle();
    assert_eq!(world.join(1, lobby), 1);
    world.mirror(1).invite(now, lobby, third).expect("member");
    world.settle();
    assert_eq!(world.join(2, lobby), 1);
}

#[test]
fn outsiders_do_not_invite_and_only_users_are_invited() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0]);
    let (now, own) = (world.now, world.id(1));
    assert_eq!(
        world.mirror(1).invite(now, lobby, own),
        Err(LobbyError::NotInLobby)
    );
    assert_eq!(
        world.mirror(0).invite(now, lobby, lobby),
        Err(LobbyError::NotAUser)
    );
}

#[test]
fn the_oldest_invitation_is_forgotten_beyond_250() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let guest = world.id(1);
    let now = world.now;
    world.mirror(0).invite(now, lobby, guest).expect("member");
    for stranger in 0..250 {
        world.pass(1_000);
        let now = world.now;
        let stranger = SteamId::individual((9 << 32) | stranger);
        world
            .mirror(0)
            .invite(now, lobby, stranger)
            .expect("member");
    }
    world.settle();
    assert_eq!(world.join(1, lobby), 3);
}

#[test]
fn an_invitation_survives_the_directory() {
    let mut world = World::with_users(2);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let (now, guest) = (world.now, world.id(1));
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.settle();
    world.kill(0);
    let next = world.directory(2);
    for user in [0, 1] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(world.join(1, lobby), 1);
}

#[test]
fn one_members_invitations_make_no_other_members_forgotten_also_not_at_the_next_directory() {
    let mut world = World::with_users(4);
    let lobby = world.lobby(0, LobbyKind::Private, 4);
    let (now, guest, flooder) = (world.now, world.id(1), world.id(2));
    world.mirror(0).invite(now, lobby, guest).expect("member");
    world.mirror(0).invite(now, lobby, flooder).expect("member");
    world.settle();
    assert_eq!(world.join(2, lobby), 1);
    for stranger in 0..600 {
        world.pass(20);
        let change = Change::Invite(SteamId::individual((9 << 32) | stranger));
        world.force(2, Command::Change { lobby, change });
    }
    world.settle();
    let invited = world.at(0).lobby(lobby).map(|lobby| lobby.invited.clone());
    for member in [0, 2] {
        let copy = world.mirror(member).lobby(lobby);
        assert_eq!(copy.map(|copy| copy.invited.clone()), invited, "{member}");
    }
    world.kill(0);
    let place = world.directory(2);
    for user in [2, 0, 1] {
        world.connect(user, place).expect("let in");
    }
    world.pass(2_000);
    assert_eq!(world.join(1, lobby), 1, "still invited");
}
