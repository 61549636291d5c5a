//! Event-level evaluation of behaviours: what was told against what happened, on scenarios.
//!
//! An occurrence is found when the same behaviour is told of one of its people while it lasts, or not much later; one
//! finding finds one occurrence, and a second one for the same is false. What happened comes from the scenario: labelled
//! steps, and bags that changed hands.

mod cast;
mod ordinary;
mod play;
mod score;
mod staged;
#[cfg(test)]
mod tests;

pub use play::{Eyes, PlayError, Played, Told, play};
pub use score::{BehaviourScore, EventReport, Occurrence, occurrences};
pub use staged::{CROSSINGS, STAGED, Staged, crossings, ordinary, staged};
