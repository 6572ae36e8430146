//! The user's own picture: a PNG or JPEG file in its profile's folder, as large and as square as Steam's avatars.

use std::fs::File;
use std::io::{self, Cursor, Read};
use std::path::Path;
use std::sync::Arc;

use png::{BitDepth, ColorType, Transformations};
use zune_core::colorspace::ColorSpace;
use zune_core::options::DecoderOptions;
use zune_jpeg::JpegDecoder;

use crate::avatar::{self, LARGE};
use crate::files::{self, Access};

/// The largest file of a picture, in bytes.
pub const MAX_PICTURE_FILE: usize = 8 * 1024 * 1024;
/// The largest picture that is read, in pixels: 4096 in each direction.
pub const MAX_PICTURE_PIXELS: u64 = 4096 * 4096;
/// The longest side of a picture that is read, in pixels.
pub const MAX_PICTURE_SIDE: u32 = 16_384;
/// The bytes of a picture as it is kept and sent: [`LARGE`] in each direction, red, green and blue.
pub const PICTURE_BYTES: usize = (LARGE * LARGE * 3) as usize;

/// The files that may hold the picture; the first that exists counts.
const FILES: [&str; 3] = [FILE, "avatar.jpg", "avatar.jpeg"];
/// The one that is written.
pub(crate) const FILE: &str = "avatar.png";
const PNG_SIGNATURE: [u8; 8] = *b"\x89PNG\r\n\x1a\n";
/// How often a JPEG file may go over its picture; those of cameras do it ten times.
const MAX_JPEG_SCANS: usize = 32;
/// What is seen through a picture that is transparent.
const BEHIND: u32 = 0x80;

/// A picture of a user: [`LARGE`] x [`LARGE`] pixels, opaque. Copies share the pixels.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Picture {
    pixels: Arc<[u8]>,
}

/// Why there is no picture in some bytes.
#[derive(Debug, thiserror::Error)]
pub enum PictureError {
    /// The file is larger than [`MAX_PICTURE_FILE`].
    #[error("the file is larger than 8 MiB")]
    FileTooLarge,
    /// The picture is larger than [`MAX_PICTURE_PIXELS`], or longer than [`MAX_PICTURE_SIDE`].
    #[error("{width} x {height} pixels are too many; 4096 x 4096 are the most")]
    TooManyPixels {
        /// Its width.
        width: u64,
        /// Its height.
        height: u64,
    },
    /// It has no pixels, or not as many bytes as its size says.
    #[error("it has no pixels, or not as many as it says")]
    NoPixels,
    /// Neither PNG nor JPEG.
    #[error("it is neither a PNG nor a JPEG file")]
    UnknownFormat,
    /// Cut short or altered.
    #[error("it is damaged: {0}")]
    Damaged(String),
    /// The file cannot be read or written.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// An image of a size that a picture can be made from: RGBA with 8 bits each, row by row from the top left.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RgbaImage {
    width: u32,
    height: u32,
    pixels: Vec<u8>,
}

impl RgbaImage {
    /// An image of these pixels.
    ///
    /// # Errors
    /// [`PictureError::NoPixels`], also where there are more or fewer than the size says, and
    /// [`PictureError::TooManyPixels`].
    pub fn new(width: u32, height: u32, pixels: Vec<u8>) -> Result<Self, PictureError> {
        Picture::check_size(width, height)?;
        if pixels.len() as u64 != u64::from(width) * u64::from(height) * 4 {
            return Err(PictureError::NoPixels);
        }
        Ok(Self {
            width,
            height,
            pixels,
        })
    }

    /// The picture that is made of it: the square in its middle, scaled.
    ///
    /// # Errors
    /// None where [`RgbaImage::new`] had none.
    pub fn to_picture(&self) -> Result<Picture, PictureError> {
        Picture::from_rgba(self.width, self.height, &self.pixels)
    }
}

impl Picture {
    /// The picture of these pixels: [`LARGE`] x [`LARGE`], red, green and blue, row by row from the top left. `None` if
    /// there are not [`PICTURE_BYTES`].
    pub fn from_pixels(pixels: Arc<[u8]>) -> Option<Self> {
        (pixels.len() == PICTURE_BYTES).then_some(Self { pixels })
    }

    /// Whether a picture of this size, in pixels, is read.
    ///
    /// # Errors
    /// [`PictureError::NoPixels`] and [`PictureError::TooManyPixels`].
    pub fn check_size(width: u32, height: u32) -> Result<(), PictureError> {
        check_size(width.into(), height.into())
    }

    /// The picture of an image of any size, RGBA with 8 bits each: the square in its middle, scaled.
    ///
    /// # Errors
    /// [`PictureError::NoPixels`] and [`PictureError::TooManyPixels`].
    pub fn from_rgba(width: u32, height: u32, rgba: &[u8]) -> Result<Self, PictureError> {
        check_size(width.into(), height.into())?;
        Self::scale(width, height, 4, rgba, |p| {
            let alpha = u32::from(p[3]);
            let over = |part: u8| (u32::from(part) * alpha + BEHIND * (255 - alpha)) / 255;
            [over(p[0]), over(p[1]), over(p[2])]
        })
    }

    /// The picture in the bytes of a PNG or JPEG file, whatever its name says.
    ///
    /// # Errors
    /// See [`PictureError`].
    pub fn from_file_bytes(bytes: &[u8]) -> Result<Self, PictureError> {
        if bytes.len() > MAX_PICTURE_FILE {
            Err(PictureError::FileTooLarge)
        } else if bytes.starts_with(&PNG_SIGNATURE) {
            Self::from_png(bytes)
        } else if bytes.starts_with(&[0xff, 0xd8, 0xff]) {
            Self::from_jpeg(bytes)
        } else {
            Err(PictureError::UnknownFormat)
        }
    }

    /// The pixels: [`PICTURE_BYTES`], red, green and blue.
    pub fn pixels(&self) -> &Arc<[u8]> {
        &self.pixels
    }

    /// A number for these pixels, never 0: another picture has another one, the same has the same on the next day.
    pub fn number(&self) -> u64 {
        let hash = ring::digest::digest(&ring::digest::SHA256, &self.pixels);
        let first = hash.as_ref().iter().take(size_of::<u64>());
        first
            .fold(0, |number, byte| number << 8 | u64::from(*byte))
            .max(1)
    }

    /// The picture in another size: `size_px` * `size_px` pixels, RGBA with 8 bits each, opaque. Sizes are reduced to
    /// [`avatar::MAX_SIZE`].
    pub fn rgba(&self, size_px: u32) -> Vec<u8> {
        let size = size_px.min(avatar::MAX_SIZE) as usize;
        let resized = (size != LARGE as usize).then(|| {
            let colour = |p: &[u8]| [u32::from(p[0]), u32::from(p[1]), u32::from(p[2])];
            let side = LARGE as usize;
            resample(&self.pixels, (side, 3), (0, 0), side, size, colour)
        });
        let colours = match &resized {
            Some(colours) => colours.as_slice(),
            None => self.pixels.as_chunks().0,
        };
        colours
            .iter()
            .flat_map(|[r, g, b]| [*r, *g, *b, 255])
            .collect()
    }

    /// The picture as a PNG file.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn to_png(&self) -> Result<Vec<u8>, PictureError> {
        let mut bytes = Vec::new();
        let mut encoder = png::Encoder::new(&mut bytes, LARGE, LARGE);
        encoder.set_color(ColorType::Rgb);
        encoder.set_depth(BitDepth::Eight);
        encoder
            .write_header()
            .and_then(|mut writer| writer.write_image_data(&self.pixels))
            .map_err(io::Error::from)?;
        Ok(bytes)
    }

    fn from_png(bytes: &[u8]) -> Result<Self, PictureError> {
        let damaged = |error: png::DecodingError| PictureError::Damaged(error.to_string());
        let mut decoder = png::Decoder::new(Cursor::new(bytes));
        decoder.set_transformations(Transformations::EXPAND | Transformations::STRIP_16);
        decoder.set_ignore_text_chunk(true);
        decoder.set_ignore_iccp_chunk(true);
        let header = decoder.read_header_info().map_err(damaged)?;
        let (width, height) = (header.width, header.height);
        check_size(width.into(), height.into())?;
        let mut reader = decoder.read_info().map_err(damaged)?;
        let mut pixels = vec![0; reader.output_buffer_size().ok_or(PictureError::NoPixels)?];
        reader.next_frame(&mut pixels).map_err(damaged)?;
        let rgb = |p: &[u8]| [p[0], p[1], p[2]].map(u32::from);
        let over = |part: u8, alpha: u8| {
            (u32::from(part) * u32::from(alpha) + BEHIND * (255 - u32::from(alpha))) / 255
        };
        match reader.output_color_type().0 {
            ColorType::Grayscale => {
                Self::scale(width, height, 1, &pixels, |p| [u32::from(p[0]); 3])
            }
            ColorType::GrayscaleAlpha => {
                Self::scale(width, height, 2, &pixels, |p| [over(p[0], p[1]); 3])
            }
            ColorType::Rgb => Self::scale(width, height, 3, &pixels, rgb),
            ColorType::Rgba => Self::from_rgba(width, height, &pixels),
            ColorType::Indexed => Err(PictureError::NoPixels),
        }
    }

    fn from_jpeg(bytes: &[u8]) -> Result<Self, PictureError> {
        let damaged =
            |error: zune_jpeg::errors::DecodeErrors| PictureError::Damaged(format!("{error:?}"));
        let options = DecoderOptions::default()
            .set_strict_mode(true)
            .jpeg_set_max_scans(MAX_JPEG_SCANS)
            .jpeg_set_out_colorspace(ColorSpace::RGB);
        let mut decoder =
            JpegDecoder::new_with_options(zune_core::bytestream::ZCursor::new(bytes), options);
        decoder.decode_headers().map_err(damaged)?;
        let (width, height) = decoder.dimensions().ok_or(PictureError::NoPixels)?;
        check_size(width as u64, height as u64)?;
        let pixels = decoder.decode().map_err(damaged)?;
        let side = |side| u32::try_from(side).map_err(|_| PictureError::NoPixels);
        Self::scale(side(width)?, side(height)?, 3, &pixels, |p| {
            [p[0], p[1], p[2]].map(u32::from)
        })
    }

    /// Crops to the square in the middle and scales it. `colour` reads a pixel of `bytes_each`.
    fn scale(
        width: u32,
        height: u32,
        bytes_each: usize,
        pixels: &[u8],
        colour: impl Fn(&[u8]) -> [u32; 3],
    ) -> Result<Self, PictureError> {
        let (width, height) = (width as usize, height as usize);
        if width == 0 || height == 0 || pixels.len() != width * height * bytes_each {
            return Err(PictureError::NoPixels);
        }
        let side = width.min(height);
        let corner = ((width - side) / 2, (height - side) / 2);
        let scaled = resample(
            pixels,
            (width, bytes_each),
            corner,
            side,
            LARGE as usize,
            colour,
        );
        let pixels = scaled.into_flattened().into();
        Ok(Self { pixels })
    }
}

/// The picture in a profile's folder; `None`, with a line in the log, when there is none that can be used.
pub(crate) fn load(dir: &Path) -> Option<Picture> {
    let path = FILES
        .iter()
        .map(|file| dir.join(file))
        .find(|path| path.exists())?;
    match read(&path) {
        Ok(picture) => Some(picture),
        Err(error) => {
            tracing::warn!(
                "the picture {} is not used, and a generated one is in its place: {error}",
                path.display()
            );
            None
        }
    }
}

fn read(path: &Path) -> Result<Picture, PictureError> {
    let mut bytes = Vec::new();
    File::open(path)?
        .take(MAX_PICTURE_FILE as u64 + 1)
        .read_to_end(&mut bytes)?;
    Picture::from_file_bytes(&bytes)
}

/// Puts the picture into a profile's folder, or takes every picture out of it.
pub(crate) fn store(dir: &Path, picture: Option<&Picture>) -> io::Result<()> {
    match picture {
        Some(picture) => {
            let bytes = picture.to_png().map_err(io::Error::other)?;
            files::write_atomic(&dir.join(FILE), &bytes, Access::Shared)
        }
        None => FILES
            .iter()
            .map(|file| std::fs::remove_file(dir.join(file)))
            .filter(
                |removed| !matches!(removed, Err(error) if error.kind() == io::ErrorKind::NotFound),
            )
            .collect(),
    }
}

fn check_size(width: u64, height: u64) -> Result<(), PictureError> {
    if width == 0 || height == 0 {
        Err(PictureError::NoPixels)
    } else if width.max(height) > MAX_PICTURE_SIDE.into()
        || width.saturating_mul(height) > MAX_PICTURE_PIXELS
    {
        Err(PictureError::TooManyPixels { width, height })
    } else {
        Ok(())
    }
}

/// Scales a square of a picture to `size` pixels: each is the average of the area that it covers.
///
/// The square is `side` wide and begins at `corner`; the picture is `layout.0` pixels wide, of `layout.1` bytes each.
fn resample(
    pixels: &[u8],
    layout: (usize, usize),
    corner: (usize, usize),
    side: usize,
    size: usize,
    colour: impl Fn(&[u8]) -> [u32; 3],
) -> Vec<[u8; 3]> {
    let spans: Vec<Vec<(usize, u64)>> = (0..size).map(|at| covered(at, side, size)).collect();
    let area = (side * side) as u64;
    let mut scaled = Vec::with_capacity(size * size);
    // First along each row, then over the rows: each pixel of the square is looked at once, or twice at an edge.
    let mut line = vec![[0_u64; 3]; size];
    let mut line_of = None;
    let mut sums = vec![[0_u64; 3]; size];
    for rows in &spans {
        sums.fill([0; 3]);
        for (row, weight) in rows {
            if line_of != Some(*row) {
                let begin = (corner.1 + row) * layout.0 + corner.0;
                let square = &pixels[begin * layout.1..(begin + side) * layout.1];
                shrink(square, layout.1, &spans, &colour, &mut line);
                line_of = Some(*row);
            }
            for (total, parts) in sums.iter_mut().zip(&line) {
                for (total, part) in total.iter_mut().zip(parts) {
                    *total += part * weight;
                }
            }
        }
        let average = |total: u64| u8::try_from((total + area / 2) / area).unwrap_or(u8::MAX);
        scaled.extend(sums.iter().map(|sum| sum.map(average)));
    }
    scaled
}

/// One row of [`resample`]: for each of the new pixels the sum of what it covers.
fn shrink(
    row: &[u8],
    bytes_each: usize,
    spans: &[Vec<(usize, u64)>],
    colour: impl Fn(&[u8]) -> [u32; 3],
    line: &mut [[u64; 3]],
) {
    for (columns, sum) in spans.iter().zip(line) {
        *sum = [0; 3];
        for (column, weight) in columns {
            let parts = colour(&row[column * bytes_each..(column + 1) * bytes_each]);
            for (total, part) in sum.iter_mut().zip(parts) {
                *total += u64::from(part) * weight;
            }
        }
    }
}

/// The pixels of `side` that pixel `at` of `size` covers, each with its part of `side` in all.
fn covered(at: usize, side: usize, size: usize) -> Vec<(usize, u64)> {
    // In units of which a pixel of `side` has `size`.
    let (begin, end) = (at * side, (at + 1) * side);
    (begin / size..end.div_ceil(size))
        .map(|pixel| {
            let overlap = end.min((pixel + 1) * size) - begin.max(pixel * size);
            (pixel, overlap as u64)
        })
        .collect()
}

#[cfg(test)]
mod tests;
