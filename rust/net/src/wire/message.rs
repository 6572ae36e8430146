//! Messages in streams and in datagrams.

use bytes::{Buf, Bytes, BytesMut};
use serde::{Deserialize, Serialize};

use crate::sessions::Flow;

/// The longest message in a stream, in bytes.
pub const MAX_STREAM_MESSAGE: usize = 1024 * 1024;
/// The longest control frame, in bytes.
pub const MAX_CONTROL: usize = 256;
/// The most pieces that an unreliable message is cut into.
pub const MAX_FRAGMENTS: u8 = 15;

/// What a stream carries: its first frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum StreamHeader {
    /// Control frames.
    Control,
    /// The reliable messages of one channel of one session.
    Messages {
        /// The interface.
        flow: Flow,
        /// The sender's session.
        incarnation: u64,
        /// The channel.
        channel: u32,
    },
}

/// Puts a message, after its length, at the end of what is to be written to a stream.
pub fn frame(message: &[u8], out: &mut BytesMut) {
    let len = u32::try_from(message.len()).unwrap_or(u32::MAX);
    out.extend_from_slice(&len.to_be_bytes());
    out.extend_from_slice(message);
}

/// Cuts what comes from a stream into messages.
#[derive(Debug, Default)]
pub struct Unframer {
    buffer: BytesMut,
    /// It has held more than [`KEPT_BYTES`].
    is_large: bool,
}

/// A buffer that has held more than this keeps no memory when it is empty, in bytes.
const KEPT_BYTES: usize = 128 * 1024;

/// A frame's length is over the bound.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooLong;

impl Unframer {
    /// More of the stream.
    pub fn push(&mut self, bytes: &[u8]) {
        self.buffer.extend_from_slice(bytes);
        self.is_large |= self.buffer.len() > KEPT_BYTES;
    }

    /// How many bytes wait.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    /// How many bytes the message that has begun to arrive takes, with its length.
    pub fn needs(&self) -> Option<usize> {
        let len = u32::from_be_bytes(*self.buffer.first_chunk::<4>()?);
        usize::try_from(len).ok()?.checked_add(4)
    }

    /// Whether nothing waits.
    pub fn is_empty(&self) -> bool {
        self.buffer.is_empty()
    }

    /// The next whole message, of at most `max` bytes.
    ///
    /// # Errors
    /// [`TooLong`]: the stream is of no use any more.
    pub fn next(&mut self, max: usize) -> Result<Option<Bytes>, TooLong> {
        let Some(len) = self.buffer.first_chunk::<4>() else {
            return Ok(None);
        };
        let len = usize::try_from(u32::from_be_bytes(*len)).map_err(|_| TooLong)?;
        if len > max {
            return Err(TooLong);
        }
        if self.buffer.len() < 4 + len {
            return Ok(None);
        }
        self.buffer.advance(4);
        let message = self.buffer.split_to(len).freeze();
        if self.is_large && self.buffer.is_empty() {
            *self = Self::default();
        }
        Ok(Some(message))
    }
}

/// What a record needs at most in front of its message, in bytes: three variants, and numbers of 64, 32, 32, 8 and 8 bits.
const MAX_RECORD_HEADER: usize = 25;
/// What the identity of a connection needs beyond that: numbers of 32 and 64 bits, and two signs.
const MAX_CONNECTION_ID: usize = 17;

fn max_record_header(lane: DatagramLane) -> usize {
    match lane.flow.connection() {
        None => MAX_RECORD_HEADER,
        Some(_) => MAX_RECORD_HEADER + MAX_CONNECTION_ID,
    }
}

/// What the messages of a datagram belong to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DatagramLane {
    /// The interface.
    pub flow: Flow,
    /// The sender's session.
    pub incarnation: u64,
    /// The channel.
    pub channel: u32,
}

#[derive(Serialize, Deserialize)]
struct Record {
    /// `None` for that of the record before.
    lane: Option<DatagramLane>,
    kind: RecordKind,
}

#[derive(Serialize, Deserialize)]
enum RecordKind {
    /// A message of so many bytes; another record may follow.
    Whole(u16),
    /// A piece of a message; it takes the rest of the datagram.
    Piece { message: u32, index: u8, count: u8 },
}

/// One thing that a datagram carries.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Datagram {
    /// A message.
    Whole {
        /// What it belongs to.
        lane: DatagramLane,
        /// The message.
        data: Bytes,
    },
    /// A piece of one.
    Piece(Fragment),
}

/// A piece of an unreliable message.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fragment {
    /// What the message belongs to.
    pub lane: DatagramLane,
    /// Tells the sender's messages apart.
    pub message: u32,
    /// Which piece.
    pub index: u8,
    /// Of how many, 2 to [`MAX_FRAGMENTS`].
    pub count: u8,
    /// The piece.
    pub data: Bytes,
}

impl Datagram {
    /// Takes the next record off a datagram, with the lane of the one before; `None` when there is none, or what is left
    /// is malformed.
    pub fn take(rest: &mut Bytes, lane: &mut Option<DatagramLane>) -> Option<Self> {
        let (record, after) = postcard::take_from_bytes::<Record>(rest).ok()?;
        let used = rest.len() - after.len();
        *lane = record.lane.or(*lane);
        let lane = (*lane)?;
        match record.kind {
            RecordKind::Whole(len) => {
                let len = usize::from(len);
                if rest.len() < used + len {
                    return None;
                }
                rest.advance(used);
                let data = rest.split_to(len);
                Some(Self::Whole { lane, data })
            }
            RecordKind::Piece {
                message,
                index,
                count,
            } => {
                if !(2..=MAX_FRAGMENTS).contains(&count) || index >= count {
                    return None;
                }
                rest.advance(used);
                let data = rest.split_off(0);
                Some(Self::Piece(Fragment {
                    lane,
                    message,
                    index,
                    count,
                    data,
                }))
            }
        }
    }
}

/// Packs small messages into datagrams.
#[derive(Debug, Default)]
pub struct DatagramPacker {
    buffer: BytesMut,
    /// That of the last record in the buffer.
    lane: Option<DatagramLane>,
}

impl DatagramPacker {
    /// Adds a message. Returns a datagram that is full, to be sent before.
    ///
    /// # Errors
    /// When the message fits into no datagram of `max` bytes: it is for [`fragments`].
    pub fn push(
        &mut self,
        max: usize,
        lane: DatagramLane,
        data: &[u8],
    ) -> Result<Option<Bytes>, TooLong> {
        let len = u16::try_from(data.len()).map_err(|_| TooLong)?;
        let header_len = max_record_header(lane);
        if header_len + data.len() > max {
            return Err(TooLong);
        }
        let is_full = self.buffer.len() + header_len + data.len() > max;
        let full = if is_full { self.finish() } else { None };
        let record = Record {
            lane: (self.lane != Some(lane)).then_some(lane),
            kind: RecordKind::Whole(len),
        };
        let mut header = [0; MAX_RECORD_HEADER + MAX_CONNECTION_ID];
        let header = postcard::to_slice(&record, &mut header).map_err(|_| TooLong)?;
        if self.buffer.capacity() == 0 {
            self.buffer.reserve(max);
        }
        self.buffer.extend_from_slice(header);
        self.buffer.extend_from_slice(data);
        self.lane = Some(lane);
        Ok(full)
    }

    /// What has been packed so far, if anything.
    pub fn finish(&mut self) -> Option<Bytes> {
        self.lane = None;
        (!self.buffer.is_empty()).then(|| self.buffer.split().freeze())
    }
}

/// Cuts a message into datagrams of at most `max` bytes; `None` when more than [`MAX_FRAGMENTS`] would be needed.
pub fn fragments(max: usize, lane: DatagramLane, message: u32, data: &[u8]) -> Option<Vec<Bytes>> {
    let piece = max
        .checked_sub(max_record_header(lane))
        .filter(|piece| *piece > 0)?;
    let count = u8::try_from(data.len().div_ceil(piece).max(2))
        .ok()
        .filter(|count| *count <= MAX_FRAGMENTS)?;
    let piece = data.len().div_ceil(usize::from(count)).max(1);
    let mut datagrams = Vec::with_capacity(usize::from(count));
    for index in 0..count {
        let record = Record {
            lane: Some(lane),
            kind: RecordKind::Piece {
                message,
                index,
                count,
            },
        };
        let mut datagram = postcard::to_stdvec(&record).ok()?;
        let from = (usize::from(index) * piece).min(data.len());
        datagram.extend_from_slice(&data[from..(from + piece).min(data.len())]);
        datagrams.push(Bytes::from(datagram));
    }
    Some(datagrams)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sessions::ConnectionId;

    fn lane(channel: u32) -> DatagramLane {
        DatagramLane {
            flow: Flow::P2p,
            incarnation: 1 << 50,
            channel,
        }
    }

    #[test]
    fn small_messages_share_datagrams_and_come_out_in_order() {
        let mut packer = DatagramPacker::default();
        let mut datagrams = Vec::new();
        for number in 0..100_u8 {
            datagrams.extend(
                packer
                    .push(1100, lane(u32::from(number / 40)), &[number; 50])
                    .unwrap(),
            );
        }
        datagrams.extend(packer.finish());
        assert!(datagrams.len() < 6 && datagrams.iter().all(|datagram| datagram.len() <= 1100));
        let mut numbers = Vec::new();
        for mut datagram in datagrams {
            let mut last = None;
            while let Some(Datagram::Whole { lane: of, data }) =
                Datagram::take(&mut datagram, &mut last)
            {
                assert_eq!((of, data.len()), (lane(u32::from(data[0] / 40)), 50));
                numbers.push(data[0]);
            }
        }
        assert_eq!(numbers, (0..100).collect::<Vec<u8>>());
    }

    #[test]
    fn a_header_is_never_longer_than_it_may_be() {
        let id = ConnectionId {
            port: u32::MAX,
            number: u64::MAX,
            by_lower: true,
            symmetric: true,
        };
        for flow in [Flow::Messages, Flow::Connection(id)] {
            let lane = DatagramLane {
                flow,
                incarnation: u64::MAX,
                channel: u32::MAX,
            };
            assert_eq!(longest_header(lane), max_record_header(lane));
        }
    }

    fn longest_header(lane: DatagramLane) -> usize {
        let record = |kind| Record {
            lane: Some(lane),
            kind,
        };
        let kinds = [
            RecordKind::Whole(u16::MAX),
            RecordKind::Piece {
                message: u32::MAX,
                index: u8::MAX,
                count: u8::MAX,
            },
        ];
        let lengths = kinds.map(|kind| postcard::to_stdvec(&record(kind)).unwrap().len());
        lengths.into_iter().max().unwrap()
    }

    #[test]
    fn pieces_are_whole_and_bounded() {
        let data = vec![9; 10_000];
        let pieces = fragments(1100, lane(0), 1, &data).unwrap();
        let mut sum = 0;
        for (index, mut piece) in pieces.into_iter().enumerate() {
            assert!(piece.len() <= 1100);
            let Some(Datagram::Piece(piece)) = Datagram::take(&mut piece, &mut None) else {
                panic!("no piece")
            };
            assert_eq!(usize::from(piece.index), index);
            sum += piece.data.len();
        }
        assert_eq!(sum, data.len());
        assert!(fragments(1100, lane(0), 1, &vec![0; 20_000]).is_none());
    }

    /// All other values of each byte, and all truncations.
    fn changes(bytes: &[u8]) -> impl Iterator<Item = Vec<u8>> {
        let cut = (0..bytes.len()).map(move |len| bytes[..len].to_vec());
        let changed = (0..bytes.len()).flat_map(move |at| {
            let others = (0..=u8::MAX).filter(move |value| *value != bytes[at]);
            others.map(move |value| {
                let mut changed = bytes.to_vec();
                changed[at] = value;
                changed
            })
        });
        cut.chain(changed)
    }

    #[test]
    fn changed_datagrams_are_none_or_within_their_bounds() {
        let mut packer = DatagramPacker::default();
        for channel in [3, 3, 300] {
            packer.push(1100, lane(channel), b"hello").unwrap();
        }
        let whole = packer.finish().unwrap();
        let pieces = fragments(60, lane(300), 70_000, &[7; 50]).unwrap();
        for datagram in pieces.into_iter().chain([whole]) {
            for changed in changes(&datagram) {
                let (mut rest, mut last) = (Bytes::from(changed), None);
                while !rest.is_empty() {
                    let before = rest.len();
                    match Datagram::take(&mut rest, &mut last) {
                        None => break,
                        Some(Datagram::Whole { data, .. }) => {
                            assert!(data.len() + rest.len() < before);
                        }
                        Some(Datagram::Piece(piece)) => {
                            assert!(piece.index < piece.count && piece.count <= MAX_FRAGMENTS);
                            assert!(piece.data.len() < before && rest.is_empty());
                        }
                    }
                }
            }
        }
    }

    #[test]
    fn truncated_datagrams_are_none() {
        let mut packer = DatagramPacker::default();
        for channel in [3, 3, 4] {
            packer.push(1100, lane(channel), b"hello").unwrap();
        }
        let datagram = packer.finish().unwrap();
        for len in 0..datagram.len() {
            let (mut cut, mut last) = (datagram.slice(..len), None);
            let taken = std::iter::from_fn(|| Datagram::take(&mut cut, &mut last)).count();
            assert!(taken < 3);
        }
    }

    #[test]
    fn changed_frames_are_too_long_or_within_their_bounds() {
        let id = ConnectionId {
            port: 300,
            number: 1 << 50,
            by_lower: true,
            symmetric: false,
        };
        let headers = [
            StreamHeader::Control,
            StreamHeader::Messages {
                flow: Flow::Connection(id),
                incarnation: 1 << 50,
                channel: 300,
            },
            StreamHeader::Messages {
                flow: Flow::Messages,
                incarnation: 1 << 50,
                channel: 300,
            },
        ];
        for header in headers {
            let bytes = postcard::to_stdvec(&header).unwrap();
            for changed in changes(&bytes) {
                if let Ok(header) = postcard::from_bytes::<StreamHeader>(&changed) {
                    assert!(postcard::to_stdvec(&header).unwrap().len() <= MAX_CONTROL);
                }
            }
            let mut framed = BytesMut::new();
            frame(&bytes, &mut framed);
            frame(b"hello", &mut framed);
            for changed in changes(&framed) {
                let mut unframer = Unframer::default();
                unframer.push(&changed);
                let mut sum = 0;
                while let Ok(Some(message)) = unframer.next(MAX_CONTROL) {
                    assert!(message.len() <= MAX_CONTROL);
                    sum += message.len() + 4;
                }
                assert_eq!(sum + unframer.len(), changed.len());
            }
        }
        let mut unframer = Unframer::default();
        unframer.push(&u32::MAX.to_be_bytes());
        assert_eq!(unframer.next(MAX_STREAM_MESSAGE), Err(TooLong));
    }
}
