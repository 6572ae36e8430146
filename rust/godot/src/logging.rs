//! Log lines of the network thread, printed by Godot from the main thread.

use std::collections::VecDeque;
use std::fmt::{self, Write};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{LazyLock, OnceLock};
use std::time::Instant;

use godot::global::{godot_error, godot_warn};
use parking_lot::Mutex;
use samovar_steam::Seldom;
use tracing::field::{Field, Visit};
use tracing::span::{Attributes, Id, Record};
use tracing::{Event, Level, Metadata, Subscriber};

/// The most lines that wait to be printed; further ones are dropped.
const MAX_LINES: usize = 256;
/// Set to `debug`, `info` or `trace`, this environment variable has everything up to that level on standard error.
const VARIABLE: &str = "SAMOVAR_LOG";

/// Whether some wait: asked in each frame, without the lock.
static SOME_WAIT: AtomicBool = AtomicBool::new(false);
static LINES: LazyLock<Mutex<Waiting>> = LazyLock::new(Mutex::default);
static LEVEL: OnceLock<Option<Level>> = OnceLock::new();

#[derive(Default)]
struct Waiting {
    waiting: VecDeque<(Level, String)>,
    /// The same line is printed once in 10 s.
    said: Seldom<String>,
}

/// Takes the log lines of all of Samovar from now on.
pub(crate) fn install() {
    // It fails where another subscriber is installed already, as after the extension was reloaded.
    let _ = tracing::subscriber::set_global_default(Lines);
}

/// Prints what waits, with Godot's own warnings and errors. For the main thread.
pub(crate) fn print() {
    if !SOME_WAIT.load(Ordering::Relaxed) {
        return;
    }
    SOME_WAIT.store(false, Ordering::Relaxed);
    loop {
        let Some((level, line)) = LINES.lock().waiting.pop_front() else {
            return;
        };
        if level == Level::ERROR {
            godot_error!("Samovar: {line}");
        } else {
            godot_warn!("Samovar: {line}");
        }
    }
}

fn verbose() -> Option<Level> {
    *LEVEL.get_or_init(|| std::env::var(VARIABLE).ok()?.parse().ok())
}

struct Lines;

impl Subscriber for Lines {
    fn enabled(&self, metadata: &Metadata<'_>) -> bool {
        let ours = metadata.target().starts_with("samovar");
        ours && *metadata.level() <= verbose().unwrap_or(Level::WARN).max(Level::WARN)
    }

    fn new_span(&self, _span: &Attributes<'_>) -> Id {
        Id::from_u64(1)
    }

    fn record(&self, _span: &Id, _values: &Record<'_>) {}

    fn record_follows_from(&self, _span: &Id, _follows: &Id) {}

    fn event(&self, event: &Event<'_>) {
        let mut line = Line::default();
        event.record(&mut line);
        let level = *event.metadata().level();
        if verbose().is_some_and(|verbose| level <= verbose) {
            eprintln!(
                "{level} {}: {}{}",
                event.metadata().target(),
                line.message,
                line.fields
            );
        }
        if level > Level::WARN {
            return;
        }
        let text = line.message + &line.fields;
        let mut lines = LINES.lock();
        if lines.waiting.len() < MAX_LINES && lines.said.may_say(text.clone(), Instant::now()) {
            lines.waiting.push_back((level, text));
            SOME_WAIT.store(true, Ordering::Relaxed);
        }
    }

    fn enter(&self, _span: &Id) {}

    fn exit(&self, _span: &Id) {}
}

#[derive(Default)]
struct Line {
    message: String,
    fields: String,
}

impl Visit for Line {
    fn record_debug(&mut self, field: &Field, value: &dyn fmt::Debug) {
        let written = match field.name() {
            "message" => write!(self.message, "{value:?}"),
            name => write!(self.fields, " ({name}: {value:?})"),
        };
        debug_assert!(written.is_ok());
    }
}
