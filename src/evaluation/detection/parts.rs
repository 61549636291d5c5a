//! Parts of a set: people of one size, pictures in one light.

use super::picture::{Light, Picture};
use crate::frame::BBox;

/// Heights are measured in a picture scaled to this width, so that they mean the same for every camera and input.
const REFERENCE_WIDTH: f64 = 416.0;

/// A range of heights, in pixels of a picture scaled to 416 pixels width.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SizeBand {
    /// What the report calls it.
    pub name: &'static str,
    /// Lowest height, inclusive.
    pub low: f64,
    /// Highest height, exclusive.
    pub high: f64,
}

/// The sizes that are reported.
pub const SIZES: [SizeBand; 3] = [
    SizeBand { name: "small (< 40 px)", low: 0.0, high: 40.0 },
    SizeBand { name: "medium (40-90 px)", low: 40.0, high: 90.0 },
    SizeBand { name: "large (>= 90 px)", low: 90.0, high: f64::INFINITY },
];

/// Which boxes of which pictures count.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Part {
    /// All.
    All,
    /// Those of a size.
    Size(SizeBand),
    /// Those in pictures of a light.
    Light(Light),
}

impl Part {
    /// Every part, the whole first.
    #[must_use]
    pub fn every() -> [Self; 7] {
        let [small, medium, large] = SIZES.map(Self::Size);
        let [light, dark, infrared] = [Light::Light, Light::Dark, Light::Infrared].map(Self::Light);
        [Self::All, small, medium, large, light, dark, infrared]
    }

    /// What the report calls it.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Size(band) => band.name,
            Self::Light(Light::Light) => "light",
            Self::Light(Light::Dark) => "dark",
            Self::Light(Light::Infrared) => "infrared or grey",
        }
    }

    /// Whether the picture belongs to it.
    #[must_use]
    pub fn holds(&self, picture: &Picture) -> bool {
        !matches!(self, Self::Light(light) if *light != picture.light)
    }

    /// Whether a box in such a picture belongs to it.
    #[must_use]
    pub fn counts(&self, bbox: &BBox, picture: &Picture) -> bool {
        let Self::Size(band) = self else { return true };
        let height = bbox.h * REFERENCE_WIDTH / picture.width;
        (band.low..band.high).contains(&height)
    }
}
