//! How many messages a second one process reads of what the other sends as fast as it can.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Plan;
use crate::far::Count;
use crate::process::Lines;
use crate::report::{Report, median};
use crate::transport::{Kind, Transport, start};
use crate::usage::{cpu_time, pin};

/// What is measured: messages of a size, so many handed over at a time.
struct Load {
    title: &'static str,
    size: usize,
    /// How many messages a tick has; the transport gets its turn between ticks.
    tick: usize,
    reliable: bool,
    kinds: &'static [Kind],
    /// How many times as many as ENet's there have to be.
    bar: f64,
}

const RELIABLE: &[Kind] = &[Kind::Tcp, Kind::Enet, Kind::Samovar, Kind::SamovarThreads];
const UNRELIABLE: &[Kind] = &[Kind::Udp, Kind::Enet, Kind::Samovar, Kind::SamovarThreads];

const fn load(title: &'static str, size: usize, tick: usize, reliable: bool, bar: f64) -> Load {
    let kinds = if reliable { RELIABLE } else { UNRELIABLE };
    Load {
        title,
        size,
        tick,
        reliable,
        kinds,
        bar,
    }
}

const LOADS: &[Load] = &[
    load("64 B reliable, 64 a tick", 64, 64, true, 1.0),
    load("64 B unreliable, 64 a tick", 64, 64, false, 1.0),
    load("64 B reliable, 1000 a tick", 64, 1000, true, 2.0),
    load("64 B unreliable, 1000 a tick", 64, 1000, false, 2.0),
    load("1 KiB reliable, 64 a tick", 1024, 64, true, 1.0),
    load("1 KiB unreliable, 64 a tick", 1024, 64, false, 1.0),
    load("64 KiB reliable, 1 a tick", 65_536, 1, true, 2.0),
];

/// How long the other end is let work before it counts.
const WARM_UP: Duration = Duration::from_millis(300);
/// How long a transport that takes no more waits.
const BLOCKED: Duration = Duration::from_millis(1);

struct Figures {
    per_second: f64,
    cpu_us: f64,
    /// Of what was taken, how much was read.
    arrived: f64,
}

/// Measures every load with everything.
pub(crate) fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    pin(0);
    report.table(
        "Messages a second, one way",
        "Read by the other process, each process on a core of its own; `x ENet` is the ratio to ENet's in the same run. \
         CPU is that of both ends for each message that was read. Between ticks the transport gets its turn. `Samovar` is \
         what games have, with a network thread of its own; `Samovar, one thread` does all on one, as ENet does.",
        &["load", "transport", "messages/s", "x ENet", "MB/s", "CPU us a message", "of those sent, read"],
    );
    for load in LOADS {
        let kinds: Vec<Kind> = load
            .kinds
            .iter()
            .copied()
            .filter(|kind| plan.has(load.title, *kind))
            .collect();
        let mut all: Vec<Vec<Figures>> = kinds.iter().map(|_| Vec::new()).collect();
        for _ in 0..plan.runs {
            for (kind, figures) in kinds.iter().zip(&mut all) {
                figures.push(run(*kind, load, plan.time)?);
            }
        }
        let rates: Vec<f64> = all
            .iter()
            .map(|figures| median(figures.iter().map(|run| run.per_second)))
            .collect();
        let enet = kinds
            .iter()
            .zip(&rates)
            .find(|(kind, _)| **kind == Kind::Enet)
            .map_or(f64::NAN, |(_, rate)| *rate);
        for ((kind, figures), rate) in kinds.iter().zip(&all).zip(&rates) {
            #[allow(clippy::cast_precision_loss)] // Sizes are small.
            let megabytes = rate * load.size as f64 / 1e6;
            report.row(&[
                load.title.to_owned(),
                kind.title().to_owned(),
                format!("{rate:.0}"),
                format!("{:.2}", rate / enet),
                format!("{megabytes:.0}"),
                format!("{:.2}", median(figures.iter().map(|run| run.cpu_us))),
                format!(
                    "{:.0} %",
                    100.0 * median(figures.iter().map(|run| run.arrived))
                ),
            ]);
            // As ENet is: all of it on the thread of the game.
            if *kind == Kind::Samovar && !enet.is_nan() {
                let what = format!("{}, beside ENet's", load.title);
                report.bar_at_least(&what, rate / enet, load.bar);
            }
        }
    }
    Ok(())
}

fn run(kind: Kind, load: &Load, time: Duration) -> Result<Figures> {
    let (mut lines, mut transport) = start(kind, 1)?;
    let mut sender = Sender {
        transport: transport.as_mut(),
        message: vec![7; load.size],
        load,
        sent: 0,
    };
    sender.send_for(WARM_UP)?;
    let first = sender.count(&mut lines)?;
    let (sent, cpu) = (sender.sent, cpu_time());
    sender.send_for(time)?;
    let cpu = cpu_time().saturating_sub(cpu);
    let sent = sender.sent - sent;
    let read = sender.count(&mut lines)?.since(&first);
    lines.end()?;
    #[allow(clippy::cast_precision_loss)] // Counts are far below 2^52.
    let (messages, sent) = (read.messages as f64, sent as f64);
    Ok(Figures {
        per_second: messages / read.elapsed.as_secs_f64(),
        cpu_us: (cpu + read.cpu).as_secs_f64() * 1e6 / messages.max(1.0),
        arrived: messages / sent.max(1.0),
    })
}

struct Sender<'a> {
    transport: &'a mut dyn Transport,
    message: Vec<u8>,
    load: &'a Load,
    sent: u64,
}

impl Sender<'_> {
    /// Sends a tick and lets the transport work.
    fn tick(&mut self) -> Result<()> {
        let mut wait = Duration::ZERO;
        for _ in 0..self.load.tick {
            if !self.transport.send(self.load.reliable, &self.message) {
                wait = BLOCKED;
                break;
            }
            self.sent += 1;
        }
        self.transport.turn(wait, &mut |_| {})
    }

    fn send_for(&mut self, time: Duration) -> Result<()> {
        let end = Instant::now() + time;
        while Instant::now() < end {
            self.tick()?;
        }
        Ok(())
    }

    /// What the other end has counted, without a pause in the sending.
    fn count(&mut self, lines: &mut Lines) -> Result<Count> {
        lines.say("count")?;
        loop {
            self.tick()?;
            if let Some(count) = lines.find_after("count ") {
                return Count::parse(&count);
            }
        }
    }
}
