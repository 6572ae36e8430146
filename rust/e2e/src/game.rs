//! One Godot process that runs the test scripts, and the harness's hold on it.

use std::collections::HashMap;
use std::fs::File;
use std::io::Write;
use std::process::{Child, Command, ExitStatus};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use parking_lot::Mutex;
use serde_json::{Value, json};

use crate::command::Reply;
use crate::output::{Event, Gone, Line, Output, is_error};
use crate::{DEADLINE, patience};

/// A signal of the `Steam` singleton as a game received it.
#[derive(Debug, Clone)]
pub struct Signal {
    /// Its arguments.
    pub args: Vec<Value>,
    /// Unix time in seconds when the handler ran.
    pub at: f64,
    /// The index of its line in the process's output: compares the order of events.
    pub line: usize,
}

impl Signal {
    /// Argument `index` as an integer; 0 if it is none.
    #[must_use]
    pub fn int(&self, index: usize) -> i64 {
        self.args.get(index).and_then(Value::as_i64).unwrap_or(0)
    }
}

/// A running Godot process; killed on drop.
pub struct Game {
    name: String,
    child: Mutex<Child>,
    output: Arc<Output>,
    commands: Mutex<File>,
    next_command: AtomicU64,
    expected_errors: Mutex<Vec<String>>,
    started: Instant,
}

impl Game {
    pub(crate) fn new(
        name: String,
        child: Child,
        output: Arc<Output>,
        commands: File,
        started: Instant,
    ) -> Game {
        Game {
            name,
            child: Mutex::new(child),
            output,
            commands: Mutex::new(commands),
            next_command: AtomicU64::new(1),
            expected_errors: Mutex::new(Vec::new()),
            started,
        }
    }

    /// The name given at its launch.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// What it printed.
    #[must_use]
    pub fn output(&self) -> &Output {
        &self.output
    }

    /// When the process was spawned.
    #[must_use]
    pub fn started(&self) -> Instant {
        self.started
    }

    /// Its process ID.
    #[must_use]
    pub fn pid(&self) -> u32 {
        self.child.lock().id()
    }

    fn fail(&self, message: &str) -> ! {
        panic!("{}: {message}", self.name);
    }

    // ----- lines and events -----

    /// Waits for a line; `what` names it in the failure message.
    ///
    /// # Panics
    /// If it does not come within `deadline` (stretched by [`patience`]) or the process ends.
    pub fn wait<T>(
        &self,
        what: &str,
        deadline: Duration,
        pick: impl FnMut(&Line) -> Option<T>,
    ) -> (usize, T) {
        match self.output.take(patience(deadline), pick) {
            Ok(found) => found,
            Err(Gone::Deadline) => self.fail(&format!("no {what} within {:?}", patience(deadline))),
            Err(Gone::Closed) => self.fail(&format!("ended before {what}")),
        }
    }

    /// Waits for a printed line that contains `text` and returns it.
    pub fn line(&self, text: &str) -> String {
        self.wait(&format!("line with {text:?}"), DEADLINE, |line| {
            line.text.contains(text).then(|| line.text.clone())
        })
        .1
    }

    /// Waits for the event `name` for which `accept` is true.
    pub fn event_where(&self, name: &str, mut accept: impl FnMut(&Value) -> bool) -> Event {
        self.wait(&format!("event {name}"), DEADLINE, |line| {
            let event = line.event.as_ref()?;
            (event.name == name && accept(&event.data)).then(|| event.clone())
        })
        .1
    }

    /// Waits for the event `name`.
    pub fn event(&self, name: &str) -> Event {
        self.event_where(name, |_| true)
    }

    /// Waits for a signal of `Steam` with [`DEADLINE`].
    pub fn signal(&self, name: &str) -> Signal {
        self.signal_where(name, |_| true)
    }

    /// Waits for a signal whose arguments `accept` likes.
    pub fn signal_where(&self, name: &str, accept: impl FnMut(&[Value]) -> bool) -> Signal {
        self.signal_within(DEADLINE, name, accept)
    }

    /// Waits for a signal with another deadline.
    pub fn signal_within(
        &self,
        deadline: Duration,
        name: &str,
        mut accept: impl FnMut(&[Value]) -> bool,
    ) -> Signal {
        let (line, mut signal) = self.wait(&format!("signal {name}"), deadline, |line| {
            let signal = as_signal(line, name)?;
            accept(&signal.args).then_some(signal)
        });
        signal.line = line;
        signal
    }

    /// The signals `name` received so far that no wait has taken, without waiting. Call it after
    /// [`Game::barrier`], or the newest ones may still be on their way.
    #[must_use]
    pub fn pending_signals(&self, name: &str) -> Vec<Signal> {
        let mut found = Vec::new();
        while let Ok((_, signal)) = self
            .output
            .take(Duration::ZERO, |line| as_signal(line, name))
        {
            found.push(signal);
        }
        found
    }

    /// Every signal `name` received so far, taken or not.
    #[must_use]
    pub fn all_signals(&self, name: &str) -> Vec<Signal> {
        let lines = self.output.lines();
        let signals = lines.iter().enumerate().filter_map(|(index, line)| {
            let mut signal = as_signal(line, name)?;
            signal.line = index;
            Some(signal)
        });
        signals.collect()
    }

    // ----- commands -----

    /// Sends a command without waiting for its answer; returns the number of the command.
    pub fn send(&self, command: &Value) -> u64 {
        let id = self.next_command.fetch_add(1, Ordering::Relaxed);
        let mut command = command.clone();
        command["id"] = json!(id);
        // One write, so that the script never sees half a line... and it waits for the line's end.
        let line = format!("{command}\n");
        if let Err(error) = self.commands.lock().write_all(line.as_bytes()) {
            self.fail(&format!("command {command} not written: {error}"));
        }
        id
    }

    /// Sends a command and waits for its answer.
    pub fn command(&self, command: &Value) -> Reply {
        let id = self.send(command);
        let (end, value) = self.wait(&format!("answer to {command}"), DEADLINE, |line| {
            let event = line.event.as_ref()?;
            (event.name == "result" && event.data["id"] == id).then(|| event.data["value"].clone())
        });
        let (begin, ()) = self.wait("its beginning", DEADLINE, |line| {
            let event = line.event.as_ref()?;
            (event.name == "call" && event.data["id"] == id).then_some(())
        });
        Reply {
            value,
            errors: self.output.errors_between(begin, end),
        }
    }

    /// Calls `Steam.name(args)` and returns what it returned.
    ///
    /// # Panics
    /// If the call prints an error.
    #[allow(clippy::needless_pass_by_value)] // call sites read better with json!([..]) inline
    pub fn steam(&self, name: &str, args: Value) -> Value {
        let reply = self.try_steam(name, args.clone());
        if !reply.errors.is_empty() {
            self.fail(&format!("Steam.{name}{args}: {:?}", reply.errors));
        }
        reply.value
    }

    /// Calls `Steam.name(args)` and returns the value together with the errors it printed.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn try_steam(&self, name: &str, args: Value) -> Reply {
        self.command(&json!({ "do": "steam", "name": name, "args": args }))
    }

    /// Calls `Samovar.name(args)` and returns what it returned.
    ///
    /// # Panics
    /// If the call prints an error.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn samovar(&self, name: &str, args: Value) -> Value {
        let reply = self.command(&json!({ "do": "samovar", "name": name, "args": args.clone() }));
        if !reply.errors.is_empty() {
            self.fail(&format!("Samovar.{name}{args}: {:?}", reply.errors));
        }
        reply.value
    }

    /// Calls a bad `Samovar.name(args)`: exactly one error line must come, and is then expected.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn bad_samovar(&self, name: &str, args: Value) -> Value {
        let reply = self.command(&json!({ "do": "samovar", "name": name, "args": args.clone() }));
        if reply.errors.len() != 1 {
            self.fail(&format!("Samovar.{name}{args}: {:?}", reply.errors));
        }
        self.expect_error(&reply.errors[0]);
        reply.value
    }

    /// Calls a bad `Steam.name(args)`: exactly one error line must come, and is then expected.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn bad_steam(&self, name: &str, args: Value) -> Value {
        let reply = self.try_steam(name, args.clone());
        if reply.errors.len() != 1 {
            self.fail(&format!(
                "Steam.{name}{args} returned {} and printed {} error lines, not one: {:?}",
                reply.value,
                reply.errors.len(),
                reply.errors
            ));
        }
        self.expect_error(&reply.errors[0]);
        reply.value
    }

    /// Calls a method of the scene that [`Launch::scene`] loaded.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn game(&self, name: &str, args: Value) -> Value {
        let reply = self.try_game(name, args.clone());
        if !reply.errors.is_empty() {
            self.fail(&format!("{name}{args}: {:?}", reply.errors));
        }
        reply.value
    }

    /// The same, with the errors that it printed, which are expected then.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn try_game(&self, name: &str, args: Value) -> Reply {
        let reply = self.command(&json!({ "do": "game", "name": name, "args": args }));
        for error in &reply.errors {
            self.expect_error(error);
        }
        reply
    }

    /// Reads a property of that scene.
    pub fn get(&self, name: &str) -> Value {
        self.command(&json!({ "do": "get", "name": name })).value
    }

    /// Writes a property of that scene.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn set(&self, name: &str, value: Value) {
        let _ = self.command(&json!({ "do": "set", "name": name, "value": value }));
    }

    /// A harmless round trip: every signal emitted before it has been printed.
    pub fn barrier(&self) {
        let _ = self.command(&json!({ "do": "nothing" }));
    }

    /// Calls `steamInit(app_id)`, which must succeed; returns the Steam ID.
    pub fn init(&self, app_id: u32) -> i64 {
        let answer = self.steam("steamInit", json!([app_id]));
        if answer != json!(true) {
            self.fail(&format!("steamInit({app_id}) returned {answer}"));
        }
        self.steam_id()
    }

    /// Its own Steam ID.
    pub fn steam_id(&self) -> i64 {
        self.int("getSteamID", json!([]))
    }

    /// Calls a method that returns an integer.
    pub fn int(&self, name: &str, args: Value) -> i64 {
        let value = self.steam(name, args);
        match value.as_i64() {
            Some(int) => int,
            None => self.fail(&format!("Steam.{name} returned {value}, no integer")),
        }
    }

    /// Prints every P2P packet of these channels as an event `p2p` from now on.
    pub fn poll_p2p(&self, channels: &[i64]) {
        let _ = self.command(&json!({ "do": "poll_p2p", "channels": channels }));
    }

    /// Prints every message of these channels as an event `message` from now on.
    pub fn poll_messages(&self, channels: &[i64]) {
        let _ = self.command(&json!({ "do": "poll_messages", "channels": channels }));
    }

    /// Accepts P2P and Messages sessions from now on as soon as they are requested, or not.
    pub fn auto_accept(&self, on: bool) {
        let _ = self.command(&json!({ "do": "auto_accept", "on": on }));
    }

    /// Sets a project setting inside the running game.
    #[allow(clippy::needless_pass_by_value)] // as above
    pub fn project_setting(&self, name: &str, value: Value) {
        let _ = self.command(&json!({ "do": "project_setting", "name": name, "value": value }));
    }

    // ----- the process -----

    /// Allows one error line that contains `text`.
    pub fn expect_error(&self, text: &str) {
        self.expected_errors.lock().push(text.to_owned());
    }

    /// Kills the process as `kill -9` does and waits until it is gone.
    pub fn kill(&self) {
        let mut child = self.child.lock();
        // An error means that it has ended by itself, which `wait` then shows.
        let _ = child.kill();
        let _ = child.wait();
    }

    /// Stops the process as a debugger does.
    #[cfg(unix)]
    pub fn stop(&self) {
        self.unix_signal("STOP");
    }

    /// Lets a stopped process go on.
    #[cfg(unix)]
    pub fn cont(&self) {
        self.unix_signal("CONT");
    }

    #[cfg(unix)]
    fn unix_signal(&self, signal: &str) {
        let sent = Command::new("kill")
            .args([format!("-{signal}"), self.pid().to_string()])
            .status();
        if !sent.is_ok_and(|status| status.success()) {
            self.fail(&format!("kill -{signal} failed"));
        }
    }

    /// Tells the script to quit and checks how the process ended: exit code 0, the line
    /// `SAMOVAR-TEST OK`, and no error line that was not expected.
    ///
    /// # Panics
    /// If any of that is not so.
    pub fn finish(self) {
        self.send(&json!({ "do": "quit", "code": 0 }));
        self.wait_finished();
    }

    /// [`Game::finish`] for a process that quits by itself.
    ///
    /// # Panics
    /// As [`Game::finish`].
    pub fn wait_finished(self) {
        let status = self.wait_exit(DEADLINE);
        if status.code() != Some(0) {
            self.fail(&format!("ended with {status}"));
        }
        if !self
            .output
            .lines()
            .iter()
            .any(|line| line.text == "SAMOVAR-TEST OK")
        {
            self.fail("ended without the line SAMOVAR-TEST OK");
        }
        self.check_errors();
    }

    /// Waits until the process ends by itself.
    ///
    /// # Panics
    /// If it does not within `deadline`.
    pub fn wait_exit(&self, deadline: Duration) -> ExitStatus {
        if !self.output.wait_closed(patience(deadline)) {
            self.fail(&format!("still running after {:?}", patience(deadline)));
        }
        let status = self.child.lock().wait();
        match status {
            Ok(status) => status,
            Err(error) => self.fail(&format!("no exit status: {error}")),
        }
    }

    /// Checks that every error line so far was expected, and every expected one came.
    ///
    /// # Panics
    /// If not.
    pub fn check_errors(&self) {
        // A whole line goes first, so that one that is a part of another is not taken for it.
        let mut whole: HashMap<String, usize> = HashMap::new();
        for text in self.expected_errors.lock().iter() {
            *whole.entry(text.clone()).or_default() += 1;
        }
        let mut others: Vec<String> = Vec::new();
        for line in self.output.lines() {
            if is_error(&line.text) {
                match whole.get_mut(&line.text).filter(|count| **count > 0) {
                    Some(count) => *count -= 1,
                    None => others.push(line.text),
                }
            }
        }
        let rest = whole
            .into_iter()
            .flat_map(|(text, count)| std::iter::repeat_n(text, count));
        let mut expected: Vec<String> = rest.collect();
        let mut surprises = Vec::new();
        for line in others {
            match expected.iter().position(|text| line.contains(text)) {
                Some(index) => drop(expected.swap_remove(index)),
                None => surprises.push(line),
            }
        }
        if !surprises.is_empty() {
            self.fail(&format!("unexpected errors: {surprises:#?}"));
        }
        if !expected.is_empty() {
            self.fail(&format!("expected errors that did not come: {expected:#?}"));
        }
    }
}

impl Drop for Game {
    fn drop(&mut self) {
        self.kill();
    }
}

fn as_signal(line: &Line, name: &str) -> Option<Signal> {
    let event = line.event.as_ref()?;
    if event.name != "signal" || event.data["name"] != name {
        return None;
    }
    Some(Signal {
        args: event.data["args"].as_array().cloned().unwrap_or_default(),
        at: event.at(),
        line: 0,
    })
}
