//! The pinhole camera: from the hall to the picture, and what of the floor it sees.

use super::scenario::{Camera, Point};
use crate::frame::BBox;
use crate::geometry::Homography;

/// Nearer than this nothing is drawn, metres.
const NEAR_M: f64 = 0.5;

/// A camera ready to project. World: x east, y north, z up. Camera: right, down, ahead (Hartley and Zisserman, *Multiple
/// View Geometry*, 2nd edition, section 6.1, without skew and distortion).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pinhole {
    at: [f64; 3],
    right: [f64; 3],
    down: [f64; 3],
    ahead: [f64; 3],
    focal: f64,
    /// Width and height of the picture, pixels.
    pub size: (f64, f64),
}

impl Pinhole {
    /// `None` when it looks straight up or down, or its numbers make no camera.
    #[must_use]
    pub fn new(camera: &Camera) -> Option<Self> {
        let at = [camera.at.0, camera.at.1, camera.at.2];
        let to = camera.look_at;
        let ahead = unit([to.0 - at[0], to.1 - at[1], to.2 - at[2]])?;
        let right = unit([ahead[1], -ahead[0], 0.0])?;
        let size = (f64::from(camera.size.0), f64::from(camera.size.1));
        let focal = size.0 / 2.0 / (camera.fov_deg.to_radians() / 2.0).tan();
        let usable = camera.fov_deg > 0.0 && camera.fov_deg < 180.0 && at[2] > 0.0 && size.0 >= 1.0 && size.1 >= 1.0;
        usable.then_some(Self { at, right, down: cross(ahead, right), ahead, focal, size })
    }

    /// Where it hangs over the floor.
    pub(super) fn floor(&self) -> Point {
        (self.at[0], self.at[1])
    }

    /// Where a point is in the picture, pixels, and how far ahead of the camera, metres. `None` behind the camera.
    #[must_use]
    pub fn project(&self, x: f64, y: f64, z: f64) -> Option<(f64, f64, f64)> {
        let p = [x - self.at[0], y - self.at[1], z - self.at[2]];
        let depth = dot(p, self.ahead);
        if depth < NEAR_M {
            return None;
        }
        let scale = self.focal / depth;
        Some((self.size.0 / 2.0 + scale * dot(p, self.right), self.size.1 / 2.0 + scale * dot(p, self.down), depth))
    }

    /// The box around something upright that stands at `at`, from `base_m` to `base_m + height_m` above the floor, and
    /// how far away it is, metres.
    #[must_use]
    pub fn upright(&self, at: Point, base_m: f64, height_m: f64, width_m: f64) -> Option<(BBox, f64)> {
        let (x, bottom, depth) = self.project(at.0, at.1, base_m)?;
        let (_, top, _) = self.project(at.0, at.1, base_m + height_m)?;
        let half = self.focal * width_m / 2.0 / depth;
        Some((BBox::from_corners(x - half, top.min(bottom), x + half, bottom.max(top)), depth))
    }

    /// The exact map from pixels to floor metres. `None` for a camera at floor level.
    #[must_use]
    pub fn to_floor(&self) -> Option<Homography> {
        let (c, f) = (self.at, self.focal);
        let (u, v) = (self.size.0 / 2.0, self.size.1 / 2.0);
        // Columns of K [R | -R C] for x, y and 1 at z = 0.
        let away = [-c[0], -c[1], -c[2]];
        let row = |axis: [f64; 3], centre: f64| {
            let mix = |i: usize| f * axis[i] + centre * self.ahead[i];
            [mix(0), mix(1), f * dot(axis, away) + centre * dot(self.ahead, away)]
        };
        let (a, b) = (row(self.right, u), row(self.down, v));
        let to_picture = [a[0], a[1], a[2], b[0], b[1], b[2], self.ahead[0], self.ahead[1], dot(self.ahead, away)];
        Homography::new(to_picture).map(|map| map.inverse())
    }
}

fn dot(a: [f64; 3], b: [f64; 3]) -> f64 {
    a[0] * b[0] + a[1] * b[1] + a[2] * b[2]
}

fn cross(a: [f64; 3], b: [f64; 3]) -> [f64; 3] {
    [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]
}

fn unit(v: [f64; 3]) -> Option<[f64; 3]> {
    let length = dot(v, v).sqrt();
    (length > 1e-9 && length.is_finite()).then(|| v.map(|c| c / length))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn camera() -> Camera {
        Camera {
            id: "c".to_owned(),
            at: (10.0, 0.0, 4.0),
            look_at: (10.0, 12.0, 1.0),
            fov_deg: 70.0,
            size: (1280, 720),
            fps: 10.0,
        }
    }

    #[test]
    fn east_is_right_near_is_low_and_the_aim_is_the_middle() {
        let eye = Pinhole::new(&camera()).unwrap();
        let (x, y, _) = eye.project(10.0, 12.0, 1.0).unwrap();
        assert!((x - 640.0).abs() < 1e-9 && (y - 360.0).abs() < 1e-9);
        assert!(eye.project(12.0, 12.0, 1.0).unwrap().0 > 640.0);
        assert!(eye.project(10.0, 6.0, 0.0).unwrap().1 > eye.project(10.0, 12.0, 0.0).unwrap().1);
        assert_eq!(eye.project(10.0, -3.0, 0.0), None);
        // A quarter of the view to the side: tan(35 degrees) of the depth is the edge.
        let edge = 12.0 * 35.0_f64.to_radians().tan();
        let flat = Pinhole::new(&Camera { at: (10.0, 0.0, 1.0), ..camera() }).unwrap();
        assert!((flat.project(10.0 + edge, 12.0, 1.0).unwrap().0 - 1280.0).abs() < 1e-9);
    }

    #[test]
    fn what_makes_no_camera_is_refused() {
        let rows: [fn(&mut Camera); 4] =
            [|c| c.look_at = (10.0, 0.0, 0.0), |c| c.fov_deg = 180.0, |c| c.at.2 = 0.0, |c| c.size = (0, 720)];
        for spoil in rows {
            let mut bad = camera();
            spoil(&mut bad);
            assert_eq!(Pinhole::new(&bad), None, "{bad:?}");
        }
    }

    proptest! {
        #[test]
        fn the_floor_map_takes_feet_back_to_where_they_stand(x in 0.0_f64..20.0, y in 3.0_f64..25.0) {
            let eye = Pinhole::new(&camera()).unwrap();
            let (bbox, _) = eye.upright((x, y), 0.0, 1.7, 0.5).unwrap();
            let (u, v) = bbox.foot();
            let (a, b) = eye.to_floor().unwrap().apply(u, v).unwrap();
            prop_assert!((a - x).abs() < 1e-6 && (b - y).abs() < 1e-6, "{} {} {} {}", a, b, x, y);
        }
    }
}
