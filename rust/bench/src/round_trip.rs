//! How long a message and its answer take.

use std::time::{Duration, Instant};

use anyhow::{Result, bail};

use crate::Plan;
use crate::report::{Report, median};
use crate::transport::{Kind, start};
use crate::usage::pin;

const KINDS: &[(Kind, bool)] = &[
    (Kind::Udp, false),
    (Kind::Tcp, true),
    (Kind::Enet, false),
    (Kind::Enet, true),
    (Kind::Samovar, false),
    (Kind::Samovar, true),
    (Kind::SamovarThreads, false),
    (Kind::SamovarThreads, true),
];
/// How many times UDP's the median may be, both ends on one core.
const BAR: f64 = 3.0;
const WARM_UP: Duration = Duration::from_millis(200);
/// How much longer the first answer is waited for.
const PATIENCE: Duration = Duration::from_secs(10);
/// After how long an answer is not waited for any more.
const LOST: Duration = Duration::from_millis(200);

struct Figures {
    p50_us: f64,
    p99_us: f64,
}

/// Measures the round trip of 64 B with everything, both ends on one core and on two.
pub(crate) fn measure(plan: &Plan, report: &mut Report) -> Result<()> {
    report.table(
        "Round trip of 64 B",
        "One message at a time, sent back by the other process. `x UDP` is the ratio of the medians in the same run. \
         What games have is `Samovar`, through both queues between the thread of the game and that of the network.",
        &["cores", "transport", "delivery", "p50 us", "p99 us", "x UDP"],
    );
    for far_core in [0, 1] {
        pin(0);
        let kinds: Vec<(Kind, bool)> = KINDS
            .iter()
            .copied()
            .filter(|(kind, reliable)| plan.has(&format!("64 B {}", delivery(*reliable)), *kind))
            .collect();
        let mut all: Vec<Vec<Figures>> = kinds.iter().map(|_| Vec::new()).collect();
        for _ in 0..plan.runs {
            for ((kind, reliable), figures) in kinds.iter().zip(&mut all) {
                figures.push(run(*kind, *reliable, far_core, plan.time)?);
            }
        }
        let medians: Vec<f64> = all
            .iter()
            .map(|figures| median(figures.iter().map(|run| run.p50_us)))
            .collect();
        let udp = medians.first().copied().unwrap_or(f64::NAN);
        for (((kind, reliable), figures), p50) in kinds.iter().zip(&all).zip(&medians) {
            let delivery = delivery(*reliable);
            report.row(&[
                (far_core + 1).to_string(),
                kind.title().to_owned(),
                delivery.to_owned(),
                format!("{p50:.1}"),
                format!("{:.1}", median(figures.iter().map(|run| run.p99_us))),
                format!("{:.2}", p50 / udp),
            ]);
            if *kind == Kind::Samovar && far_core == 0 {
                report.bar_at_most(
                    &format!("64 B {delivery} round trip on one core beside UDP"),
                    p50 / udp,
                    BAR,
                );
            }
        }
    }
    Ok(())
}

fn delivery(reliable: bool) -> &'static str {
    if reliable { "reliable" } else { "unreliable" }
}

fn run(kind: Kind, reliable: bool, far_core: usize, time: Duration) -> Result<Figures> {
    let (mut lines, mut transport) = start(kind, far_core)?;
    lines.say(if reliable {
        "echo reliable"
    } else {
        "echo unreliable"
    })?;
    let message = [9; 64];
    let mut micros = Vec::new();
    let started = Instant::now();
    let is_over = |micros: &[f64]| {
        let elapsed = started.elapsed();
        elapsed > WARM_UP + time && (!micros.is_empty() || elapsed > WARM_UP + time + PATIENCE)
    };
    while !is_over(&micros) {
        let sent = Instant::now();
        transport.send(reliable, &message);
        transport.flush()?;
        let mut came = false;
        while !came && sent.elapsed() < LOST {
            transport.turn(LOST, &mut |_| came = true)?;
        }
        if came && started.elapsed() > WARM_UP {
            micros.push(sent.elapsed().as_secs_f64() * 1e6);
        }
    }
    lines.end()?;
    if micros.is_empty() {
        bail!("{kind:?} brought no answer");
    }
    micros.sort_by(f64::total_cmp);
    Ok(Figures {
        p50_us: micros[micros.len() / 2],
        p99_us: micros[micros.len() * 99 / 100],
    })
}
