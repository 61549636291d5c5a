//! How long the way from one view into another takes: a mixture that is learned while it is used.
//!
//! On the logarithm of the time stand two normal distributions, walking on and staying awhile, and a uniform share for
//! everything else. There are two such mixtures, since they answer two questions: of the time in units of the expected walk,
//! for tracks whose places on the floor are both known; and of the time in units of what is typical of the way, for tracks
//! without, and for what is to be expected of somebody whose next place nobody knows yet.
//!
//! Few people stay awhile on any one way, and many ways are alike: what a way has taught counts beside what all ways of its
//! kind have, which is worth a few observations more (a hierarchical, or empirical, Bayes estimate: A. Gelman et al.,
//! "Bayesian Data Analysis", 3rd ed., chapter 5). Learned by stepwise expectation maximisation with forgetting (O. Cappé
//! and E. Moulines, "On-line expectation-maximization algorithm for latent data models", Journal of the Royal Statistical
//! Society B 71, 2009).

use serde::{Deserialize, Serialize};

/// Share of transits that follow no rule, before anything is learned, and at least.
const OUTLIERS: f64 = 0.03;
const OUTLIERS_MIN: f64 = 0.005;
/// Observations that what was known before is worth.
const PRIOR_WEIGHT: f64 = 30.0;
/// Observations of one way that what all of its kind have taught of shares and spreads is worth.
const KIND_WEIGHT: f64 = 8.0;
/// Before anything is learned: share of those who stay awhile, how long that takes whatever the walk is, seconds, and the standard
/// deviation of its logarithm. Shops, queues and restrooms are a matter of minutes.
const STAYING: f64 = 0.4;
const STAY_S: f64 = 75.0;
const STAY_SPREAD: f64 = 0.8;
/// Share of the variance that is between ways, before anything is learned, and at least: no two ways are quite alike.
const BETWEEN: f64 = 0.5;
const BETWEEN_MIN: f64 = 0.05;
/// Smallest standard deviation of the logarithm.
const DEVIATION_MIN: f64 = 0.12;
/// Smallest share of a part of which anything is expected.
const BEYOND_MIN: f64 = 1e-6;
/// Transits shorter than this are taken as this long: clocks are no better.
const SHORTEST_S: f64 = 0.3;

#[derive(Debug, Clone, Copy, PartialEq)]
struct Part {
    weight: f64,
    mean: f64,
    variance: f64,
    /// How much of the variance is between ways: each has a mean of its own.
    between: f64,
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

    /// Of a kind of way, with what was seen of all its ways, in `all` observations.
    fn of_kind(&self, seen: &Seen, all: f64) -> Self {
        let known = PRIOR_WEIGHT * self.weight;
        let count = known + seen.count;
        let mean = (known * self.mean + seen.sum) / count;
        let squares = known * (self.variance + self.mean * self.mean) + seen.squares;
        let variance = (squares / count - mean * mean).max(DEVIATION_MIN * DEVIATION_MIN);
        let within = (known * (self.variance - self.between) + seen.within) / count;
        let between = (variance - within).clamp(BETWEEN_MIN * variance, (1.0 - BETWEEN_MIN) * variance);
        Self { weight: count / (PRIOR_WEIGHT + all), mean, variance, between }
    }

    /// Of one way, with what was seen of it, in `all` observations: the mean by random effects (A. Gelman et al., section 5.4), the
    /// variance that of the next transit, with what is not known of the mean.
    fn of_way(&self, seen: &Seen, all: f64) -> Self {
        let within = self.variance - self.between;
        let worth = within / self.between;
        let mean = (worth * self.mean + seen.sum) / (worth + seen.count);
        let known = KIND_WEIGHT * self.weight;
        let around = seen.squares - 2.0 * mean * seen.sum + seen.count * mean * mean;
        let within = (known * within + around.max(0.0)) / (known + seen.count);
        let between = within / (worth + seen.count);
        let variance = (within + between).max(DEVIATION_MIN * DEVIATION_MIN);
        Self { weight: (known + seen.count) / (KIND_WEIGHT + all), mean, variance, between }
    }
}

/// What was seen of one part: how often, the sums of logarithms and of their squares, and of the squares of what they were off the
/// mean of their way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Seen {
    count: f64,
    sum: f64,
    squares: f64,
    within: f64,
}

impl Seen {
    /// So many of that mean and mean square; the mean of their way is thought to be `own`.
    fn add(&mut self, (mean, square): (f64, f64), own: f64, weight: f64) {
        self.count += weight;
        self.sum += weight * mean;
        self.squares += weight * square;
        self.within += weight * (square - 2.0 * own * mean + own * own).max(0.0);
    }

    fn fade(&mut self, keep: f64) {
        for value in [&mut self.count, &mut self.sum, &mut self.squares, &mut self.within] {
            *value *= keep;
        }
    }
}

impl Part {
    /// What is to be expected of one of it that is known to lie above `x`: mean and mean square, of a normal distribution that is
    /// cut off (N. Johnson, S. Kotz and N. Balakrishnan, "Continuous Univariate Distributions", vol. 1, section 10.1).
    fn beyond(&self, x: f64) -> (f64, f64) {
        let deviation = self.variance.sqrt();
        let beyond = (1.0 - self.cumulative(x)).max(BEYOND_MIN);
        let hazard = self.variance * self.density(x) / beyond;
        let square = self.variance + self.mean * self.mean + hazard * (self.mean + x);
        (self.mean + hazard.max(0.0), square.max((self.mean + hazard).powi(2) + 0.01 * deviation))
    }
}

/// What transits have taught of both parts, and how many followed no rule.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
struct Taught {
    parts: [Seen; 2],
    outliers: f64,
}

impl Taught {
    fn count(&self) -> f64 {
        self.parts[0].count + self.parts[1].count + self.outliers
    }

    fn fade(&mut self, keep: f64) {
        self.parts.iter_mut().for_each(|seen| seen.fade(keep));
        self.outliers *= keep;
    }

    fn with(&self, other: &Self) -> Self {
        let add = |a: &Seen, b: &Seen| Seen {
            count: a.count + b.count,
            sum: a.sum + b.sum,
            squares: a.squares + b.squares,
            within: a.within + b.within,
        };
        Self { parts: [0, 1].map(|i| add(&self.parts[i], &other.parts[i])), outliers: self.outliers + other.outliers }
    }
}

/// Walking on and staying awhile, on a logarithm; beside them a share that follows no rule.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Mixture {
    parts: [Part; 2],
    outliers: f64,
}

impl Mixture {
    /// `spread`: standard deviation of the logarithm of the time that the walk takes, which is thought to be `typical_s`.
    fn new(spread: f64, typical_s: f64) -> Self {
        let part = |weight, mean, spread: f64| {
            let variance = spread * spread;
            Part { weight, mean, variance, between: BETWEEN * variance }
        };
        let walking = part(1.0 - STAYING, 0.0, spread);
        let staying = part(STAYING, (STAY_S / typical_s).ln(), STAY_SPREAD);
        Self { parts: [walking, staying], outliers: OUTLIERS }
    }

    /// Of one way, with what all of its kind have taught, and what it has itself.
    fn informed(&self, kind: &Taught, own: &Taught) -> Self {
        let regular = |taught: &Taught| taught.parts[0].count + taught.parts[1].count;
        let part = |i: usize| {
            let of_kind: Part = self.parts[i].of_kind(&kind.parts[i], regular(kind));
            of_kind.of_way(&own.parts[i], regular(own))
        };
        let outliers = |known, taught: &Taught, worth| (worth * known + taught.outliers) / (worth + taught.count());
        let outliers = outliers(outliers(self.outliers, kind, PRIOR_WEIGHT).max(OUTLIERS_MIN), own, KIND_WEIGHT);
        Self { parts: [0, 1].map(part), outliers: outliers.max(OUTLIERS_MIN) }
    }

    /// With each part so many times as usual, and how many times as usual both together are.
    fn tilted(&self, by: [f64; 2]) -> (Self, f64) {
        let weights = [0, 1].map(|i| self.parts[i].weight * by[i]);
        let usual = weights[0] + weights[1];
        (Self { parts: [0, 1].map(|i| Part { weight: weights[i] / usual, ..self.parts[i] }), ..*self }, usual)
    }

    /// `uniform`: density of what follows no rule, in the same units.
    fn density(&self, x: f64, uniform: f64) -> f64 {
        let regular: f64 = self.parts.iter().map(|part| part.weight * part.density(x)).sum();
        (1.0 - self.outliers) * regular + self.outliers * uniform
    }

    /// `uniform`: how probably what follows no rule takes longer.
    fn survival(&self, x: f64, uniform: f64) -> f64 {
        (1.0 - self.outliers) * self.regular_survival(x) + self.outliers * uniform
    }

    /// How probably somebody who walks on or stays awhile takes longer.
    fn regular_survival(&self, x: f64) -> f64 {
        self.parts.iter().map(|part| part.weight * (1.0 - part.cumulative(x))).sum()
    }

    /// How probably each part explains it; `uniform` as above.
    fn explain(&self, x: f64, uniform: f64) -> [f64; 2] {
        let all = self.density(x, uniform);
        self.parts.map(|part| (1.0 - self.outliers) * part.weight * part.density(x) / all)
    }
}

/// What transits have taught, of one way or of many.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Experience {
    paced: Taught,
    plain: Taught,
}

impl Experience {
    /// A transit that happened with probability `probability` on a way of which is known what `way` says. After so many
    /// observations as `memory` says, older ones are forgotten.
    pub(super) fn learn(
        &mut self,
        way: &Transit,
        (seconds, walk_s): (f64, Option<f64>),
        probability: f64,
        memory: f64,
    ) {
        let seconds = seconds.max(SHORTEST_S);
        let uniform = seconds / way.longest_s;
        let paced = walk_s.map(|walk_s| (&mut self.paced, &way.paced, seconds / walk_s));
        let plain = (&mut self.plain, &way.plain, seconds / way.typical_s);
        for (taught, mixture, ratio) in paced.into_iter().chain([plain]) {
            let x = ratio.ln();
            let keep = (memory / (taught.count() + probability)).min(1.0);
            let shares = mixture.explain(x, uniform);
            for ((seen, share), part) in taught.parts.iter_mut().zip(shares).zip(&mixture.parts) {
                seen.add((x, x * x), part.mean, probability * share);
            }
            taught.outliers += probability * (1.0 - shares[0] - shares[1]).max(0.0);
            taught.fade(keep);
        }
    }

    /// Somebody has been on the way for so long, with probability `probability`, and has not arrived.
    pub(super) fn expect(&mut self, way: &Transit, seconds: f64, probability: f64) {
        let x = way.plain_x(seconds);
        let regular = 1.0 - way.plain.outliers;
        let left = way.plain.parts.map(|part| regular * part.weight * (1.0 - part.cumulative(x)));
        let outlier = way.plain.outliers * (1.0 - seconds / way.longest_s).max(0.0);
        let all = left[0] + left[1] + outlier;
        if all < BEYOND_MIN {
            return;
        }
        for ((seen, part), left) in self.plain.parts.iter_mut().zip(&way.plain.parts).zip(left) {
            seen.add(part.beyond(x), part.mean, probability * left / all);
        }
        self.plain.outliers += probability * outlier / all;
    }

    /// The part that is in units of what is typical.
    pub(super) fn plain(&self) -> Self {
        Self { plain: self.plain, ..Self::default() }
    }

    /// Both together.
    pub(super) fn with(&self, other: &Self) -> Self {
        Self { paced: self.paced.with(&other.paced), plain: self.plain.with(&other.plain) }
    }
}

/// The transit times of one way.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Transit {
    /// Of the time in units of the expected walk.
    paced: Mixture,
    /// Of the time in units of what is typical.
    plain: Mixture,
    typical_s: f64,
    longest_s: f64,
}

impl Transit {
    /// `typical_s`: the time that the way is thought to take; `sure`: whether the configuration says so or it is a guess.
    pub(super) fn new(typical_s: f64, sure: bool, longest_s: f64) -> Self {
        let typical_s = typical_s.max(SHORTEST_S);
        let mixture = Mixture::new(if sure { 0.45 } else { 0.9 }, typical_s);
        Self { paced: mixture, plain: mixture, typical_s, longest_s }
    }

    /// The same with what transits of all ways of the kind have taught, and those of this one.
    pub(super) fn informed(&self, kind: &Experience, own: &Experience) -> Self {
        Self {
            paced: self.paced.informed(&kind.paced, &own.paced),
            plain: self.plain.informed(&kind.plain, &own.plain),
            ..*self
        }
    }

    /// How probably one who took `seconds` walked on, and stayed awhile; the rest follows no rule.
    pub(super) fn explain(&self, seconds: f64, walk_s: Option<f64>) -> [f64; 2] {
        let seconds = seconds.max(SHORTEST_S);
        let uniform = seconds / self.longest_s;
        match walk_s {
            Some(walk_s) => self.paced.explain((seconds / walk_s).ln(), uniform),
            None => self.plain.explain(self.plain_x(seconds), uniform),
        }
    }

    /// Of those among whom walking on and staying awhile are so many times as usual as among all; and how many times as
    /// usual the way is among them.
    pub(super) fn tilted(&self, by: [f64; 2]) -> (Self, f64) {
        let (plain, usual) = self.plain.tilted(by);
        (
            Self { paced: self.paced.tilted(by).0, plain, ..*self },
            (1.0 - self.plain.outliers) * usual + self.plain.outliers,
        )
    }

    /// The longest transit thought of, seconds.
    pub(super) fn longest_s(&self) -> f64 {
        self.longest_s
    }

    /// Probability density, per second, of a transit of `seconds`, where the walk is expected to take `walk_s` or nothing is
    /// known of it.
    pub(super) fn density(&self, seconds: f64, walk_s: Option<f64>) -> f64 {
        let seconds = seconds.max(SHORTEST_S);
        let uniform = seconds / self.longest_s;
        let density = match walk_s {
            Some(walk_s) => self.paced.density((seconds / walk_s).ln(), uniform),
            None => self.plain.density(self.plain_x(seconds), uniform),
        };
        density / seconds
    }

    /// Probability that the way takes longer than `seconds`, wherever it ends.
    pub(super) fn survival(&self, seconds: f64) -> f64 {
        self.plain.survival(self.plain_x(seconds), (1.0 - seconds / self.longest_s).max(0.0))
    }

    /// The same of those who follow the rule.
    pub(super) fn regular_survival(&self, seconds: f64) -> f64 {
        self.plain.regular_survival(self.plain_x(seconds))
    }

    /// The logarithm of a time in units of what is typical.
    fn plain_x(&self, seconds: f64) -> f64 {
        (seconds.max(SHORTEST_S) / self.typical_s).ln()
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
        let prior = Transit::new(12.0, false, 600.0);
        let before = prior.density(40.0, None);
        let (mut transit, mut experience) = (prior, Experience::default());
        for i in 0..200 {
            experience.learn(&transit, (38.0 + f64::from(i % 5), Some(10.0)), 1.0, 300.0);
            transit = prior.informed(&Experience::default(), &experience);
        }
        assert!((transit.survival(40.0) - 0.5).abs() < 0.2, "{transit:?}");
        assert!(transit.density(40.0, None) > 4.0 * before, "{transit:?}");
        // Four times the expected walk is the rule there, whatever the walk is.
        assert!(transit.density(80.0, Some(20.0)) > transit.density(40.0, Some(20.0)), "{transit:?}");
        assert!((total(&transit, None) - 1.0).abs() < 0.03);
    }

    #[test]
    fn a_way_seldom_gone_takes_what_others_do() {
        let (mut site, mut own) = (Experience::default(), Experience::default());
        let prior = Transit::new(10.0, true, 600.0);
        let known = |site: &Experience, own: &Experience| prior.informed(site, own);
        for i in 0..400 {
            // Nobody stays, and all walk at nearly one pace.
            let seconds = 9.0 + f64::from(i % 3);
            site.learn(&known(&site, &own), (seconds, None), 1.0, 3_000.0);
        }
        assert!(prior.survival(25.0) > 0.15 && known(&site, &own).survival(25.0) < 0.06, "{site:?}");
        for _ in 0..40 {
            own.learn(&known(&site, &own), (30.0, None), 1.0, 300.0);
        }
        assert!(known(&site, &own).survival(25.0) > 0.7, "{own:?}");
    }

    #[test]
    fn ways_that_differ_from_each_other_are_each_no_wider_for_it() {
        let (prior, mut kind) = (Transit::new(20.0, false, 600.0), Experience::default());
        let typical_s = [6.0, 12.0, 24.0, 48.0];
        let mut ways = typical_s.map(|_| Experience::default());
        for i in 0..400 {
            let way = i % 4;
            let known = prior.informed(&kind, &ways[way]);
            let seconds = typical_s[way] * [0.95, 1.0, 1.05][i % 3];
            kind.learn(&known, (seconds, None), 1.0, 3_000.0);
            ways[way].learn(&known, (seconds, None), 1.0, 300.0);
        }
        // A few transits tell what a new way takes, and the others how closely it does.
        let mut own = Experience::default();
        for _ in 0..6 {
            own.learn(&prior.informed(&kind, &own), (36.0, None), 1.0, 300.0);
        }
        let known = prior.informed(&kind, &own);
        let close = known.survival(25.0) - known.survival(52.0);
        assert!(close > 0.75, "{close} {known:?}");
        // Of a way that nobody went yet nothing is known but that it is one of these.
        let unknown = prior.informed(&kind, &Experience::default());
        assert!(unknown.survival(8.0) > 0.5 && unknown.survival(40.0) > 0.1, "{unknown:?}");
    }

    #[test]
    fn where_all_follow_the_rule_nobody_is_expected_beyond_it() {
        let (prior, mut kind) = (Transit::new(10.0, true, 600.0), Experience::default());
        let known = |kind: &Experience| prior.informed(kind, &Experience::default());
        for i in 0..1_000 {
            kind.learn(&known(&kind), (9.0 + f64::from(i % 3), None), 1.0, 3_000.0);
        }
        // Who follows no rule is fewer, and never nobody.
        let (before, after) = (prior.survival(300.0), known(&kind).survival(300.0));
        assert!(after < before / 3.0 && after >= OUTLIERS_MIN / 2.0, "{before} {after}");
    }
}
