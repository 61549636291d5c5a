//! Patches of skin, and which of them beat alike.
//!
//! Hair, glare and the blocks of a codec spoil parts of a region and not others. After Boccignone et al. (pyVHR, `PeerJ` Computer Science 2022,
//! clustering of power spectra): the spectra of the patches' signals are parted in two by their directions, and the clearer part is
//! taken. The signal is CHROM's over the whole window (de Haan and Jeanne 2013, equations 11 to 14 without windows), which costs little.

use super::detrend::detrend;
use super::filter::Band;
use super::methods::{Rgb, mean_colour};
use super::readout::{padded_periodogram, peak_frequency};
use super::snr::LineStrength;
use super::spectrum::Spectrometer;
use super::statistics::deviation;
use super::timebase::GRID_HZ;
use super::trace::Trace;
use crate::time::MediaTime;

/// A part of fewer patches than this averages less than a region does.
const PART_MIN: usize = 3;
/// Rounds in which patches change sides; they come to rest after two or three.
const ROUNDS: usize = 5;
/// Smoothness of the detrending, as before any spectrum of a pulse.
const LAMBDA: f64 = 100.0;

/// The last minute of each patch of a face. Bounded by the number of patches.
#[derive(Debug, Default)]
pub struct PatchGrid {
    traces: Vec<Trace>,
}

impl PatchGrid {
    /// Takes a frame's colours, `None` where a patch is not seen; always as many.
    pub fn push(&mut self, at: MediaTime, colours: &[Option<Rgb>]) {
        self.traces.resize_with(colours.len(), Trace::default);
        for (trace, colour) in self.traces.iter_mut().zip(colours) {
            if let Some(colour) = colour {
                trace.push(at, *colour);
            }
        }
    }

    /// Mean colour of the patches of the clearer part over the samples `from..to`; `None` where there are too few.
    pub fn clearest(&self, spectrometer: &mut Spectrometer, from: i64, to: i64, band: Band) -> Option<Vec<Rgb>> {
        let whole = |trace: &Trace| trace.between(from, to).map(|s| s.map(|s| s.colour).collect::<Vec<Rgb>>());
        let patches: Vec<Vec<Rgb>> = self.traces.iter().filter_map(whole).filter(|p| is_lit(p)).collect();
        if patches.len() < 2 * PART_MIN {
            return None;
        }
        let directions: Vec<Vec<f64>> =
            patches.iter().map(|patch| direction(spectrometer, &chrominance(patch), band)).collect();
        let sides = parted(&directions);
        let part = |side: bool| {
            let members: Vec<&Vec<Rgb>> =
                patches.iter().zip(&sides).filter(|(_, s)| **s == side).map(|p| p.0).collect();
            (members.len() >= PART_MIN).then(|| mean(&members))
        };
        let parts = [part(false), part(true)].into_iter().flatten();
        let judged = parts.map(|part| (clearness(spectrometer, &part, band), part));
        judged.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, part)| part)
    }
}

/// Whether each channel has light to be divided by.
fn is_lit(patch: &[Rgb]) -> bool {
    mean_colour(patch).iter().all(|mean| *mean >= 1.0)
}

/// `X - (sd X / sd Y) Y` with `X = 3 Rn - 2 Gn` and `Y = 1.5 Rn + Gn - 1.5 Bn`, both detrended.
fn chrominance(colours: &[Rgb]) -> Vec<f64> {
    let [r, g, b] = mean_colour(colours);
    let of = |weights: Rgb| {
        let raw = colours.iter().map(|c| weights[0] * c[0] / r + weights[1] * c[1] / g + weights[2] * c[2] / b);
        detrend(&raw.collect::<Vec<f64>>(), LAMBDA)
    };
    let (x, y) = (of([3.0, -2.0, 0.0]), of([1.5, 1.0, -1.5]));
    let alpha = deviation(&x) / deviation(&y).max(f64::MIN_POSITIVE);
    x.iter().zip(&y).map(|(x, y)| x - alpha * y).collect()
}

/// Amplitudes over a band, of unit length.
fn direction(spectrometer: &mut Spectrometer, signal: &[f64], band: Band) -> Vec<f64> {
    let spectrum = spectrometer.periodogram(signal, GRID_HZ, signal.len().next_power_of_two());
    let mut amplitudes: Vec<f64> = spectrum.power[spectrum.bins(band)].iter().map(|p| p.sqrt()).collect();
    unit(&mut amplitudes);
    amplitudes
}

fn unit(vector: &mut [f64]) {
    let length = vector.iter().map(|v| v * v).sum::<f64>().sqrt().max(f64::MIN_POSITIVE);
    vector.iter_mut().for_each(|v| *v /= length);
}

fn cosine(a: &[f64], b: &[f64]) -> f64 {
    a.iter().zip(b).map(|(a, b)| a * b).sum()
}

/// On which of two sides each direction is: two-means on the sphere, from the two that are least alike.
fn parted(directions: &[Vec<f64>]) -> Vec<bool> {
    let pairs = (0..directions.len()).flat_map(|i| (0..i).map(move |j| (j, i)));
    let alike = pairs.map(|(j, i)| (cosine(&directions[j], &directions[i]), j, i));
    let Some((_, first, second)) = alike.reduce(|least, next| if next.0 < least.0 { next } else { least }) else {
        return vec![false; directions.len()];
    };
    let mut centres = [directions[first].clone(), directions[second].clone()];
    let mut sides = Vec::new();
    for _ in 0..ROUNDS {
        sides = directions.iter().map(|d| cosine(d, &centres[1]) > cosine(d, &centres[0])).collect();
        for (side, centre) in [false, true].into_iter().zip(&mut centres) {
            centre.fill(0.0);
            for (direction, _) in directions.iter().zip(&sides).filter(|(_, s)| **s == side) {
                centre.iter_mut().zip(direction).for_each(|(c, d)| *c += d);
            }
            unit(centre);
        }
    }
    sides
}

fn mean(patches: &[&Vec<Rgb>]) -> Vec<Rgb> {
    let count = patches.len() as f64;
    let at = |i: usize| [0, 1, 2].map(|c| patches.iter().map(|patch| patch[i][c]).sum::<f64>() / count);
    (0..patches.first().map_or(0, |patch| patch.len())).map(at).collect()
}

/// Self-SNR in dB of the highest line.
fn clearness(spectrometer: &mut Spectrometer, colours: &[Rgb], band: Band) -> f64 {
    let signal = chrominance(colours);
    let spectrum = padded_periodogram(spectrometer, &signal, GRID_HZ);
    let line = peak_frequency(&spectrum, band);
    line.map_or(f64::NEG_INFINITY, |line| {
        LineStrength::measure(&spectrum, line, band, signal.len() as f64 / GRID_HZ).self_snr_db
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::biosignal::pulse::PULSE_BAND;
    use rand::{Rng, SeedableRng};
    use rand_chacha::ChaCha8Rng;
    use std::f64::consts::TAU;

    /// Twelve patches: the first `spoilt` carry a wave that runs through the whole band, and stronger, in place of a pulse.
    fn grid(spoilt: usize, seconds: f64) -> PatchGrid {
        let mut random = ChaCha8Rng::seed_from_u64(5);
        let mut grid = PatchGrid::default();
        for i in 0..(seconds * 30.0) as u32 {
            let t = f64::from(i) / 30.0;
            let colours: Vec<Option<Rgb>> = (0..12)
                .map(|patch| {
                    let (hz, size) = if patch < spoilt { (0.6 + 0.06 * t, 0.006) } else { (1.2, 0.004) };
                    let wave = size * (TAU * hz * t).sin();
                    let level = 100.0 + patch as f64;
                    Some([0.33, 0.77, 0.53].map(|s| level * (1.0 + s * wave + 0.002 * (random.random::<f64>() - 0.5))))
                })
                .collect();
            grid.push(MediaTime::from_seconds(t), &colours);
        }
        grid
    }

    #[test]
    fn the_part_that_beats_alike_is_taken() {
        for (spoilt, level) in [(4, 107.5), (8, 109.5)] {
            let part =
                grid(spoilt, 20.0).clearest(&mut Spectrometer::default(), 150, 550, PULSE_BAND).expect("patches");
            let green = part.iter().map(|c| c[1]).sum::<f64>() / part.len() as f64;
            assert_eq!(part.len(), 400);
            assert!((green - level).abs() < 0.2, "{spoilt}: {green}");
        }
    }

    #[test]
    fn few_dark_or_broken_patches_give_none() {
        let mut spectrometer = Spectrometer::default();
        assert_eq!(PatchGrid::default().clearest(&mut spectrometer, 0, 300, PULSE_BAND), None);
        assert_eq!(grid(4, 8.0).clearest(&mut spectrometer, 0, 300, PULSE_BAND), None);
        let mut dark = PatchGrid::default();
        for i in 0..400 {
            dark.push(MediaTime::from_seconds(f64::from(i) / 30.0), &[Some([0.1; 3]); 12]);
        }
        assert_eq!(dark.clearest(&mut spectrometer, 0, 300, PULSE_BAND), None);
    }
}
