//! Lines: who crosses in which direction, how many so far, and who passes a gate together with another.
//!
//! Direction by the right-hand rule of [`crate::geometry`]: `in` is from the left to the right of who stands at a line's
//! first point and looks at its second.

use serde::{Deserialize, Serialize};

use super::finding::Finding;
use super::motion::Mover;
use super::rules::Gate;
use crate::event::{Behaviour, ReasonCode, Unit};
use crate::frame::BBox;
use crate::ids::TrackId;

/// Parameters of lines and gates.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CrossingSettings {
    /// Somebody is on a side when this far from the line, metres, and farther where places are known badly.
    pub margin_m: f64,
    /// Two who pass a gate in the same direction within this are as one, seconds ...
    pub gap_s: f64,
    /// ... when they are this near to each other, metres.
    pub near_m: f64,
}

impl Default for CrossingSettings {
    fn default() -> Self {
        Self { margin_m: 0.25, gap_s: 1.1, near_m: 1.3 }
    }
}

/// One person and one line.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Crossing {
    /// Where they were last surely on a side.
    sure: Option<((f64, f64), bool)>,
    /// When they were last on the side from which they came.
    left: f64,
    /// Whether the beginning of the path was looked at.
    begun: bool,
}

/// One line: what passed it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Counter {
    /// How many came in, and went out.
    pub counts: (u64, u64),
    /// At most [`RECENT_MAX`], the newest last.
    recent: Vec<Passed>,
}

#[derive(Debug, Clone, Copy, PartialEq)]
struct Passed {
    key: u64,
    track: TrackId,
    bbox: BBox,
    at: f64,
    inward: bool,
}

const RECENT_MAX: usize = 32;

impl Crossing {
    /// A sighting; `Some(inward)` when the line was crossed, with the time of it.
    pub fn step(&mut self, mover: &Mover, at: f64, gate: &Gate, settings: &CrossingSettings) -> Option<(bool, f64)> {
        let side = gate.line.side(mover.at) * mover.scale;
        let right = side > 0.0;
        let sure = side.abs() >= settings.margin_m + mover.noise_m / 2.0;
        if !std::mem::replace(&mut self.begun, true) {
            self.begin(mover, at, gate, settings);
        }
        let Some((from, was_right)) = self.sure else {
            self.sure = sure.then_some((mover.at, right));
            return None;
        };
        if right == was_right {
            self.left = at;
            if sure {
                self.sure = Some((mover.at, right));
            }
            return None;
        }
        if !sure {
            return None;
        }
        self.sure = Some((mover.at, right));
        gate.line.crossed_by(from, mover.at).then_some((right, self.left))
    }

    /// Nothing is said of anybody until they are known for a while, and by then who came into view behind a line has crossed
    /// it: where the path began counts, if they can have come from there.
    fn begin(&mut self, mover: &Mover, at: f64, gate: &Gate, settings: &CrossingSettings) {
        let side = gate.line.side(mover.origin) * mover.scale;
        let sure = side.abs() >= settings.margin_m + mover.noise_m;
        if sure && mover.distance_to(mover.origin) <= PACE_MPS * (at - mover.born) {
            (self.sure, self.left) = (Some((mover.origin, side > 0.0)), mover.born);
        }
    }
}

/// Hardly anybody comes into view faster, metres a second.
const PACE_MPS: f64 = 3.0;

impl Counter {
    /// Somebody crossed; `others` is where everybody is now.
    pub fn passed(
        &mut self,
        mover: &Mover,
        (inward, at): (bool, f64),
        gate: &Gate,
        all: &[Mover],
        settings: &CrossingSettings,
    ) -> Vec<Finding> {
        let count = if inward { &mut self.counts.0 } else { &mut self.counts.1 };
        *count += 1;
        let way = if inward { "in" } else { "out" };
        let crossed = Finding::new(Behaviour::LineCrossed, mover, at).at(&format!("{}/{way}", gate.rule.id));
        let mut told = vec![crossed.because(ReasonCode::Crossings, *count as f64, (0.0, f64::MAX), Unit::Count)];
        if gate.rule.gate {
            told.extend(self.tailgating(mover, (inward, at), gate, all, settings));
        }
        if self.recent.len() >= RECENT_MAX {
            self.recent.remove(0);
        }
        self.recent.push(Passed { key: mover.key, track: mover.track, bbox: mover.bbox, at, inward });
        told
    }

    fn tailgating(
        &self,
        mover: &Mover,
        (inward, at): (bool, f64),
        gate: &Gate,
        all: &[Mover],
        settings: &CrossingSettings,
    ) -> Option<Finding> {
        let before = self.recent.iter().rev().find(|p| p.inward == inward && p.key != mover.key)?;
        let other = all.iter().find(|m| m.key == before.key)?;
        let (gap, apart) = (at - before.at, mover.distance(other));
        if gap.abs() > settings.gap_s || apart > settings.near_m {
            return None;
        }
        let finding = Finding::new(Behaviour::Tailgating, mover, before.at).at(&gate.rule.id).with(other.track);
        Some(finding.because(ReasonCode::GateGap, gap, (settings.gap_s, f64::MAX), Unit::Seconds).because(
            ReasonCode::Separation,
            apart,
            (settings.near_m, f64::MAX),
            Unit::Metres,
        ))
    }
}
