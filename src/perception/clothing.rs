//! What a person looks like, without a model: colours and texture of the clothing, from head to feet.
//!
//! The crop is averaged to a grid of 16 x 48 cells, so that near and far people are described at one scale. Cells near the
//! body's middle column count more (B. Farenzena et al., "Person re-identification by symmetry-driven accumulation of
//! local features", CVPR 2010, section 3: the background is at the sides). Six overlapping horizontal parts each hold
//! - colour: hues of colourful cells, dark and bright, and the lightness of grey ones, in overlapping bins; colours are
//!   first divided by the frame's mean colour (the grey-world assumption, G. Buchsbaum, "A spatial processor model for
//!   object colour perception", J. Franklin Institute 310, 1980), which takes out white balance and exposure,
//! - texture: directions of the brightness gradient, and how much of the part is flat.
//!
//! Bins are square roots of shares, so that the cosine of two vectors is their Bhattacharyya coefficient (R. Arandjelovic
//! and A. Zisserman, "Three things everyone should know to improve object retrieval", CVPR 2012, section 3), less what an
//! average person has ([`MEAN`]), so that strangers come out near 0.

use super::clothing_mean::MEAN;
use super::crop::Crop;
use super::preprocess::check_picture;
use super::resize::Region;
use crate::appearance::{Appearance, AppearanceKind};
use crate::frame::{BBox, Image};
use crate::units::Unavailable;

/// Cells of the grid, across and down.
const COLUMNS: usize = 16;
const ROWS: usize = 48;
/// Most pixels of a cell that are looked at, across and down.
const SAMPLES: usize = 4;
/// Horizontal parts of the body.
const PARTS: usize = 6;
const HUES: usize = 8;
const GREYS: usize = 8;
const DIRECTIONS: usize = 4;
/// Bins of a part: hues dark and bright, greys, directions, flat.
const BINS: usize = 2 * HUES + GREYS + DIRECTIONS + 1;
const TEXTURE: usize = 2 * HUES + GREYS;
/// Length of the vector.
pub(super) const LENGTH: usize = PARTS * BINS;
/// Standard deviation of the weight of a column, as a share of the width.
const SIGMA: f32 = 0.22;
/// Difference of the strongest and the weakest colour at which a cell is all colour and no grey, 8-bit steps.
const COLOURFUL: f32 = 64.0;
/// Gradient at which a cell is half flat, 8-bit steps.
const EDGE: f32 = 16.0;
/// How much texture weighs against colour.
const TEXTURE_WEIGHT: f32 = 0.5;
/// Mean of each colour after the division by the frame's, and how strong the division may be.
const FRAME_MEAN: f32 = 110.0;
const GAIN: (f32, f32) = (0.5, 2.0);
/// Samples of a side for the frame's mean.
const FRAME_SAMPLES: u32 = 32;

/// Describes clothing. Without state, and without memory of its own beyond the vector that it gives.
#[derive(Debug, Clone, Copy, Default)]
pub struct ClothingDescriptor;

impl ClothingDescriptor {
    /// The bins of an average person.
    pub const AVERAGE: &[f32] = &MEAN;

    /// The bins of the person in `bbox`, before the average is subtracted.
    ///
    /// # Errors
    /// As [`ClothingDescriptor::appearance`].
    pub fn bins(&self, image: &Image, bbox: &BBox) -> Result<Vec<f32>, Unavailable> {
        describe(image, bbox).map(|(bins, _)| bins.to_vec())
    }

    /// The vector of the person in `bbox`, with the crop's quality as a model gives it.
    ///
    /// # Errors
    /// `TooSmall` below 12 x 24 pixels, `Occluded` when less than half of the box is inside the frame.
    pub fn appearance(&self, image: &Image, bbox: &BBox) -> Result<Appearance, Unavailable> {
        let (bins, quality) = describe(image, bbox)?;
        let mut vector = [0.0; LENGTH];
        for (value, (bin, mean)) in vector.iter_mut().zip(bins.iter().zip(&MEAN)) {
            *value = bin - mean;
        }
        // Only a person who is average in every bin has no direction.
        let appearance = Appearance::normalised(&vector, quality).ok_or(Unavailable::ModelFailed)?;
        Ok(appearance.of_kind(AppearanceKind::CLOTHING))
    }
}

/// The bins of a crop, each part of unit length before its weight, and the crop's quality.
fn describe(image: &Image, bbox: &BBox) -> Result<([f32; LENGTH], f32), Unavailable> {
    if check_picture(image).is_err() {
        return Err(Unavailable::TooSmall);
    }
    let crop = Crop::of(image, bbox)?;
    let (cells, sharpness) = grid(image, crop.region, frame_gains(image));
    let mut bins = [0.0; LENGTH];
    let mut weights = [0.0; PARTS];
    for row in 0..ROWS {
        let (part, share) = between((row as f32 + 0.5) / ROWS as f32, PARTS);
        for column in 0..COLUMNS {
            let aside = (column as f32 + 0.5) / COLUMNS as f32 - 0.5;
            let weight = (-0.5 * (aside / SIGMA).powi(2)).exp();
            let mut cell = [0.0; BINS];
            colour(&mut cell, cells[row][column]);
            texture(&mut cell, &cells, row, column);
            for (part, share) in [(part, 1.0 - share), ((part + 1).min(PARTS - 1), share)] {
                weights[part] += weight * share;
                let bins = &mut bins[part * BINS..][..BINS];
                bins.iter_mut().zip(cell).for_each(|(bin, value)| *bin += weight * share * value);
            }
        }
    }
    for (part, weight) in bins.chunks_exact_mut(BINS).zip(weights) {
        for (number, bin) in part.iter_mut().enumerate() {
            let kind = if number < TEXTURE { 1.0 } else { TEXTURE_WEIGHT };
            *bin = kind * (*bin / weight).sqrt();
        }
    }
    Ok((bins, crop.quality(sharpness)))
}

type Cells = [[[f32; 3]; COLUMNS]; ROWS];

/// Mean colours of the cells, blue, green, red, times `gains`, and the mean difference of neighbouring green values.
fn grid(image: &Image, region: Region, gains: [f32; 3]) -> (Cells, f32) {
    let mut cells = [[[0.0; 3]; COLUMNS]; ROWS];
    let (mut differences, mut compared) = (0_u64, 0_u64);
    let stride = image.width as usize;
    for (row, cells) in cells.iter_mut().enumerate() {
        let (top, down) = span(row, ROWS, region.height as usize);
        for (column, cell) in cells.iter_mut().enumerate() {
            let (left, across) = span(column, COLUMNS, region.width as usize);
            let (mut sum, mut count) = ([0_u32; 3], 0_u32);
            for y in pick(top, down) {
                let line = (region.y as usize + y) * stride + region.x as usize;
                for x in pick(left, across) {
                    let pixel = &image.bgr[3 * (line + x)..][..3];
                    sum.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u32::from(*value));
                    count += 1;
                    if x > 0 {
                        differences += u64::from(pixel[1].abs_diff(image.bgr[3 * (line + x) - 2]));
                        compared += 1;
                    }
                }
            }
            for ((mean, sum), gain) in cell.iter_mut().zip(sum).zip(gains) {
                *mean = (sum as f32 / count as f32 * gain).min(255.0);
            }
        }
    }
    (cells, differences as f32 / compared.max(1) as f32)
}

/// Begin and length of a cell, at least one pixel long.
fn span(cell: usize, cells: usize, length: usize) -> (usize, usize) {
    let (begin, end) = (cell * length / cells, (cell + 1) * length / cells);
    (begin, (end - begin).max(1))
}

/// At most [`SAMPLES`] positions, evenly.
fn pick(begin: usize, length: usize) -> impl Iterator<Item = usize> {
    let count = length.min(SAMPLES);
    (0..count).map(move |i| begin + i * length / count)
}

/// What each colour is multiplied by so that the frame's mean is grey.
fn frame_gains(image: &Image) -> [f32; 3] {
    let (columns, rows) = (image.width.min(FRAME_SAMPLES), image.height.min(FRAME_SAMPLES));
    let middle = |i: u32, cells: u32, length: u32| (2 * i as usize + 1) * length as usize / (2 * cells as usize);
    let mut sum = [0_u32; 3];
    for row in 0..rows {
        for column in 0..columns {
            let at = middle(row, rows, image.height) * image.width as usize + middle(column, columns, image.width);
            sum.iter_mut().zip(&image.bgr[3 * at..][..3]).for_each(|(sum, value)| *sum += u32::from(*value));
        }
    }
    sum.map(|sum| (FRAME_MEAN * (columns * rows) as f32 / (sum.max(1) as f32)).clamp(GAIN.0, GAIN.1))
}

/// The bin at `position` (0 to 1 over all bins) and how much of the next one: bins overlap, so that a small change of
/// colour is a small change of the vector.
fn between(position: f32, bins: usize) -> (usize, f32) {
    let place = (position * bins as f32 - 0.5).clamp(0.0, bins as f32 - 1.0);
    (place as usize, place.fract())
}

/// Shares of a cell: colourful cells vote for a hue, grey ones for a lightness.
fn colour(cell: &mut [f32; BINS], [b, g, r]: [f32; 3]) {
    let (strongest, weakest) = (b.max(g).max(r), b.min(g).min(r));
    let chroma = strongest - weakest;
    let lightness = (0.114 * b + 0.587 * g + 0.299 * r) / 255.0;
    let colourful = (chroma / COLOURFUL).min(1.0);
    let (grey, next) = between(lightness, GREYS);
    cell[2 * HUES + grey] += (1.0 - colourful) * (1.0 - next);
    cell[2 * HUES + (grey + 1).min(GREYS - 1)] += (1.0 - colourful) * next;
    if chroma <= 0.0 {
        return;
    }
    // Sixths of the colour circle from red, as in HSV.
    let sixth = match strongest {
        s if s == r => (g - b) / chroma,
        s if s == g => (b - r) / chroma + 2.0,
        _ => (r - g) / chroma + 4.0,
    };
    let place = (sixth / 6.0).rem_euclid(1.0) * HUES as f32;
    let (hue, next) = (place as usize % HUES, place.fract());
    let (level, brighter) = between(lightness, 2);
    for (hue, share) in [(hue, 1.0 - next), ((hue + 1) % HUES, next)] {
        cell[level * HUES + hue] += colourful * share * (1.0 - brighter);
        cell[(level + 1).min(1) * HUES + hue] += colourful * share * brighter;
    }
}

/// Shares of a cell: direction of its edge, and how flat it is.
fn texture(cell: &mut [f32; BINS], cells: &Cells, row: usize, column: usize) {
    let green = |row: usize, column: usize| cells[row][column][1];
    let across = green(row, (column + 1).min(COLUMNS - 1)) - green(row, column.saturating_sub(1));
    let down = green((row + 1).min(ROWS - 1), column) - green(row.saturating_sub(1), column);
    let strength = across.hypot(down);
    let edge = strength / (strength + EDGE);
    cell[TEXTURE + DIRECTIONS] += 1.0 - edge;
    let turn = (down.atan2(across) / std::f32::consts::PI).rem_euclid(1.0) * DIRECTIONS as f32;
    let (direction, next) = (turn as usize % DIRECTIONS, turn.fract());
    cell[TEXTURE + direction] += edge * (1.0 - next);
    cell[TEXTURE + (direction + 1) % DIRECTIONS] += edge * next;
}

#[cfg(test)]
mod tests {
    use super::*;

    const PERSON: BBox = BBox { x: 20.0, y: 10.0, w: 48.0, h: 120.0 };

    /// A grey room with a person in two colours.
    fn dressed(top: [u8; 3], legs: [u8; 3]) -> Image {
        let mut image = Image::filled(160, 140, [110; 3]);
        for y in 10..130_usize {
            let colour = if y < 70 { top } else { legs };
            for x in 26..62_usize {
                image.bgr[3 * (y * 160 + x)..][..3].copy_from_slice(&colour);
            }
        }
        image
    }

    fn look(image: &Image) -> Appearance {
        ClothingDescriptor.appearance(image, &PERSON).expect("a large crop")
    }

    #[test]
    fn clothing_tells_people_apart() {
        let red = look(&dressed([40, 40, 200], [30, 30, 30]));
        let again = look(&dressed([45, 42, 190], [35, 33, 32]));
        let blue = look(&dressed([200, 60, 40], [30, 30, 30]));
        let turned = look(&dressed([30, 30, 30], [40, 40, 200]));
        let cosine = |other: &Appearance| red.cosine(other).expect("of one kind");
        assert!(cosine(&again) > 0.95, "{}", cosine(&again));
        assert!(cosine(&blue) < 0.8 && cosine(&turned) < 0.8, "{} {}", cosine(&blue), cosine(&turned));
        assert_eq!((red.vector.len(), red.kind), (LENGTH, AppearanceKind::CLOTHING));
    }

    #[test]
    fn another_exposure_and_white_balance_change_little() {
        let plain = dressed([40, 90, 180], [120, 60, 30]);
        let mut warmer = plain.clone();
        for pixel in warmer.bgr.as_chunks_mut::<3>().0 {
            for (value, gain) in pixel.iter_mut().zip([0.8, 0.95, 1.15]) {
                *value = (f64::from(*value) * gain).min(255.0) as u8;
            }
        }
        let cosine = look(&plain).cosine(&look(&warmer)).expect("of one kind");
        assert!(cosine > 0.97, "{cosine}");
    }

    #[test]
    fn size_changes_little() {
        let image = dressed([40, 90, 180], [120, 60, 30]);
        let half = Image {
            width: 80,
            height: 70,
            bgr: (0..70 * 80_usize)
                .flat_map(|i| {
                    let at = 3 * (2 * (i / 80) * 160 + 2 * (i % 80));
                    [image.bgr[at], image.bgr[at + 1], image.bgr[at + 2]]
                })
                .collect(),
        };
        let small = BBox { x: 10.0, y: 5.0, w: 24.0, h: 60.0 };
        let small = ClothingDescriptor.appearance(&half, &small).expect("large enough");
        let large = look(&image);
        assert!(large.cosine(&small).expect("of one kind") > 0.95);
    }

    #[test]
    fn what_cannot_be_described_says_so() {
        let image = dressed([1; 3], [2; 3]);
        for (b, expected) in [
            (BBox { x: 0.0, y: 0.0, w: 5.0, h: 5.0 }, Unavailable::TooSmall),
            (BBox { x: 140.0, y: 0.0, w: 60.0, h: 120.0 }, Unavailable::Occluded),
        ] {
            assert_eq!(ClothingDescriptor.appearance(&image, &b), Err(expected));
        }
        assert_eq!(ClothingDescriptor.appearance(&Image::default(), &PERSON), Err(Unavailable::TooSmall));
        // The least crop that there is, at the frame's edge.
        let corner = BBox { x: 148.0, y: 116.0, w: 12.0, h: 24.0 };
        assert!(ClothingDescriptor.appearance(&image, &corner).is_ok());
    }
}
