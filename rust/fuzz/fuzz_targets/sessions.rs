//! Sessions, with a peer that says whatever it likes and a game that does whatever it likes.

#![no_main]

use std::time::{Duration, Instant};

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use samovar_id::SteamId;
use samovar_net::sessions::Waiting;
use samovar_net::{
    ConnectionEnd, ConnectionId, Control, Delivery, DisconnectReason, Flow, Incoming, Lane, Nagle,
    SessionConfig, Sessions,
};

const PEERS: [SteamId; 2] = [SteamId::individual(7 << 32), SteamId::individual(8 << 32)];

fuzz_target!(|input: &[u8]| {
    let mut now = Instant::now();
    let me = SteamId::individual(6 << 32);
    let mut sessions = Sessions::new(SessionConfig::default(), me, 1);
    for step in input.chunks(16) {
        let byte = |at: usize| step.get(at).copied().unwrap_or_default();
        let peer = PEERS[usize::from(byte(1)) % PEERS.len()];
        let id = ConnectionId {
            port: u32::from(byte(1) >> 5),
            number: u64::from(byte(2) % 8),
            by_lower: byte(1) & 8 == 8,
            symmetric: byte(1) & 16 == 16,
        };
        let flow = match byte(1) >> 1 & 3 {
            0 => Flow::P2p,
            1 => Flow::Messages,
            _ => Flow::Connection(id),
        };
        let channel = u32::from(byte(2) % 3);
        let rest = step.get(3..).unwrap_or_default();
        match byte(0) % 16 {
            0..=2 => {
                if let Ok((control, _)) = postcard::take_from_bytes::<Control>(rest) {
                    sessions.on_control(now, peer, control);
                }
            }
            3 => {
                let incoming = Incoming {
                    flow,
                    incarnation: u64::from(byte(3)),
                    channel,
                    reliable: byte(4) & 1 == 1,
                    data: Bytes::copy_from_slice(rest),
                };
                sessions.deliver(now, peer, incoming);
            }
            4 => {
                let delivery = Delivery {
                    reliable: byte(3) & 1 == 1,
                    nagle: if byte(3) & 2 == 2 {
                        Nagle::Messages
                    } else {
                        Nagle::None
                    },
                    no_delay: byte(3) & 4 == 4,
                    autorestart: byte(3) & 8 == 8,
                };
                let _ = sessions.send(now, peer, flow, channel, delivery, rest);
            }
            5 => drop(sessions.accept(now, peer, flow)),
            6 => drop(sessions.close(now, peer, flow)),
            7 => drop(sessions.close_channel(now, peer, flow, channel)),
            8 => sessions.on_connected(now, peer),
            9 => sessions.on_disconnected(now, peer, DisconnectReason::TimedOut),
            10 => {
                now += Duration::from_millis(u64::from(byte(3)) * u64::from(byte(4)));
                sessions.handle_timeout(now);
                assert!(sessions.poll_timeout().is_none_or(|at| at > now));
            }
            11 => {
                let timeout = Duration::from_millis(u64::from(byte(3)) * 50);
                let _ = sessions.dial(now, peer, 1, false, timeout);
            }
            12 => {
                let end = ConnectionEnd {
                    reason: i32::from(byte(3)),
                    debug: String::from_utf8_lossy(rest).into_owned(),
                };
                let linger = (byte(4) & 1 == 1).then(|| Duration::from_millis(500));
                sessions.close_connection(now, peer, id, end, linger);
            }
            13 => {
                let group = (byte(3) & 1 == 1).then_some(u32::from(byte(4)));
                sessions.set_group(peer, id, group);
                let lane = |byte: &u8| Lane {
                    priority: i32::from(byte % 3),
                    weight: u16::from(byte / 3),
                };
                let lanes: Vec<Lane> = rest.iter().map(lane).collect();
                sessions.set_lanes(peer, id, &lanes);
            }
            14 => {
                sessions.receive_from(peer, id, 9, &mut Vec::new());
                sessions.receive_from_group(u32::from(byte(4)), 9, &mut Vec::new());
                let waiting = Waiting {
                    channel,
                    bytes: usize::from(byte(3)),
                    unacknowledged: usize::from(byte(4)),
                };
                sessions.set_waiting(now, peer, |_| std::iter::once(waiting));
                sessions.set_ahead(peer, usize::from(byte(5)) * 1000);
                while sessions.take_changed_connection().is_some() {}
            }
            _ => {
                while sessions.receive(flow, channel).is_some() {}
                while sessions.poll_control().is_some() {}
                while sessions.poll_event().is_some() {}
                while sessions
                    .poll_outgoing(now, peer, |_, _, _, _| true)
                    .is_some()
                {}
            }
        }
    }
});
