//! The field's metrics: CLEAR, Identity and HOTA for tracking, with the pre-processing of the `MOTChallenge` benchmarks;
//! average precision for [`detection`], rates and events of [`vitals`] and [`blinks`].
//!
//! Figures equal those of `TrackEval` to the last digits, ties between equally good matchings included: see
//! [`assignment`]. [`parse_mot`] reads a file, [`prepare`] applies a benchmark's rules, [`SequenceScores::of`] computes.

mod area;
pub mod assignment;
pub mod blinks;
mod clear;
pub mod detection;
pub mod events;
mod hota;
mod identity;
pub mod matrix;
mod mot;
mod motmetrics;
pub mod multi_camera;
mod preparation;
#[cfg(test)]
mod properties;
mod report;
mod scores;
pub mod screening;
mod sequence;
pub mod travellers;
pub mod vitals;

pub use area::LabelledArea;
pub use clear::{Clear, MATCH_SIMILARITY, StepFaults};
pub use hota::{ALPHAS, Hota, PerAlpha, alphas, mean};
pub use identity::Identity;
pub use mot::{LineFault, MotFault, MotRow, parse_mot, parse_vatic};
pub use motmetrics::Motmetrics;
pub use preparation::{Benchmark, PreparationFault, Recording, Side, UnknownBenchmark, prepare, reference_iou};
pub use report::{COMBINED, Report, TrackingReport};
pub use scores::{Scores, SequenceScores};
pub use sequence::{LeftOut, RawStep, Sequence, Step};
