//! Frames as bytes: a flag byte, then postcard, deflated where that pays.

use std::borrow::Cow;
use std::cell::RefCell;

use flate2::{Compress, Compression, Decompress, FlushCompress, FlushDecompress, Status};
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};

/// The largest frame, in bytes, before and after inflating.
pub const MAX_FRAME: usize = 1024 * 1024;
/// The largest hello, in bytes after inflating: with all the lobbies that a user can be in, each as large as it can be.
pub const MAX_HELLO: usize = 768 * 1024;
/// The largest of what a client says after it, in bytes after inflating: a search with all filters.
pub const MAX_COMMAND: usize = 320 * 1024;
/// How many times as large as the frame what it holds may be: reading a frame costs as much as its size says. What could
/// be deflated to less is filled up with zeros.
pub const MAX_INFLATION: usize = 32;
/// From this size on, in bytes, a frame is deflated.
const DEFLATE_FROM: usize = 1024;

const PLAIN: u8 = 0;
const DEFLATED: u8 = 1;
/// What deflating is expected to save: so many times as much is made room for at first.
const USUAL_INFLATION: usize = 4;

thread_local! {
    // A deflater has 390 KB of tables, an inflater 40: more than most frames.
    static DEFLATER: RefCell<Compress> = RefCell::new(Compress::new(Compression::fast(), false));
    static INFLATER: RefCell<Decompress> = RefCell::new(Decompress::new(false));
}

/// Why a frame cannot be made or read.
#[derive(Debug, thiserror::Error)]
pub enum FrameError {
    /// Larger than [`MAX_FRAME`].
    #[error("the frame is larger than 1 MiB")]
    TooLarge,
    /// Cut short, altered, or of another protocol.
    #[error("the frame is malformed")]
    Malformed,
}

/// The bytes of a message.
///
/// # Errors
/// [`FrameError::TooLarge`].
pub fn encode<T: Serialize>(message: &T) -> Result<Vec<u8>, FrameError> {
    encode_counted(message).map(|(frame, _)| frame)
}

/// The same, and how many bytes it was before it was deflated, which is what making it costs.
///
/// # Errors
/// [`FrameError::TooLarge`].
pub fn encode_counted<T: Serialize>(message: &T) -> Result<(Vec<u8>, usize), FrameError> {
    let plain = postcard::to_stdvec(message).map_err(|_| FrameError::Malformed)?;
    if plain.len() >= MAX_FRAME {
        return Err(FrameError::TooLarge);
    }
    if plain.len() >= DEFLATE_FROM
        && let Some(mut deflated) = deflate(&plain)
    {
        // Deflate has its own end.
        let least = plain.len().div_ceil(MAX_INFLATION);
        deflated.resize(deflated.len().max(least), 0);
        // It may wait for its recipients, with all the room that was made for it.
        deflated.shrink_to_fit();
        return Ok((deflated, plain.len()));
    }
    let mut frame = Vec::with_capacity(plain.len() + 1);
    frame.push(PLAIN);
    frame.extend_from_slice(&plain);
    Ok((frame, plain.len()))
}

/// The message in these bytes, all of which it must use.
///
/// # Errors
/// [`FrameError::TooLarge`] and [`FrameError::Malformed`].
pub fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, FrameError> {
    parse(&open(frame, MAX_FRAME)?)
}

/// The version of the protocol that a hello names, also where the rest of it is of a version that cannot be read.
pub fn hello_protocol(frame: &[u8]) -> Option<u16> {
    /// What a hello has begun with in every version.
    #[derive(Deserialize)]
    enum Beginning {
        Hello(u16),
    }
    let plain = open(frame, MAX_HELLO).ok()?;
    let (Beginning::Hello(protocol), _) = postcard::take_from_bytes(&plain).ok()?;
    Some(protocol)
}

/// What is in a frame, for [`parse`]: inflated where it is deflated. No more than `most` bytes are made.
///
/// # Errors
/// [`FrameError::TooLarge`], also when it inflates more than [`MAX_INFLATION`] times, and [`FrameError::Malformed`].
pub fn open(frame: &[u8], most: usize) -> Result<Cow<'_, [u8]>, FrameError> {
    match frame.split_first() {
        Some((&PLAIN, plain)) if plain.len() <= most => Ok(Cow::Borrowed(plain)),
        Some((&DEFLATED, deflated)) if deflated.len() <= most => {
            inflate(deflated, most.min(frame.len() * MAX_INFLATION)).map(Cow::Owned)
        }
        Some((&(PLAIN | DEFLATED), _)) => Err(FrameError::TooLarge),
        _ => Err(FrameError::Malformed),
    }
}

/// The message in these bytes, which [`open`] gave, and all of which it must use.
///
/// # Errors
/// [`FrameError::Malformed`], also when something in it is larger than it may be.
pub fn parse<T: DeserializeOwned>(plain: &[u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(plain) {
        Ok((message, [])) => Ok(message),
        _ => Err(FrameError::Malformed),
    }
}

/// A deflated frame, with its flag byte; `None` where it would be larger than the plain one.
fn deflate(plain: &[u8]) -> Option<Vec<u8>> {
    let mut deflated = Vec::with_capacity(plain.len());
    deflated.push(DEFLATED);
    DEFLATER.with_borrow_mut(|deflater| {
        deflater.reset();
        let status = deflater.compress_vec(plain, &mut deflated, FlushCompress::Finish);
        matches!(status, Ok(Status::StreamEnd)).then_some(deflated)
    })
}

fn inflate(deflated: &[u8], most: usize) -> Result<Vec<u8>, FrameError> {
    let mut plain = Vec::with_capacity(most.min(deflated.len() * USUAL_INFLATION) + 1);
    INFLATER.with_borrow_mut(|inflater| {
        inflater.reset(false);
        loop {
            let (read, made) = (inflater.total_in(), plain.len());
            let rest = usize::try_from(read)
                .ok()
                .and_then(|read| deflated.get(read..));
            let rest = rest.unwrap_or_default();
            let status = inflater.decompress_vec(rest, &mut plain, FlushDecompress::None);
            if plain.len() > most {
                return Err(FrameError::TooLarge);
            }
            let goes_on = inflater.total_in() > read || plain.len() > made;
            match status {
                Ok(Status::StreamEnd) => return Ok(()),
                Ok(_) if plain.len() == plain.capacity() => {
                    let room = plain.len().min(most + 1 - plain.len());
                    plain.reserve_exact(room.max(1));
                }
                Ok(_) if goes_on => {}
                // It is cut short, or none.
                Ok(_) | Err(_) => return Err(FrameError::Malformed),
            }
        }
    })?;
    Ok(plain)
}
