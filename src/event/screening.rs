//! A passer who deviates from the own baseline or from the lane's recent passers.

use serde::{Deserialize, Serialize};

use crate::time::CaptureTime;

/// How rare what was measured of a passer is among ordinary ones. What was measured stands in the event's reasons, each with
/// its value, what is usual and its unit; nothing is said of why.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
pub struct ScreeningReport {
    /// Since when.
    pub since: CaptureTime,
    /// Share of ordinary passers who deviate as much at some time of their stay, 0 to 1: a conformal p-value.
    pub rarity: f64,
    /// Among so many earlier passers of this camera ...
    pub compared: u64,
    /// ... of the same hour of the day, or of any hour.
    pub of_hour: bool,
    /// How many signals were measured well enough to count; two at least.
    pub signals: u32,
}

impl std::fmt::Display for ScreeningReport {
    /// For people, e.g. `as rare as 1.2 in 1,000 of 2048 passers at this hour, 3 signals`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let hour = if self.of_hour { " at this hour" } else { "" };
        let (rarity, compared, signals) = (1e3 * self.rarity, self.compared, self.signals);
        write!(f, "as rare as {rarity:.1} in 1,000 of {compared} passers{hour}, {signals} signals")
    }
}
