//! How QUIC is set up between peers.

use std::sync::Arc;
use std::time::Duration;

use quinn_proto::{MtuDiscoveryConfig, TransportConfig, VarInt};

use super::INITIAL_RTT;
use super::budget::{CONNECTION_ROOM, MAX_ROOM};
use super::links::idle_timeout;
use super::peer::FIRST_STREAMS;
use super::rate::{LOSS_AFTER_PACKETS, LOSS_AFTER_ROUND_TRIPS, RateFactory, Rates};

/// The most bytes that one connection keeps for sending.
const SEND_WINDOW: u64 = 4 * 1024 * 1024;
/// The most bytes of datagrams that are handed to QUIC in advance; the rest waits in sessions.
pub(super) const DATAGRAM_SEND_BUFFER: usize = 256 * 1024;
/// The most bytes of datagrams that QUIC keeps between two readings; then the oldest go.
const DATAGRAM_RECEIVE_BUFFER: usize = 1024 * 1024;

/// The least and the most that the largest packet to a peer can be, in bytes: what QUIC needs, and what an Ethernet
/// carries (RFC 8899).
const PACKET_SIZES: std::ops::RangeInclusive<u16> = 1200..=super::MAX_PACKET_SIZE;

/// After how long large packets are tried again where they seemed to vanish.
const LARGE_PACKETS_AGAIN: Duration = Duration::from_secs(5);

/// The configuration of connections that a silent peer keeps for so long, with packets of at most so many bytes.
pub(super) fn transport(idle: Duration, packet_size: u16, rates: &Arc<Rates>) -> TransportConfig {
    let mut discovery = MtuDiscoveryConfig::default();
    discovery
        .upper_bound(packet_size.clamp(*PACKET_SIZES.start(), *PACKET_SIZES.end()))
        // Loss in bursts looks as if large packets vanished.
        .black_hole_cooldown(LARGE_PACKETS_AGAIN);
    let mut transport = TransportConfig::default();
    transport
        .max_concurrent_bidi_streams(VarInt::from_u32(0))
        .max_concurrent_uni_streams(VarInt::from_u32(FIRST_STREAMS))
        .stream_receive_window(window(MAX_ROOM))
        // It grows with what the streams may have unread.
        .receive_window(window(CONNECTION_ROOM))
        .send_window(SEND_WINDOW)
        .datagram_send_buffer_size(DATAGRAM_SEND_BUFFER)
        .datagram_receive_buffer_size(Some(DATAGRAM_RECEIVE_BUFFER))
        .initial_rtt(INITIAL_RTT)
        .mtu_discovery_config(Some(discovery))
        .congestion_controller_factory(Arc::new(RateFactory(Arc::clone(rates))))
        .packet_threshold(LOSS_AFTER_PACKETS)
        .time_threshold(LOSS_AFTER_ROUND_TRIPS)
        .max_idle_timeout(idle_timeout(idle))
        .keep_alive_interval(Some((idle / 5).min(Duration::from_secs(1))));
    transport
}

fn window(bytes: usize) -> VarInt {
    VarInt::from_u32(u32::try_from(bytes).unwrap_or(u32::MAX))
}
