//! What moved between two pictures, from their brightness on a coarse grid.

use super::preprocess::check_picture;
use crate::frame::{Image, Motion};
use crate::units::Unavailable;

/// Most cells of a row and of a column.
const CELLS: (u32, u32) = (32, 18);
/// Most samples along each side of a cell.
const SAMPLES: u32 = 8;
/// Scale of the luma weights.
const WEIGHTS: i64 = 1_000;

/// Brightness of a picture's cells. Whole numbers, so that the answer is the same on every machine.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Mosaic {
    /// Of the picture, pixels.
    size: (u32, u32),
    /// Sums of Rec. 601 luma over a cell's samples, row by row, in 1/1000 of a level.
    cells: Vec<i64>,
}

impl Mosaic {
    /// Of `image`; empty when it has no pixels.
    pub(super) fn of(image: &Image) -> Self {
        if check_picture(image).is_err() {
            return Self::default();
        }
        let (columns, rows) = grid(image.width, image.height);
        let row_bytes = 3 * image.width as usize;
        let xs = samples(image.width, columns);
        let mut cells = Vec::with_capacity((columns * rows) as usize);
        for line in samples(image.height, rows).chunks(SAMPLES as usize) {
            for across in xs.chunks(SAMPLES as usize) {
                let mut sum = 0;
                for y in line {
                    for x in across {
                        let at = y * row_bytes + 3 * x;
                        let [b, g, r] = [0, 1, 2].map(|c| i64::from(image.bgr[at + c]));
                        sum += 114 * b + 587 * g + 299 * r;
                    }
                }
                cells.push(sum);
            }
        }
        Self { size: (image.width, image.height), cells }
    }

    /// Where `image` differs from this one by at least `levels` (8-bit luma), apart from what changed everywhere: the
    /// median change is that of the light or of the camera's gain.
    pub(super) fn motion(&self, image: &Image, levels: f64) -> Result<Motion, Unavailable> {
        let now = Self::of(image);
        if now.cells.is_empty() || now.size != self.size {
            return Err(Unavailable::NotConfigured);
        }
        let changes: Vec<i64> = now.cells.iter().zip(&self.cells).map(|(now, before)| now - before).collect();
        let mut ordered = changes.clone();
        let (_, &mut median, _) = ordered.select_nth_unstable(changes.len() / 2);
        let least = (levels * (i64::from(SAMPLES * SAMPLES) * WEIGHTS) as f64) as i64;
        let (columns, rows) = grid(image.width, image.height);
        let cells = (0..).zip(&changes).filter(|(_, change)| (*change - median).abs() >= least).map(|(cell, _)| cell);
        Ok(Motion { columns, rows, cells: cells.collect() })
    }
}

fn grid(width: u32, height: u32) -> (u32, u32) {
    (width.min(CELLS.0), height.min(CELLS.1))
}

/// `SAMPLES` pixels for each of `cells` along a side of `length` pixels, evenly spread; in a small cell the same pixel may
/// stand for several.
fn samples(length: u32, cells: u32) -> Vec<usize> {
    let count = u64::from(cells * SAMPLES);
    (0..count).map(|i| ((2 * i + 1) * u64::from(length) / (2 * count)) as usize).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A picture with a patch of another brightness.
    fn picture(background: u8, patch: Option<(u32, u32, u32, u32, u8)>) -> Image {
        let mut image = Image::filled(640, 360, [background; 3]);
        if let Some((left, top, w, h, value)) = patch {
            for y in top..top + h {
                let start = 3 * (y * 640 + left) as usize;
                image.bgr[start..start + 3 * w as usize].fill(value);
            }
        }
        image
    }

    #[test]
    fn only_what_differs_from_the_rest_has_moved() {
        let still = Mosaic::of(&picture(100, None));
        let rows: [(&str, Image, &[u32]); 5] = [
            ("nothing", picture(100, None), &[]),
            ("the light", picture(130, None), &[]),
            ("one cell", picture(100, Some((40, 20, 20, 20, 160))), &[34]),
            ("a quarter of a cell by 10 levels", picture(100, Some((40, 20, 10, 10, 110))), &[]),
            ("a cell while the light changed", picture(130, Some((600, 340, 20, 20, 60))), &[574]),
        ];
        for (name, image, cells) in rows {
            let motion = still.motion(&image, 6.0).expect("of the same size");
            assert_eq!((motion.columns, motion.rows, &motion.cells[..]), (32, 18, cells), "{name}");
        }
    }

    #[test]
    fn without_a_picture_of_the_same_size_there_is_no_answer() {
        let image = picture(100, None);
        assert_eq!(Mosaic::default().motion(&image, 6.0), Err(Unavailable::NotConfigured));
        assert_eq!(Mosaic::of(&Image::filled(320, 240, [9; 3])).motion(&image, 6.0), Err(Unavailable::NotConfigured));
        let small = Image::filled(5, 3, [9; 3]);
        assert_eq!(Mosaic::of(&small).motion(&small, 6.0), Ok(Motion { columns: 5, rows: 3, cells: vec![] }));
    }
}
