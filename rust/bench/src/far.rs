//! The other end: reads, counts, and sends back when it is told to.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::process::Lines;
use crate::transport::Kind;
use crate::usage::{cpu_time, pin};

/// How long it waits where there is nothing to do.
const WAIT: Duration = Duration::from_millis(5);

/// What it does with a message.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Mode {
    Count,
    Echo { reliable: bool },
}

/// What the other end has counted since it was started.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Count {
    pub(crate) messages: u64,
    pub(crate) cpu: Duration,
    pub(crate) elapsed: Duration,
}

impl Count {
    pub(crate) fn parse(line: &str) -> Result<Self> {
        let mut words = line.split(' ').map(str::parse::<u64>);
        let mut number = || words.next().unwrap_or(Ok(0));
        Ok(Self {
            messages: number()?,
            cpu: Duration::from_nanos(number()?),
            elapsed: Duration::from_nanos(number()?),
        })
    }

    /// What has come since an earlier count.
    pub(crate) fn since(&self, earlier: &Self) -> Self {
        Self {
            messages: self.messages - earlier.messages,
            cpu: self.cpu.saturating_sub(earlier.cpu),
            elapsed: self.elapsed.saturating_sub(earlier.elapsed),
        }
    }
}

/// Runs until it is told to end, or the other process is gone.
pub(crate) fn run(kind: Kind, core: usize) -> Result<()> {
    pin(core);
    let mut lines = Lines::inherited();
    let mut transport = kind.connect(&mut lines, false)?;
    lines.say("ready")?;
    let started = Instant::now();
    let mut mode = Mode::Count;
    let mut messages = 0;
    let mut back = Vec::new();
    loop {
        transport.turn(WAIT, &mut |message| {
            messages += 1;
            if mode != Mode::Count {
                back.push(message.to_vec());
            }
        })?;
        if let Mode::Echo { reliable } = mode
            && !back.is_empty()
        {
            for message in back.drain(..) {
                transport.send(reliable, &message);
            }
            transport.flush()?;
        }
        match lines.next().as_deref() {
            None => {}
            Some("end") => return Ok(()),
            Some("count") => {
                let (cpu, elapsed) = (cpu_time().as_nanos(), started.elapsed().as_nanos());
                lines.say(&format!("count {messages} {cpu} {elapsed}"))?;
            }
            Some("echo reliable") => mode = Mode::Echo { reliable: true },
            Some("echo unreliable") => mode = Mode::Echo { reliable: false },
            Some(_) => {}
        }
    }
}
