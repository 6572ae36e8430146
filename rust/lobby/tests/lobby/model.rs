//! The directory and its mirrors against a naive reference: 100,000 random sequences of what users do and what happens to
//! them. After each step everybody has been told the same, and everything is the same.
//!
//! Nothing is under way between two steps, so that the reference knows the order of everything; `properties` and
//! `takeover` are about what is under way, and about several directories.

mod acts;
mod real;
mod reference;

use std::collections::BTreeMap;
use std::panic::{AssertUnwindSafe, catch_unwind};

use samovar_id::SteamId;
use samovar_lobby::{LobbySnapshot, Notice};

use acts::{Act, Dice};
use real::{Real, server};
use reference::{Pairs, Reference};

type User = usize;

const USERS: usize = 5;
const APP: u32 = 480;
const GRACE_MS: u64 = 30_000;
const START: u64 = 1_000_000;

/// What is different, if anything is.
fn compare(real: &Real, reference: &Reference) -> Result<(), String> {
    let same_pairs = |map: &BTreeMap<String, String>, pairs: &Pairs| {
        map.len() == pairs.len()
            && pairs
                .iter()
                .all(|(key, value)| map.get(*key).is_some_and(|other| other == value))
    };
    let ids = |users: &[User]| {
        users
            .iter()
            .map(|user| reference.id(*user))
            .collect::<Vec<_>>()
    };
    if real.directory.lobbies().count() != reference.lobbies.len() {
        return Err("other lobbies exist".to_owned());
    }
    for lobby in &reference.lobbies {
        let Some(found) = real.directory.lobby(lobby.id) else {
            return Err(format!("missing: {lobby:?}"));
        };
        let mut members = found.members.iter().zip(&lobby.members);
        let same_members = found.members.len() == lobby.members.len()
            && members.all(|(real, (user, data))| {
                real.user == reference.id(*user) && same_pairs(&real.data, data)
            });
        let same = same_members
            && found.kind == lobby.kind
            && found.joinable == lobby.joinable
            && found.limit == lobby.limit
            && found.owner == reference.id(lobby.owner)
            && found.invited == ids(&lobby.invited)
            && found.banned == ids(&lobby.banned)
            && found.game_server == lobby.server.map(server)
            && same_pairs(&found.data, &lobby.data);
        if !same {
            return Err(format!("{found:?}\ninstead of\n{lobby:?}"));
        }
    }
    for (user, client) in real.clients.iter().enumerate() {
        if client.online != reference.is_online(user) {
            return Err(format!("user {user} is there, or not"));
        }
        let is_in = |lobby: &&LobbySnapshot| lobby.member(client.id).is_some();
        let mut theirs: Vec<&LobbySnapshot> = real.directory.lobbies().filter(is_in).collect();
        theirs.sort_unstable_by_key(|lobby| lobby.id);
        let same = client.mirror.lobbies().eq(theirs);
        if client.online && !same {
            return Err(format!("user {user} sees something else"));
        }
    }
    Ok(())
}

/// Runs one sequence; what went wrong, if anything did. `next` is asked for each act in turn.
fn run(
    friends: bool,
    mut next: impl FnMut(&[SteamId], &Reference) -> Option<Act>,
) -> Result<(), String> {
    let user = |number: usize| {
        // The last one is of another app.
        let app_id = if number + 1 == USERS { APP + 1 } else { APP };
        (SteamId::individual((7 << 32) | (number as u64 + 1)), app_id)
    };
    let users: Vec<(SteamId, u32)> = (0..USERS).map(user).collect();
    let mut real = Real::new(friends, &users);
    let mut reference = Reference::new(START, friends, &users);
    while let Some(act) = next(&real.lobbies, &reference) {
        if !act.needs_no_link() && !reference.is_online(act.user()) {
            continue;
        }
        let named = real.lobby(act.lobby());
        let result = real.act(act);
        let told = real.notices();
        let created = told.iter().flatten().find_map(|notice| match notice {
            Notice::LobbyCreated { lobby, .. } => *lobby,
            _ => None,
        });
        real.lobbies.extend(created);
        let expected = reference.act(act, created.unwrap_or(named));
        let wrong = |what: String| Err(format!("{act:?}: {what}"));
        if result != expected {
            return wrong(format!("{result:?} instead of {expected:?}"));
        }
        for user in 0..USERS {
            if told[user] != reference.told[user] {
                let (told, expected) = (&told[user], &reference.told[user]);
                return wrong(format!("user {user}: {told:?} instead of {expected:?}"));
            }
        }
        if let Err(what) = compare(&real, &reference) {
            return wrong(what);
        }
    }
    Ok(())
}

/// Runs a sequence once more.
fn repeat(friends: bool, acts: &[Act]) -> Result<(), String> {
    let mut acts = acts.iter();
    let again = || run(friends, |_, _| acts.next().copied());
    catch_unwind(AssertUnwindSafe(again)).unwrap_or_else(|_| Err("it panics".to_owned()))
}

/// Leaves out what can be left out without making it right.
fn shrink(friends: bool, mut acts: Vec<Act>) -> Vec<Act> {
    let mut len = acts.len() / 2;
    while len > 0 {
        let mut start = 0;
        while start < acts.len() {
            let mut fewer = acts.clone();
            fewer.drain(start..(start + len).min(acts.len()));
            if repeat(friends, &fewer).is_err() {
                acts = fewer;
            } else {
                start += len;
            }
        }
        len /= 2;
    }
    acts
}

fn run_seeds(seeds: std::ops::Range<u64>) {
    for seed in seeds {
        let mut dice = Dice(seed << 32);
        let friends = dice.below(2) == 0;
        let len = 20 + dice.below(41);
        let mut acts = Vec::with_capacity(len);
        let first = || {
            run(friends, |lobbies, reference| {
                let act = (acts.len() < len).then(|| dice.act(lobbies, reference));
                acts.extend(act);
                act
            })
        };
        if !matches!(catch_unwind(AssertUnwindSafe(first)), Ok(Ok(()))) {
            let acts = shrink(friends, acts);
            let what = repeat(friends, &acts);
            panic!("seed {seed}, friends: {friends}, {acts:?}\n{what:?}");
        }
    }
}

#[test]
fn directory_and_reference_agree_on_100_000_sequences_first_half() {
    run_seeds(0..50_000);
}

#[test]
fn directory_and_reference_agree_on_100_000_sequences_second_half() {
    run_seeds(50_000..100_000);
}
