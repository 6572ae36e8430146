//! Bytes that are no frame.

use std::collections::BTreeMap;

use proptest::prelude::*;
use samovar_id::SteamId;
use samovar_lobby::frame::{self, MAX_COMMAND, MAX_FRAME, MAX_HELLO, decode, encode};
use samovar_lobby::{
    Change, Command, Comparison, DirectoryId, Event, FromDirectory, Hello, JoinResponse, LobbyKind,
    LobbySnapshot, LobbySummary, MemberSnapshot, Persona, ProvedLobby, Refusal, RichPresence,
    SearchFilters, ToDirectory, Version, limits,
};

use crate::world::World;

/// One of most kinds, with a lobby that has something of everything.
fn messages() -> (Vec<ToDirectory>, Vec<FromDirectory>) {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1, 2]);
    let now = world.now;
    for key in 0..50 {
        let value = "value ".repeat(key);
        world
            .mirror(0)
            .set_data(now, lobby, &key.to_string(), &value)
            .expect("owner");
    }
    world
        .mirror(1)
        .set_member_data(now, lobby, "k", "v")
        .expect("member");
    world.settle();
    let snapshot = world
        .mirror(0)
        .resume(samovar_lobby::Millis::default())
        .remove(0);
    let user = world.id(0);
    let filters = SearchFilters {
        text: vec![("a".to_owned(), "b".to_owned(), Comparison::NotEqual)],
        number: vec![("c".to_owned(), -4, Comparison::Less)],
        near: vec![("d".to_owned(), i32::MAX)],
        slots: 3,
        count: 9,
    };
    let chat = Change::Chat {
        seq: u64::MAX,
        text: "tea?".to_owned(),
    };
    let up = vec![
        ToDirectory::Hello(Hello {
            protocol: 1,
            modifier: [9; 16],
            app_id: 480,
            persona: Persona::named("somebody"),
            rich_presence: RichPresence::new(),
            instance: 1,
            machine: u64::MAX,
            is_returning: false,
            is_asking: false,
            news: None,
            resume: vec![snapshot.clone(), snapshot.clone()],
        }),
        ToDirectory::Command(Command::Search {
            request: 1,
            filters,
            patient: true,
        }),
        ToDirectory::Command(Command::Change {
            lobby,
            change: chat,
        }),
        ToDirectory::signal(user, vec![1; 300]),
        ToDirectory::Bye,
    ];
    let down = vec![
        FromDirectory::Welcome {
            directory: DirectoryId(7),
            term: 3,
            time_ms: 1,
            protocol: 1,
            age_ms: 2_000,
            handled: 9,
        },
        FromDirectory::Refused(Refusal::ElsewhereOnline),
        FromDirectory::Moved {
            addrs: vec![
                "[::1]:9".parse().expect("an address"),
                "192.0.2.1:5".parse().expect("an address"),
            ],
            key: [3; 32],
            directory: DirectoryId(8),
            term: 4,
        },
        FromDirectory::Event(Event::Joined {
            request: 4,
            lobby,
            response: JoinResponse::Success,
            snapshot: Some(snapshot.clone()),
        }),
        FromDirectory::Event(Event::Found {
            request: 1,
            lobbies: vec![
                LobbySummary {
                    id: lobby,
                    members: 3,
                    limit: 4,
                    data: snapshot.snapshot.data.clone(),
                    game_server: None,
                };
                5
            ],
        }),
        FromDirectory::Event(Event::Handled),
    ];
    (up, down)
}

#[test]
fn what_is_encoded_is_decoded() {
    let (up, down) = messages();
    for message in up {
        let bytes = encode(&message).expect("fits");
        assert_eq!(decode::<ToDirectory>(&bytes).expect("valid"), message);
    }
    for message in down {
        let bytes = encode(&message).expect("fits");
        assert_eq!(decode::<FromDirectory>(&bytes).expect("valid"), message);
    }
}

#[test]
fn large_frames_are_deflated_and_small_ones_are_not() {
    let (up, _) = messages();
    let (hello, chat) = (encode(&up[0]).expect("fits"), encode(&up[2]).expect("fits"));
    assert!(hello.len() < 3_000, "{}", hello.len());
    assert_eq!((hello[0], chat[0]), (1, 0));
}

#[test]
fn no_truncation_is_taken_for_a_message() {
    let (up, down) = messages();
    let up = up.iter().map(|message| encode(message).expect("fits"));
    let down = down.iter().map(|message| encode(message).expect("fits"));
    for frame in up {
        for len in 0..frame.len() {
            assert!(decode::<ToDirectory>(&frame[..len]).is_err());
        }
        let mut longer = frame.clone();
        longer.push(0);
        let deflated = frame[0] == 1;
        assert_eq!(
            decode::<ToDirectory>(&longer).is_ok(),
            deflated,
            "deflate has its own end"
        );
    }
    for frame in down {
        for len in 0..frame.len() {
            assert!(decode::<FromDirectory>(&frame[..len]).is_err());
        }
    }
}

#[test]
fn every_changed_byte_is_survived() {
    let (up, down) = messages();
    for message in up {
        let frame = encode(&message).expect("fits");
        for index in 0..frame.len() {
            for flip in [0x01, 0x80, 0xff] {
                let mut changed = frame.clone();
                changed[index] ^= flip;
                let _ = decode::<ToDirectory>(&changed);
            }
        }
    }
    for message in down {
        let frame = encode(&message).expect("fits");
        for index in 0..frame.len() {
            let mut changed = frame.clone();
            changed[index] ^= 0xff;
            let _ = decode::<FromDirectory>(&changed);
        }
    }
}

#[test]
fn a_bomb_is_refused() {
    use std::io::Write;
    let mut bomb = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::best());
    for _ in 0..64 {
        bomb.write_all(&vec![0; MAX_FRAME]).expect("memory");
    }
    let bomb = bomb.finish().expect("memory");
    assert!(bomb.len() < MAX_FRAME);
    assert!(decode::<FromDirectory>(&bomb).is_err());
}

/// What a few bytes hold is little, whatever it is; and whoever writes something repetitive can still be read.
#[test]
fn a_frame_costs_what_its_size_says() {
    use std::io::Write;
    let mut small = flate2::write::DeflateEncoder::new(vec![1], flate2::Compression::best());
    small.write_all(&vec![0; 500_000]).expect("memory");
    let small = small.finish().expect("memory");
    assert!(small.len() < 1_000 && frame::open(&small, MAX_FRAME).is_err());
    let lobby = SteamId::lobby(1);
    let value = "v".repeat(8192);
    let pairs = (0..15).map(|key| (key.to_string(), value.clone()));
    let change = Change::Data(pairs.collect());
    let message = ToDirectory::Command(Command::Change { lobby, change });
    let bytes = encode(&message).expect("fits");
    assert!((3_000..5_000).contains(&bytes.len()), "{}", bytes.len());
    assert_eq!(decode::<ToDirectory>(&bytes).expect("valid"), message);
}

/// The largest lobbies that there can be, of data that cannot be deflated.
#[test]
fn a_hello_fits_with_all_lobbies_that_a_user_can_be_in() {
    let mut seed = 1_u64;
    let mut text = |len: usize| -> String {
        let mut letter = || {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            char::from(33 + u8::try_from((seed >> 33) % 94).expect("small"))
        };
        (0..len).map(|_| letter()).collect()
    };
    let lobby = |number: u64, text: &mut dyn FnMut(usize) -> String| {
        let users = || (1..=250).map(|user| SteamId::individual((7 << 32) | user));
        let mut room = limits::MAX_MEMBERS_DATA;
        let members = users().map(|user| {
            let len = room.min(limits::MAX_MEMBER_DATA).min(8_000) / 2;
            let pairs = [(text(10), text(len)), (text(10), text(len))];
            room = room.saturating_sub(2 * (len + 10 + limits::PAIR_BYTES));
            MemberSnapshot {
                user,
                away_ms: None,
                name: text(128),
                data: if room > 0 {
                    pairs.into()
                } else {
                    BTreeMap::new()
                },
            }
        });
        LobbySnapshot {
            members: members.collect(),
            id: SteamId::lobby(number),
            app_id: 480,
            version: Version::default(),
            kind: LobbyKind::Public,
            joinable: true,
            limit: 250,
            owner: SteamId::individual((7 << 32) | 1),
            data: (0..7).map(|_| (text(255), text(8192))).collect(),
            invited: users().collect(),
            banned: users().collect(),
            game_server: None,
            line: limits::MAX_REVISION,
        }
    };
    let mut world = World::with_users(1);
    world.party(&[0]);
    let proof = world.users[0].mirror.resume(world.now).remove(0).proof;
    let mut proved = |number| ProvedLobby {
        snapshot: lobby(number, &mut text),
        proof: proof.clone(),
    };
    let resume = (1..=3).map(&mut proved).collect();
    let message = ToDirectory::Hello(Hello {
        protocol: 1,
        modifier: [9; 16],
        app_id: 480,
        persona: Persona::named(text(128)),
        rich_presence: (0..30).map(|_| (text(64), text(256))).collect(),
        instance: 1,
        machine: u64::MAX,
        is_returning: false,
        is_asking: false,
        news: None,
        resume,
    });
    let bytes = encode(&message).expect("fits");
    let plain = frame::open(&bytes, MAX_HELLO).expect("no larger than a hello may be");
    assert!(plain.len() > 600_000, "{}", plain.len());
    assert_eq!(frame::parse::<ToDirectory>(&plain).expect("valid"), message);
}

/// A search with as many and as long filters as there may be.
#[test]
fn the_largest_search_fits() {
    let text = |number: usize| {
        let key = format!("{number:0>255}");
        (key, "x".repeat(limits::MAX_VALUE), Comparison::Equal)
    };
    let filters = SearchFilters {
        text: (0..limits::MAX_FILTERS).map(text).collect(),
        ..SearchFilters::default()
    };
    let message = ToDirectory::Command(Command::Search {
        request: u64::MAX,
        filters,
        patient: true,
    });
    let bytes = encode(&message).expect("fits");
    let plain = frame::open(&bytes, MAX_COMMAND).expect("no larger than a command may be");
    assert_eq!(frame::parse::<ToDirectory>(&plain).expect("valid"), message);
}

#[test]
fn a_length_that_is_a_lie_takes_no_memory() {
    // Event, Found, request 0, and then 2^63 lobbies.
    let mut frame = vec![0, 3];
    let tag = postcard::to_stdvec(&Event::Found {
        request: 0,
        lobbies: Vec::new(),
    })
    .expect("serializes");
    frame.extend_from_slice(&tag[..tag.len() - 1]);
    frame.extend_from_slice(&[0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f]);
    assert!(decode::<FromDirectory>(&frame).is_err());
}

#[test]
fn nothing_larger_than_a_mebibyte_is_made() {
    let payload = vec![0; MAX_FRAME];
    assert!(encode(&ToDirectory::signal(SteamId::individual(1), payload)).is_err());
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes_are_survived(bytes in prop::collection::vec(any::<u8>(), 0..2000)) {
        let _ = decode::<ToDirectory>(&bytes);
        let _ = decode::<FromDirectory>(&bytes);
    }

    #[test]
    fn any_payload_is_survived(flag in 0_u8..3, bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let mut frame = vec![flag];
        frame.extend(bytes);
        let _ = decode::<ToDirectory>(&frame);
        let _ = decode::<FromDirectory>(&frame);
    }
}
