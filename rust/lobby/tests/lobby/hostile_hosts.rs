//! Everything that a directory's host which keeps to no rule can say, and what the user's side keeps of it.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use samovar_lobby::frame::{decode, encode};
use samovar_lobby::{
    Command, Event, Friend, FromDirectory, JoinResponse, LobbySnapshot, LobbySummary,
    MemberSnapshot, Notice, Persona, ProvedLobby, RichPresence, Tell, Version, limits,
};

use crate::world::World;

/// A user in a lobby of two.
fn scene() -> (World, ProvedLobby) {
    let mut world = World::with_users(2);
    world.party(&[0, 1]);
    let lobby = world.users[1].mirror.resume(world.now).remove(0);
    (world, lobby)
}

fn summary(number: u64, data: BTreeMap<String, String>) -> LobbySummary {
    LobbySummary {
        id: SteamId::lobby(number),
        members: 1,
        limit: 4,
        data,
        game_server: None,
    }
}

fn pairs(count: usize, key: usize, value: usize) -> BTreeMap<String, String> {
    let pair = |number: usize| (format!("{number:0>key$}"), "v".repeat(value));
    (0..count).map(pair).collect()
}

/// Whether a frame with this can be read at all.
fn is_read(event: Event) -> bool {
    let frame = encode(&FromDirectory::Event(event)).expect("as large as frames get");
    decode::<FromDirectory>(&frame).is_ok()
}

fn with(lobby: &ProvedLobby, change: impl FnOnce(&mut LobbySnapshot)) -> ProvedLobby {
    let mut lobby = lobby.clone();
    change(&mut lobby.snapshot);
    lobby
}

#[test]
fn what_is_larger_than_it_may_be_is_not_read() {
    let (world, proved) = scene();
    let (user, lobby) = (world.id(0), proved.snapshot.id);
    let (version, request) = (proved.snapshot.version, 1);
    let long = "n".repeat(limits::MAX_NAME + 1);
    let seal = proved.proof.seal.signature;
    let member = |name: String, data| MemberSnapshot {
        user,
        name,
        data,
        away_ms: None,
    };
    let resumed = |change: &dyn Fn(&mut LobbySnapshot)| Event::Resumed {
        lobby: with(&proved, |lobby| change(lobby)),
    };
    let entered = |member| Event::Entered {
        lobby,
        version,
        member,
        seal,
    };
    let most = "n".repeat(limits::MAX_NAME);
    assert!(is_read(entered(member(most, pairs(1, 255, 8192)))));
    assert!(is_read(resumed(&|lobby| lobby.data = pairs(7, 3, 8192))));
    let many: RichPresence = pairs(limits::MAX_PRESENCE_KEYS + 1, 3, 1);
    let friend = Friend {
        user,
        persona: Persona::named("a friend"),
        lobby: None,
    };
    let rows: Vec<(&str, Event)> = vec![
        (
            "a long name of a member",
            entered(member(long.clone(), BTreeMap::new())),
        ),
        (
            "much data of a member",
            entered(member(String::new(), pairs(9, 3, 8000))),
        ),
        (
            "long names in a lobby",
            resumed(&|lobby| lobby.members[0].name = "n".repeat(1_000_000)),
        ),
        (
            "many members",
            resumed(&|lobby| {
                let number = |number: u64| SteamId::individual((66 << 32) | number);
                let member = |user| MemberSnapshot {
                    user,
                    name: String::new(),
                    data: BTreeMap::new(),
                    away_ms: None,
                };
                lobby.members.extend((0..250).map(|n| member(number(n))));
            }),
        ),
        (
            "many banned",
            resumed(&|lobby| lobby.banned = vec![lobby.owner; limits::MAX_BANNED + 1]),
        ),
        (
            "many invited",
            resumed(&|lobby| lobby.invited = vec![lobby.owner; limits::MAX_INVITED + 1]),
        ),
        (
            "many keys",
            resumed(&|lobby| lobby.data = pairs(limits::MAX_KEYS + 1, 3, 1)),
        ),
        (
            "much data",
            resumed(&|lobby| lobby.data = pairs(9, 3, 8000)),
        ),
        (
            "data that changes much",
            Event::Data {
                lobby,
                version,
                pairs: pairs(129, 3, 1),
            },
        ),
        (
            "a long value",
            Event::Data {
                lobby,
                version,
                pairs: pairs(1, 3, 8193),
            },
        ),
        (
            "a long key",
            Event::MemberData {
                lobby,
                version,
                user,
                pairs: pairs(1, 256, 1),
            },
        ),
        (
            "a long line",
            Event::Chat {
                lobby,
                from: user,
                instance: 1,
                seq: 1,
                line: 1,
                text: "t".repeat(limits::MAX_CHAT + 1),
            },
        ),
        (
            "many results",
            Event::Found {
                request,
                lobbies: vec![summary(1, BTreeMap::new()); 251],
            },
        ),
        (
            "large results",
            Event::Found {
                request,
                lobbies: vec![summary(1, pairs(7, 3, 8000)); 12],
            },
        ),
        (
            "a large description",
            Event::Described {
                lobby,
                summary: Some(summary(1, pairs(9, 3, 8000))),
            },
        ),
        (
            "a long persona name",
            Event::Persona {
                user,
                persona: Persona::named(long.clone()),
            },
        ),
        (
            "a name of a megabyte",
            Event::Persona {
                user,
                persona: Persona::named("n".repeat(1_000_000)),
            },
        ),
        (
            "an inviter's long name",
            Event::Invited {
                from: user,
                name: long.clone(),
                lobby,
                app_id: 480,
            },
        ),
        (
            "many friends",
            Event::Friends(vec![friend; limits::MAX_FRIENDS + 1]),
        ),
        (
            "much rich presence",
            Event::RichPresence {
                user,
                rich_presence: many,
                news: 1,
            },
        ),
        (
            "a large picture",
            Event::Avatar {
                user,
                avatar: 1,
                pixels: vec![0; limits::AVATAR_BYTES + 1],
            },
        ),
        (
            "a teller's long name",
            Event::Told {
                from: user,
                name: long,
                tell: Tell::TicketUsed { ticket: 1 },
            },
        ),
        (
            "a long connect string",
            Event::Told {
                from: user,
                name: String::new(),
                tell: Tell::GameInvite {
                    connect: "c".repeat(limits::MAX_CONNECT + 1),
                },
            },
        ),
        (
            "a long signal",
            Event::Signal {
                from: user,
                payload: vec![0; limits::MAX_SIGNAL + 1],
            },
        ),
    ];
    for (row, event) in rows {
        assert!(!is_read(event), "{row}");
    }
    let moved = FromDirectory::Moved {
        addrs: vec!["192.0.2.1:5".parse().expect("an address"); limits::MAX_ADDRS + 1],
        key: [0; 32],
        directory: samovar_lobby::DirectoryId(1),
        term: 1,
    };
    let moved = encode(&moved).expect("fits");
    assert!(decode::<FromDirectory>(&moved).is_err(), "many addresses");
}

/// 20 frames of 220 KB once kept 382 MiB.
#[test]
fn answers_to_searches_keep_two_megabytes_at_most() {
    let (mut world, _) = scene();
    let now = world.now;
    let mut number = 0;
    for data in [pairs(7, 3, 8000), pairs(128, 3, 1), pairs(1, 255, 1)] {
        for _ in 0..20 {
            world.mirror(1).request_list(now).expect("room");
            world.mirror(1).hurry();
            let mut request = None;
            while let Some(command) = world.mirror(1).poll_command(now) {
                request = command.request().or(request);
            }
            let results = (200_000 / samovar_size(&data)).min(250) as u64;
            let lobbies = (0..results).map(|result| summary(number + result, data.clone()));
            let lobbies = lobbies.collect();
            number += results;
            let request = request.expect("a search was asked for");
            let frame = encode(&FromDirectory::Event(Event::Found { request, lobbies }));
            let frame = decode(&frame.expect("fits")).expect("within every bound");
            let FromDirectory::Event(event) = frame else {
                panic!("an event was encoded");
            };
            world.mirror(1).handle_event(now, event);
            let kept = world.mirror(1).cached_bytes();
            assert!(kept <= limits::MAX_CACHED_LOBBY_BYTES, "{kept}");
        }
        assert!(world.mirror(1).cached_bytes() > 0, "the newest are kept");
    }
}

fn samovar_size(data: &BTreeMap<String, String>) -> usize {
    let sizes = data.iter().map(|(key, value)| key.len() + value.len() + 5);
    sizes.sum()
}

#[test]
fn answers_to_nothing_that_was_asked_change_nothing() {
    let (mut world, proved) = scene();
    let (now, stranger) = (world.now, SteamId::individual((66 << 32) | 1));
    let other = SteamId::lobby(66);
    let rich_presence: RichPresence = pairs(30, 3, 256);
    let own = proved.snapshot.id;
    let other_lobby = with(&proved, |lobby| lobby.id = other);
    let version = Version {
        term: u64::MAX,
        revision: u64::MAX,
    };
    let rows: Vec<(&str, Event)> = vec![
        (
            "found",
            Event::Found {
                request: 77,
                lobbies: vec![summary(66, pairs(3, 3, 3))],
            },
        ),
        (
            "described",
            Event::Described {
                lobby: other,
                summary: Some(summary(66, pairs(3, 3, 3))),
            },
        ),
        (
            "a persona",
            Event::Persona {
                user: stranger,
                persona: Persona::named("who?"),
            },
        ),
        (
            "rich presence",
            Event::RichPresence {
                user: stranger,
                rich_presence,
                news: 1,
            },
        ),
        (
            "a picture",
            Event::Avatar {
                user: stranger,
                avatar: 1,
                pixels: vec![0; limits::AVATAR_BYTES],
            },
        ),
        (
            "created",
            Event::Created {
                request: 77,
                result: 1,
                lobby: Some(other_lobby.clone()),
            },
        ),
        (
            "joined",
            Event::Joined {
                request: 77,
                lobby: other,
                response: JoinResponse::Success,
                snapshot: Some(other_lobby.clone()),
            },
        ),
        ("resumed", Event::Resumed { lobby: other_lobby }),
        (
            "an unsound lobby",
            Event::Resumed {
                lobby: with(&proved, |lobby| lobby.owner = stranger),
            },
        ),
        (
            "a lobby without the user",
            Event::Resumed {
                lobby: with(&proved, |lobby| lobby.members.truncate(1)),
            },
        ),
        (
            "of another lobby",
            Event::Data {
                lobby: other,
                version,
                pairs: pairs(1, 1, 1),
            },
        ),
        ("handled", Event::Handled),
    ];
    let before = world.mirror(1).lobby(own).cloned();
    for (row, event) in rows {
        world.mirror(1).handle_event(now, event);
        assert_eq!(world.mirror(1).lobby(own).cloned(), before, "{row}");
        assert_eq!(world.mirror(1).lobby(other), None, "{row}");
        assert_eq!(world.mirror(1).cached_bytes(), 0, "{row}");
        assert_eq!(world.mirror(1).known_name(stranger), None, "{row}");
        assert_eq!(world.mirror(1).data(other, "000"), None, "{row}");
        assert_eq!(world.notices(1), Vec::<Notice>::new(), "{row}");
        // It may say that it is in no such lobby, and nothing more.
        world.mirror(1).hurry();
        while let Some(command) = world.mirror(1).poll_command(now) {
            let leaves = matches!(&command, Command::Change { lobby, .. } if *lobby == other);
            assert!(leaves, "{row}: {command:?}");
        }
    }
}
