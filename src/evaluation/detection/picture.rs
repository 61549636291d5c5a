//! What is labelled in pictures, and what models found there.

use serde::Serialize;

use crate::evaluation::LabelledArea;
use crate::frame::{BBox, Image};

/// Points of a face: image-left eye, image-right eye, nose tip, image-left and image-right mouth corner.
pub const FACE_POINTS: usize = 5;

/// Mean luma below this, 0 to 255, is dark.
const DARK: f64 = 80.0;
/// Mean difference of the strongest and the weakest colour below this, 0 to 255, is grey.
const GREY: f64 = 5.0;
/// Most samples of a side.
const GRID: u32 = 64;

/// The light of a picture, measured from its pixels.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Light {
    /// Colour, mean luma 80 or more.
    Light,
    /// Colour, mean luma below 80.
    Dark,
    /// Without colour, as infrared cameras deliver.
    Infrared,
}

impl Light {
    /// Of the middles of a grid of at most 64 x 64 cells; `None` for a picture without pixels.
    #[must_use]
    pub fn of(image: &Image) -> Option<Self> {
        let (columns, rows) = (image.width.min(GRID), image.height.min(GRID));
        let middle = |i: u32, cells: u32, length: u32| (2 * i as usize + 1) * length as usize / (2 * cells as usize);
        let (mut luma, mut colour) = (0_u64, 0_u64);
        for row in 0..rows {
            for column in 0..columns {
                let at = middle(row, rows, image.height) * image.width as usize + middle(column, columns, image.width);
                let [b, g, r] = *image.bgr.get(3 * at..3 * at + 3)? else { return None };
                luma += 114 * u64::from(b) + 587 * u64::from(g) + 299 * u64::from(r);
                colour += u64::from(b.max(g).max(r) - b.min(g).min(r));
            }
        }
        let count = f64::from(columns) * f64::from(rows);
        (count > 0.0).then(|| match (colour as f64 / count < GREY, luma as f64 / count / 1e3 < DARK) {
            (true, _) => Self::Infrared,
            (false, true) => Self::Dark,
            (false, false) => Self::Light,
        })
    }
}

/// What a label means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TruthKind {
    /// To be found.
    Counted,
    /// One that may be found: neither a hit nor a miss, and what is found on it is not false.
    Ignored,
    /// A region that may hold any number (COCO's `iscrowd`): what lies in it by half or more is not false.
    Region,
}

/// A labelled box.
#[derive(Debug, Clone, PartialEq)]
pub struct TrueBox {
    /// In pixels of the picture.
    pub bbox: BBox,
    /// What it means.
    pub kind: TruthKind,
    /// Of a face, where they are labelled, in pixels.
    pub points: [Option<(f64, f64)>; FACE_POINTS],
}

impl TrueBox {
    /// To be found, without points.
    #[must_use]
    pub fn counted(bbox: BBox) -> Self {
        Self { bbox, kind: TruthKind::Counted, points: [None; FACE_POINTS] }
    }
}

/// A box that a model found.
#[derive(Debug, Clone, PartialEq)]
pub struct FoundBox {
    /// In pixels of the picture.
    pub bbox: BBox,
    /// Higher is surer.
    pub score: f64,
    /// Of a face, where the model gives them, in pixels.
    pub points: Option<[(f64, f64); FACE_POINTS]>,
}

/// One picture with its labels and findings.
#[derive(Debug, Clone, PartialEq)]
pub struct Picture {
    /// File name or frame number.
    pub name: String,
    /// Width in pixels.
    pub width: f64,
    /// Its light.
    pub light: Light,
    /// Labels.
    pub truth: Vec<TrueBox>,
    /// Findings of each model, in the models' order.
    pub found: Vec<Vec<FoundBox>>,
}

/// Pictures that are reported together: a folder, a camera.
#[derive(Debug, Clone, PartialEq)]
pub struct PictureSet {
    /// What the report calls it.
    pub name: String,
    /// In order; the order decides between equal scores.
    pub pictures: Vec<Picture>,
    /// Where everybody is labelled; everywhere when `None`. What is found elsewhere and is nobody's is left out.
    pub labelled: Option<LabelledArea>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn light_of_known_pictures() {
        for (bgr, expected) in
            [([90, 90, 90], Light::Infrared), ([40, 60, 70], Light::Dark), ([120, 160, 200], Light::Light)]
        {
            assert_eq!(Light::of(&Image::filled(100, 30, bgr)), Some(expected), "{bgr:?}");
        }
        assert_eq!(Light::of(&Image::default()), None);
    }
}
