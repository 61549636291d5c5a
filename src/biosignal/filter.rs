//! Zero-phase Butterworth band-pass filters, equal to `scipy.signal.butter(..., output="sos")` with `sosfiltfilt`.
//!
//! The filter is kept in second-order sections: the polynomial form of a sixth-order band-pass at 0.65-4 Hz and 30 Hz
//! loses half of all digits. Filtered both ways it has no delay, so it belongs to windows, not to streams.

use std::f64::consts::PI;

use rustfft::num_complex::Complex64;

/// Lower and upper edge in hertz.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Band {
    /// Lower edge.
    pub low_hz: f64,
    /// Upper edge.
    pub high_hz: f64,
}

impl Band {
    /// Whether `frequency` lies inside, edges included.
    #[must_use]
    pub fn contains(&self, frequency: f64) -> bool {
        (self.low_hz..=self.high_hz).contains(&frequency)
    }
}

/// One biquad with numerator `gain * (1 - z^-2)`, which every section of a band-pass can have, and its denominator.
#[derive(Debug, Clone, Copy)]
struct Section {
    gain: f64,
    a1: f64,
    a2: f64,
}

/// A Butterworth band-pass of some order.
#[derive(Debug, Clone)]
pub struct BandPass {
    sections: Vec<Section>,
    order: usize,
}

impl BandPass {
    /// Designs a filter: analogue prototype, low-pass to band-pass, bilinear transform with pre-warped edges.
    ///
    /// `order` is that of the prototype, as in scipy; `rate` in hertz; the edges lie between 0 and half the rate.
    #[must_use]
    pub fn design(order: usize, band: Band, rate: f64) -> Self {
        let warped = |f: f64| 2.0 * rate * (PI * f / rate).tan();
        let (low, high) = (warped(band.low_hz), warped(band.high_hz));
        let (width, centre_squared) = (high - low, low * high);
        let digital = |s: Complex64| (2.0 * rate + s) / (2.0 * rate - s);
        let mut sections = Vec::with_capacity(order);
        // Of each conjugate pair of prototype poles one suffices: its band-pass poles' conjugates complete the sections.
        for k in 0..order.div_ceil(2) {
            let angle = PI * (2 * k + 1) as f64 / (2 * order) as f64;
            let half = Complex64::new(-angle.sin(), angle.cos()) * (width / 2.0);
            let root = (half * half - centre_squared).sqrt();
            let (first, second) = (digital(half + root), digital(half - root));
            if 2 * k + 1 == order {
                let (sum, product) = ((first + second).re, (first * second).re);
                sections.push(Section { gain: 1.0, a1: -sum, a2: product });
            } else {
                let pair = |p: Complex64| Section { gain: 1.0, a1: -2.0 * p.re, a2: p.norm_sqr() };
                sections.extend([pair(first), pair(second)]);
            }
        }
        let mut filter = Self { sections, order };
        let centre = (centre_squared.sqrt() / (2.0 * rate)).atan() * 2.0;
        let gain = filter.response(centre).powf(-1.0 / order as f64);
        filter.sections.iter_mut().for_each(|section| section.gain = gain);
        filter
    }

    /// Magnitude of the response at an angle per sample.
    fn response(&self, angle: f64) -> f64 {
        let back = Complex64::from_polar(1.0, -angle);
        let of = |s: &Section| (s.gain * (1.0 - back * back) / (1.0 + s.a1 * back + s.a2 * back * back)).norm();
        self.sections.iter().map(of).product()
    }

    /// Filters forwards and backwards. The ends are extended by odd reflection as scipy does, over at most the length of
    /// the signal less one.
    #[must_use]
    pub fn both_ways(&self, signal: &[f64]) -> Vec<f64> {
        let (Some(&first), Some(&last)) = (signal.first(), signal.last()) else { return Vec::new() };
        let edge = (3 * (2 * self.order + 1)).min(signal.len() - 1);
        let mut extended = Vec::with_capacity(signal.len() + 2 * edge);
        extended.extend(signal[1..=edge].iter().rev().map(|v| 2.0 * first - v));
        extended.extend_from_slice(signal);
        extended.extend(signal[signal.len() - 1 - edge..signal.len() - 1].iter().rev().map(|v| 2.0 * last - v));
        self.forwards(&mut extended);
        extended.reverse();
        self.forwards(&mut extended);
        extended.reverse();
        extended.drain(..edge);
        extended.truncate(signal.len());
        extended
    }

    /// One pass, from the steady state of the first sample. A section's gain at rest is zero, so only the first one has
    /// a state to start from.
    fn forwards(&self, signal: &mut [f64]) {
        let mut before = signal.first().copied().unwrap_or(0.0);
        for section in &self.sections {
            let (mut z1, mut z2) = (-section.gain * before, -section.gain * before);
            before = 0.0;
            for sample in signal.iter_mut() {
                let input = section.gain * *sample;
                let output = input + z1;
                z1 = z2 - section.a1 * output;
                z2 = -input - section.a2 * output;
                *sample = output;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sine(frequency: f64, rate: f64, samples: usize) -> Vec<f64> {
        (0..samples).map(|i| (2.0 * PI * frequency * i as f64 / rate).sin()).collect()
    }

    fn amplitude(signal: &[f64]) -> f64 {
        let middle = &signal[signal.len() / 4..3 * signal.len() / 4];
        (2.0 * middle.iter().map(|v| v * v).sum::<f64>() / middle.len() as f64).sqrt()
    }

    #[test]
    fn passes_the_band_and_stops_the_rest() {
        for order in [1, 2, 3, 6] {
            let filter = BandPass::design(order, Band { low_hz: 0.7, high_hz: 3.0 }, 30.0);
            for (frequency, expected) in [(1.45, 1.0), (0.7, 0.5), (3.0, 0.5)] {
                let got = amplitude(&filter.both_ways(&sine(frequency, 30.0, 3000)));
                assert!((got - expected).abs() < 0.01, "order {order}, {frequency} Hz: {got}");
            }
            assert!(amplitude(&filter.both_ways(&sine(0.1, 30.0, 3000))) < 0.05);
        }
    }

    #[test]
    fn a_constant_leaves_nothing_and_short_signals_are_filtered() {
        let filter = BandPass::design(3, Band { low_hz: 0.7, high_hz: 3.0 }, 30.0);
        assert!(filter.both_ways(&[7.0; 100]).iter().all(|v| v.abs() < 1e-12));
        assert_eq!(filter.both_ways(&[]), Vec::<f64>::new());
        assert_eq!(filter.both_ways(&[1.0, 2.0]).len(), 2);
    }
}
