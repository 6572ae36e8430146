//! Lines of chat.

use samovar_id::SteamId;
use samovar_lobby::{Change, Command, LobbyError, Notice};

use crate::world::{User, World};

/// The lines that a user was told since the last time, with who said them.
pub(crate) fn lines(world: &mut World, user: User) -> Vec<(SteamId, String)> {
    world
        .notices(user)
        .into_iter()
        .filter_map(|notice| match notice {
            Notice::LobbyMessage { user, text, .. } => Some((user, text)),
            _ => None,
        })
        .collect()
}

#[test]
fn a_line_reaches_every_member_the_speaker_too_and_nobody_else() {
    let mut world = World::with_users(3);
    let lobby = world.party(&[0, 1]);
    let (now, speaker) = (world.now, world.id(1));
    world.mirror(1).chat(now, lobby, "tea?").expect("member");
    assert_eq!(
        world.mirror(2).chat(now, lobby, "me too"),
        Err(LobbyError::NotInLobby)
    );
    world.settle();
    for user in [0, 1] {
        assert_eq!(lines(&mut world, user), [(speaker, "tea?".to_owned())]);
    }
    assert!(world.notices(2).is_empty());
}

#[test]
fn the_same_words_said_twice_are_two_lines_in_order() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    for text in ["a", "b", "b", "a"] {
        world.mirror(0).chat(now, lobby, text).expect("member");
    }
    world.settle();
    let heard: Vec<String> = lines(&mut world, 1)
        .into_iter()
        .map(|(_, text)| text)
        .collect();
    assert_eq!(heard, ["a", "b", "b", "a"]);
}

#[test]
fn text_ends_at_its_first_nul() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let now = world.now;
    world
        .mirror(0)
        .chat(now, lobby, "tea\0pot")
        .expect("member");
    assert_eq!(
        world.mirror(0).chat(now, lobby, "\0"),
        Err(LobbyError::ChatEmpty)
    );
    world.settle();
    assert_eq!(lines(&mut world, 0)[0].1, "tea");
}

#[test]
fn a_line_has_1_to_4096_bytes() {
    let mut world = World::with_users(1);
    let lobby = world.party(&[0]);
    let now = world.now;
    let mirror = world.mirror(0);
    mirror
        .chat(now, lobby, &"x".repeat(4096))
        .expect("just fits");
    assert_eq!(
        mirror.chat(now, lobby, &"x".repeat(4097)),
        Err(LobbyError::ChatTooLong { len: 4097 })
    );
    assert_eq!(mirror.chat(now, lobby, ""), Err(LobbyError::ChatEmpty));
}

#[test]
fn whoever_says_too_much_is_told_so_and_no_line_is_lost() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    let mut said = 0;
    let refused = loop {
        match world.mirror(0).chat(now, lobby, "spam") {
            Ok(()) => said += 1,
            Err(error) => break error,
        }
        assert!(said < 1000);
        world.settle();
    };
    assert_eq!(refused, LobbyError::TooOften);
    assert_eq!(lines(&mut world, 1).len(), said);
    world.pass(1_000);
    let now = world.now;
    world
        .mirror(0)
        .chat(now, lobby, "again")
        .expect("a second later");
}

#[test]
fn a_client_that_floods_nevertheless_is_cut_short() {
    let mut world = World::with_users(2);
    let lobby = world.party(&[0, 1]);
    for seq in 1..=2000 {
        let text = "flood".to_owned();
        let change = Change::Chat { seq, text };
        world.force(0, Command::Change { lobby, change });
    }
    world.settle();
    assert_eq!(lines(&mut world, 1).len(), 400);
}
