//! POS: the plane orthogonal to the skin tone in the space of relative colours.

use super::{LOCAL_WINDOW_S, Rgb, mean_colour};
use crate::biosignal::statistics::deviation;

/// For each run of 1.6 s, one sample apart: `S1 = Gn - Bn`, `S2 = Gn + Bn - 2 Rn`, `h = S1 + (sd S1 / sd S2) S2`, and `h`
/// less its mean is added in place (Wang et al. 2017, algorithm 1). The newest sample belongs to the run, as in the paper; the
/// rPPG-Toolbox leaves it out, and its last sample is always zero.
pub(super) fn extract(window: &[Rgb], rate: f64) -> Vec<f64> {
    let length = (LOCAL_WINDOW_S * rate).ceil() as usize;
    let mut bvp = vec![0.0; window.len()];
    let (mut s1, mut s2) = (vec![0.0; length], vec![0.0; length]);
    for (start, run) in window.windows(length).enumerate() {
        let mean = mean_colour(run);
        for (i, colour) in run.iter().enumerate() {
            let [r, g, b] = [0, 1, 2].map(|c| colour[c] / mean[c]);
            s1[i] = g - b;
            s2[i] = g + b - 2.0 * r;
        }
        // Both have mean zero, since every relative channel has mean one.
        let alpha = deviation(&s1) / deviation(&s2);
        for (i, sum) in bvp[start..start + length].iter_mut().enumerate() {
            *sum += s1[i] + alpha * s2[i];
        }
    }
    bvp
}
