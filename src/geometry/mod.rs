//! Points, lines and polygons in the picture and on the floor, and the way from the one to the other.

mod calibration;
mod footprint;
mod homography;
mod line;
mod polygon;

pub use calibration::{Calibration, PAIRS_MIN, Pair, calibrate};
pub use footprint::footprint;
pub use homography::Homography;
pub use line::{Handedness, Line};
pub use polygon::Polygon;
