//! The field's figures for pulse and breathing.

#[cfg(test)]
mod parity;
pub mod protocol;
mod rhythm;
mod scores;
mod windows;

pub use rhythm::{beat_times, interval_errors};
pub use scores::{Answer, Given, RateScores};
pub use windows::{ReferenceWindow, most_alike, parse_windows};
