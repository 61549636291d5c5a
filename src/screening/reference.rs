//! The lane's recent passers as a measure for the next one.

use std::collections::VecDeque;

use super::combination::Correlation;
use super::memory::Summary;
use super::signal::{SIGNALS, Signal};
use super::spread::{Spread, quantile};

/// From so many passers on a spread, or an upper quantile, is believed.
const PASSERS_MIN: usize = 50;
/// So many passers of one hour are a better measure than the lane's newest.
pub(super) const HOUR_PASSERS_MIN: usize = 150;
/// From the median to this quantile is the unit of what is higher.
const UPPER: f64 = 0.9;
/// The least such unit: standard deviations.
const UNIT_MIN: f64 = 0.5;

/// Half of the passers were lower than `median`, nine of ten lower than `median + unit`.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Usual {
    median: f64,
    unit: f64,
}

impl Usual {
    fn of(values: &[f64]) -> Option<Self> {
        let median = quantile(values, 0.5)?;
        Some(Self { median, unit: (quantile(values, UPPER)? - median).max(UNIT_MIN) })
    }

    fn height(&self, value: f64) -> f64 {
        (value - self.median) / self.unit
    }
}

/// What is usual.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Reference {
    /// Of each signal's level; `None` where too few passers had one.
    pub levels: [Option<Spread>; SIGNALS],
    /// Of each signal's distance from the own baseline.
    pub changes: [Option<Spread>; SIGNALS],
    pub correlation: Correlation,
    /// What is usual of the passers' highest distance and change; `None` until enough had both.
    pub highest: Option<[Usual; 2]>,
}

impl Reference {
    pub fn of(passers: &VecDeque<Summary>) -> Self {
        let spreads = |of: fn(&Summary) -> &[Option<f64>; SIGNALS]| {
            Signal::ALL.map(|signal| {
                let values: Vec<f64> = passers.iter().filter_map(|p| of(p)[signal.index()]).collect();
                (values.len() >= PASSERS_MIN).then(|| Spread::of(&values, signal.spread_min())).flatten()
            })
        };
        let levels = spreads(|s| &s.levels);
        let distances: Vec<[Option<f64>; SIGNALS]> =
            passers.iter().map(|p| std::array::from_fn(|i| Some(levels[i]?.distance(p.levels[i]?, 0.0)))).collect();
        let apart: Vec<f64> = passers.iter().filter_map(|p| p.apart).collect();
        let changed: Vec<f64> = passers.iter().filter_map(|p| p.changed).collect();
        let enough = apart.len() >= PASSERS_MIN;
        let highest = enough.then(|| Some([Usual::of(&apart)?, Usual::of(&changed)?])).flatten();
        Self { levels, changes: spreads(|s| &s.changes), correlation: Correlation::measured(&distances), highest }
    }

    /// One number for the highest distance and the highest change so far: whichever is higher for such a thing.
    pub fn score(&self, apart: f64, changed: f64) -> Option<f64> {
        self.highest.map(|[a, c]| a.height(apart).max(c.height(changed)))
    }
}
