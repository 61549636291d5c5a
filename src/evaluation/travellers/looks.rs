//! Appearance vectors that are as good as said: one direction for each person, noise that stays with a track, and noise
//! of each report.

use std::collections::BTreeMap;
use std::str::FromStr;

use rand::{Rng, SeedableRng};
use rand_chacha::ChaCha8Rng;

use crate::appearance::Appearance;

/// Length of the vectors: about as many directions as clothes differ in; the vectors of 35 people of MOT17 spread over 8 to
/// 9, measured on few.
const DIMENSIONS: usize = 16;
/// Pairs from which the separability of a noise level is computed.
const PAIRS: usize = 4_000;

/// How far vectors scatter, as standard deviations against a person's direction of length 1.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct LookNoise {
    /// What all people have in common: the length of the mean vector.
    pub shared: f64,
    /// Of a track: the view, the light, the pose.
    pub track: f64,
    /// Of one report.
    pub report: f64,
}

impl LookNoise {
    /// As measured on the appearance vectors of MOT17-05 and 09, first against last third of each track: tracks' mean
    /// vectors have cosines of 0.82 to 0.89 +- 0.10 for one person and 0.49 +- 0.17 for two (area under the curve 0.94 to
    /// 0.98), single vectors 0.75 +- 0.13 and 0.44 +- 0.16 (0.89 to 0.96).
    #[must_use]
    pub fn measured() -> Self {
        Self { shared: 1.19, track: 0.73, report: 0.71 }
    }
}

/// How well simulated vectors tell people apart.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct SimulatedAppearance {
    /// Area under the receiver operating characteristic: how often two tracks of one person are more alike than two of two.
    pub auc: f64,
    /// Seed.
    pub seed: u64,
}

/// A text that says nothing of appearance.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no separability: a number above 0.5 and below 1")]
pub struct AucFault(String);

impl FromStr for SimulatedAppearance {
    type Err = AucFault;

    fn from_str(text: &str) -> Result<Self, AucFault> {
        let auc = text.parse::<f64>().ok().filter(|auc| (0.5..1.0).contains(auc) && *auc > 0.5);
        auc.map(|auc| Self { auc, seed: 1 }).ok_or_else(|| AucFault(text.to_owned()))
    }
}

/// Gives every person a look.
#[derive(Debug, Clone)]
pub struct Looks {
    rng: ChaCha8Rng,
    people: BTreeMap<u64, Vec<f64>>,
    shared: Vec<f64>,
    noise: LookNoise,
}

/// The look of one track.
#[derive(Debug, Clone)]
pub struct TrackLook(Vec<f64>);

impl Looks {
    /// Vectors of the given separability between tracks: half of the noise variance stays with a track.
    #[must_use]
    pub fn new(appearance: SimulatedAppearance) -> Self {
        let noise = noise_for(appearance.auc);
        Self::with_noise(LookNoise { shared: 0.0, track: noise, report: noise }, appearance.seed)
    }

    /// Vectors with the given noise.
    #[must_use]
    pub fn with_noise(noise: LookNoise, seed: u64) -> Self {
        let mut rng = ChaCha8Rng::seed_from_u64(seed);
        let shared = direction(&mut rng, noise.shared);
        Self { rng, people: BTreeMap::new(), shared, noise }
    }

    /// A new track of a person. Numbers of people who dress alike are the same.
    pub fn track(&mut self, dress: u64) -> TrackLook {
        let rng = &mut self.rng;
        let person = self.people.entry(dress).or_insert_with(|| direction(rng, 1.0));
        let noise = direction(&mut self.rng, self.noise.track);
        let sum = person.iter().zip(noise).zip(&self.shared).map(|((person, noise), shared)| person + noise + shared);
        TrackLook(sum.collect())
    }

    /// What one report of a track says.
    pub fn report(&mut self, look: &mut TrackLook) -> Option<Appearance> {
        let noise = direction(&mut self.rng, self.noise.report);
        let raw: Vec<f32> = look.0.iter().zip(noise).map(|(look, noise)| (look + noise) as f32).collect();
        Appearance::normalised(&raw, 1.0)
    }
}

/// A random vector of about the given length.
fn direction(rng: &mut ChaCha8Rng, length: f64) -> Vec<f64> {
    let scale = length / (DIMENSIONS as f64).sqrt();
    (0..DIMENSIONS).map(|_| normal(rng) * scale).collect()
}

/// Box and Muller's transform.
pub(super) fn normal(rng: &mut ChaCha8Rng) -> f64 {
    let (a, b): (f64, f64) = (1.0 - rng.random::<f64>(), rng.random());
    (-2.0 * a.ln()).sqrt() * (std::f64::consts::TAU * b).cos()
}

/// The noise of a track at which single reports of two tracks have the given separability, by halving.
fn noise_for(auc: f64) -> f64 {
    let (mut low, mut high) = (0.05, 40.0);
    for _ in 0..30 {
        let middle = f64::midpoint(low, high);
        if separability(middle) > auc {
            low = middle;
        } else {
            high = middle;
        }
    }
    f64::midpoint(low, high)
}

/// Separability of tracks with the given noise, over a fixed sample.
fn separability(noise: f64) -> f64 {
    let mut looks = Looks::with_noise(LookNoise { shared: 0.0, track: noise, report: noise }, 7);
    let mut more_alike = 0;
    for pair in 0..PAIRS as u64 {
        let [mut a, mut same, mut other] = [2 * pair, 2 * pair, 2 * pair + 1].map(|person| looks.track(person));
        let [a, same, other] = [looks.report(&mut a), looks.report(&mut same), looks.report(&mut other)];
        let cosine = |b: &Option<Appearance>| a.as_ref().zip(b.as_ref()).and_then(|(a, b)| a.cosine(b));
        more_alike += u32::from(cosine(&same) > cosine(&other));
    }
    f64::from(more_alike) / PAIRS as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn as_separable_as_said() {
        for auc in [0.7, 0.9, 0.98] {
            let found = separability(noise_for(auc));
            assert!((found - auc).abs() < 0.01, "{auc}: {found}");
        }
    }

    #[test]
    fn what_is_no_separability_is_refused() {
        for text in ["", "0.5", "1", "2", "-1", "x", "nan"] {
            assert!(text.parse::<SimulatedAppearance>().is_err(), "{text}");
        }
        assert_eq!("0.9".parse(), Ok(SimulatedAppearance { auc: 0.9, seed: 1 }));
    }
}
