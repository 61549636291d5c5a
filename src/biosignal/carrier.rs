//! The carrier of a BVP: what a narrow filter around the rate leaves, one swing a beat whatever the dicrotic wave does.
//!
//! Its crossings of zero count half beats. Two rates follow from them that a spectrum cannot give when the rate sways with breathing and
//! its line splits: the slope of the count over time, as good as the spectrum in noise, and the count between the ends
//! over the time between them, which is the mean rate exactly.

use super::filter::{Band, BandPass};
use super::statistics::median;

/// The band, as multiples of the rate: wide enough for a rate that sways by a third, too narrow for its double.
const BAND: (f64, f64) = (0.6, 1.6);
const ORDER: usize = 2;
/// Part of the median swing under which a crossing does not count as an end: there the phase is noise.
const WEAK: f64 = 0.6;

/// Part of the median swing under which the carrier has faded, and the most crossings of which that may be said.
const FADED: f64 = 0.3;
const FADED_MAX: f64 = 0.03;

/// A crossing of zero.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Crossing {
    /// Seconds from the window's first sample.
    pub at: f64,
    /// Whether the carrier rises there.
    pub rising: bool,
    /// The smaller of the swings beside it over the median swing, at most 1.
    pub strength: f64,
    /// Beats since the first crossing: half a beat a crossing, and one more for each that is missing between two that are too far apart.
    pub beats: f64,
}

/// Every crossing of a window.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Carrier {
    /// In order of time.
    pub crossings: Vec<Crossing>,
}

impl Carrier {
    /// Filters a BVP of about `rate_hz`, at `sampling` samples a second.
    #[must_use]
    pub fn of(bvp: &[f64], sampling: f64, rate_hz: f64) -> Self {
        let band = Band { low_hz: BAND.0 * rate_hz, high_hz: (BAND.1 * rate_hz).min(0.45 * sampling) };
        let wave = BandPass::design(ORDER, band, sampling).both_ways(bvp);
        let mut crossings = Vec::new();
        let mut swings = vec![0.0_f64];
        for (i, pair) in wave.windows(2).enumerate() {
            let last = swings.len() - 1;
            swings[last] = swings[last].max(pair[0].abs());
            if (pair[0] < 0.0) != (pair[1] < 0.0) {
                let at = (i as f64 + pair[0] / (pair[0] - pair[1])) / sampling;
                crossings.push(Crossing { at, rising: pair[0] < 0.0, strength: 0.0, beats: 0.0 });
                swings.push(0.0);
            }
        }
        let usual = median(&mut swings.clone()).unwrap_or_default();
        for (crossing, pair) in crossings.iter_mut().zip(swings.windows(2)) {
            crossing.strength = (pair[0].min(pair[1]) / usual).min(1.0);
        }
        count(&mut crossings);
        Self { crossings }
    }

    /// Whether it nowhere fades between its ends; where it does, beats are lost or doubled and no count can be trusted.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        let strong = |c: &Crossing| c.strength > WEAK;
        let ends = self.crossings.iter().position(strong).zip(self.crossings.iter().rposition(strong));
        ends.is_some_and(|(first, last)| {
            let faded = self.crossings[first..=last].iter().filter(|c| c.strength < FADED).count();
            (faded as f64) <= FADED_MAX * (last - first) as f64
        })
    }

    /// Beats a second by the slope of the count over time, least squares weighted by the squared strength.
    #[must_use]
    pub fn slope_rate(&self) -> Option<f64> {
        let (mut w, mut wt, mut wk, mut wtt, mut wtk) = (0.0, 0.0, 0.0, 0.0, 0.0);
        for crossing in &self.crossings {
            let (weight, t, k) = (crossing.strength * crossing.strength, crossing.at, crossing.beats);
            w += weight;
            wt += weight * t;
            wk += weight * k;
            wtt += weight * t * t;
            wtk += weight * t * k;
        }
        let spread = w * wtt - wt * wt;
        (self.crossings.len() > 2 && spread > 0.0).then(|| (w * wtk - wt * wk) / spread)
    }

    /// Beats a second by the count between the first and the last crossing that are not weak.
    #[must_use]
    pub fn mean_rate(&self) -> Option<f64> {
        let strong = |c: &Crossing| c.strength > WEAK;
        let first = self.crossings.iter().position(strong)?;
        let last = self.crossings.iter().rposition(strong)?;
        let (first, last) = (self.crossings[first], self.crossings[last]);
        (last.at > first.at).then(|| (last.beats - first.beats) / (last.at - first.at))
    }
}

/// Counts beats. A carrier that misses a beat stays on one side of zero for three half beats in place of one.
fn count(crossings: &mut [Crossing]) {
    let mut steps: Vec<f64> = crossings.windows(2).map(|pair| pair[1].at - pair[0].at).collect();
    let Some(usual) = median(&mut steps) else { return };
    for i in 1..crossings.len() {
        let step = crossings[i].at - crossings[i - 1].at;
        let missing = (0.5 * (step / usual - 1.0)).round().max(0.0);
        crossings[i].beats = crossings[i - 1].beats + 0.5 + missing;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn a_swaying_rate_has_its_mean() {
        // 72 bpm, swaying by 9 bpm at 6 breaths a minute, over two whole breaths.
        let phase = |t: f64| TAU * (1.2 * t) + TAU * 0.15 / (TAU * 0.1) * (1.0 - (TAU * 0.1 * t).cos());
        let bvp: Vec<f64> =
            (0..600).map(|i| phase(f64::from(i) / 30.0)).map(|p| p.sin() + 0.6 * (2.0 * p + 0.5).sin()).collect();
        let carrier = Carrier::of(&bvp, 30.0, 1.15);
        let rate = carrier.mean_rate().unwrap();
        assert!((60.0 * rate - 72.0).abs() < 0.4, "{}", 60.0 * rate);
        assert_eq!(Carrier::default().mean_rate(), None);
        assert_eq!(Carrier::default().slope_rate(), None);
    }

    #[test]
    fn a_steady_rate_is_exact() {
        let bvp: Vec<f64> = (0..300).map(|i| (TAU * 1.7 * f64::from(i) / 30.0).sin()).collect();
        let carrier = Carrier::of(&bvp, 30.0, 1.68);
        for rate in [carrier.mean_rate(), carrier.slope_rate()] {
            assert!((rate.unwrap() - 1.7).abs() < 0.005, "{rate:?}");
        }
    }

    #[test]
    fn a_missed_beat_is_counted() {
        let mut crossings: Vec<Crossing> = (0..40_u32)
            .filter(|i| ![14, 15].contains(i))
            .map(|i| Crossing { at: 0.4 * f64::from(i), rising: i % 2 == 0, strength: 1.0, beats: 0.0 })
            .collect();
        count(&mut crossings);
        let carrier = Carrier { crossings };
        for rate in [carrier.mean_rate(), carrier.slope_rate()] {
            assert!((rate.unwrap() - 1.25).abs() < 1e-9, "{rate:?}");
        }
    }
}
