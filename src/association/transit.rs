//! How long the way from one view into another takes: a mixture that is learned while it is used.
//!
//! Times are measured in units of the expected walk (the floor distance at a usual pace where both places are known, else
//! what the configuration or experience says of the way). On the logarithm of that ratio stand two normal distributions,
//! walking on and staying awhile, and a uniform share for everything else. Learned by stepwise expectation
//! maximisation with forgetting (O. Cappé and E. Moulines, "On-line expectation-maximization algorithm for latent data
//! models", Journal of the Royal Statistical Society B 71, 2009).

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

/// The transit times of one way.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(super) struct Transit {
    parts: [Part; 2],
    /// Mean logarithm of the transit in seconds: what is typical where no floor distance is known.
    typical_ln: f64,
    seen: f64,
    longest_s: f64,
}

impl Transit {
    /// `typical_s`: expected walk without a floor distance; `sure`: whether the configuration says so or it is a guess.
    pub(super) fn new(typical_s: f64, sure: bool, longest_s: f64) -> Self {
        let spread: f64 = if sure { 0.45 } else { 0.9 };
        Self {
            parts: [
                Part { weight: 0.75, mean: 0.0, variance: spread * spread },
                Part { weight: 0.25, mean: 1.6, variance: 1.0 },
            ],
            typical_ln: typical_s.max(SHORTEST_S).ln(),
            seen: PRIOR_WEIGHT,
            longest_s,
        }
    }

    /// Seconds that the way takes as a rule.
    pub(super) fn typical_s(&self) -> f64 {
        self.typical_ln.exp()
    }

    /// The longest transit thought of, seconds.
    pub(super) fn longest_s(&self) -> f64 {
        self.longest_s
    }

    /// Probability density, per second, of a transit of `seconds` where the walk is expected to take `walk_s`.
    pub(super) fn density(&self, seconds: f64, walk_s: f64) -> f64 {
        let seconds = seconds.max(SHORTEST_S);
        let x = (seconds / walk_s).ln();
        let regular: f64 = self.parts.iter().map(|part| part.weight * part.density(x)).sum();
        (1.0 - OUTLIERS) * regular / seconds + OUTLIERS / self.longest_s
    }

    /// Probability that the way takes longer than `seconds`.
    pub(super) fn survival(&self, seconds: f64, walk_s: f64) -> f64 {
        let x = (seconds.max(SHORTEST_S) / walk_s).ln();
        let regular: f64 = self.parts.iter().map(|part| part.weight * (1.0 - part.cumulative(x))).sum();
        (1.0 - OUTLIERS) * regular + OUTLIERS * (1.0 - seconds / self.longest_s).max(0.0)
    }

    /// A transit that happened with probability `probability`.
    pub(super) fn learn(&mut self, seconds: f64, walk_s: f64, probability: f64) {
        let seconds = seconds.max(SHORTEST_S);
        let x = (seconds / walk_s).ln();
        let densities = self.parts.map(|part| part.weight * part.density(x));
        let outlier = OUTLIERS / self.longest_s * seconds;
        let sum = densities[0] + densities[1] + outlier;
        self.seen = (self.seen + probability).min(MEMORY);
        let step = probability / self.seen;
        let regular = (densities[0] + densities[1]) / sum;
        self.typical_ln += step * regular * (seconds.ln() - self.typical_ln);
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

#[cfg(test)]
mod tests {
    use super::*;

    fn total(transit: &Transit) -> f64 {
        (0..60_000).map(|i| transit.density(f64::from(i) * 0.01 + 0.005, transit.typical_s()) * 0.01).sum()
    }

    #[test]
    fn a_density_that_adds_up_and_agrees_with_its_survival() {
        let transit = Transit::new(12.0, true, 600.0);
        assert!((total(&transit) - 1.0).abs() < 0.02, "{}", total(&transit));
        for seconds in [3.0, 12.0, 30.0, 120.0] {
            let cells = (seconds * 100.0) as i32;
            let passed: f64 = (0..cells).map(|i| transit.density(f64::from(i) * 0.01 + 0.005, 12.0) * 0.01).sum();
            assert!((1.0 - passed - transit.survival(seconds, 12.0)).abs() < 0.02, "{seconds}");
        }
    }

    #[test]
    fn experience_moves_it() {
        let mut transit = Transit::new(12.0, false, 600.0);
        let before = transit.density(40.0, 12.0);
        for i in 0..200 {
            transit.learn(38.0 + f64::from(i % 5), transit.typical_s(), 1.0);
        }
        assert!((transit.typical_s() - 40.0).abs() < 3.0, "{transit:?}");
        assert!(transit.density(40.0, transit.typical_s()) > 4.0 * before, "{transit:?}");
        assert!((total(&transit) - 1.0).abs() < 0.03);
    }
}
