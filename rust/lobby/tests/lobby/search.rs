//! What searches find.

use samovar_id::SteamId;
use samovar_lobby::{Comparison, LobbyError, LobbyKind};

use crate::world::World;

/// User 0 searches; each of these is a public lobby of a user of its own, with that data.
fn lobbies(data: &[&[(&str, &str)]]) -> (World, Vec<SteamId>) {
    let mut world = World::with_users(data.len() + 1);
    let now = world.now;
    let mut ids = Vec::new();
    for (index, pairs) in data.iter().enumerate() {
        let lobby = world.lobby(index + 1, LobbyKind::Public, 4);
        for (key, value) in *pairs {
            world
                .mirror(index + 1)
                .set_data(now, lobby, key, value)
                .expect("owner");
        }
        ids.push(lobby);
    }
    world.settle();
    (world, ids)
}

fn sorted(mut ids: Vec<SteamId>) -> Vec<SteamId> {
    ids.sort_unstable();
    ids
}

#[test]
fn public_and_invisible_lobbies_are_found() {
    for (kind, is_found) in [
        (LobbyKind::Private, false),
        (LobbyKind::FriendsOnly, false),
        (LobbyKind::Public, true),
        (LobbyKind::Invisible, true),
    ] {
        let mut world = World::with_users(2);
        let lobby = world.lobby(0, kind, 4);
        assert_eq!(world.search(1).contains(&lobby), is_found, "{kind:?}");
    }
}

#[test]
fn full_and_unjoinable_lobbies_are_not_found() {
    let (mut world, ids) = lobbies(&[&[], &[], &[]]);
    let now = world.now;
    world
        .mirror(1)
        .set_member_limit(now, ids[0], 1)
        .expect("owner");
    world
        .mirror(2)
        .set_joinable(now, ids[1], false)
        .expect("owner");
    world.settle();
    assert_eq!(world.search(0), [ids[2]]);
}

#[test]
fn results_carry_their_data() {
    let (mut world, ids) = lobbies(&[&[("name", "Samovar"), ("mode", "duel")]]);
    assert_eq!(world.search(0), ids);
    let mirror = world.mirror(0);
    assert_eq!(mirror.data(ids[0], "name"), Some("Samovar"));
    assert_eq!(mirror.all_data(ids[0]).len(), 2);
    assert_eq!(mirror.member_count(ids[0]), 1);
    assert_eq!(mirror.member_limit(ids[0]), Some(4));
    assert_eq!(mirror.owner(ids[0]), None, "for members only");
}

#[test]
fn text_is_compared_as_text() {
    use Comparison::{Equal, EqualOrGreater, EqualOrLess, Greater, Less, NotEqual};
    for (comparison, expected) in [
        (Equal, vec![1]),
        (NotEqual, vec![0, 2, 3]),
        (Less, vec![0, 3]),
        (EqualOrLess, vec![0, 1, 3]),
        (Greater, vec![2]),
        (EqualOrGreater, vec![1, 2]),
    ] {
        // The last one lacks the key, which counts as an empty value.
        let (mut world, ids) = lobbies(&[&[("m", "a")], &[("m", "b")], &[("m", "c")], &[]]);
        world
            .mirror(0)
            .add_string_filter("m", "b", comparison)
            .expect("fits");
        let expected: Vec<SteamId> = expected
            .into_iter()
            .map(|index: usize| ids[index])
            .collect();
        assert_eq!(sorted(world.search(0)), sorted(expected), "{comparison:?}");
    }
}

#[test]
fn numbers_are_compared_as_numbers() {
    use Comparison::{Equal, EqualOrGreater, EqualOrLess, Greater, Less, NotEqual};
    for (comparison, expected) in [
        (Equal, vec![1]),
        (NotEqual, vec![0, 2]),
        (Less, vec![0]),
        (EqualOrLess, vec![0, 1]),
        (Greater, vec![2]),
        (EqualOrGreater, vec![1, 2]),
    ] {
        // What is no number, or is not there, passes no comparison.
        let (mut world, ids) = lobbies(&[
            &[("n", "-9")],
            &[("n", "10")],
            &[("n", "11")],
            &[("n", "x")],
            &[],
        ]);
        world
            .mirror(0)
            .add_numerical_filter("n", 10, comparison)
            .expect("fits");
        let expected: Vec<SteamId> = expected
            .into_iter()
            .map(|index: usize| ids[index])
            .collect();
        assert_eq!(sorted(world.search(0)), sorted(expected), "{comparison:?}");
    }
}

#[test]
fn all_filters_must_hold() {
    let (mut world, ids) = lobbies(&[
        &[("mode", "duel"), ("level", "3")],
        &[("mode", "duel"), ("level", "9")],
        &[("mode", "race"), ("level", "3")],
    ]);
    world
        .mirror(0)
        .add_string_filter("mode", "duel", Comparison::Equal)
        .expect("fits");
    world
        .mirror(0)
        .add_numerical_filter("level", 5, Comparison::Less)
        .expect("fits");
    assert_eq!(world.search(0), [ids[0]]);
}

#[test]
fn near_values_sort_and_the_first_one_added_matters_most() {
    let (mut world, ids) = lobbies(&[
        &[("rank", "10"), ("ping", "90")],
        &[("rank", "90"), ("ping", "1")],
        &[("rank", "12"), ("ping", "5")],
        &[("rank", "10"), ("ping", "5")],
        &[],
    ]);
    world
        .mirror(0)
        .add_near_value_filter("rank", 10)
        .expect("fits");
    world
        .mirror(0)
        .add_near_value_filter("ping", 0)
        .expect("fits");
    let order = [3, 0, 2, 1, 4].map(|index: usize| ids[index]);
    assert_eq!(world.search(0), order, "the one without the keys last");
}

#[test]
fn slots_are_a_minimum() {
    let (mut world, ids) = lobbies(&[&[], &[]]);
    let now = world.now;
    world
        .mirror(1)
        .set_member_limit(now, ids[0], 3)
        .expect("owner");
    world.settle();
    world.mirror(0).set_slots_filter(3);
    assert_eq!(world.search(0), [ids[1]]);
}

#[test]
fn fifty_results_unless_said_otherwise() {
    let (mut world, _) = lobbies(&[&[("x", "y")] as &[_]; 60]);
    assert_eq!(world.search(0).len(), 50);
    world.mirror(0).set_result_count_filter(7);
    assert_eq!(world.search(0).len(), 7);
    world.mirror(0).set_result_count_filter(1000);
    assert_eq!(world.search(0).len(), 60);
    assert_eq!(world.search(0).len(), 50, "a search clears the filters");
}

#[test]
fn a_search_clears_every_filter() {
    let (mut world, ids) = lobbies(&[&[("mode", "duel")]]);
    let mirror = world.mirror(0);
    mirror
        .add_string_filter("mode", "race", Comparison::Equal)
        .expect("fits");
    mirror.set_slots_filter(200);
    mirror.set_distance_filter(0);
    assert!(world.search(0).is_empty());
    assert_eq!(world.search(0), ids);
}

#[test]
fn of_two_searches_the_newer_is_answered() {
    let (mut world, ids) = lobbies(&[&[("mode", "duel")], &[("mode", "race")]]);
    let now = world.now;
    for (mode, steps) in [("duel", 1), ("race", 0)] {
        let mirror = world.mirror(0);
        mirror
            .add_string_filter("mode", mode, Comparison::Equal)
            .expect("fits");
        mirror.request_list(now).expect("room");
        for _ in 0..steps {
            world.step();
        }
    }
    world.settle();
    assert_eq!(world.match_list(0), Some(vec![ids[1]]));
    assert_eq!(world.match_list(0), None, "once");
}

#[test]
fn filters_are_bounded() {
    let mut world = World::with_users(1);
    let mirror = world.mirror(0);
    let long = "k".repeat(256);
    assert_eq!(
        mirror.add_near_value_filter(&long, 1),
        Err(LobbyError::KeyTooLong { len: 256 })
    );
    for _ in 0..32 {
        mirror.add_near_value_filter("k", 1).expect("fits");
    }
    assert_eq!(
        mirror.add_string_filter("k", "v", Comparison::Equal),
        Err(LobbyError::TooManyFilters)
    );
}

#[test]
fn large_results_fit_into_a_frame() {
    let value = "v".repeat(8000);
    let pairs: Vec<(String, &str)> = (0..7)
        .map(|key| (key.to_string(), value.as_str()))
        .collect();
    let pairs: Vec<(&str, &str)> = pairs
        .iter()
        .map(|(key, value)| (key.as_str(), *value))
        .collect();
    let (mut world, _) = lobbies(&vec![pairs.as_slice(); 30]);
    let found = world.search(0);
    assert_eq!(found.len(), 9, "512 KiB of them");
    let mirror = world.mirror(0);
    assert!(
        found
            .iter()
            .all(|lobby| mirror.data(*lobby, "0") == Some(&value))
    );
}

#[test]
fn comparisons_have_steams_numbers() {
    let all: Vec<Option<Comparison>> = (-3..=4).map(Comparison::from_number).collect();
    use Comparison::{Equal, EqualOrGreater, EqualOrLess, Greater, Less, NotEqual};
    let known = [EqualOrLess, Less, Equal, Greater, EqualOrGreater, NotEqual].map(Some);
    assert_eq!(all[0], None);
    assert_eq!(all[1..7], known);
    assert_eq!(all[7], None);
}
