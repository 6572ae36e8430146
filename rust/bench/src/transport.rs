//! What two processes talk with.

mod enet;
mod samovar;
mod tcp;
mod threads;
mod udp;

use std::net::SocketAddr;
use std::os::fd::AsFd;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use rustix::event::{PollFd, PollFlags, Timespec, poll};

pub(crate) use samovar::{User, introduce, next_signal, receive};

use crate::process::Lines;

/// The size that is asked for the buffers of every socket, in bytes.
const SOCKET_BUFFER: usize = 2 * 1024 * 1024;

/// How long connecting may take.
const PATIENCE: Duration = Duration::from_secs(20);

/// What there is to talk with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub(crate) enum Kind {
    /// Bare datagrams.
    Udp,
    /// A stream, each message behind its length.
    Tcp,
    /// ENet, not encrypted.
    Enet,
    /// samovar-net on the thread of the game.
    Samovar,
    /// samovar-net on a thread of its own, as games have it.
    SamovarThreads,
}

impl Kind {
    /// Its name on the command line.
    pub(crate) fn word(self) -> &'static str {
        match self {
            Self::Udp => "udp",
            Self::Tcp => "tcp",
            Self::Enet => "enet",
            Self::Samovar => "samovar",
            Self::SamovarThreads => "samovar-threads",
        }
    }

    /// Its name in tables.
    pub(crate) fn title(self) -> &'static str {
        match self {
            Self::Udp => "UDP",
            Self::Tcp => "TCP",
            Self::Enet => "ENet",
            Self::Samovar => "Samovar, one thread",
            Self::SamovarThreads => "Samovar",
        }
    }

    /// Connects to the other process.
    pub(crate) fn connect(self, lines: &mut Lines, is_near: bool) -> Result<Box<dyn Transport>> {
        Ok(match self {
            Self::Udp => Box::new(udp::Udp::connect(lines)?),
            Self::Tcp => Box::new(tcp::Tcp::connect(lines, is_near)?),
            Self::Enet => Box::new(enet::Enet::connect(lines, is_near)?),
            Self::Samovar => Box::new(samovar::Samovar::connect(lines)?),
            Self::SamovarThreads => Box::new(threads::Threads::connect(lines)?),
        })
    }
}

/// Starts the other process on a core and connects to it.
pub(crate) fn start(kind: Kind, core: usize) -> Result<(Lines, Box<dyn Transport>)> {
    let mut lines = Lines::start(&["far", kind.word(), &core.to_string()])?;
    let mut transport = kind.connect(&mut lines, true)?;
    let end = Instant::now() + PATIENCE;
    while lines.find_after("ready").is_none() {
        // The other side may still wait for something to be acknowledged.
        transport.turn(Duration::from_millis(1), &mut |_| {})?;
        ensure!(Instant::now() < end, "{kind:?} does not connect");
    }
    Ok((lines, transport))
}

/// A connection between the two processes.
pub(crate) trait Transport {
    /// Takes a message to be sent; false when it takes none now.
    fn send(&mut self, reliable: bool, message: &[u8]) -> bool;

    /// Sends what can be sent now.
    fn flush(&mut self) -> Result<()>;

    /// Sends what can be sent and hands over what has come; waits for so long at most where there is nothing to do.
    fn turn(&mut self, wait: Duration, take: &mut dyn FnMut(&[u8])) -> Result<()>;
}

/// Tells the other process an address, and learns its.
fn exchange_addresses(lines: &mut Lines, own: SocketAddr) -> Result<SocketAddr> {
    lines.say(&format!("address {own}"))?;
    lines
        .wait("address")?
        .parse()
        .context("the other's address")
}

/// Waits until something can be read, or written if that is wanted.
fn wait_for(socket: impl AsFd, writable: bool, wait: Duration) -> Result<()> {
    let mut flags = PollFlags::IN;
    if writable {
        flags |= PollFlags::OUT;
    }
    let wait = Timespec {
        tv_sec: i64::try_from(wait.as_secs())?,
        tv_nsec: i64::from(wait.subsec_nanos()),
    };
    poll(&mut [PollFd::new(&socket, flags)], Some(&wait))?;
    Ok(())
}
