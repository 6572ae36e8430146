//! How everything that is not QUIC's own looks as bytes; `docs/wire-format.md` is the prose.

mod message;
mod probe;
mod signal;

pub use message::{
    Datagram, DatagramLane, DatagramPacker, Fragment, MAX_CONTROL, MAX_FRAGMENTS,
    MAX_STREAM_MESSAGE, StreamHeader, TooLong, Unframer, fragments, frame,
};
pub use probe::{PROBE_LEN, Probe};
pub use signal::{Body, MAX_CANDIDATES, MAX_SIGNAL, Offer, Signal, SignalError};
