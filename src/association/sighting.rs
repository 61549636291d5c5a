//! What association takes in: one track of one camera, about once a second.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::appearance::Appearance;
use crate::event::Lifecycle;
use crate::ids::{BootId, CameraId, TrackId};
use crate::time::CaptureTime;

/// The site-wide name of one track.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct TrackKey {
    /// The camera that sees it.
    pub camera: CameraId,
    /// The camera's run; track ids count anew in each.
    pub boot: BootId,
    /// The track.
    pub track: TrackId,
}

impl fmt::Display for TrackKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}/{}", self.camera, self.boot.0, self.track)
    }
}

/// A place on the floor plan and how well it is known.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct FloorFix {
    /// Metres on the floor plan.
    pub x: f64,
    /// Metres on the floor plan.
    pub y: f64,
    /// Covariance in square metres: xx, xy, yy.
    pub covariance: [f64; 3],
}

impl FloorFix {
    /// Metres to another place.
    #[must_use]
    pub fn distance(&self, other: &Self) -> f64 {
        (self.x - other.x).hypot(self.y - other.y)
    }

    /// Squared Mahalanobis distance to another place under both covariances, and the determinant of their sum.
    /// `None` where the sum is no covariance.
    #[must_use]
    pub fn mahalanobis(&self, other: &Self) -> Option<(f64, f64)> {
        let [a, b, c] = [0, 1, 2].map(|i| self.covariance[i] + other.covariance[i]);
        let determinant = a * c - b * b;
        let (dx, dy) = (self.x - other.x, self.y - other.y);
        let squared = (c * dx * dx - 2.0 * b * dx * dy + a * dy * dy) / determinant;
        (determinant > 0.0 && a > 0.0 && squared.is_finite()).then_some((squared, determinant))
    }
}

/// One report on one track. Everything but the name, the time and the phase may be missing.
#[derive(Debug, Clone, PartialEq)]
pub struct Sighting {
    /// Whose.
    pub key: TrackKey,
    /// When the frame that led to the report was captured.
    pub at: CaptureTime,
    /// When the person was really seen last; earlier than `at` where a track is kept a while without being seen.
    pub seen: CaptureTime,
    /// Whether the track begins, goes on or ends. [`Lifecycle::Retracted`] ends it.
    pub phase: Lifecycle,
    /// Where the person stands, where the camera is calibrated.
    pub floor: Option<FloorFix>,
    /// What the person looks like, where a model is configured.
    pub appearance: Option<Appearance>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_under_covariance() {
        let at = |x, y, covariance| FloorFix { x, y, covariance };
        for (a, b, expected) in [
            (at(0.0, 0.0, [0.5, 0.0, 0.5]), at(1.0, 0.0, [0.5, 0.0, 0.5]), Some((1.0, 1.0))),
            (at(0.0, 0.0, [2.0, 0.0, 0.25]), at(2.0, 0.0, [2.0, 0.0, 0.25]), Some((1.0, 2.0))),
            (at(0.0, 0.0, [0.0; 3]), at(2.0, 0.0, [0.0; 3]), None),
        ] {
            assert_eq!(a.mahalanobis(&b), expected);
        }
    }
}
