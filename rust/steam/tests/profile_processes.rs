//! Ten instances started in the same instant are ten users, and a crash frees a profile: with real processes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod support;

use std::collections::HashSet;
use std::time::Duration;

use samovar_steam::profile::{ProfileError, claim, machine_id};
use support::{Process, role, say, told};

const SOON: Duration = Duration::from_secs(60);

#[test]
fn role_user() {
    let Some(dir) = role("user") else { return };
    say("ready");
    for line in told() {
        let (wanted, app) = line.split_once(' ').unwrap_or((&line, "480"));
        let wanted = (wanted != "any").then_some(wanted);
        match claim(&dir, app.parse().unwrap(), wanted) {
            Ok(profile) => {
                let (name, id) = (profile.name(), profile.steam_id());
                say(&format!("claimed {name} {id}"));
                // Until the parent is gone, or kills this process.
                std::mem::forget(profile);
            }
            Err(error) => say(&format!("refused: {error}")),
        }
        say(&format!("machine {}", machine_id(&dir).unwrap()));
    }
}

fn user(dir: &std::path::Path) -> Process {
    let mut process = Process::start("user", dir, None);
    process.expect("ready", SOON);
    process
}

#[test]
fn ten_processes_at_once_are_ten_users_of_one_machine_and_the_same_ones_again() {
    let dir = tempfile::tempdir().unwrap();
    let start_ten = || {
        let mut users: Vec<Process> = (0..10).map(|_| user(dir.path())).collect();
        users.iter_mut().for_each(|user| user.tell("any"));
        let claimed: HashSet<String> = users
            .iter_mut()
            .map(|user| user.expect("claimed", SOON))
            .collect();
        let machines: HashSet<String> = users
            .iter_mut()
            .map(|user| user.expect("machine", SOON))
            .collect();
        assert_eq!(
            (claimed.len(), machines.len()),
            (10, 1),
            "{claimed:?} {machines:?}"
        );
        claimed
    };
    let first = start_ten();
    assert_eq!(first, start_ten());
}

#[test]
fn a_killed_process_frees_its_profile_for_the_next_one() {
    let dir = tempfile::tempdir().unwrap();
    let mut user = user(dir.path());
    user.tell("alice");
    let claimed = user.expect("claimed alice", SOON);
    assert!(matches!(
        claim(dir.path(), 480, Some("alice")),
        Err(ProfileError::InUse { .. })
    ));
    user.kill();
    let again = claim(dir.path(), 480, Some("alice")).unwrap();
    assert_eq!(claimed, format!("claimed alice {}", again.steam_id()));
}

#[test]
fn a_user_runs_two_games_at_once() {
    let dir = tempfile::tempdir().unwrap();
    for (wanted, name) in [("any", "1"), ("alice", "alice")] {
        let [mut chess, mut racing, mut second] = std::array::from_fn(|_| user(dir.path()));
        // At the same instant: the profile is new to both.
        chess.tell(&format!("{wanted} 480"));
        racing.tell(&format!("{wanted} 481"));
        let claimed = chess.expect(&format!("claimed {name} "), SOON);
        assert_eq!(racing.expect("claimed", SOON), claimed);
        second.tell(&format!("{wanted} 481"));
        if wanted == "any" {
            second.expect("claimed 2 ", SOON);
        } else {
            second.expect("refused: profile \"alice\" is in use", SOON);
            // The end of the one game leaves the other's alone.
            chess.kill();
            second.tell(&format!("{wanted} 481"));
            second.expect("refused: profile \"alice\" is in use", SOON);
            racing.kill();
            second.tell(&format!("{wanted} 481"));
            assert_eq!(second.expect("claimed", SOON), claimed);
        }
    }
}
