//! Eigenvalues and eigenvectors of a symmetric 3 x 3 matrix, by cyclic Jacobi rotations (Golub and Van Loan, section 8.5).

use super::Rgb;

/// An eigenvalue with its unit vector.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Eigen {
    pub(super) value: f64,
    pub(super) vector: Rgb,
}

/// Sweeps after which a 3 x 3 matrix is diagonal to the last digit; six are usual.
const SWEEPS_MAX: usize = 30;

/// All three, by falling value.
pub(super) fn eigen(matrix: [[f64; 3]; 3]) -> [Eigen; 3] {
    let mut a = matrix;
    let mut v = [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]];
    for _ in 0..SWEEPS_MAX {
        for (p, q) in [(0, 1), (0, 2), (1, 2)] {
            if a[p][q] != 0.0 {
                rotate(&mut a, &mut v, p, q);
            }
        }
    }
    let mut found = [0, 1, 2].map(|i| Eigen { value: a[i][i], vector: [v[0][i], v[1][i], v[2][i]] });
    found.sort_by(|x, y| y.value.total_cmp(&x.value));
    found
}

/// Makes `a[p][q]` zero.
fn rotate(a: &mut [[f64; 3]; 3], v: &mut [[f64; 3]; 3], p: usize, q: usize) {
    let theta = (a[q][q] - a[p][p]) / (2.0 * a[p][q]);
    let t = if theta.is_finite() { theta.signum() / (theta.abs() + theta.hypot(1.0)) } else { 0.0 };
    let c = 1.0 / t.hypot(1.0);
    let s = t * c;
    let crossed = a[p][q];
    for k in 0..3 {
        if k != p && k != q {
            let (x, y) = (a[k][p], a[k][q]);
            a[k][p] = c * x - s * y;
            a[k][q] = s * x + c * y;
            a[p][k] = a[k][p];
            a[q][k] = a[k][q];
        }
        let (x, y) = (v[k][p], v[k][q]);
        v[k][p] = c * x - s * y;
        v[k][q] = s * x + c * y;
    }
    a[p][p] -= t * crossed;
    a[q][q] += t * crossed;
    a[p][q] = 0.0;
    a[q][p] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vectors_rebuild_the_matrix() {
        let matrix = [[4.0, 1.0, -2.0], [1.0, 3.0, 0.5], [-2.0, 0.5, 1.0]];
        let found = eigen(matrix);
        assert!(found[0].value >= found[1].value && found[1].value >= found[2].value);
        for (i, row) in matrix.iter().enumerate() {
            for (j, value) in row.iter().enumerate() {
                let rebuilt: f64 = found.iter().map(|e| e.value * e.vector[i] * e.vector[j]).sum();
                assert!((rebuilt - value).abs() < 1e-13, "{i},{j}");
            }
        }
    }

    #[test]
    fn a_diagonal_matrix_is_its_own_answer() {
        let found = eigen([[1.0, 0.0, 0.0], [0.0, 3.0, 0.0], [0.0, 0.0, 2.0]]);
        assert_eq!(found.map(|e| e.value), [3.0, 2.0, 1.0]);
        assert_eq!(found[0].vector, [0.0, 1.0, 0.0]);
    }
}
