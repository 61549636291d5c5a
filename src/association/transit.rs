//! How long the way from one view into another takes: a mixture that is learned while it is used.
//!
//! On the logarithm of the time stand two normal distributions, walking on and staying awhile, and a uniform share for
//! everything else. There are two such mixtures, since they answer two questions: of the time in units of the expected walk,
//! for tracks whose places on the floor are both known; and of the time itself, for tracks without, and for what is to be
//! expected of somebody whose next place nobody knows yet. Learned by stepwise expectation maximisation with
//! forgetting (O. Cappé and E. Moulines, "On-line expectation-maximization algorithm for latent data models", Journal of the
//! Royal Statistical Society B 71, 2009).

use serde::{Deserialize, Serialize};

/// Share of transits that follow no rule.
const OUTLIERS: f64 = 0.03;
/// Observations that the prior is worth.
const PRIOR_WEIGHT: f64 = 8.0;
/// Observations after which older ones are forgotten.
const MEMORY: f64 = 300.0;
/// Smallest standard deviation of the logarithm.
const DEVIATION_MIN: f64 = 0.12;
/// Transits shorter than this are taken as this long: clocks are no better.
const SHORTEST_S: f64 = 0.3;

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Part {
    weight: f64,
    mean: f64,
    variance: f64,
}

impl Part {
    fn density(&self, x: f64) -> f64 {
        (-0.5 * (x - self.mean).powi(2) / self.variance).exp() / (self.variance * std::f64::consts::TAU).sqrt()
    }

    /// Distribution function, by a logistic approximation good to 2e-4 (E. Page, Applied Statistics 26, 1977).
    fn cumulative(&self, x: f64) -> f64 {
        let z = (x - self.mean) / self.variance.sqrt();
        1.0 / (1.0 + (-1.5976 * z - 0.070_566 * z.powi(3)).clamp(-60.0, 60.0).exp())
    }
}

/// Walking on and staying awhile, on a logarithm.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Mixture {
    parts: [Part; 2],
    seen: f64,
}

impl Mixture {
    fn new(mean: f64, spread: f64) -> Self {
        let walking = Part { weight: 0.75, mean, variance: spread * spread };
        let staying = Part { weight: 0.25, mean: mean + 1.6, variance: 1.0 };
        Self { parts: [walking, staying], seen: PRIOR_WEIGHT }
    }

    fn density(&self, x: f64) -> f64 {
        self.parts.iter().map(|part| part.weight * part.density(x)).sum()
    }

    fn survival(&self, x: f64) -> f64 {
        self.parts.iter().map(|part| part.weight * (1.0 - part.cumulative(x))).sum()
    }

    /// `outlier`: density of what follows no rule, in the same units and with its share.
    fn learn(&mut self, x: f64, outlier: f64, probability: f64) {
        let densities = self.parts.map(|part| part.weight * part.density(x));
        let sum = densities[0] + densities[1] + outlier;
        self.seen = (self.seen + probability).min(MEMORY);
        let step = probability / self.seen;
        for (part, density) in self.parts.iter_mut().zip(densities) {
            let mine = density / sum;
            let pull = step * mine / (part.weight + step * mine).max(1e-9);
            let difference = x - part.mean;
            part.mean += pull * difference;
            part.variance =
                ((1.0 - pull) * (part.variance + pull * difference * difference)).max(DEVIATION_MIN.powi(2));
            part.weight += step * (mine - part.weight);
        }
        let total = self.parts[0].weight + self.parts[1].weight;
        self.parts.iter_mut().for_each(|part| part.weight = (part.weight / total).clamp(0.02, 0.98));
    }
}

/// The transit times of one way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Transit {
    /// Of the time in units of the expected walk.
    paced: Mixture,
    /// Of the time in seconds.
    plain: Mixture,
    longest_s: f64,
}

impl Transit {
    /// `typical_s`: the time that the way is thought to take; `sure`: whether the configuration says so or it is a guess.
    pub(super) fn new(typical_s: f64, sure: bool, longest_s: f64) -> Self {
        let spread: f64 = if sure { 0.45 } else { 0.9 };
        let plain = Mixture::new(typical_s.max(SHORTEST_S).ln(), spread);
        Self { paced: Mixture::new(0.0, spread), plain, longest_s }
    }

    /// The longest transit thought of, seconds.
    pub(super) fn longest_s(&self) -> f64 {
        self.longest_s
    }

    /// Probability density, per second, of a transit of `seconds`, where the walk is expected to take `walk_s` or nothing is
    /// known of it.
    pub(super) fn density(&self, seconds: f64, walk_s: Option<f64>) -> f64 {
        let seconds = seconds.max(SHORTEST_S);
        let regular = match walk_s {
            Some(walk_s) => self.paced.density((seconds / walk_s).ln()),
            None => self.plain.density(seconds.ln()),
        };
        (1.0 - OUTLIERS) * regular / seconds + OUTLIERS / self.longest_s
    }

    /// Probability that the way takes longer than `seconds`, wherever it ends.
    pub(super) fn survival(&self, seconds: f64) -> f64 {
        let regular = self.plain.survival(seconds.max(SHORTEST_S).ln());
        (1.0 - OUTLIERS) * regular + OUTLIERS * (1.0 - seconds / self.longest_s).max(0.0)
    }

    /// A transit that happened with probability `probability`.
    pub(super) fn learn(&mut self, seconds: f64, walk_s: Option<f64>, probability: f64) {
        let seconds = seconds.max(SHORTEST_S);
        let outlier = OUTLIERS / self.longest_s * seconds;
        self.plain.learn(seconds.ln(), outlier, probability);
        if let Some(walk_s) = walk_s {
            self.paced.learn((seconds / walk_s).ln(), outlier, probability);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn total(transit: &Transit, walk_s: Option<f64>) -> f64 {
        (0..60_000).map(|i| transit.density(f64::from(i) * 0.01 + 0.005, walk_s) * 0.01).sum()
    }

    #[test]
    fn a_density_that_adds_up_and_agrees_with_its_survival() {
        let transit = Transit::new(12.0, true, 600.0);
        for walk_s in [None, Some(9.0)] {
            assert!((total(&transit, walk_s) - 1.0).abs() < 0.02, "{}", total(&transit, walk_s));
        }
        for seconds in [3.0, 12.0, 30.0, 120.0] {
            let cells = (seconds * 100.0) as i32;
            let passed: f64 = (0..cells).map(|i| transit.density(f64::from(i) * 0.01 + 0.005, None) * 0.01).sum();
            assert!((1.0 - passed - transit.survival(seconds)).abs() < 0.02, "{seconds}");
        }
    }

    #[test]
    fn experience_moves_it() {
        let mut transit = Transit::new(12.0, false, 600.0);
        let before = transit.density(40.0, None);
        for i in 0..200 {
            transit.learn(38.0 + f64::from(i % 5), Some(10.0), 1.0);
        }
        assert!((transit.survival(40.0) - 0.5).abs() < 0.2, "{transit:?}");
        assert!(transit.density(40.0, None) > 4.0 * before, "{transit:?}");
        // Four times the expected walk is the rule there, whatever the walk is.
        assert!(transit.density(80.0, Some(20.0)) > transit.density(40.0, Some(20.0)), "{transit:?}");
        assert!((total(&transit, None) - 1.0).abs() < 0.03);
    }
}
