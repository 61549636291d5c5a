//! Events against events, and the figures of many clips.

use std::collections::{BTreeMap, BTreeSet};

use rand::SeedableRng;
use rand::seq::IndexedRandom;
use rand_chacha::ChaCha8Rng;
use serde::Serialize;

/// An event from one moment to another, seconds.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Span {
    /// Its beginning.
    pub from: f64,
    /// Its end.
    pub to: f64,
}

impl Span {
    /// Seconds between the nearest points; 0 where they overlap.
    #[must_use]
    pub fn gap(self, other: Self) -> f64 {
        (self.from - other.to).max(other.from - self.to).max(0.0)
    }
}

/// Pairs of a true and a found event, as their numbers: each event in one pair at most, as many pairs as there can be with
/// gaps of at most `tolerance` seconds. Both lists are in the order of time.
#[must_use]
pub fn matched(truth: &[Span], found: &[Span], tolerance: f64) -> Vec<(usize, usize)> {
    let mut pairs = Vec::new();
    let (mut t, mut f) = (0, 0);
    // Of two events that lie apart the earlier one finds no partner later on.
    while let (Some(true_one), Some(found_one)) = (truth.get(t), found.get(f)) {
        if true_one.gap(*found_one) <= tolerance {
            pairs.push((t, f));
            (t, f) = (t + 1, f + 1);
        } else if true_one.to < found_one.from {
            t += 1;
        } else {
            f += 1;
        }
    }
    pairs
}

/// Counts of events.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize)]
pub struct Tally {
    /// True ones.
    pub truth: usize,
    /// Found ones.
    pub found: usize,
    /// Found ones that are true.
    pub hits: usize,
}

impl Tally {
    /// Part of the found ones that is true.
    #[must_use]
    pub fn precision(self) -> Option<f64> {
        (self.found > 0).then(|| self.hits as f64 / self.found as f64)
    }

    /// Part of the true ones that was found.
    #[must_use]
    pub fn recall(self) -> Option<f64> {
        (self.truth > 0).then(|| self.hits as f64 / self.truth as f64)
    }

    /// Their harmonic mean.
    #[must_use]
    pub fn f1(self) -> Option<f64> {
        let both = self.truth + self.found;
        (both > 0).then(|| 2.0 * self.hits as f64 / both as f64)
    }

    /// With another's counts.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self { truth: self.truth + other.truth, found: self.found + other.found, hits: self.hits + other.hits }
    }
}

/// Draws of the bootstrap.
const DRAWS: usize = 1_000;

/// The figures of many clips.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct BlinkScores {
    subjects: BTreeMap<String, Tally>,
    conditions: BTreeMap<String, Tally>,
    /// Found beginning and end minus the true ones, seconds.
    offsets: Vec<[f64; 2]>,
}

impl BlinkScores {
    /// Counts a clip. What was found wholly outside the `labelled` time is not judged.
    pub fn add(
        &mut self,
        (subject, condition): (&str, &str),
        labelled: Span,
        truth: &[Span],
        found: &[Span],
        tolerance: f64,
    ) {
        let judged: Vec<Span> = found.iter().copied().filter(|f| f.gap(labelled) <= 0.0).collect();
        let pairs = matched(truth, &judged, tolerance);
        let tally = Tally { truth: truth.len(), found: judged.len(), hits: pairs.len() };
        self.offsets
            .extend(pairs.iter().map(|(t, f)| [judged[*f].from - truth[*t].from, judged[*f].to - truth[*t].to]));
        for (map, key) in [(&mut self.subjects, subject), (&mut self.conditions, condition)] {
            let entry = map.entry(key.to_owned()).or_default();
            *entry = entry.plus(tally);
        }
    }

    /// By subject.
    #[must_use]
    pub fn subjects(&self) -> &BTreeMap<String, Tally> {
        &self.subjects
    }

    /// By condition.
    #[must_use]
    pub fn conditions(&self) -> &BTreeMap<String, Tally> {
        &self.conditions
    }

    /// All together.
    #[must_use]
    pub fn all(&self) -> Tally {
        self.subjects.values().fold(Tally::default(), |sum, tally| sum.plus(*tally))
    }

    /// The 95 % interval of F1 over draws of subjects.
    #[must_use]
    pub fn f1_interval(&self) -> Option<[f64; 2]> {
        let tallies: Vec<Tally> = self.subjects.values().copied().collect();
        let mut random = ChaCha8Rng::seed_from_u64(1);
        let mut draw = || {
            let drawn = (0..tallies.len()).filter_map(|_| tallies.choose(&mut random));
            drawn.fold(Tally::default(), |sum, tally| sum.plus(*tally)).f1()
        };
        let mut drawn: Vec<f64> = (0..DRAWS).filter_map(|_| draw()).collect();
        drawn.sort_by(f64::total_cmp);
        let at = |part: usize| drawn.get(drawn.len() * part / DRAWS).copied();
        Some([at(25)?, at(975)?])
    }

    /// Median distance of found from true beginnings and ends, seconds.
    #[must_use]
    pub fn median_offsets(&self) -> Option<[f64; 2]> {
        let median = |i: usize| {
            let mut distances: Vec<f64> = self.offsets.iter().map(|o| o[i].abs()).collect();
            crate::biosignal::statistics::median(&mut distances)
        };
        Some([median(0)?, median(1)?])
    }
}

/// The counts that settings chosen without a subject reach on that subject, summed over subjects: `scores` holds what each
/// of some settings reaches on all of them. Of equally good settings the first is taken.
#[must_use]
pub fn cross_validated(scores: &[BlinkScores]) -> Tally {
    let subjects: BTreeSet<&String> = scores.iter().flat_map(|s| s.subjects.keys()).collect();
    let mut sum = Tally::default();
    for subject in subjects {
        let without = |s: &BlinkScores| {
            let others = s.subjects.iter().filter(|(name, _)| *name != subject);
            others.fold(Tally::default(), |sum, (_, tally)| sum.plus(*tally)).f1().unwrap_or(0.0)
        };
        let best = scores.iter().rev().max_by(|a, b| without(a).total_cmp(&without(b)));
        sum = sum.plus(best.and_then(|s| s.subjects.get(subject)).copied().unwrap_or_default());
    }
    sum
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn spans(list: &[(f64, f64)]) -> Vec<Span> {
        list.iter().map(|(from, to)| Span { from: *from, to: *to }).collect()
    }

    #[test]
    fn events_are_paired_once_and_in_order() {
        for (truth, found, tolerance, expected) in [
            (&[(1.0, 1.2), (2.0, 2.3)][..], &[(1.1, 1.3), (2.1, 2.2)][..], 0.0, &[(0, 0), (1, 1)][..]),
            // One found event covers two true ones: one of them is missed.
            (&[(1.0, 1.2), (1.3, 1.5)], &[(1.0, 1.5)], 0.0, &[(0, 0)]),
            // Near, but only within the tolerance.
            (&[(1.0, 1.2)], &[(1.25, 1.4)], 0.0, &[]),
            (&[(1.0, 1.2)], &[(1.25, 1.4)], 0.1, &[(0, 0)]),
            (&[(1.0, 1.2)], &[], 0.1, &[]),
            (&[], &[(1.0, 1.2)], 0.1, &[]),
        ] {
            assert_eq!(matched(&spans(truth), &spans(found), tolerance), expected, "{truth:?} {found:?}");
        }
    }

    #[test]
    fn what_was_not_labelled_is_not_judged() {
        let mut scores = BlinkScores::default();
        let truth = spans(&[(1.0, 1.2), (2.0, 2.2)]);
        let found = spans(&[(0.1, 0.3), (1.05, 1.3), (3.0, 3.1)]);
        scores.add(("a", "x"), Span { from: 0.5, to: 5.0 }, &truth, &found, 0.0);
        let tally = scores.all();
        assert_eq!(tally, Tally { truth: 2, found: 2, hits: 1 });
        assert_eq!((tally.precision(), tally.recall(), tally.f1()), (Some(0.5), Some(0.5), Some(0.5)));
        let [from, to] = scores.median_offsets().expect("a pair");
        assert!((from - 0.05).abs() < 1e-12 && (to - 0.1).abs() < 1e-12);
        assert_eq!(Tally::default().f1(), None);
    }

    #[test]
    fn settings_are_chosen_without_the_subject_they_are_tried_on() {
        let labelled = Span { from: 0.0, to: 9.0 };
        let score = |hits: [bool; 2]| {
            let mut scores = BlinkScores::default();
            for (subject, hit) in ["a", "b"].iter().zip(hits) {
                let found = if hit { spans(&[(1.0, 1.2)]) } else { Vec::new() };
                scores.add((subject, "x"), labelled, &spans(&[(1.0, 1.2)]), &found, 0.0);
            }
            scores
        };
        // Each of the settings is good for one subject: chosen on the other, it fails.
        assert_eq!(cross_validated(&[score([true, false]), score([false, true])]).hits, 0);
        assert_eq!(cross_validated(&[score([true, true]), score([false, true])]).hits, 2);
    }

    proptest! {
        /// As many pairs as the best of all ways to pair them.
        #[test]
        fn no_way_of_pairing_finds_more(
            truth in proptest::collection::vec((0.0..10.0, 0.01..0.5), 0..6),
            found in proptest::collection::vec((0.0..10.0, 0.01..0.5), 0..6),
            tolerance in 0.0..0.5,
        ) {
            // Events of one face do not overlap.
            let apart = |list: &[(f64, f64)]| {
                let mut end = 0.0;
                list.iter().map(|(pause, length)| {
                    let from = end + pause / 10.0;
                    end = from + length;
                    Span { from, to: end }
                }).collect::<Vec<Span>>()
            };
            let (truth, found) = (apart(&truth), apart(&found));
            prop_assert_eq!(matched(&truth, &found, tolerance).len(), most(&truth, &found, tolerance));
        }
    }

    /// The largest pairing, by trying all.
    fn most(truth: &[Span], found: &[Span], tolerance: f64) -> usize {
        let Some((first, rest)) = truth.split_first() else { return 0 };
        let without = most(rest, found, tolerance);
        let partners = (0..found.len()).filter(|f| first.gap(found[*f]) <= tolerance);
        let with = partners.map(|f| {
            let others: Vec<Span> = found.iter().enumerate().filter(|(i, _)| *i != f).map(|(_, s)| *s).collect();
            1 + most(rest, &others, tolerance)
        });
        with.max().unwrap_or(0).max(without)
    }
}
