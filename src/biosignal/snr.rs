//! Self-SNR: how far a line stands out of its own spectrum, without knowing the true rate.
//!
//! The power within 0.1 Hz of the line and of its double over the rest of the band, after the spectrum was divided by the noise's own
//! slope. Without that division a random walk passes for a slow pulse: noise that falls as `1/f^2` beats white noise by 4 dB.

use super::filter::Band;
use super::spectrum::Spectrum;

/// Half-width of a line and of its double.
const LINE_HZ: f64 = 0.1;
/// The rest is taken to be this wide whatever the band, so that a narrow band is not in favour.
const REST_HZ: f64 = 2.5;
/// Overtones of the line that are kept out of the fit of the slope.
const OVERTONES: usize = 4;
/// Slopes of noise as cameras have it; blue noise does not occur, and a steeper fall than a random walk's is a drift.
const SLOPE: (f64, f64) = (0.0, 3.0);

/// A line against its background.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LineStrength {
    /// Self-SNR of the flattened spectrum, dB.
    pub self_snr_db: f64,
    /// `beta` of the noise, whose power falls as `1/f^beta`.
    pub slope: f64,
}

impl LineStrength {
    /// Measures the line at `frequency` hertz in a band of a spectrum made of `seconds` of signal.
    #[must_use]
    pub fn measure(spectrum: &Spectrum, frequency: f64, band: Band, seconds: f64) -> Self {
        let slope = noise_slope(spectrum, frequency, band, seconds);
        let line_width = LINE_HZ.max(1.0 / seconds);
        let (mut line, mut rest, mut resting) = (0.0, 0.0, 0.0);
        for bin in spectrum.bins(band) {
            let f = spectrum.frequency(bin);
            let flat = spectrum.power[bin] * f.powf(slope);
            let near = (f - frequency).abs() <= line_width || (f - 2.0 * frequency).abs() <= line_width;
            if near {
                line += flat;
            } else {
                rest += flat;
                resting += spectrum.step_hz;
            }
        }
        Self { self_snr_db: 10.0 * (line / (rest / resting * REST_HZ)).log10(), slope }
    }
}

/// Slope of the background by least squares over log power and log frequency, at bins as far apart as the window resolves, the
/// line and its overtones left out.
fn noise_slope(spectrum: &Spectrum, frequency: f64, band: Band, seconds: f64) -> f64 {
    let resolved = (1.0 / seconds / spectrum.step_hz).round().max(1.0) as usize;
    let off_line =
        |f: &f64| (1..=OVERTONES).all(|k| (f - k as f64 * frequency).abs() > 1.5 * LINE_HZ.max(1.0 / seconds));
    let (mut n, mut sx, mut sy, mut sxx, mut sxy) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for bin in spectrum.bins(band).step_by(resolved) {
        let f = spectrum.frequency(bin);
        if off_line(&f) && spectrum.power[bin] > 0.0 {
            let (x, y) = (f.ln(), spectrum.power[bin].ln());
            n += 1.0;
            sx += x;
            sy += y;
            sxx += x * x;
            sxy += x * y;
        }
    }
    let spread = n * sxx - sx * sx;
    let slope = if n >= 4.0 && spread > 0.0 { -(n * sxy - sx * sy) / spread } else { 0.0 };
    slope.clamp(SLOPE.0, SLOPE.1)
}
