//! The projective map between a camera's picture and the floor plan.

/// Smallest usable volume of the parallelepiped of the unit rows: the determinant without the units of picture and floor.
/// Below it the map squashes the plane to a line.
const VOLUME_MIN: f64 = 1e-9;

/// A 3x3 projective map of points, row by row (Hartley and Zisserman, *Multiple View Geometry*, 2nd edition, section 2.3).
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Homography([f64; 9]);

impl Homography {
    /// From its nine numbers. `None` when they are not finite or the map cannot be inverted.
    #[must_use]
    pub fn new(rows: [f64; 9]) -> Option<Self> {
        let lengths: f64 = rows.chunks(3).map(|row| row.iter().map(|v| v * v).sum::<f64>().sqrt()).product();
        let volume = determinant(&rows).abs() / lengths;
        // The comparison is false for NaN, which a row of zeros or an infinite number gives.
        (volume >= VOLUME_MIN).then_some(Self(rows))
    }

    /// Its nine numbers, row by row.
    #[must_use]
    pub fn rows(&self) -> [f64; 9] {
        self.0
    }

    /// Where the point goes. `None` on the horizon, which goes to infinity.
    #[must_use]
    pub fn apply(&self, x: f64, y: f64) -> Option<(f64, f64)> {
        let h = &self.0;
        let w = h[6] * x + h[7] * y + h[8];
        let (u, v) = ((h[0] * x + h[1] * y + h[2]) / w, (h[3] * x + h[4] * y + h[5]) / w);
        (u.is_finite() && v.is_finite()).then_some((u, v))
    }

    /// Where a point goes whose x and y are known with the variances `variance`, independently of each other, and the
    /// covariance there as `[xx, xy, yy]`: to first order, through the map's Jacobian (Hartley and Zisserman, section
    /// 5.2.1). `None` on the horizon, and beyond it as seen from `inside`, a point that is surely on this side.
    #[must_use]
    pub fn carry(&self, at: (f64, f64), variance: (f64, f64), inside: (f64, f64)) -> Option<((f64, f64), [f64; 3])> {
        if self.weight(at.0, at.1) * self.weight(inside.0, inside.1) <= 0.0 {
            return None;
        }
        let [a, b, c, d] = self.jacobian(at)?;
        let (vx, vy) = variance;
        let covariance = [a * a * vx + b * b * vy, a * c * vx + b * d * vy, c * c * vx + d * d * vy];
        Some((self.apply(at.0, at.1)?, covariance))
    }

    /// How the image of a point moves with it: `[du/dx, du/dy, dv/dx, dv/dy]`. `None` on the horizon.
    #[must_use]
    pub fn jacobian(&self, (x, y): (f64, f64)) -> Option<[f64; 4]> {
        let h = &self.0;
        let w = self.weight(x, y);
        let (u, v) = self.apply(x, y)?;
        let rates = [h[0] - u * h[6], h[1] - u * h[7], h[3] - v * h[6], h[4] - v * h[7]].map(|r| r / w);
        rates.iter().all(|r| r.is_finite()).then_some(rates)
    }

    /// The homogeneous weight of a point: its sign tells on which side of the horizon the point lies.
    #[must_use]
    pub fn weight(&self, x: f64, y: f64) -> f64 {
        self.0[6] * x + self.0[7] * y + self.0[8]
    }

    /// The map back: the adjugate, which is the inverse up to scale.
    #[must_use]
    pub fn inverse(&self) -> Self {
        let h = &self.0;
        let minor = |a: usize, b: usize, c: usize, d: usize| h[a] * h[d] - h[b] * h[c];
        Self([
            minor(4, 5, 7, 8),
            -minor(1, 2, 7, 8),
            minor(1, 2, 4, 5),
            -minor(3, 5, 6, 8),
            minor(0, 2, 6, 8),
            -minor(0, 2, 3, 5),
            minor(3, 4, 6, 7),
            -minor(0, 1, 6, 7),
            minor(0, 1, 3, 4),
        ])
    }
}

fn determinant(h: &[f64; 9]) -> f64 {
    h[0] * (h[4] * h[8] - h[5] * h[7]) - h[1] * (h[3] * h[8] - h[5] * h[6]) + h[2] * (h[3] * h[7] - h[4] * h[6])
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn there_and_back_again(h in prop::array::uniform9(-3.0_f64..3.0), x in -9.0_f64..9.0, y in -9.0_f64..9.0) {
            let Some(map) = Homography::new(h) else { return Ok(()) };
            prop_assume!(determinant(&h).abs() > 0.05);
            let Some((u, v)) = map.apply(x, y) else { return Ok(()) };
            prop_assume!(u.hypot(v) < 1e3);
            let (a, b) = map.inverse().apply(u, v).expect("a point that came from the plane goes back to it");
            prop_assert!((a - x).abs() < 1e-6 && (b - y).abs() < 1e-6, "{} {} {} {}", a, b, x, y);
        }
    }

    #[test]
    fn uncertainty_is_carried_as_many_drawn_points_spread() {
        // A camera at an angle: the far end of the picture is stretched.
        let map = Homography::new([0.02, 0.001, -5.0, 0.0005, 0.04, -8.0, 0.00001, 0.002, 1.0]).expect("invertible");
        let (at, variance, inside) = ((300.0, 400.0), (4.0, 9.0), (320.0, 480.0));
        let ((u, v), [xx, xy, yy]) = map.carry(at, variance, inside).expect("this side of the horizon");
        // The four points of a product rule that has the mean and the variances of a normal distribution.
        let (dx, dy) = (variance.0.sqrt(), variance.1.sqrt());
        let mut spread = [0.0; 3];
        for (sx, sy) in [(-1.0, -1.0), (-1.0, 1.0), (1.0, -1.0), (1.0, 1.0)] {
            let (a, b) = map.apply(at.0 + sx * dx, at.1 + sy * dy).expect("finite");
            spread[0] += (a - u).powi(2) / 4.0;
            spread[1] += (a - u) * (b - v) / 4.0;
            spread[2] += (b - v).powi(2) / 4.0;
        }
        for (carried, drawn) in [xx, xy, yy].into_iter().zip(spread) {
            assert!((carried - drawn).abs() < 0.01 * (xx + yy), "{:?} {spread:?}", [xx, xy, yy]);
        }
        assert!(xx * yy > xy * xy);
        assert_eq!(map.carry((300.0, -600.0), variance, inside), None, "beyond the horizon");
    }

    #[test]
    fn maps_that_lose_a_dimension_are_refused() {
        for h in [[0.0; 9], [1.0; 9], [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0], [f64::NAN; 9], [f64::INFINITY; 9]]
        {
            assert_eq!(Homography::new(h), None, "{h:?}");
        }
    }
}
