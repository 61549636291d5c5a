//! Where people are: on the floor in metres where the camera is calibrated, otherwise in the picture, with lengths
//! judged by how tall people look there.

use crate::frame::{BBox, ObjectClass};
use crate::geometry::{Handedness, Homography, length};

/// Standard deviation of a detected foot point, box heights: what the distance of a pixel on the floor makes of it is
/// how well a place is known.
const FOOT_NOISE: f64 = 0.03;

/// The plane in which paths are followed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Plane {
    floor: Option<Homography>,
    size: (f64, f64),
}

/// A place of a box on the plane.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// In units of the plane.
    pub at: (f64, f64),
    /// Metres of one unit of the plane here.
    pub scale: f64,
    /// Standard deviation of `at`, metres.
    pub noise_m: f64,
}

impl Plane {
    /// Of a picture of `size` pixels, and its map to floor metres where there is one.
    #[must_use]
    pub fn new(floor: Option<Homography>, size: (f64, f64)) -> Self {
        Self { floor, size }
    }

    /// Width and height of the picture, pixels.
    #[must_use]
    pub fn size(&self) -> (f64, f64) {
        self.size
    }

    /// Whether it is the floor in metres.
    #[must_use]
    pub fn is_floor(&self) -> bool {
        self.floor.is_some()
    }

    /// Which way y points.
    #[must_use]
    pub fn handedness(&self) -> Handedness {
        if self.floor.is_some() { Handedness::Plan } else { Handedness::Picture }
    }

    /// A pixel on the plane. `None` on and above the horizon.
    #[must_use]
    pub fn point(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        match &self.floor {
            // What is seen at the bottom of the picture is floor; what lies on its other side is above the horizon.
            Some(map) if map.weight(x, y) * map.weight(self.size.0 / 2.0, self.size.1) <= 0.0 => None,
            Some(map) => map.apply(x, y),
            None => Some((x, y)),
        }
    }

    /// Where the foot of a box of a thing of `class` stands. `None` above the horizon.
    #[must_use]
    pub fn place(&self, class: ObjectClass, bbox: &BBox) -> Option<Place> {
        let (x, y) = bbox.foot();
        let at = self.point(x, y)?;
        let noise_px = FOOT_NOISE * bbox.h;
        Some(match self.floor {
            None => {
                let scale = class.height_m() / bbox.h;
                Place { at, scale, noise_m: noise_px * scale }
            }
            Some(_) => {
                let below = self.point(x, y + noise_px)?;
                Place { at, scale: 1.0, noise_m: length(below.0 - at.0, below.1 - at.1) }
            }
        })
    }
}
