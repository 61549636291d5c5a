//! Taking a head's own movement out of its landmarks.

/// A place in the plane.
pub(super) type Point = [f64; 2];

/// An affine map: a straight view of the same head from a little farther to one side, to first order.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Affine {
    linear: [Point; 2],
    from: Point,
    to: Point,
}

impl Affine {
    /// The map that brings `from` nearest to `to` in the least squares; `None` for points on a line.
    pub(super) fn fit(from: &[Point], to: &[Point]) -> Option<Self> {
        let (from_middle, to_middle) = (middle(from)?, middle(to)?);
        let (mut square, mut cross) = ([[0.0; 2]; 2], [[0.0; 2]; 2]);
        for (p, q) in from.iter().zip(to) {
            let (p, q) = (minus(*p, from_middle), minus(*q, to_middle));
            for (i, j) in [(0, 0), (0, 1), (1, 0), (1, 1)] {
                square[i][j] += p[i] * p[j];
                cross[i][j] += q[i] * p[j];
            }
        }
        let [[a, b], [c, d]] = square;
        let determinant = a * d - b * c;
        if determinant <= 1e-9 * (a + d).powi(2) {
            return None;
        }
        let inverse = [[d / determinant, -b / determinant], [-c / determinant, a / determinant]];
        let entry = |i: usize, j: usize| cross[i][0] * inverse[0][j] + cross[i][1] * inverse[1][j];
        let linear = [[entry(0, 0), entry(0, 1)], [entry(1, 0), entry(1, 1)]];
        Some(Self { linear, from: from_middle, to: to_middle })
    }

    /// Where it brings a point.
    pub(super) fn apply(&self, p: Point) -> Point {
        let [x, y] = minus(p, self.from);
        let [[a, b], [c, d]] = self.linear;
        [self.to[0] + a * x + b * y, self.to[1] + c * x + d * y]
    }
}

/// Square of the distance.
pub(super) fn apart_squared(p: Point, q: Point) -> f64 {
    let [x, y] = minus(p, q);
    x * x + y * y
}

fn middle(points: &[Point]) -> Option<Point> {
    let n = points.len() as f64;
    let sum = points.iter().fold([0.0; 2], |s, p| [s[0] + p[0], s[1] + p[1]]);
    (!points.is_empty()).then(|| [sum[0] / n, sum[1] / n])
}

fn minus(p: Point, q: Point) -> Point {
    [p[0] - q[0], p[1] - q[1]]
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const FACE: [Point; 5] = [[0.0, 0.0], [10.0, 1.0], [5.0, 6.0], [2.0, 11.0], [8.0, 12.0]];

    proptest! {
        #[test]
        fn an_affine_view_is_undone(
            linear in proptest::array::uniform4(-2.0..2.0_f64), shift in proptest::array::uniform2(-99.0..99.0_f64),
        ) {
            let [a, b, c, d] = linear;
            prop_assume!((a * d - b * c).abs() > 0.05);
            let seen = FACE.map(|[x, y]| [a * x + b * y + shift[0], c * x + d * y + shift[1]]);
            let back = Affine::fit(&seen, &FACE).expect("not on a line");
            for (p, q) in seen.iter().zip(FACE) {
                prop_assert!(apart_squared(back.apply(*p), q) < 1e-8);
            }
        }
    }

    #[test]
    fn what_one_point_does_alone_stays() {
        let mut moved = FACE;
        moved[2] = [5.0, 8.0];
        let map = Affine::fit(&moved, &FACE).expect("not on a line");
        assert!(map.apply(moved[2])[1] > 7.0, "{:?}", map.apply(moved[2]));
    }

    #[test]
    fn points_on_a_line_have_no_map() {
        assert_eq!(Affine::fit(&[[0.0, 0.0], [1.0, 1.0], [3.0, 3.0]], &FACE[..3]), None);
        assert_eq!(Affine::fit(&[], &[]), None);
    }
}
