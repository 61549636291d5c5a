//! Being in a zone, with hysteresis in time: one box that jumps in or out changes nothing.

use serde::{Deserialize, Serialize};

/// Parameters of being in a zone.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VisitSettings {
    /// Somebody is in a zone after being seen inside for this long, seconds ...
    pub enter_s: f64,
    /// ... and has left it after being seen outside for this long, seconds.
    pub leave_s: f64,
    /// Who comes back within this goes on with the visit, seconds.
    pub cooldown_s: f64,
}

impl Default for VisitSettings {
    fn default() -> Self {
        Self { enter_s: 0.5, leave_s: 1.0, cooldown_s: 5.0 }
    }
}

/// What changed.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum VisitChange {
    /// Came in at this time, seconds.
    Entered(f64),
    /// Went out, having come in at this time ...
    Left {
        /// Seconds.
        entered: f64,
        /// ... at this, seconds.
        left: f64,
    },
}

/// One person and one zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Visit {
    entered: Option<f64>,
    /// Since when the opposite of what is believed is seen.
    contrary: Option<f64>,
    last: Option<(f64, f64)>,
}

impl Visit {
    /// When the visit began, seconds; `None` outside.
    #[must_use]
    pub fn entered(&self) -> Option<f64> {
        self.entered
    }

    /// A sighting at `at`, `inside` the polygon or not.
    pub fn step(&mut self, inside: bool, at: f64, settings: &VisitSettings) -> Option<VisitChange> {
        if inside == self.entered.is_some() {
            self.contrary = None;
            return None;
        }
        let since = *self.contrary.get_or_insert(at);
        let hold = if inside { settings.enter_s } else { settings.leave_s };
        if at - since < hold {
            return None;
        }
        self.contrary = None;
        if let Some(entered) = self.entered.take() {
            self.last = Some((entered, since));
            return Some(VisitChange::Left { entered, left: since });
        }
        let resumed = self.last.filter(|(_, left)| since - left <= settings.cooldown_s).map(|(entered, _)| entered);
        self.entered = Some(resumed.unwrap_or(since));
        Some(VisitChange::Entered(resumed.unwrap_or(since)))
    }

    /// The path ended: out of the zone since it was last seen at `at`.
    pub fn finish(&mut self, at: f64) -> Option<VisitChange> {
        self.entered.take().map(|entered| VisitChange::Left { entered, left: at })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flickers_change_nothing_and_a_short_absence_resumes_the_visit() {
        let settings = VisitSettings::default();
        let mut visit = Visit::default();
        let mut told = Vec::new();
        for tenth in 0..300_u32 {
            let at = f64::from(tenth) / 10.0;
            // In from 2 s on, a flicker out at 5 s, out from 10 to 13 s, out for good from 20 s; one flicker in at 1 s.
            let inside = tenth == 10 || (20..200).contains(&tenth) && tenth != 50 && !(100..130).contains(&tenth);
            told.extend(visit.step(inside, at, &settings));
        }
        assert_eq!(
            told,
            [
                VisitChange::Entered(2.0),
                VisitChange::Left { entered: 2.0, left: 10.0 },
                VisitChange::Entered(2.0),
                VisitChange::Left { entered: 2.0, left: 20.0 }
            ]
        );
    }
}
