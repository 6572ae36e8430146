//! The generated picture of a user: a symmetrical pattern on a soft background, the same for an ID everywhere.

use samovar_id::SteamId;

/// Width of Steam's small avatars, in pixels.
pub const SMALL: u32 = 32;
/// Width of Steam's medium avatars, in pixels.
pub const MEDIUM: u32 = 64;
/// Width of Steam's large avatars, in pixels.
pub const LARGE: u32 = 184;
/// Widest picture that [`generate`] draws, in pixels.
pub const MAX_SIZE: u32 = 1024;

/// The picture is this many cells wide, the outermost ones empty: all three sizes are multiples of it.
const CELLS: usize = 8;
/// Cells drawn in the left half; the right half mirrors it.
const DRAWN: usize = (CELLS - 2) * (CELLS - 2) / 2;
/// Patterns outside of this number of filled cells look empty or like a block.
const FILLED: std::ops::RangeInclusive<u32> = 7..=12;
/// Each pixel at an edge is averaged over this many points in each direction.
const SAMPLES: u32 = 4;
/// Radius of rounded corners, as a part of a cell.
const RADIUS: f32 = 0.42;

type Rgb = [f32; 3];

/// The picture of `id`: `size` x `size` pixels, RGBA, 8 bits each, opaque, row by row from the top left.
///
/// Sizes that Steam knows are [`SMALL`], [`MEDIUM`] and [`LARGE`]; others are drawn as well, up to [`MAX_SIZE`], to
/// which larger ones are reduced. The same ID and size give the same bytes on every machine.
pub fn generate(id: SteamId, size: u32) -> Vec<u8> {
    let size = size.min(MAX_SIZE) as usize;
    let picture = Picture::new(id);
    let mut pixels = vec![255; size * size * 4];
    for y in 0..size {
        let row = picture.row(y, size);
        for x in 0..size.div_ceil(2) {
            let colour = picture.pixel(x, &row);
            for column in [x, size - 1 - x] {
                let at = (y * size + column) * 4;
                pixels[at..at + 3].copy_from_slice(&colour);
            }
        }
    }
    pixels
}

/// A row of pixels of a picture of some size.
struct Row {
    y: usize,
    size: usize,
    background: Rgb,
    /// Of a pixel that is nothing else.
    background_bytes: [u8; 3],
}

struct Picture {
    /// Which cells of the whole grid are filled, and in which of two colours.
    cells: [[Option<bool>; CELLS]; CELLS],
    colours: [Rgb; 2],
    /// Of pixels that are nothing else.
    colour_bytes: [[u8; 3]; 2],
    top: Rgb,
    bottom: Rgb,
}

impl Picture {
    fn new(id: SteamId) -> Self {
        let mut state = id.raw();
        let hue = degrees(next(&mut state));
        // The second colour is a neighbour on the wheel, or lies across it.
        let other = hue + [40.0, -40.0, 150.0, -150.0][(next(&mut state) % 4) as usize];
        let colours = [hsl(hue, 0.55, 0.42), hsl(other, 0.58, 0.55)];
        Self {
            cells: pattern(&mut state),
            colours,
            colour_bytes: colours.map(|colour| average(|_| colour)),
            top: hsl(hue, 0.50, 0.93),
            bottom: hsl(hue, 0.42, 0.84),
        }
    }

    fn row(&self, y: usize, size: usize) -> Row {
        let background = mix(self.top, self.bottom, (y as f32 + 0.5) / size as f32);
        Row {
            y,
            size,
            background,
            background_bytes: average(|_| background),
        }
    }

    fn pixel(&self, x: usize, row: &Row) -> [u8; 3] {
        match self.one_colour(x, row) {
            Some(None) => row.background_bytes,
            Some(Some(second)) => self.colour_bytes[usize::from(second)],
            None => self.pixel_at_an_edge(x, row),
        }
    }

    /// What all points of a pixel are, where that is quickly told: an empty cell, or one that is filled there. A filled
    /// cell is convex, corners and all, so what holds for the outermost points holds for those between.
    fn one_colour(&self, x: usize, row: &Row) -> Option<Option<bool>> {
        let [left, right] = [0, SAMPLES - 1].map(|n| point(x, n, row.size));
        let [top, bottom] = [0, SAMPLES - 1].map(|n| point(row.y, n, row.size));
        let cell = (to_cell(left), to_cell(top));
        if cell != (to_cell(right), to_cell(bottom)) {
            return None;
        }
        let Some(colour) = self.cells[cell.1][cell.0] else {
            return Some(None);
        };
        let outermost = [(left, top), (right, top), (left, bottom), (right, bottom)];
        let is_filled = |(x, y)| self.filled(x, y).is_some();
        outermost.into_iter().all(is_filled).then_some(Some(colour))
    }

    fn pixel_at_an_edge(&self, x: usize, row: &Row) -> [u8; 3] {
        average(|sample| {
            let at_x = point(x, sample % SAMPLES, row.size);
            let at_y = point(row.y, sample / SAMPLES, row.size);
            self.filled(at_x, at_y)
                .map_or(row.background, |second| self.colours[usize::from(second)])
        })
    }

    /// The colour at a point, in cells from the top left; a filled cell's corner is round where both neighbours that
    /// meet it are empty.
    fn filled(&self, x: f32, y: f32) -> Option<bool> {
        let (column, row) = (to_cell(x), to_cell(y));
        let colour = self.cells[row][column]?;
        let (inner_x, inner_y) = (x - column as f32, y - row as f32);
        let (side_x, near_x) = side(inner_x);
        let (side_y, near_y) = side(inner_y);
        let beside = self.at(column.checked_add_signed(side_x), Some(row));
        let above = self.at(Some(column), row.checked_add_signed(side_y));
        let in_corner = near_x < RADIUS && near_y < RADIUS;
        let (dx, dy) = (RADIUS - near_x, RADIUS - near_y);
        let outside =
            in_corner && beside.is_none() && above.is_none() && dx * dx + dy * dy > RADIUS * RADIUS;
        (!outside).then_some(colour)
    }

    fn at(&self, column: Option<usize>, row: Option<usize>) -> Option<bool> {
        *self.cells.get(row?)?.get(column?)?
    }
}

/// Where one of the points of a pixel is in one direction, in cells.
fn point(pixel: usize, number: u32, size: usize) -> f32 {
    let scale = CELLS as f32 / size as f32;
    (pixel as f32 + (number as f32 + 0.5) / SAMPLES as f32) * scale
}

/// The colour of a pixel with points of these colours.
fn average(colour: impl Fn(u32) -> Rgb) -> [u8; 3] {
    let mut sum = [0.0; 3];
    for sample in 0..SAMPLES * SAMPLES {
        for (total, part) in sum.iter_mut().zip(colour(sample)) {
            *total += part;
        }
    }
    sum.map(|total| to_byte(total / (SAMPLES * SAMPLES) as f32))
}

/// Draws until the number of filled cells is a pleasant one.
fn pattern(state: &mut u64) -> [[Option<bool>; CELLS]; CELLS] {
    let mut bits = next(state);
    // Nearly every second draw is one; the bound only makes the end certain.
    for _ in 0..64 {
        let filled = bits & ((1 << DRAWN) - 1);
        if FILLED.contains(&filled.count_ones()) {
            break;
        }
        bits = next(state);
    }
    let mut cells = [[None; CELLS]; CELLS];
    for cell in 0..DRAWN {
        let (row, column) = (1 + cell / (CELLS / 2 - 1), 1 + cell % (CELLS / 2 - 1));
        if bits >> cell & 1 == 1 {
            let second = bits >> (DRAWN + 2 * cell) & 3 == 3;
            cells[row][column] = Some(second);
            cells[row][CELLS - 1 - column] = Some(second);
        }
    }
    cells
}

/// Which edge of its cell a point is nearer to, and how far from it.
fn side(inner: f32) -> (isize, f32) {
    if inner < 0.5 {
        (-1, inner)
    } else {
        (1, 1.0 - inner)
    }
}

/// SplitMix64: consecutive IDs give unlike pictures.
fn next(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}

fn degrees(random: u64) -> f32 {
    (random % 360) as f32
}

fn hsl(hue: f32, saturation: f32, lightness: f32) -> Rgb {
    let chroma = saturation * lightness.min(1.0 - lightness);
    [0.0, 8.0, 4.0].map(|n: f32| {
        let k = (n + hue.rem_euclid(360.0) / 30.0) % 12.0;
        lightness - chroma * (k - 3.0).min(9.0 - k).clamp(-1.0, 1.0)
    })
}

fn mix(a: Rgb, b: Rgb, part: f32) -> Rgb {
    std::array::from_fn(|i| a[i] + (b[i] - a[i]) * part)
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to a byte's range"
)]
fn to_byte(value: f32) -> u8 {
    (value * 255.0).round().clamp(0.0, 255.0) as u8
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "clamped to the grid"
)]
fn to_cell(value: f32) -> usize {
    (value.max(0.0) as usize).min(CELLS - 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids() -> impl Iterator<Item = SteamId> {
        (0..200).map(|n| SteamId::individual(0x1_0000_0000 * 5 + n))
    }

    #[test]
    fn every_size_has_its_length_and_is_opaque() {
        for size in [0, 1, 3, SMALL, MEDIUM, LARGE] {
            let picture = generate(SteamId::individual(77), size);
            assert_eq!(picture.len(), (size * size * 4) as usize);
            assert!(picture.chunks_exact(4).all(|pixel| pixel[3] == 255));
        }
        assert_eq!(
            generate(SteamId::individual(77), u32::MAX).len(),
            (MAX_SIZE * MAX_SIZE * 4) as usize
        );
    }

    #[test]
    fn what_is_told_quickly_is_what_all_points_say() {
        for id in ids() {
            let picture = Picture::new(id);
            for size in [5, 17, SMALL as usize, MEDIUM as usize] {
                for y in 0..size {
                    let row = picture.row(y, size);
                    for x in 0..size {
                        assert_eq!(picture.pixel(x, &row), picture.pixel_at_an_edge(x, &row));
                    }
                }
            }
        }
    }

    #[test]
    fn few_pixels_of_a_large_picture_are_looked_at_closely() {
        for id in ids() {
            let picture = Picture::new(id);
            let close = (0..LARGE as usize).map(|y| {
                let row = picture.row(y, LARGE as usize);
                (0..LARGE as usize)
                    .filter(|x| picture.one_colour(*x, &row).is_none())
                    .count()
            });
            let close: usize = close.sum();
            assert!(close < 2000, "{close} of 33856");
        }
    }

    #[test]
    fn left_and_right_mirror_each_other() {
        for id in ids() {
            let picture = generate(id, SMALL);
            for row in picture.chunks_exact(SMALL as usize * 4) {
                let pixels: Vec<&[u8]> = row.chunks_exact(4).collect();
                assert!(pixels.iter().eq(pixels.iter().rev()));
            }
        }
    }

    #[test]
    fn the_same_id_gives_the_same_picture_and_another_id_another_one() {
        let pictures: std::collections::HashSet<Vec<u8>> =
            ids().map(|id| generate(id, MEDIUM)).collect();
        assert_eq!(pictures.len(), 200);
        assert!(pictures.contains(&generate(SteamId::individual(0x1_0000_0000 * 5), MEDIUM)));
    }

    #[test]
    fn no_pattern_is_nearly_empty_or_nearly_full() {
        for id in ids() {
            let cells = Picture::new(id).cells;
            let filled = cells.iter().flatten().flatten().count();
            assert!((14..=24).contains(&filled), "{filled}");
        }
    }
}
