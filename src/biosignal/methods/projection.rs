//! LGI and OMIT: the green channel of what is left when the dominant colour direction is projected out.

use super::Rgb;
use super::symmetric::eigen;

/// LGI: the direction is the first left singular vector of the colours, means included (Pilz et al. 2018, section 3.2).
pub(super) fn lgi(window: &[Rgb]) -> Vec<f64> {
    let mut moments = [[0.0; 3]; 3];
    for colour in window {
        for (i, row) in moments.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell += colour[i] * colour[j];
            }
        }
    }
    let [first, ..] = eigen(moments);
    green_without(window, first.vector)
}

/// OMIT: the direction is the first column of Q in the QR factors of the colours, the first colour of the window
/// (Casado and Bordallo López 2022, section III-D).
pub(super) fn omit(window: &[Rgb]) -> Vec<f64> {
    let Some(first) = window.first() else { return Vec::new() };
    let length = first.iter().map(|v| v * v).sum::<f64>().sqrt();
    green_without(window, first.map(|v| v / length))
}

/// Row G of `(I - u u') C`.
fn green_without(window: &[Rgb], u: Rgb) -> Vec<f64> {
    window.iter().map(|c| c[1] - u[1] * (u[0] * c[0] + u[1] * c[1] + u[2] * c[2])).collect()
}
