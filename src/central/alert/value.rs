//! How much a look is worth.

use serde::Serialize;

use crate::event::{EdgeEvent, Reason, ReasonCode, Severity};

/// What a rule is taken to be right in that states no probability.
const CERTAINTY: f64 = 0.8;
/// What an event of severity `ATTENTION` counts beside one of `ALERT`.
const ATTENTION: f64 = 0.4;

/// The parts of a candidate's rank; each between 0 and 1.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Value {
    /// 1 for `ALERT`, 0.4 for `ATTENTION`.
    pub severity: f64,
    /// The probability that the event states, or 0.8.
    pub certainty: f64,
    /// How far the first reason lies outside its expected range, against the range's greater end.
    pub excess: f64,
    /// 1 for the first of its rule and camera in an hour, a half for the second, a third for the next.
    pub novelty: f64,
}

impl Value {
    /// Of an event; `before` as many of its rule and camera were raised in the last hour.
    #[must_use]
    pub fn of(event: &EdgeEvent, before: usize) -> Self {
        let probability = event.reasons.iter().find(|r| r.code == ReasonCode::CarrierProbability).map(|r| r.measured);
        Self {
            severity: match event.severity {
                Severity::Alert => 1.0,
                Severity::Attention => ATTENTION,
                Severity::Info => 0.0,
            },
            certainty: probability.unwrap_or(CERTAINTY).clamp(0.0, 1.0),
            excess: event.reasons.first().map_or(0.0, excess),
            novelty: 1.0 / (before + 1) as f64,
        }
    }

    /// All of it as one number, 0 to 1: severity by certainty, and the half of that again each for excess and novelty.
    #[must_use]
    pub fn rank(&self) -> f64 {
        self.severity * self.certainty * (1.0 + self.excess + self.novelty) / 3.0
    }
}

/// 0 within the expected range, a half at as much again, towards 1.
fn excess(reason: &Reason) -> f64 {
    let (low, high) = (reason.expected.low, reason.expected.high);
    let outside = (reason.measured - high).max(low - reason.measured).max(0.0);
    let unit = low.abs().max(high.abs()).max(f64::MIN_POSITIVE);
    let times = outside / unit;
    if times.is_finite() { times / (1.0 + times) } else { 0.0 }
}
