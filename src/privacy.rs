//! Parts of a picture that nobody sees: blanked before any model, probe, preview or evidence.
//!
//! What lies behind the door of a restroom, a screen at a desk, a window to the street. A pixel that a mask touches at all
//! is blanked. The pixels of a picture's size are found once; a frame then costs one fill for each row of a mask.

use serde::{Deserialize, Serialize};

use crate::frame::Image;

/// What is seen in place of it: grey, which no model takes for anything.
const BLANK: u8 = 114;
/// Most masks of a camera.
pub const MASKS_MAX: usize = 32;
/// Most corners of a mask.
const CORNERS_MAX: usize = 256;
/// Rows of pixels are looked at so finely.
const LOOKS: u32 = 4;

/// What the numbers of a mask are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MaskUnits {
    /// Shares of the picture's width and height, 0 to 1.
    #[default]
    Normalised,
    /// Pixels of the full frame.
    Pixels,
}

/// A mask as configured.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MaskRule {
    /// Its name.
    pub id: String,
    /// Its corners in order.
    pub polygon: Vec<(f64, f64)>,
    /// What the numbers are.
    #[serde(default)]
    pub units: MaskUnits,
}

impl MaskRule {
    /// # Errors
    /// What makes it useless: a mask that blanks nothing must not be taken for one.
    pub fn check(&self) -> Result<(), &'static str> {
        let corners = &self.polygon;
        let edges = || corners.iter().zip(corners.iter().cycle().skip(1));
        if !corners.iter().all(|(x, y)| x.is_finite() && y.is_finite()) {
            return Err("a corner is no number");
        }
        if !(3..=CORNERS_MAX).contains(&corners.len()) {
            return Err("a polygon has 3 to 256 corners");
        }
        if edges().map(|((ax, ay), (bx, by))| ax * by - bx * ay).sum::<f64>() == 0.0 {
            return Err("the polygon has no area");
        }
        let share = |v: f64| (0.0..=1.0).contains(&v);
        if self.units == MaskUnits::Normalised && !corners.iter().all(|(x, y)| share(*x) && share(*y)) {
            return Err("shares of the picture are 0 to 1: for pixels say units = \"pixels\"");
        }
        Ok(())
    }

    fn corners(&self, (w, h): (f64, f64)) -> Vec<(f64, f64)> {
        let scale = if self.units == MaskUnits::Normalised { (w, h) } else { (1.0, 1.0) };
        self.polygon.iter().map(|(x, y)| (x * scale.0, y * scale.1)).collect()
    }
}

/// The masks of a camera on pictures of one size after the other.
#[derive(Debug, Clone, Default)]
pub struct Blanking {
    masks: Vec<MaskRule>,
    size: (u32, u32),
    /// First byte and end of every stretch of a row.
    spans: Vec<(usize, usize)>,
}

impl Blanking {
    /// Of a camera.
    #[must_use]
    pub fn new(masks: &[MaskRule]) -> Self {
        Self { masks: masks.to_vec(), size: (0, 0), spans: Vec::new() }
    }

    /// Blanks them in `image`.
    pub fn apply(&mut self, image: &mut Image) {
        if self.masks.is_empty() {
            return;
        }
        if self.size != (image.width, image.height) {
            self.measure(image.width, image.height);
        }
        for (from, to) in &self.spans {
            if let Some(stretch) = image.bgr.get_mut(*from..*to) {
                stretch.fill(BLANK);
            }
        }
    }

    fn measure(&mut self, width: u32, height: u32) {
        self.size = (width, height);
        self.spans.clear();
        let size = (f64::from(width), f64::from(height));
        for mask in &self.masks {
            let corners = mask.corners(size);
            for y in 0..height {
                for (left, right) in touched(&corners, f64::from(y)) {
                    let at = |x: f64| y as usize * width as usize * 3 + 3 * x.clamp(0.0, size.0) as usize;
                    let (from, to) = (at(left.floor()), at(right.ceil()));
                    if from < to {
                        self.spans.push((from, to));
                    }
                }
            }
        }
    }
}

/// What of the row of pixels from `y` to `y + 1` a polygon touches, from left to right (even-odd rule).
fn touched(corners: &[(f64, f64)], y: f64) -> Vec<(f64, f64)> {
    let mut found = Vec::new();
    let looks = (0..=LOOKS).map(|i| y + f64::from(i) / f64::from(LOOKS));
    for at in looks {
        let mut crossings = Vec::new();
        for ((ax, ay), (bx, by)) in corners.iter().zip(corners.iter().cycle().skip(1)) {
            if (*ay > at) != (*by > at) {
                crossings.push((bx - ax) * (at - ay) / (by - ay) + ax);
            }
        }
        crossings.sort_by(f64::total_cmp);
        found.extend(crossings.chunks_exact(2).map(|pair| (pair[0], pair[1])));
    }
    // Borders cross a row between two looks: what they pass over there is touched, too.
    for ((ax, ay), (bx, by)) in corners.iter().zip(corners.iter().cycle().skip(1)) {
        let (low, high) = (ay.min(*by).max(y), ay.max(*by).min(y + 1.0));
        if low <= high {
            let x = |at: f64| if by == ay { *ax } else { (bx - ax) * (at - ay) / (by - ay) + ax };
            let (one, other) = if by == ay { (*ax, *bx) } else { (x(low), x(high)) };
            found.push((one.min(other), one.max(other)));
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn mask(polygon: &[(f64, f64)], units: MaskUnits) -> MaskRule {
        MaskRule { id: "door".to_owned(), polygon: polygon.to_vec(), units }
    }

    fn blanked(rule: MaskRule, width: u32, height: u32) -> Vec<bool> {
        let mut image = Image::filled(width, height, [1, 2, 3]);
        Blanking::new(&[rule]).apply(&mut image);
        image.bgr.chunks(3).map(|pixel| pixel == [BLANK; 3]).collect()
    }

    #[test]
    fn a_mask_covers_every_pixel_that_it_touches_in_pictures_of_any_size() {
        let half = mask(&[(0.5, 0.0), (1.0, 0.0), (1.0, 1.0), (0.5, 1.0)], MaskUnits::Normalised);
        for (width, height) in [(8, 6), (9, 5), (1, 1)] {
            let seen = blanked(half.clone(), width, height);
            for (i, blank) in seen.iter().enumerate() {
                let x = i as u32 % width;
                assert_eq!(*blank, f64::from(x) + 1.0 > f64::from(width) / 2.0, "{width} x {height}, {x}");
            }
        }
        let beyond = mask(&[(-5.0, -5.0), (2.5, -5.0), (2.5, 900.0), (-5.0, 900.0)], MaskUnits::Pixels);
        assert_eq!(blanked(beyond, 5, 1), [true, true, true, false, false]);
    }

    #[test]
    fn what_blanks_nothing_is_refused() {
        type Corners<'a> = &'a [(f64, f64)];
        let rows: [(Corners, MaskUnits, &str); 4] = [
            (&[(0.0, 0.0), (1.0, 1.0)], MaskUnits::Normalised, "3 to 256 corners"),
            (&[(0.0, 0.0), (0.5, 0.5), (1.0, 1.0)], MaskUnits::Normalised, "no area"),
            (&[(0.0, 0.0), (640.0, 0.0), (640.0, 480.0)], MaskUnits::Normalised, "units = \"pixels\""),
            (&[(0.0, 0.0), (f64::NAN, 0.0), (4.0, 4.0)], MaskUnits::Pixels, "no number"),
        ];
        for (polygon, units, expected) in rows {
            let problem = mask(polygon, units).check().unwrap_err();
            assert!(problem.contains(expected), "{polygon:?}: {problem}");
        }
    }

    proptest! {
        #[test]
        fn nothing_inside_is_ever_seen(
            corners in prop::collection::vec((0.0_f64..40.0, 0.0_f64..30.0), 3..8), x in 0.0_f64..40.0, y in 0.0_f64..30.0,
        ) {
            let rule = mask(&corners, MaskUnits::Pixels);
            let polygon = crate::geometry::Polygon::new(corners);
            prop_assume!(rule.check().is_ok() && polygon.is_some());
            let inside = polygon.unwrap().contains(x, y);
            let seen = blanked(rule, 40, 30);
            prop_assert!(!inside || seen[y as usize * 40 + x as usize]);
        }
    }
}
