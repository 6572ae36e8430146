//! Tables of figures, and whether they are good enough.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

const BEGIN: &str = "<!-- network -->";
const END: &str = "<!-- /network -->";

/// What has been measured, as Markdown.
#[derive(Default)]
pub(crate) struct Report {
    text: String,
    bars: Vec<(String, f64, String, bool)>,
}

impl Report {
    /// Begins a table.
    pub(crate) fn table(&mut self, title: &str, about: &str, columns: &[&str]) {
        self.line(&format!("\n### {title}\n"));
        if !about.is_empty() {
            self.line(&format!("{about}\n"));
        }
        self.line(&format!("| {} |", columns.join(" | ")));
        self.line(&format!("|{}", "---|".repeat(columns.len())));
    }

    /// Adds a row to the table.
    pub(crate) fn row(&mut self, cells: &[String]) {
        self.line(&format!("| {} |", cells.join(" | ")));
    }

    fn line(&mut self, line: &str) {
        println!("{line}");
        let _ = writeln!(self.text, "{line}");
    }

    pub(crate) fn bar_at_least(&mut self, what: &str, value: f64, least: f64) {
        let bar = format!("at least {least}");
        self.bars
            .push((what.to_owned(), value, bar, value >= least));
    }

    pub(crate) fn bar_at_most(&mut self, what: &str, value: f64, most: f64) {
        let bar = format!("at most {most}");
        self.bars.push((what.to_owned(), value, bar, value <= most));
    }

    /// Says which bars are met.
    pub(crate) fn print_bars(&mut self) {
        let bars = std::mem::take(&mut self.bars);
        if bars.is_empty() {
            return;
        }
        self.table("Bars", "", &["what", "measured", "bar", "met"]);
        for (what, value, bar, met) in bars {
            let met = if met { "yes" } else { "**no**" };
            self.row(&[what, format!("{value:.2}"), bar, met.to_owned()]);
        }
    }

    /// Puts the tables into a file, between their marks.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        let old =
            std::fs::read_to_string(path).with_context(|| format!("reading {}", path.display()))?;
        let (before, rest) = old.split_once(BEGIN).context("no mark for the figures")?;
        let (_, after) = rest.split_once(END).context("no mark behind the figures")?;
        std::fs::write(
            path,
            format!("{before}{BEGIN}\n{}\n{END}{after}", self.text),
        )?;
        Ok(())
    }
}

/// The median; NaN of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
