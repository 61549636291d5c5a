//! What a codec repeats: pixels that are to the last bit what they were in the frame before.
//!
//! A sensor's noise changes nearly every pixel in every frame; an encoder that saves bits leaves blocks as they were.

use super::preprocess::check_picture;
use crate::frame::Image;

/// Every so many rows one is kept: a quarter of the pixels says enough.
const EVERY: usize = 4;

/// Some rows of a picture.
#[derive(Debug, Default)]
pub(super) struct Lines {
    width: u32,
    height: u32,
    bgr: Vec<u8>,
}

impl Lines {
    fn keep(&mut self, image: &Image) {
        (self.width, self.height) = (image.width, image.height);
        self.bgr.clear();
        for row in image.bgr.chunks_exact(3 * image.width as usize).step_by(EVERY) {
            self.bgr.extend_from_slice(row);
        }
    }

    /// Row `y`, if it was kept.
    pub(super) fn row(&self, y: usize) -> Option<&[u8]> {
        let stride = 3 * self.width as usize;
        let start = stride * (y / EVERY);
        y.is_multiple_of(EVERY).then(|| self.bgr.get(start..start + stride)).flatten()
    }
}

/// Rows of this picture and of the one that was asked about before it; memory is taken once.
#[derive(Debug, Default)]
pub(super) struct Repeats {
    before: Lines,
    now: Lines,
}

impl Repeats {
    /// Questions about another picture, or further ones about the same.
    pub(super) fn next(&mut self) {
        if !self.now.bgr.is_empty() {
            std::mem::swap(&mut self.before, &mut self.now);
            self.now.bgr.clear();
        }
    }

    /// The rows of the picture before `image`, which is kept for the next one; `None` where there was none or it was of another size.
    pub(super) fn before(&mut self, image: &Image) -> Option<&Lines> {
        if self.now.bgr.is_empty() && check_picture(image).is_ok() {
            self.now.keep(image);
        }
        let same = (self.before.width, self.before.height) == (image.width, image.height);
        (same && !self.before.bgr.is_empty()).then_some(&self.before)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_picture_before_is_there_unless_it_was_of_another_size() {
        let (grey, white, small) =
            (Image::filled(8, 9, [7; 3]), Image::filled(8, 9, [255; 3]), Image::filled(4, 4, [7; 3]));
        let mut repeats = Repeats::default();
        let mut look = |image: &Image| {
            repeats.next();
            repeats.before(image).and_then(|lines| lines.row(4).map(|row| row[0]))
        };
        assert_eq!([look(&grey), look(&white), look(&grey)], [None, Some(7), Some(255)]);
        assert_eq!([look(&small), look(&grey)], [None, None]);
        // Questions of which none was about colours: the picture before is still the one before.
        repeats.next();
        repeats.next();
        assert!(repeats.before(&white).is_some());
        let lines = &repeats.now;
        assert_eq!((lines.row(8).map(<[u8]>::len), lines.row(7), lines.row(12)), (Some(24), None, None));
    }
}
