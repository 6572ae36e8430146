//! Clients that bring lobbies which cannot be.

use samovar_id::SteamId;
use samovar_lobby::{
    Command, Directory, DirectoryConfig, DirectoryId, Event, LobbyKind, LobbySnapshot,
    MemberSnapshot, Millis, Persona, Presence, ProvedLobby, RichPresence, limits,
};

use crate::world::{APP, World, name, secrets};

/// A directory that was there before.
const EARLIER: u64 = 99;

/// A lobby of a user's, as an earlier directory has signed it, with whatever this makes of it: its host lies.
fn changed(user: SteamId, term: u64, change: impl FnOnce(&mut LobbySnapshot)) -> ProvedLobby {
    let mut lobby = earlier(user, term, 1).remove(0);
    lobby.snapshot.version.revision = 5;
    change(&mut lobby.snapshot);
    let (_, key) = secrets(EARLIER);
    let seal = key.seal(DirectoryId(EARLIER), term, &lobby.snapshot);
    lobby.proof.seal = seal;
    lobby
}

/// So many lobbies that a user has made in an earlier directory.
fn earlier(user: SteamId, term: u64, lobbies: usize) -> Vec<ProvedLobby> {
    let (seed, key) = secrets(EARLIER);
    let mut directory = Directory::new(
        DirectoryConfig::default(),
        DirectoryId(EARLIER),
        term,
        seed,
        key,
    );
    let mut made = Vec::new();
    for request in 0..lobbies as u64 {
        let now = Millis(1);
        let connected = directory.connect(now, user, presence(user), Vec::new());
        connected.expect("let in");
        let create = Command::Create {
            request,
            kind: LobbyKind::Public,
            limit: 4,
        };
        directory.handle(now, user, create);
        while let Some((_, event)) = directory.poll_output() {
            if let Event::Created { lobby, .. } = event {
                made.push(lobby.expect("created"));
            }
        }
        directory.bye(now, user, user.raw());
    }
    made
}

fn presence(user: SteamId) -> Presence {
    Presence {
        app_id: APP,
        persona: Persona::named(name(user)),
        rich_presence: RichPresence::new(),
        instance: user.raw(),
        machine: 1,
        is_returning: false,
        is_asking: false,
    }
}

fn member(user: SteamId) -> MemberSnapshot {
    MemberSnapshot {
        user,
        name: name(user),
        data: Default::default(),
        away_ms: None,
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
    let lobby = changed(id, 0, change);
    bring(&mut world, id, vec![lobby]);
    let lobby = world.at(0).lobbies().next().cloned();
    (world, lobby)
}

fn bring(world: &mut World, id: SteamId, resume: Vec<ProvedLobby>) {
    let now = world.now;
    let directory = world.directories[0].as_mut().expect("lives");
    directory
        .connect(now, id, presence(id), resume)
        .expect("let in");
    world.distribute(0);
}

#[test]
fn a_sound_one_is_believed() {
    let (_, lobby) = brought(|lobby| {
        lobby.data.insert("k".to_owned(), "v".to_owned());
    });
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
    let mut world = World::with_users(0);
    let user = world.user(APP);
    let id = world.id(user);
    let future = changed(id, u64::MAX, |lobby| {
        lobby.version.revision = limits::MAX_REVISION;
    });
    bring(&mut world, id, vec![future]);
    let lobby = world.at(0).lobbies().next().cloned().expect("believed");
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
    let mut lobbies = world.at(0).lobbies();
    let lobby = lobbies.next().expect("its owner is there");
    assert_eq!(lobby.members.len(), 1);
}

#[test]
fn whoever_is_here_is_in_no_lobby_that_others_say_it_is_in() {
    let mut world = World::with_users(1);
    let (liar, victim) = (stranger(1), world.id(0));
    let lobby = changed(liar, 0, |lobby| lobby.members.push(member(victim)));
    bring(&mut world, liar, vec![lobby]);
    let lobby = world.at(0).lobbies().next().expect("the liar's own");
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
    let mut stolen = changed(liar, u64::MAX, |stolen| {
        stolen.id = lobby;
        stolen.version.revision = limits::MAX_REVISION;
    });
    bring(&mut world, liar, vec![stolen.clone()]);
    // With the secret as well, as a member has it who keeps to no rule.
    stolen.proof.secret = world.mirror(1).resume(Millis::default())[0].proof.secret;
    stolen.proof.maker = world.mirror(1).resume(Millis::default())[0].proof.maker;
    bring(&mut world, liar, vec![stolen]);
    let after = world.at(0).lobby(lobby).expect("exists");
    assert_eq!(after.owner, before.owner);
    assert_eq!(after.data, before.data);
    assert_eq!(after.members, before.members);
}

#[test]
fn only_so_many_lobbies_are_taken_over_for_one_user() {
    let mut world = World::with_users(0);
    let user = stranger(1);
    let resume = earlier(user, 0, 50);
    assert_eq!(resume.len(), 50);
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
    let resume = world.mirror(0).resume(now);
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
        is_returning: false,
        is_asking: false,
        news: None,
        resume,
    };
    let frame = samovar_lobby::frame::encode(&samovar_lobby::ToDirectory::Hello(hello));
    assert!(frame.is_ok());
}
