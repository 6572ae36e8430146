//! Peers that have proved who they are, and then break the protocol.

#[path = "../../tests/network/counted.rs"]
mod counted;

mod changed_frames;
mod floods;
mod repeated_handshakes;
mod replayed_probes;

use std::sync::OnceLock;

use quinn_proto::{Connection, Dir, StreamId};

use super::*;
use crate::sessions::{Control, Delivery, Flow, Nagle, SessionConfig, SessionState};
use crate::wire::{StreamHeader, frame};

const RELIABLE: Delivery = Delivery {
    reliable: true,
    nagle: Nagle::None,
    no_delay: false,
    autorestart: true,
};

struct Node {
    endpoint: Endpoint,
    sessions: Arc<Mutex<Sessions>>,
    id: SteamId,
    addr: SocketAddr,
}

/// Two users, connected. The first one has the lower Steam ID.
struct Pair {
    now: Instant,
    nodes: [Node; 2],
    /// What was sent where, when wanted.
    sent: Option<Vec<(SocketAddr, Vec<u8>)>>,
}

impl Pair {
    fn connected() -> Self {
        let mut pair = Self::unconnected();
        pair.open();
        pair
    }

    fn unconnected() -> Self {
        static IDENTITIES: OnceLock<[Arc<Identity>; 2]> = OnceLock::new();
        let identities = IDENTITIES.get_or_init(|| {
            let mut identities = [
                Arc::new(Identity::generate()),
                Arc::new(Identity::generate()),
            ];
            identities.sort_by_key(|identity| identity.steam_id());
            identities
        });
        let now = Instant::now();
        let node = |number: u16| {
            let identity = Arc::clone(&identities[usize::from(number)]);
            let id = identity.steam_id();
            let sessions = Arc::new(Mutex::new(Sessions::new(SessionConfig::default(), id, 1)));
            let config = EndpointConfig::default();
            let mut endpoint = Endpoint::new(config, identity, Arc::clone(&sessions), [1; 32]);
            let addr = SocketAddr::from(([192, 0, 2, 1], 4000 + number));
            endpoint.set_candidates(vec![addr]);
            endpoint.set_directory(now, 1, 1, 1_700_000_000_000);
            Node {
                endpoint,
                sessions,
                id,
                addr,
            }
        };
        Self {
            now,
            nodes: [node(0), node(1)],
            sent: None,
        }
    }

    /// Both want a session, so that there is one.
    fn open(&mut self) {
        for at in [0, 1] {
            let peer = self.nodes[1 - at].id;
            let data = b"hello";
            self.nodes[at]
                .sessions
                .lock()
                .send(self.now, peer, Flow::P2p, 0, RELIABLE, data)
                .unwrap();
        }
        self.run(Duration::from_secs(2));
        assert_eq!(
            (self.state(0), self.state(1)),
            (Some(SessionState::Connected), Some(SessionState::Connected))
        );
    }

    fn state(&self, at: usize) -> Option<SessionState> {
        let peer = self.nodes[1 - at].id;
        self.nodes[at]
            .sessions
            .lock()
            .info(self.now, peer, Flow::P2p)
            .map(|info| info.state)
    }

    fn run(&mut self, span: Duration) {
        let until = self.now + span;
        while self.now < until {
            for at in [0, 1] {
                self.nodes[at].endpoint.handle_timeout(self.now);
                self.work(at);
            }
            self.now += Duration::from_millis(5);
        }
    }

    fn work(&mut self, at: usize) {
        let now = self.now;
        self.nodes[at].endpoint.pump(now);
        let (from, id) = (self.nodes[at].addr, self.nodes[at].id);
        while let Some(event) = self.nodes[at].endpoint.poll_event() {
            if let EndpointEvent::Signal { payload, .. } = event {
                self.nodes[1 - at].endpoint.handle_signal(now, id, &payload);
            }
        }
        let mut buf = Vec::new();
        while let Some(transmit) = self.nodes[at].endpoint.poll_transmit(now, 1, &mut buf) {
            assert_eq!(transmit.destination, self.nodes[1 - at].addr);
            if let Some(sent) = &mut self.sent {
                sent.push((transmit.destination, buf.clone()));
            }
            self.nodes[1 - at]
                .endpoint
                .handle_datagram(now, from, None, BytesMut::from(&buf[..]));
            buf.clear();
        }
    }

    /// The QUIC connection of the peer that misbehaves, number 0.
    fn raw(&mut self) -> &mut Connection {
        let peer = self.nodes[1].id;
        let peers = &mut self.nodes[0].endpoint.peers;
        let handle = peers
            .peers
            .get_mut(&peer)
            .and_then(|found| found.connected())
            .unwrap()
            .handle;
        peers.quic.get_mut(handle).unwrap()
    }

    fn raw_stream(&mut self, bytes: &[u8]) -> StreamId {
        let connection = self.raw();
        let id = connection.streams().open(Dir::Uni).unwrap();
        assert_eq!(connection.send_stream(id).write(bytes), Ok(bytes.len()));
        id
    }

    /// What the victim keeps of the peer's streams.
    fn streams_kept(&mut self) -> usize {
        let peer = self.nodes[0].id;
        let peers = &mut self.nodes[1].endpoint.peers;
        peers
            .peers
            .get_mut(&peer)
            .and_then(|found| found.connected())
            .map_or(0, |connection| connection.streams_in())
    }

    /// Only the connection ends, and there can be another.
    fn ends_and_recovers(&mut self, what: &str) {
        self.run(Duration::from_millis(200));
        assert_eq!(self.state(1), Some(SessionState::Failed), "{what}");
        assert!(
            !matches!(self.state(0), Some(SessionState::Connected)),
            "{what}"
        );
        self.run(Duration::from_secs(1));
        self.open();
    }
}

fn framed(messages: &[&[u8]]) -> BytesMut {
    let mut bytes = BytesMut::new();
    for message in messages {
        frame(message, &mut bytes);
    }
    bytes
}

fn header(header: StreamHeader) -> Vec<u8> {
    postcard::to_stdvec(&header).unwrap()
}

#[test]
fn malformed_streams_end_the_connection_only() {
    let control = header(StreamHeader::Control);
    let messages = header(StreamHeader::Messages {
        flow: Flow::P2p,
        incarnation: 1,
        channel: 0,
    });
    let mut too_long = framed(&[&messages]);
    too_long.extend_from_slice(&(1024 * 1024 + 1_u32).to_be_bytes());
    let streams: [(&str, BytesMut); 7] = [
        ("no header", BytesMut::from(&[0xff; 64][..])),
        (
            "a header that is longer than any",
            BytesMut::from(&[0, 0, 4, 0][..]),
        ),
        ("an unknown header", framed(&[&[9]])),
        (
            "something behind the header",
            framed(&[&[&control[..], &[0]].concat()]),
        ),
        ("an unknown control", framed(&[&control, &[77, 1, 2]])),
        (
            "a control that is longer than any",
            framed(&[&control, &[0; 300]]),
        ),
        ("a message that is longer than any", too_long),
    ];
    let mut pair = Pair::connected();
    for (what, bytes) in streams {
        pair.raw_stream(&bytes);
        pair.ends_and_recovers(what);
    }
}

#[test]
fn malformed_datagrams_end_the_connection_only() {
    let mut pair = Pair::connected();
    for bytes in [
        &[0xff; 40][..],
        &[0, 1, 0, 0, 5, 1],
        &[0, 1, 0, 1, 1, 9, 3],
        &[0, 1, 0, 1, 1, 0, 200],
    ] {
        pair.raw()
            .datagrams()
            .send(Bytes::copy_from_slice(bytes), false)
            .unwrap();
        pair.ends_and_recovers(&format!("{bytes:?}"));
    }
}

#[test]
fn streams_that_end_in_the_middle_are_forgotten() {
    let mut pair = Pair::connected();
    let before = pair.streams_kept();
    let control = header(StreamHeader::Control);
    for round in 0..500 {
        let id = match round % 3 {
            0 => pair.raw_stream(&[0]),
            1 => pair.raw_stream(&framed(&[&control])[..5]),
            _ => pair.raw_stream(&framed(&[&control])),
        };
        pair.raw().send_stream(id).finish().unwrap();
        pair.run(Duration::from_millis(10));
    }
    assert_eq!(pair.streams_kept(), before);
    assert_eq!(pair.state(1), Some(SessionState::Connected));
}

/// Messages of sessions that never were, or are over, reach nobody and stay nowhere.
#[test]
fn messages_of_no_session_are_dropped() {
    let mut pair = Pair::connected();
    let now = pair.now;
    while pair.nodes[1]
        .sessions
        .lock()
        .receive(Flow::P2p, 0)
        .is_some()
    {}
    for incarnation in [0, 900, u64::MAX] {
        let head = header(StreamHeader::Messages {
            flow: Flow::Messages,
            incarnation,
            channel: 3,
        });
        pair.raw_stream(&framed(&[&head, b"psst"]));
        pair.run(Duration::from_millis(50));
        assert_eq!(
            pair.nodes[1].sessions.lock().available(Flow::Messages, 3),
            None
        );
    }
    let peer = pair.nodes[0].id;
    assert_eq!(
        pair.nodes[1]
            .sessions
            .lock()
            .info(now, peer, Flow::Messages),
        None
    );
    assert_eq!(pair.state(1), Some(SessionState::Connected));
}

/// Who asks without end and reads none of the answers is answered once for all questions of a turn.
#[test]
fn answers_that_nobody_reads_are_few() {
    let mut pair = Pair::connected();
    let victim = pair.nodes[1].id;
    let request = postcard::to_stdvec(&Control::Request {
        flow: Flow::P2p,
        incarnation: 1,
        repeat: 0,
    })
    .unwrap();
    let head = header(StreamHeader::Control);
    let id = pair.raw_stream(&framed(&[&head]));
    // It stops reading: its endpoint takes no stream from the victim any more.
    let peers = &mut pair.nodes[0].endpoint.peers;
    peers
        .peers
        .get_mut(&victim)
        .and_then(|found| found.connected())
        .unwrap()
        .stop_reading();
    let flood = framed(&[&request[..]; 2000]);
    pair.sent = Some(Vec::new());
    for _ in 0..300 {
        let _ = pair.raw().send_stream(id).write(&flood);
        pair.run(Duration::from_millis(5));
    }
    assert_eq!(pair.state(1), Some(SessionState::Connected));
    let sent = pair.sent.take().unwrap_or_default();
    let back = sent.iter().filter(|(to, _)| *to == pair.nodes[0].addr);
    let bytes: usize = back.map(|(_, packet)| packet.len()).sum();
    // Acknowledgements are a part of it; an answer to each question would be 7 MB.
    assert!(bytes < 1_000_000, "{bytes} bytes");
}
