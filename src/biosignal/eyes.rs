//! Faces with eyes that are open or closed, for tests.

use crate::face::{FaceLook, FacePoint};

/// Distance of an eye's corners, pixels.
const WIDTH: f64 = 30.0;

/// A face with rows across its eyes, `closed` from 0 to 1: a dark band that a lid of skin covers from above.
pub(super) fn look_of(closed: f64) -> FaceLook {
    let row = |row: f64| {
        let (top, bottom) = (8.0 + 8.0 * closed, 16.0_f64);
        let covered = (bottom.min(row + 1.0) - f64::max(top, row)).clamp(0.0, 1.0);
        let lash = if (row - top.floor()).abs() < 0.5 { 40.0 } else { 0.0 };
        // Skin that gets a little darker downwards.
        (150.0 - row - 70.0 * covered - lash) as f32
    };
    let rows: Vec<f32> = (0..24_u8).map(|i| row(f64::from(i))).collect();
    FaceLook { eye_rows: [rows.clone(), rows], ..points_of(closed) }
}

/// The same by landmarks alone.
pub(super) fn points_of(closed: f64) -> FaceLook {
    let mut landmarks = vec![FacePoint { x: 0.0, y: 0.0, confidence: 1.0 }; 66];
    let half = 0.15 * WIDTH * (1.0 - 0.8 * closed);
    for (first, left) in [(36, 100.0), (42, 160.0)] {
        let places = [(0.0, 0.0), (0.3, -half), (0.7, -half), (1.0, 0.0), (0.7, half), (0.3, half)];
        for (point, (across, y)) in landmarks[first..].iter_mut().zip(places) {
            (point.x, point.y) = (left + across * WIDTH, 200.0 + y);
        }
    }
    FaceLook { landmarks, ..FaceLook::default() }
}
