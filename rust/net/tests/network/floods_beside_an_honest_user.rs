//! Whatever somebody sends as fast as it can, what an honest user says beside it arrives: requests, messages, acceptances and
//! ends.

use std::net::SocketAddr;
use std::time::Duration;

use bytes::Bytes;
use samovar_net::{Flow, SendError, SessionEvent, SessionState};

use super::harness::{Net, reliable, unreliable};

const MS: Duration = Duration::from_millis(1);
/// The victim, who floods it, and who has to be heard.
const VICTIM: usize = 1;
const FLOODER: usize = 0;
const HONEST: usize = 2;

/// What the flooder has recorded of its own.
struct Recorded {
    packets: Vec<(SocketAddr, SocketAddr, Vec<u8>)>,
    signals: Vec<Bytes>,
    round: u64,
}

impl Recorded {
    /// Its packets to the victim that begin so.
    fn of(&self, first: impl Fn(u8) -> bool) -> Vec<(SocketAddr, SocketAddr, Vec<u8>)> {
        let all = self.packets.iter();
        let wanted = all.filter(|(_, _, data)| data.first().is_some_and(|byte| first(*byte)));
        wanted.cloned().collect()
    }
}

fn is_long(byte: u8) -> bool {
    byte & 0x80 != 0
}

/// Packets straight into the victim, in one turn, so that none of its answers is sent before all have come.
fn burst(net: &mut Net, packets: &[(SocketAddr, SocketAddr, Vec<u8>)], times: usize) {
    let now = net.now;
    for (from, _, data) in packets.iter().cycle().take(times) {
        let data = bytes::BytesMut::from(&data[..]);
        net.nodes[VICTIM]
            .endpoint
            .handle_datagram(now, *from, None, data);
    }
}

type Flood = fn(&mut Net, &mut Recorded);

const FLOODS: [(&str, Flood); 8] = [
    ("probes", |net, recorded| {
        burst(net, &recorded.of(|byte| byte < 0x40), 6000);
    }),
    (
        "beginnings of connections, from its address",
        |net, recorded| {
            burst(net, &recorded.of(is_long), 300);
        },
    ),
    (
        "beginnings of connections, from everywhere",
        |net, recorded| {
            let mut packets = recorded.of(is_long);
            for (number, packet) in (0_u16..).zip(&mut packets) {
                packet.0 = SocketAddr::from(([198, 51, 100, 7], 1000 + number));
            }
            burst(net, &packets, 300);
        },
    ),
    ("nonsense", |net, recorded| {
        let mut packets = recorded.packets.clone();
        for (_, _, data) in &mut packets {
            data.iter_mut().skip(1).for_each(|byte| *byte ^= 0x5a);
        }
        burst(net, &packets, 6000);
    }),
    ("signals", |net, recorded| {
        let (now, from) = (net.now, net.nodes[FLOODER].id);
        for payload in recorded.signals.iter().cycle().take(600) {
            net.nodes[VICTIM].endpoint.handle_signal(now, from, payload);
        }
    }),
    (
        "messages on all channels, reliable ones",
        |net, recorded| {
            messages(net, recorded, true);
        },
    ),
    (
        "messages on all channels, unreliable ones",
        |net, recorded| {
            messages(net, recorded, false);
        },
    ),
    ("sessions that begin and end", |net, recorded| {
        recorded.round += 1;
        for _ in 0..50 {
            net.close(FLOODER, VICTIM, Flow::Messages);
            let _ = net.try_send(FLOODER, VICTIM, Flow::Messages, 1, reliable(), b"again");
        }
    }),
];

fn messages(net: &mut Net, recorded: &mut Recorded, is_reliable: bool) {
    recorded.round += 1;
    let kind = if is_reliable {
        reliable()
    } else {
        unreliable()
    };
    for channel in 0..60 {
        for flow in Flow::BY_USER {
            for _ in 0..10 {
                match net.try_send(FLOODER, VICTIM, flow, channel, kind, &[7; 900]) {
                    Ok(()) | Err(SendError::LimitExceeded) => {}
                    Err(error) => panic!("{error}"),
                }
            }
        }
    }
}

/// Runs until something is so, with the flood going on.
fn until(
    net: &mut Net,
    flood: Flood,
    recorded: &mut Recorded,
    what: &str,
    mut is_so: impl FnMut(&mut Net) -> bool,
) {
    for _ in 0..600 {
        flood(net, recorded);
        net.run(10 * MS);
        if is_so(net) {
            return;
        }
    }
    panic!("never: {what}");
}

#[test]
fn what_the_honest_one_says_arrives() {
    for (name, flood) in FLOODS {
        let mut net = Net::empty(9);
        for identity in 0..3 {
            net.add(identity);
        }
        net.record = Some(Vec::new());
        let from = net.nodes[FLOODER].addr;
        for flow in Flow::BY_USER {
            net.meet(FLOODER, VICTIM, flow);
        }
        let (flooder, victim) = (net.nodes[FLOODER].id, net.nodes[VICTIM].id);
        let packets = net.record.take().unwrap();
        let signals = net.signals.iter().filter(|(of, _, _)| *of == flooder);
        let mut recorded = Recorded {
            packets: packets
                .into_iter()
                .filter(|(of, _, _)| *of == from)
                .collect(),
            signals: signals.map(|(_, _, payload)| payload.clone()).collect(),
            round: 0,
        };
        let recorded = &mut recorded;
        let what = |step: &str| format!("{name}: {step}");
        for round in 0..2 {
            // A request, its acceptance, and messages both ways.
            net.send(HONEST, VICTIM, Flow::P2p, 100, reliable(), b"hello");
            until(&mut net, flood, recorded, &what("asked"), |net| {
                net.requested(VICTIM, HONEST, Flow::P2p) > round
            });
            assert!(net.accept(VICTIM, HONEST, Flow::P2p));
            until(&mut net, flood, recorded, &what("hello"), |net| {
                net.receive(VICTIM, Flow::P2p, 100).is_some()
            });
            net.send(VICTIM, HONEST, Flow::P2p, 100, reliable(), b"welcome");
            until(&mut net, flood, recorded, &what("welcome"), |net| {
                net.receive(HONEST, Flow::P2p, 100).is_some()
            });
            // The other way round, through the other interface.
            let before = net.requested(HONEST, VICTIM, Flow::Messages);
            net.send(VICTIM, HONEST, Flow::Messages, 100, reliable(), b"you too");
            until(&mut net, flood, recorded, &what("asked back"), |net| {
                net.requested(HONEST, VICTIM, Flow::Messages) > before
            });
            assert!(net.accept(HONEST, VICTIM, Flow::Messages));
            until(&mut net, flood, recorded, &what("you too"), |net| {
                net.receive(HONEST, Flow::Messages, 100).is_some()
            });
            // Ends, of either side.
            assert!(net.close(HONEST, VICTIM, Flow::P2p));
            until(&mut net, flood, recorded, &what("closed"), |net| {
                net.state(VICTIM, HONEST, Flow::P2p) == Some(SessionState::ClosedByPeer)
            });
            assert!(net.close(VICTIM, HONEST, Flow::Messages));
            until(&mut net, flood, recorded, &what("closed back"), |net| {
                net.state(HONEST, VICTIM, Flow::Messages) == Some(SessionState::ClosedByPeer)
            });
        }
        let failed = |at: usize, peer| {
            let events = net.nodes[at].events.iter();
            events
                .filter(|(_, event)| {
                    matches!(event, SessionEvent::Failed { peer: of, .. } if *of == peer)
                })
                .count()
        };
        assert_eq!(failed(HONEST, victim), 0, "{name}");
        assert_eq!(failed(VICTIM, net.nodes[HONEST].id), 0, "{name}");
    }
}
