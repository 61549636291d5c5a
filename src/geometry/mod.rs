//! Points, lines and polygons in the picture and on the floor, and the way from the one to the other.

mod calibration;
mod footprint;
mod homography;
mod line;
mod polygon;
mod walkers;

pub use calibration::{Calibration, PAIRS_MIN, Pair, calibrate};
pub use footprint::footprint;
pub use homography::Homography;
pub use line::{Handedness, Line};
pub use polygon::Polygon;
pub use walkers::{FromWalkers, Stance, WALKERS_MIN, WalkerError, WalkerSettings, calibrate_by_walkers};

/// Length of a vector of pixels or metres. `hypot` also serves numbers that overflow when squared, at five times the cost.
#[must_use]
pub fn length(x: f64, y: f64) -> f64 {
    (x * x + y * y).sqrt()
}
