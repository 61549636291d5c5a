//! The field's figures for pulse and breathing.

pub mod baselines;
#[cfg(test)]
mod parity;
pub mod protocol;
pub mod recording;
pub mod report;
mod rhythm;
mod scores;
pub mod truth;
mod windows;

pub use report::{VitalsReport, VitalsSet};
pub use rhythm::{beat_times, interval_errors};
pub use scores::{Answer, Given, RateScores, risk_curve};
pub use windows::{ReferenceWindow, most_alike, parse_windows};
