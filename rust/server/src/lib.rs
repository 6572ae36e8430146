//! Hosts a directory for the games that connect to it.
//!
//! [`Host`] joins the links of `samovar-net` to the state machine of `samovar-lobby`: it decodes what arrives,
//! proves who sent it and passes on what the directory answers, to each client in its turn. It has no socket and no clock of its own.

mod accounts;
mod host;
mod turns;

pub use accounts::{MAX_ACCOUNTS, WORK_BURST, WORK_PER_SECOND};
pub use host::{Client, HOST_GOODBYE, HOST_REFUSED, HOST_REPLACED, Host, HostOutput, MAX_CLIENTS};
pub use turns::{HOLD_FROM, MAX_BACKLOG, TURN_WORK};
