use std::net::SocketAddr;
use std::sync::Barrier;

use super::*;

const APP: u32 = 480;

fn record(term: u64, directory: u64) -> Record {
    let addr: SocketAddr = "127.0.0.1:4000".parse().unwrap();
    Record {
        term,
        directory,
        addrs: vec![addr],
        key: [7; 32],
        host: Host::Local,
    }
}

fn claim(locator: &mut Locator, beyond: Option<u64>, directory: u64) -> Option<Claim> {
    locator
        .claim(Instant::now(), beyond, |term| record(term, directory))
        .unwrap()
}

#[test]
fn the_first_claim_is_seen_by_others_and_ends_with_its_holder() {
    let dir = tempfile::tempdir().unwrap();
    let mut a = Locator::open(dir.path(), APP).unwrap();
    let mut b = Locator::open(dir.path(), APP).unwrap();
    assert_eq!(a.look().unwrap(), Seat::Free);
    let held = claim(&mut a, None, 11).unwrap();
    assert_eq!(held.term(), 1);
    assert_eq!(b.look().unwrap(), Seat::Held(record(1, 11)));
    assert_eq!(a.look().unwrap(), Seat::Held(record(1, 11)));
    assert!(claim(&mut b, None, 22).is_none());
    drop(held);
    assert_eq!(b.look().unwrap(), Seat::Free);
    assert_eq!(claim(&mut b, None, 22).unwrap().term(), 2);
}

#[test]
fn an_unresponsive_holder_is_superseded_once_and_finds_out() {
    let dir = tempfile::tempdir().unwrap();
    let mut a = Locator::open(dir.path(), APP).unwrap();
    let mut b = Locator::open(dir.path(), APP).unwrap();
    let old = claim(&mut a, None, 11).unwrap();
    assert_eq!(old.superseded().unwrap(), None);
    let new = claim(&mut b, Some(1), 22).unwrap();
    assert_eq!(new.term(), 2);
    // Term 1 was unresponsive; that says nothing about term 2.
    assert!(claim(&mut a, Some(1), 33).is_none());
    let superseded = Superseded {
        term: Some(2),
        record: Some(record(2, 22)),
    };
    assert_eq!(old.superseded().unwrap(), Some(superseded.clone()));
    assert!(
        matches!(old.update(record(1, 44)), Err(UpdateError::Superseded(found)) if found == superseded)
    );
    drop(old);
    assert_eq!(a.look().unwrap(), Seat::Held(record(2, 22)));
    assert_eq!(new.superseded().unwrap(), None);
}

#[test]
fn the_holder_can_point_at_another_directory() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    let held = claim(&mut locator, None, 11).unwrap();
    let remote = Record {
        host: Host::Remote,
        ..record(999, 55)
    };
    held.update(remote.clone()).unwrap();
    assert_eq!(
        locator.look().unwrap(),
        Seat::Held(Record { term: 1, ..remote })
    );
}

#[test]
fn a_missing_or_damaged_record_of_a_live_holder_reads_as_unknown() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    let held = claim(&mut locator, None, 11).unwrap();
    let path = dir.path().join("directory/480/term-1.toml");
    std::fs::write(&path, "term = ").unwrap();
    assert_eq!(locator.look().unwrap(), Seat::HeldUnknown { term: 1 });
    std::fs::remove_file(&path).unwrap();
    assert_eq!(locator.look().unwrap(), Seat::HeldUnknown { term: 1 });
    held.update(record(1, 11)).unwrap();
    assert_eq!(locator.look().unwrap(), Seat::Held(record(1, 11)));
}

#[test]
fn earlier_terms_are_cleaned_up_and_foreign_files_left_alone() {
    let dir = tempfile::tempdir().unwrap();
    let folder = dir.path().join("directory/480");
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    for name in [
        "notes.txt",
        "term-x.lock",
        "term-007.lock",
        "term-99999999999999999999.lock",
    ] {
        std::fs::write(folder.join(name), "").unwrap();
    }
    for directory in 0..5 {
        drop(claim(&mut locator, None, directory).unwrap());
    }
    let mut names: Vec<String> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|e| e.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(
        names,
        [
            "election.lock",
            "notes.txt",
            "term-007.lock",
            "term-5.lock",
            "term-5.toml",
            "term-99999999999999999999.lock",
            "term-x.lock"
        ]
    );
}

#[test]
fn terms_grow_even_if_somebody_deletes_the_folder() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    drop(claim(&mut locator, None, 1).unwrap());
    let held = claim(&mut locator, None, 2).unwrap();
    std::fs::remove_dir_all(dir.path().join("directory")).unwrap();
    assert_eq!(locator.look().unwrap(), Seat::Free);
    assert_eq!(
        held.superseded().unwrap(),
        Some(Superseded {
            term: None,
            record: None
        })
    );
    drop(held);
    assert_eq!(claim(&mut locator, None, 3).unwrap().term(), 3);
}

#[test]
fn a_file_of_a_term_that_nobody_can_have_taken_keeps_nobody_from_hosting() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    for term in [MAX_TERM + 1, u64::MAX] {
        let path = dir.path().join(format!("directory/480/term-{term}.lock"));
        std::fs::write(path, "").unwrap();
    }
    assert_eq!(locator.look().unwrap(), Seat::Free);
    assert_eq!(claim(&mut locator, None, 1).unwrap().term(), 1);
}

#[test]
fn terms_that_are_used_up_are_an_error_that_says_what_to_do() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    let path = dir
        .path()
        .join(format!("directory/480/term-{MAX_TERM}.lock"));
    std::fs::write(path, "").unwrap();
    let error = locator.claim(Instant::now(), None, |_| record(1, 1));
    let said = error.unwrap_err().to_string();
    assert!(
        said.contains("delete") && said.contains("directory"),
        "{said}"
    );
}

/// In virtual time: nobody sleeps.
#[test]
fn a_claimer_stopped_in_the_election_delays_others_by_a_second_without_a_wait() {
    let dir = tempfile::tempdir().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    let stuck = locator.terms.enter_election();
    assert!(matches!(stuck, Election::Entered { .. }));
    let start = Instant::now();
    let mut at = |after: u64| {
        let now = start + Duration::from_millis(after);
        locator.claim(now, None, |term| record(term, 1)).unwrap()
    };
    assert!(at(0).is_none());
    assert!(at(999).is_none());
    assert_eq!(at(1000).unwrap().term(), 1);
}

/// Sixteen threads, each with its own locator, as processes have: one winner a term, whoever is gone.
#[test]
fn of_many_concurrent_claimers_one_wins_each_term() {
    const RACERS: usize = 16;
    let dir = tempfile::tempdir().unwrap();
    let mut last = 0;
    for round in 0..20 {
        let barrier = Barrier::new(RACERS);
        let (barrier, path) = (&barrier, dir.path());
        let won: Vec<Claim> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|_| {
                    scope.spawn(move || {
                        let mut locator = Locator::open(path, APP).unwrap();
                        barrier.wait();
                        claim(&mut locator, None, round)
                    })
                })
                .collect();
            racers
                .into_iter()
                .filter_map(|racer| racer.join().unwrap())
                .collect()
        });
        assert_eq!(won.len(), 1, "round {round}");
        assert!(won[0].term() > last);
        last = won[0].term();
    }
}

/// The same while the current holder is alive, and all say that it does not answer.
#[test]
fn of_many_concurrent_claimers_one_supersedes_the_holder() {
    const RACERS: usize = 16;
    let dir = tempfile::tempdir().unwrap();
    let mut first = Locator::open(dir.path(), APP).unwrap();
    let mut held = claim(&mut first, None, 0).unwrap();
    for round in 1..20 {
        let barrier = Barrier::new(RACERS);
        let (barrier, path, beyond) = (&barrier, dir.path(), held.term());
        let mut won: Vec<Claim> = std::thread::scope(|scope| {
            let racers: Vec<_> = (0..RACERS)
                .map(|_| {
                    scope.spawn(move || {
                        let mut locator = Locator::open(path, APP).unwrap();
                        barrier.wait();
                        claim(&mut locator, Some(beyond), round)
                    })
                })
                .collect();
            racers
                .into_iter()
                .filter_map(|racer| racer.join().unwrap())
                .collect()
        });
        assert_eq!(won.len(), 1, "round {round}");
        let new = won.remove(0);
        assert_eq!(new.term(), beyond + 1);
        assert!(held.superseded().unwrap().is_some());
        held = new;
    }
}

#[test]
fn each_app_has_a_seat_of_its_own() {
    let dir = tempfile::tempdir().unwrap();
    let mut one = Locator::open(dir.path(), APP).unwrap();
    let mut other = Locator::open(dir.path(), APP + 1).unwrap();
    let held = claim(&mut one, None, 11).unwrap();
    assert_eq!(other.look().unwrap(), Seat::Free);
    let beside = claim(&mut other, None, 22).unwrap();
    assert_eq!((held.term(), beside.term()), (1, 1));
    assert_eq!(one.look().unwrap(), Seat::Held(record(1, 11)));
    assert_eq!(other.look().unwrap(), Seat::Held(record(1, 22)));
    drop(held);
    assert_eq!(one.look().unwrap(), Seat::Free);
    assert_eq!(beside.superseded().unwrap(), None);
}

/// As versions left it that had one seat for all apps.
#[test]
fn a_seat_of_all_apps_that_lies_about_does_no_harm() {
    let dir = tempfile::tempdir().unwrap();
    let old = dir.path().join("directory");
    std::fs::create_dir(&old).unwrap();
    std::fs::write(old.join("term-9.toml"), record(9, 99).to_text().unwrap()).unwrap();
    let lock = std::fs::File::create(old.join("term-9.lock")).unwrap();
    lock.lock().unwrap();
    let election = std::fs::File::create(old.join("election.lock")).unwrap();
    election.lock().unwrap();
    let mut locator = Locator::open(dir.path(), APP).unwrap();
    assert_eq!(locator.look().unwrap(), Seat::Free);
    assert_eq!(claim(&mut locator, None, 11).unwrap().term(), 1);
    assert!(old.join("term-9.toml").exists());
}
