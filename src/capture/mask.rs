//! Hiding people in pictures: what is asked for is shown, everything else becomes coarse cells of one colour.

use crate::frame::{BBox, Image};

/// A picture is this many cells wide where nothing asked for is.
const CELLS_ACROSS: f64 = 40.0;
/// A picture of a place is this many cells wide: a head of a fiftieth of its width is three.
const CELLS_OF_PLACE: f64 = 160.0;
/// A person who is hidden has so many cells in width: no face, no clothes, no gait is left.
const CELLS_OF_PERSON: f64 = 2.0;

/// Hides everything outside `shown`, and then `hidden` wherever it is, also where it covers what is shown. People whom no
/// tracker saw are outside and so are hidden too.
pub fn mask(image: &mut Image, shown: &[BBox], hidden: &[BBox]) {
    let original = image.clone();
    let whole = BBox { x: 0.0, y: 0.0, w: f64::from(image.width), h: f64::from(image.height) };
    pixelate(image, &whole, (whole.w / CELLS_ACROSS).max(8.0));
    for area in shown {
        copy(&original, image, area);
    }
    for area in hidden {
        pixelate(image, area, (area.w / CELLS_OF_PERSON).max(8.0));
    }
}

/// Hides `hidden`, and takes from the rest what could tell a person: a place can still be told, and somebody small whom no
/// tracker saw is a few cells.
pub fn blur(image: &mut Image, hidden: &[BBox]) {
    let whole = BBox { x: 0.0, y: 0.0, w: f64::from(image.width), h: f64::from(image.height) };
    for area in hidden {
        pixelate(image, area, (area.w / CELLS_OF_PERSON).max(8.0));
    }
    pixelate(image, &whole, (whole.w / CELLS_OF_PLACE).max(4.0));
}

/// Rows and columns of whole pixels that `area` touches.
fn pixels(image: &Image, area: &BBox) -> Option<[usize; 4]> {
    let part = area.clipped(image.width, image.height)?;
    let right = (part.right().ceil() as usize).min(image.width as usize);
    let bottom = (part.bottom().ceil() as usize).min(image.height as usize);
    Some([part.x.floor() as usize, part.y.floor() as usize, right, bottom])
}

fn copy(from: &Image, to: &mut Image, area: &BBox) {
    let Some([left, top, right, bottom]) = pixels(from, area) else { return };
    for row in top..bottom {
        let start = 3 * (row * from.width as usize + left);
        let end = start + 3 * (right - left);
        to.bgr[start..end].copy_from_slice(&from.bgr[start..end]);
    }
}

/// Gives each cell of `area` the mean colour of its pixels.
fn pixelate(image: &mut Image, area: &BBox, cell: f64) {
    let Some([left, top, right, bottom]) = pixels(image, area) else { return };
    let step = (cell.ceil() as usize).max(1);
    for y in (top..bottom).step_by(step) {
        for x in (left..right).step_by(step) {
            level(image, [x, y, (x + step).min(right), (y + step).min(bottom)]);
        }
    }
}

fn level(image: &mut Image, [left, top, right, bottom]: [usize; 4]) {
    let width = image.width as usize;
    let at = |x: usize, y: usize| 3 * (y * width + x);
    let mut sums = [0_u64; 3];
    for y in top..bottom {
        for pixel in image.bgr[at(left, y)..at(right, y)].chunks_exact(3) {
            sums.iter_mut().zip(pixel).for_each(|(sum, value)| *sum += u64::from(*value));
        }
    }
    let count = ((right - left) * (bottom - top)).max(1) as u64;
    let mean = sums.map(|sum| (sum / count) as u8);
    for y in top..bottom {
        image.bgr[at(left, y)..at(right, y)].chunks_exact_mut(3).for_each(|pixel| pixel.copy_from_slice(&mean));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Vertical stripes of two pixels, black and white: detail that any cell takes away.
    fn stripes() -> Image {
        let mut image = Image::filled(320, 160, [0, 0, 0]);
        for (i, pixel) in image.bgr.chunks_exact_mut(3).enumerate() {
            pixel.fill(if (i % 320) / 2 % 2 == 0 { 255 } else { 0 });
        }
        image
    }

    fn contrast(image: &Image, area: &BBox) -> u8 {
        let [left, top, right, bottom] = pixels(image, area).expect("inside");
        let rows = (top..bottom).flat_map(|y| &image.bgr[3 * (y * 320 + left)..3 * (y * 320 + right)]);
        let (low, high) = rows.fold((255, 0), |(low, high), v| (low.min(*v), high.max(*v)));
        high - low
    }

    #[test]
    fn only_what_is_shown_keeps_its_detail_and_hiding_wins() {
        let concerned = BBox { x: 96.0, y: 32.0, w: 64.0, h: 96.0 };
        let bystander = BBox { x: 136.0, y: 32.0, w: 80.0, h: 96.0 };
        let mut image = stripes();
        mask(&mut image, &[concerned], &[bystander]);
        assert_eq!(contrast(&image, &BBox { w: 40.0, ..concerned }), 255);
        // The bystander's pixels are gone, also those in front of the one who is shown.
        assert!(contrast(&image, &bystander) < 40);
        // So is whoever no tracker saw.
        assert!(contrast(&image, &BBox { x: 240.0, y: 0.0, w: 64.0, h: 160.0 }) < 40);
        mask(&mut image, &[BBox { x: -50.0, y: 500.0, w: 10.0, h: 10.0 }], &[BBox { x: 1e9, y: 0.0, w: 1.0, h: 1.0 }]);
        assert!(contrast(&image, &concerned) < 60);
    }

    #[test]
    fn a_place_keeps_its_outlines_and_nobody_their_looks() {
        let person = BBox { x: 160.0, y: 32.0, w: 64.0, h: 96.0 };
        // A door is as wide as a person; what is on a face is not.
        let mut image = Image::filled(320, 160, [0, 0, 0]);
        for (i, pixel) in image.bgr.chunks_exact_mut(3).enumerate() {
            let (x, y) = (i % 320, i / 320);
            pixel.fill(if x < 64 || (x >= 160 && (x + y) / 2 % 2 == 0) { 255 } else { 0 });
        }
        blur(&mut image, &[person]);
        assert_eq!(contrast(&image, &BBox { x: 32.0, y: 0.0, w: 64.0, h: 160.0 }), 255);
        assert!(contrast(&image, &person) < 60);
        assert!(contrast(&image, &BBox { x: 240.0, y: 0.0, w: 64.0, h: 160.0 }) < 40, "nor those whom nobody tracked");
    }
}
