//! Who deviates, by how much, and how rare that is among ordinary passers: a reason to look within a set budget.
//!
//! [`Screening`] takes the readings of one camera and the ends of its tracks. For everybody it asks two questions of each
//! signal that is there: how far is the reading from the *lane's* recent passers, and how far has it moved from the
//! passer's *own* first seconds. It says how far, never why, and nothing of what anybody may think or feel.
//!
//! | step | how | where |
//! |---|---|---|
//! | deviation | distance from the median in units of the spread (1.4826 MAD) and of the reading's own interval together | [`spread`] |
//! | change | two-sided CUSUM of the distance from the own baseline (Page 1954), in steps of whole windows | [`change`] |
//! | together | Mahalanobis distance under the lane's measured, shrunk correlation; the signal that says most is left out | [`combination`] |
//! | how rare | conformal p-value of the passer's *highest* score among the scores of those who passed before | [`conformal`] |
//!
//! **What the budget means.** An operator sets false alarms per 1,000 travellers, not a threshold. A passer has one score,
//! the highest of the whole stay; telling it as soon as it is rare enough is the same test as waiting for the end, because
//! the highest can only rise. If the next passer is as ordinary as those before, that is, exchangeable with them, at most
//! the set share is told. Everybody who passed is remembered, also those told of: leaving them out would make the next
//! ordinary one look rarer. Where the lane changes faster than it is remembered (another light, another crowd), passers are
//! not exchangeable and the share is off until the memory has turned over; `greenlane evaluate screening` shows by how much.
//!
//! **Two signals at least.** The distance is that of what remains when the strongest signal is left out, so that no single
//! signal, however wrong, can raise anything. A signal without reading counts for nothing, never against.
//!
//! **Why at the edge.** All readings of a lane pass one camera's pipeline, so that a replay gives the same events and a lane
//! works without a centre. What is remembered ([`Memory`]) is plain numbers of nobody in particular; the worker keeps it over
//! restarts, and a tape begins with it.

pub mod change;
pub mod combination;
pub mod conformal;
mod memory;
mod passer;
mod reference;
mod screen;
mod settings;
mod signal;
pub mod spread;

pub use memory::{Memory, Summary};
pub use screen::{Moment, Screening, Verdict};
pub use settings::ScreeningSettings;
pub use signal::{Reading, SIGNALS, Signal};

#[cfg(test)]
mod tests;
