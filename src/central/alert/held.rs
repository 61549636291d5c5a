//! What was not raised, and why.

use super::candidate::Candidate;
use super::value::Value;

/// Why a candidate was held back. Closed list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HeldWhy {
    /// All places of the hour were taken.
    BudgetFull,
    /// More valuable ones were to be expected for the places left.
    Outranked,
}

/// A candidate that was held back.
#[derive(Debug, Clone, PartialEq)]
pub struct Held {
    /// What.
    pub candidate: Candidate,
    /// How it ranked.
    pub value: Value,
    /// Why.
    pub why: HeldWhy,
}
