//! What a process printed: a growing list of lines, each handed out to one wait at most.

use std::io::{BufRead, BufReader, Read, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::time::{Duration, Instant};

use parking_lot::{Condvar, Mutex};
use serde_json::Value;

/// One `TEST <name> <json>` line.
#[derive(Debug, Clone, PartialEq)]
pub struct Event {
    /// The word after `TEST`.
    pub name: String,
    /// The JSON after the name; null if there is none.
    pub data: Value,
}

impl Event {
    /// Seconds since the Unix epoch when the script printed the line; 0 if it did not say.
    #[must_use]
    pub fn at(&self) -> f64 {
        self.data["at"].as_f64().unwrap_or(0.0)
    }
}

/// A printed line and the event in it.
#[derive(Debug, Clone)]
pub struct Line {
    /// The line without its end.
    pub text: String,
    /// Set for `TEST` lines.
    pub event: Option<Event>,
    taken: bool,
}

#[derive(Default)]
struct State {
    lines: Vec<Line>,
    closed: bool,
}

/// Everything one process has printed on standard output and standard error, in order.
#[derive(Default)]
pub struct Output {
    state: Mutex<State>,
    changed: Condvar,
}

/// Why a wait ended without its line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Gone {
    /// The deadline passed.
    Deadline,
    /// The process closed its output, so the line can never come.
    Closed,
}

impl Output {
    /// Reads `pipe` to its end on a thread of its own and copies every line to `log`.
    pub(crate) fn collect(pipe: impl Read + Send + 'static, log: PathBuf) -> Arc<Output> {
        let output = Arc::new(Output::default());
        let sink = Arc::clone(&output);
        std::thread::spawn(move || {
            let mut log = std::fs::File::create(log).ok();
            let mut reader = BufReader::new(pipe);
            let mut raw = Vec::new();
            loop {
                raw.clear();
                match reader.read_until(b'\n', &mut raw) {
                    Ok(0) | Err(_) => break,
                    Ok(_) => {}
                }
                if let Some(log) = &mut log {
                    // The log is a convenience; the lines in memory are what counts.
                    let _ = log.write_all(&raw);
                }
                sink.push(String::from_utf8_lossy(&raw).trim_end().to_owned());
            }
            sink.state.lock().closed = true;
            sink.changed.notify_all();
        });
        output
    }

    fn push(&self, text: String) {
        let event = parse_event(&text);
        self.state.lock().lines.push(Line {
            text,
            event,
            taken: false,
        });
        self.changed.notify_all();
    }

    /// Takes the first line that nobody has taken and for which `pick` answers, waiting for it if
    /// need be; also returns its index among all lines.
    ///
    /// # Errors
    /// [`Gone`] when the deadline passes or the process ends first.
    pub fn take<T>(
        &self,
        deadline: Duration,
        mut pick: impl FnMut(&Line) -> Option<T>,
    ) -> Result<(usize, T), Gone> {
        let until = Instant::now() + deadline;
        let mut next = 0;
        let mut state = self.state.lock();
        loop {
            while next < state.lines.len() {
                let line = &mut state.lines[next];
                if !line.taken
                    && let Some(found) = pick(line)
                {
                    line.taken = true;
                    return Ok((next, found));
                }
                next += 1;
            }
            if state.closed {
                return Err(Gone::Closed);
            }
            if self.changed.wait_until(&mut state, until).timed_out() && next >= state.lines.len() {
                return Err(Gone::Deadline);
            }
        }
    }

    /// Waits until the process has closed its output; false when the deadline passes first.
    pub fn wait_closed(&self, deadline: Duration) -> bool {
        let until = Instant::now() + deadline;
        let mut state = self.state.lock();
        while !state.closed {
            if self.changed.wait_until(&mut state, until).timed_out() {
                return state.closed;
            }
        }
        true
    }

    /// A copy of all lines so far.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        self.state.lock().lines.clone()
    }

    /// The number of lines so far.
    #[must_use]
    pub fn len(&self) -> usize {
        self.state.lock().lines.len()
    }

    /// True if nothing was printed yet.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The texts of lines `from..to` that report an error of the engine, a script or the addon.
    #[must_use]
    pub fn errors_between(&self, from: usize, to: usize) -> Vec<String> {
        let state = self.state.lock();
        let to = to.min(state.lines.len());
        let from = from.min(to);
        state.lines[from..to]
            .iter()
            .filter(|line| is_error(&line.text))
            .map(|line| line.text.clone())
            .collect()
    }
}

/// True for the first line of an error report of Godot (`ERROR:`, `SCRIPT ERROR:`, `USER ERROR:`),
/// of a crash, or of a Rust panic.
pub(crate) fn is_error(line: &str) -> bool {
    let line = strip_colour(line);
    [
        "ERROR:",
        "SCRIPT ERROR:",
        "USER ERROR:",
        "USER SCRIPT ERROR:",
        "SHADER ERROR:",
        "Parse Error",
        "handle_crash:",
        "double free",
        "free(): ",
        "malloc(): ",
        "corrupted ",
        "AddressSanitizer",
    ]
    .iter()
    .any(|start| line.starts_with(start))
        || (line.starts_with("thread '") && line.contains("panicked"))
}

fn strip_colour(line: &str) -> &str {
    // Godot colours "ERROR:" on a terminal only, but the sequence costs nothing to step over.
    match line.strip_prefix('\u{1b}') {
        Some(rest) => rest.find('m').map_or(line, |end| &rest[end + 1..]),
        None => line,
    }
}

fn parse_event(text: &str) -> Option<Event> {
    let rest = text.strip_prefix("TEST ")?;
    let (name, json) = rest.split_once(' ').unwrap_or((rest, "null"));
    Some(Event {
        name: name.to_owned(),
        data: serde_json::from_str(json).ok()?,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_event_line_is_a_name_and_json() {
        let event = parse_event("TEST signal {\"name\":\"x\",\"at\":1.5}").expect("an event");
        assert_eq!(event.name, "signal");
        assert_eq!(event.data["name"], "x");
        assert!((event.at() - 1.5).abs() < f64::EPSILON);
        assert_eq!(
            parse_event("TEST ready").expect("an event").data,
            Value::Null
        );
        assert_eq!(parse_event("TESTING"), None);
        assert_eq!(parse_event("TEST broken {"), None);
    }

    #[test]
    fn sixty_four_bit_numbers_survive() {
        let event = parse_event("TEST id {\"id\":76561198000000001}").expect("an event");
        assert_eq!(event.data["id"].as_i64(), Some(76_561_198_000_000_001));
    }

    #[test]
    fn a_line_is_taken_once_and_out_of_order() {
        let output = Output::default();
        for text in ["a", "b", "a"] {
            output.push(text.to_owned());
        }
        let pick = |wanted: &'static str| move |line: &Line| (line.text == wanted).then_some(());
        let short = Duration::from_millis(1);
        assert_eq!(output.take(short, pick("b")), Ok((1, ())));
        assert_eq!(output.take(short, pick("a")), Ok((0, ())));
        assert_eq!(output.take(short, pick("a")), Ok((2, ())));
        assert_eq!(output.take(short, pick("a")), Err(Gone::Deadline));
    }

    #[test]
    fn errors_are_recognised() {
        assert!(is_error("ERROR: no"));
        assert!(is_error("\u{1b}[0;91mERROR: no"));
        assert!(is_error("thread '<unnamed>' panicked at x.rs:1:1:"));
        assert!(!is_error("   at: push_error (core/variant.cpp:1)"));
        assert!(!is_error("WARNING: read an empty packet"));
    }
}
