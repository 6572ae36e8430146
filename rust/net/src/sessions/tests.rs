//! What sessions do, one behaviour a file.

mod chaos;
mod closing;
mod connections;
mod convergence;
mod crossings;
mod disconnects;
mod fairness;
mod forgetting;
mod hostile_connections;
mod idle;
mod info;
mod interleavings;
mod limits;
mod loopback;
mod nagle;
mod no_delay;
mod own;
mod receiving;
mod requests;
mod support;
mod timeouts;
