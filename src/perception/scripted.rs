//! [`Perception`] that answers what it is told: for tests of everything behind it.

use super::motion::Mosaic;
use super::probe::luma;
use super::skin;
use super::{Perception, PerceptionError};
use crate::appearance::Appearance;
use crate::face::{ChestLook, RegionColour};
use crate::frame::{BBox, Image, Luma, Motion, PixelProbe};
use crate::tracking::Detection;
use crate::units::Unavailable;

/// Detections of the picture with this number, counted from 0.
type Script = Box<dyn FnMut(u64, &Image) -> Vec<Detection> + Send>;

/// What the thing in a box looks like.
type Looks = Box<dyn FnMut(&BBox) -> Result<Appearance, Unavailable> + Send>;

/// Answers from a function or a list. Brightness, motion and colours are those of the pixels.
pub struct ScriptedPerception {
    script: Script,
    looks: Looks,
    seen: u64,
    before: Mosaic,
}

impl ScriptedPerception {
    /// Answers what `script` says.
    #[must_use]
    pub fn new(script: impl FnMut(u64, &Image) -> Vec<Detection> + Send + 'static) -> Self {
        Self {
            script: Box::new(script),
            looks: Box::new(|_| Err(Unavailable::NotConfigured)),
            seen: 0,
            before: Mosaic::default(),
        }
    }

    /// Answers one list after the other, then nothing.
    #[must_use]
    pub fn from_list(frames: Vec<Vec<Detection>>) -> Self {
        let mut frames = frames.into_iter();
        Self::new(move |_, _| frames.next().unwrap_or_default())
    }

    /// Answers questions about appearance as `looks` says; without it they are not configured.
    #[must_use]
    pub fn with_appearance(
        mut self,
        looks: impl FnMut(&BBox) -> Result<Appearance, Unavailable> + Send + 'static,
    ) -> Self {
        self.looks = Box::new(looks);
        self
    }
}

impl Perception for ScriptedPerception {
    fn detect(&mut self, image: &Image, found: &mut Vec<Detection>) -> Result<u64, PerceptionError> {
        found.clear();
        found.extend((self.script)(self.seen, image));
        found.sort_by(|a, b| b.score.total_cmp(&a.score));
        self.seen += 1;
        self.before = Mosaic::of(image);
        Ok(0)
    }

    fn probe<'a>(&'a mut self, image: &'a Image) -> Box<dyn PixelProbe + 'a> {
        Box::new(ScriptedProbe { image, before: &self.before, looks: &mut self.looks })
    }

    fn digest(&self) -> &'static str {
        // The SHA-256 of nothing: no model is in use.
        "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    }
}

struct ScriptedProbe<'a> {
    image: &'a Image,
    before: &'a Mosaic,
    looks: &'a mut Looks,
}

impl PixelProbe for ScriptedProbe<'_> {
    fn luma(&mut self) -> Result<Luma, Unavailable> {
        luma(self.image)
    }

    fn motion(&mut self, levels: f64) -> Result<Motion, Unavailable> {
        self.before.motion(self.image, levels)
    }

    fn appearance(&mut self, bbox: &BBox) -> Result<Appearance, Unavailable> {
        (self.looks)(bbox)
    }

    fn colour(&mut self, polygon: &[(f64, f64)]) -> Result<RegionColour, Unavailable> {
        skin::colour(self.image, polygon, None)
    }

    fn chest(&mut self, bbox: &BBox) -> Result<ChestLook, Unavailable> {
        skin::chest(self.image, bbox)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::ObjectClass;

    #[test]
    fn a_list_is_answered_in_order_strongest_first() {
        let bbox = BBox { x: 0.0, y: 0.0, w: 1.0, h: 1.0 };
        let seen = |score| Detection { bbox, score, class: ObjectClass::Person };
        let mut perception = ScriptedPerception::from_list(vec![vec![seen(0.2), seen(0.9)], vec![]]);
        let (image, mut found) = (Image::filled(2, 2, [7; 3]), vec![seen(0.0)]);
        for expected in [&[0.9, 0.2][..], &[], &[]] {
            perception.detect(&image, &mut found).expect("scripted");
            assert_eq!(found.iter().map(|d| d.score).collect::<Vec<_>>(), expected);
        }
        assert_eq!(perception.probe(&image).appearance(&bbox), Err(Unavailable::NotConfigured));
        assert_eq!(perception.probe(&image).luma().expect("pixels").mean, 7.0);
    }
}
