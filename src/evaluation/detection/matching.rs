//! Which found box is which labelled one: greedy, best score first, as `COCOeval.evaluateImg` does.

use super::parts::Part;
use super::picture::{FoundBox, Picture, TrueBox, TruthKind};
use crate::evaluation::LabelledArea;
use crate::frame::BBox;

/// Most boxes of a model in a picture that are looked at, the best; COCO's `maxDets`.
pub const MOST_FOUND: usize = 100;

/// What became of a found box.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// It is this labelled one (its number in the picture).
    True(usize),
    /// It is nothing labelled.
    False,
    /// Neither right nor wrong: on something ignored, of another size, or outside the labelled area.
    LeftOut,
}

/// What became of the boxes of one model in one picture.
#[derive(Debug, Clone, PartialEq)]
pub struct Judged {
    /// Number of the found box, its score and what became of it; best score first.
    pub outcomes: Vec<(usize, f64, Outcome)>,
    /// How many labelled boxes were to be found.
    pub wanted: usize,
}

/// Overlap as COCO has it: over the union, with a region over the found box alone.
fn overlap(found: &BBox, truth: &TrueBox) -> f64 {
    match truth.kind {
        TruthKind::Region if found.area() > 0.0 => found.intersection(&truth.bbox) / found.area(),
        TruthKind::Region => 0.0,
        TruthKind::Counted | TruthKind::Ignored => found.iou(&truth.bbox),
    }
}

/// One picture, ready to be judged at several overlaps.
#[derive(Debug)]
pub struct Matching<'a> {
    found: Vec<(usize, &'a FoundBox)>,
    /// Numbers of the labels, those to be found first.
    truth: Vec<usize>,
    wanted: usize,
    is_region: Vec<bool>,
    /// Per found box and label, in the orders above.
    overlaps: Vec<Vec<f64>>,
    /// Found boxes that are left out when they match nothing.
    excused: Vec<bool>,
}

impl<'a> Matching<'a> {
    /// Of what `model` found in `picture`, as far as it belongs to `part`.
    #[must_use]
    pub fn new(picture: &'a Picture, model: usize, part: Part, labelled: Option<&LabelledArea>) -> Self {
        let mut found: Vec<(usize, &FoundBox)> = picture.found[model].iter().enumerate().collect();
        found.sort_by(|a, b| b.1.score.total_cmp(&a.1.score));
        found.truncate(MOST_FOUND);
        let to_find = |t: &TrueBox| t.kind == TruthKind::Counted && part.counts(&t.bbox, picture);
        let mut truth: Vec<usize> = (0..picture.truth.len()).collect();
        truth.sort_by_key(|t| !to_find(&picture.truth[*t]));
        let excused = |b: &BBox| !part.counts(b, picture) || labelled.is_some_and(|area| !area.contains(b));
        let overlaps = |b: &BBox| truth.iter().map(|t| overlap(b, &picture.truth[*t])).collect();
        Self {
            wanted: picture.truth.iter().filter(|t| to_find(t)).count(),
            is_region: truth.iter().map(|t| picture.truth[*t].kind == TruthKind::Region).collect(),
            overlaps: found.iter().map(|(_, f)| overlaps(&f.bbox)).collect(),
            excused: found.iter().map(|(_, f)| excused(&f.bbox)).collect(),
            found,
            truth,
        }
    }

    /// Matches at an overlap of at least `iou`.
    #[must_use]
    pub fn judge(&self, iou: f64) -> Judged {
        let mut taken = vec![false; self.truth.len()];
        let mut outcomes = Vec::with_capacity(self.found.len());
        for (place, (number, found)) in self.found.iter().enumerate() {
            let best = self.best(&self.overlaps[place], iou, &taken);
            let outcome = match best {
                Some(t) if t < self.wanted => Outcome::True(self.truth[t]),
                Some(_) => Outcome::LeftOut,
                None if self.excused[place] => Outcome::LeftOut,
                None => Outcome::False,
            };
            if let Some(t) = best {
                taken[t] = true;
            }
            outcomes.push((*number, found.score, outcome));
        }
        Judged { outcomes, wanted: self.wanted }
    }

    /// The free label of the greatest overlap, the last of equal ones; one to be ignored only where no other will do.
    fn best(&self, overlaps: &[f64], iou: f64, taken: &[bool]) -> Option<usize> {
        let (mut least, mut best) = (iou.min(1.0 - 1e-10), None);
        for (t, overlap) in overlaps.iter().enumerate() {
            if t >= self.wanted && best.is_some_and(|b| b < self.wanted) {
                break;
            }
            if (!taken[t] || self.is_region[t]) && *overlap >= least {
                (least, best) = (*overlap, Some(t));
            }
        }
        best
    }
}
