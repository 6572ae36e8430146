//! Frames as bytes: a flag byte, then postcard, deflated where that pays.

use std::io::{Read, Write};

use flate2::Compression;
use flate2::read::DeflateDecoder;
use flate2::write::DeflateEncoder;
use serde::Serialize;
use serde::de::DeserializeOwned;

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
    match frame.split_first() {
        Some((&PLAIN, plain)) if plain.len() <= MAX_FRAME => parse(plain),
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
                parse(&plain)
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
