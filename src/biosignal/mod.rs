//! Pulse and breathing from colour over time, with their uncertainty, or the reasons why there is no reading.

pub mod detrend;
pub mod filter;
pub mod methods;
pub mod spectrum;

pub use methods::{PulseMethod, Rgb};
