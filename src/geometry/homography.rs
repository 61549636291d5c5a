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
    fn maps_that_lose_a_dimension_are_refused() {
        for h in [[0.0; 9], [1.0; 9], [1.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, 0.0, 1.0], [f64::NAN; 9], [f64::INFINITY; 9]]
        {
            assert_eq!(Homography::new(h), None, "{h:?}");
        }
    }
}
