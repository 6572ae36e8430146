//! Frames as bytes: a flag byte, then postcard, deflated where that pays.

use std::borrow::Cow;
use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
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
    if plain.len() >= DEFLATE_FROM {
        let mut encoder = DeflateEncoder::new(vec![DEFLATED], Compression::fast());
        if encoder.write_all(&plain).is_ok()
            && let Ok(mut deflated) = encoder.finish()
            && deflated.len() <= plain.len()
        {
            // Deflate has its own end.
            let least = plain.len().div_ceil(MAX_INFLATION);
            deflated.resize(deflated.len().max(least), 0);
            return Ok((deflated, plain.len()));
        }
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
            let most = most.min(frame.len() * MAX_INFLATION);
            let mut plain = Vec::new();
            let limit = u64::try_from(most).unwrap_or(u64::MAX) + 1;
            DeflateDecoder::new(deflated)
                .take(limit)
                .read_to_end(&mut plain)
                .map_err(|_| FrameError::Malformed)?;
            if plain.len() > most {
                Err(FrameError::TooLarge)
            } else {
                Ok(Cow::Owned(plain))
            }
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
