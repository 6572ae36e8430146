//! Harness for end-to-end tests: it starts real headless Godot processes that run the scripts of
//! `godot-project/tests`, drives them, and puts everything they printed into the failure message.
//!
//! A [`Scenario`] owns a temporary folder with a minimal Godot project that holds the addon; a
//! [`Game`] is one Godot process in it. The runner script (`tests/lib/runner.gd`) reads commands
//! from a file that the harness appends to (a file works in network namespaces and survives
//! SIGSTOP, and GDScript can read no standard input) and answers with lines `TEST <event> <json>`.
//! Nothing in here sleeps to let something happen: it waits for the line that says so, with a
//! deadline.

mod command;
mod game;
mod godot;
mod launch;
mod output;
mod project;
mod scenario;

#[cfg(target_os = "linux")]
pub mod netns;

pub use command::{Reply, bytes, text_bytes};
pub use game::{Game, Signal};
pub use godot::{Engine, export_template, repository_root};
pub use launch::Launch;
pub use output::{Event, Output};
pub use project::{Project, ProjectOptions};
pub use scenario::Scenario;

use std::time::Duration;

/// How long a wait lasts before it fails, unless the scenario says otherwise; see [`patience`].
pub const DEADLINE: Duration = Duration::from_secs(30);

/// The app ID of scenarios that do not care (480 is Valve's example game).
pub const APP_ID: u32 = 480;

/// Stretches a deadline by the factor in `SAMOVAR_E2E_PATIENCE` (a decimal number; 1 without it),
/// for machines that are much slower or busier than a CI runner.
#[must_use]
pub fn patience(duration: Duration) -> Duration {
    let factor = std::env::var("SAMOVAR_E2E_PATIENCE")
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .filter(|factor| (0.1..=100.0).contains(factor))
        .unwrap_or(1.0);
    duration.mul_f64(factor)
}

/// Seconds since the Unix epoch, to compare with [`Event::at`] of a process on this machine.
#[must_use]
pub fn unix_time() -> f64 {
    std::time::SystemTime::now()
        .duration_since(std::time::UNIX_EPOCH)
        .map_or(0.0, |since| since.as_secs_f64())
}

/// Says on standard error that a scenario, or a part of it, was left out, and why.
///
/// The test runner shows it with `--nocapture`; the file `artefacts/skipped.txt` always gets it.
pub fn skipped(scenario: &str, reason: &str) {
    eprintln!("SKIPPED {scenario}: {reason}");
    report_line("skipped.txt", &format!("{scenario}: {reason}"));
}

/// Prints a measurement and appends it to `artefacts/measurements.txt`.
pub fn measured(what: &str, value: &str) {
    println!("MEASURED {what}: {value}");
    report_line("measurements.txt", &format!("{what}: {value}"));
}

fn report_line(file: &str, line: &str) {
    use std::io::Write;
    let folder = repository_root().join("artefacts");
    // A report that cannot be written must not fail a scenario that passed.
    let _ = std::fs::create_dir_all(&folder);
    if let Ok(mut file) = std::fs::OpenOptions::new()
        .create(true)
        .append(true)
        .open(folder.join(file))
    {
        let _ = writeln!(file, "{line}");
    }
}
