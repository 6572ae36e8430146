//! Bytes that are no frame.

use proptest::prelude::*;
use samovar_id::SteamId;
use samovar_lobby::frame::{MAX_FRAME, decode, encode};
use samovar_lobby::{
    Change, Command, Comparison, DirectoryId, Event, FromDirectory, Hello, JoinResponse,
    LobbySummary, Persona, Refusal, RichPresence, SearchFilters, ToDirectory,
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
