//! Frequency of a periodic signal from its spectrum, as close to the Cramér-Rao bound as a window allows.
//!
//! A rectangular window, zero-padded eightfold, with a parabola through the logarithms around the highest bin. A Hann
//! window, the habit of the field, widens the line and costs half as much again in error.

use super::filter::Band;
use super::spectrum::{Spectrometer, Spectrum};

/// Least factor of zero-padding: the parabola's own error is then below the noise of any real pulse.
pub const PADDING: usize = 8;

/// The periodogram from which rates are read.
pub fn padded_periodogram(spectrometer: &mut Spectrometer, signal: &[f64], rate: f64) -> Spectrum {
    spectrometer.periodogram(signal, rate, (PADDING * signal.len()).next_power_of_two())
}

/// Frequency in hertz of the highest point of a band; `None` where the band is empty or has no power.
#[must_use]
pub fn peak_frequency(spectrum: &Spectrum, band: Band) -> Option<f64> {
    let bin = spectrum.highest(band)?;
    (spectrum.power[bin] > 0.0).then(|| refined(spectrum, bin))
}

/// Frequency of the vertex of the parabola through the logarithms of a bin's power and its neighbours', at most half a bin
/// away.
#[must_use]
pub fn refined(spectrum: &Spectrum, bin: usize) -> f64 {
    let log = |bin: usize| spectrum.power.get(bin).filter(|p| **p > 0.0).map(|p| p.ln());
    let neighbours = bin.checked_sub(1).and_then(log).zip(log(bin)).zip(log(bin + 1));
    let Some(((left, middle), right)) = neighbours else { return spectrum.frequency(bin) };
    let bend = left - 2.0 * middle + right;
    let shift = if bend < 0.0 { (0.5 * (left - right) / bend).clamp(-0.5, 0.5) } else { 0.0 };
    (bin as f64 + shift) * spectrum.step_hz
}

/// Least standard deviation in hertz of any unbiased estimate of the frequency of one real sine of unknown amplitude and phase
/// (Kay, Modern Spectral Estimation, 1988, section 13.4): `sqrt(12 / (snr n (n^2 - 1))) rate / 2 pi`, where `snr` is half
/// the squared amplitude over the variance of white noise.
#[must_use]
pub fn cramer_rao_hz(snr: f64, samples: f64, rate: f64) -> f64 {
    (12.0 / (snr * samples * (samples * samples - 1.0))).sqrt() * rate / std::f64::consts::TAU
}
