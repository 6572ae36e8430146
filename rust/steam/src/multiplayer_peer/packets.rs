//! What travels between multiplayer peers: a byte that says what it is, and the packet.

use std::collections::BTreeMap;

use bytes::{Buf, Bytes};

use super::TransferMode;

/// The first message on a connection: the sender's ID.
const IDENTITY: u8 = 3;
/// The host says that a turn has ended.
const TURN_ENDS: u8 = 4;
/// The host says that it knows a peer.
const KNOWN: u8 = 5;
/// The most bytes of a packet's head.
pub(crate) const MAX_HEAD: usize = 5;

/// What a packet says of its place among others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Place {
    /// Nothing.
    Any,
    /// Its number among those that are sent unreliably in order on a channel.
    Number(u16),
    /// The turn that a reliable one of the host's belongs to, or the last that another sender has heard of.
    Turn(u32),
}

/// What a message is.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Content {
    /// Who the sender is in Godot's multiplayer.
    Identity(i32),
    /// A packet.
    Packet {
        mode: TransferMode,
        place: Place,
        data: Bytes,
    },
    /// A turn of the host's has ended.
    TurnEnds(u32),
    /// The host knows a peer of this ID, and has told it what there is.
    Known(i32),
}

/// Reads a message; `None` for what no peer sends.
pub(super) fn parse(mut data: Bytes) -> Option<Content> {
    let mode = match data.try_get_u8().ok()? {
        0 => TransferMode::Unreliable,
        1 => TransferMode::UnreliableOrdered,
        2 => TransferMode::Reliable,
        IDENTITY => {
            let id = data.try_get_i32_le().ok()?;
            return data.is_empty().then_some(Content::Identity(id));
        }
        TURN_ENDS => {
            let turn = data.try_get_u32_le().ok()?;
            return data.is_empty().then_some(Content::TurnEnds(turn));
        }
        KNOWN => {
            let id = data.try_get_i32_le().ok()?;
            return data.is_empty().then_some(Content::Known(id));
        }
        _ => return None,
    };
    let place = match mode {
        TransferMode::Unreliable => Place::Any,
        TransferMode::UnreliableOrdered => Place::Number(data.try_get_u16_le().ok()?),
        TransferMode::Reliable => Place::Turn(data.try_get_u32_le().ok()?),
    };
    Some(Content::Packet { mode, place, data })
}

/// The message that tells the own ID.
pub(super) fn identity(id: i32) -> [u8; 5] {
    let [a, b, c, d] = id.to_le_bytes();
    [IDENTITY, a, b, c, d]
}

/// The message that a turn has ended.
pub(super) fn turn_ends(turn: u32) -> [u8; 5] {
    let [a, b, c, d] = turn.to_le_bytes();
    [TURN_ENDS, a, b, c, d]
}

/// The message that the host knows a peer.
pub(super) fn known(id: i32) -> [u8; 5] {
    let [a, b, c, d] = id.to_le_bytes();
    [KNOWN, a, b, c, d]
}

/// Writes a packet's message in place of what is there.
pub(super) fn write(into: &mut Vec<u8>, place: Place, data: &[u8]) {
    into.clear();
    match place {
        Place::Any => into.push(0),
        Place::Number(number) => {
            into.push(1);
            into.extend_from_slice(&number.to_le_bytes());
        }
        Place::Turn(turn) => {
            into.push(2);
            into.extend_from_slice(&turn.to_le_bytes());
        }
    }
    into.extend_from_slice(data);
}

/// The order of what is sent unreliably on each channel.
#[derive(Default)]
pub(super) struct Order(BTreeMap<u32, u16>);

impl Order {
    /// The place of the next that is sent on a channel.
    pub(super) fn next(&mut self, channel: u32) -> u16 {
        let place = self.0.entry(channel).or_default();
        *place = place.wrapping_add(1);
        *place
    }

    /// Whether one that has arrived is later than all before on its channel. Half of all places are later than one.
    pub(super) fn is_next(&mut self, channel: u32, place: u16) -> bool {
        let last = self.0.entry(channel).or_default();
        let is_later = (1..0x8000).contains(&place.wrapping_sub(*last));
        if is_later {
            *last = place;
        }
        is_later
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read() {
        for (mode, place) in [
            (TransferMode::Unreliable, Place::Any),
            (TransferMode::UnreliableOrdered, Place::Number(77)),
            (TransferMode::Reliable, Place::Turn(70_000)),
        ] {
            for data in [&b""[..], b"x", b"some bytes"] {
                let mut message = Vec::new();
                write(&mut message, place, data);
                assert!(message.len() <= data.len() + MAX_HEAD);
                let data = Bytes::copy_from_slice(data);
                let read = parse(Bytes::from(message));
                assert_eq!(read, Some(Content::Packet { mode, place, data }));
            }
        }
        let read = parse(Bytes::copy_from_slice(&identity(-5)));
        assert_eq!(read, Some(Content::Identity(-5)));
        let read = parse(Bytes::copy_from_slice(&turn_ends(70_000)));
        assert_eq!(read, Some(Content::TurnEnds(70_000)));
        let read = parse(Bytes::copy_from_slice(&known(7)));
        assert_eq!(read, Some(Content::Known(7)));
    }

    #[test]
    fn what_no_peer_sends_is_nothing() {
        for data in [
            &[][..],
            &[1],
            &[1, 0],
            &[2],
            &[2, 0, 0, 0],
            &[3],
            &[3, 0, 0, 0],
            &[3, 0, 0, 0, 0, 0],
            &[4, 1],
            &[4, 0, 0, 0, 0, 0],
            &[5, 1],
            &[6, 1],
            &[255],
        ] {
            assert_eq!(parse(Bytes::copy_from_slice(data)), None, "{data:?}");
        }
    }

    #[test]
    fn what_comes_late_is_out_of_order_over_the_wrap_too() {
        let mut sent = Order::default();
        let mut order = Order::default();
        for _ in 0..200_000 {
            let first = sent.next(7);
            let second = sent.next(7);
            assert!(order.is_next(7, second));
            assert!(!order.is_next(7, first), "it comes after a later one");
            assert!(!order.is_next(7, second), "it comes twice");
        }
        // Other channels have an order of their own.
        assert!(order.is_next(8, 1));
    }
}
