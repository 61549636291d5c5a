//! CHROM: two chrominance signals of which specular reflection is absent by construction, weighed so that motion cancels.

use super::{LOCAL_WINDOW_S, Rgb, relative};
use crate::biosignal::filter::{Band, BandPass};
use crate::biosignal::spectrum::hann;
use crate::biosignal::statistics::deviation;

/// Band in which the two signals are compared (de Haan and Jeanne 2013 filter to 40-240 bpm; iPhys and the rPPG-Toolbox to
/// this, at order 3).
const BAND: Band = Band { low_hz: 0.7, high_hz: 2.5 };
const ORDER: usize = 3;

/// In windows of 1.6 s with half overlap, Hann-weighted and added: `X = 3 Rn - 2 Gn`, `Y = 1.5 Rn + Gn - 1.5 Bn`, both
/// band-passed, `S = X - (sd X / sd Y) Y` (equations 11 to 14). A remainder under half a window at the end stays as
/// the last whole window left it.
pub(super) fn extract(window: &[Rgb], rate: f64) -> Vec<f64> {
    let mut length = (LOCAL_WINDOW_S * rate).ceil() as usize;
    length += length % 2;
    let filter = BandPass::design(ORDER, BAND, rate);
    let mut bvp = vec![0.0; window.len()];
    for start in (0..=window.len().saturating_sub(length)).step_by(length / 2) {
        let Some(part) = window.get(start..start + length) else { break };
        let of = |weights: Rgb| -> Vec<f64> {
            let raw: Vec<f64> = relative(part).map(|c| (0..3).map(|i| weights[i] * (c[i] + 1.0)).sum()).collect();
            filter.both_ways(&raw)
        };
        let (x, y) = (of([3.0, -2.0, 0.0]), of([1.5, 1.0, -1.5]));
        let alpha = deviation(&x) / deviation(&y);
        for (i, (x, y)) in x.iter().zip(&y).enumerate() {
            bvp[start + i] += (x - alpha * y) * hann(i, length);
        }
    }
    bvp
}
