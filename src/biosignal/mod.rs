//! Pulse and breathing from colour over time, blinks and movement of a face from its landmarks, with their uncertainty, or
//! the reasons why there is no reading.

mod alignment;
pub mod beats;
pub mod blink;
#[cfg(test)]
mod bound;
mod burst;
mod cadence;
pub mod carrier;
pub mod chest;
pub mod conditions;
pub mod detrend;
#[cfg(test)]
mod eyes;
pub mod facial_motion;
mod facial_shape;
pub mod filter;
pub mod frame_rate;
pub mod guards;
pub mod jump;
pub mod keyframes;
mod ledger;
pub mod methods;
pub mod monitor;
pub mod network_wave;
pub mod openness;
pub mod origin;
mod pace;
pub mod patches;
pub mod poisson;
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
pub use origin::PulseOrigin;
