//! What there is to know of a connection, for people and for games: its status, its lanes, and both as text.

use std::fmt::Write as _;

use samovar_net::{Flow, LaneInfo};

use super::types::{ConnectionHandle, ConnectionInfo, ConnectionState};
use crate::client::Steam;
use crate::networking_messages::SessionConnectionInfo;

/// What waits on one lane (`SteamNetConnectionRealTimeLaneStatus_t`).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LaneStatus {
    /// Bytes of unreliable messages that wait to be sent.
    pub pending_unreliable_bytes: usize,
    /// Bytes of reliable messages that wait to be sent.
    pub pending_reliable_bytes: usize,
    /// Bytes of reliable messages that are sent and not acknowledged.
    pub sent_unacknowledged_reliable_bytes: usize,
    /// How long what waits takes at this rate, in microseconds, where no other lane sends.
    pub queue_time_us: i64,
}

impl LaneStatus {
    fn new(info: LaneInfo, bytes_per_second: f64) -> Self {
        let pending = info.unreliable_bytes + info.reliable_bytes;
        // Far below 2^52; a float that is too large becomes the largest number.
        #[allow(clippy::cast_precision_loss, clippy::cast_possible_truncation)]
        let queue_time_us = if bytes_per_second > 0.0 {
            (pending as f64 / bytes_per_second * 1e6) as i64
        } else {
            0
        };
        Self {
            pending_unreliable_bytes: info.unreliable_bytes,
            pending_reliable_bytes: info.reliable_bytes,
            sent_unacknowledged_reliable_bytes: info.unacknowledged_bytes,
            queue_time_us,
        }
    }
}

impl Steam {
    /// What waits on each lane of a connection; `None` where there is no such connection.
    pub fn sockets_lanes(&self, handle: ConnectionHandle) -> Option<Vec<LaneStatus>> {
        self.with_sockets(|sockets, sessions, now| {
            let connection = sockets.connections.get(&handle)?;
            let Some(id) = connection.id() else {
                return Some(vec![LaneStatus::default(); connection.lanes as usize]);
            };
            let info = sessions.info(now, connection.peer, Flow::Connection(id));
            let rate = info
                .and_then(|info| info.link)
                .map_or(0.0, |link| link.send_rate);
            let lane = |lane| LaneStatus::new(sessions.lane_info(connection.peer, id, lane), rate);
            Some((0..connection.lanes).map(lane).collect())
        })
    }

    /// What there is to know of a connection, in lines for people to read; `None` where there is no such connection.
    pub fn sockets_detail(&self, handle: ConnectionHandle) -> Option<String> {
        let info = self.sockets_info(handle)?;
        let (status, _) = self.sockets_status(handle)?;
        let lanes = self.sockets_lanes(handle)?;
        let name = self.friend_persona_name(info.peer);
        Some(detail(&info, name.as_deref(), &status, &lanes))
    }
}

fn state(info: &ConnectionInfo) -> &'static str {
    match info.state {
        ConnectionState::None => "closed",
        ConnectionState::Connecting if info.listen_socket != 0 => "waiting to be accepted",
        ConnectionState::Connecting => "waiting for an answer",
        ConnectionState::FindingRoute => "finding a way to the peer",
        ConnectionState::Connected => "connected",
        ConnectionState::ClosedByPeer => "closed by the peer",
        ConnectionState::ProblemDetectedLocally => "broken",
    }
}

/// A number of bytes as GameNetworkingSockets tells it, in K of 1024.
fn kilobytes(bytes: f64) -> String {
    format!("{:.1} K", bytes / 1024.0)
}

#[allow(clippy::cast_precision_loss)] // Far below 2^52.
fn size(bytes: usize) -> String {
    kilobytes(bytes as f64)
}

fn quality(part: f64) -> String {
    if part < 0.0 {
        "unknown".to_owned()
    } else {
        format!("{:.0}%", part * 100.0)
    }
}

/// In the order of GameNetworkingSockets: what it is, how it is, where the peer is, rates, ping, quality, what waits.
fn detail(
    info: &ConnectionInfo,
    name: Option<&str>,
    status: &SessionConnectionInfo,
    lanes: &[LaneStatus],
) -> String {
    let mut text = String::new();
    let mut line = |line: std::fmt::Arguments<'_>| {
        let written = text.write_fmt(line).and_then(|()| text.write_char('\n'));
        written.expect("a String takes everything");
    };
    line(format_args!("Connection {}", info.description));
    line(format_args!("State: {}", state(info)));
    if info.end_reason != 0 {
        line(format_args!(
            "End: {} ({})",
            info.end_reason, info.end_debug
        ));
    }
    let name = name.map(|name| format!("{name}, ")).unwrap_or_default();
    line(format_args!("Peer: {name}steamid:{}", info.peer.to_godot()));
    if let Some(address) = info.remote_address {
        line(format_args!("Address: {address}"));
    }
    line(format_args!("Current rates:"));
    for (way, packets, bytes) in [
        (
            "Sent",
            status.packets_out_per_second,
            status.bytes_out_per_second,
        ),
        (
            "Recv",
            status.packets_in_per_second,
            status.bytes_in_per_second,
        ),
    ] {
        line(format_args!(
            "    {way}: {packets:6.1} pkts/sec  {}/sec",
            kilobytes(bytes)
        ));
    }
    let ping = match status.ping_ms {
        ping if ping < 0 => "unknown".to_owned(),
        ping => format!("{ping} ms"),
    };
    line(format_args!("    Ping: {ping}"));
    let (local, remote) = (
        quality(status.local_quality),
        quality(status.remote_quality),
    );
    line(format_args!("    Quality: {local} local, {remote} remote"));
    let rate = kilobytes(f64::from(status.send_rate));
    line(format_args!("    Est avail bandwidth: {rate}/sec"));
    let waits = |unreliable: usize, reliable: usize, sent: usize, time: i64| {
        let (unreliable, reliable, sent) = (size(unreliable), size(reliable), size(sent));
        format!(
            "{reliable} reliable, {unreliable} unreliable, {sent} unacknowledged, {} ms to send",
            time / 1000
        )
    };
    let all = waits(
        status.pending_unreliable_bytes,
        status.pending_reliable_bytes,
        status.sent_unacknowledged_reliable_bytes,
        status.queue_time_us,
    );
    line(format_args!("Pending: {all}"));
    if lanes.len() > 1 {
        for (index, lane) in lanes.iter().enumerate() {
            let waits = waits(
                lane.pending_unreliable_bytes,
                lane.pending_reliable_bytes,
                lane.sent_unacknowledged_reliable_bytes,
                lane.queue_time_us,
            );
            line(format_args!("    Lane {index}: {waits}"));
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_connection_is_told_in_lines() {
        let peer =
            samovar_id::SteamId::from_godot((1 << 56) | (1 << 52) | (777 << 32) | 5).unwrap();
        let info = ConnectionInfo {
            peer,
            user_data: -1,
            listen_socket: 0,
            remote_address: Some([192, 168, 0, 2].into()),
            state: ConnectionState::Connected,
            end_reason: 0,
            end_debug: String::new(),
            description: "#3 P2P".to_owned(),
            is_within: false,
        };
        let status = SessionConnectionInfo {
            ping_ms: 12,
            local_quality: 0.98,
            remote_quality: -1.0,
            packets_out_per_second: 60.0,
            bytes_out_per_second: 2048.0,
            send_rate: 262_144,
            pending_reliable_bytes: 1536,
            queue_time_us: 5859,
            ..SessionConnectionInfo::default()
        };
        let id = peer.to_godot();
        let wanted = format!(
            "Connection #3 P2P\nState: connected\nPeer: Ann, steamid:{id}\nAddress: 192.168.0.2\nCurrent rates:\n    \
             Sent:   60.0 pkts/sec  2.0 K/sec\n    Recv:    0.0 pkts/sec  0.0 K/sec\n    Ping: 12 ms\n    \
             Quality: 98% local, unknown remote\n    Est avail bandwidth: 256.0 K/sec\n\
             Pending: 1.5 K reliable, 0.0 K unreliable, 0.0 K unacknowledged, 5 ms to send\n"
        );
        assert_eq!(
            detail(&info, Some("Ann"), &status, &[LaneStatus::default()]),
            wanted
        );
        let over = ConnectionInfo {
            state: ConnectionState::ClosedByPeer,
            end_reason: 1007,
            end_debug: "bye".to_owned(),
            remote_address: None,
            ..info
        };
        let text = detail(&over, None, &status, &[LaneStatus::default(); 2]);
        assert!(
            text.contains("State: closed by the peer\nEnd: 1007 (bye)\nPeer: steamid:"),
            "{text}"
        );
        assert!(text.contains("Lane 1: "), "{text}");
    }
}
