//! What a connection has of its own: how long its messages wait for more, how long it may take to open, and what waits on each of its
//! lanes.

use std::time::Duration;

use samovar_id::SteamId;

use super::Sessions;
use super::control::{ConnectionId, Flow};

/// What waits on a lane of a connection, in bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneInfo {
    /// Of unreliable messages, those that wait to be handed to QUIC.
    pub unreliable_bytes: usize,
    /// The same of reliable messages.
    pub reliable_bytes: usize,
    /// Those of reliable messages that QUIC has and the peer has not acknowledged. Of a connection whose lanes were never
    /// configured, those of all.
    pub unacknowledged_bytes: usize,
}

impl Sessions {
    /// Sets how long small messages of a connection wait for more to go with them, in place of what is configured for all.
    pub fn set_nagle(&mut self, peer: SteamId, id: ConnectionId, wait: Duration) {
        if let Some(session) = self.live_mut(peer, Flow::Connection(id)) {
            session.connection.nagle = Some(wait);
        }
    }

    /// Sets how long a connection that this side has dialled may take to open, from when it was dialled.
    pub fn set_timeout(&mut self, peer: SteamId, id: ConnectionId, timeout: Duration) {
        let flow = Flow::Connection(id);
        if let Some(session) = self.live_mut(peer, flow) {
            session.connection.timeout = Some(timeout);
        }
        self.settle(peer, flow);
    }

    /// What waits on a lane of a connection; nothing where there is no such connection, or it is over.
    pub fn lane_info(&self, peer: SteamId, id: ConnectionId, lane: u32) -> LaneInfo {
        let Some(session) = self.live(peer, Flow::Connection(id)) else {
            return LaneInfo::default();
        };
        let [unreliable_bytes, reliable_bytes] = session.queue.waiting_on(lane);
        let in_flight = session.queue.in_flight_on(lane);
        let lanes = session.queue.lanes();
        LaneInfo {
            unreliable_bytes,
            reliable_bytes: reliable_bytes + in_flight,
            unacknowledged_bytes: match lanes.on_way(lane) {
                Some(bytes) => bytes.saturating_sub(in_flight),
                None => session.unacknowledged,
            },
        }
    }
}
