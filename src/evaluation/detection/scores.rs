//! The figures of one model on one part of some pictures.

use serde::Serialize;

use super::curve::{Curve, Operating};
use super::matching::{Judged, Matching};
use super::parts::Part;
use super::picture::{Picture, PictureSet};
use super::points::PointErrors;

/// Overlaps over which COCO's main figure is the mean: 0.5, 0.55, ... 0.95.
pub const IOUS: usize = 10;

/// As `numpy.linspace(.5, .95, 10)` rounds.
fn iou(number: usize) -> f64 {
    if number + 1 == IOUS { 0.95 } else { number as f64 * ((0.95 - 0.5) / 9.0) + 0.5 }
}

/// How well a model does. Shares are 0 to 1; absent where nothing was to be found or nothing was found.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct DetectionScores {
    /// COCO's average precision at an overlap of 0.5.
    pub ap50: Option<f64>,
    /// Its mean over overlaps of 0.5 to 0.95.
    pub ap50_95: Option<f64>,
    /// PASCAL VOC's average precision (all points) at an overlap of 0.5.
    pub ap50_voc: Option<f64>,
    /// Where F1 is best, at an overlap of 0.5.
    pub best: Option<Operating>,
    /// At the model's own threshold, at an overlap of 0.5.
    pub own: Option<Operating>,
    /// Of faces, at the best threshold.
    pub points: Option<PointErrors>,
    /// Precision at recalls of 0, 0.01, ... 1, at an overlap of 0.5.
    #[serde(skip)]
    pub curve: Option<Vec<f64>>,
}

/// The figures of `model` on `part` of the sets' pictures, all sets as one. `own` is the model's own threshold.
#[must_use]
pub fn score(sets: &[&PictureSet], model: usize, part: Part, own: f64) -> DetectionScores {
    let pictures: Vec<(&Picture, Matching<'_>)> = sets
        .iter()
        .flat_map(|set| set.pictures.iter().map(|picture| (picture, set.labelled.as_ref())))
        .filter(|(picture, _)| part.holds(picture))
        .map(|(picture, labelled)| (picture, Matching::new(picture, model, part, labelled)))
        .collect();
    let judged_at = |iou: f64| pictures.iter().map(|(_, matching)| matching.judge(iou)).collect::<Vec<Judged>>();
    let judged = judged_at(iou(0));
    let curve = Curve::of(&judged);
    let further = (1..IOUS).map(|number| Curve::of(&judged_at(iou(number))).coco());
    let all: Option<Vec<f64>> = std::iter::once(curve.coco()).chain(further).collect();
    let best = curve.best();
    let faces: Vec<(&Picture, &Judged)> = pictures.iter().map(|(picture, _)| *picture).zip(&judged).collect();
    DetectionScores {
        ap50: curve.coco(),
        ap50_95: all.map(|values| values.iter().sum::<f64>() / IOUS as f64),
        ap50_voc: curve.voc(),
        own: curve.at_score(own),
        points: best.and_then(|best| PointErrors::of(&faces, model, best.score)),
        curve: curve.at_recalls(),
        best,
    }
}
