//! The field's ways on the same recordings: single methods without gates, and the two published protocols.

use serde::Serialize;

use super::protocol::{self, PYVHR_BAND, TOOLBOX_BAND};
use super::recording::Wave;
use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::BandPass;
use crate::biosignal::methods::{PulseMethod, Rgb};
use crate::biosignal::origin::PulseOrigin;
use crate::biosignal::pulse::PULSE_BAND;
use crate::biosignal::readout::{padded_periodogram, peak_frequency};
use crate::biosignal::spectrum::Spectrometer;
use crate::biosignal::timebase::GRID_HZ;

/// The methods over colours that stand beside ours, in this order.
pub const METHODS: [PulseMethod; 2] = [PulseMethod::Pos, PulseMethod::Chrom];
/// All that stands beside ours: the network where there is a video and the model.
pub const BASELINES: [Baseline; 4] = [
    Baseline::Ungated(PulseOrigin::Colours(METHODS[0])),
    Baseline::Ungated(PulseOrigin::Colours(METHODS[1])),
    Baseline::Ungated(PulseOrigin::Network),
    Baseline::VitalLens,
];
/// A rate of each of [`BASELINES`].
pub type Beside = [Option<f64>; BASELINES.len()];
/// Smoothness of the detrending before spectra, as the rPPG-Toolbox has it.
const LAMBDA: f64 = 100.0;
/// Protocol B's windows, seconds.
const WINDOW_S: f64 = 8.0;
const STRIDE_S: f64 = 1.0;
/// Longest signal for which the correlation over all shifts is taken: its cost grows with the square.
const MACC_MAX: usize = 6000;

/// What stands beside ours: an answer for every stretch, whatever it looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Baseline {
    /// The wave of a method or of the network, read as ours is.
    Ungated(PulseOrigin),
    /// The wave of POS, read as vitallens-core does ([`protocol::vitallens_rate`]).
    VitalLens,
}

impl Baseline {
    /// As in tables and in JSON.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ungated(origin) => origin.as_str(),
            Self::VitalLens => "VITALLENS",
        }
    }
}

/// The rate that a method gives for a stretch whatever it looks like: the highest point of its spectrum, bpm. `None` where there are no samples.
#[must_use]
pub fn ungated(skin: &[(f64, Rgb)], start: f64, end: f64, method: PulseMethod) -> Option<f64> {
    ungated_wave(&method.extract(&between(skin, start, end), GRID_HZ))
}

/// The rates of all baselines for a stretch: of `skin`'s colours, and of a network's `wave`, where there is any.
#[must_use]
pub fn beside(skin: &[(f64, Rgb)], wave: &[(f64, f64)], start: f64, end: f64) -> Beside {
    BASELINES.map(|baseline| match baseline {
        Baseline::Ungated(PulseOrigin::Colours(method)) => ungated(skin, start, end, method),
        Baseline::Ungated(PulseOrigin::Network) => ungated_wave(&between(wave, start, end)),
        Baseline::VitalLens => {
            protocol::vitallens_rate(&PulseMethod::Pos.extract(&between(skin, start, end), GRID_HZ), GRID_HZ)
        }
    })
}

fn ungated_wave(wave: &[f64]) -> Option<f64> {
    let bvp = detrend(wave, LAMBDA);
    if bvp.len() < GRID_HZ as usize || bvp.iter().any(|v| !v.is_finite()) {
        return None;
    }
    let spectrum = padded_periodogram(&mut Spectrometer::default(), &bvp, GRID_HZ);
    peak_frequency(&spectrum, PULSE_BAND).map(|hz| 60.0 * hz)
}

fn between<T: Copy>(samples: &[(f64, T)], start: f64, end: f64) -> Vec<T> {
    samples.iter().filter(|(t, _)| (start..=end).contains(t)).map(|(_, sample)| *sample).collect()
}

/// What a published protocol gives for a recording by one method.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct ProtocolResult {
    /// The method.
    pub method: PulseMethod,
    /// Protocol A over the whole recording: rate of the method and of the reference, bpm.
    pub a_rates: [f64; 2],
    /// Its signal-to-noise ratio at the reference's rate, dB.
    pub a_snr_db: f64,
    /// Its largest correlation over all shifts; absent for very long recordings.
    pub a_macc: Option<f64>,
    /// Protocol B: mean absolute error over windows of 8 s every second, bpm; absent for recordings shorter than that.
    pub b_mae: Option<f64>,
}

/// Both protocols on a recording; `None` where reference and traces have nothing in common.
#[must_use]
pub fn protocols(skin: &[(f64, Rgb)], reference: &Wave, method: PulseMethod) -> Option<ProtocolResult> {
    let shared: Vec<(Rgb, f64)> = skin.iter().filter_map(|(t, rgb)| Some((*rgb, reference.at(*t)?))).collect();
    if shared.len() < (2.0 * GRID_HZ) as usize {
        return None;
    }
    let (colours, truth): (Vec<Rgb>, Vec<f64>) = shared.into_iter().unzip();
    let prepared = |wave: &[f64]| protocol::toolbox_prepared(wave, GRID_HZ, TOOLBOX_BAND);
    let (ours, theirs) = (prepared(&method.extract(&colours, GRID_HZ)), prepared(&truth));
    let rate = |wave: &[f64]| protocol::toolbox_rate(wave, GRID_HZ, TOOLBOX_BAND);
    let a_rates = [rate(&ours)?, rate(&theirs)?];
    Some(ProtocolResult {
        method,
        a_rates,
        a_snr_db: protocol::toolbox_snr(&ours, GRID_HZ, a_rates[1], TOOLBOX_BAND),
        a_macc: (ours.len() <= MACC_MAX).then(|| protocol::toolbox_macc(&ours, &theirs)),
        b_mae: windowed_error(&colours, &truth, method),
    })
}

fn windowed_error(colours: &[Rgb], truth: &[f64], method: PulseMethod) -> Option<f64> {
    let (length, stride) = ((WINDOW_S * GRID_HZ) as usize, (STRIDE_S * GRID_HZ) as usize);
    let filter = BandPass::design(6, PYVHR_BAND, GRID_HZ);
    let starts = (0..(colours.len() + 1).saturating_sub(length)).step_by(stride);
    let errors: Vec<f64> = starts
        .filter_map(|from| {
            let part = from..from + length;
            let expected = protocol::pyvhr_rate_of(&filter.both_ways(&truth[part.clone()]), GRID_HZ)?;
            Some((protocol::pyvhr_rate(&colours[part], GRID_HZ, method)? - expected).abs())
        })
        .collect();
    (!errors.is_empty()).then(|| errors.iter().sum::<f64>() / errors.len() as f64)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_clean_pulse_is_read_by_all() {
        let pulse = |t: f64| (TAU * 1.3 * t).sin();
        let skin: Vec<(f64, Rgb)> = (0..900)
            .map(|i| f64::from(i) / GRID_HZ)
            .map(|t| (t, [(150.0, 0.33), (110.0, 0.77), (90.0, 0.53)].map(|(m, s)| m * (1.0 + 0.004 * s * pulse(t)))))
            .collect();
        let times: Vec<f64> = (0..1800).map(|i| f64::from(i) / 60.0).collect();
        let reference = Wave { values: times.iter().map(|t| pulse(*t)).collect(), times };
        for method in METHODS {
            assert!((ungated(&skin, 5.0, 25.0, method).unwrap() - 78.0).abs() < 0.5, "{method}");
            let result = protocols(&skin, &reference, method).unwrap();
            // Bins of 1.76 bpm in protocol A, of 0.88 bpm in B.
            assert!(result.a_rates.iter().all(|rate| (rate - 78.0).abs() < 0.9), "{result:?}");
            assert!(
                result.b_mae.unwrap() < 0.9 && result.a_macc.unwrap() > 0.9 && result.a_snr_db > 10.0,
                "{result:?}"
            );
        }
        let wave: Vec<(f64, f64)> = skin.iter().map(|(t, _)| (*t, pulse(*t))).collect();
        assert!(beside(&skin, &wave, 5.0, 25.0).iter().all(|rate| (rate.unwrap() - 78.0).abs() < 0.5));
        assert_eq!(beside(&skin, &[], 5.0, 25.0)[2], None, "no video, or no model");
        assert_eq!(ungated(&skin, 40.0, 50.0, PulseMethod::Pos), None);
        assert_eq!(protocols(&skin, &Wave::default(), PulseMethod::Pos), None);
    }
}
