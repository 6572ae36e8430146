//! What a game's traffic costs: 60 ticks a second of 64 messages.

use std::time::{Duration, Instant};

use anyhow::Result;

use crate::Plan;
use crate::far::Count;
use crate::process::Lines;
use crate::report::{Report, median};
use crate::transport::{Kind, Transport, start};
use crate::usage::{cpu_time, pin};

const TICKS_PER_SECOND: u32 = 60;
const MESSAGES: usize = 64;
const SIZE: usize = 100;
const KINDS: &[Kind] = &[Kind::Udp, Kind::Enet, Kind::Samovar];

struct Figures {
    cpu_percent: f64,
    arrived: f64,
}

/// Measures the processor time of both ends.
pub(crate) fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    pin(0);
    report.table(
        "A game's traffic: 60 ticks a second of 64 unreliable messages of 100 B",
        "",
        &["transport", "CPU of a core, both ends", "read"],
    );
    for kind in KINDS.iter().filter(|kind| plan.has("game", **kind)) {
        let runs: Vec<Figures> = (0..plan.runs)
            .map(|_| run(*kind, plan.time.max(Duration::from_millis(200))))
            .collect::<Result<_>>()?;
        report.row(&[
            kind.title().to_owned(),
            format!("{:.2} %", median(runs.iter().map(|run| run.cpu_percent))),
            format!(
                "{:.1} %",
                100.0 * median(runs.iter().map(|run| run.arrived))
            ),
        ]);
    }
    Ok(())
}

fn run(kind: Kind, time: Duration) -> Result<Figures> {
    let (mut lines, mut transport) = start(kind, 1)?;
    let transport = transport.as_mut();
    ticks(transport, Duration::from_millis(200))?;
    let first = count(transport, &mut lines)?;
    let (cpu, started) = (cpu_time(), Instant::now());
    let sent = ticks(transport, time)?;
    let (cpu, elapsed) = (cpu_time().saturating_sub(cpu), started.elapsed());
    let read = count(transport, &mut lines)?.since(&first);
    lines.end()?;
    #[allow(clippy::cast_precision_loss)] // Counts are far below 2^52.
    let arrived = read.messages as f64 / sent.max(1) as f64;
    Ok(Figures {
        cpu_percent: 100.0
            * (cpu.as_secs_f64() / elapsed.as_secs_f64()
                + read.cpu.as_secs_f64() / read.elapsed.as_secs_f64()),
        arrived,
    })
}

fn ticks(transport: &mut dyn Transport, time: Duration) -> Result<u64> {
    let message = [5; SIZE];
    let started = Instant::now();
    let mut next = started;
    let mut sent = 0;
    while started.elapsed() < time {
        for _ in 0..MESSAGES {
            sent += u64::from(transport.send(false, &message));
        }
        transport.flush()?;
        next += Duration::from_secs(1) / TICKS_PER_SECOND;
        while let Some(wait) = next
            .checked_duration_since(Instant::now())
            .filter(|wait| !wait.is_zero())
        {
            transport.turn(wait, &mut |_| {})?;
        }
    }
    Ok(sent)
}

fn count(transport: &mut dyn Transport, lines: &mut Lines) -> Result<Count> {
    lines.say("count")?;
    loop {
        transport.turn(Duration::from_millis(1), &mut |_| {})?;
        if let Some(count) = lines.find_after("count ") {
            return Count::parse(&count);
        }
    }
}
