//! PCA: the principal component of the relative colours that beats most clearly.

use super::symmetric::eigen;
use super::{Rgb, relative};
use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::Band;
use crate::biosignal::spectrum::Spectrometer;

/// Where the components' spectra are compared.
const BAND: Band = Band { low_hz: 0.65, high_hz: 4.0 };
/// Detrending before that, as Poh, McDuff and Picard (2011) do before they choose among components.
const LAMBDA: f64 = 100.0;

/// Components of the covariance of the relative change; of the three, the one with the highest share of its power in band in one
/// bin of its periodogram (the choice of Poh et al., IEEE TBME 58, 2011, section II-C). The sign is such that the green weight is
/// positive.
pub(super) fn extract(window: &[Rgb], rate: f64) -> Vec<f64> {
    let changes: Vec<Rgb> = relative(window).collect();
    let mut covariance = [[0.0; 3]; 3];
    for change in &changes {
        for (i, row) in covariance.iter_mut().enumerate() {
            for (j, cell) in row.iter_mut().enumerate() {
                *cell += change[i] * change[j];
            }
        }
    }
    let mut spectrometer = Spectrometer::default();
    let components = eigen(covariance).map(|e| {
        let sign = if e.vector[1] < 0.0 { -1.0 } else { 1.0 };
        let component: Vec<f64> =
            changes.iter().map(|c| sign * (0..3).map(|i| c[i] * e.vector[i]).sum::<f64>()).collect();
        let spectrum =
            spectrometer.periodogram(&detrend(&component, LAMBDA), rate, component.len().next_power_of_two());
        let peak = spectrum.highest(BAND).map_or(0.0, |bin| spectrum.power[bin]);
        (component, peak / spectrum.power_in(BAND))
    });
    let best = components.into_iter().reduce(|best, next| if next.1 > best.1 { next } else { best });
    best.map_or_else(Vec::new, |(component, _)| component)
}
