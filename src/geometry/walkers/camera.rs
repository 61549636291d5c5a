//! A pinhole above the floor, in the numbers that are fitted.

use super::Stance;
use crate::geometry::Homography;

/// What is fitted: logarithm of the focal length in pixels, tilt and roll in radians, logarithm of the height in metres, and
/// of the pace at which people usually walk, metres a frame.
pub(super) type Numbers = [f64; 5];

#[derive(Clone, Copy)]
pub(super) struct Pinhole {
    focal: f64,
    tilt: (f64, f64),
    roll: (f64, f64),
    height: f64,
}

impl Pinhole {
    pub(super) fn new(n: &Numbers) -> Self {
        Self { focal: n[0].exp(), tilt: n[1].sin_cos(), roll: n[2].sin_cos(), height: n[3].exp() }
    }

    /// The floor at a pixel from the middle; `None` on and above the horizon.
    pub(super) fn floor(&self, (u, v): (f64, f64)) -> Option<(f64, f64)> {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let (a, b) = ((rc * u + rs * v) / self.focal, (rc * v - rs * u) / self.focal);
        let down = sin + b * cos;
        (down > 1e-3).then(|| (self.height * a / down, self.height * (cos - b * sin) / down))
    }

    /// Row of the picture, from the middle, of what is `metres` above a place on the floor.
    pub(super) fn row(&self, (x, y): (f64, f64), metres: f64) -> f64 {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let below = self.height - metres;
        let depth = (y * cos + below * sin).max(1e-3);
        let (a, b) = (x / depth * self.focal, (below * cos - y * sin) / depth * self.focal);
        rs * a + rc * b
    }

    /// From pixels of the whole picture.
    pub(super) fn map(&self, size: (f64, f64)) -> Option<Homography> {
        let ((sin, cos), (rs, rc)) = (self.tilt, self.roll);
        let (h, f, cx, cy) = (self.height, self.focal, size.0 / 2.0, size.1 / 2.0);
        // Across and down, in focal lengths, are linear in the pixel; so are all three rows.
        let across = [rc / f, rs / f, -(rc * cx + rs * cy) / f];
        let down = [-rs / f, rc / f, (rs * cx - rc * cy) / f];
        let row = |constant: f64, a: f64, d: f64| {
            [a * across[0] + d * down[0], a * across[1] + d * down[1], a * across[2] + d * down[2] + constant]
        };
        let rows = [row(0.0, h, 0.0), row(h * cos, 0.0, -h * sin), row(sin, 0.0, cos)].concat();
        Homography::new(rows.try_into().ok()?)
    }
}

/// In the units and the order of a [`Stance`].
pub(super) fn stance(n: &Numbers, width: f64) -> [f64; 4] {
    let fov = 2.0 * (width / 2.0 / n[0].exp()).atan();
    [fov.to_degrees(), n[1].to_degrees(), n[2].to_degrees(), n[3].exp()]
}

pub(super) fn named([fov_deg, tilt_deg, roll_deg, height_m]: [f64; 4]) -> Stance {
    Stance { fov_deg, tilt_deg, roll_deg, height_m }
}
