//! Data that is set in one moment travels together.

use std::collections::BTreeMap;

use samovar_id::SteamId;
use samovar_lobby::limits::GATHER_MS;
use samovar_lobby::{Change, Command, Event, LobbyKind, Notice};

use crate::world::World;

fn world(users: usize) -> World {
    let mut world = World::with_users(users);
    world.gathers = true;
    world
}

fn updated(lobby: SteamId, member: SteamId) -> Notice {
    Notice::LobbyDataUpdate {
        success: true,
        lobby,
        member,
    }
}

fn set(world: &mut World, lobby: SteamId, pairs: &[(&str, &str)]) {
    let now = world.now;
    for (key, value) in pairs {
        let mirror = world.mirror(0);
        mirror.set_data(now, lobby, key, value).expect("the owner");
    }
}

#[test]
fn keys_set_in_one_moment_are_one_piece_of_news() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    set(&mut world, lobby, &[("a", "1"), ("b", "2"), ("c", "3")]);
    world.pass(GATHER_MS - 1);
    assert!(world.notices(1).is_empty(), "it waits for more");
    set(&mut world, lobby, &[("d", "4")]);
    world.pass(1);
    for user in [0, 1] {
        assert_eq!(world.notices(user), [updated(lobby, lobby)]);
        assert_eq!(world.mirror(user).all_data(lobby).len(), 4);
    }
}

#[test]
fn a_lobbys_data_and_a_members_are_one_each() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    let (now, owner) = (world.now, world.id(0));
    for key in ["a", "b", "c"] {
        set(&mut world, lobby, &[(key, "1")]);
        let mirror = world.mirror(0);
        mirror
            .set_member_data(now, lobby, key, "1")
            .expect("member");
    }
    world.pass(GATHER_MS);
    let both = [updated(lobby, lobby), updated(lobby, owner)];
    assert_eq!(world.notices(1), both);
}

#[test]
fn each_lobby_has_its_own() {
    let mut world = world(2);
    let one = world.party(&[0, 1]);
    let two = world.party_of(LobbyKind::Invisible, &[0, 1]);
    for key in ["a", "b"] {
        set(&mut world, one, &[(key, "1")]);
        set(&mut world, two, &[(key, "1")]);
    }
    world.pass(GATHER_MS);
    assert_eq!(world.notices(1), [updated(one, one), updated(two, two)]);
}

#[test]
fn nobody_hears_of_a_key_that_is_set_back_or_set_to_what_it_is() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    set(&mut world, lobby, &[("map", "tea house")]);
    world.pass(GATHER_MS);
    world.forget_notices();
    for pairs in [
        &[("map", "garden"), ("map", "tea house")][..],
        &[("map", ""), ("map", "tea house")],
        &[("new", "key"), ("new", "")],
        &[("map", "tea house")],
        &[("absent", "")],
    ] {
        set(&mut world, lobby, pairs);
        world.pass(GATHER_MS);
        for user in [0, 1] {
            assert_eq!(world.notices(user), [], "{pairs:?}");
        }
    }
    let map = world.mirror(1).data(lobby, "map");
    assert_eq!(map, Some("tea house"));
}

#[test]
fn only_what_differs_is_sent() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    set(&mut world, lobby, &[("same", "1")]);
    world.pass(GATHER_MS);
    let long = "k".repeat(256);
    let pairs: BTreeMap<String, String> = [
        ("same", "1"),
        ("new", "2"),
        ("absent", ""),
        ("", ""),
        ("", "3"),
        (long.as_str(), ""),
    ]
    .map(|(key, value)| (key.to_owned(), value.to_owned()))
    .into();
    let (now, owner) = (world.now, world.id(0));
    let directory = world.directories[0].as_mut().expect("lives");
    for change in [Change::Data(pairs.clone()), Change::MemberData(pairs)] {
        directory.handle(now, owner, Command::Change { lobby, change });
    }
    let mut sent = Vec::new();
    while let Some((_, event)) = directory.poll_output() {
        if let Event::Data { pairs, .. } | Event::MemberData { pairs, .. } = event {
            sent.push(pairs.into_keys().collect::<Vec<_>>());
        }
    }
    let member = vec!["new", "same"];
    let (own, others) = (vec!["new"], member);
    assert_eq!(sent, [own.clone(), own, others.clone(), others]);
}

#[test]
fn chat_is_heard_after_the_data_set_before_it_and_before_the_data_set_after_it() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    let (now, user) = (world.now, world.id(0));
    set(&mut world, lobby, &[("turn", "1")]);
    let mirror = world.mirror(0);
    mirror.chat(now, lobby, "your turn").expect("member");
    set(&mut world, lobby, &[("turn", "2")]);
    world.pass(GATHER_MS);
    let text = "your turn".to_owned();
    let line = Notice::LobbyMessage { lobby, user, text };
    let data = updated(lobby, lobby);
    assert_eq!(world.notices(1), [data.clone(), line, data]);
}

#[test]
fn nothing_overtakes_data() {
    type Call = fn(&mut World, SteamId);
    let calls: [(&str, Call); 4] = [
        ("leaving", |world, lobby| {
            let now = world.now;
            world.mirror(0).leave(now, lobby).expect("in");
        }),
        ("handing over", |world, lobby| {
            let (now, other) = (world.now, world.id(1));
            let mirror = world.mirror(0);
            mirror.set_owner(now, lobby, other).expect("the owner");
        }),
        ("kicking", |world, lobby| {
            let other = world.id(2);
            world.mirror(0).kick(lobby, other, false).expect("owner");
        }),
        ("closing", |world, lobby| {
            let now = world.now;
            let mirror = world.mirror(0);
            mirror.set_joinable(now, lobby, false).expect("the owner");
        }),
    ];
    for (what, call) in calls {
        let mut world = world(3);
        let lobby = world.party(&[0, 1, 2]);
        set(&mut world, lobby, &[("last", "words")]);
        call(&mut world, lobby);
        world.settle();
        let notices = world.notices(1);
        assert_eq!(notices.len(), 2, "{what}: at once: {notices:?}");
        assert_eq!(notices[0], updated(lobby, lobby), "{what}");
        assert_eq!(world.mirror(1).data(lobby, "last"), Some("words"));
    }
}

#[test]
fn a_whole_screen_of_settings_costs_one_command() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    let now = world.now;
    for key in 0..100 {
        let mirror = world.mirror(0);
        let set = mirror.set_data(now, lobby, &key.to_string(), "v");
        set.expect("it fits");
    }
    assert_eq!(world.mirror(0).pending(), 1);
    world.pass(GATHER_MS);
    assert_eq!(world.notices(1), [updated(lobby, lobby)]);
    assert_eq!(world.mirror(1).all_data(lobby).len(), 100);
}

#[test]
fn what_makes_room_and_what_needs_it_may_come_in_one_moment() {
    let mut world = world(2);
    let lobby = world.party(&[0, 1]);
    let large = "v".repeat(8000);
    for number in 0..8 {
        set(&mut world, lobby, &[(&format!("old {number}"), &large)]);
        world.pass(GATHER_MS);
    }
    // There is no room for it before the other is gone, and its key comes first.
    set(&mut world, lobby, &[("old 5", ""), ("new", &large)]);
    world.pass(GATHER_MS);
    for user in [0, 1] {
        let mirror = world.mirror(user);
        let len = mirror.data(lobby, "new").map(str::len);
        assert_eq!(len, Some(large.len()), "{user}");
        assert_eq!(mirror.data(lobby, "old 5"), None, "{user}");
    }
}
