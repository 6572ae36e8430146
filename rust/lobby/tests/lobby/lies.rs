//! Clients that bring lobbies which cannot be.

use samovar_id::SteamId;
use samovar_lobby::{
    LobbyKind, LobbySnapshot, MemberSnapshot, Persona, Presence, RichPresence, Version, limits,
};

use crate::world::{APP, World, name};

fn sound(user: SteamId) -> LobbySnapshot {
    LobbySnapshot {
        id: SteamId::lobby(77),
        app_id: APP,
        version: Version {
            term: 0,
            revision: 5,
        },
        kind: LobbyKind::Public,
        joinable: true,
        limit: 4,
        owner: user,
        members: vec![member(user)],
        data: std::iter::once(("k".to_owned(), "v".to_owned())).collect(),
        invited: Vec::new(),
        banned: Vec::new(),
        game_server: None,
        line: 0,
    }
}

fn member(user: SteamId) -> MemberSnapshot {
    MemberSnapshot {
        user,
        name: name(user),
        data: Default::default(),
    }
}

fn stranger(number: u64) -> SteamId {
    SteamId::individual((99 << 32) | number)
}

/// Connects a user that brings this, and returns what the directory made of the lobby.
fn brought(change: impl FnOnce(&mut LobbySnapshot)) -> (World, Option<LobbySnapshot>) {
    let mut world = World::with_users(0);
    let user = world.user(APP);
    let id = world.id(user);
    let mut snapshot = sound(id);
    change(&mut snapshot);
    bring(&mut world, id, vec![snapshot]);
    let lobby = world.at(0).lobby(SteamId::lobby(77)).cloned();
    (world, lobby)
}

fn bring(world: &mut World, id: SteamId, resume: Vec<LobbySnapshot>) {
    let presence = Presence {
        app_id: APP,
        persona: Persona::named(name(id)),
        rich_presence: RichPresence::new(),
        instance: id.raw(),
        machine: 1,
    };
    let now = world.now;
    let directory = world.directories[0].as_mut().expect("lives");
    directory
        .connect(now, id, presence, resume)
        .expect("let in");
    world.distribute(0);
}

#[test]
fn a_sound_one_is_believed() {
    let (_, lobby) = brought(|_| {});
    assert_eq!(lobby.map(|lobby| lobby.data.len()), Some(1));
}

type Lie = (&'static str, fn(&mut LobbySnapshot));

#[test]
fn what_cannot_be_is_not_believed() {
    let lies: [Lie; 17] = [
        ("another app", |lobby| lobby.app_id += 1),
        ("no members", |lobby| lobby.members.clear()),
        ("not in it", |lobby| {
            lobby.members = vec![member(stranger(1))];
            lobby.owner = stranger(1);
        }),
        ("an owner from outside", |lobby| lobby.owner = stranger(1)),
        ("limit 0", |lobby| lobby.limit = 0),
        ("limit 251", |lobby| lobby.limit = 251),
        ("more members than the limit", |lobby| {
            lobby
                .members
                .extend((0..4).map(|number| member(stranger(number))));
        }),
        ("somebody twice", |lobby| {
            lobby.members.push(lobby.members[0].clone());
        }),
        ("a member that is no user", |lobby| {
            lobby.members.push(member(SteamId::lobby(3)));
        }),
        ("a long name", |lobby| {
            lobby.members[0].name = "n".repeat(limits::MAX_NAME + 1);
        }),
        ("a long key", |lobby| {
            lobby.data.insert("k".repeat(256), "v".to_owned());
        }),
        ("an empty key", |lobby| {
            lobby.data.insert(String::new(), "v".to_owned());
        }),
        ("a long value", |lobby| {
            lobby.data.insert("k".to_owned(), "v".repeat(8193));
        }),
        ("many keys", |lobby| {
            lobby.data = (0..129)
                .map(|key| (key.to_string(), "v".to_owned()))
                .collect();
        }),
        ("much data", |lobby| {
            lobby.data = (0..9)
                .map(|key| (key.to_string(), "v".repeat(8000)))
                .collect();
        }),
        ("many guests", |lobby| {
            lobby.invited = (0..251).map(stranger).collect();
        }),
        ("a revision near the end", |lobby| {
            lobby.version.revision = u64::MAX;
        }),
    ];
    for (what, lie) in lies {
        let (_, lobby) = brought(lie);
        assert!(lobby.is_none(), "{what}: {lobby:?}");
    }
}

#[test]
fn an_id_that_is_no_lobbys_is_not_believed() {
    let (world, _) = brought(|lobby| lobby.id = lobby.owner);
    assert_eq!(world.at(0).lobbies().count(), 0);
}

#[test]
fn a_term_from_the_future_does_not_freeze_the_lobby() {
    let (mut world, lobby) = brought(|lobby| {
        lobby.version.term = u64::MAX;
        lobby.version.revision = limits::MAX_REVISION;
    });
    let lobby = lobby.expect("believed");
    assert_eq!(lobby.version.term, 1, "the directory's own");
    let lobby = lobby.id;
    let user = world.user(APP);
    world.connect(user, 0).expect("let in");
    world.settle();
    assert_eq!(world.join(user, lobby), 1);
    let now = world.now;
    world
        .mirror(user)
        .set_member_data(now, lobby, "k", "v")
        .expect("member");
    world
        .mirror(user)
        .chat(now, lobby, "hello")
        .expect("member");
    world.settle();
    assert_eq!(
        world.notices(user).len(),
        2,
        "its own data and its own line"
    );
}

#[test]
fn made_up_members_are_gone_after_the_grace_time() {
    let (mut world, lobby) = brought(|lobby| {
        lobby.limit = 250;
        lobby
            .members
            .extend((0..249).map(|number| member(stranger(number))));
    });
    assert_eq!(lobby.map(|lobby| lobby.members.len()), Some(250));
    world.pass(crate::world::GRACE_MS);
    let lobby = world
        .at(0)
        .lobby(SteamId::lobby(77))
        .expect("its owner is there");
    assert_eq!(lobby.members.len(), 1);
}

#[test]
fn whoever_is_here_is_in_no_lobby_that_others_say_it_is_in() {
    let mut world = World::with_users(1);
    let (liar, victim) = (stranger(1), world.id(0));
    let mut snapshot = sound(liar);
    snapshot.members.push(member(victim));
    bring(&mut world, liar, vec![snapshot]);
    let lobby = world
        .at(0)
        .lobby(SteamId::lobby(77))
        .expect("the liar's own");
    assert_eq!(lobby.members.len(), 1);
    world.settle();
    assert!(world.notices(0).is_empty());
}

#[test]
fn a_lobby_that_lives_here_is_not_overwritten() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let before = world.at(0).lobby(lobby).cloned().expect("exists");
    let liar = stranger(1);
    let mut snapshot = sound(liar);
    snapshot.id = lobby;
    snapshot.version = Version {
        term: u64::MAX,
        revision: limits::MAX_REVISION,
    };
    bring(&mut world, liar, vec![snapshot]);
    let after = world.at(0).lobby(lobby).expect("exists");
    assert_eq!(after.owner, before.owner);
    assert_eq!(after.data, before.data);
    assert_eq!(after.members[..2], before.members[..]);
}

#[test]
fn only_so_many_lobbies_are_taken_over_for_one_user() {
    let mut world = World::with_users(0);
    let user = stranger(1);
    let resume: Vec<LobbySnapshot> = (0..50)
        .map(|number| LobbySnapshot {
            id: SteamId::lobby(number),
            ..sound(user)
        })
        .collect();
    bring(&mut world, user, resume);
    assert_eq!(world.at(0).lobbies().count(), limits::MAX_LOBBIES_PER_USER);
}

#[test]
fn the_largest_hello_fits_into_a_frame() {
    let mut world = World::with_users(250);
    let mut lobbies = Vec::new();
    let everybody: Vec<usize> = (0..250).collect();
    for kind in [
        LobbyKind::Public,
        LobbyKind::Invisible,
        LobbyKind::Invisible,
    ] {
        lobbies.push(world.party_of(kind, &everybody));
    }
    let now = world.now;
    // Incompressible enough: what counts is the size before deflating.
    let value = "v".repeat(500);
    for lobby in &lobbies {
        for key in 0..200 {
            let _ = world
                .mirror(0)
                .set_data(now, *lobby, &key.to_string(), &value);
        }
        world.settle();
        for user in 0..250 {
            let _ = world
                .mirror(user)
                .set_member_data(now, *lobby, "key", &value);
            world.settle();
        }
    }
    let resume = world.mirror(0).resume();
    assert_eq!(resume.len(), limits::MAX_LOBBIES_PER_USER);
    let longest = |number: usize| {
        let key = format!("{number:0>width$}", width = limits::MAX_PRESENCE_KEY);
        (key, "v".repeat(limits::MAX_PRESENCE_VALUE))
    };
    let rich_presence: RichPresence = (0..limits::MAX_PRESENCE_KEYS).map(longest).collect();
    let hello = samovar_lobby::Hello {
        protocol: samovar_lobby::PROTOCOL_VERSION,
        modifier: [0; 16],
        app_id: APP,
        persona: Persona::named("n".repeat(limits::MAX_NAME)),
        rich_presence,
        instance: u64::MAX,
        machine: u64::MAX,
        resume,
    };
    let frame = samovar_lobby::frame::encode(&samovar_lobby::ToDirectory::Hello(hello));
    assert!(frame.is_ok());
}
