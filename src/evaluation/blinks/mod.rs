//! How good blinks are, event by event: precision, recall and F1 over persons and conditions.

mod labels;
mod scores;

pub use labels::{Clip, ClipFault, parse_labels};
pub use scores::{BlinkScores, Span, Tally, cross_validated, matched};
