//! What a connection costs in memory, at both ends: one user here, connected with many users of the other process.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};
use samovar_id::SteamId;
use samovar_net::Identity;
use tokio::runtime::Runtime;

use crate::process::Lines;
use crate::report::Report;
use crate::transport::{User, introduce, next_signal, receive};
use crate::usage::resident_bytes;

/// How long all of them may take to connect.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the memory is let settle before it is read.
const SETTLE: Duration = Duration::from_secs(2);
/// The most that a connection may cost, in KiB.
const BAR: f64 = 40.0;

/// Measures the memory of a connection that has carried a message each way.
pub(crate) fn measure(connections: usize, report: &mut Report) -> Result<()> {
    let mut lines = Lines::start(&["far-memory", &connections.to_string()])?;
    let runtime = runtime()?;
    let inside = runtime.enter();
    let mut hub = User::new(Identity::generate())?;
    drop(inside);
    let peers: Vec<SteamId> = lines
        .wait("ids")?
        .split(' ')
        .map(|id| Ok(SteamId::from_raw(id.parse()?)))
        .collect::<Result<_>>()?;
    lines.say(&format!("hub {}", hub.id.raw()))?;
    touch_buffers(&runtime, std::slice::from_mut(&mut hub))?;
    let idle = resident_bytes()?;
    for peer in &peers {
        hub.send(*peer, true, &[1; 64]);
    }
    let mut read = 0;
    let end = Instant::now() + PATIENCE;
    while read < peers.len() || !peers.iter().all(|peer| hub.is_connected(*peer)) {
        exchange(&runtime, std::slice::from_mut(&mut hub), &mut lines)?;
        receive(&hub.sessions, &mut |_| read += 1);
        if Instant::now() > end {
            bail!("{read} of {} have answered", peers.len());
        }
    }
    let settled = Instant::now() + SETTLE;
    while Instant::now() < settled {
        exchange(&runtime, std::slice::from_mut(&mut hub), &mut lines)?;
    }
    let busy = resident_bytes()?;
    lines.say("measure")?;
    let far = loop {
        exchange(&runtime, std::slice::from_mut(&mut hub), &mut lines)?;
        if let Some(kib) = lines.find_after("memory ") {
            break kib.parse::<f64>()?;
        }
    };
    lines.end()?;
    let near = per_connection(idle, busy, peers.len());
    report.table(
        "Memory of a connection",
        &format!(
            "After the handshake, a reliable message each way and {} s, of {connections}: the growth of the resident memory.",
            SETTLE.as_secs()
        ),
        &["end", "KiB a connection", "MiB of the process before"],
    );
    #[allow(clippy::cast_precision_loss)] // Memory is far below 2^52.
    let idle = idle as f64 / 1024.0 / 1024.0;
    report.row(&[
        "one user with all of them".to_owned(),
        format!("{near:.1}"),
        format!("{idle:.1}"),
    ]);
    report.row(&[
        "many users with one each".to_owned(),
        format!("{far:.1}"),
        String::new(),
    ]);
    report.bar_at_most(
        "KiB of an idle connection, one user with all of them",
        near,
        BAR,
    );
    report.bar_at_most(
        "KiB of an idle connection, many users with one each",
        far,
        BAR,
    );
    Ok(())
}

/// The other end.
pub(crate) fn far(connections: usize) -> Result<()> {
    let mut lines = Lines::inherited();
    let runtime = runtime()?;
    let mut users = Vec::new();
    for _ in 0..connections {
        let _inside = runtime.enter();
        users.push(User::new(Identity::generate())?);
    }
    let ids: Vec<String> = users.iter().map(|user| user.id.raw().to_string()).collect();
    lines.say(&format!("ids {}", ids.join(" ")))?;
    let hub = SteamId::from_raw(lines.wait("hub")?.parse()?);
    touch_buffers(&runtime, &mut users)?;
    let idle = resident_bytes()?;
    for user in &users {
        user.send(hub, true, &[2; 64]);
    }
    loop {
        exchange(&runtime, &mut users, &mut lines)?;
        if lines.next_after("measure").is_some() {
            let kib = per_connection(idle, resident_bytes()?, connections);
            lines.say(&format!("memory {kib}"))?;
        }
        if lines.next_after("end").is_some() {
            return Ok(());
        }
        for user in &users {
            receive(&user.sessions, &mut |_| {});
        }
    }
}

/// Lets every driver use its buffers once: they belong to it and not to a connection.
fn touch_buffers(runtime: &Runtime, users: &mut [User]) -> Result<()> {
    let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
    for user in users {
        let address = user.driver.local_addr()?;
        for _ in 0..32 {
            socket.send_to(&[0; 1400], address)?;
        }
        runtime.block_on(user.turn(Duration::from_millis(1)));
    }
    Ok(())
}

fn runtime() -> Result<Runtime> {
    tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("no runtime")
}

fn per_connection(before: usize, after: usize, connections: usize) -> f64 {
    #[allow(clippy::cast_precision_loss)] // Memory is far below 2^52.
    let kib = after.saturating_sub(before) as f64 / 1024.0;
    #[allow(clippy::cast_precision_loss)]
    let connections = connections as f64;
    kib / connections
}

/// Lets every user do what there is to do, for a moment.
fn exchange(runtime: &Runtime, users: &mut [User], lines: &mut Lines) -> Result<()> {
    for user in users.iter_mut() {
        introduce(user, lines)?;
    }
    while let Some((from, to, payload)) = next_signal(lines)? {
        if let Some(user) = users.iter_mut().find(|user| user.id == to) {
            user.signal(from, &payload);
        }
    }
    runtime.block_on(async {
        for user in users {
            user.turn(Duration::from_micros(100)).await;
        }
    });
    Ok(())
}
