//! How sure the detector has to be of a track before it is shown.

use super::TrackerSettings;
use crate::frame::ObjectClass;

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

/// How sure the detector is of what it is sure of: the upper quartile of the log-odds of matched detections, followed
/// step by step (Robbins and Monro, Ann. Math. Stat. 22(3), 1951). Mistakes are the less sure part, so up to half of
/// all detections may be mistakes without much harm to it.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
struct Reference {
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
    fn add(&mut self, sample: f64) {
        if self.count == 0.0 {
            self.value = sample;
        }
        self.count += 1.0;
        let step = (STEPS.0 / self.count).max(STEPS.1);
        self.value += step * if sample > self.value { QUANTILE } else { QUANTILE - 1.0 };
    }
}

/// A reference for each class of things: a detector that is sure of people may never be as sure of a bag.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub(super) struct References([Reference; ObjectClass::ALL.len()]);

impl References {
    /// Takes in the log-odds of a matched detection.
    pub(super) fn add(&mut self, class: ObjectClass, sample: f64) {
        self.0[class as usize].add(sample);
    }

    /// The belief from which a track needs no probation; none before the detector's scale is known.
    pub(super) fn sure(&self, class: ObjectClass, s: &TrackerSettings) -> f64 {
        self.known(class).map_or(f64::INFINITY, |value| (value - s.belief_sure_margin).max(self.needed(class, s)))
    }

    /// The upper quartile of the log-odds of matched detections; `None` before it is known.
    pub(super) fn known(&self, class: ObjectClass) -> Option<f64> {
        let reference = &self.0[class as usize];
        (reference.count >= COUNT_MIN).then_some(reference.value)
    }

    /// The score a detection needs to start a track, 0 to 1.
    pub(super) fn birth(&self, class: ObjectClass, s: &TrackerSettings) -> f32 {
        (1.0 / (1.0 + (s.birth_margin - self.needed(class, s)).exp())) as f32
    }

    /// The belief a track needs to be shown.
    pub(super) fn needed(&self, class: ObjectClass, s: &TrackerSettings) -> f64 {
        let least = if class.is_bag() { s.belief_min_bag } else { s.belief_min };
        (self.0[class as usize].value - s.belief_margin).clamp(least, s.belief_enough.max(least))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_detector_is_sure_of_is_another_thing_for_each_class() {
        let s = TrackerSettings::default();
        // What the detector says of people and of suitcases; whether tracks with these scores are shown.
        let rows = [
            ("nothing is known yet", None, (0.6, true), (0.35, true), (0.2, false)),
            ("sure of both", Some((0.95, 0.95)), (0.6, false), (0.6, false), (0.35, false)),
            ("sure of people alone", Some((0.95, 0.4)), (0.6, false), (0.35, true), (0.2, false)),
            ("unsure of both", Some((0.5, 0.4)), (0.55, true), (0.35, true), (0.2, false)),
        ];
        for (name, scores, person, suitcase, flicker) in rows {
            let mut references = References::default();
            for _ in 0..200 {
                for (class, score) in scores
                    .iter()
                    .flat_map(|(person, suitcase)| [(ObjectClass::Person, *person), (ObjectClass::Suitcase, *suitcase)])
                {
                    references.add(class, log_odds(score));
                }
            }
            let shown = |class, score| log_odds(score) >= references.needed(class, &s);
            for (class, (score, expected)) in
                [(ObjectClass::Person, person), (ObjectClass::Suitcase, suitcase), (ObjectClass::Suitcase, flicker)]
            {
                assert_eq!(shown(class, score), expected, "{name}: {class:?} at {score}");
                assert!(references.birth(class, &s) < score || !expected, "{name}: {class:?} at {score} is not begun");
            }
        }
    }
}
