//! What is remembered of those who passed: numbers of nobody in particular.

use std::collections::{BTreeMap, VecDeque};

use serde::{Deserialize, Serialize};

use super::conformal;
use super::signal::SIGNALS;

/// Newest passers whose levels and changes are the recent distribution, of a lane and of each of its hours.
const PASSERS_MAX: usize = 256;
/// Newest scores kept of each hour of the day ...
const HOUR_SCORES_MAX: usize = 2_048;
/// ... and of the lane at any hour.
const LANE_SCORES_MAX: usize = 4_096;
/// An hour is its own measure when it has so many times the scores that a budget needs at least.
const HOUR_TIMES: f64 = 10.0;

/// One passer, at the end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Summary {
    /// Median of each signal's readings, on its scale of comparison.
    pub levels: [Option<f64>; SIGNALS],
    /// Median distance from the own baseline, on the same scale.
    pub changes: [Option<f64>; SIGNALS],
    /// The greatest sustained distance of all signals together.
    pub apart: Option<f64>,
    /// The greatest cumulative sum of changes.
    pub changed: Option<f64>,
}

#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
struct Ring {
    passers: VecDeque<Summary>,
    /// `None` of passers of whom too little could be read: they count among all, and are never as high.
    scores: VecDeque<Option<f64>>,
}

/// The recent passers of one lane. Bounded: the oldest go first; that is the policy that follows a lane's drift.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Memory {
    lane: Ring,
    hours: BTreeMap<u8, Ring>,
    /// Who passed, and who of them had a score, ever.
    passed: u64,
    scored: u64,
}

/// Among whom a score is how rare.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Rarity {
    pub p: f64,
    pub compared: usize,
    pub of_hour: bool,
}

impl Memory {
    /// The recent passers of `hour` (0 to 23), where at least `least` are known; else of any hour.
    pub(super) fn recent(&self, hour: u8, least: usize) -> &VecDeque<Summary> {
        match self.hours.get(&hour) {
            Some(ring) if ring.passers.len() >= least => &ring.passers,
            _ => &self.lane.passers,
        }
    }

    /// How rare `score` is, judged against a budget of `share`: among the passers of this hour where they are ten times as
    /// many as the budget needs, so that rounding costs little of it, else among those of any hour; `None` where they are
    /// too few.
    pub(super) fn rarity(&self, hour: u8, score: f64, share: f64) -> Option<Rarity> {
        let of = |ring: &Ring, of_hour| Rarity {
            p: conformal::p_value(&ring.scores, score),
            compared: ring.scores.len(),
            of_hour,
        };
        match self.hours.get(&hour) {
            Some(ring) if ring.scores.len() >= conformal::enough_for(share / HOUR_TIMES) => Some(of(ring, true)),
            _ if self.lane.scores.len() >= conformal::enough_for(share) => Some(of(&self.lane, false)),
            _ => None,
        }
    }

    /// How many passed, ever.
    #[must_use]
    pub fn passed(&self) -> u64 {
        self.passed
    }

    /// How many passers had a score, ever.
    #[must_use]
    pub fn scored_ever(&self) -> u64 {
        self.scored
    }

    /// Takes a passer who left in this hour; `score` is `None` before there was a measure for scores.
    pub(super) fn push(&mut self, hour: u8, summary: Summary, score: Option<Option<f64>>) {
        self.passed += 1;
        self.scored += u64::from(score.flatten().is_some());
        self.lane.push(summary, score, LANE_SCORES_MAX);
        self.hours.entry(hour).or_default().push(summary, score, HOUR_SCORES_MAX);
    }

    /// Whether every bound and number is as this version writes it: a file may be anybody's.
    #[must_use]
    pub fn is_sound(&self) -> bool {
        let sound = |ring: &Ring, scores_max| {
            let summary = |s: &Summary| {
                s.levels.iter().chain(&s.changes).chain([&s.apart, &s.changed]).flatten().all(|v| v.is_finite())
            };
            ring.passers.len() <= PASSERS_MAX
                && ring.scores.len() <= scores_max
                && ring.scores.iter().flatten().all(|s| s.is_finite())
                && ring.passers.iter().all(summary)
        };
        sound(&self.lane, LANE_SCORES_MAX)
            && self.hours.iter().all(|(hour, ring)| *hour < 24 && sound(ring, HOUR_SCORES_MAX))
    }
}

impl Ring {
    fn push(&mut self, summary: Summary, score: Option<Option<f64>>, scores_max: usize) {
        self.passers.push_back(summary);
        self.scores.extend(score);
        while self.passers.len() > PASSERS_MAX {
            self.passers.pop_front();
        }
        while self.scores.len() > scores_max {
            self.scores.pop_front();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_is_bounded_and_survives_as_json() {
        let mut memory = Memory::default();
        for i in 0..6_000 {
            memory.push((i % 2) as u8 + 6, Summary::default(), Some(Some(f64::from(i))));
        }
        assert_eq!((memory.lane.scores.len(), memory.hours[&6].scores.len()), (LANE_SCORES_MAX, HOUR_SCORES_MAX));
        assert_eq!(memory.recent(6, 10).len(), PASSERS_MAX);
        let text = serde_json::to_string(&memory).unwrap();
        let again: Memory = serde_json::from_str(&text).unwrap();
        assert!(again == memory && again.is_sound());
        assert!(!serde_json::from_str::<Memory>(&text.replace("\"6\"", "\"66\"")).unwrap().is_sound());
    }

    #[test]
    fn an_hour_is_its_own_measure_once_it_has_enough() {
        let mut memory = Memory::default();
        (0..300).for_each(|i| memory.push(6, Summary::default(), Some(Some(f64::from(i)))));
        assert_eq!(memory.rarity(6, 1e9, 0.001), None);
        let lane = memory.rarity(6, 1e9, 0.005).unwrap();
        assert_eq!((lane.compared, lane.of_hour), (300, false));
        let hour = memory.rarity(6, 1e9, 0.05).unwrap();
        assert_eq!((hour.compared, hour.of_hour, hour.p), (300, true, 1.0 / 301.0));
        assert!(!memory.rarity(7, 1e9, 0.05).unwrap().of_hour);
        // Who could not be judged is one of all.
        memory.push(6, Summary::default(), Some(None));
        assert_eq!(memory.rarity(6, 299.0, 0.05).unwrap().p, 2.0 / 302.0);
    }
}
