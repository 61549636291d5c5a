//! Detection metrics: how well boxes with scores find the labelled ones.
//!
//! Matching and average precision are those of COCO's reference program (`pycocotools` 2.0.11, `cocoeval.py`) to the last
//! digits; [`PictureSet`] holds what is labelled and what each model found, [`DetectionReport::of`] computes.

mod curve;
mod labels;
mod matching;
mod parts;
mod picture;
mod points;
mod report;
mod scores;
#[cfg(test)]
mod tests;
mod worst;

pub use curve::{Curve, Operating, RECALLS};
pub use labels::{
    BlinkRow, FacePoints, LabelFault, LabelFaultKind, YoloRow, parse_blink_table, parse_points, parse_yolo,
};
pub use matching::{MOST_FOUND, Outcome};
pub use parts::{Part, SIZES, SizeBand};
pub use picture::{FACE_POINTS, FoundBox, Light, Picture, PictureSet, TrueBox, TruthKind};
pub use points::PointErrors;
pub use report::{DetectionReport, Exhibit, ModelReport, Row};
pub use scores::{DetectionScores, IOUS, score};
pub use worst::{Fault, FaultKind, worst};
