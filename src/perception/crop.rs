//! The part of a picture that shows a person, and how much it is worth.

use super::resize::Region;
use crate::frame::{BBox, Image};
use crate::units::Unavailable;

/// Crops narrower or lower than this, in pixels, say nothing.
const SIDES_MIN: (u32, u32) = (12, 24);

/// Less than this share of the box inside the frame, and it counts as occluded.
const VISIBLE_MIN: f64 = 0.5;

/// Crops of this size, in pixels, or larger lose no quality for their size.
const SIDES_FULL: (f64, f64) = (64.0, 128.0);

/// Mean difference of neighbouring pixels, in 8-bit steps, of a crop that is sharp enough.
pub(super) const SHARP: f32 = 3.0;

/// A person's crop: whole pixels inside the picture.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Crop {
    /// Where.
    pub(super) region: Region,
    /// Which share of the box it is.
    share: f64,
}

impl Crop {
    /// The whole pixels of `bbox` inside a picture.
    ///
    /// # Errors
    /// `TooSmall` below 12 x 24 pixels, `Occluded` when less than half of the box is inside the frame.
    pub(super) fn of(image: &Image, bbox: &BBox) -> Result<Self, Unavailable> {
        if !bbox.is_valid() {
            return Err(Unavailable::TooSmall);
        }
        let visible = bbox.clipped(image.width, image.height).ok_or(Unavailable::Occluded)?;
        let share = visible.area() / bbox.area();
        if share < VISIBLE_MIN {
            return Err(Unavailable::Occluded);
        }
        // Inside the frame by the clipping, so the conversions keep the values.
        let [x, y, right, bottom] = [visible.x, visible.y, visible.right(), visible.bottom()].map(|v| v.round() as u32);
        let region = Region { x, y, width: right - x, height: bottom - y };
        if region.width < SIDES_MIN.0 || region.height < SIDES_MIN.1 {
            return Err(Unavailable::TooSmall);
        }
        Ok(Self { region, share })
    }

    /// Its visible share, times its size, times its sharpness (mean difference of neighbouring pixels), each at most 1.
    pub(super) fn quality(&self, sharpness: f32) -> f32 {
        let [width, height] = [self.region.width, self.region.height].map(f64::from);
        let size = (width / SIDES_FULL.0).min(height / SIDES_FULL.1).min(1.0);
        (self.share * size) as f32 * (sharpness / SHARP).min(1.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn crops_that_say_nothing_are_refused() {
        let image = Image::filled(100, 100, [0; 3]);
        let bbox = |x, y, w, h| BBox { x, y, w, h };
        for (b, expected) in [
            (bbox(10.0, 10.0, 20.0, 40.0), Ok((20, 40))),
            (bbox(-5.0, 10.0, 20.0, 40.0), Ok((15, 40))),
            (bbox(90.0, 10.0, 40.0, 40.0), Err(Unavailable::Occluded)),
            (bbox(200.0, 10.0, 40.0, 40.0), Err(Unavailable::Occluded)),
            (bbox(10.0, 10.0, 11.0, 40.0), Err(Unavailable::TooSmall)),
            (bbox(10.0, 10.0, 20.0, 23.0), Err(Unavailable::TooSmall)),
            (bbox(10.0, 10.0, f64::NAN, 23.0), Err(Unavailable::TooSmall)),
            (bbox(10.0, 10.0, -3.0, 23.0), Err(Unavailable::TooSmall)),
            (bbox(-1e12, -1e12, 2e12, 2e12), Err(Unavailable::Occluded)),
        ] {
            assert_eq!(Crop::of(&image, &b).map(|c| (c.region.width, c.region.height)), expected, "{b:?}");
        }
    }

    #[test]
    fn quality_falls_with_size_blur_and_what_is_cut_off() {
        let image = Image::filled(200, 300, [0; 3]);
        let quality =
            |x, w, h, sharpness| Crop::of(&image, &BBox { x, y: 0.0, w, h }).expect("a crop").quality(sharpness);
        assert_eq!(quality(10.0, 64.0, 128.0, SHARP), 1.0);
        assert_eq!(quality(10.0, 100.0, 256.0, 2.0 * SHARP), 1.0);
        assert_eq!(quality(10.0, 32.0, 128.0, SHARP), 0.5);
        assert_eq!(quality(10.0, 64.0, 128.0, SHARP / 4.0), 0.25);
        assert_eq!(quality(-32.0, 128.0, 256.0, SHARP), 0.75);
    }
}
