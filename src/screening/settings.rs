//! What the operator sets, and periods.

use serde::{Deserialize, Serialize};

/// Budget and periods of screening.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ScreeningSettings {
    /// So many of 1,000 ordinary passers may be told of at all.
    pub attention_per_1000: f64,
    /// So many of them as a reason to look now; these are among the former.
    pub alert_per_1000: f64,
    /// A passer's own baseline is what was read in so many first seconds of a signal.
    pub baseline_s: f64,
    /// A deviation counts as high as it stayed for so long, seconds.
    pub hold_s: f64,
    /// A reading stands for so long after it came, seconds.
    pub fresh_s: f64,
    /// Who gave no reading for so long has left, seconds.
    pub gap_s: f64,
    /// Readings of less than this quality are not used, 0 to 1.
    pub quality_min: f64,
}

impl Default for ScreeningSettings {
    fn default() -> Self {
        Self {
            attention_per_1000: 5.0,
            alert_per_1000: 1.0,
            baseline_s: 25.0,
            hold_s: 5.0,
            fresh_s: 3.0,
            gap_s: 15.0,
            quality_min: 0.5,
        }
    }
}

impl ScreeningSettings {
    /// What makes no sense in them, in words.
    #[must_use]
    pub fn fault(&self) -> Option<&'static str> {
        let share = 0.0..=500.0;
        if !share.contains(&self.attention_per_1000) || !share.contains(&self.alert_per_1000) {
            return Some("attention_per_1000 and alert_per_1000 lie between 0 and 500");
        }
        (self.alert_per_1000 > self.attention_per_1000)
            .then_some("alert_per_1000 is more than attention_per_1000, of which it is a part")
    }
}
