//! The driver, on real sockets. One behaviour a file.
#![allow(clippy::unwrap_used)]

mod users;

mod first_messages_arrive;
mod works_over_loopback;
