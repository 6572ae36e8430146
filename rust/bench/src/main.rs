//! Measures what two processes can say to each other over loopback: `samovar-net` beside ENet, UDP and TCP. And, within
//! one process, the directory of lobbies.
//!
//! The process that is started, *near*, starts another, *far*, and talks to it over its standard input and output.

mod directory;
mod far;
mod game;
mod memory;
mod process;
mod report;
mod round_trip;
mod throughput;
mod transport;
mod usage;

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Result;
use clap::{Parser, Subcommand};

use report::Report;
use transport::Kind;

/// Measures samovar-net beside ENet, UDP and TCP, between two processes over loopback; or the directory of lobbies.
#[derive(Parser)]
struct Arguments {
    /// How long each measurement takes, in seconds.
    #[arg(long, default_value_t = 1.0)]
    seconds: f64,
    /// How often each is repeated; the median counts.
    #[arg(long, default_value_t = 3)]
    runs: usize,
    /// Only loads whose name contains this.
    #[arg(long, default_value = "")]
    load: String,
    /// Only what is named so: udp, tcp, enet, samovar or samovar-threads. May be given more than once.
    #[arg(long)]
    with: Vec<Kind>,
    /// How many connections the memory is measured with.
    #[arg(long, default_value_t = 200)]
    connections: usize,
    /// A file into which the tables are written, too, as Markdown.
    #[arg(long, global = true)]
    markdown: Option<PathBuf>,
    /// What to measure: throughput, round-trip, memory, game. All of it where nothing is named.
    only: Vec<Scenario>,
    #[command(subcommand)]
    role: Option<Role>,
}

#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
enum Scenario {
    Throughput,
    RoundTrip,
    Game,
    Memory,
}

#[derive(Subcommand)]
enum Role {
    /// Measures the directory of lobbies instead, within this process.
    Directory(directory::Plan),
    /// The other end; started by the program itself.
    #[command(hide = true)]
    Far {
        /// What it talks with.
        kind: Kind,
        /// The core that it runs on.
        core: usize,
    },
    /// The other end of the measurement of memory.
    #[command(hide = true)]
    FarMemory {
        /// How many users it is.
        users: usize,
    },
}

/// How each measurement is made.
struct Plan {
    time: Duration,
    runs: usize,
    load: String,
    with: Vec<Kind>,
}

impl Plan {
    /// Whether something is to be measured.
    fn has(&self, load: &str, kind: Kind) -> bool {
        load.contains(&self.load) && (self.with.is_empty() || self.with.contains(&kind))
    }
}

/// The exit code says whether every bar was met.
fn main() -> Result<ExitCode> {
    let arguments = Arguments::parse();
    match arguments.role {
        Some(Role::Far { kind, core }) => {
            return far::run(kind, core).map(|()| ExitCode::SUCCESS);
        }
        Some(Role::FarMemory { users }) => {
            return memory::far(users).map(|()| ExitCode::SUCCESS);
        }
        Some(Role::Directory(plan)) => {
            let mut report = Report::default();
            directory::measure(&plan, &mut report)?;
            return finish(report, arguments.markdown.as_deref());
        }
        None => {}
    }
    let plan = Plan {
        time: Duration::from_secs_f64(arguments.seconds),
        runs: arguments.runs.max(1),
        load: arguments.load,
        with: arguments.with,
    };
    let wanted = |scenario| arguments.only.is_empty() || arguments.only.contains(&scenario);
    let mut report = Report::default();
    // First, while this process has freed nothing that could be used again.
    if wanted(Scenario::Memory) {
        memory::measure(arguments.connections, &mut report)?;
    }
    if wanted(Scenario::Throughput) {
        throughput::measure(&plan, &mut report)?;
    }
    if wanted(Scenario::RoundTrip) {
        round_trip::measure(&plan, &mut report)?;
    }
    if wanted(Scenario::Game) {
        game::measure(&plan, &mut report)?;
    }
    finish(report, arguments.markdown.as_deref())
}

/// Judges what was measured, and keeps it.
fn finish(mut report: Report, markdown: Option<&Path>) -> Result<ExitCode> {
    let all_met = report.print_bars();
    if let Some(path) = markdown {
        report.write(path)?;
    }
    Ok(if all_met {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
