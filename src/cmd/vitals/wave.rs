//! The last ten seconds of a face as a person can look at them: a wave and its spectrum.

use crate::biosignal::PulseMethod;
use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::{Band, BandPass};
use crate::biosignal::monitor::FaceMonitor;
use crate::biosignal::pulse::PULSE_BAND;
use crate::biosignal::readout::padded_periodogram;
use crate::biosignal::spectrum::Spectrometer;
use crate::biosignal::timebase::GRID_HZ;

/// What is shown, seconds, and the least of it.
const SHOWN_S: f64 = 10.0;
const SHOWN_FROM_S: f64 = 3.0;
/// Smoothness of the detrending.
const LAMBDA: f64 = 100.0;
/// The wave is shown in the band of the pulse and its first overtone.
const SHOWN_BAND: Band = Band { low_hz: PULSE_BAND.low_hz, high_hz: 5.0 };
/// The spectrum ends here, hertz: nobody at rest is beyond it.
const SPECTRUM_TO_HZ: f64 = 3.0;

/// A wave and its spectrum, each scaled to 1.
#[derive(Debug)]
pub(super) struct Wave {
    filter: BandPass,
    spectrometer: Spectrometer,
    points: Vec<(f64, f64)>,
    spectrum: Vec<(f64, f64)>,
}

impl Default for Wave {
    fn default() -> Self {
        Self {
            filter: BandPass::design(2, SHOWN_BAND, GRID_HZ),
            spectrometer: Spectrometer::default(),
            points: Vec::new(),
            spectrum: Vec::new(),
        }
    }
}

impl Wave {
    /// Looks at the skin of a face: POS, which needs no choice.
    pub(super) fn take(&mut self, monitor: &FaceMonitor) {
        self.clear();
        let colours = monitor.skin_colours(SHOWN_S);
        if (colours.len() as f64) < SHOWN_FROM_S * GRID_HZ {
            return;
        }
        let bvp = detrend(&PulseMethod::Pos.extract(&colours, GRID_HZ), LAMBDA);
        let wave = self.filter.both_ways(&bvp);
        let last = wave.len() as f64 - 1.0;
        let size = wave.iter().fold(f64::MIN_POSITIVE, |most, v| most.max(v.abs()));
        self.points.extend(wave.iter().enumerate().map(|(i, v)| ((i as f64 - last) / GRID_HZ, v / size)));
        let spectrum = padded_periodogram(&mut self.spectrometer, &bvp, GRID_HZ);
        let bins = spectrum.bins(Band { high_hz: SPECTRUM_TO_HZ, ..PULSE_BAND });
        let most = spectrum.power[bins.clone()].iter().fold(f64::MIN_POSITIVE, |most, p| most.max(*p));
        self.spectrum.extend(bins.map(|bin| (60.0 * spectrum.frequency(bin), spectrum.power[bin] / most)));
    }

    /// There is nothing to look at.
    pub(super) fn clear(&mut self) {
        self.points.clear();
        self.spectrum.clear();
    }

    /// Seconds before now, and the wave there, -1 to 1.
    pub(super) fn points(&self) -> &[(f64, f64)] {
        &self.points
    }

    /// Beats a minute, and the power there, 0 to 1.
    pub(super) fn spectrum(&self) -> &[(f64, f64)] {
        &self.spectrum
    }

    /// The seconds that are shown.
    pub(super) fn seconds(&self) -> f64 {
        SHOWN_S
    }

    /// Ends of the spectrum, beats a minute.
    pub(super) fn band(&self) -> (f64, f64) {
        (60.0 * PULSE_BAND.low_hz, 60.0 * SPECTRUM_TO_HZ)
    }
}
