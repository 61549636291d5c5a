//! Power spectra: the rectangular, zero-padded periodogram, and Welch's method as pyVHR uses it.

use std::f64::consts::PI;
use std::fmt;

use rustfft::FftPlanner;
use rustfft::num_complex::Complex64;

use super::filter::Band;

/// Power over frequency from zero on, in steps of `step_hz`; the scale is that of the squared transform.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Spectrum {
    /// Power per bin.
    pub power: Vec<f64>,
    /// Hertz from bin to bin.
    pub step_hz: f64,
}

impl Spectrum {
    /// The bins whose frequency lies in the band, as a range that never leaves the spectrum.
    #[must_use]
    pub fn bins(&self, band: Band) -> std::ops::Range<usize> {
        // A bin that lies on an edge belongs to the band; rounding must not decide about it.
        let low = (band.low_hz / self.step_hz - 1e-9).ceil().max(0.0) as usize;
        let high = (band.high_hz / self.step_hz + 1e-9).floor().max(0.0) as usize + 1;
        low.min(self.power.len())..high.min(self.power.len())
    }

    /// Bin of the highest power in the band; the first of equals.
    #[must_use]
    pub fn highest(&self, band: Band) -> Option<usize> {
        self.bins(band).reduce(|best, bin| if self.power[bin] > self.power[best] { bin } else { best })
    }

    /// Frequency of a bin.
    #[must_use]
    pub fn frequency(&self, bin: usize) -> f64 {
        bin as f64 * self.step_hz
    }

    /// Sum of the power in a band.
    #[must_use]
    pub fn power_in(&self, band: Band) -> f64 {
        self.power[self.bins(band)].iter().sum()
    }
}

/// Computes spectra; keeps the transforms' plans and its buffers.
pub struct Spectrometer {
    planner: FftPlanner<f64>,
    buffer: Vec<Complex64>,
    scratch: Vec<Complex64>,
}

impl fmt::Debug for Spectrometer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Spectrometer").field("points", &self.buffer.len()).finish_non_exhaustive()
    }
}

impl Default for Spectrometer {
    fn default() -> Self {
        Self { planner: FftPlanner::new(), buffer: Vec::new(), scratch: Vec::new() }
    }
}

impl Spectrometer {
    /// The periodogram with a rectangular window over `points` points; the signal is cut there or zero-padded to it.
    #[must_use]
    pub fn periodogram(&mut self, signal: &[f64], rate: f64, points: usize) -> Spectrum {
        let mut spectrum = Spectrum { power: vec![0.0; points / 2 + 1], step_hz: rate / points as f64 };
        self.add(signal.iter().copied(), points, &mut spectrum.power);
        spectrum
    }

    /// Welch's method with a periodic Hann window and the mean of each segment removed, as `scipy.signal.welch`.
    #[must_use]
    pub fn welch(&mut self, signal: &[f64], rate: f64, segment: Segment) -> Spectrum {
        let Segment { samples, overlap, points } = segment;
        let mut spectrum = Spectrum { power: vec![0.0; points / 2 + 1], step_hz: rate / points as f64 };
        for part in signal.windows(samples).step_by(samples - overlap) {
            let mean = part.iter().sum::<f64>() / samples as f64;
            let windowed = part.iter().enumerate().map(|(i, v)| (v - mean) * hann(i, samples));
            self.add(windowed, points, &mut spectrum.power);
        }
        spectrum
    }

    fn add(&mut self, signal: impl Iterator<Item = f64>, points: usize, power: &mut [f64]) {
        let transform = self.planner.plan_fft_forward(points);
        self.buffer.clear();
        self.buffer.extend(signal.take(points).map(|v| Complex64::new(v, 0.0)));
        self.buffer.resize(points, Complex64::default());
        self.scratch.resize(transform.get_inplace_scratch_len().max(self.scratch.len()), Complex64::default());
        transform.process_with_scratch(&mut self.buffer, &mut self.scratch);
        for (sum, bin) in power.iter_mut().zip(&self.buffer) {
            *sum += bin.norm_sqr();
        }
    }
}

/// How Welch's method cuts a signal.
#[derive(Debug, Clone, Copy)]
pub struct Segment {
    /// Length.
    pub samples: usize,
    /// Samples shared with the next; under the length.
    pub overlap: usize,
    /// Points of the transform.
    pub points: usize,
}

/// Sample `i` of a periodic Hann window: copies shifted by half its length sum to one.
#[must_use]
pub fn hann(i: usize, samples: usize) -> f64 {
    0.5 - 0.5 * (2.0 * PI * i as f64 / samples as f64).cos()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sine_stands_where_it_is() {
        let signal: Vec<f64> = (0..300).map(|i| (2.0 * PI * 1.25 * f64::from(i) / 30.0).sin()).collect();
        let spectrum = Spectrometer::default().periodogram(&signal, 30.0, 4096);
        let bin = spectrum.highest(Band { low_hz: 0.7, high_hz: 4.0 }).unwrap();
        assert!((spectrum.frequency(bin) - 1.25).abs() < spectrum.step_hz);
    }

    #[test]
    fn bands_keep_to_the_spectrum() {
        let spectrum = Spectrum { power: vec![1.0; 11], step_hz: 0.1 };
        assert_eq!(spectrum.bins(Band { low_hz: 0.3, high_hz: 0.7 }), 3..8);
        assert_eq!(spectrum.bins(Band { low_hz: 0.9, high_hz: 7.0 }), 9..11);
        assert_eq!(spectrum.highest(Band { low_hz: 3.0, high_hz: 7.0 }), None);
        assert_eq!(spectrum.power_in(Band { low_hz: 0.0, high_hz: 0.1 }), 2.0);
    }
}
