//! Tables of figures, and whether they are good enough.

use std::fmt::Write as _;
use std::path::Path;

use anyhow::{Context, Result};

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

    /// Says which bars are met; false when one is not.
    pub(crate) fn print_bars(&mut self) -> bool {
        let bars = std::mem::take(&mut self.bars);
        let all_met = bars.iter().all(|(_, _, _, met)| *met);
        if bars.is_empty() {
            return true;
        }
        self.table("Bars", "", &["what", "measured", "bar", "met"]);
        for (what, value, bar, met) in bars {
            let met = if met { "yes" } else { "**no**" };
            self.row(&[what, format!("{value:.2}"), bar, met.to_owned()]);
        }
        all_met
    }

    /// Puts the tables into a file.
    pub(crate) fn write(&self, path: &Path) -> Result<()> {
        std::fs::write(path, &self.text).with_context(|| format!("writing {}", path.display()))
    }
}

/// The median; NaN of nothing.
pub(crate) fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<f64> = values.collect();
    values.sort_by(f64::total_cmp);
    values.get(values.len() / 2).copied().unwrap_or(f64::NAN)
}
