//! Several computers: network namespaces on a bridge, each with its own data folder.

use std::time::Duration;

use samovar_e2e::netns::Lan;
use samovar_e2e::{APP_ID, DEADLINE, Game, ProjectOptions, Scenario, measured, unix_time};
use serde_json::json;

use crate::common::{
    ENTERED, INVISIBLE, P2P_RELIABLE, PUBLIC, create_lobby, hear, join_lobby, members, owner, p2p,
    p2p_arrives, say, search_until, until, wait_change,
};

/// Runs `body` with so many machines, or says why it cannot.
fn with_machines(name: &'static str, count: usize, body: impl FnOnce(&Scenario, &Lan)) {
    if let Some(reason) = Lan::unavailable() {
        samovar_e2e::skipped(name, &reason);
        return;
    }
    let options = ProjectOptions::default().setting("samovar/network/lan", "true");
    let scenario = Scenario::alone_with(name, &options);
    let lan = Lan::new(count);
    body(&scenario, &lan);
}

fn player(scenario: &Scenario, lan: &Lan, machine: usize, name: &str) -> Game {
    let game = scenario
        .launch(name)
        .through(&lan.on(machine))
        .env(
            "SAMOVAR_DATA_DIR",
            scenario.data_dir(&format!("machine{machine}")),
        )
        .start();
    game.init(APP_ID);
    game.auto_accept(true);
    game.poll_p2p(&[0]);
    game
}

#[test]
fn two_machines_discover_each_other_and_take_over() {
    with_machines("machines_takeover", 2, |scenario, lan| {
        // It is Ann who hosts.
        second_term(scenario, lan);
        let ann = player(scenario, lan, 0, "ann");
        search_until(&ann, "answer from a directory", |_| true);
        let bob = player(scenario, lan, 1, "bob");
        let cid = player(scenario, lan, 0, "cid");
        let (ann_id, bob_id, cid_id) = (ann.steam_id(), bob.steam_id(), cid.steam_id());

        // Bob's lobby is found from the other machine, by DNS-SD and without any address.
        let lobby = create_lobby(&bob, PUBLIC, 4);
        bob.steam("setLobbyData", json!([lobby, "map", "harbour"]));
        for (game, id) in [(&ann, ann_id), (&cid, cid_id)] {
            search_until(game, "Bob's lobby", |found| found == [lobby]);
            join_lobby(game, lobby);
            wait_change(&bob, lobby, id, ENTERED);
        }
        p2p(&ann, bob_id, "across", P2P_RELIABLE, 0);
        p2p_arrives(&bob, ann_id, "across", 0);
        p2p(&bob, ann_id, "and back", P2P_RELIABLE, 0);
        p2p_arrives(&ann, bob_id, "and back", 0);

        // The host dies; the lobby lives on across both machines.
        let since = unix_time();
        ann.kill();
        say(&cid, lobby, "still here");
        hear(&bob, lobby, cid_id, "still here");
        measured(
            "takeover across two machines",
            &format!("{:.2} s", unix_time() - since),
        );
        say(&bob, lobby, "me too");
        hear(&cid, lobby, bob_id, "me too");
        for game in [&bob, &cid] {
            assert_eq!(owner(game, lobby), bob_id);
            assert_eq!(
                game.steam("getLobbyData", json!([lobby, "map"])),
                json!("harbour")
            );
        }
        p2p(&cid, bob_id, "new session", P2P_RELIABLE, 0);
        p2p_arrives(&bob, cid_id, "new session", 0);
        scenario.finish([bob, cid]);
    });
}

/// What a game knows of the lobby: its owner and members; nothing if it is not in it.
fn view(game: &Game, lobby: i64) -> (i64, Vec<i64>) {
    let mut seen = members(game, lobby);
    seen.sort_unstable();
    let owner = if seen.is_empty() {
        0
    } else {
        owner(game, lobby)
    };
    (owner, seen)
}

/// Two machines with two games each, one lobby; `cut` parts them for some seconds, `heal` mends it.
fn cut_and_heal(name: &'static str, cut: impl Fn(&Lan), heal: impl Fn(&Lan)) {
    with_machines(name, 2, |scenario, lan| {
        let ann = player(scenario, lan, 0, "ann");
        search_until(&ann, "answer from a directory", |_| true);
        let games = [
            player(scenario, lan, 0, "bob"),
            player(scenario, lan, 1, "cid"),
            player(scenario, lan, 1, "dan"),
        ];
        let mut games: Vec<Game> = games.into();
        games.insert(0, ann);
        let ids: Vec<i64> = games.iter().map(Game::steam_id).collect();
        let lobby = create_lobby(&games[0], PUBLIC, 8);
        for (game, id) in games.iter().zip(&ids).skip(1) {
            search_until(game, "the lobby", |found| found == [lobby]);
            join_lobby(game, lobby);
            wait_change(&games[0], lobby, *id, ENTERED);
        }

        cut(lan);
        // How long the fault lasts; nothing is waited for.
        std::thread::sleep(Duration::from_secs(8));
        // Neither side hangs: every game still answers, and its view of the lobby is whole.
        for (game, id) in games.iter().zip(&ids) {
            let (owner, seen) = view(game, lobby);
            assert!(
                seen.is_empty() || seen.contains(id),
                "{}: {seen:?}",
                game.name()
            );
            assert!(
                seen.is_empty() || seen.contains(&owner),
                "{}: owner {owner}",
                game.name()
            );
        }
        heal(lan);

        // Sooner or later everybody agrees: whoever sees the lobby sees the same owner and the same
        // members, namely exactly those who see it.
        let mut last = String::new();
        until("an agreement after the cut", DEADLINE * 2, || {
            let views: Vec<(i64, Vec<i64>)> = games.iter().map(|game| view(game, lobby)).collect();
            let said = format!("{views:?}");
            if said != last {
                println!("{name}: {said}");
                last = said;
            }
            let mut inside: Vec<i64> = ids
                .iter()
                .zip(&views)
                .filter(|(_, (_, seen))| !seen.is_empty())
                .map(|(id, _)| *id)
                .collect();
            inside.sort_unstable();
            let mut insiders = views.iter().filter(|(_, seen)| !seen.is_empty());
            let first = insiders.next();
            first.is_some_and(|(owner, seen)| *seen == inside && inside.contains(owner))
                && views
                    .iter()
                    .filter(|(_, seen)| !seen.is_empty())
                    .all(|view| Some(view) == first)
        });

        // One directory is left: a new lobby is found from everywhere, and everybody can join.
        let new = create_lobby(&games[3], INVISIBLE, 8);
        for (game, id) in games.iter().zip(&ids).take(3) {
            search_until(game, "the new lobby", |found| found.contains(&new));
            join_lobby(game, new);
            wait_change(&games[3], new, *id, ENTERED);
        }
        p2p(&games[0], ids[3], "mended", P2P_RELIABLE, 0);
        p2p_arrives(&games[3], ids[0], "mended", 0);
        scenario.finish_all(games);
    });
}

#[test]
fn a_silent_cut_between_two_machines_corrupts_nothing() {
    cut_and_heal(
        "machines_cut",
        |lan| lan.set_link(1, false),
        |lan| lan.set_link(1, true),
    );
}

#[test]
fn an_interface_that_goes_down_corrupts_nothing() {
    cut_and_heal(
        "machines_interface_down",
        |lan| lan.set_interface(1, false),
        |lan| lan.set_interface(1, true),
    );
}

#[test]
fn one_profile_on_two_machines_is_refused() {
    with_machines("machines_same_key", 2, |scenario, lan| {
        second_term(scenario, lan);
        let ann = player(scenario, lan, 0, "ann");
        let id = ann.steam_id();
        let lobby = create_lobby(&ann, PUBLIC, 4);
        // As if somebody had copied the profiles to another computer.
        let there = scenario.data_dir("machine1");
        copy_folder(&scenario.data_dir("machine0"), &there);
        std::fs::remove_dir_all(there.join("directory")).expect("the copy has its own");
        let copy = scenario
            .launch("copy")
            .through(&lan.on(1))
            .env("SAMOVAR_DATA_DIR", there)
            .start();
        // Nobody can know before the network is reached; then a clear warning must come.
        let reply = copy.steam("steamInitEx", json!([APP_ID]));
        assert_eq!(reply["status"], 0);
        assert_eq!(copy.steam_id(), id);
        copy.line("another machine");
        // It plays by itself.
        search_until(&copy, "none of the other's lobbies", |found| {
            found.is_empty()
        });
        // The first one has not noticed.
        assert_eq!(ann.steam("loggedOn", json!([])), json!(true));
        say(&ann, lobby, "still me");
        hear(&ann, lobby, id, "still me");
        copy.finish();
        ann.finish();
    });
}

/// Lets a directory come and go on machine 0, so that the next one there has a later term than any elsewhere: of two
/// directories that find each other the later term's stays.
fn second_term(scenario: &Scenario, lan: &Lan) {
    let first = player(scenario, lan, 0, "first");
    search_until(&first, "answer from a directory", |_| true);
    first.finish();
}

fn copy_folder(from: &std::path::Path, to: &std::path::Path) {
    std::fs::create_dir_all(to).expect("the scenario's folder takes folders");
    for entry in std::fs::read_dir(from)
        .expect("the data folder is there")
        .flatten()
    {
        let target = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &target);
        } else {
            std::fs::copy(entry.path(), target).expect("a data file can be copied");
        }
    }
}
