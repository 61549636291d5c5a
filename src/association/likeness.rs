//! How much a cosine similarity speaks for one person rather than two: a log-likelihood ratio that is learned.
//!
//! Two normal distributions, of pairs of one person and of two, as in calibrated speaker verification (N. Brümmer and J. du
//! Preez, "Application-independent evaluation of speaker detection", Computer Speech and Language 20, 2006). Two tracks
//! that one camera sees at once are two people for certain, which teaches the one; links teach the other, each by
//! its probability.

use serde::{Deserialize, Serialize};

/// Observations that the prior is worth.
const PRIOR_WEIGHT: f64 = 30.0;
/// Observations after which older ones are forgotten.
const MEMORY: f64 = 2_000.0;
/// Smallest standard deviation.
const DEVIATION_MIN: f64 = 0.02;
/// Largest evidence against, so that one bad crop cannot rule a person out.
const AGAINST_MAX: f64 = 8.0;

/// Halvings in search of the cosine that says nothing.
const HALVINGS: usize = 40;

/// A normal distribution that forgets.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Bell {
    weight: f64,
    mean: f64,
    variance: f64,
}

impl Bell {
    fn new((mean, deviation): (f64, f64)) -> Self {
        Self { weight: PRIOR_WEIGHT, mean, variance: deviation * deviation }
    }

    /// Mixes in an observation of the given weight (West 1979's update, with a bounded memory).
    fn learn(&mut self, value: f64, weight: f64) {
        self.weight = (self.weight + weight).min(MEMORY);
        let share = weight / self.weight;
        let difference = value - self.mean;
        self.mean += share * difference;
        self.variance = (1.0 - share) * (self.variance + share * difference * difference);
        self.variance = self.variance.max(DEVIATION_MIN * DEVIATION_MIN);
    }

    fn log_density(&self, value: f64) -> f64 {
        -0.5 * ((value - self.mean).powi(2) / self.variance + self.variance.ln())
    }
}

/// The two distributions.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub(crate) struct Likeness {
    same: Bell,
    different: Bell,
    alike_share: f64,
}

impl Likeness {
    pub(crate) fn new(same: (f64, f64), different: (f64, f64), alike_share: f64) -> Self {
        Self { same: Bell::new(same), different: Bell::new(different), alike_share }
    }

    /// One pair of tracks, the same person with the given probability.
    pub(crate) fn learn(&mut self, cosine: f64, same: f64) {
        if same > 0.0 {
            self.same.learn(cosine, same);
        }
        if same < 1.0 {
            self.different.learn(cosine, 1.0 - same);
        }
    }

    /// `ln(p(cosine | one person) / p(cosine | two))`, rising with the cosine and bounded on both sides.
    pub(crate) fn log_ratio(&self, cosine: f64) -> f64 {
        if self.same.mean <= self.different.mean {
            return 0.0; // The vectors do not tell people apart.
        }
        let value = self.monotone(cosine);
        let ratio = self.same.log_density(value) - self.different.log_density(value);
        // Among two people a share is dressed alike: no cosine can speak louder for one person than that.
        let alike = self.alike_share;
        let bounded = -((1.0 - alike) * (-ratio).exp() + alike).ln();
        bounded.max(-AGAINST_MAX)
    }

    /// Where `log_ratio` rises above 0: the two kinds are equally likely there. 1 where they cannot be told apart.
    pub(crate) fn telling(&self) -> f64 {
        let (mut low, mut high) = (-1.0, 1.0);
        for _ in 0..HALVINGS {
            let middle = 0.5 * (low + high);
            *(if self.log_ratio(middle) > 0.0 { &mut high } else { &mut low }) = middle;
        }
        high
    }

    /// Where the two variances differ, the ratio turns back beyond one point; there it stays as it is at that point.
    fn monotone(&self, cosine: f64) -> f64 {
        let (same, different) = (1.0 / self.same.variance, 1.0 / self.different.variance);
        let curvature = same - different;
        let turn = (self.same.mean * same - self.different.mean * different) / curvature;
        if curvature > f64::EPSILON {
            cosine.min(turn)
        } else if curvature < -f64::EPSILON {
            cosine.max(turn)
        } else {
            cosine
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn more_alike_never_speaks_less_for_one_person(
            same in (0.3..0.9_f64, 0.03..0.3_f64), different in (0.0..0.6_f64, 0.03..0.3_f64),
            a in -1.0..1.0_f64, b in -1.0..1.0_f64
        ) {
            let likeness = Likeness::new(same, different, 0.01);
            let (low, high) = (a.min(b), a.max(b));
            prop_assert!(likeness.log_ratio(low) <= likeness.log_ratio(high) + 1e-9);
            prop_assert!(likeness.log_ratio(high) <= 0.01_f64.recip().ln() + 1e-9);
            prop_assert!(likeness.log_ratio(low) >= -AGAINST_MAX);
            let telling = likeness.telling();
            prop_assert!(likeness.log_ratio(telling - 1e-6) <= 1e-6);
            prop_assert!(telling > 1.0 - 1e-6 || likeness.log_ratio(telling + 1e-6) >= -1e-6);
        }
    }

    #[test]
    fn what_is_learned_replaces_the_prior() {
        let mut likeness = Likeness::new((0.75, 0.1), (0.4, 0.1), 0.01);
        assert!(likeness.log_ratio(0.85) > 2.0);
        for i in 0..5_000 {
            let wobble = f64::from(i % 5) * 0.01;
            likeness.learn(0.93 + wobble, 1.0);
            likeness.learn(0.83 + wobble, 0.0);
        }
        assert!(likeness.log_ratio(0.85) < -2.0, "{likeness:?}");
        assert!(likeness.log_ratio(0.95) > 2.0, "{likeness:?}");
    }
}
