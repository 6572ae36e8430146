//! One process answers for a machine, whatever happens to it: with real processes.
#![allow(clippy::unwrap_used, reason = "a test that cannot go on should fail")]

mod support;

use std::time::{Duration, Instant};

use samovar_steam::locator::{Host, Locator, Record, Seat};
use support::{Process, role, say, told};

const SOON: Duration = Duration::from_secs(20);

fn record(term: u64) -> Record {
    let addrs = vec!["127.0.0.1:4000".parse().unwrap()];
    Record {
        term,
        directory: std::process::id().into(),
        addrs,
        key: [7; 32],
        host: Host::Local,
    }
}

/// Claims when told, asks when told.
#[test]
fn role_claimer() {
    let Some(dir) = role("claimer") else { return };
    let mut locator = Locator::open(&dir, 480).unwrap();
    let mut claim = None;
    say("ready");
    for line in told() {
        match line.split_once(' ').unwrap_or((&line, "")) {
            ("claim", beyond) => match locator
                .claim(Instant::now(), beyond.parse().ok(), record)
                .unwrap()
            {
                Some(new) => {
                    say(&format!("claimed {}", new.term()));
                    claim = Some(new);
                }
                None => say("refused"),
            },
            ("app", app) => locator = Locator::open(&dir, app.parse().unwrap()).unwrap(),
            ("ask", _) => {
                let superseded = claim.as_ref().unwrap().superseded().unwrap();
                say(&format!(
                    "superseded by {:?}",
                    superseded
                        .and_then(|by| by.record)
                        .map(|record| record.term)
                ));
            }
            _ => panic!("what is {line}?"),
        }
    }
}

fn claimer(dir: &std::path::Path) -> Process {
    let mut process = Process::start("claimer", dir, None);
    process.expect("ready", SOON);
    process
}

#[test]
fn a_killed_holder_frees_the_seat_at_once() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), 480).unwrap();
    for term in 1..=3 {
        let mut holder = claimer(dir.path());
        holder.tell("claim");
        holder.expect(&format!("claimed {term}"), SOON);
        assert!(matches!(locator.look().unwrap(), Seat::Held(record) if record.term == term));
        assert!(
            locator
                .claim(Instant::now(), None, record)
                .unwrap()
                .is_none()
        );
        holder.kill();
        let start = Instant::now();
        while locator.look().unwrap() != Seat::Free {
            assert!(
                start.elapsed() < Duration::from_secs(2),
                "the lock outlives its process"
            );
            std::thread::sleep(Duration::from_millis(1));
        }
    }
    assert_eq!(
        locator
            .claim(Instant::now(), None, record)
            .unwrap()
            .unwrap()
            .term(),
        4
    );
}

#[cfg(unix)]
#[test]
fn a_stopped_holder_is_superseded_and_sees_it_when_it_continues() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), 480).unwrap();
    let mut holder = claimer(dir.path());
    holder.tell("claim");
    holder.expect("claimed 1", SOON);
    holder.tell("ask");
    holder.expect("superseded by None", SOON);

    holder.signal("STOP");
    assert!(
        matches!(locator.look().unwrap(), Seat::Held(_)),
        "a stopped process keeps its lock"
    );
    let start = Instant::now();
    let claim = locator
        .claim(Instant::now(), Some(1), record)
        .unwrap()
        .unwrap();
    assert!(
        start.elapsed() < Duration::from_millis(500),
        "nothing waits for the stopped one"
    );
    assert_eq!(claim.term(), 2);

    holder.signal("CONT");
    holder.tell("ask");
    holder.expect("superseded by Some(2)", SOON);
    holder.tell("claim");
    holder.expect("refused", SOON);
    assert_eq!(claim.superseded().unwrap(), None);
}

#[test]
fn of_ten_processes_one_wins_each_term() {
    let dir = tempfile::tempdir().unwrap();
    let mut processes: Vec<Process> = (0..10).map(|_| claimer(dir.path())).collect();
    for term in 1..=5 {
        for process in &mut processes {
            process.tell(&format!("claim {}", term - 1));
        }
        let answers: Vec<String> = processes
            .iter_mut()
            .map(|process| process.expect("", SOON))
            .collect();
        let winners: Vec<_> = answers
            .iter()
            .filter(|answer| *answer != "refused")
            .collect();
        assert_eq!(winners, [&format!("claimed {term}")], "{answers:?}");
    }
}

#[test]
fn two_apps_have_two_hosts() {
    let dir = tempfile::tempdir().unwrap();
    let [mut chess, mut racing, mut second] = std::array::from_fn(|_| claimer(dir.path()));
    racing.tell("app 481");
    second.tell("app 481");
    for host in [&mut chess, &mut racing] {
        host.tell("claim");
        host.expect("claimed 1", SOON);
    }
    second.tell("claim");
    second.expect("refused", SOON);
    chess.kill();
    racing.tell("ask");
    racing.expect("superseded by None", SOON);
    second.tell("claim");
    second.expect("refused", SOON);
    racing.kill();
    second.tell("claim");
    second.expect("claimed 2", SOON);
}
