//! The two published ways from a BVP to a heart rate, as their tools do it, so that figures can stand beside theirs.
//!
//! Neither is how greenlane reads a rate; both quantise it (protocol A by up to 7 bpm in a window of 8 s).

use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::{Band, BandPass};
use crate::biosignal::methods::{PulseMethod, Rgb, mean_colour};
use crate::biosignal::spectrum::{Segment, Spectrometer, Spectrum};

/// Protocol A, the rPPG-Toolbox: the band of its published tables. Its current default is 0.6-3.3 Hz.
pub const TOOLBOX_BAND: Band = Band { low_hz: 0.75, high_hz: 2.5 };
/// Smoothness of the toolbox's detrending.
const TOOLBOX_LAMBDA: f64 = 100.0;
/// Half-width of a line in the toolbox's signal-to-noise ratio: 6 bpm.
const TOOLBOX_LINE_HZ: f64 = 0.1;
/// Protocol B, pyVHR: its band.
pub const PYVHR_BAND: Band = Band { low_hz: 0.65, high_hz: 4.0 };
const PYVHR_ORDER: usize = 6;
/// pyVHR's Welch segments: 256 samples with 200 shared, or the whole window with four fifths where it is shorter.
const PYVHR_SEGMENT: Segment = Segment { samples: 256, overlap: 200, points: 2048 };

/// A BVP prepared as the rPPG-Toolbox does: detrended, then a first-order Butterworth both ways.
#[must_use]
pub fn toolbox_prepared(bvp: &[f64], rate: f64, band: Band) -> Vec<f64> {
    BandPass::design(1, band, rate).both_ways(&detrend(bvp, TOOLBOX_LAMBDA))
}

fn toolbox_spectrum(prepared: &[f64], rate: f64) -> Spectrum {
    Spectrometer::default().periodogram(prepared, rate, prepared.len().next_power_of_two())
}

/// Heart rate in bpm of a prepared BVP: the highest bin in band of the periodogram over the next power of two; applied to the
/// reference BVP as well. `None` where no bin lies in the band.
#[must_use]
pub fn toolbox_rate(prepared: &[f64], rate: f64, band: Band) -> Option<f64> {
    let spectrum = toolbox_spectrum(prepared, rate);
    spectrum.highest(band).map(|bin| 60.0 * spectrum.frequency(bin))
}

/// Signal-to-noise ratio in dB at a *known* rate: power within 6 bpm of it and of its double over the rest of the band (the
/// formula since June 2024; figures published before are about 5 dB lower).
#[must_use]
pub fn toolbox_snr(prepared: &[f64], rate: f64, truth_bpm: f64, band: Band) -> f64 {
    let spectrum = toolbox_spectrum(prepared, rate);
    let base = truth_bpm / 60.0;
    let line = |f: f64| (f - base).abs() <= TOOLBOX_LINE_HZ || (f - 2.0 * base).abs() <= TOOLBOX_LINE_HZ;
    let near = |centre: f64| Band { low_hz: centre - TOOLBOX_LINE_HZ, high_hz: centre + TOOLBOX_LINE_HZ };
    let signal = spectrum.power_in(near(base)) + spectrum.power_in(near(2.0 * base));
    let rest = spectrum.bins(band).filter(|bin| !line(spectrum.frequency(*bin)));
    10.0 * (signal / rest.map(|bin| spectrum.power[bin]).sum::<f64>()).log10()
}

/// The largest correlation, without its sign, of two signals over all circular shifts.
#[must_use]
pub fn toolbox_macc(signal: &[f64], reference: &[f64]) -> f64 {
    let centred = |x: &[f64]| {
        let mean = x.iter().sum::<f64>() / x.len() as f64;
        x.iter().map(|v| v - mean).collect::<Vec<f64>>()
    };
    let (x, y) = (centred(signal), centred(reference));
    let norm = |v: &[f64]| v.iter().map(|v| v * v).sum::<f64>().sqrt();
    let scale = norm(&x) * norm(&y);
    let at = |lag: usize| y.iter().cycle().skip(y.len() - lag).zip(&x).map(|(y, x)| x * y).sum::<f64>();
    (0..y.len()).map(|lag| (at(lag) / scale).abs()).fold(0.0, f64::max)
}

/// Protocol B: heart rate in bpm of a window of colours. The colours are filtered around their means, the BVP again,
/// and the highest bin of Welch's spectrum is the rate.
#[must_use]
pub fn pyvhr_rate(window: &[Rgb], rate: f64, method: PulseMethod) -> Option<f64> {
    let filter = BandPass::design(PYVHR_ORDER, PYVHR_BAND, rate);
    let mean = mean_colour(window);
    let channels = [0, 1, 2].map(|c| filter.both_ways(&window.iter().map(|colour| colour[c]).collect::<Vec<f64>>()));
    let wide: Vec<Rgb> = (0..window.len()).map(|i| [0, 1, 2].map(|c| channels[c][i] + mean[c])).collect();
    pyvhr_rate_of(&filter.both_ways(&method.extract(&wide, rate)), rate)
}

/// The second half of protocol B: heart rate of a filtered BVP, the reference's as well.
#[must_use]
pub fn pyvhr_rate_of(filtered: &[f64], rate: f64) -> Option<f64> {
    let short = Segment { samples: filtered.len(), overlap: filtered.len() * 4 / 5, ..PYVHR_SEGMENT };
    let segment = if filtered.len() >= PYVHR_SEGMENT.samples { PYVHR_SEGMENT } else { short };
    let spectrum = Spectrometer::default().welch(filtered, rate, segment);
    spectrum.highest(PYVHR_BAND).map(|bin| 60.0 * spectrum.frequency(bin))
}
