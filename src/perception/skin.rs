//! Colours inside polygons and rows of boxes, from the pixels of the full frame.
//!
//! All sums are whole numbers, so the answer is the same on every machine; nothing here allocates but the rows themselves.

use super::preprocess::check_picture;
use super::repeats::Lines;
use crate::face::{CHEST_STRIPS, ChestLook, PATCH_COLUMNS, PATCH_ROWS, PATCHES, RegionColour};
use crate::frame::{BBox, Image};
use crate::units::Unavailable;

/// A channel from here on may be cut off: cameras stop short of 255.
const SATURATED: u8 = 250;
/// A pixel whose brightest channel is below this is noise over black.
const DARK: u8 = 16;
/// Fewer pixels than this have no colour to speak of.
const PIXELS_MIN: u32 = 16;
/// While at least this part of a region is usable, its colour is that of the usable pixels; else that of all of them,
/// which says little, but is there beside the parts that are too bright or too dark.
const USABLE_MIN: f64 = 0.25;
/// Most corners of a polygon.
const CORNERS_MAX: usize = 32;
/// Rows of a region that are looked at; of a higher one every second, third, ... row.
const ROWS_MAX: usize = 256;

/// Rows of a strip of a chest; of a higher chest each is a mean over several.
const STRIP_ROWS_MAX: usize = 64;
/// A strip has at least this many columns.
const STRIP_WIDTH_MIN: usize = 4;

/// Linear light of an sRGB value (IEC 61966-2-1, section 5.2), 0 to 65,535.
static LINEAR: [u16; 256] = linear_table();

/// `f64::powf` is not for constants: x^2.4 = x^2 * (x^2)^(1/5), the fifth root by Newton's method.
const fn linear_table() -> [u16; 256] {
    let mut table = [0; 256];
    let mut value = 0;
    while value < 256 {
        let coded = value as f64 / 255.0;
        let linear = if coded <= 0.040_45 {
            coded / 12.92
        } else {
            let x = (coded + 0.055) / 1.055;
            let square = x * x;
            let mut root = 1.0;
            let mut step = 0;
            while step < 60 {
                root -= (root * root * root * root * root - square) / (5.0 * root * root * root * root);
                step += 1;
            }
            square * root
        };
        table[value] = (linear * 65_535.0 + 0.5) as u16;
        value += 1;
    }
    table
}

/// Sums over pixels.
#[derive(Debug, Clone, Copy, Default)]
struct Sums {
    pixels: u32,
    saturated: u32,
    dark: u32,
    /// Blue, green, red of all pixels, and of the usable ones.
    all: [u64; 3],
    usable: [u64; 3],
}

impl Sums {
    fn add_row(&mut self, row: &[u8]) {
        let (pixels, _) = row.as_chunks::<3>();
        let (mut all, mut unusable) = ([0; 3], [0; 3]);
        for bgr in pixels {
            let linear = bgr.map(|c| u64::from(LINEAR[usize::from(c)]));
            all.iter_mut().zip(linear).for_each(|(sum, value)| *sum += value);
            let brightest = bgr[0].max(bgr[1]).max(bgr[2]);
            if !(DARK..SATURATED).contains(&brightest) {
                self.saturated += u32::from(brightest >= SATURATED);
                self.dark += u32::from(brightest < DARK);
                unusable.iter_mut().zip(linear).for_each(|(sum, value)| *sum += value);
            }
        }
        for c in 0..3 {
            self.all[c] += all[c];
            self.usable[c] += all[c] - unusable[c];
        }
        self.pixels += pixels.len() as u32;
    }

    fn with(mut self, other: &Self) -> Self {
        self.pixels += other.pixels;
        self.saturated += other.saturated;
        self.dark += other.dark;
        for c in 0..3 {
            self.all[c] += other.all[c];
            self.usable[c] += other.usable[c];
        }
        self
    }

    /// Part of the pixels that `count` is.
    fn share(&self, count: u32) -> f64 {
        f64::from(count) / f64::from(self.pixels)
    }

    /// Mean red, green and blue, 0 to 255; `None` for too few pixels.
    fn mean(&self) -> Option<[f64; 3]> {
        if self.pixels < PIXELS_MIN {
            return None;
        }
        let usable = self.pixels - self.saturated - self.dark;
        let enough = self.share(usable) >= USABLE_MIN;
        let (sums, count) = if enough { (self.usable, usable) } else { (self.all, self.pixels) };
        let [b, g, r] = sums.map(|sum| sum as f64 / f64::from(count) * (255.0 / 65_535.0));
        Some([r, g, b])
    }
}

/// How many pixels were compared with the frame before, and how many of them were the same.
#[derive(Debug, Clone, Copy, Default)]
struct Repeated {
    compared: u32,
    same: u32,
}

impl Repeated {
    fn add_row(&mut self, now: &[u8], before: &[u8]) {
        let (now, _) = now.as_chunks::<3>();
        let (before, _) = before.as_chunks::<3>();
        self.compared += now.len() as u32;
        let differs = |(a, b): (&[u8; 3], &[u8; 3])| (a[0] ^ b[0]) | (a[1] ^ b[1]) | (a[2] ^ b[2]);
        self.same += now.iter().zip(before).map(|pair| u32::from(differs(pair) == 0)).sum::<u32>();
    }

    fn part(self) -> Option<f64> {
        (self.compared > 0).then(|| f64::from(self.same) / f64::from(self.compared))
    }
}

/// The colour of a region with these patches, when each row that was looked at stands for `rows`.
fn region(patches: &[Sums; PATCHES], repeated: Repeated, rows: usize) -> Result<RegionColour, Unavailable> {
    let whole = patches.iter().fold(Sums::default(), Sums::with);
    let rgb = whole.mean().ok_or(Unavailable::TooSmall)?;
    Ok(RegionColour {
        rgb,
        pixels: whole.pixels * rows as u32,
        saturated: whole.share(whole.saturated),
        dark: whole.share(whole.dark),
        patches: patches.each_ref().map(|patch| patch.mean().map(|rgb| rgb.map(|c| c as f32))),
        unchanged: repeated.part(),
    })
}

/// The colour of the pixels of `image` whose centres lie inside the closed `polygon` (even-odd rule), in linear light; `before` has rows of
/// the frame before.
///
/// # Errors
/// `TooSmall` below 16 pixels inside the frame, and for polygons of less than 3 or more than 32 corners.
pub(super) fn colour(
    image: &Image,
    polygon: &[(f64, f64)],
    before: Option<&Lines>,
) -> Result<RegionColour, Unavailable> {
    let finite = polygon.iter().all(|(x, y)| x.is_finite() && y.is_finite());
    if !(3..=CORNERS_MAX).contains(&polygon.len()) || !finite || check_picture(image).is_err() {
        return Err(Unavailable::TooSmall);
    }
    let (width, height) = (image.width as usize, image.height as usize);
    let ys = polygon.iter().map(|(_, y)| *y);
    let top = first_centre(ys.clone().fold(f64::INFINITY, f64::min), height);
    let bottom = first_centre(ys.fold(f64::NEG_INFINITY, f64::max), height);
    let stride = (bottom - top.min(bottom)).div_ceil(ROWS_MAX).max(1);
    let mut patches = [Sums::default(); PATCHES];
    let mut repeated = Repeated::default();
    for y in (top..bottom).step_by(stride) {
        let row = &image.bgr[3 * width * y..3 * width * (y + 1)];
        let (crossings, count) = crossings(polygon, y as f64 + 0.5);
        let row_before = before.and_then(|lines| lines.row(y));
        let of_row = PATCH_COLUMNS * ((y - top) * PATCH_ROWS / (bottom - top));
        for pair in crossings[..count].chunks_exact(2) {
            let (from, to) = (first_centre(pair[0], width), first_centre(pair[1], width));
            let cut = |column: usize| from + to.saturating_sub(from) * column / PATCH_COLUMNS;
            for (column, sums) in patches[of_row..of_row + PATCH_COLUMNS].iter_mut().enumerate() {
                sums.add_row(&row[3 * cut(column)..3 * cut(column + 1)]);
            }
            if let Some(before) = row_before.filter(|_| from < to) {
                repeated.add_row(&row[3 * from..3 * to], &before[3 * from..3 * to]);
            }
        }
    }
    region(&patches, repeated, stride)
}

/// Number of the first of `count` pixels whose centre is not before `edge`.
fn first_centre(edge: f64, count: usize) -> usize {
    (edge - 0.5).ceil().clamp(0.0, count as f64) as usize
}

/// Where the polygon's sides cross the line at `y`, ascending, and how many there are.
fn crossings(polygon: &[(f64, f64)], y: f64) -> ([f64; CORNERS_MAX], usize) {
    let (mut found, mut count) = ([0.0; CORNERS_MAX], 0);
    let (mut x0, mut y0) = polygon[polygon.len() - 1];
    for &(x1, y1) in polygon {
        if (y0 <= y) != (y1 <= y) {
            found[count] = x0 + (y - y0) / (y1 - y0) * (x1 - x0);
            count += 1;
        }
        (x0, y0) = (x1, y1);
    }
    found[..count].sort_unstable_by(f64::total_cmp);
    (found, count)
}

/// Mean Rec. 601 luma of each row of `bbox` that lies in the picture, top to bottom, over its whole width and in strips.
///
/// # Errors
/// `TooSmall` where less than two whole rows or columns of it are in the picture.
pub(super) fn chest(image: &Image, bbox: &BBox) -> Result<ChestLook, Unavailable> {
    if check_picture(image).is_err() || !bbox.is_valid() {
        return Err(Unavailable::TooSmall);
    }
    let inside = bbox.clipped(image.width, image.height).ok_or(Unavailable::Occluded)?;
    let (width, height) = (image.width as usize, image.height as usize);
    let (left, right) = (first_centre(inside.x, width), first_centre(inside.right(), width));
    let (top, bottom) = (first_centre(inside.y, height), first_centre(inside.bottom(), height));
    if right < left + 2 || bottom < top + 2 {
        return Err(Unavailable::TooSmall);
    }
    let (wide, high) = (right - left, bottom - top);
    let strips = if wide >= STRIP_WIDTH_MIN * CHEST_STRIPS { CHEST_STRIPS } else { 0 };
    let bins = high.min(STRIP_ROWS_MAX);
    let mut rows = Vec::with_capacity(high);
    let mut sums = [[0_u64; STRIP_ROWS_MAX]; CHEST_STRIPS];
    for y in 0..high {
        let (pixels, _) = image.bgr[3 * (width * (top + y) + left)..3 * (width * (top + y) + right)].as_chunks::<3>();
        let cut = |strip: usize| wide * strip / CHEST_STRIPS;
        let of_row: [u64; CHEST_STRIPS] = std::array::from_fn(|strip| luma_sum(&pixels[cut(strip)..cut(strip + 1)]));
        rows.push((of_row.iter().sum::<u64>() as f64 / (1e3 * wide as f64)) as f32);
        for (sums, row) in sums.iter_mut().zip(of_row) {
            sums[y * bins / high] += row;
        }
    }
    let first_row = |bin: usize| (bin * high).div_ceil(bins);
    let mean = |strip: usize, bin: usize| {
        let columns = wide * (strip + 1) / CHEST_STRIPS - wide * strip / CHEST_STRIPS;
        let pixels = columns * (first_row(bin + 1) - first_row(bin));
        (sums[strip][bin] as f64 / (1e3 * pixels as f64)) as f32
    };
    let strip =
        |strip: usize| if strip < strips { (0..bins).map(|bin| mean(strip, bin)).collect() } else { Vec::new() };
    Ok(ChestLook { rows, strips: std::array::from_fn(strip) })
}

fn luma_sum(pixels: &[[u8; 3]]) -> u64 {
    pixels.iter().map(|[b, g, r]| 114 * u64::from(*b) + 587 * u64::from(*g) + 299 * u64::from(*r)).sum()
}

#[cfg(test)]
mod tests {
    use super::super::repeats::Repeats;
    use super::*;

    fn square(x: f64, y: f64, side: f64) -> [(f64, f64); 4] {
        [(x, y), (x + side, y), (x + side, y + side), (x, y + side)]
    }

    #[test]
    fn the_table_is_the_inverse_of_srgb() {
        for value in [0_u8, 1, 10, 11, 64, 128, 200, 254, 255] {
            let coded = f64::from(value) / 255.0;
            let linear = if coded <= 0.040_45 { coded / 12.92 } else { ((coded + 0.055) / 1.055).powf(2.4) };
            assert!((f64::from(LINEAR[usize::from(value)]) - 65_535.0 * linear).abs() <= 0.5, "{value}");
        }
    }

    #[test]
    fn a_plain_region_has_its_own_colour_and_all_its_pixels() {
        let image = Image::filled(60, 40, [30, 120, 200]);
        for (polygon, pixels) in [
            (square(5.0, 5.0, 20.0), 400),
            (square(-10.0, -10.0, 20.0), 100),
            (square(50.0, 30.0, 100.0), 100),
            (square(5.4, 5.4, 20.2), 441),
        ] {
            let seen = colour(&image, &polygon, None).expect("pixels enough");
            assert_eq!((seen.pixels, seen.saturated, seen.dark), (pixels, 0.0, 0.0), "{polygon:?}");
            for (channel, value) in seen.rgb.into_iter().zip([200_u8, 120, 30]) {
                let expected = 255.0 * f64::from(LINEAR[usize::from(value)]) / 65_535.0;
                assert!((channel - expected).abs() < 1e-9, "{channel} for {expected}");
            }
        }
    }

    #[test]
    fn a_hole_and_a_slope_are_not_counted() {
        let image = Image::filled(100, 100, [90; 3]);
        let triangle = colour(&image, &[(10.0, 10.0), (90.0, 10.0), (10.0, 90.0)], None).expect("pixels");
        assert!((f64::from(triangle.pixels) - 3200.0).abs() < 60.0, "{}", triangle.pixels);
        // An arch: 60 x 60 without a 20 x 40 door.
        let arch = [(10., 10.), (70., 10.), (70., 70.), (50., 70.), (50., 30.), (30., 30.), (30., 70.), (10., 70.)];
        assert_eq!(colour(&image, &arch, None).expect("pixels").pixels, 3600 - 800);
    }

    #[test]
    fn what_cannot_change_is_left_out_and_told() {
        let mut image = Image::filled(40, 40, [100; 3]);
        for (i, pixel) in image.bgr.chunks_exact_mut(3).enumerate() {
            match i % 4 {
                0 => pixel.copy_from_slice(&[10, 252, 10]),
                1 => pixel.fill(5),
                _ => {}
            }
        }
        let seen = colour(&image, &square(0.0, 0.0, 40.0), None).expect("pixels");
        assert_eq!((seen.saturated, seen.dark), (0.25, 0.25));
        assert!(seen.rgb.iter().all(|c| (c - 255.0 * f64::from(LINEAR[100]) / 65_535.0).abs() < 1e-9), "{seen:?}");
        let white = colour(&Image::filled(40, 40, [255; 3]), &square(0.0, 0.0, 40.0), None).expect("pixels");
        assert_eq!((white.rgb, white.saturated), ([255.0; 3], 1.0));
    }

    #[test]
    fn what_is_as_it_was_is_counted() {
        let (before, mut now) = (Image::filled(40, 40, [100; 3]), Image::filled(40, 40, [100; 3]));
        // The left quarter changes by one level.
        now.bgr.chunks_exact_mut(120).for_each(|row| row[..30].fill(101));
        let mut repeats = Repeats::default();
        let mut unchanged = |image: &Image| {
            repeats.next();
            colour(image, &square(0.0, 0.0, 40.0), repeats.before(image)).expect("pixels").unchanged
        };
        assert_eq!([unchanged(&before), unchanged(&now), unchanged(&now)], [None, Some(0.75), Some(1.0)]);
    }

    #[test]
    fn patches_have_their_own_colours() {
        let mut image = Image::filled(60, 40, [50; 3]);
        image.bgr.chunks_exact_mut(180).take(20).for_each(|row| row[..60].fill(150));
        let seen = colour(&image, &square(0.0, 0.0, 40.0), None).expect("pixels");
        let level = |value: usize| (255.0 * f64::from(LINEAR[value]) / 65_535.0) as f32;
        // Thirteen of its forty columns; the bright part is twenty wide.
        let greens: Vec<f32> = seen.patches.iter().map(|patch| patch.expect("pixels")[1]).collect();
        assert_eq!([greens[0], greens[2], greens[3], greens[5]], [150, 50, 50, 50].map(level));
        assert!(greens[1] > level(50) && greens[1] < level(150), "{greens:?}");
        assert_eq!(colour(&image, &square(0.0, 0.0, 6.0), None).expect("pixels").patches, [None; PATCHES]);
    }

    #[test]
    fn what_is_no_region_is_too_small() {
        let image = Image::filled(40, 40, [100; 3]);
        let outside = square(50.0, 50.0, 20.0);
        let nan = [(0.0, 0.0), (f64::NAN, 30.0), (30.0, 30.0)];
        let many: Vec<(f64, f64)> = (0..40).map(|i| (f64::from(i), f64::from(i * i % 37))).collect();
        for polygon in [&[][..], &outside[..2], &outside, &square(1.0, 1.0, 3.0), &nan, &many] {
            assert_eq!(colour(&image, polygon, None), Err(Unavailable::TooSmall), "{polygon:?}");
        }
    }

    #[test]
    fn rows_of_a_chest_are_means_of_luma() {
        let mut image = Image::filled(20, 10, [0; 3]);
        for (y, row) in image.bgr.chunks_exact_mut(60).enumerate() {
            row.fill(10 * y as u8);
        }
        let look = chest(&image, &BBox { x: 2.0, y: 3.0, w: 10.0, h: 4.0 }).expect("rows");
        assert_eq!(look.rows, [30.0, 40.0, 50.0, 60.0]);
        assert!(look.strips.iter().all(Vec::is_empty), "ten columns are too few for strips");
        let cut = chest(&image, &BBox { x: -5.0, y: 8.0, w: 10.0, h: 40.0 }).expect("rows");
        assert_eq!(cut.rows, [80.0, 90.0]);
        assert_eq!(chest(&image, &BBox { x: 30.0, y: 3.0, w: 10.0, h: 4.0 }), Err(Unavailable::Occluded));
        assert_eq!(chest(&image, &BBox { x: 3.0, y: 3.0, w: 1.0, h: 4.0 }), Err(Unavailable::TooSmall));
    }

    #[test]
    fn strips_are_means_of_their_own_columns() {
        // Each strip of 6 columns is as bright as its number, and rows get brighter downwards.
        let mut image = Image::filled(30, 150, [0; 3]);
        for (y, row) in image.bgr.chunks_exact_mut(90).enumerate() {
            for (x, pixel) in row.chunks_exact_mut(3).enumerate() {
                pixel.fill((20 * (x / 6) + y) as u8);
            }
        }
        let look = chest(&image, &BBox { x: 0.0, y: 0.0, w: 30.0, h: 150.0 }).expect("rows");
        for (strip, rows) in look.strips.iter().enumerate() {
            assert_eq!(rows.len(), 64);
            // 150 rows in 64: the first is the mean of rows 0 to 2, the last of 148 and 149.
            assert_eq!((rows[0], rows[63]), (20.0 * strip as f32 + 1.0, 20.0 * strip as f32 + 148.5));
        }
        assert_eq!(look.rows[7], 47.0);
    }
}
