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
    let plain = postcard::to_stdvec(message).map_err(|_| FrameError::Malformed)?;
    if plain.len() >= MAX_FRAME {
        return Err(FrameError::TooLarge);
    }
    if plain.len() >= DEFLATE_FROM {
        let mut encoder = DeflateEncoder::new(vec![DEFLATED], Compression::fast());
        if encoder.write_all(&plain).is_ok()
            && let Ok(deflated) = encoder.finish()
            && deflated.len() <= plain.len()
        {
            return Ok(deflated);
        }
    }
    let mut frame = Vec::with_capacity(plain.len() + 1);
    frame.push(PLAIN);
    frame.extend_from_slice(&plain);
    Ok(frame)
}

/// The message in these bytes, all of which it must use.
///
/// # Errors
/// [`FrameError::TooLarge`] and [`FrameError::Malformed`].
pub fn decode<T: DeserializeOwned>(frame: &[u8]) -> Result<T, FrameError> {
    parse(&plain(frame)?)
}

/// The version of the protocol that a hello names, also where the rest of it is of a version that cannot be read.
pub fn hello_protocol(frame: &[u8]) -> Option<u16> {
    /// What a hello has begun with in every version.
    #[derive(Deserialize)]
    enum Beginning {
        Hello(u16),
    }
    let plain = plain(frame).ok()?;
    let (Beginning::Hello(protocol), _) = postcard::take_from_bytes(&plain).ok()?;
    Some(protocol)
}

/// The bytes of a frame, inflated where it is deflated.
fn plain(frame: &[u8]) -> Result<Cow<'_, [u8]>, FrameError> {
    match frame.split_first() {
        Some((&PLAIN, plain)) if plain.len() <= MAX_FRAME => Ok(Cow::Borrowed(plain)),
        Some((&DEFLATED, deflated)) if deflated.len() <= MAX_FRAME => {
            let mut plain = Vec::new();
            let limit = u64::try_from(MAX_FRAME).unwrap_or(u64::MAX) + 1;
            DeflateDecoder::new(deflated)
                .take(limit)
                .read_to_end(&mut plain)
                .map_err(|_| FrameError::Malformed)?;
            if plain.len() > MAX_FRAME {
                Err(FrameError::TooLarge)
            } else {
                Ok(Cow::Owned(plain))
            }
        }
        Some((&(PLAIN | DEFLATED), _)) => Err(FrameError::TooLarge),
        _ => Err(FrameError::Malformed),
    }
}

fn parse<T: DeserializeOwned>(plain: &[u8]) -> Result<T, FrameError> {
    match postcard::take_from_bytes(plain) {
        Ok((message, [])) => Ok(message),
        _ => Err(FrameError::Malformed),
    }
}
