//! More people in a zone than it may hold, for some time.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of crowding.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrowdingSettings {
    /// For how long there must be too many, or no longer too many, seconds.
    pub hold_s: f64,
}

impl Default for CrowdingSettings {
    fn default() -> Self {
        Self { hold_s: 4.0 }
    }
}

/// One zone.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Crowding {
    told: bool,
    contrary: Option<f64>,
}

impl Crowding {
    /// `people` are in the zone, `newest` came in last; `most` may be.
    pub fn step(
        &mut self,
        at: f64,
        people: usize,
        newest: Option<&Mover>,
        most: u32,
        settings: &CrowdingSettings,
    ) -> Option<Finding> {
        let most = f64::from(most);
        let crowded = people as f64 > most;
        if crowded == self.told {
            self.contrary = None;
            return None;
        }
        let since = *self.contrary.get_or_insert(at);
        if at - since < settings.hold_s {
            return None;
        }
        // The last may have gone with everybody else: then the end is told of with the next one who comes.
        let newest = newest?;
        (self.told, self.contrary) = (crowded, None);
        let finding = Finding::new(Behaviour::Crowding, newest, since);
        let finding = finding.because(ReasonCode::People, people as f64, (0.0, most), Unit::Count);
        Some(if crowded { finding } else { finding.over() })
    }
}
