//! How long searches take, by how many lobbies there are, beside a look at every one.

use anyhow::Result;
use fastrand::Rng;
use samovar_lobby::limits::MAX_FILTERS;
use samovar_lobby::{Command, Comparison, Event, LobbySummary, SearchFilters};

use super::Plan;
use super::crowd::{Crowd, HUNDREDTHS, RANKS, TENTHS};
use super::scan::{distances, scan};
use crate::report::{Report, median};
use crate::usage::thread_time;

/// How many times as long as the slowest of a hundred searches a scan takes, at least.
const SCAN_BAR: f64 = 50.0;
/// How much longer the slowest of a hundred searches takes among ten times as many lobbies, at most.
const GROWTH_BAR: f64 = 2.0;
/// How often a scan is measured, at most once a round.
const SCANS: usize = 3;
/// The least lobbies that a scan is judged with.
const JUDGED: usize = 1_000_000;

/// A kind of search; what it wants is different each time.
struct Kind {
    title: &'static str,
    /// It is measured one time where others are so many times.
    rarely: usize,
    filters: fn(&mut Rng) -> SearchFilters,
}

const KINDS: &[Kind] = &[
    Kind {
        title: "three values of 50 %, 10 % and 1 %, near a number",
        rarely: 1,
        filters: |rng| {
            let mut filters = three_values(rng);
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "the same, near nothing",
        rarely: 1,
        filters: three_values,
    },
    Kind {
        title: "ranges of 50 % and 10 %, a value of 1 %, near a number",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            filters
                .number
                .push(("level".into(), 50, Comparison::Greater));
            let rank = below(rng, RANKS / 10 * 9);
            filters
                .number
                .push(("rank".into(), rank, Comparison::EqualOrGreater));
            let end = rank.saturating_add(number(RANKS / 10));
            filters.number.push(("rank".into(), end, Comparison::Less));
            filters
                .number
                .push(("map".into(), below(rng, HUNDREDTHS), Comparison::Equal));
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "two values that are not wanted (!=), near a number",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            text(
                &mut filters,
                "mode",
                "cooperative".into(),
                Comparison::NotEqual,
            );
            let region = region(rng);
            text(&mut filters, "region", region, Comparison::NotEqual);
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "five values that hardly any lobby has together",
        rarely: 1,
        filters: |rng| {
            let mut filters = three_values(rng);
            let server = format!("rack-{:03}", rng.usize(..HUNDREDTHS));
            text(&mut filters, "server", server, Comparison::Equal);
            filters
                .number
                .push(("level".into(), 1 + below(rng, 100), Comparison::Equal));
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "a range of texts of 10 %, near a number",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            let digit = rng.usize(1..10);
            for (digit, how) in [
                (digit, Comparison::EqualOrGreater),
                (digit + 1, Comparison::Less),
            ] {
                // What is behind 9 in a text.
                let digit = if digit == 10 {
                    ":".to_owned()
                } else {
                    digit.to_string()
                };
                text(&mut filters, "name", format!("Room of player {digit}"), how);
            }
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "near a number",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "near two numbers, the first of which many have",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            filters.near.push(("level".into(), 1 + below(rng, 100)));
            near(&mut filters, rng);
            filters
        },
    },
    Kind {
        title: "a value that one lobby has",
        rarely: 1,
        filters: |rng| {
            let mut filters = SearchFilters::default();
            let name = format!("Room of player {}", rng.usize(..10_000));
            text(&mut filters, "name", name, Comparison::Equal);
            filters
        },
    },
    Kind {
        title: "32 filters, of which hardly any excludes any",
        rarely: 100,
        filters: |rng| {
            let mut filters = SearchFilters {
                slots: 2,
                count: 250,
                ..SearchFilters::default()
            };
            for (key, from, to) in [("name", "A", "Z"), ("mode", "", "z"), ("server", "r", "s")] {
                text(&mut filters, key, from.into(), Comparison::Greater);
                text(&mut filters, key, to.into(), Comparison::Less);
                let region = region(rng);
                text(&mut filters, key, region, Comparison::NotEqual);
            }
            for key in ["level", "rank", "map"] {
                filters.number.push((key.into(), -1, Comparison::Greater));
                filters
                    .number
                    .push((key.into(), i32::MAX, Comparison::NotEqual));
            }
            while filters.text.len() + filters.number.len() + filters.near.len() < MAX_FILTERS {
                let key = ["map", "level", "rank"][filters.near.len() % 3];
                filters.near.push((key.into(), below(rng, HUNDREDTHS)));
            }
            filters
        },
    },
    Kind {
        title: "any",
        rarely: 1,
        filters: |_| SearchFilters::default(),
    },
];

fn three_values(rng: &mut Rng) -> SearchFilters {
    let mut filters = SearchFilters::default();
    text(&mut filters, "mode", "deathmatch".into(), Comparison::Equal);
    let region = region(rng);
    text(&mut filters, "region", region, Comparison::Equal);
    filters
        .number
        .push(("map".into(), below(rng, HUNDREDTHS), Comparison::Equal));
    filters
}

fn text(filters: &mut SearchFilters, key: &str, value: String, how: Comparison) {
    filters.text.push((key.into(), value, how));
}

fn near(filters: &mut SearchFilters, rng: &mut Rng) {
    filters.near.push(("rank".into(), below(rng, RANKS)));
}

fn region(rng: &mut Rng) -> String {
    format!("region-{}", rng.usize(..TENTHS))
}

fn below(rng: &mut Rng, end: usize) -> i32 {
    number(rng.usize(..end))
}

fn number(number: usize) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The times of one kind of search in one directory, in microseconds.
#[derive(Default)]
struct Times {
    p50: Vec<f64>,
    p99: Vec<f64>,
    max: f64,
    scan: Vec<f64>,
    found: usize,
}

/// Measures every kind of search in every directory, in turns.
pub(super) fn measure(plan: &Plan, crowds: &mut [Crowd], report: &mut Report) -> Result<()> {
    report.table(
        "Searches",
        &format!(
            "From the command to the answer with up to 50 lobbies and their data: the processor's time in microseconds, in \
             which nothing is waited for. What is wanted is different each time. {} searches a round; the medians of {} rounds, in which the directories take turns, \
             and of all the longest. A scan is a look at every lobby instead, for the same answer. `p99 x10` is the p99 \
             beside that among a tenth of the lobbies.",
            plan.searches, plan.rounds
        ),
        &["search", "lobbies", "found", "p50", "p99", "max", "p99 x10", "scan", "scan / p99"],
    );
    let kinds = KINDS.iter().enumerate();
    for (index, kind) in kinds.filter(|(_, kind)| kind.title.contains(&plan.search)) {
        let mut all: Vec<Times> = crowds.iter().map(|_| Times::default()).collect();
        for round in 0..plan.rounds {
            for (crowd, times) in crowds.iter_mut().zip(&mut all) {
                let mut rng = Rng::with_seed((round * 100 + index) as u64);
                let searches = plan.searches.div_ceil(kind.rarely);
                run(crowd, kind, searches, &mut rng, times);
                if round < SCANS {
                    compare(crowd, kind, &mut rng, times)?;
                }
            }
        }
        let mut smaller = f64::NAN;
        for (crowd, times) in crowds.iter().zip(&all) {
            let lobbies = crowd.lobbies.len();
            let p99 = median(times.p99.iter().copied());
            let scan = median(times.scan.iter().copied());
            let growth = p99 / smaller;
            smaller = p99;
            report.row(&[
                kind.title.to_owned(),
                lobbies.to_string(),
                times.found.to_string(),
                format!("{:.0}", median(times.p50.iter().copied())),
                format!("{p99:.0}"),
                format!("{:.0}", times.max),
                if growth.is_nan() {
                    String::new()
                } else {
                    format!("{growth:.2}")
                },
                format!("{scan:.0}"),
                format!("{:.0}", scan / p99),
            ]);
            // What the bars are for is the first kind.
            if index == 0 && lobbies >= JUDGED {
                let beside = "three values and a number: a scan beside the p99";
                report.bar_at_least(beside, scan / p99, SCAN_BAR);
                let grown =
                    "three values and a number: the p99 beside that of a tenth of the lobbies";
                report.bar_at_most(grown, growth, GROWTH_BAR);
            }
        }
    }
    Ok(())
}

/// Searches so often; the first tenth is not counted.
fn run(crowd: &mut Crowd, kind: &Kind, searches: usize, rng: &mut Rng, times: &mut Times) {
    let mut micros = Vec::with_capacity(searches);
    let warm_up = searches.div_ceil(10);
    for search in 0..searches + warm_up {
        let filters = (kind.filters)(rng);
        let (taken, found) = search_once(crowd, rng, filters);
        if search >= warm_up {
            micros.push(taken);
            times.found = times.found.max(found.len());
        }
    }
    micros.sort_by(f64::total_cmp);
    times.p50.push(micros[micros.len() / 2]);
    times.p99.push(micros[micros.len() * 99 / 100]);
    times.max = times.max.max(micros[micros.len() - 1]);
}

fn search_once(
    crowd: &mut Crowd,
    rng: &mut Rng,
    filters: SearchFilters,
) -> (f64, Vec<LobbySummary>) {
    let user = crowd.users[rng.usize(..crowd.users.len())];
    let command = Command::Search {
        request: crowd.next_request(),
        filters,
        patient: false,
    };
    let mut found = Vec::new();
    let started = thread_time();
    crowd.carry_out(user, command, &mut |_, event| {
        if let Event::Found { lobbies, .. } = event {
            found = lobbies;
        }
    });
    ((thread_time() - started).as_secs_f64() * 1e6, found)
}

/// Measures a scan, and that the search finds as good lobbies.
fn compare(crowd: &mut Crowd, kind: &Kind, rng: &mut Rng, times: &mut Times) -> Result<()> {
    let filters = (kind.filters)(rng);
    let started = thread_time();
    let expected = scan(&crowd.directory, &filters);
    let taken = thread_time() - started;
    times.scan.push(taken.as_secs_f64() * 1e6);
    let (_, found) = search_once(crowd, rng, filters.clone());
    let far = |lobbies: &[LobbySummary]| -> Vec<Option<Vec<u64>>> {
        let snapshots = lobbies.iter().map(|lobby| crowd.directory.lobby(lobby.id));
        snapshots
            .map(|lobby| lobby.map(|lobby| distances(lobby, &filters)))
            .collect()
    };
    anyhow::ensure!(
        far(&found) == far(&expected),
        "a search finds others than a scan: {filters:?}"
    );
    Ok(())
}
