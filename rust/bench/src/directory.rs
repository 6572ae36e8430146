//! Measures the directory of lobbies within this process: how it searches, what it carries out, and its memory.

mod crowd;
mod memory;
mod scan;
mod search;
mod work;

use anyhow::{Result, ensure};

use crate::report::Report;
use crowd::Crowd;

/// How much is measured.
#[derive(clap::Args)]
pub(crate) struct Plan {
    /// How many lobbies are searched, from the fewest to the most; may be given more than once. The bars are for 100000
    /// beside 1000000.
    #[arg(long, default_values_t = [10_000, 100_000, 1_000_000])]
    lobbies: Vec<usize>,
    /// Only searches whose name contains this.
    #[arg(long, default_value = "")]
    search: String,
    /// How many searches of each kind a round has.
    #[arg(long, default_value_t = 1000)]
    searches: usize,
    /// How many rounds there are; the median counts.
    #[arg(long, default_value_t = 5)]
    rounds: usize,
    /// How many lobbies of four members there are when they are changed, from the fewest to the most.
    #[arg(long, default_values_t = [10_000, 100_000])]
    full_lobbies: Vec<usize>,
    /// How many commands of each kind are carried out in a round.
    #[arg(long, default_value_t = 50_000)]
    commands: usize,
}

/// Measures all of it.
pub(crate) fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    ensure!(
        plan.searches > 0 && plan.rounds > 0 && plan.commands > 0,
        "nothing is to be measured"
    );
    let mut crowds = Vec::new();
    let mut footprints = Vec::new();
    for lobbies in &plan.lobbies {
        ensure!(*lobbies > 0, "a directory without lobbies");
        let mut crowd = Crowd::default();
        footprints.push(memory::fill(&mut crowd, *lobbies)?);
        crowds.push(crowd);
    }
    memory::tell(&footprints, report);
    search::measure(plan, &mut crowds, report)?;
    drop(crowds);
    work::measure(plan, report);
    Ok(())
}
