//! How much a directory carries out in a second.

use samovar_id::SteamId;
use samovar_lobby::{Change, Event, FromDirectory, frame};

use super::Plan;
use super::crowd::{Crowd, RANKS};
use crate::report::{Report, median};
use crate::usage::thread_time;

/// How many members a lobby has.
const MEMBERS: usize = 4;
/// How many a large one has.
const MANY: usize = 250;
/// What is said.
const LINE: &str = "Anybody for another round of tea?";

/// What is carried out, and told to members.
#[derive(Clone, Copy)]
enum Work {
    Leave,
    Join,
    Data,
    Chat,
}

const WORK: [(Work, &str); 4] = [
    (Work::Leave, "leaves"),
    (Work::Join, "joins"),
    (Work::Data, "data changes"),
    (Work::Chat, "chat lines"),
];

/// In a second.
#[derive(Clone, Copy)]
struct Rate {
    commands: f64,
    events: f64,
}

/// Measures every kind of work among few and many lobbies, and what one large lobby is told.
pub(super) fn measure(plan: &Plan, report: &mut Report) {
    report.table(
        "Work of a directory",
        &format!(
            "Commands in a second of the processor's time, with every event that comes of them taken, on one thread, in lobbies of {MEMBERS} members \
             with 8 keys, all of them in random order; `as frames` with every event encoded, as whoever hosts it does. \
             Medians of {} rounds of up to {} commands. That everyone counts as everyone's friend, as on a directory inside a \
             game, is off.",
            plan.rounds, plan.commands
        ),
        &["work", "lobbies", "users", "commands/s", "events/s", "commands/s as frames", "events/s as frames"],
    );
    for lobbies in &plan.full_lobbies {
        let mut crowd = full(*lobbies, MEMBERS);
        rows(plan, &mut crowd, MEMBERS, &WORK, report);
    }
    let mut crowd = full(1, MANY);
    let chat = [(Work::Chat, "chat lines in a lobby of 250")];
    rows(plan, &mut crowd, MANY, &chat, report);
}

/// A directory of full lobbies with data.
fn full(lobbies: usize, members: usize) -> Crowd {
    let mut crowd = Crowd::default();
    crowd.connect(lobbies * members);
    let limit = u32::try_from(members).unwrap_or(u32::MAX);
    for lobby in 0..lobbies {
        let owner = lobby * members;
        crowd.create(owner, limit);
        crowd.set_all_data(owner, lobby);
        for guest in 1..members {
            crowd.join(owner + guest, lobby, &mut |_, _| {});
        }
    }
    crowd
}

fn rows(
    plan: &Plan,
    crowd: &mut Crowd,
    members: usize,
    work: &[(Work, &str)],
    report: &mut Report,
) {
    let mut rates: Vec<[Vec<Rate>; 2]> = work.iter().map(|_| Default::default()).collect();
    for _ in 0..plan.rounds {
        for as_frames in [false, true] {
            // Who leaves joins again, so that every round finds the same.
            let order = lobbies_in_any_order(plan, crowd);
            for ((work, _), rates) in work.iter().zip(&mut rates) {
                rates[usize::from(as_frames)].push(round(crowd, members, *work, &order, as_frames));
            }
        }
    }
    for ((_, title), [plain, framed]) in work.iter().zip(&rates) {
        let commands =
            |rates: &[Rate]| format!("{:.0}", median(rates.iter().map(|rate| rate.commands)));
        let events =
            |rates: &[Rate]| format!("{:.0}", median(rates.iter().map(|rate| rate.events)));
        report.row(&[
            (*title).to_owned(),
            crowd.lobbies.len().to_string(),
            crowd.users.len().to_string(),
            commands(plain),
            events(plain),
            commands(framed),
            events(framed),
        ]);
    }
}

fn lobbies_in_any_order(plan: &Plan, crowd: &mut Crowd) -> Vec<usize> {
    let mut order: Vec<usize> = (0..crowd.lobbies.len()).collect();
    crowd.rng.shuffle(&mut order);
    order.truncate(plan.commands);
    order
}

/// Carries out the same in some lobbies.
fn round(crowd: &mut Crowd, members: usize, work: Work, order: &[usize], as_frames: bool) -> Rate {
    let mut bytes = 0;
    let mut take = |_: SteamId, event: Event| {
        if as_frames {
            let frame = frame::encode(&FromDirectory::Event(event));
            bytes += frame.map_or(0, |frame| frame.len());
        }
    };
    // One lobby takes all of it, where there is one only.
    let times = if order.len() == 1 { 1000 } else { 1 };
    let mut events = 0;
    let started = thread_time();
    for (seq, lobby) in (0..times).flat_map(|_| order).enumerate() {
        let owner = lobby * members;
        let guest = owner + members - 1;
        events += match work {
            Work::Leave => crowd.change(guest, *lobby, Change::Leave, &mut take),
            Work::Join => crowd.join(guest, *lobby, &mut take),
            Work::Data => {
                let rank = crowd.rng.usize(..RANKS).to_string();
                let change = Change::Data([("rank".to_owned(), rank)].into());
                crowd.change(owner, *lobby, change, &mut take)
            }
            Work::Chat => {
                let change = Change::Chat {
                    seq: seq as u64,
                    text: LINE.to_owned(),
                };
                let speaker = owner + seq % members;
                crowd.change(speaker, *lobby, change, &mut take)
            }
        };
    }
    let seconds = (thread_time() - started).as_secs_f64();
    std::hint::black_box(bytes);
    #[allow(clippy::cast_precision_loss)] // Counts are far below 2^52.
    let (commands, events) = ((order.len() * times) as f64, events as f64);
    Rate {
        commands: commands / seconds,
        events: events / seconds,
    }
}
