//! How everything that is not QUIC's own looks as bytes; `docs/wire-format.md` is the prose.

mod message;
mod offer;
mod probe;

pub use message::{
    Datagram, DatagramLane, DatagramPacker, Fragment, MAX_CONTROL, MAX_FRAGMENTS,
    MAX_STREAM_MESSAGE, StreamHeader, TooLong, Unframer, fragments, frame,
};
pub use offer::{MAX_CANDIDATES, MAX_OFFER, Offer, OfferError};
pub use probe::{PROBE_LEN, Probe};
