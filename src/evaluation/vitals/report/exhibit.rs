//! A window shown as it was: the wave that a method sees, the contact sensor's wave beside it, and the spectrum.

use crate::biosignal::PulseMethod;
use crate::biosignal::detrend::detrend;
use crate::biosignal::filter::BandPass;
use crate::biosignal::methods::Rgb;
use crate::biosignal::pulse::PULSE_BAND;
use crate::biosignal::readout::padded_periodogram;
use crate::biosignal::spectrum::Spectrometer;
use crate::biosignal::timebase::GRID_HZ;
use crate::evaluation::vitals::recording::Wave;

/// The method whose wave is shown.
const METHOD: PulseMethod = PulseMethod::Pos;
/// Smoothness of the detrending before the spectrum.
const LAMBDA: f64 = 100.0;
/// Seconds of the wave that are shown, the last of the window.
const SHOWN_S: f64 = 10.0;
/// Most points of a spectrum.
const POINTS_MAX: usize = 200;

/// What is drawn of a window; waves have a height of 1 and a mean of 0.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Exhibit {
    /// The method's wave, over seconds.
    pub wave: Vec<(f64, f64)>,
    /// The contact sensor's, where there is one.
    pub reference: Vec<(f64, f64)>,
    /// Power over beats a minute, the highest 1.
    pub spectrum: Vec<(f64, f64)>,
}

impl Exhibit {
    /// Cuts a window out of a recording's skin; `None` where there is too little of it.
    #[must_use]
    pub fn of(skin: &[(f64, Rgb)], reference: Option<&Wave>, (start, end): (f64, f64)) -> Option<Self> {
        let window: Vec<(f64, Rgb)> = skin.iter().filter(|(t, _)| (start..=end).contains(t)).copied().collect();
        let colours: Vec<Rgb> = window.iter().map(|(_, rgb)| *rgb).collect();
        let bvp = detrend(&METHOD.extract(&colours, GRID_HZ), LAMBDA);
        if window.len() < (2.0 * GRID_HZ) as usize || bvp.iter().any(|v| !v.is_finite()) {
            return None;
        }
        let smooth = BandPass::design(2, PULSE_BAND, GRID_HZ).both_ways(&bvp);
        let shown = |t: f64| t >= end - SHOWN_S;
        let wave = window.iter().zip(smooth).filter(|((t, _), _)| shown(*t)).map(|((t, _), v)| (*t, v)).collect();
        let reference = reference.map_or_else(Vec::new, |reference| {
            let times = window.iter().map(|(t, _)| *t).filter(|t| shown(*t));
            times.filter_map(|t| Some((t, reference.at(t)?))).collect()
        });
        Some(Self { wave: levelled(wave), reference: levelled(reference), spectrum: spectrum(&bvp) })
    }
}

fn spectrum(bvp: &[f64]) -> Vec<(f64, f64)> {
    let spectrum = padded_periodogram(&mut Spectrometer::default(), bvp, GRID_HZ);
    let bins = spectrum.bins(PULSE_BAND);
    let per_point = bins.len().div_ceil(POINTS_MAX).max(1);
    let highest = bins.clone().map(|bin| spectrum.power[bin]).fold(f64::MIN_POSITIVE, f64::max);
    let points = bins.collect::<Vec<usize>>();
    let of = |part: &[usize]| {
        let power = part.iter().map(|bin| spectrum.power[*bin]).fold(0.0, f64::max);
        (60.0 * spectrum.frequency(part[part.len() / 2]), power / highest)
    };
    points.chunks(per_point).map(of).collect()
}

fn levelled(mut wave: Vec<(f64, f64)>) -> Vec<(f64, f64)> {
    let mean = wave.iter().map(|(_, v)| v).sum::<f64>() / wave.len().max(1) as f64;
    let (low, high) = wave.iter().fold((f64::MAX, f64::MIN), |(l, h), (_, v)| (l.min(*v), h.max(*v)));
    let height = (high - low).max(f64::MIN_POSITIVE);
    wave.iter_mut().for_each(|(_, v)| *v = (*v - mean) / height);
    wave
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_window_shows_its_rate() {
        let skin: Vec<(f64, Rgb)> = (0..900)
            .map(|i| f64::from(i) / GRID_HZ)
            .map(|t| {
                let pulse = 0.004 * (TAU * 1.5 * t).sin();
                (t, [150.0 * (1.0 + 0.33 * pulse), 110.0 * (1.0 + 0.77 * pulse), 90.0 * (1.0 + 0.53 * pulse)])
            })
            .collect();
        let exhibit = Exhibit::of(&skin, None, (0.0, 29.0)).unwrap();
        let top = exhibit.spectrum.iter().max_by(|a, b| a.1.total_cmp(&b.1)).unwrap();
        assert!((top.0 - 90.0).abs() < 2.0 && exhibit.wave.len() > 295 && exhibit.reference.is_empty());
        assert_eq!(Exhibit::of(&skin, None, (40.0, 50.0)), None);
    }
}
