//! Pulse and breathing from colour over time, with their uncertainty, or the reasons why there is no reading.

pub mod beats;
#[cfg(test)]
mod bound;
pub mod carrier;
pub mod chest;
pub mod conditions;
pub mod detrend;
pub mod filter;
pub mod guards;
pub mod jump;
pub mod keyframes;
pub mod methods;
pub mod monitor;
pub mod pulse;
pub mod quality;
pub mod readout;
pub mod respiration;
pub mod rhythm;
pub mod roi;
#[cfg(test)]
mod silence;
pub mod snr;
pub mod spectrum;
pub mod statistics;
pub mod timebase;
pub mod trace;
pub mod traces;

// The words of a reading are part of the vocabulary, because events speak them.
pub use crate::event::vital as estimate;
pub use estimate::{Estimate, Reason, Window};
pub use methods::{PulseMethod, Rgb};
