//! The mistakes that a person should look at.

use super::matching::{Matching, Outcome};
use super::parts::Part;
use super::picture::{Picture, PictureSet, TruthKind};
use crate::frame::BBox;

/// An overlap above this with one of the same set that is shown already is the same mistake again.
const SAME_PLACE: f64 = 0.3;
/// Overlap at which a box is found.
const FOUND_IOU: f64 = 0.5;

/// What kind of mistake.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FaultKind {
    /// A labelled box that was not found.
    Miss,
    /// A found box where nothing is labelled.
    FalseAlarm,
}

/// One mistake of one model.
#[derive(Debug, Clone, PartialEq)]
pub struct Fault {
    /// What kind.
    pub kind: FaultKind,
    /// Number of the set.
    pub set: usize,
    /// Number of the picture in it.
    pub picture: usize,
    /// The missed or the false box.
    pub bbox: BBox,
    /// Of a false box its score; of a missed one the best score of a box on it, where there is one.
    pub score: Option<f64>,
    /// How bad: the score of a false box, the height of a missed one as a share of the picture's width.
    weight: f64,
}

/// The worst mistakes of `model` at the threshold `score`, at most `most` of each kind: the false boxes of the highest
/// score, and the largest of the missed. The same place of a set is shown once, and where there are several sets, at most
/// half comes from one.
#[must_use]
pub fn worst(sets: &[PictureSet], model: usize, score: f64, most: usize) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (number, set) in sets.iter().enumerate() {
        for (place, picture) in set.pictures.iter().enumerate() {
            let judged = Matching::new(picture, model, Part::All, set.labelled.as_ref()).judge(FOUND_IOU);
            let mut is_found = vec![false; picture.truth.len()];
            for (found, found_score, outcome) in judged.outcomes {
                match outcome {
                    Outcome::True(t) if found_score >= score => is_found[t] = true,
                    Outcome::False if found_score >= score => faults.push(Fault {
                        kind: FaultKind::FalseAlarm,
                        set: number,
                        picture: place,
                        bbox: picture.found[model][found].bbox,
                        score: Some(found_score),
                        weight: found_score,
                    }),
                    _ => {}
                }
            }
            for (truth, _) in picture.truth.iter().zip(is_found).filter(|(_, found)| !found) {
                if truth.kind == TruthKind::Counted {
                    let (kind, score) = (FaultKind::Miss, best_score_on(picture, model, &truth.bbox));
                    let weight = truth.bbox.h / picture.width;
                    faults.push(Fault { kind, set: number, picture: place, bbox: truth.bbox, score, weight });
                }
            }
        }
    }
    faults.sort_by(|a, b| b.weight.total_cmp(&a.weight));
    let of_one_set = if sets.len() > 1 { most.div_ceil(2) } else { most };
    let mut shown: Vec<Fault> = Vec::new();
    for kind in [FaultKind::Miss, FaultKind::FalseAlarm] {
        let mut chosen: Vec<&Fault> = Vec::new();
        for fault in faults.iter().filter(|fault| fault.kind == kind) {
            let of_its_set = || chosen.iter().filter(|other| other.set == fault.set);
            let again = of_its_set().any(|other| other.bbox.iou(&fault.bbox) > SAME_PLACE);
            if chosen.len() < most && of_its_set().count() < of_one_set && !again {
                chosen.push(fault);
            }
        }
        shown.extend(chosen.into_iter().cloned());
    }
    shown
}

fn best_score_on(picture: &Picture, model: usize, bbox: &BBox) -> Option<f64> {
    let on_it = picture.found[model].iter().filter(|found| found.bbox.iou(bbox) >= FOUND_IOU);
    on_it.map(|found| found.score).max_by(f64::total_cmp)
}
