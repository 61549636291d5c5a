//! Coming up to a control zone without going in: turning back, and drawing back again and again.
//!
//! The distance to the zone is followed from one turn to the next; a turn counts once it is as long as `swing_m`. Who
//! walks past goes away as well, but in the direction in which they came: a retreat must lead back.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use crate::event::{Behaviour, ReasonCode, Unit};

/// Parameters of reversal and hesitation.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ApproachSettings {
    /// Only turns this near to the zone count, metres.
    pub near_m: f64,
    /// Shortest way towards the zone or away from it that counts, metres.
    pub swing_m: f64,
    /// A reversal leads at least this far back, metres.
    pub retreat_m: f64,
    /// A retreat leads back: cosine between the way there and the way from there is below this.
    pub back_cosine: f64,
    /// Hesitation is so many retreats ...
    pub retreats: usize,
    /// ... within this, seconds.
    pub within_s: f64,
}

impl Default for ApproachSettings {
    fn default() -> Self {
        Self { near_m: 3.5, swing_m: 1.3, retreat_m: 4.0, back_cosine: -0.5, retreats: 2, within_s: 60.0 }
    }
}

/// An extreme of the distance: metres from the zone, where, and when.
#[derive(Debug, Clone, Copy, PartialEq)]
struct Turn {
    distance: f64,
    point: (f64, f64),
    at: f64,
}

/// One person and one control zone.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Approach {
    far: Option<Turn>,
    near: Option<Turn>,
    /// Where the way to the nearest point began.
    came: Option<Turn>,
    retreating: bool,
    /// When each counted retreat began; at most [`RETREATS_MAX`].
    retreats: Vec<f64>,
    reversal_told: bool,
    hesitation_told: bool,
}

/// Older retreats are forgotten.
const RETREATS_MAX: usize = 16;

impl Approach {
    /// A sighting `distance` metres outside the zone.
    pub fn step(&mut self, mover: &Mover, at: f64, distance: f64, settings: &ApproachSettings) -> Option<Finding> {
        let now = Turn { distance, point: mover.at, at };
        let far = *self.far.get_or_insert(now);
        let near = *self.near.get_or_insert(now);
        if self.retreating {
            if far.distance - distance >= settings.swing_m {
                (self.retreating, self.near) = (false, Some(now));
                return None;
            }
            if distance > far.distance {
                self.far = Some(now);
            }
            return self.reversal(mover, at, &near, settings);
        }
        if distance <= near.distance {
            self.near = Some(now);
            return None;
        }
        if distance > far.distance {
            // Never came nearer: the way there begins here.
            (self.far, self.near) = (Some(now), Some(now));
            return None;
        }
        if distance - near.distance < settings.swing_m {
            return None;
        }
        let came = far.distance - near.distance >= settings.swing_m;
        let counts = came && near.distance <= settings.near_m && leads_back(&far, &near, &now, settings.back_cosine);
        if !counts {
            (self.far, self.near) = (Some(now), Some(now));
            return None;
        }
        (self.retreating, self.came, self.far) = (true, Some(far), Some(now));
        self.hesitation(mover, at, near.at, settings)
    }

    fn hesitation(&mut self, mover: &Mover, at: f64, turned: f64, settings: &ApproachSettings) -> Option<Finding> {
        if self.retreats.len() >= RETREATS_MAX {
            self.retreats.remove(0);
        }
        self.retreats.push(turned);
        self.retreats.retain(|t| at - t <= settings.within_s);
        if self.hesitation_told || self.retreats.len() < settings.retreats {
            return None;
        }
        self.hesitation_told = true;
        let usual = (0.0, settings.retreats as f64 - 1.0);
        let finding = Finding::new(Behaviour::Hesitation, mover, *self.retreats.first()?);
        Some(finding.because(ReasonCode::Approaches, self.retreats.len() as f64, usual, Unit::Count))
    }

    fn reversal(&mut self, mover: &Mover, at: f64, near: &Turn, settings: &ApproachSettings) -> Option<Finding> {
        let (came, far) = (self.came?, self.far?);
        let back = far.distance - near.distance;
        if !leads_back(&came, near, &far, settings.back_cosine) {
            return None;
        }
        // Who hesitates is told of as such.
        if self.reversal_told || self.hesitation_told || back < settings.retreat_m {
            return None;
        }
        self.reversal_told = true;
        let finding = Finding::new(Behaviour::Reversal, mover, near.at);
        Some(finding.because(ReasonCode::Retreat, back, (0.0, settings.retreat_m), Unit::Metres).because(
            ReasonCode::EarlierMoment,
            at - near.at,
            (0.0, f64::MAX),
            Unit::Seconds,
        ))
    }

    /// Went in.
    pub fn reset(&mut self) {
        *self = Self::default();
    }
}

fn leads_back(far: &Turn, near: &Turn, now: &Turn, cosine_max: f64) -> bool {
    let there = (near.point.0 - far.point.0, near.point.1 - far.point.1);
    let from = (now.point.0 - near.point.0, now.point.1 - near.point.1);
    let lengths = there.0.hypot(there.1) * from.0.hypot(from.1);
    lengths > 0.0 && (there.0 * from.0 + there.1 * from.1) / lengths < cosine_max
}
