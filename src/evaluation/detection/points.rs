//! How far found points of faces are from the labelled ones.

use serde::Serialize;

use super::matching::{Judged, Outcome};
use super::picture::{FACE_POINTS, Picture};

/// Points that are eyes.
const EYES: usize = 2;

/// Distances of points, as shares of the distance of the two labelled eyes.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct PointErrors {
    /// Faces found whose eyes are labelled.
    pub faces: usize,
    /// Mean over both eyes.
    pub eyes_mean: f64,
    /// 90th percentile over both eyes.
    pub eyes_p90: f64,
    /// Mean over nose tip and mouth corners, where those are labelled.
    pub others_mean: Option<f64>,
}

impl PointErrors {
    /// Over the faces that `model` found with at least `score`. `None` where there are no points to compare.
    #[must_use]
    pub fn of(pictures: &[(&Picture, &Judged)], model: usize, score: f64) -> Option<Self> {
        let (mut faces, mut eyes, mut others) = (0, Vec::new(), Vec::new());
        for (picture, judged) in pictures {
            for (number, found_score, outcome) in &judged.outcomes {
                let (Outcome::True(t), true) = (outcome, *found_score >= score) else { continue };
                let (truth, found) = (&picture.truth[*t].points, picture.found[model][*number].points.as_ref());
                let ([Some(left), Some(right), ..], Some(found)) = (truth, found) else { continue };
                let unit = distance(*left, *right);
                if unit <= 0.0 {
                    continue;
                }
                faces += 1;
                for i in 0..FACE_POINTS {
                    let errors = if i < EYES { &mut eyes } else { &mut others };
                    errors.extend(truth[i].map(|labelled| distance(labelled, found[i]) / unit));
                }
            }
        }
        let mean = |values: &[f64]| (!values.is_empty()).then(|| values.iter().sum::<f64>() / values.len() as f64);
        eyes.sort_by(f64::total_cmp);
        let eyes_p90 = *eyes.get((eyes.len() * 9).div_ceil(10).checked_sub(1)?)?;
        Some(Self { faces, eyes_mean: mean(&eyes)?, eyes_p90, others_mean: mean(&others) })
    }
}

fn distance(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0).hypot(a.1 - b.1)
}
