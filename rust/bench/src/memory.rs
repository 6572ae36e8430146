//! What a connection costs in memory, at both ends: some users here, each connected with all users of the other process.

use std::net::{Ipv4Addr, UdpSocket};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use samovar_id::SteamId;
use samovar_net::Identity;
use tokio::runtime::Runtime;

use crate::process::Lines;
use crate::report::Report;
use crate::transport::{User, introduce, next_signal, receive};
use crate::usage::resident_bytes;

/// How many users this process is. What an endpoint needs anyhow is spread over its connections.
const NEAR_USERS: usize = 10;
/// How long all of them may take to connect.
const PATIENCE: Duration = Duration::from_secs(120);
/// How long the memory is let settle before it is read.
const SETTLE: Duration = Duration::from_secs(2);
/// The most that a connection may cost, in KiB.
const BAR: f64 = 40.0;

/// Measures the memory of a connection that has carried a message each way.
pub(crate) fn measure(connections: usize, report: &mut Report) -> Result<()> {
    let far_users = connections.div_ceil(NEAR_USERS).max(1);
    let mut lines = Lines::start(&["far-memory", &far_users.to_string()])?;
    let mut near = Users::new(NEAR_USERS, &mut lines)?;
    near.greet(1);
    near.work_until(&mut lines, |users, _| users.is_done())?;
    let settled = Instant::now() + SETTLE;
    near.work_until(&mut lines, |_, _| Instant::now() > settled)?;
    let own = near.kib_a_connection()?;
    lines.say("measure")?;
    let mut others = None;
    near.work_until(&mut lines, |_, lines| {
        others = lines.find_after("memory ");
        others.is_some()
    })?;
    let others: f64 = others.unwrap_or_default().parse()?;
    lines.end()?;
    report.table(
        "Memory of a connection",
        &format!(
            "{} connections between {NEAR_USERS} users of one process and {far_users} of another: the growth of the \
             resident memory, after the handshake, a reliable message each way and {} s.",
            NEAR_USERS * far_users,
            SETTLE.as_secs()
        ),
        &["end", "KiB a connection"],
    );
    for (end, users, kib) in [("one", NEAR_USERS, own), ("the other", far_users, others)] {
        report.row(&[format!("{end}, {users} users"), format!("{kib:.1}")]);
        report.bar_at_most(&format!("KiB of an idle connection, {end} end"), kib, BAR);
    }
    Ok(())
}

/// The other end.
pub(crate) fn far(users: usize) -> Result<()> {
    let mut lines = Lines::inherited();
    let mut far = Users::new(users, &mut lines)?;
    far.greet(2);
    far.work_until(&mut lines, |_, lines| lines.next_after("measure").is_some())?;
    let kib = far.kib_a_connection()?;
    lines.say(&format!("memory {kib}"))?;
    far.work_until(&mut lines, |_, lines| lines.next_after("end").is_some())
}

/// The users of this process.
struct Users {
    runtime: Runtime,
    users: Vec<User>,
    /// Those of the other process.
    others: Vec<SteamId>,
    read: usize,
    /// The memory before anybody was connected, in bytes.
    before: usize,
}

impl Users {
    /// Users that know who those of the other process are.
    fn new(count: usize, lines: &mut Lines) -> Result<Self> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let mut users = Vec::new();
        for _ in 0..count {
            let _inside = runtime.enter();
            users.push(User::new(Identity::generate())?);
        }
        let ids: Vec<String> = users.iter().map(|user| user.id.raw().to_string()).collect();
        lines.say(&format!("ids {}", ids.join(" ")))?;
        let others = lines
            .wait("ids ")?
            .split(' ')
            .map(|id| Ok(SteamId::from_raw(id.parse()?)))
            .collect::<Result<_>>()?;
        let mut users = Self {
            runtime,
            users,
            others,
            read: 0,
            before: 0,
        };
        users.touch_buffers()?;
        users.before = resident_bytes()?;
        Ok(users)
    }

    /// Lets every driver use its buffers once: they belong to it and not to a connection.
    fn touch_buffers(&mut self) -> Result<()> {
        let socket = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0))?;
        for user in &mut self.users {
            let address = user.driver.local_addr()?;
            for _ in 0..32 {
                socket.send_to(&[0; 1400], address)?;
            }
            self.runtime.block_on(user.turn(Duration::from_millis(1)));
        }
        Ok(())
    }

    /// Everybody here sends a message to everybody there.
    fn greet(&self, word: u8) {
        for user in &self.users {
            for other in &self.others {
                user.send(*other, true, &[word; 64]);
            }
        }
    }

    /// Whether everybody has heard of everybody.
    fn is_done(&self) -> bool {
        let connected = |user: &User| self.others.iter().all(|other| user.is_connected(*other));
        self.read >= self.users.len() * self.others.len() && self.users.iter().all(connected)
    }

    fn kib_a_connection(&self) -> Result<f64> {
        let grown = resident_bytes()?.saturating_sub(self.before);
        #[allow(clippy::cast_precision_loss)] // Memory is far below 2^52.
        let (grown, connections) = (grown as f64, (self.users.len() * self.others.len()) as f64);
        Ok(grown / 1024.0 / connections)
    }

    /// Lets everybody do what there is to do until something is so.
    fn work_until(
        &mut self,
        lines: &mut Lines,
        mut done: impl FnMut(&Self, &mut Lines) -> bool,
    ) -> Result<()> {
        let end = Instant::now() + PATIENCE;
        while !done(self, lines) {
            ensure!(Instant::now() < end, "{} messages came", self.read);
            for user in &mut self.users {
                introduce(user, lines)?;
            }
            while let Some((from, to, payload)) = next_signal(lines)? {
                let user = self.users.iter_mut().find(|user| user.id == to);
                user.context("a signal for a stranger")?
                    .signal(from, &payload);
            }
            for user in &mut self.users {
                self.runtime.block_on(user.turn(Duration::from_micros(100)));
                receive(&user.sessions, &mut |_| self.read += 1);
            }
        }
        Ok(())
    }
}
