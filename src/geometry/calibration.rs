//! A camera's map to the floor from points whose places in the picture and on the floor are both known.

use super::Homography;

/// Fewest pairs that fix a homography.
pub const PAIRS_MIN: usize = 4;

/// A point in the picture, pixels, and the same on the floor, metres.
pub type Pair = ((f64, f64), (f64, f64));

/// A map with how well it fits.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibration {
    /// From pixels to metres.
    pub map: Homography,
    /// Distance of each pair's floor point from where the map puts its pixel, metres, in the order of the pairs.
    pub residuals_m: Vec<f64>,
    /// The same with a map from all the other pairs: the error to be expected elsewhere. Empty with four pairs, which fit
    /// exactly whatever they are.
    pub left_out_m: Vec<f64>,
}

/// The map that fits the pairs best: the direct linear transformation on normalised points (Hartley and Zisserman,
/// *Multiple View Geometry*, 2nd edition, algorithm 4.2), with the last number of the map fixed to 1, which is no loss: the
/// middle of the normalised points does not go to infinity.
///
/// `None` with fewer than four pairs, or when the points do not fix a map: three of four on a line, say.
#[must_use]
pub fn calibrate(pairs: &[Pair]) -> Option<Calibration> {
    let map = fitted(pairs)?;
    let residual = |map: &Homography, ((u, v), (x, y)): &Pair| {
        map.apply(*u, *v).map_or(f64::INFINITY, |(a, b)| (a - x).hypot(b - y))
    };
    let without = |i: usize| {
        let others: Vec<Pair> = pairs.iter().enumerate().filter(|(j, _)| *j != i).map(|(_, pair)| *pair).collect();
        fitted(&others).map_or(f64::INFINITY, |map| residual(&map, &pairs[i]))
    };
    let left_out_m = if pairs.len() > PAIRS_MIN { (0..pairs.len()).map(without).collect() } else { Vec::new() };
    Some(Calibration { residuals_m: pairs.iter().map(|pair| residual(&map, pair)).collect(), left_out_m, map })
}

fn fitted(pairs: &[Pair]) -> Option<Homography> {
    if pairs.len() < PAIRS_MIN {
        return None;
    }
    let picture = Normalisation::of(pairs.iter().map(|(p, _)| *p))?;
    let floor = Normalisation::of(pairs.iter().map(|(_, q)| *q))?;
    // Normal equations of the linear system for the first eight numbers.
    let (mut system, mut right) = ([[0.0; 8]; 8], [0.0; 8]);
    for (p, q) in pairs {
        let ((u, v), (x, y)) = (picture.apply(*p), floor.apply(*q));
        let rows = [([u, v, 1.0, 0.0, 0.0, 0.0, -x * u, -x * v], x), ([0.0, 0.0, 0.0, u, v, 1.0, -y * u, -y * v], y)];
        for (row, value) in rows {
            for i in 0..8 {
                for j in 0..8 {
                    system[i][j] += row[i] * row[j];
                }
                right[i] += row[i] * value;
            }
        }
    }
    let h = solved(system, right)?;
    let normal = [[h[0], h[1], h[2]], [h[3], h[4], h[5]], [h[6], h[7], 1.0]];
    let rows = product(&product(&floor.undone(), &normal), &picture.done());
    Homography::new([
        rows[0][0], rows[0][1], rows[0][2], rows[1][0], rows[1][1], rows[1][2], rows[2][0], rows[2][1], rows[2][2],
    ])
}

/// Moves points to their middle and scales them to a mean distance of the square root of 2.
struct Normalisation {
    middle: (f64, f64),
    scale: f64,
}

impl Normalisation {
    fn of(points: impl Iterator<Item = (f64, f64)> + Clone) -> Option<Self> {
        let count = points.clone().count() as f64;
        let sum = points.clone().fold((0.0, 0.0), |sum, p| (sum.0 + p.0, sum.1 + p.1));
        let middle = (sum.0 / count, sum.1 / count);
        let distance = points.map(|p| (p.0 - middle.0).hypot(p.1 - middle.1)).sum::<f64>() / count;
        let scale = std::f64::consts::SQRT_2 / distance;
        scale.is_finite().then_some(Self { middle, scale })
    }

    fn apply(&self, p: (f64, f64)) -> (f64, f64) {
        ((p.0 - self.middle.0) * self.scale, (p.1 - self.middle.1) * self.scale)
    }

    fn done(&self) -> [[f64; 3]; 3] {
        let s = self.scale;
        [[s, 0.0, -s * self.middle.0], [0.0, s, -s * self.middle.1], [0.0, 0.0, 1.0]]
    }

    fn undone(&self) -> [[f64; 3]; 3] {
        let s = 1.0 / self.scale;
        [[s, 0.0, self.middle.0], [0.0, s, self.middle.1], [0.0, 0.0, 1.0]]
    }
}

fn product(a: &[[f64; 3]; 3], b: &[[f64; 3]; 3]) -> [[f64; 3]; 3] {
    let mut c = [[0.0; 3]; 3];
    for (i, row) in c.iter_mut().enumerate() {
        for (j, cell) in row.iter_mut().enumerate() {
            *cell = (0..3).map(|k| a[i][k] * b[k][j]).sum();
        }
    }
    c
}

/// A pivot smaller than this, of numbers near 1, means that the points do not fix a map.
const PIVOT_MIN: f64 = 1e-9;

/// The solution of as many equations, by Gaussian elimination with partial pivoting; `None` where they fix none.
pub(super) fn solved<const N: usize>(mut m: [[f64; N]; N], mut right: [f64; N]) -> Option<[f64; N]> {
    for column in 0..N {
        let pivot = (column..N).max_by(|a, b| m[*a][column].abs().total_cmp(&m[*b][column].abs()))?;
        if m[pivot][column].abs() < PIVOT_MIN {
            return None;
        }
        m.swap(column, pivot);
        right.swap(column, pivot);
        for row in column + 1..N {
            let factor = m[row][column] / m[column][column];
            let pivot_row = m[column];
            for (value, pivot) in m[row].iter_mut().zip(pivot_row).skip(column) {
                *value -= factor * pivot;
            }
            right[row] -= factor * right[column];
        }
    }
    let mut solution = [0.0; N];
    for row in (0..N).rev() {
        let known: f64 = (row + 1..N).map(|k| m[row][k] * solution[k]).sum();
        solution[row] = (right[row] - known) / m[row][row];
    }
    Some(solution)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A camera 4 m above the floor: pixels of floor points, with a known map back.
    fn pairs(shift: f64) -> Vec<Pair> {
        let map = Homography::new([0.021, 0.0013, -12.4, 0.0004, 0.046, -9.1, 0.000_012, 0.0021, 1.0]).unwrap();
        let pixels =
            [(100.0, 300.0), (1_200.0, 320.0), (700.0, 450.0), (150.0, 650.0), (1_100.0, 700.0), (600.0, 600.0)];
        let pair = |(i, (u, v)): (usize, &(f64, f64))| {
            let (x, y) = map.apply(*u, *v).unwrap();
            ((*u, *v), (x + if i == 2 { shift } else { 0.0 }, y))
        };
        pixels.iter().enumerate().map(pair).collect()
    }

    #[test]
    fn exact_points_give_the_map_back() {
        let found = calibrate(&pairs(0.0)).unwrap();
        assert!(found.residuals_m.iter().chain(&found.left_out_m).all(|r| *r < 1e-6), "{found:?}");
        assert_eq!((found.residuals_m.len(), found.left_out_m.len()), (6, 6));
        assert!(calibrate(&pairs(0.0)[..4]).unwrap().left_out_m.is_empty());
    }

    #[test]
    fn a_wrong_point_shows_in_full_when_it_is_left_out() {
        let found = calibrate(&pairs(2.0)).unwrap();
        assert!((found.left_out_m[2] - 2.0).abs() < 1e-3, "{found:?}");
        assert!(found.residuals_m[2] < 1.5, "the fit bends towards it: {found:?}");
    }

    #[test]
    fn points_that_fix_no_map_are_refused() {
        let line: Vec<Pair> = (0..6).map(|i| ((f64::from(i), 2.0 * f64::from(i)), (f64::from(i), 0.0))).collect();
        assert_eq!(calibrate(&line), None);
        assert_eq!(calibrate(&pairs(0.0)[..3]), None);
        assert_eq!(calibrate(&[((1.0, 1.0), (2.0, 2.0)); 5]), None);
    }
}
