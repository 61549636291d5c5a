//! Beats of a BVP: where each one's upstroke is steepest, between samples.

use super::carrier::Carrier;
use super::filter::{Band, BandPass};
use super::statistics::{correlation, median};

/// Band of the wave in which upstrokes are timed.
const WAVE: Band = Band { low_hz: 0.5, high_hz: 7.0 };
const WAVE_ORDER: usize = 2;
/// How far from the carrier's own rise an upstroke is sought, in periods.
const SEARCH: f64 = 0.35;

/// Beats found in a window.
#[derive(Debug, Clone, PartialEq)]
pub struct Beats {
    /// Seconds from the window's first sample to the steepest point of each upstroke.
    pub times: Vec<f64>,
    /// Mean correlation of each beat's wave with the mean wave of the others: 1 where all are alike (Orphanidou et al., IEEE
    /// JBHI 19, 2015).
    pub likeness: f64,
    /// Rise of each beat's wave from its foot to its top, in units of the BVP.
    pub rises: Vec<f64>,
}

impl Beats {
    /// Finds the beats of a BVP whose rate is about `rate_hz`, at `sampling` samples a second.
    ///
    /// Each rise of the carrier names a beat, and the steepest rise of the wave near it times it, by a parabola through the
    /// slope's highest samples. The sign of the BVP is free: a pulse rises faster than it falls.
    #[must_use]
    pub fn find(bvp: &[f64], sampling: f64, rate_hz: f64) -> Self {
        let wave = BandPass::design(WAVE_ORDER, WAVE, sampling).both_ways(bvp);
        let sign = if skewness_of_slope(&wave) < 0.0 { -1.0 } else { 1.0 };
        let wave: Vec<f64> = wave.into_iter().map(|v| sign * v).collect();
        let slope: Vec<f64> = wave.windows(3).map(|w| w[2] - w[0]).collect();
        let reach = (SEARCH * sampling / rate_hz).round() as usize;
        let mut at: Vec<f64> = Vec::new();
        for crossing in Carrier::of(&wave, sampling, rate_hz).crossings.iter().filter(|c| c.rising) {
            let middle = (crossing.at * sampling).round() as usize;
            let Some(found) = steepest(&slope, middle.saturating_sub(reach), middle + reach) else { continue };
            if at.last().is_none_or(|last| found - last > 0.5 * reach as f64) {
                at.push(found);
            }
        }
        let likeness = likeness(&wave, &at);
        let rises = at.iter().map(|t| rise(&wave, *t, reach)).collect();
        Self { times: at.into_iter().map(|i| i / sampling).collect(), likeness, rises }
    }

    /// Intervals between neighbouring beats, seconds.
    #[must_use]
    pub fn intervals(&self) -> Vec<f64> {
        self.times.windows(2).map(|t| t[1] - t[0]).collect()
    }
}

/// Highest after less lowest before the upstroke, within reach.
fn rise(wave: &[f64], at: f64, reach: usize) -> f64 {
    let middle = (at.round() as usize).min(wave.len());
    let lowest = wave[middle.saturating_sub(reach)..middle].iter().copied().fold(f64::INFINITY, f64::min);
    let highest = wave[middle..(middle + reach).min(wave.len())].iter().copied().fold(f64::NEG_INFINITY, f64::max);
    if lowest.is_finite() && highest.is_finite() { highest - lowest } else { 0.0 }
}

fn skewness_of_slope(wave: &[f64]) -> f64 {
    wave.windows(2).map(|w| (w[1] - w[0]).powi(3)).sum()
}

/// Place of the highest slope between two samples of it, in samples of the wave.
fn steepest(slope: &[f64], from: usize, to: usize) -> Option<f64> {
    let inside = from.max(1)..to.min(slope.len().checked_sub(1)?);
    let top = inside.reduce(|best, i| if slope[i] > slope[best] { i } else { best })?;
    let (left, middle, right) = (slope[top - 1], slope[top], slope[top + 1]);
    if left > middle || right > middle {
        return None;
    }
    let bend = left - 2.0 * middle + right;
    let shift = if bend < 0.0 { 0.5 * (left - right) / bend } else { 0.0 };
    // Sample i of the slope stands between samples i and i + 2 of the wave.
    Some(top as f64 + 1.0 + shift)
}

/// Part of the median interval before and after an upstroke that makes a beat's wave.
const WAVE_SPAN: (f64, f64) = (0.3, 0.65);

/// Mean correlation of each beat's wave with the sum of the others'. A beat has no part in what it is compared with: noise that was
/// lined up by its steepest rise resembles its own mean.
fn likeness(wave: &[f64], at: &[f64]) -> f64 {
    let mut intervals: Vec<f64> = at.windows(2).map(|t| t[1] - t[0]).collect();
    let Some(period) = median(&mut intervals) else { return 0.0 };
    let (before, after) = ((WAVE_SPAN.0 * period).round() as usize, (WAVE_SPAN.1 * period).round() as usize);
    let cut = |t: &f64| {
        let centre = t.round() as usize;
        wave.get(centre.checked_sub(before)?..centre + after).map(normalised)
    };
    let beats: Vec<Vec<f64>> = at.iter().filter_map(cut).collect();
    if beats.len() < 3 {
        return 0.0;
    }
    let mut sum = vec![0.0; before + after];
    for beat in &beats {
        sum.iter_mut().zip(beat).for_each(|(sum, v)| *sum += v);
    }
    let others = |beat: &[f64]| sum.iter().zip(beat).map(|(sum, v)| sum - v).collect::<Vec<f64>>();
    beats.iter().map(|beat| correlation(beat, &others(beat))).sum::<f64>() / beats.len() as f64
}

/// Mean zero, length one: a single large movement must not make the template.
fn normalised(wave: &[f64]) -> Vec<f64> {
    let mean = wave.iter().sum::<f64>() / wave.len().max(1) as f64;
    let length = wave.iter().map(|v| (v - mean).powi(2)).sum::<f64>().sqrt();
    wave.iter().map(|v| if length > 0.0 { (v - mean) / length } else { 0.0 }).collect()
}
