//! The published ways from a BVP to a heart rate, as their tools do it, so that figures can stand beside theirs.
//!
//! None is how greenlane reads a rate; both protocols quantise it (A by up to 7 bpm in a window of 8 s).

use std::f64::consts::TAU;

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
/// vitallens-core (Rouast Labs): the band of its heart rate, 40 to 220 bpm, and the resolution up to which it pads.
const VITALLENS_BAND: Band = Band { low_hz: 40.0 / 60.0, high_hz: 220.0 / 60.0 };
const VITALLENS_STEP_HZ: f64 = 0.005;

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

/// Heart rate in bpm of a BVP as vitallens-core reads it: mean removed, a symmetric Hann window, zero-padded to the power of two that
/// resolves 0.005 Hz, and the vertex of the parabola through the *magnitudes* around the highest bin. `None` without a band or power.
#[must_use]
pub fn vitallens_rate(bvp: &[f64], rate: f64) -> Option<f64> {
    let last = bvp.len().checked_sub(1).filter(|last| *last > 0)? as f64;
    let mean = bvp.iter().sum::<f64>() / bvp.len() as f64;
    let hann = |i: usize| 0.5 - 0.5 * (TAU * i as f64 / last).cos();
    let windowed: Vec<f64> = bvp.iter().enumerate().map(|(i, v)| (v - mean) * hann(i)).collect();
    let points = ((rate / VITALLENS_STEP_HZ) as usize).max(bvp.len()).next_power_of_two();
    let spectrum = Spectrometer::default().periodogram(&windowed, rate, points);
    let edge = |hz: f64| hz / spectrum.step_hz;
    // Its band takes in the bins around its edges.
    let (low, high) = (edge(VITALLENS_BAND.low_hz).floor() as usize, edge(VITALLENS_BAND.high_hz).ceil() as usize);
    let bins = low.max(1)..(high + 1).min(spectrum.power.len() - 2);
    let bin = bins.reduce(|best, bin| if spectrum.power[bin] > spectrum.power[best] { bin } else { best })?;
    let [left, middle, right] = [bin - 1, bin, bin + 1].map(|bin| spectrum.power[bin].sqrt());
    let bend = 2.0 * (left - 2.0 * middle + right);
    let shift = if bend.abs() > 1e-9 { ((left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    (middle > 0.0).then_some(60.0 * (bin as f64 + shift) * spectrum.step_hz)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vitallens_reads_a_sine_between_bins_and_nothing_of_a_flat_line() {
        let sine =
            |bpm: f64| (0..300).map(|i| 7.0 + (TAU * bpm / 60.0 * f64::from(i) / 30.0).sin()).collect::<Vec<f64>>();
        for bpm in [45.0, 61.3, 72.0, 118.9, 180.0, 214.0] {
            let read = vitallens_rate(&sine(bpm), 30.0).unwrap();
            assert!((read - bpm).abs() < 0.2, "{read} for {bpm}");
        }
        // Two sines that the window joins, on a slope: numpy from the formula. Without the window the answer is 71.77.
        let beating = |t: f64| 5.0 + (TAU * 1.2 * t).sin() + 0.6 * (TAU * 1.35 * t + 0.7).sin() + 0.3 * t;
        let wave: Vec<f64> = (0..300).map(|i| beating(f64::from(i) / 30.0)).collect();
        assert!((vitallens_rate(&wave, 30.0).unwrap() / 73.412_611_594_846_2 - 1.0).abs() < 1e-9);
        assert_eq!(vitallens_rate(&[10.0; 300], 30.0), None);
        assert_eq!(vitallens_rate(&[1.0], 30.0), None);
    }
}
