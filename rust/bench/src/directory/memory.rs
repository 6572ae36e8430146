//! What a directory's lobbies cost in memory.

use anyhow::Result;

use super::crowd::Crowd;
use crate::report::Report;
use crate::usage::resident_bytes;

/// The most that a lobby without data may cost, with its only member, in KiB.
const BAR: f64 = 1.0;

/// The growth of the resident memory, in bytes a lobby.
pub(super) struct Footprint {
    lobbies: usize,
    user: f64,
    lobby: f64,
    data: f64,
    /// Of `data`, what a plain copy of them takes.
    copy: f64,
}

/// Makes so many lobbies, each of a user of its own, with data.
pub(super) fn fill(crowd: &mut Crowd, lobbies: usize) -> Result<Footprint> {
    crowd.users.reserve_exact(lobbies);
    crowd.lobbies.reserve_exact(lobbies);
    let empty = resident_bytes()?;
    crowd.connect(lobbies);
    let connected = resident_bytes()?;
    for user in 0..lobbies {
        crowd.create(user, 4);
    }
    let created = resident_bytes()?;
    for user in 0..lobbies {
        crowd.set_all_data(user, user);
    }
    let filled = resident_bytes()?;
    // As many as there have to be for the pages to be counted.
    let copied = crowd.directory.lobbies().take(100_000);
    let copies: Vec<_> = copied.map(|lobby| lobby.data.clone()).collect();
    let copied = resident_bytes()?;
    // The crowd's own lists, which are no part of the directory.
    let own = (size_of_val(&crowd.users[..]) + size_of_val(&crowd.lobbies[..])) / 2;
    Ok(Footprint {
        lobbies,
        user: each(empty + own, connected, lobbies),
        lobby: each(connected + own, created, lobbies),
        data: each(created, filled, lobbies),
        copy: each(filled, copied, copies.len()),
    })
}

#[allow(clippy::cast_precision_loss)] // Memory is far below 2^52.
fn each(before: usize, after: usize, count: usize) -> f64 {
    after.saturating_sub(before) as f64 / count as f64
}

/// Tells what the lobbies cost.
pub(super) fn tell(footprints: &[Footprint], report: &mut Report) {
    report.table(
        "Memory of a lobby",
        "The growth of the resident memory while users connect, each makes a lobby, and each gives it 8 keys with values of \
         1 to 24 bytes, in bytes a lobby. A user is an entry in a table that doubles as it grows, with a name and four limits of rates. The lobby \
         itself is its entry, that of its ID, its list of members with a name, and the list of lobbies that its user is in. \
         The index is what the data take beyond a plain copy of them; without data it is about a byte.",
        &["lobbies", "its user", "itself", "its data", "their index", "all"],
    );
    for footprint in footprints {
        let Footprint {
            user,
            lobby,
            data,
            copy,
            ..
        } = footprint;
        let copy = copy.min(*data);
        report.row(&[
            footprint.lobbies.to_string(),
            format!("{user:.0}"),
            format!("{lobby:.0}"),
            format!("{copy:.0}"),
            format!("{:.0}", data - copy),
            format!("{:.0}", user + lobby + data),
        ]);
    }
    if let Some(most) = footprints.last() {
        report.bar_at_most(
            &format!(
                "KiB of each of {} lobbies without data, with its user",
                most.lobbies
            ),
            (most.user + most.lobby) / 1024.0,
            BAR,
        );
    }
}
