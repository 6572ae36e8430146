//! Who breaks the protocol is out at once, with whatever else it has sent.

use bytes::Bytes;
use samovar_lobby::{Command, Event, LobbyKind, ToDirectory};

use crate::crowd::{Crowd, hello};

#[test]
fn nothing_is_read_after_the_first_refusal() {
    let mut crowd = Crowd::new();
    let link = crowd.open(0);
    // A hello after it is too late.
    crowd.send(link, Bytes::from_static(&[9, 9, 9]));
    crowd.say(link, &hello(0, Vec::new()));
    for _ in 0..1_000 {
        crowd.send(link, Bytes::from_static(&[9, 9, 9]));
    }
    crowd.pass(20);
    let seen = &crowd.links[&link];
    assert!(seen.closed && !seen.admitted);
    assert_eq!(seen.frames.len(), 1, "one refusal");
    assert_eq!(crowd.host.user_count(), 0);
}

#[test]
fn who_is_known_and_breaks_the_protocol_is_out_too() {
    let mut crowd = Crowd::new();
    let link = crowd.enter(0);
    crowd.say(link, &hello(0, Vec::new()));
    crowd.command(
        link,
        Command::Create {
            request: 1,
            kind: LobbyKind::Public,
            limit: 4,
        },
    );
    crowd.pass(5);
    assert!(crowd.links[&link].closed);
    assert_eq!(crowd.host.user_count(), 0);
    let created = crowd.events(link);
    let is_created = |event: &Event| matches!(event, Event::Created { .. });
    assert!(!created.iter().any(is_created), "{created:?}");
}

#[test]
fn a_goodbye_counts_when_the_link_ends_with_it() {
    let mut crowd = Crowd::new();
    let link = crowd.enter(0);
    let create = Command::Create {
        request: 1,
        kind: LobbyKind::Public,
        limit: 4,
    };
    crowd.command(link, create);
    crowd.pass(5);
    let other = crowd.enter(1);
    crowd.say(link, &ToDirectory::Bye);
    crowd.close(link);
    crowd.pass(5);
    let search = Command::Search {
        request: 2,
        filters: samovar_lobby::SearchFilters::default(),
        patient: false,
    };
    crowd.command(other, search);
    crowd.pass(5);
    let found = crowd
        .events(other)
        .into_iter()
        .find_map(|event| match event {
            Event::Found { lobbies, .. } => Some(lobbies.len()),
            _ => None,
        });
    assert_eq!(found, Some(0), "the lobby went with its only member");
}
