//! Precision over recall, what lies under it, and the best point on it.

use serde::Serialize;

use super::matching::{Judged, Outcome};

/// Recalls at which COCO reads the curve: 0, 0.01, ... 1.
pub const RECALLS: usize = 101;

/// `numpy.spacing(1)`, which the reference adds so as not to divide by 0.
const SPACING: f64 = f64::EPSILON;

/// A threshold of the score with what it gives.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Operating {
    /// Boxes of this score and above are taken.
    pub score: f64,
    /// Share of them that are right.
    pub precision: f64,
    /// Share of the labelled ones that are found.
    pub recall: f64,
    /// Harmonic mean of both.
    pub f1: f64,
}

/// The curve of one model over pictures, at one overlap.
#[derive(Debug, Clone, PartialEq)]
pub struct Curve {
    scores: Vec<f64>,
    hits: Vec<u64>,
    false_alarms: Vec<u64>,
    wanted: usize,
}

impl Curve {
    /// Of judged pictures, in their order.
    #[must_use]
    pub fn of(pictures: &[Judged]) -> Self {
        let mut all: Vec<(f64, Outcome)> =
            pictures.iter().flat_map(|p| p.outcomes.iter().map(|(_, score, outcome)| (*score, *outcome))).collect();
        all.sort_by(|a, b| b.0.total_cmp(&a.0));
        let (mut hit, mut wrong) = (0, 0);
        let mut curve = Self { scores: Vec::new(), hits: Vec::new(), false_alarms: Vec::new(), wanted: 0 };
        curve.wanted = pictures.iter().map(|p| p.wanted).sum();
        for (score, outcome) in all {
            match outcome {
                Outcome::True(_) => hit += 1,
                Outcome::False => wrong += 1,
                Outcome::LeftOut => {}
            }
            curve.scores.push(score);
            curve.hits.push(hit);
            curve.false_alarms.push(wrong);
        }
        curve
    }

    /// How many were to be found.
    #[must_use]
    pub fn wanted(&self) -> usize {
        self.wanted
    }

    /// Recall and precision at each found box, precision made falling from the left.
    fn envelope(&self) -> (Vec<f64>, Vec<f64>) {
        let recall = self.hits.iter().map(|h| *h as f64 / self.wanted as f64).collect();
        let ratio = |(h, f): (&u64, &u64)| *h as f64 / (*f as f64 + *h as f64 + SPACING);
        let mut precision: Vec<f64> = self.hits.iter().zip(&self.false_alarms).map(ratio).collect();
        for i in (1..precision.len()).rev() {
            precision[i - 1] = precision[i - 1].max(precision[i]);
        }
        (recall, precision)
    }

    /// Precision at each of COCO's 101 recalls, 0 where that recall is not reached. `None` when nothing was to be found.
    #[must_use]
    pub fn at_recalls(&self) -> Option<Vec<f64>> {
        if self.wanted == 0 {
            return None;
        }
        let (recall, precision) = self.envelope();
        // As `numpy.linspace(0, 1, 101)` rounds.
        let wanted = (0..RECALLS).map(|i| if i + 1 == RECALLS { 1.0 } else { i as f64 * 0.01 });
        Some(wanted.map(|w| precision.get(recall.partition_point(|r| *r < w)).copied().unwrap_or(0.0)).collect())
    }

    /// COCO's average precision: the mean of [`Curve::at_recalls`].
    #[must_use]
    pub fn coco(&self) -> Option<f64> {
        self.at_recalls().map(|values| values.iter().sum::<f64>() / values.len() as f64)
    }

    /// The area under all points of the falling curve: PASCAL VOC since 2010 (development kit 2012, section 3.4.1).
    #[must_use]
    pub fn voc(&self) -> Option<f64> {
        if self.wanted == 0 {
            return None;
        }
        let (recall, precision) = self.envelope();
        let mut before = 0.0;
        let steps = recall.iter().zip(&precision).map(|(r, p)| (r - std::mem::replace(&mut before, *r)) * p);
        Some(steps.sum())
    }

    /// What a threshold gives; `None` when nothing was to be found or nothing has that score.
    #[must_use]
    pub fn at_score(&self, score: f64) -> Option<Operating> {
        let taken = self.scores.partition_point(|s| *s >= score);
        self.operating(taken.checked_sub(1)?, score)
    }

    fn operating(&self, last: usize, score: f64) -> Option<Operating> {
        let (hits, wrong) = (self.hits[last] as f64, self.false_alarms[last] as f64);
        (self.wanted > 0 && hits + wrong > 0.0).then(|| Operating {
            score,
            precision: hits / (hits + wrong),
            recall: hits / self.wanted as f64,
            f1: 2.0 * hits / (hits + wrong + self.wanted as f64),
        })
    }

    /// The threshold of the best F1, the highest of equal ones; one that a score can be compared with, so boxes of equal
    /// score are taken together.
    #[must_use]
    pub fn best(&self) -> Option<Operating> {
        let mut best: Option<Operating> = None;
        for (i, score) in self.scores.iter().enumerate() {
            if self.scores.get(i + 1) == Some(score) {
                continue;
            }
            let Some(here) = self.operating(i, *score) else { continue };
            if best.is_none_or(|b| here.f1 > b.f1) {
                best = Some(here);
            }
        }
        best
    }
}
