//! What sessions do, one behaviour a file.

mod chaos;
mod closing;
mod convergence;
mod disconnects;
mod forgetting;
mod idle;
mod info;
mod interleavings;
mod limits;
mod loopback;
mod nagle;
mod no_delay;
mod receiving;
mod requests;
mod support;
mod timeouts;
