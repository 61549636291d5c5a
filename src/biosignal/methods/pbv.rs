//! PBV: the weights that give the blood volume pulse its own signature in the relative colours.

use super::{Rgb, relative};
use crate::biosignal::statistics::deviation;

/// `pbv = sd(Cn) / |sd(Cn)|`, `Q = Cn Cn'`, `W = Q^-1 pbv`, `s = Cn' W / (pbv' W)` (de Haan and van Leest 2014, equations 7 to
/// 9, with the window's own signature as pyVHR has it).
///
/// `Cn` is the relative change, mean removed: with the mean kept, `Q` is a matrix of ones but for the last digits.
pub(super) fn extract(window: &[Rgb]) -> Vec<f64> {
    let changes: Vec<Rgb> = relative(window).collect();
    let spread = [0, 1, 2].map(|i| deviation(&changes.iter().map(|c| c[i]).collect::<Vec<f64>>()));
    let length = spread.iter().map(|v| v * v).sum::<f64>().sqrt();
    let signature = spread.map(|v| v / length);
    let mut q = [[0.0; 3]; 3];
    for change in &changes {
        for (i, row) in q.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell += change[i] * change[j];
            }
        }
    }
    let weights = solve(q, signature);
    let scale: f64 = (0..3).map(|i| signature[i] * weights[i]).sum();
    changes.iter().map(|c| (0..3).map(|i| c[i] * weights[i]).sum::<f64>() / scale).collect()
}

/// Cramer's rule; not finite when the matrix is singular.
fn solve(m: [[f64; 3]; 3], right: Rgb) -> Rgb {
    let determinant = |m: &[[f64; 3]; 3]| {
        m[0][0] * (m[1][1] * m[2][2] - m[1][2] * m[2][1]) - m[0][1] * (m[1][0] * m[2][2] - m[1][2] * m[2][0])
            + m[0][2] * (m[1][0] * m[2][1] - m[1][1] * m[2][0])
    };
    let whole = determinant(&m);
    [0, 1, 2].map(|column| {
        let mut replaced = m;
        for (row, value) in replaced.iter_mut().zip(right) {
            row[column] = value;
        }
        determinant(&replaced) / whole
    })
}
