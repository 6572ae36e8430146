//! The program measures everything with everything, however short; what it measures is for nobody to judge here.
#![allow(clippy::unwrap_used)]

use std::process::Command;

#[test]
fn every_transport_has_its_figures() {
    let run = Command::new(env!("CARGO_BIN_EXE_samovar-bench"))
        .args(["--seconds", "0.02", "--runs", "1", "--connections", "20"])
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let errors = String::from_utf8(run.stderr).unwrap();
    assert!(text.contains("### Bars"), "{text}\n{errors}");
    let rows = |kind: &str| {
        let cell = format!("| {kind} |");
        text.lines().filter(|line| line.contains(&cell)).count()
    };
    // Seven loads, round trips on one core and on two, and a game's traffic.
    assert_eq!(rows("UDP"), 3 + 2 + 1, "{text}");
    assert_eq!(rows("TCP"), 4 + 2, "{text}");
    assert_eq!(rows("ENet"), 7 + 4 + 1, "{text}");
    assert_eq!(rows("Samovar, one thread"), 7 + 4 + 1, "{text}");
    assert_eq!(rows("Samovar"), 7 + 4, "{text}");
    assert!(!text.contains("NaN"), "{text}");
}

#[test]
fn the_directory_has_its_figures() {
    let run = Command::new(env!("CARGO_BIN_EXE_samovar-bench"))
        .args(["directory", "--lobbies", "300", "--lobbies", "3000"])
        .args(["--searches", "20", "--rounds", "1"])
        .args(["--full-lobbies", "100", "--commands", "50"])
        .output()
        .unwrap();
    let text = String::from_utf8(run.stdout).unwrap();
    let errors = String::from_utf8(run.stderr).unwrap();
    assert!(text.contains("### Bars"), "{text}\n{errors}");
    // The number of lobbies is in the first column or the second; a time may be the same number.
    let rows = |lobbies: usize| {
        let is_it = |cell: &str| cell.trim() == lobbies.to_string();
        text.lines()
            .filter(|line| line.split('|').skip(1).take(2).any(is_it))
            .count()
    };
    // Memory, eleven kinds of search, and four of work.
    assert_eq!((rows(300), rows(3000), rows(100)), (12, 12, 4), "{text}");
    assert!(text.contains("chat lines in a lobby of 250"), "{text}");
    assert!(!text.contains("NaN"), "{text}");
}
