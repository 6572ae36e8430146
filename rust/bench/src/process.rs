//! The other process, and the lines that go between the two.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, Command, Stdio};
use std::sync::mpsc::{self, Receiver};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// How long the other process may take to say something.
const PATIENCE: Duration = Duration::from_secs(60);

/// Lines to and from the other process.
pub(crate) struct Lines {
    to: Box<dyn Write>,
    from: Receiver<String>,
    /// The other process, where this one has started it.
    child: Option<Child>,
}

impl Lines {
    /// Starts the other process.
    pub(crate) fn start(arguments: &[&str]) -> Result<Self> {
        let mut child = Command::new(std::env::current_exe()?)
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("starting the other process")?;
        let to: ChildStdin = child.stdin.take().context("no standard input")?;
        let from = child.stdout.take().context("no standard output")?;
        Ok(Self {
            to: Box::new(to),
            from: lines(BufReader::new(from)),
            child: Some(child),
        })
    }

    /// Those of the process that has been started.
    pub(crate) fn inherited() -> Self {
        Self {
            to: Box::new(std::io::stdout()),
            from: lines(BufReader::new(std::io::stdin())),
            child: None,
        }
    }

    pub(crate) fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.to, "{line}")?;
        self.to.flush()?;
        Ok(())
    }

    /// The next line, if it is there.
    pub(crate) fn next(&self) -> Option<String> {
        self.from.try_recv().ok()
    }

    /// Waits for a line that begins with a word, and gives what follows it.
    pub(crate) fn wait(&self, word: &str) -> Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            let left = end.saturating_duration_since(Instant::now());
            let line = self
                .from
                .recv_timeout(left)
                .with_context(|| format!("waiting for {word:?}"))?;
            if let Some(rest) = line.strip_prefix(word) {
                return Ok(rest.trim().to_owned());
            }
        }
    }

    /// Ends the other process.
    pub(crate) fn end(mut self) -> Result<()> {
        self.say("end")?;
        let Some(mut child) = self.child.take() else {
            return Ok(());
        };
        let status = child.wait()?;
        if !status.success() {
            bail!("the other process ended with {status}");
        }
        Ok(())
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        if let Some(child) = &mut self.child {
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

fn lines(from: impl BufRead + Send + 'static) -> Receiver<String> {
    let (sender, receiver) = mpsc::channel();
    thread::spawn(move || {
        for line in from.lines().map_while(Result::ok) {
            if sender.send(line).is_err() {
                return;
            }
        }
    });
    receiver
}
