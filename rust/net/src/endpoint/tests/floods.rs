//! An accepted peer that sends whatever it can, in ways in which no sender of ours does, costs a bounded memory, and at most
//! its own connection.

use quinn_proto::VarInt;

use super::*;
use crate::wire::{DatagramLane, fragments};

const MIB: isize = 1024 * 1024;
/// What each attack may cost, with what the attacker itself keeps, in the same process.
const MOST: isize = 32 * MIB;

/// What both sides have taken while the attacker did something, and whether it is still connected.
fn attacked(what: &str, mut attack: impl FnMut(&mut Pair)) -> (isize, bool) {
    let mut pair = Pair::connected();
    pair.run(Duration::from_millis(500));
    let before = counted::bytes();
    let mut most = 0;
    for _ in 0..200 {
        if pair.state(0) != Some(SessionState::Connected) {
            break;
        }
        attack(&mut pair);
        pair.run(Duration::from_millis(5));
        most = most.max(counted::bytes() - before);
    }
    println!("{what}: {} KiB", most / 1024);
    assert!(most < MOST, "{what}: {} MiB", most / MIB);
    (most, pair.state(1) == Some(SessionState::Connected))
}

fn of_channel(pair: &Pair, channel: u32) -> Vec<u8> {
    let peer = pair.nodes[1].id;
    let sessions = pair.nodes[0].sessions.lock();
    header(StreamHeader::Messages {
        flow: Flow::P2p,
        incarnation: sessions.live_incarnation(peer, Flow::P2p).unwrap(),
        channel,
    })
}

fn is_open(pair: &mut Pair) -> bool {
    let peer = pair.nodes[1].id;
    let found = pair.nodes[0].endpoint.peers.peers.get_mut(&peer);
    found.is_some_and(|found| found.is_connected())
}

/// Opens a stream and writes as much of it as QUIC takes, if it may.
fn stream(pair: &mut Pair, bytes: &[u8]) -> Option<StreamId> {
    if !is_open(pair) {
        return None;
    }
    let connection = pair.raw();
    let id = connection.streams().open(Dir::Uni)?;
    let _ = connection.send_stream(id).write(bytes);
    Some(id)
}

/// The beginning of a message of a mebibyte, on some channel.
fn unfinished(pair: &Pair, channel: u32, bytes: usize) -> BytesMut {
    let mut begun = framed(&[&of_channel(pair, channel)]);
    begun.extend_from_slice(&(1024 * 1024_u32).to_be_bytes());
    begun.resize(bytes, 7);
    begun
}

#[test]
fn messages_that_are_never_finished() {
    let mut channel = 0;
    let (_, connected) = attacked("unfinished messages", |pair| {
        channel += 1;
        // All that may be sent before anything was said.
        let begun = unfinished(pair, channel, 32 * 1024);
        stream(pair, &begun);
    });
    assert!(connected, "it has done nothing that it may not");
}

#[test]
fn more_than_there_is_room_for() {
    let mut channel = 0;
    let (_, connected) = attacked("without regard to room", |pair| {
        channel += 1;
        let begun = unfinished(pair, channel, 900 * 1024);
        stream(pair, &begun);
    });
    assert!(!connected, "it was told how much there is room for");
}

#[test]
fn whole_messages_on_all_channels() {
    let mut channel = 0;
    attacked("whole messages", |pair| {
        channel += 1;
        let mut bytes = framed(&[&of_channel(pair, channel)]);
        while bytes.len() < 32 * 1024 - 5 {
            frame(&[1], &mut bytes);
        }
        stream(pair, &bytes);
    });
}

#[test]
fn streams_that_are_reset() {
    let mut channel = 0;
    let (_, connected) = attacked("resets", |pair| {
        for _ in 0..8 {
            channel += 1;
            let begun = unfinished(pair, channel, 16 * 1024);
            if let Some(id) = stream(pair, &begun) {
                pair.run(Duration::from_millis(5));
                let _ = pair.raw().send_stream(id).reset(VarInt::from_u32(7));
            }
        }
    });
    assert!(connected);
}

#[test]
fn sessions_without_end() {
    let mut incarnation = 1_000_000;
    attacked("incarnations", |pair| {
        for flow in Flow::BY_USER {
            incarnation += 1;
            let head = header(StreamHeader::Messages {
                flow,
                incarnation,
                channel: 5,
            });
            let mut bytes = framed(&[&head]);
            frame(&[7; 20_000], &mut bytes);
            stream(pair, &bytes);
        }
    });
}

#[test]
fn pieces_that_are_never_complete() {
    let peer = |pair: &Pair| pair.nodes[1].id;
    let mut number = 0;
    let (_, connected) = attacked("pieces", |pair| {
        let sessions = Arc::clone(&pair.nodes[0].sessions);
        let incarnation = sessions.lock().live_incarnation(peer(pair), Flow::P2p);
        let lane = DatagramLane {
            flow: Flow::P2p,
            incarnation: incarnation.unwrap(),
            channel: 3,
        };
        for _ in 0..10 {
            number += 1;
            let pieces = fragments(1100, lane, number, &[7; 14_000]).unwrap();
            for piece in pieces.into_iter().skip(1) {
                let _ = pair.raw().datagrams().send(piece, true);
            }
        }
    });
    assert!(connected);
}

#[test]
fn control_frames() {
    for control in [
        Control::Room {
            stream: 3,
            bytes: u64::MAX,
        },
        Control::Quality { percent: 3 },
        Control::Request {
            flow: Flow::Messages,
            incarnation: 7,
            repeat: 0,
        },
        Control::Close {
            flow: Flow::Messages,
            incarnation: 7,
            yours: 9,
            idle: false,
        },
    ] {
        let word = postcard::to_stdvec(&control).unwrap();
        let mut id = None;
        attacked(&format!("{control:?}"), |pair| {
            if !is_open(pair) {
                return;
            }
            let flood = framed(&vec![&word[..]; 4000]);
            match id {
                None => id = stream(pair, &framed(&[&header(StreamHeader::Control)])),
                Some(id) => drop(pair.raw().send_stream(id).write(&flood)),
            }
        });
    }
}
