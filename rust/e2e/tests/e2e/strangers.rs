//! Datagrams from strangers on the port of a running game.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, UdpSocket};

use samovar_e2e::{Game, Scenario};

use crate::common::{P2P_RELIABLE, hear, lobby_of, p2p, p2p_arrives, say};

/// The UDP ports that a process has open, from `/proc`.
fn udp_ports(pid: u32) -> BTreeSet<u16> {
    let sockets: BTreeSet<String> = std::fs::read_dir(format!("/proc/{pid}/fd"))
        .expect("the process runs")
        .flatten()
        .filter_map(|entry| std::fs::read_link(entry.path()).ok())
        .filter_map(|target| {
            let target = target.to_string_lossy().into_owned();
            Some(
                target
                    .strip_prefix("socket:[")?
                    .strip_suffix(']')?
                    .to_owned(),
            )
        })
        .collect();
    let mut ports = BTreeSet::new();
    for table in ["udp", "udp6"] {
        let table = std::fs::read_to_string(format!("/proc/{pid}/net/{table}")).unwrap_or_default();
        for line in table.lines().skip(1) {
            let words: Vec<&str> = line.split_whitespace().collect();
            let (Some(local), Some(inode)) = (words.get(1), words.get(9)) else {
                continue;
            };
            let port = local
                .rsplit(':')
                .next()
                .and_then(|hex| u16::from_str_radix(hex, 16).ok());
            if let Some(port) = port.filter(|_| sockets.contains(*inode)) {
                ports.insert(port);
            }
        }
    }
    ports
}

/// Pseudo-random numbers, the same in every run.
struct Noise(u64);

impl Noise {
    fn next(&mut self) -> u64 {
        // splitmix64
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn datagram(&mut self) -> Vec<u8> {
        let longest = if self.next().is_multiple_of(20) {
            9000
        } else {
            1400
        };
        let size = usize::try_from(self.next() % longest).unwrap_or(0);
        let mut bytes: Vec<u8> = (0..size).map(|_| self.next().to_le_bytes()[0]).collect();
        // Half of them look like QUIC version 1 initials, the rest like anything.
        if self.next().is_multiple_of(2) && bytes.len() > 20 {
            bytes[0] = 0xc0 | (bytes[0] & 0x0f);
            bytes[1..5].copy_from_slice(&1_u32.to_be_bytes());
            bytes[5] = 8;
        }
        bytes
    }
}

fn pelt(game: &Game, noise: &mut Noise) {
    let ports = udp_ports(game.pid());
    assert_eq!(ports.len(), 1, "one UDP port a process: {ports:?}");
    let v4 = UdpSocket::bind((Ipv4Addr::LOCALHOST, 0)).expect("a loopback socket");
    let v6 = UdpSocket::bind((Ipv6Addr::LOCALHOST, 0)).ok();
    for port in ports {
        for _ in 0..4000 {
            let datagram = noise.datagram();
            // A full buffer or a closed address family is not what is tested.
            let _ = v4.send_to(&datagram, SocketAddr::from((Ipv4Addr::LOCALHOST, port)));
            if let Some(v6) = &v6 {
                let _ = v6.send_to(&datagram, SocketAddr::from((Ipv6Addr::LOCALHOST, port)));
            }
        }
    }
}

#[test]
fn a_strangers_datagrams_disturb_nobody() {
    let scenario = Scenario::new("strangers");
    let ann = scenario.player("ann");
    let bob = scenario.player("bob");
    ann.auto_accept(true);
    bob.auto_accept(true);
    ann.poll_p2p(&[0]);
    bob.poll_p2p(&[0]);
    let (lobby, ids) = lobby_of(&[&ann, &bob], 2);
    p2p(&ann, ids[1], "before", P2P_RELIABLE, 0);
    p2p_arrives(&bob, ids[0], "before", 0);
    let mut noise = Noise(7);
    for round in 0..3 {
        pelt(&ann, &mut noise);
        pelt(&bob, &mut noise);
        let text = format!("round {round}");
        p2p(&ann, ids[1], &text, P2P_RELIABLE, 0);
        p2p_arrives(&bob, ids[0], &text, 0);
        p2p(&bob, ids[0], &text, P2P_RELIABLE, 0);
        p2p_arrives(&ann, ids[1], &text, 0);
        say(&bob, lobby, &text);
        hear(&ann, lobby, ids[1], &text);
    }
    assert_eq!(crate::common::members(&ann, lobby), ids);
    assert!(ann.all_signals("p2p_session_connect_fail").is_empty());
    scenario.finish([ann, bob]);
}
