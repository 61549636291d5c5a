//! Questions about a frame, answered from its pixels.

use super::clothing::ClothingDescriptor;
use super::face_look::FaceLooker;
use super::motion::Mosaic;
use super::pulse_watch::PulseWatch;
use super::reidentify::Reidentifier;
use super::repeats::Repeats;
use super::skin;
use crate::appearance::Appearance;
use crate::face::{ChestLook, FaceLook, RegionColour};
use crate::frame::{BBox, Image, Luma, Motion, PixelProbe};
use crate::ids::TrackId;
use crate::time::MediaTime;
use crate::units::Unavailable;

/// Most samples of a side.
const GRID: u32 = 64;

/// How appearance is answered.
#[derive(Debug)]
pub(super) enum Looks {
    /// Not at all.
    Off,
    /// By what the clothing looks like, without a model.
    Clothing(ClothingDescriptor),
    /// By a model.
    Model(Box<Reidentifier>),
}

/// Answers from pixels.
pub(super) struct Pixels<'a> {
    pub(super) image: &'a Image,
    /// Of the picture that was last detected in.
    pub(super) before: &'a Mosaic,
    pub(super) repeats: &'a mut Repeats,
    pub(super) looks: &'a mut Looks,
    pub(super) faces: Option<&'a mut FaceLooker>,
    pub(super) pulses: Option<&'a mut PulseWatch>,
}

impl PixelProbe for Pixels<'_> {
    fn luma(&mut self) -> Result<Luma, Unavailable> {
        luma(self.image)
    }

    fn motion(&mut self, levels: f64) -> Result<Motion, Unavailable> {
        self.before.motion(self.image, levels)
    }

    fn appearance(&mut self, bbox: &BBox) -> Result<Appearance, Unavailable> {
        match self.looks {
            Looks::Off => Err(Unavailable::NotConfigured),
            Looks::Clothing(descriptor) => descriptor.appearance(self.image, bbox),
            Looks::Model(model) => model.appearance(self.image, bbox),
        }
    }

    fn colour(&mut self, polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        skin::colour(self.image, polygon, self.repeats.before(self.image))
    }

    fn chest(&mut self, bbox: &BBox) -> Result<ChestLook, Unavailable> {
        skin::chest(self.image, bbox)
    }

    fn face(&mut self, bbox: &BBox) -> Result<FaceLook, Unavailable> {
        let faces = self.faces.as_mut().ok_or(Unavailable::NotConfigured)?;
        faces.look(self.image, bbox)
    }

    fn pulse(&mut self, face: TrackId, bbox: &BBox, at: MediaTime) -> Result<f64, Unavailable> {
        let pulses = self.pulses.as_mut().ok_or(Unavailable::NotConfigured)?;
        pulses.sample(self.image, face, bbox, at)
    }
}

/// Mean and deviation of Rec. 601 luma over the middles of a grid of at most 64 x 64 cells.
///
/// In whole numbers (weights 299, 587 and 114 of 1000), so the answer is the same on every machine.
pub(super) fn luma(image: &Image) -> Result<Luma, Unavailable> {
    let (width, height) = (image.width, image.height);
    if super::preprocess::check_picture(image).is_err() {
        return Err(Unavailable::TooSmall);
    }
    let (columns, rows) = (width.min(GRID), height.min(GRID));
    let middle = |i: u32, cells: u32, length: u32| {
        ((2 * u64::from(i) + 1) * u64::from(length) / (2 * u64::from(cells))) as usize
    };
    let (mut sum, mut squares) = (0_u64, 0_u64);
    for row in 0..rows {
        let start = middle(row, rows, height) * width as usize;
        for column in 0..columns {
            let at = 3 * (start + middle(column, columns, width));
            let [b, g, r] = [0, 1, 2].map(|c| u64::from(image.bgr[at + c]));
            let luma = 114 * b + 587 * g + 299 * r;
            sum += luma;
            squares += luma * luma;
        }
    }
    let count = f64::from(columns) * f64::from(rows);
    let mean = sum as f64 / count;
    let variance = (squares as f64 / count - mean * mean).max(0.0);
    Ok(Luma { mean: mean / 1e3, deviation: variance.sqrt() / 1e3 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn luma_of_known_pictures() {
        let grey = luma(&Image::filled(640, 480, [90; 3])).expect("has pixels");
        assert_eq!((grey.mean, grey.deviation), (90.0, 0.0));
        let green = luma(&Image::filled(1, 1, [0, 255, 0])).expect("has pixels");
        assert!((green.mean - 255.0 * 0.587).abs() < 1e-9);
        // Half black, half white.
        let mut half = Image::filled(200, 100, [0; 3]);
        half.bgr.chunks_exact_mut(600).for_each(|row| row[300..].fill(255));
        let half = luma(&half).expect("has pixels");
        assert!((half.mean - 127.5).abs() < 1e-9 && (half.deviation - 127.5).abs() < 1e-6, "{half:?}");
        assert_eq!(luma(&Image::default()), Err(Unavailable::TooSmall));
    }
}
