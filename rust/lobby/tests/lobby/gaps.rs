//! What a liar can still do, and no more: docs/limits.md says it of the rest.

use samovar_id::SteamId;
use samovar_lobby::{LobbyKind, LobbySnapshot, MemberSnapshot, ProvedLobby};

use crate::world::{GRACE_MS, World, name, secrets};

const HOUR_MS: u64 = 3_600_000;

/// The lobby as somebody would like it: it is the only member, and everybody else is banned.
fn stolen(copy: &ProvedLobby, liar: SteamId) -> LobbySnapshot {
    let mut lobby = copy.snapshot.clone();
    lobby.banned = lobby.members.iter().map(|member| member.user).collect();
    lobby.banned.retain(|member| *member != liar);
    lobby.owner = liar;
    lobby.members = vec![MemberSnapshot {
        user: liar,
        name: name(liar),
        data: Default::default(),
        away_ms: None,
    }];
    lobby.kind = LobbyKind::Private;
    lobby.version.revision += 1_000;
    lobby
}

/// Whoever has hosted a lobby signs what it likes of it: as long as that counts, as it could when it was the host.
#[test]
fn a_former_host_that_signs_what_is_false_is_believed_in_the_grace_time_and_not_after_it() {
    for (after_ms, is_believed) in [(0, true), (GRACE_MS + 1, false), (HOUR_MS, false)] {
        let mut world = World::with_users(4);
        let (lobby, liar) = (world.party(&[0, 1, 2]), 3);
        let (now, owner) = (world.now, world.id(0));
        let mut copy = world.mirror(0).resume(now).remove(0);
        let (directory, term) = world.ids[0];
        copy.snapshot = stolen(&copy, world.id(liar));
        copy.proof.seal = secrets(directory.0).1.seal(directory, term, &copy.snapshot);
        world.kill(0);
        let next = world.directory(2);
        for user in [0, 1, 2] {
            world.connect(user, next).expect("let in");
            world.settle();
        }
        world.pass(after_ms);
        world.users[liar].is_silent = true;
        world.connect_with(liar, next, vec![copy]).expect("let in");
        world.settle();
        let here = world.at(next).lobby(lobby).expect("lives");
        let (owner_here, members) = (here.owner, here.members.len());
        if is_believed {
            assert_eq!((owner_here, members), (world.id(liar), 1));
            assert!(world.mirror(1).lobby(lobby).is_none(), "and is told so");
        } else {
            assert_eq!((owner_here, members), (owner, 3), "{after_ms}");
            assert!(world.mirror(1).is_member(lobby, owner));
        }
    }
}

#[test]
fn a_member_that_was_cut_off_has_a_dead_lobby_live_again_only_as_it_was() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let now = world.now;
    let known = world.mirror(1).resume(now).remove(0);
    world.cut(1);
    world.pass(GRACE_MS + 1);
    for user in [2, 0] {
        let now = world.now;
        world.mirror(user).leave(now, lobby).expect("a member");
        world.settle();
    }
    assert!(world.at(0).lobby(lobby).is_none(), "nobody is in it");
    let liar = world.id(1);
    // Signed by nobody whom anybody knows.
    let mut made_up = known.clone();
    made_up.snapshot = stolen(&known, liar);
    let unknown = samovar_lobby::DirectoryId(666);
    let term = made_up.snapshot.version.term;
    made_up.proof.seal = secrets(666).1.seal(unknown, term, &made_up.snapshot);
    world.users[1].is_silent = true;
    world.connect_with(1, 0, vec![made_up]).expect("let in");
    world.settle();
    assert!(world.at(0).lobby(lobby).is_none());
    // As it was when this directory signed it, without those who have left.
    world
        .connect_with(1, 0, vec![known.clone()])
        .expect("let in");
    world.settle();
    let here = world.at(0).lobby(lobby).expect("lives again");
    let members: Vec<SteamId> = here.members.iter().map(|member| member.user).collect();
    assert_eq!(members, [liar]);
    assert_eq!(here.kind, known.snapshot.kind);
    assert!(here.banned.is_empty());
}
