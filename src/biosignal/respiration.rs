//! Breathing from what it does to the pulse: baseline, amplitude and interval of the beats.
//!
//! After Karlen et al. (IEEE TBME 60, 2013), who take the mean of the three rates and reject windows in which they scatter; here their
//! spectra are added first, so that a weak modulation supports a strong one instead of spoiling a mean.

use super::beats::Beats;
use super::detrend::detrend;
use super::estimate::{Estimate, Reason, Window};
use super::filter::Band;
use super::readout::{PADDING, peak_frequency};
use super::spectrum::{Spectrometer, Spectrum};
use crate::units::Interval;

/// What a signal of breathing is, and so how its spectrum is read.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum BreathSource {
    /// A modulation of the pulse, 6 to 36 a minute. Heart rate and pressure wander as a random walk does, whose slow end would outshine
    /// every breath: the spectrum is multiplied by the square of the frequency.
    Modulation,
    /// The movement of breathing itself, 3 to 42 a minute, as it is.
    Movement,
}

impl BreathSource {
    fn band(self) -> Band {
        match self {
            Self::Modulation => Band { low_hz: 0.1, high_hz: 0.6 },
            Self::Movement => Band { low_hz: 0.05, high_hz: 0.7 },
        }
    }

    fn flattened(self, mut spectrum: Spectrum) -> Spectrum {
        if self == Self::Modulation {
            let step = spectrum.step_hz;
            spectrum.power.iter_mut().enumerate().for_each(|(bin, p)| *p *= (bin as f64 * step).powi(2));
        }
        spectrum
    }
}

/// Samples a second of the modulations.
const RATE_HZ: f64 = 4.0;
/// Smoothness of their detrending: half of the amplitude passes at 0.045 Hz.
const LAMBDA: f64 = 200.0;
/// Half-width of a breathing line, hertz.
const LINE_HZ: f64 = 0.03;
/// Modulations whose own peak is within this of the common one agree with it.
const AGREE_HZ: f64 = 2.0 / 60.0;
/// Least part of the signals that agree, for a reading.
const AGREEMENT_MIN: f64 = 0.33;
/// Baseline, amplitude and interval, each of which noise moves for its own reasons.
const KINDS: usize = 3;
/// Beats less alike than this are moved by noise as well.
const ALIKE: f64 = 0.95;
/// Least share of the line, for a reading: where beats are so alike, with the rate in one kind of modulation, and in more, over all
/// regions; and where they are not: there what a single kind has is as often its noise, which all regions of a face share.
const SHARE_ALIKE_MIN: (f64, f64) = (0.25, 0.2);
const SHARE_UNLIKE_MIN: f64 = 0.27;
/// Half-width of the interval where all agree, and what their spread adds, breaths a minute.
const INTERVAL_LEAST: f64 = 2.0;
const INTERVAL_SPREAD: f64 = 0.5;
/// Least beats for a modulation.
const BEATS_MIN: usize = 12;

/// What was found.
#[derive(Debug, Clone, PartialEq)]
pub struct Breathing {
    /// Breaths a minute.
    pub rate: f64,
    /// Part of the common spectrum in the line.
    pub share: f64,
    /// Part of the signals that have their own highest point there.
    pub agreement: f64,
    /// Largest difference between the agreeing rates, breaths a minute.
    pub spread: f64,
    /// Kinds of signals that have the rate, each over all regions.
    pub kinds: usize,
}

/// The modulations of a pulse over time, one of each kind: samples at `RATE_HZ` from the first beat to the last.
#[must_use]
pub fn modulations(beats: &Beats, level: &[f64], sampling: f64) -> Vec<Vec<f64>> {
    let times = &beats.times;
    if times.len() < BEATS_MIN {
        return Vec::new();
    }
    let middle: Vec<f64> = times.windows(2).map(|t| 0.5 * (t[0] + t[1])).collect();
    let baseline: Vec<f64> = times.windows(2).map(|t| mean_between(level, sampling, t[0], t[1])).collect();
    let series = [(&middle, baseline), (times, beats.rises.clone()), (&middle, without_outliers(beats.intervals()))];
    series.into_iter().map(|(at, values)| evenly(at, &values)).collect()
}

/// The rate that several signals share, each at `rate_hz` samples a second: the highest point of the sum of their spectra, each of
/// which has the same weight. `None` where none has power in the band.
pub fn common_rate(
    spectrometer: &mut Spectrometer,
    source: BreathSource,
    signals: &[Vec<f64>],
    rate_hz: f64,
) -> Option<Breathing> {
    let band = source.band();
    let points = (PADDING * signals.iter().map(Vec::len).max()?).next_power_of_two();
    let spectra: Vec<Spectrum> = signals
        .iter()
        .map(|signal| source.flattened(spectrometer.periodogram(signal, rate_hz, points)))
        .filter(|spectrum| spectrum.power_in(band) > 0.0)
        .collect();
    let mut common = Spectrum { power: vec![0.0; points / 2 + 1], step_hz: rate_hz / points as f64 };
    for spectrum in &spectra {
        let scale = 1.0 / spectrum.power_in(band);
        common.power.iter_mut().zip(&spectrum.power).for_each(|(sum, p)| *sum += scale * p);
    }
    let peak = peak_frequency(&common, band)?;
    let line = Band { low_hz: peak - LINE_HZ, high_hz: peak + LINE_HZ };
    let own = spectra.iter().filter_map(|s| peak_frequency(s, band));
    let mut near: Vec<f64> = own.filter(|f| (f - peak).abs() <= AGREE_HZ).collect();
    near.sort_by(f64::total_cmp);
    let spread = near.last().zip(near.first()).map_or(0.0, |(high, low)| high - low);
    Some(Breathing {
        rate: 60.0 * peak,
        share: common.power_in(line) / common.power_in(band),
        agreement: near.len() as f64 / spectra.len() as f64,
        spread: 60.0 * spread,
        kinds: 1,
    })
}

/// Breathing in the modulations of the pulses of one face's regions.
pub fn from_modulations(spectrometer: &mut Spectrometer, modulations: &[Vec<f64>]) -> Option<Breathing> {
    let signals: Vec<Vec<f64>> = modulations.iter().map(|m| detrend(m, LAMBDA)).collect();
    let mut common = |signals: &[Vec<f64>]| common_rate(spectrometer, BreathSource::Modulation, signals, RATE_HZ);
    let all = common(&signals)?;
    let mut of_kind = |kind: usize| common(&signals.iter().skip(kind).step_by(KINDS).cloned().collect::<Vec<_>>());
    let same = |found: &Breathing| (found.rate - all.rate).abs() <= 60.0 * AGREE_HZ;
    let kinds = (0..KINDS).filter_map(&mut of_kind).filter(same).count();
    Some(Breathing { kinds, ..all })
}

/// Whether the line is clear enough for a reading of beats that are so alike: most modulations have it and it stands out of the sum.
#[must_use]
pub fn is_clear(breathing: &Breathing, likeness: f64) -> bool {
    let share_min = match (breathing.kinds, likeness >= ALIKE) {
        (0, _) | (1, false) => return false,
        (1, true) => SHARE_ALIKE_MIN.0,
        (_, true) => SHARE_ALIKE_MIN.1,
        (_, false) => SHARE_UNLIKE_MIN,
    };
    breathing.agreement >= AGREEMENT_MIN && breathing.share >= share_min
}

/// What modulations of beats that are so alike say of a window.
#[must_use]
pub fn estimate(breathing: Option<Breathing>, likeness: f64, window: Window) -> Estimate {
    match breathing {
        Some(breathing) if is_clear(&breathing, likeness) => Estimate::Available {
            rate: breathing.rate,
            interval: interval(&breathing),
            quality: quality(&breathing),
            window,
        },
        Some(_) => Estimate::unavailable(vec![Reason::Disagree], window),
        None => Estimate::unavailable(vec![Reason::NoPulse], window),
    }
}

/// Where the rate lies with 90 % probability, breaths a minute.
#[must_use]
pub fn interval(breathing: &Breathing) -> Interval {
    let half = INTERVAL_LEAST.hypot(INTERVAL_SPREAD * breathing.spread);
    Interval { low: breathing.rate - half, high: breathing.rate + half }
}

/// Probability that the rate is within 5 breaths a minute of the truth, from how clear the line is.
#[must_use]
pub fn quality(breathing: &Breathing) -> f64 {
    (0.7 + 0.3 * breathing.agreement * (breathing.share / SHARE_ALIKE_MIN.0).min(2.0) / 2.0).min(0.99)
}

/// A missed or doubled beat changes an interval by more than a breath does: such intervals take the median's place.
fn without_outliers(intervals: Vec<f64>) -> Vec<f64> {
    let usual = super::statistics::median(&mut intervals.clone()).unwrap_or_default();
    intervals.into_iter().map(|i| if (i - usual).abs() > 0.3 * usual { usual } else { i }).collect()
}

fn mean_between(level: &[f64], sampling: f64, from: f64, to: f64) -> f64 {
    let last = level.len().saturating_sub(1);
    let (from, to) = (((from * sampling) as usize).min(last), ((to * sampling) as usize).min(last));
    let part = &level[from..=to];
    part.iter().sum::<f64>() / part.len() as f64
}

/// Straight lines between the points, sampled evenly.
fn evenly(at: &[f64], values: &[f64]) -> Vec<f64> {
    let (Some(first), Some(last)) = (at.first(), at.last()) else { return Vec::new() };
    let count = ((last - first) * RATE_HZ).floor() as usize + 1;
    let mut next = 0;
    (0..count)
        .map(|i| {
            let t = first + i as f64 / RATE_HZ;
            while next + 2 < at.len() && at[next + 1] < t {
                next += 1;
            }
            let share = ((t - at[next]) / (at[next + 1] - at[next])).clamp(0.0, 1.0);
            values[next] + share * (values[next + 1] - values[next])
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::f64::consts::TAU;

    #[test]
    fn noisy_beats_need_two_kinds_of_modulation() {
        let wave = |hz: f64| (0..240).map(|i| (TAU * hz * f64::from(i) / RATE_HZ).sin()).collect::<Vec<f64>>();
        let of = |kinds: [f64; KINDS]| kinds.map(wave).to_vec();
        let read = |signals: &[Vec<f64>]| from_modulations(&mut Spectrometer::default(), signals).expect("a line");
        let breath = read(&of([0.25, 0.25, 0.4]));
        assert!((breath.rate - 15.0).abs() < 0.5 && breath.kinds == 2, "{breath:?}");
        assert!(is_clear(&breath, 0.88));
        let weak = Breathing { share: 0.21, ..breath };
        assert!(is_clear(&weak, 0.97) && !is_clear(&weak, 0.94));
        let alone = read(&of([0.15, 0.25, 0.4]));
        assert_eq!(alone.kinds, 1, "{alone:?}");
        assert!(is_clear(&alone, 0.97) && !is_clear(&alone, 0.94));
        assert!(!is_clear(&Breathing { share: 0.21, ..alone }, 0.97));
    }
}
