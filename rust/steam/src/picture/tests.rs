use super::*;

/// The colours of the two halves of the JPEG files, which lose some.
const HALVES: [[u8; 3]; 2] = [[200, 50, 20], [20, 100, 200]];

/// Two JPEG files of these halves, the simple one and one that goes over the picture several times.
fn jpegs() -> [(&'static str, Vec<u8>); 2] {
    let pixels: Vec<u8> = (0..60 * 40)
        .flat_map(|at| HALVES[usize::from(at % 60 >= 30)])
        .collect();
    [("baseline", false), ("progressive", true)].map(|(name, progressive)| {
        let mut bytes = Vec::new();
        let mut encoder = jpeg_encoder::Encoder::new(&mut bytes, 92);
        encoder.set_progressive(progressive);
        encoder
            .encode(&pixels, 60, 40, jpeg_encoder::ColorType::Rgb)
            .unwrap();
        (name, bytes)
    })
}

/// A PNG file of one colour type; `pixel` gives each pixel's bytes.
fn png(width: u32, height: u32, color: ColorType, pixel: impl Fn(u32, u32) -> Vec<u8>) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width, height);
    encoder.set_color(color);
    encoder.set_depth(BitDepth::Eight);
    let pixels: Vec<u8> = (0..width * height)
        .flat_map(|at| pixel(at % width, at / width))
        .collect();
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&pixels).unwrap();
    drop(writer);
    bytes
}

fn pixel(picture: &Picture, x: u32, y: u32) -> [u8; 3] {
    let at = (y * LARGE + x) as usize * 3;
    picture.pixels[at..at + 3].try_into().unwrap()
}

#[test]
fn the_square_in_the_middle_is_taken() {
    for (width, height) in [(300, 100), (100, 300), (184, 184), (1000, 400)] {
        let side = width.min(height);
        let (left, top) = ((width - side) / 2, (height - side) / 2);
        let bytes = png(width, height, ColorType::Rgb, |x, y| {
            let inside = (left..left + side).contains(&x) && (top..top + side).contains(&y);
            if inside {
                vec![10, 20, 30]
            } else {
                vec![255, 0, 0]
            }
        });
        let picture = Picture::from_file_bytes(&bytes).unwrap();
        assert!(
            picture.pixels.chunks(3).all(|pixel| pixel == [10, 20, 30]),
            "{width} x {height}"
        );
    }
}

#[test]
fn all_colour_types_are_read() {
    let half = |x: u32| if x < 20 { 0 } else { 255 };
    for (color, bytes) in [
        (
            ColorType::Grayscale,
            png(40, 40, ColorType::Grayscale, |x, _| vec![half(x)]),
        ),
        (
            ColorType::GrayscaleAlpha,
            png(40, 40, ColorType::GrayscaleAlpha, |x, _| vec![half(x), 255]),
        ),
        (
            ColorType::Rgb,
            png(40, 40, ColorType::Rgb, |x, _| vec![half(x); 3]),
        ),
        (
            ColorType::Rgba,
            png(40, 40, ColorType::Rgba, |x, _| {
                vec![half(x), half(x), half(x), 255]
            }),
        ),
    ] {
        let picture = Picture::from_file_bytes(&bytes).unwrap();
        assert_eq!(pixel(&picture, 10, 90), [0; 3], "{color:?}");
        assert_eq!(pixel(&picture, 170, 90), [255; 3], "{color:?}");
    }
    // What is transparent shows grey.
    let clear = png(8, 8, ColorType::Rgba, |_, _| vec![255, 0, 0, 0]);
    let picture = Picture::from_file_bytes(&clear).unwrap();
    assert_eq!(pixel(&picture, 90, 90), [0x80; 3]);
}

#[test]
fn a_palette_is_read() {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, 4, 4);
    encoder.set_color(ColorType::Indexed);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_palette(vec![1, 2, 3, 9, 8, 7]);
    let mut writer = encoder.write_header().unwrap();
    writer.write_image_data(&[1; 16]).unwrap();
    drop(writer);
    let picture = Picture::from_file_bytes(&bytes).unwrap();
    assert_eq!(pixel(&picture, 0, 0), [9, 8, 7]);
}

#[test]
fn jpegs_are_read() {
    for (name, bytes) in jpegs() {
        let picture = Picture::from_file_bytes(&bytes).unwrap();
        for (x, wanted) in [(40, HALVES[0]), (140, HALVES[1])] {
            let found = pixel(&picture, x, 90);
            let near = found.iter().zip(wanted).all(|(a, b)| a.abs_diff(b) < 12);
            assert!(near, "{name}: {found:?}, wanted {wanted:?}");
        }
    }
    let mut bytes = Vec::new();
    jpeg_encoder::Encoder::new(&mut bytes, 92)
        .encode(&[127; 64 * 64], 64, 64, jpeg_encoder::ColorType::Luma)
        .unwrap();
    let gray = Picture::from_file_bytes(&bytes).unwrap();
    let [r, g, b] = pixel(&gray, 90, 90);
    assert!(r == g && g == b && r.abs_diff(127) < 8, "{r} {g} {b}");
}

#[test]
fn scaling_averages() {
    let board = png(368, 368, ColorType::Rgb, |x, y| {
        vec![if (x + y) % 2 == 0 { 0 } else { 200 }; 3]
    });
    let picture = Picture::from_file_bytes(&board).unwrap();
    assert!(picture.pixels.iter().all(|part| *part == 100));
    for size in [32, 64, 184, 300] {
        let rgba = picture.rgba(size);
        assert_eq!(rgba, [100, 100, 100, 255].repeat((size * size) as usize));
    }
    assert_eq!(picture.rgba(0), Vec::<u8>::new());
    assert_eq!(picture.rgba(u32::MAX).len(), 1024 * 1024 * 4);
    // The parts of each pixel make up the whole.
    for (side, size) in [(1, 184), (7, 184), (185, 184), (4096, 184), (184, 32)] {
        for at in 0..size {
            let parts: u64 = covered(at, side, size).iter().map(|(_, part)| part).sum();
            assert_eq!(parts, side as u64);
        }
    }
}

#[test]
fn a_picture_survives_its_file() {
    let bytes = png(50, 50, ColorType::Rgb, |x, y| {
        vec![
            u8::try_from(x * 5).unwrap(),
            u8::try_from(y * 5).unwrap(),
            7,
        ]
    });
    let picture = Picture::from_file_bytes(&bytes).unwrap();
    let again = Picture::from_file_bytes(&picture.to_png().unwrap()).unwrap();
    assert_eq!(again, picture);
    assert_eq!(again.number(), picture.number());
    let other = Picture::from_pixels(vec![0; PICTURE_BYTES].into()).unwrap();
    assert_ne!(other.number(), picture.number());
    assert!(Picture::from_pixels(vec![0; PICTURE_BYTES - 1].into()).is_none());
}

#[test]
fn what_is_too_large_is_refused_before_it_is_decoded() {
    let mut bytes = png(10, 10, ColorType::Rgb, |_, _| vec![0; 3]);
    // 10,000 x 10,000 in the header, with its checksum.
    let side = 10_000_u32.to_be_bytes();
    bytes[16..20].copy_from_slice(&side);
    bytes[20..24].copy_from_slice(&side);
    let mut crc = flate2::Crc::new();
    crc.update(&bytes[12..29]);
    bytes[29..33].copy_from_slice(&crc.sum().to_be_bytes());
    let error = Picture::from_file_bytes(&bytes).unwrap_err();
    assert!(
        matches!(
            error,
            PictureError::TooManyPixels {
                width: 10_000,
                height: 10_000
            }
        ),
        "{error}"
    );
    let [(_, mut jpeg), _] = jpegs();
    let frame = jpeg.windows(2).position(|two| two == [0xff, 0xc0]).unwrap();
    jpeg[frame + 5..frame + 9].copy_from_slice(&[0x27, 0x10, 0x27, 0x10]);
    let error = Picture::from_file_bytes(&jpeg).unwrap_err();
    assert!(
        matches!(error, PictureError::TooManyPixels { .. }),
        "{error}"
    );
    let mut huge = bytes;
    huge.resize(MAX_PICTURE_FILE + 1, 0);
    assert!(matches!(
        Picture::from_file_bytes(&huge),
        Err(PictureError::FileTooLarge)
    ));
    assert!(matches!(
        Picture::from_rgba(5000, 5000, &[]),
        Err(PictureError::TooManyPixels { .. })
    ));
}

#[test]
fn damage_is_refused_and_never_a_panic() {
    let good = png(30, 30, ColorType::Rgb, |x, y| {
        vec![u8::try_from(x ^ y).unwrap(); 3]
    });
    for len in 0..good.len() - 12 {
        assert!(
            Picture::from_file_bytes(&good[..len]).is_err(),
            "cut to {len} of {}",
            good.len()
        );
    }
    for (name, jpeg) in &jpegs() {
        for len in 0..jpeg.len() / 2 {
            assert!(
                Picture::from_file_bytes(&jpeg[..len]).is_err(),
                "{name} cut to {len}"
            );
        }
    }
    let [(_, baseline), (_, progressive)] = jpegs();
    for bytes in [&good, &baseline, &progressive] {
        for at in 0..bytes.len() {
            let mut changed = bytes.clone();
            changed[at] ^= [1, 0x80, 0xff][at % 3];
            let _ = Picture::from_file_bytes(&changed);
        }
    }
    for nothing in [&b""[..], b"GIF89a", b"\xff\xd8\xff", &PNG_SIGNATURE] {
        assert!(Picture::from_file_bytes(nothing).is_err());
    }
    assert!(matches!(
        Picture::from_rgba(2, 2, &[0; 15]),
        Err(PictureError::NoPixels)
    ));
    assert!(matches!(
        Picture::from_rgba(0, 2, &[]),
        Err(PictureError::NoPixels)
    ));
}

#[test]
fn the_folder_holds_it_as_png_or_jpeg() {
    let dir = tempfile::tempdir().unwrap();
    assert_eq!(load(dir.path()), None);
    store(dir.path(), None).unwrap();
    std::fs::write(dir.path().join("avatar.jpg"), &jpegs()[0].1).unwrap();
    assert!(load(dir.path()).is_some());
    let red = Picture::from_pixels([255, 0, 0].repeat(PICTURE_BYTES / 3).into()).unwrap();
    store(dir.path(), Some(&red)).unwrap();
    assert_eq!(load(dir.path()), Some(red));
    // No fallback to the other file: the user wants to know.
    std::fs::write(dir.path().join("avatar.png"), "nonsense").unwrap();
    assert_eq!(load(dir.path()), None);
    store(dir.path(), None).unwrap();
    assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
}

#[test]
fn the_large_size_is_the_picture_itself() {
    let noise: Vec<u8> = (0..PICTURE_BYTES)
        .map(|n| u8::try_from(n * 7919 % 251).unwrap())
        .collect();
    let picture = Picture::from_pixels(noise.clone().into()).unwrap();
    let expected: Vec<u8> = noise
        .chunks_exact(3)
        .flat_map(|p| [p[0], p[1], p[2], 255])
        .collect();
    assert_eq!(picture.rgba(LARGE), expected);
    assert_eq!(
        Picture::from_rgba(LARGE, LARGE, &expected).unwrap(),
        picture
    );
}
