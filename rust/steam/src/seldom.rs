//! Warnings about what goes wrong again and again, said now and then.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::LazyLock;
use std::time::{Duration, Instant};

use parking_lot::Mutex;

/// How long nothing more is said about the same thing.
const AGAIN: Duration = Duration::from_secs(10);

/// Most things remembered. Of more, all that may be said again are forgotten, and if there are none, everything.
const MAX_THINGS: usize = 256;

/// What was said when.
#[derive(Debug)]
pub struct Seldom<T>(HashMap<T, Instant>);

/// The same of this process, whatever says it.
pub(crate) fn may_say(what: &'static str) -> bool {
    static SAID: LazyLock<Mutex<Seldom<&'static str>>> = LazyLock::new(Mutex::default);
    SAID.lock().may_say(what, Instant::now())
}

impl<T> Default for Seldom<T> {
    fn default() -> Self {
        Self(HashMap::new())
    }
}

impl<T: Eq + Hash> Seldom<T> {
    /// Whether it is time to say something about `what`, which is so once in 10 s; then it counts as said.
    pub fn may_say(&mut self, what: T, now: Instant) -> bool {
        let is_recent = |said: &Instant| now.saturating_duration_since(*said) < AGAIN;
        if self.0.get(&what).is_some_and(is_recent) {
            return false;
        }
        if self.0.len() >= MAX_THINGS {
            self.0.retain(|_, said| is_recent(said));
            if self.0.len() >= MAX_THINGS {
                self.0.clear();
            }
        }
        self.0.insert(what, now);
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_is_said_once_in_ten_seconds() {
        let mut seldom = Seldom::default();
        let start = Instant::now();
        let said = (0..1000)
            .filter(|step| seldom.may_say("full", start + Duration::from_millis(20 * step)))
            .count();
        assert_eq!(said, 2);
        assert!(seldom.may_say("other", start));
    }

    #[test]
    fn a_thousand_things_are_bounded() {
        let mut seldom = Seldom::default();
        let now = Instant::now();
        for number in 0..1000 {
            assert!(seldom.may_say(number, now));
        }
        assert!(seldom.0.len() <= MAX_THINGS);
    }

    /// Whatever goes on in the network's thread goes on again and again, and strangers cause some of it.
    #[test]
    fn nothing_that_the_worker_and_what_it_uses_warn_of_is_said_again_and_again() {
        let sources = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
        let mut folders = vec![sources.clone()];
        let (mut warnings, mut often) = (0, Vec::new());
        while let Some(folder) = folders.pop() {
            for entry in std::fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                let name = path.strip_prefix(&sources).unwrap().display().to_string();
                if path.is_dir() {
                    folders.push(path);
                    continue;
                }
                let is_repeated = ["worker", "discovery", "locator", "saver"];
                if !is_repeated.iter().any(|start| name.starts_with(start)) {
                    continue;
                }
                let text = std::fs::read_to_string(&path).unwrap();
                let lines: Vec<&str> = text.lines().collect();
                for (at, line) in lines.iter().enumerate() {
                    if !(line.contains("warn!(") || line.contains("error!(")) {
                        continue;
                    }
                    warnings += 1;
                    let before = &lines[at.saturating_sub(3)..at];
                    // What is read is read once, at the start.
                    let is_once = line.contains("a file of the profile cannot be read");
                    if !is_once && !before.iter().any(|line| line.contains("may_say(")) {
                        often.push(format!("{name}:{}", at + 1));
                    }
                }
            }
        }
        assert!(warnings > 15, "{warnings}");
        assert!(often.is_empty(), "{often:#?}");
    }
}
