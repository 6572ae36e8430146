//! Real processes for tests: this test binary again, in a role.

// Each test binary uses a part of this.
#![allow(dead_code)]

#[cfg(target_os = "linux")]
pub(crate) mod lan;

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, channel};
use std::time::{Duration, Instant};

const ROLE: &str = "SAMOVAR_TEST_ROLE";
const DIR: &str = "SAMOVAR_TEST_DIR";
/// Tells what a role says from what the test runner says on the same line.
const MARK: &str = "@@";

/// Another process running `#[test] fn role_NAME`, which talks by lines. Killed when dropped.
pub(crate) struct Process {
    child: Child,
    input: Option<ChildStdin>,
    lines: Receiver<String>,
    said: Vec<String>,
}

impl Process {
    /// Starts `role`, on `dir`, in the network namespace `netns`.
    pub(crate) fn start(role: &str, dir: &Path, netns: Option<&str>) -> Self {
        let program = std::env::current_exe().unwrap();
        let mut command = match netns {
            Some(netns) => {
                let mut command = Command::new("ip");
                command.args(["netns", "exec", netns]).arg(program);
                command
            }
            None => Command::new(program),
        };
        let mut child = command
            .args([
                "--exact",
                &format!("role_{role}"),
                "--nocapture",
                "--test-threads=1",
            ])
            .env(ROLE, role)
            .env(DIR, dir)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let (sender, lines) = channel();
        let output = BufReader::new(child.stdout.take().unwrap());
        std::thread::spawn(move || {
            for line in output.lines().map_while(Result::ok) {
                if let Some((_, said)) = line.split_once(MARK)
                    && sender.send(said.to_owned()).is_err()
                {
                    return;
                }
            }
        });
        Self {
            input: child.stdin.take(),
            child,
            lines,
            said: Vec::new(),
        }
    }

    /// The next line that starts with `start`, within `patience`.
    pub(crate) fn expect(&mut self, start: &str, patience: Duration) -> String {
        self.wait_for(start, patience)
            .unwrap_or_else(|| panic!("no {start:?} within {patience:?}, but {:?}", self.said))
    }

    /// The next line that starts with `start`, or `None` after `patience`.
    pub(crate) fn wait_for(&mut self, start: &str, patience: Duration) -> Option<String> {
        let deadline = Instant::now() + patience;
        loop {
            match self
                .lines
                .recv_timeout(deadline.saturating_duration_since(Instant::now()))
            {
                Ok(line) => {
                    self.said.push(line.clone());
                    if line.starts_with(start) {
                        return Some(line);
                    }
                }
                Err(RecvTimeoutError::Timeout) => return None,
                Err(RecvTimeoutError::Disconnected) => {
                    panic!("the process ended after {:?}", self.said)
                }
            }
        }
    }

    /// Gives the process a line.
    pub(crate) fn tell(&mut self, line: &str) {
        writeln!(self.input.as_mut().unwrap(), "{line}").unwrap();
    }

    /// Ends the process as a crash would, and waits for its end.
    pub(crate) fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// Sends a signal by name; `STOP` and `CONT` are meant.
    #[cfg(unix)]
    pub(crate) fn signal(&self, name: &str) {
        let status = Command::new("kill")
            .args([&format!("-{name}"), &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(status.success());
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It may have ended by itself.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// In a role's function: the folder, or `None` in the test run proper, where the function has nothing to do.
pub(crate) fn role(name: &str) -> Option<std::path::PathBuf> {
    (std::env::var(ROLE).as_deref() == Ok(name)).then(|| std::env::var_os(DIR).unwrap().into())
}

/// In a role: says a line.
pub(crate) fn say(line: &str) {
    println!("{MARK}{line}");
}

/// In a role: the lines that it is told, until its parent is gone.
pub(crate) fn told() -> impl Iterator<Item = String> {
    std::io::stdin().lines().map_while(Result::ok)
}
