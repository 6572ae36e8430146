//! What waits for a directory.

use samovar_lobby::{LobbyError, LobbyKind, limits::MAX_PENDING_COMMANDS};

use crate::chat::lines;
use crate::world::World;

#[test]
fn calls_made_without_a_directory_are_carried_out_by_the_next_one() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    world.kill(0);
    let (now, other) = (world.now, world.id(1));
    let mirror = world.mirror(0);
    mirror
        .set_data(now, lobby, "map", "tea house")
        .expect("owner");
    mirror.chat(now, lobby, "still there?").expect("member");
    mirror.set_owner(now, lobby, other).expect("owner");
    assert_eq!(mirror.data(lobby, "map"), Some("tea house"));
    let next = world.directory(2);
    for user in [1, 0] {
        world.connect(user, next).expect("let in");
    }
    world.settle();
    assert_eq!(world.mirror(1).data(lobby, "map"), Some("tea house"));
    assert_eq!(world.mirror(1).owner(lobby), Some(other));
    assert_eq!(lines(&mut world, 1).len(), 1);
}

#[test]
fn the_queue_is_bounded_and_says_so() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    world.kill(0);
    let now = world.now;
    let mirror = world.mirror(0);
    let mut taken = 0;
    let error = loop {
        match mirror.request_data(now, lobby) {
            Ok(()) => taken += 1,
            Err(error) => break error,
        }
    };
    assert_eq!(taken, MAX_PENDING_COMMANDS);
    assert_eq!(error, LobbyError::TooManyPending);
    assert_eq!(mirror.create(now, LobbyKind::Public, 4), Err(error));
    assert_eq!(mirror.request_list(now), Err(error));
    assert_eq!(mirror.chat(now, lobby, "hm"), Err(error));
    assert_eq!(mirror.set_data(now, lobby, "k", "v"), Err(error));
    assert_eq!(
        mirror.data(lobby, "k"),
        None,
        "a call that fails changes nothing"
    );
    mirror.leave(now, lobby).expect("always possible");
    mirror.leave(now, lobby).expect_err("left already");
    let pending = usize::try_from(mirror.pending()).expect("a count");
    assert_eq!(
        pending,
        MAX_PENDING_COMMANDS + 1,
        "the leave, and what was before it"
    );
}

/// Whoever drives a mirror leaves a directory that owes something for too long.
#[test]
fn a_directory_owes_the_handling_of_what_it_was_sent_and_then_the_answer() {
    let at = |ms: u64| samovar_lobby::Millis(1_000_000 + ms);
    let me = samovar_id::SteamId::individual(8 << 32);
    let mut mirror = samovar_lobby::Mirror::new(me, 480, samovar_lobby::Persona::named("Ada"));
    let welcome = samovar_lobby::Welcome {
        directory: samovar_lobby::DirectoryId(1),
        term: 1,
        age_ms: 0,
        handled: 0,
    };
    mirror.on_welcome(at(0), welcome);
    assert_eq!(mirror.unanswered_since(), None);
    mirror.request_list(at(0)).expect("room");
    assert_eq!(mirror.unanswered_since(), None, "nothing is sent yet");
    let sent = mirror.poll_command(at(1)).expect("a search");
    assert_eq!(mirror.unanswered_since(), Some(at(1)));
    mirror.handle_event(at(5), samovar_lobby::Event::Handled);
    assert_eq!(mirror.unanswered_since(), Some(at(5)), "the answer");
    let found = samovar_lobby::Event::Found {
        request: sent.request().expect("a request"),
        lobbies: Vec::new(),
    };
    mirror.handle_event(at(9), found);
    assert_eq!(mirror.unanswered_since(), None);

    // Where nothing else is asked, something is, of which nobody hears.
    while mirror.poll_notice().is_some() {}
    mirror.ask_whether_it_answers();
    mirror.ask_whether_it_answers();
    let question = mirror.poll_command(at(10));
    assert!(question.is_some() && mirror.poll_command(at(10)).is_none());
    assert_eq!(mirror.unanswered_since(), Some(at(10)));
    let persona = samovar_lobby::Event::Persona {
        user: me,
        persona: samovar_lobby::Persona::named("Ada"),
    };
    mirror.handle_event(at(11), persona);
    mirror.handle_event(at(11), samovar_lobby::Event::Handled);
    assert_eq!(mirror.unanswered_since(), None);
    assert_eq!(mirror.poll_notice(), None);

    // What another directory is asked again is owed by that one.
    mirror.request_list(at(12)).expect("room");
    mirror.poll_command(at(12)).expect("a search");
    mirror.on_disconnected(at(20));
    assert_eq!(mirror.unanswered_since(), None);
}
