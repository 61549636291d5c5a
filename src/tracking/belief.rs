//! How sure the detector has to be of a track before it is shown.

use super::TrackerSettings;

/// Log-odds are cut off here: a score of exactly 0 or 1 says no more than 1 in 1,000.
const LOG_ODDS_MAX: f64 = 7.0;

/// Log-odds of a score.
pub(super) fn log_odds(score: f32) -> f64 {
    let p = f64::from(score).clamp(0.0, 1.0);
    (p / (1.0 - p)).ln().clamp(-LOG_ODDS_MAX, LOG_ODDS_MAX)
}

/// Moving average of a track's log-odds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Belief {
    /// The average.
    pub(super) value: f64,
    /// Detections that went into it.
    count: f64,
}

impl Belief {
    /// From a first detection.
    pub(super) fn new(score: f32) -> Self {
        Self { value: log_odds(score), count: 1.0 }
    }

    /// Takes in the log-odds of the next detection; `forgotten` is the share of the old average that is no longer known.
    pub(super) fn add(&mut self, certainty: f64, forgotten: f64) {
        self.count += 1.0;
        self.value += (certainty - self.value) * forgotten.max(1.0 / self.count);
    }
}

/// How sure the detector is of people it is sure of: the upper quartile of the log-odds of matched detections, followed
/// step by step (Robbins and Monro, Ann. Math. Stat. 22(3), 1951). Mistakes are the less sure part, so up to half of
/// all detections may be mistakes without much harm to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct Reference {
    value: f64,
    count: f64,
}

/// The quantile that is followed.
const QUANTILE: f64 = 0.75;

/// First and last step of the search, log-odds.
const STEPS: (f64, f64) = (1.0, 0.05);

/// Detections from which the scale is known.
const COUNT_MIN: f64 = 30.0;

impl Reference {
    /// Takes in the log-odds of a matched detection.
    pub(super) fn add(&mut self, sample: f64) {
        if self.count == 0.0 {
            self.value = sample;
        }
        self.count += 1.0;
        let step = (STEPS.0 / self.count).max(STEPS.1);
        self.value += step * if sample > self.value { QUANTILE } else { QUANTILE - 1.0 };
    }

    /// The belief from which a track needs no probation; none before the detector's scale is known.
    pub(super) fn sure(&self, s: &TrackerSettings) -> f64 {
        if self.count < COUNT_MIN { f64::INFINITY } else { (self.value - s.belief_sure_margin).max(self.needed(s)) }
    }

    /// The score a detection needs to start a track, 0 to 1.
    pub(super) fn birth(&self, s: &TrackerSettings) -> f32 {
        (1.0 / (1.0 + (s.birth_margin - self.needed(s)).exp())) as f32
    }

    /// The belief a track needs to be shown.
    pub(super) fn needed(&self, s: &TrackerSettings) -> f64 {
        (self.value - s.belief_margin).clamp(s.belief_min, s.belief_enough.max(s.belief_min))
    }
}
