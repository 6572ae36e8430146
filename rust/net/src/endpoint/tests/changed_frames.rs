//! Every truncation and changes of every byte of what a peer, or the other side of a link, may send once it has proved who
//! it is. At most its own connection ends, and there can be another.

use super::*;
use crate::endpoint::MAX_FIRST_FRAME;
use crate::sessions::{ConnectionEnd, ConnectionId};
use crate::wire::{DatagramLane, DatagramPacker, MAX_CONTROL, fragments};

/// Every truncation; and every byte with each of its bits flipped, made 0, and made 255: each costs a connection at most.
fn changes(bytes: &[u8]) -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = (1..bytes.len()).map(|len| bytes[..len].to_vec()).collect();
    for (at, value) in bytes.iter().enumerate() {
        let flips = (0..8).map(|bit| value ^ (1 << bit));
        let mut others: Vec<u8> = flips.chain([0, u8::MAX]).collect();
        others.sort_unstable();
        others.dedup();
        for other in others.into_iter().filter(|other| other != value) {
            let mut changed = bytes.to_vec();
            changed[at] = other;
            all.push(changed);
        }
    }
    all
}

impl Pair {
    /// After something was sent: either nothing broke, or the connection ended and can be had again.
    fn survives(&mut self, what: &str) -> bool {
        self.run(Duration::from_millis(30));
        let lives = self.state(1) == Some(SessionState::Connected)
            && self.state(0) == Some(SessionState::Connected);
        if !lives {
            self.run(Duration::from_secs(1));
            self.open();
        }
        for at in [0, 1] {
            let mut sessions = self.nodes[at].sessions.lock();
            while sessions.receive(Flow::P2p, 0).is_some() {}
            while sessions.poll_event().is_some() {}
        }
        // It is a session that works.
        let (now, peer) = (self.now, self.nodes[0].id);
        let word = Bytes::from_static(b"word");
        self.nodes[1]
            .sessions
            .lock()
            .send(now, peer, Flow::P2p, 7, RELIABLE, &word)
            .unwrap();
        self.run(Duration::from_millis(20));
        let heard = self.nodes[0].sessions.lock().receive(Flow::P2p, 7);
        assert_eq!(heard.map(|message| message.data), Some(word), "{what}");
        lives
    }

    /// The number of the first one's session, as the second one knows it.
    fn incarnation(&self) -> u64 {
        let peer = self.nodes[1].id;
        let sessions = self.nodes[0].sessions.lock();
        sessions.live_incarnation(peer, Flow::P2p).unwrap()
    }
}

#[test]
fn of_streams() {
    let mut pair = Pair::connected();
    let messages = header(StreamHeader::Messages {
        flow: Flow::P2p,
        incarnation: pair.incarnation(),
        channel: 300,
    });
    let control = header(StreamHeader::Control);
    let encoded = |control: Control| postcard::to_stdvec(&control).unwrap();
    let request = encoded(Control::Request {
        flow: Flow::Messages,
        incarnation: 70_000,
        repeat: 200,
    });
    let accept = encoded(Control::Accept {
        flow: Flow::Messages,
        yours: 70_000,
        mine: 80_000,
    });
    let close = encoded(Control::Close {
        flow: Flow::Messages,
        incarnation: 70_000,
        yours: 90_000,
        idle: true,
    });
    // The second one's, asked for by the first.
    let id = ConnectionId {
        port: 300,
        number: 70_000,
        by_lower: pair.nodes[1].id < pair.nodes[0].id,
        symmetric: true,
    };
    let ask = encoded(Control::Request {
        flow: Flow::Connection(id),
        incarnation: id.number,
        repeat: 0,
    });
    let end = encoded(Control::End {
        id,
        sent: 300,
        end: ConnectionEnd {
            reason: 1000,
            debug: "b\u{e4}h".to_owned(),
        },
    });
    let of_connection = header(StreamHeader::Messages {
        flow: Flow::Connection(id),
        incarnation: id.number,
        channel: 3,
    });
    let (mut lived, mut ended) = (0, 0);
    for frames in [
        [&messages[..], b"a message"],
        [&of_connection, b"a message"],
        [&control, &ask],
        [&control, &end],
        [&control, &request],
        [&control, &accept],
        [&control, &close],
    ] {
        let whole = framed(&frames);
        for bytes in changes(&whole) {
            let id = pair.raw_stream(&bytes);
            pair.raw().send_stream(id).finish().unwrap();
            if pair.survives(&format!("{bytes:?} of {whole:?}")) {
                lived += 1;
            } else {
                ended += 1;
            }
        }
    }
    assert!(lived > 100 && ended > 20, "{lived}, {ended}");
}

#[test]
fn of_datagrams() {
    let mut pair = Pair::connected();
    let incarnation = pair.incarnation();
    let mut packer = DatagramPacker::default();
    let lane = DatagramLane {
        flow: Flow::P2p,
        incarnation,
        channel: 300,
    };
    for word in [&b"one"[..], b"another"] {
        packer.push(1000, lane, word).unwrap();
    }
    let whole = packer.finish().unwrap();
    let piece = fragments(60, lane, 9, &[5; 40]).unwrap().remove(1);
    let (mut lived, mut ended) = (0, 0);
    for datagram in [whole, piece] {
        for bytes in changes(&datagram) {
            let sent = Bytes::from(bytes.clone());
            pair.raw().datagrams().send(sent, false).unwrap();
            if pair.survives(&format!("{bytes:?} of {datagram:?}")) {
                lived += 1;
            } else {
                ended += 1;
            }
        }
    }
    assert!(lived > 100 && ended > 20, "{lived}, {ended}");
}

/// What decodes is handed to sessions that are in every state that a request leads to: all other values of each byte.
#[test]
fn of_controls_at_sessions() {
    let (me, peer) = (SteamId::individual(1), SteamId::individual(2));
    let now = Instant::now();
    let id = |by_lower| ConnectionId {
        port: 7,
        number: 5,
        by_lower,
        symmetric: false,
    };
    let connections = [true, false].map(id).map(Flow::Connection);
    for flow in Flow::BY_USER.into_iter().chain(connections) {
        let words = [
            Control::Request {
                flow,
                incarnation: 5,
                repeat: 1,
            },
            Control::Accept {
                flow,
                yours: flow.connection().map_or(1, |id| id.number),
                mine: 5,
            },
            Control::End {
                id: flow.connection().unwrap_or(id(true)),
                sent: 1,
                end: ConnectionEnd {
                    reason: 1000,
                    debug: "bye".to_owned(),
                },
            },
            Control::Close {
                flow,
                incarnation: 5,
                yours: 1,
                idle: false,
            },
        ];
        for word in words {
            let bytes = postcard::to_stdvec(&word).unwrap();
            assert!(bytes.len() <= MAX_CONTROL);
            for at in 0..bytes.len() {
                for value in 0..=u8::MAX {
                    let mut changed = bytes.clone();
                    changed[at] = value;
                    let Ok(word) = postcard::from_bytes::<Control>(&changed) else {
                        continue;
                    };
                    for asks in [false, true] {
                        let mut sessions =
                            Sessions::new(SessionConfig::default(), me, if asks { 5 } else { 1 });
                        let later = Duration::from_secs(5);
                        if asks && flow.connection().is_some() {
                            let number = sessions.dial(now, peer, 7, false, later);
                            assert!(number.is_ok());
                            sessions.accept(now, peer, flow);
                        } else if asks {
                            sessions
                                .send(now, peer, flow, 0, RELIABLE, b"hello")
                                .unwrap();
                        }
                        sessions.on_control(now, peer, word.clone());
                        sessions.on_control(now, peer, word.clone());
                        sessions.on_connected(now, peer);
                        sessions.on_control(now, peer, word.clone());
                        sessions.handle_timeout(now + Duration::from_secs(60));
                        while sessions.poll_event().is_some() {}
                        while sessions.poll_control().is_some() {}
                        while sessions.take_changed_connection().is_some() {}
                    }
                }
            }
        }
    }
}

/// All other values of each byte of a frame's length; its contents are not the network's business.
#[test]
fn of_links() {
    let mut pair = Pair::connected();
    pair.nodes[1].endpoint.set_hosting(true);
    let whole = framed(&[b"hello"]);
    let mut all: Vec<Vec<u8>> = (0..=whole.len()).map(|len| whole[..len].to_vec()).collect();
    for at in 0..4 {
        for value in (0..=u8::MAX).filter(|value| *value != whole[at]) {
            let mut changed = whole.to_vec();
            changed[at] = value;
            all.push(changed);
        }
    }
    let addr = pair.nodes[1].addr;
    let key = pair.nodes[1].endpoint.identity().public_key();
    for bytes in all {
        let len = bytes
            .get(..4)
            .map(|len| u32::from_be_bytes(len.try_into().unwrap()));
        let now = pair.now;
        let link = pair.nodes[0].endpoint.dial(now, addr, key).unwrap();
        let mut frames = Vec::new();
        let mut closed = 0;
        let mut rounds = 0;
        while pair.nodes[0].endpoint.links.raw(link).is_none() {
            rounds += 1;
            assert!(rounds < 20, "the link opens");
            pair.link_round(&mut frames, &mut closed);
        }
        let (connection, id) = pair.nodes[0].endpoint.links.raw(link).unwrap();
        assert_eq!(connection.send_stream(id).write(&bytes), Ok(bytes.len()));
        for _ in 0..3 {
            pair.link_round(&mut frames, &mut closed);
        }
        // Shorter than it says, it is waited for; a frame of nothing, or of more than a first one may have, is none.
        let expected: Vec<Vec<u8>> = match len {
            Some(len @ 1..=5) if bytes.len() == whole.len() => {
                vec![bytes[4..4 + len as usize].to_vec()]
            }
            _ => Vec::new(),
        };
        // What is left behind a first frame is not read until the link is admitted.
        let is_none = len.is_some_and(|len| len == 0 || len as usize > MAX_FIRST_FRAME);
        let breaks = is_none;
        assert_eq!(frames, expected, "{bytes:?}");
        assert_eq!(closed > 0, breaks, "{bytes:?}");
        pair.nodes[0].endpoint.close_link(now, link, 0);
        // What was sent on it need not arrive any more.
        pair.now += Duration::from_millis(1100);
        pair.link_round(&mut Vec::new(), &mut 0);
    }
    pair.survives("links");
}

impl Pair {
    /// Like [`Pair::work`] of both, noting what happens at the second one's links.
    fn link_round(&mut self, frames: &mut Vec<Vec<u8>>, closed: &mut usize) {
        let now = self.now;
        for at in [0, 1] {
            self.nodes[at].endpoint.handle_timeout(now);
            self.nodes[at].endpoint.pump(now);
            while let Some(event) = self.nodes[at].endpoint.poll_event() {
                match event {
                    EndpointEvent::LinkFrame { frame, .. } if at == 1 => {
                        frames.push(frame.to_vec());
                    }
                    EndpointEvent::LinkClosed { .. } if at == 1 => *closed += 1,
                    _ => {}
                }
            }
            self.work(at);
        }
    }
}
