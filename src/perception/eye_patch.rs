//! An eye cut out upright and between pixels: at 20 pixels from corner to corner, whole pixels would make it jump.
//!
//! Besides the picture for the eye model there are rows: the mean luma across the middle of the eye, from above the upper
//! lid to below the lower one. An open eye is dark there for as long as it is open; a closed lid is skin with a thin line.

use crate::frame::Image;

/// Side of the patch, which is what the eye model takes.
pub(super) const SIDE: u32 = 32;

/// Half sides of the patch in half distances of the corners (OpenSeeFace, `Tracker.corners_to_eye`).
const REACH: [f64; 2] = [1.4, 1.2];

/// Most samples of a side that one pixel of the patch is the mean of.
const SAMPLES_MAX: f64 = 4.0;

/// Rows of an eye, half the height that they cover and half their width, in half distances of the corners.
const ROWS: u32 = 24;
const ROWS_REACH: [f64; 2] = [0.6, 0.9];

/// Samples along a row, and lines of samples in it.
const ROW_SAMPLES: u32 = 24;
const ROW_LINES: u32 = 2;

/// Least distance of the corners, pixels.
const WIDTH_MIN: f64 = 4.0;

/// Where a patch lies: `frame = origin + x * across + y * down` for positions in the patch.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    origin: (f64, f64),
    across: (f64, f64),
    down: (f64, f64),
}

impl Place {
    /// Around an eye with these corners, image-left first; `None` where it is too small to see anything.
    pub(super) fn around(left: (f64, f64), right: (f64, f64)) -> Option<Self> {
        Self::reaching(left, right, REACH.map(|reach| reach / f64::from(SIDE)), (SIDE, SIDE))
    }

    /// A patch of `size` whose pixels have these sides, in half distances of the corners times two over the size.
    fn reaching(
        left: (f64, f64),
        right: (f64, f64),
        [across, down]: [f64; 2],
        (width, height): (u32, u32),
    ) -> Option<Self> {
        let (dx, dy) = (right.0 - left.0, right.1 - left.1);
        if dx.hypot(dy).is_nan() || dx.hypot(dy) < WIDTH_MIN {
            return None;
        }
        let (across, down) = ((dx * across, dy * across), (-dy * down, dx * down));
        let half = (f64::from(width) / 2.0, f64::from(height) / 2.0);
        let middle = (f64::midpoint(left.0, right.0), f64::midpoint(left.1, right.1));
        let origin = (middle.0 - half.0 * across.0 - half.1 * down.0, middle.1 - half.0 * across.1 - half.1 * down.1);
        Some(Self { origin, across, down })
    }

    /// A position of the patch in frame pixels.
    pub(super) fn point(&self, x: f64, y: f64) -> (f64, f64) {
        (self.origin.0 + x * self.across.0 + y * self.down.0, self.origin.1 + x * self.across.1 + y * self.down.1)
    }

    /// Fills `patch` from `image`; outside the frame its border goes on. Where the patch is coarser than the frame, a pixel
    /// is the mean of several.
    pub(super) fn cut(&self, image: &Image, patch: &mut Image) {
        (patch.width, patch.height) = (SIDE, SIDE);
        patch.bgr.clear();
        let step = self.across.0.hypot(self.across.1).max(self.down.0.hypot(self.down.1));
        let samples = step.round().clamp(1.0, SAMPLES_MAX) as u32;
        let share = 1.0 / f64::from(samples * samples);
        let offset = |k: u32| (f64::from(k) + 0.5) / f64::from(samples);
        for (y, x) in (0..SIDE).flat_map(|y| (0..SIDE).map(move |x| (y, x))) {
            let mut sum = [0.0; 3];
            for (j, i) in (0..samples).flat_map(|j| (0..samples).map(move |i| (j, i))) {
                let (px, py) = self.point(f64::from(x) + offset(i), f64::from(y) + offset(j));
                let colour = bilinear(image, px - 0.5, py - 0.5);
                sum.iter_mut().zip(colour).for_each(|(sum, c)| *sum += c * share);
            }
            patch.bgr.extend(sum.map(|c| c.round() as u8));
        }
    }
}

/// Mean luma (Rec. 601) of the rows of an eye with these corners; none where it is too small.
pub(super) fn rows(image: &Image, left: (f64, f64), right: (f64, f64)) -> Vec<f32> {
    let lines = ROWS * ROW_LINES;
    let pixel = [ROWS_REACH[0] / f64::from(ROW_SAMPLES), ROWS_REACH[1] / f64::from(lines)];
    let Some(place) = Place::reaching(left, right, pixel, (ROW_SAMPLES, lines)) else { return Vec::new() };
    let luma = |x: u32, y: u32| {
        let (px, py) = place.point(f64::from(x) + 0.5, f64::from(y) + 0.5);
        let [b, g, r] = bilinear(image, px - 0.5, py - 0.5);
        0.114 * b + 0.587 * g + 0.299 * r
    };
    let line = |y: u32| (0..ROW_SAMPLES).map(|x| luma(x, y)).sum::<f64>() / f64::from(ROW_SAMPLES);
    let row = |row: u32| (0..ROW_LINES).map(|k| line(row * ROW_LINES + k)).sum::<f64>() / f64::from(ROW_LINES);
    (0..ROWS).map(|y| row(y) as f32).collect()
}

/// The colour at a position between pixel centres.
fn bilinear(image: &Image, x: f64, y: f64) -> [f64; 3] {
    let (x, y) = (x.clamp(0.0, f64::from(image.width - 1)), y.clamp(0.0, f64::from(image.height - 1)));
    let (left, top) = (x as usize, y as usize);
    let (right, bottom) = ((left + 1).min(image.width as usize - 1), (top + 1).min(image.height as usize - 1));
    let (fx, fy) = (x - left as f64, y - top as f64);
    let at = |x: usize, y: usize, c: usize| f64::from(image.bgr[3 * (y * image.width as usize + x) + c]);
    [0, 1, 2].map(|c| {
        let upper = at(left, top, c) * (1.0 - fx) + at(right, top, c) * fx;
        let lower = at(left, bottom, c) * (1.0 - fx) + at(right, bottom, c) * fx;
        upper * (1.0 - fy) + lower * fy
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Blue tells the column, green the row.
    fn chart() -> Image {
        let bgr = (0..100_u8).flat_map(|y| (0..100_u8).flat_map(move |x| [x * 2, y * 2, 0])).collect();
        Image { width: 100, height: 100, bgr }
    }

    #[test]
    fn a_patch_holds_what_lies_at_its_places() {
        for (left, right) in [
            ((40.0, 50.0), (60.0, 50.0)),
            ((42.3, 44.9), (61.7, 55.2)),
            ((30.0, 50.0), (75.0, 50.0)),
            // Partly outside.
            ((-3.0, 2.0), (20.0, 4.0)),
        ] {
            let place = Place::around(left, right).expect("large enough");
            let mut patch = Image::default();
            place.cut(&chart(), &mut patch);
            assert_eq!(patch.bgr.len(), 3 * 32 * 32);
            for (x, y) in [(0, 0), (16, 16), (31, 5), (9, 30)] {
                let (px, py) = place.point(f64::from(x) + 0.5, f64::from(y) + 0.5);
                let expected = [px, py].map(|v| ((v - 0.5).clamp(0.0, 99.0)) * 2.0);
                let at = 3 * (y * 32 + x) as usize;
                let seen = [patch.bgr[at], patch.bgr[at + 1]].map(f64::from);
                // Half a level by rounding; one more where the mean reaches over the border.
                assert!((0..2).all(|c| (seen[c] - expected[c]).abs() < 1.5), "{left:?} {seen:?} {expected:?}");
            }
        }
    }

    #[test]
    fn corners_lie_where_the_model_wants_them() {
        let place = Place::around((40.0, 50.0), (60.0, 40.0)).expect("large enough");
        let (left, right) = (place.point(16.0 - 16.0 / 1.4, 16.0), place.point(16.0 + 16.0 / 1.4, 16.0));
        assert!((left.0 - 40.0).abs() < 1e-9 && (left.1 - 50.0).abs() < 1e-9, "{left:?}");
        assert!((right.0 - 60.0).abs() < 1e-9 && (right.1 - 40.0).abs() < 1e-9, "{right:?}");
    }

    #[test]
    fn rows_run_from_above_the_eye_to_below_it() {
        let seen = rows(&chart(), (40.0, 50.0), (60.0, 50.0));
        assert_eq!(seen.len(), 24);
        // Half the eye's width is 10 pixels: rows from 41 to 59, columns around 50.
        for (row, value) in (0_u8..).zip(&seen) {
            let y = 41.0 + 18.0 * (f32::from(row) + 0.5) / 24.0 - 0.5;
            let expected = 0.114 * 2.0 * 49.5 + 0.587 * 2.0 * y;
            assert!((value - expected).abs() < 0.05, "{row}: {value} {expected}");
        }
        assert_eq!(rows(&chart(), (40.0, 50.0), (42.0, 50.0)), [0.0; 0]);
    }

    #[test]
    fn eyes_of_a_few_pixels_are_no_eyes() {
        assert_eq!(Place::around((0.0, 0.0), (3.9, 0.0)), None);
        assert_eq!(Place::around((0.0, 0.0), (f64::NAN, 0.0)), None);
    }
}
