//! How good rates are, for readings that may abstain: errors of what was answered beside how much was answered.

use serde::Serialize;

use crate::units::Interval;

/// A window with its true rate and what was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Whose window it is; a bootstrap draws persons, for windows of one person are no independent evidence.
    pub person: String,
    /// True rate, per minute.
    pub truth: f64,
    /// What was answered, if anything.
    pub given: Option<Given>,
}

/// A rate with its interval and the probability of being within 5 a minute of the truth.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Given {
    /// Per minute.
    pub rate: f64,
    /// The interval of 90 %.
    pub interval: Interval,
    /// Probability.
    pub quality: f64,
}

/// The figures of a set of windows; errors are per minute and over the answered windows. A figure that cannot be formed (no answer, no
/// spread) is absent.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct RateScores {
    /// Windows with a truth.
    pub windows: usize,
    /// Part of them that was answered.
    pub coverage: f64,
    /// Mean absolute error.
    pub mae: Option<f64>,
    /// Its 95 % interval, over draws of persons.
    pub mae_interval: Option<[f64; 2]>,
    /// Median absolute error.
    pub median: Option<f64>,
    /// Root mean square error.
    pub rmse: Option<f64>,
    /// Mean absolute error in percent of the truth.
    pub mape: Option<f64>,
    /// Pearson's correlation.
    pub pearson: Option<f64>,
    /// Part of the answers that is more than 5 off, and more than 10.
    pub over_5: Option<f64>,
    /// More than 10.
    pub over_10: Option<f64>,
    /// Part of the answers whose interval holds the truth; 0.9 is nominal.
    pub interval_coverage: Option<f64>,
    /// Mean half-width of the intervals.
    pub interval_half: Option<f64>,
    /// Expected calibration error of the quality against "within 5", in ten bins of equal mass.
    pub ece: Option<f64>,
    /// Mean absolute error of the best 100, 80 and 50 % of the answers by quality: the risk-coverage curve.
    pub risk: Option<[f64; 3]>,
    /// Area under that curve: mean over all parts, 0 to 100 %, of the mean absolute error of so many of the best answers.
    pub aurc: Option<f64>,
    /// Mean difference of answer and truth (Bland and Altman, Lancet 327, 1986).
    pub bias: Option<f64>,
    /// The limits of agreement: bias less and plus 1.96 standard deviations of the differences.
    pub limits: Option<[f64; 2]>,
    /// Mean absolute error of always saying the median truth, over all windows: what every method must beat.
    pub constant_mae: Option<f64>,
}

/// Parts of the answers at which the risk-coverage curve is read.
const RISK_AT: [f64; 3] = [1.0, 0.8, 0.5];
/// Bins of the calibration error.
const BINS: usize = 10;
/// Draws of the bootstrap.
const DRAWS: usize = 1000;

impl RateScores {
    /// Computes all figures.
    #[must_use]
    pub fn of(answers: &[Answer]) -> Self {
        let given: Vec<(f64, Given)> = answers.iter().filter_map(|a| Some((a.truth, a.given?))).collect();
        let errors: Vec<f64> = given.iter().map(|(truth, given)| (given.rate - truth).abs()).collect();
        let differences: Vec<f64> = given.iter().map(|(truth, given)| given.rate - truth).collect();
        let relative: Vec<f64> = given.iter().zip(&errors).map(|((truth, _), error)| 100.0 * error / truth).collect();
        let squares: Vec<f64> = errors.iter().map(|e| e * e).collect();
        let part =
            |holds: &dyn Fn(f64) -> bool| mean(&errors.iter().map(|e| f64::from(holds(*e))).collect::<Vec<f64>>());
        let held =
            |(truth, given): &(f64, Given)| f64::from((given.interval.low..=given.interval.high).contains(truth));
        let halves: Vec<f64> = given.iter().map(|(_, g)| 0.5 * (g.interval.high - g.interval.low)).collect();
        let mut truths: Vec<f64> = answers.iter().map(|a| a.truth).collect();
        let constant = crate::biosignal::statistics::median(&mut truths);
        Self {
            windows: answers.len(),
            coverage: given.len() as f64 / answers.len().max(1) as f64,
            mae: mean(&errors),
            mae_interval: bootstrap(answers),
            median: crate::biosignal::statistics::median(&mut errors.clone()),
            rmse: mean(&squares).map(f64::sqrt),
            mape: mean(&relative),
            pearson: pearson(&given),
            over_5: part(&|e| e > 5.0),
            over_10: part(&|e| e > 10.0),
            interval_coverage: mean(&given.iter().map(held).collect::<Vec<f64>>()),
            interval_half: mean(&halves),
            ece: calibration_error(&given),
            risk: risk(&given),
            aurc: mean(&risk_curve(&given)),
            bias: mean(&differences),
            limits: limits(&differences),
            constant_mae: constant
                .and_then(|c| mean(&answers.iter().map(|a| (a.truth - c).abs()).collect::<Vec<f64>>())),
        }
    }
}

fn mean(values: &[f64]) -> Option<f64> {
    (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64)
}

fn pearson(given: &[(f64, Given)]) -> Option<f64> {
    let (x, y): (Vec<f64>, Vec<f64>) = given.iter().map(|(truth, given)| (*truth, given.rate)).unzip();
    (given.len() > 2).then(|| crate::biosignal::statistics::correlation(&x, &y))
}

fn by_falling_quality(given: &[(f64, Given)]) -> Vec<(f64, Given)> {
    let mut sorted = given.to_vec();
    sorted.sort_by(|a, b| b.1.quality.total_cmp(&a.1.quality));
    sorted
}

fn calibration_error(given: &[(f64, Given)]) -> Option<f64> {
    let sorted = by_falling_quality(given);
    let size = sorted.len().div_ceil(BINS).max(1);
    let off = |bin: &[(f64, Given)]| {
        let said: f64 = bin.iter().map(|(_, g)| g.quality).sum();
        let right: f64 = bin.iter().map(|(truth, g)| f64::from((g.rate - truth).abs() <= 5.0)).sum();
        (said - right).abs()
    };
    (!sorted.is_empty()).then(|| sorted.chunks(size).map(off).sum::<f64>() / sorted.len() as f64)
}

fn risk(given: &[(f64, Given)]) -> Option<[f64; 3]> {
    let sorted = by_falling_quality(given);
    let errors: Vec<f64> = sorted.iter().map(|(truth, g)| (g.rate - truth).abs()).collect();
    let at = |part: f64| mean(&errors[..(part * errors.len() as f64).ceil() as usize]).unwrap_or_default();
    (!errors.is_empty()).then(|| RISK_AT.map(at))
}

/// Mean absolute error of the best answer, of the two best, and so on to all of them, by quality.
#[must_use]
pub fn risk_curve(given: &[(f64, Given)]) -> Vec<f64> {
    let sorted = by_falling_quality(given);
    let sums = sorted.iter().scan(0.0, |sum, (truth, g)| {
        *sum += (g.rate - truth).abs();
        Some(*sum)
    });
    sums.zip(1..).map(|(sum, count)| sum / f64::from(count)).collect()
}

fn limits(differences: &[f64]) -> Option<[f64; 2]> {
    let bias = mean(differences).filter(|_| differences.len() > 1)?;
    let squares: f64 = differences.iter().map(|d| (d - bias).powi(2)).sum();
    let reach = 1.96 * (squares / (differences.len() - 1) as f64).sqrt();
    Some([bias - reach, bias + reach])
}

/// 2.5 and 97.5 % points of the mean absolute error over seeded draws of persons with replacement; absent for one person.
fn bootstrap(answers: &[Answer]) -> Option<[f64; 2]> {
    let mut persons: std::collections::BTreeMap<&str, (f64, f64)> = std::collections::BTreeMap::new();
    for answer in answers {
        let Some(given) = answer.given else { continue };
        let sums = persons.entry(&answer.person).or_default();
        *sums = (sums.0 + (given.rate - answer.truth).abs(), sums.1 + 1.0);
    }
    let sums: Vec<(f64, f64)> = persons.into_values().collect();
    if sums.len() < 2 {
        return None;
    }
    let mut state = 0x9E37_79B9_7F4A_7C15_u64;
    let mut draw = || {
        let (error, count) = (0..sums.len()).fold((0.0, 0.0), |(error, count), _| {
            let picked = sums[(split_mix(&mut state) % sums.len() as u64) as usize];
            (error + picked.0, count + picked.1)
        });
        error / count
    };
    let mut means: Vec<f64> = (0..DRAWS).map(|_| draw()).collect();
    means.sort_by(f64::total_cmp);
    Some([means[DRAWS / 40], means[DRAWS - 1 - DRAWS / 40]])
}

/// `SplitMix64` (Steele, Lea, Flood, OOPSLA 2014): small, seeded and the same everywhere.
fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    z ^ (z >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(person: &str, truth: f64, rate: Option<f64>, quality: f64) -> Answer {
        let given = rate.map(|rate| Given { rate, interval: Interval { low: rate - 2.0, high: rate + 2.0 }, quality });
        Answer { person: person.to_owned(), truth, given }
    }

    #[test]
    fn figures_by_hand() {
        let scores = RateScores::of(&[
            answer("a", 60.0, Some(61.0), 1.0),
            answer("a", 80.0, Some(77.0), 0.9),
            answer("b", 70.0, Some(82.0), 0.6),
            answer("b", 90.0, None, 0.0),
        ]);
        assert_eq!((scores.windows, scores.coverage), (4, 0.75));
        let near = |got: Option<f64>, expected: f64| assert!((got.unwrap() - expected).abs() < 1e-12, "{got:?}");
        near(scores.mae, 16.0 / 3.0);
        near(scores.median, 3.0);
        near(scores.rmse, (154.0_f64 / 3.0).sqrt());
        near(scores.over_5, 1.0 / 3.0);
        near(scores.over_10, 1.0 / 3.0);
        near(scores.interval_coverage, 1.0 / 3.0);
        near(scores.ece, (0.0 + 0.1 + 0.6) / 3.0);
        near(scores.constant_mae, 10.0);
        near(scores.bias, 10.0 / 3.0);
        near(scores.aurc, (1.0 + 2.0 + 16.0 / 3.0) / 3.0);
        near(scores.limits.map(|[low, high]| high - low), 2.0 * 1.96 * (181.0_f64 / 3.0).sqrt());
        assert_eq!(scores.risk, Some([16.0 / 3.0, 16.0 / 3.0, 2.0]));
        let [low, high] = scores.mae_interval.unwrap();
        assert_eq!((low, high), (2.0, 12.0));
    }

    #[test]
    fn nothing_answered_gives_no_figures() {
        let scores = RateScores::of(&[answer("a", 60.0, None, 0.0)]);
        assert_eq!((scores.coverage, scores.mae, scores.risk), (0.0, None, None));
    }
}
