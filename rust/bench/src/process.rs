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
    /// A line that was looked at.
    ahead: Option<String>,
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
            ahead: None,
            child: Some(child),
        })
    }

    /// Those of the process that has been started.
    pub(crate) fn inherited() -> Self {
        Self {
            to: Box::new(std::io::stdout()),
            from: lines(BufReader::new(std::io::stdin())),
            ahead: None,
            child: None,
        }
    }

    pub(crate) fn say(&mut self, line: &str) -> Result<()> {
        writeln!(self.to, "{line}")?;
        self.to.flush()?;
        Ok(())
    }

    /// The next line, if it is there.
    pub(crate) fn next(&mut self) -> Option<String> {
        self.ahead.take().or_else(|| self.from.try_recv().ok())
    }

    /// What follows a word in the next line, if it is there and begins with it.
    pub(crate) fn next_after(&mut self, word: &str) -> Option<String> {
        let line = self.next()?;
        let rest = line.strip_prefix(word).map(|rest| rest.trim().to_owned());
        if rest.is_none() {
            self.ahead = Some(line);
        }
        rest
    }

    /// What follows a word in the first line that is there and begins with it. Those before it are of no interest.
    pub(crate) fn find_after(&mut self, word: &str) -> Option<String> {
        std::iter::from_fn(|| self.next())
            .find_map(|line| Some(line.strip_prefix(word)?.trim().to_owned()))
    }

    /// Waits for a line that begins with a word, and gives what follows it.
    pub(crate) fn wait(&mut self, word: &str) -> Result<String> {
        let end = Instant::now() + PATIENCE;
        loop {
            if let Some(rest) = self.find_after(word) {
                return Ok(rest);
            }
            let left = end.saturating_duration_since(Instant::now());
            let line = self.from.recv_timeout(left);
            self.ahead = Some(line.with_context(|| format!("waiting for {word:?}"))?);
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
