//! Calls that are made again and again, and the memory of the process.

use samovar_api::Method;
use samovar_e2e::{Game, Scenario, measured};
use serde_json::{Value, json};

use super::{launch, launched};

/// How much memory may grow by [`ROUNDS`] further rounds after the first, in bytes.
const GROWTH: i64 = 4 << 20;
const ROUNDS: usize = 5;
/// How often it may be measured. What is kept grows each time; what the C library holds back for threads does not.
const SPANS: usize = 3;

/// A game all of whose threads take memory from one place, so that what is resident says something.
pub(super) fn start_measured(scenario: &Scenario, methods: &[&Method], entries: &[Value]) -> Game {
    launched(launch(scenario, methods, entries).env("MALLOC_ARENA_MAX", "1"))
}

/// Makes many rounds of calls, and holds what the process has in memory after the first against what it has after the last.
pub(super) fn no_growth(of: &str, game: &Game, round: impl Fn()) {
    round();
    let mut spans = Vec::new();
    for _ in 0..SPANS {
        let before = memory(game);
        for _ in 0..ROUNDS {
            round();
        }
        let after = memory(game);
        let (given, resident) = (after.0 - before.0, after.1 - before.1);
        measured(
            &format!("memory after {ROUNDS} more rounds of calls of {of}"),
            &format!("{given} bytes given out by Godot, {resident} bytes resident"),
        );
        if given < GROWTH && resident < GROWTH {
            return;
        }
        spans.push((before, after));
    }
    panic!("{of}: {spans:?}");
}

/// Bytes that Godot's allocator has given out, and that the process has in memory, where the system tells.
fn memory(game: &Game) -> (i64, i64) {
    let given = game.game("memory", json!([])).as_i64().unwrap_or(0);
    let status =
        std::fs::read_to_string(format!("/proc/{}/status", game.pid())).unwrap_or_default();
    let resident = status
        .lines()
        .find_map(|line| line.strip_prefix("VmRSS:"))
        .and_then(|text| text.trim().split(' ').next()?.parse::<i64>().ok());
    (given, resident.unwrap_or(0) * 1024)
}
